"""English sentences of the room `objects`: results delivered as DICOM objects."""

WORDS: dict[str, str] = {
    "objects.all_clear": (
        "an object says that nothing was found, and does not say what was looked for. List the findings of the device "
        "under the option reports."
    ),
    "objects.codes_unknown": (
        "{n} {n:#code of a finding has|codes of findings have} no name here: {found}. Map {n:#it|them} under the "
        "option codes, or list {n:#it|them} under ignore_codes."
    ),
    "objects.finding_needed": (
        "something is marked or stated without the code of a finding. Say with the option finding what it is about."
    ),
    "objects.fractional": (
        "a segmentation holds shares instead of inside and outside. Say from which share on a pixel is inside with the "
        "option fractional_at_least."
    ),
    "objects.instances_unknown": (
        "the object is about {n} {n:#instance|instances} that the set does not hold: {found}. Check the set, the "
        "folder, or say cases_not_in_set: ignore; nothing was scored."
    ),
    "objects.lesion_scores": (
        "{n} groups of a report follow one lesion through its slices, and their scores differ. Say combine_images: "
        "highest, or have the device state one score for the lesion."
    ),
    "objects.marks_twice": (
        "objects of two kinds mark the same case, {first} and {second}, and their marks would count twice. Name the "
        "kind that counts under the option objects."
    ),
    "objects.no_folder": ("there is no folder {found}. Put the objects in their place, or correct the option folder."),
    "objects.none": "the folder holds no DICOM object. Put the objects in their place, or correct the option folder.",
    "objects.not_dicom": (
        "the file is no DICOM object. Take it out of the folder, or name files that are no results under ignore_files."
    ),
    "objects.numbers_unnamed": (
        "of the finding {finding} an object states nothing but numbers that have no name here: {found}. Name the one "
        "that is the score under the option probability_codes, or those that are measurements under measurements."
    ),
    "objects.questions_unknown": (
        "{n} {n:#question is|questions are} answered by a word of presence or absence, and what that says of the "
        "finding is not known: {found}. List {n:#it|them} under the option ignore_questions if {n:#it asks|they ask} "
        "something else than whether the finding is there; if not, have the maker ask in the standard way."
    ),
    "objects.several_images": (
        "objects answer for several images of one case about {finding}. Say combine_images: highest, or make each "
        "image a case."
    ),
    "objects.structures_unnamed": (
        "{n} delineated {n:#structure has|structures have} neither a code nor a name here: {found}. Map "
        "{n:#it|them} to a structure or finding of the set in the option dicom: {{structures: {{word: name}}}}, also where "
        "both are the same word, or list {n:#it|them} there under ignore_structures."
    ),
}
