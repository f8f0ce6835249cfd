"""English sentences of the room `report_segmentation`: how well delineated regions agree."""

WORDS: dict[str, str] = {
    "report_segmentation.title": "Delineation of structures",
    "report_segmentation.intro": (
        "Each structure of each case that the reference delineates counts once; where a case has several images, each "
        "image counts as a case here. A case without an answer, and a structure "
        "that is missing from an answer, count as the worst there is: overlap 0, distance infinite. Structures are never "
        "pooled: each has figures of its own."
    ),
    "report_segmentation.caution": (
        "Indices of overlap and distance correlate poorly with what matters in care: they say how far two outlines differ, "
        "not whether the difference changes a dose, a diagnosis or a treatment. A small structure loses more Dice by the "
        "same error than a large one. The agreement of several readers among themselves is the ceiling to compare with; the "
        "worst cases are to be looked at."
    ),
    "report_segmentation.tolerance": "Tolerance of surface Dice (NSD)",
    "report_segmentation.no_tolerance": "none stated: no surface Dice",
    "report_segmentation.hd95.surface_elements": (
        "of surface elements: for each direction the distance within which 95\u202f% of the surface lies, by size of "
        "element, and the greater of both (Nikolov et al. 2021)"
    ),
    "report_segmentation.hd95.voxels": (
        "of voxels: the 95th percentile of the distances of the outermost voxels of both regions together (as MedPy)"
    ),
    "report_segmentation.distances": "Distances",
    "report_segmentation.distances.mm": (
        "in millimetres, by the spacing that the images state; there are none where an image states none"
    ),
    "report_segmentation.distances.px": "in pixels: every step between pixels and between planes counts as 1",
    "report_segmentation.empty": "Both regions empty",
    "report_segmentation.empty.1": "agreement: Dice and surface Dice 1, distance 0, volume error 0",
    "report_segmentation.empty.left_out": "not counted",
    "report_segmentation.unmentioned": "Structure that an answer says nothing of",
    "report_segmentation.unmentioned.failed": "no answer: the worst there is",
    "report_segmentation.unmentioned.empty": "an empty region: the device lists what it finds",
    "report_segmentation.cases": "cases",
    "report_segmentation.images": "images",
    "report_segmentation.empty_volumes": (
        "{structure}: empty on both sides in {counted}: counted as 0% in the errors and biases of volume, which are nearer to "
        "0 for it."
    ),
    "report_segmentation.least": "least",
    "report_segmentation.worst_decile": "worst decile",
    "report_segmentation.lower_quartile": "lower quartile",
    "report_segmentation.median": "median",
    "report_segmentation.upper_quartile": "upper quartile",
    "report_segmentation.greatest": "greatest",
    "report_segmentation.spread": "{measure}, spread over the cases: {endpoint}",
    "report_segmentation.spread_description": (
        "One line for each structure: from the least to the greatest value, a box between the quartiles, a bar at the "
        "median, a diamond at the worst decile. Cases without an answer are in it with 0."
    ),
    "report_segmentation.figures_table": "Figures of each structure, primary analysis: medians over the cases where no other summary is named",
    "report_segmentation.not_by_structure": (
        "The protocol asks for no figures by structure. Add structure to its strata to have intervals and rules for each."
    ),
    "report_segmentation.more_in_section": (
        "Of many structures only the first measure of the first ones is listed here; all stand in the section on structures."
    ),
}
