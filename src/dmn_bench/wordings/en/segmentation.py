"""English sentences of the room `segmentation`: what is wrong with an endpoint that compares regions."""

WORDS: dict[str, str] = {
    "segmentation.doubled": "structures names {found} twice. Name each structure once.",
    "segmentation.tolerance_unit": (
        "{found} is not in the unit of the distances ({unit}). State {expected}, or change distances_in."
    ),
    "segmentation.tolerance": "{option} must be a number of at least 0, found {found}. Correct it.",
    "segmentation.tolerance_of_none": (
        "{option} names {found}, which is none of the structures of this endpoint ({known}). Correct the name, or add it "
        "to structures."
    ),
    "segmentation.no_regions": (
        "This endpoint compares regions, and there are none to compare. Add masks.csv to the reference set."
    ),
    "segmentation.limit": (
        "{option} of {measure} is {found}. It is 0 to 1 for dice and nsd, and a distance of at least 0 for hd95. "
        "Correct it."
    ),
}
