"""English sentences of the room `annotations`: pictures with annotation files that become cases of a reference set."""

WORDS: dict[str, str] = {
    # ---------------------------------------------------------------------------------------------------- options
    "annotations.help.annotations": (
        "Of images: a file or folder of annotations (COCO, Pascal VOC, YOLO, labelme, CVAT, CSV, ChestX-Det, LIDC-IDRI, "
        "DICOM segmentations and structure sets). Of ECGs: the ending of annotation files beside the recordings."
    ),
    "annotations.help.format": "Format of --annotations, where a folder holds several: {known}.",
    "annotations.help.categories": (
        "CSV (category,finding,use) of what the categories of annotations mean; use: lesion, ignore, structure, nothing or "
        "left-out."
    ),
    "annotations.help.pictures": (
        "What annotations were drawn on, where pictures carry an orientation mark: stored (as they lie in the file) or "
        "upright (as the mark shows them)."
    ),
    "annotations.help.corners": (
        "What two corners of a box are: edges, or the first and last pixel inside, counted from 0 or from 1."
    ),
    "annotations.help.columns": "CSV (column,is) of what the columns of a CSV of boxes are.",
    "annotations.help.names": "Names of the classes of YOLO files, one a line, or a YAML file with the key names.",
    "annotations.help.reader": "Who drew all of these annotations; left out, they are the reference itself.",
    "annotations.help.unlisted": "What findings are on a picture that no annotation file names; left-out: it becomes no case.",
    "annotations.is_ecg": "the set is of ECG, and pictures are imported. Start a set of another modality.",
    "annotations.only_of_images": "{found} is for pictures, and the modality of the set is {modality}. Take the option away.",
    "annotations.only_of_ecg": "{found} is for ECGs, and the modality of the set is {modality}. Take the option away.",
    "annotations.needs_annotations": "{found} says how annotations are read. Name them: --annotations.",
    # --------------------------------------------------------------------------------------- files that cannot be read
    "annotations.no_annotations": "there is no such file or folder. Name the annotations.",
    "annotations.no_format": "no file of a format that is read was found; formats are {known}. Name the annotations, or --format.",
    "annotations.none_of_format": "no file of the format {found} was found. Name the annotations themselves.",
    "annotations.several_formats": "there are files of several formats ({found}), and one alone is the reference. Say which: --format.",
    "annotations.corners_unstated": (
        "boxes of {form} stand between two corners, and programs count these in three ways. Say how: --corners edges, "
        "pixels-from-0 or pixels-from-1 (as Pascal VOC defined it)."
    ),
    "annotations.names_unstated": "YOLO files name classes by numbers. Give their names: --names, or one of {known} beside them.",
    "annotations.columns_unstated": "the columns are of no layout that is known. Say what they are: --columns.",
    "annotations.too_large": "the file is larger than {limit} MiB. Cut it into several.",
    "annotations.not_utf8": "the file is not in UTF-8. Save it as UTF-8.",
    "annotations.json_malformed": "no valid JSON: {found}. The file may be cut off; export it again.",
    "annotations.key_doubled": "the key {found} is given more than once, and nothing says which is meant. Export the file again.",
    "annotations.half_character": "the text {found} holds half of a character (shown as �). Export the file again.",
    "annotations.expected_list": "expected a list, found {found}. Export the file again.",
    "annotations.expected_number": "expected a number, found {found}. Export the file again.",
    "annotations.expected_numbers": "expected {expected} numbers, found {found}. Export the file again.",
    "annotations.expected_object": "expected an object, found {found}. Export the file again.",
    "annotations.expected_text": "expected a text, found {found}. Export the file again.",
    "annotations.not_coco": "expected images, annotations and categories of COCO. A file of results has none; name the annotations.",
    "annotations.not_voc": "expected an XML file of Pascal VOC (annotation), found {found}.",
    "annotations.not_labelme": "expected a JSON file of labelme with the list shapes.",
    "annotations.not_cvat": "expected an XML file of CVAT for images (annotations without track). Export it as “CVAT for images 1.1”.",
    "annotations.not_chestxdet": "expected a list of pictures with syms, boxes and polygons.",
    "annotations.not_lidc": "expected an XML file of LIDC-IDRI with readingSession, found {found}.",
    "annotations.flag_value": "the flag “{found}” of the picture is neither true nor false. Correct it.",
    "annotations.group_shape": (
        "this shape is in a group, and only polygons and rectangles can be parts of one region. Draw the region as these, or "
        "take the shapes out of the group."
    ),
    "annotations.bad_names": "expected one name for each class, none twice and no empty line between. Correct the list.",
    "annotations.image_doubled": "the id of the picture, “{found}”, is empty or stands twice. Export the file again.",
    "annotations.category_doubled": "the id of the category, “{found}”, is empty or stands twice. Export the file again.",
    "annotations.image_unknown": "the annotation is of the picture {found}, which the file does not list. Export the file again.",
    "annotations.category_unknown": "the annotation has the category {found}, which the file does not list. Export the file again.",
    "annotations.image_without_name": "the picture has no name. Export the file again.",
    # ------------------------------------------------------------------------------------------------ things drawn
    "annotations.without_category": "there is no category. Give it one.",
    "annotations.without_place": "there is no place that can be read. Draw it again.",
    "annotations.not_finite": "a coordinate is no number. Draw it again.",
    "annotations.bad_mask": "the mask or polygon cannot be used: {found}. Draw it again.",
    "annotations.shape_unknown": "“{found}” encloses nothing; known shapes are {known}. Draw it as one of these.",
    "annotations.lists_differ": "syms, boxes and polygons differ in length, so that nothing says which belong together.",
    "annotations.class_unknown": "the class “{found}” has no name; there are {n}. Correct it, or give the right --names.",
    "annotations.confidence": "the line ends in a confidence: these are results of a model, and no reference. Name the labels.",
    "annotations.line_width": "expected class cx cy width height, or class and three points or more; found {found} words.",
    "annotations.found_word": "expected 1 (found) or 0 (not), found “{found}”.",
    "annotations.found_and_not": "the row says that nothing was found, and has a box. Correct one of them.",
    "annotations.nothing_and_drawn": "one reader says that nothing was found and drew a finding on the same picture. Correct one of them.",
    "annotations.no_area": "what was drawn has no area ({found}). Draw it again.",
    "annotations.outside": "what was drawn ({found}) lies outside of its picture of {columns} by {rows} px. Draw it again.",
    "annotations.mask_size": "the mask is of {found} px, its picture of {expected}. A mask is never resized; draw it again.",
    "annotations.turn_unstated": (
        "the picture carries an orientation mark (EXIF {found}), and nothing says whether it was drawn on as it is stored or "
        "as it is shown. Find out, and say it: --pictures stored or --pictures upright."
    ),
    "annotations.turned_size": (
        "the annotations say {found} px, the picture has {expected}: they were drawn on the other side of its orientation "
        "mark. Look at --pictures; nothing is stretched."
    ),
    "annotations.other_size": "the annotations say {found} px, the picture has {expected}. Name the pictures that were drawn on; nothing is resized.",
    "annotations.picture_twice": "the picture is annotated twice, here and in {other}. Keep one, or import one reader after the other with --reader.",
    "annotations.read_twice": "the series is read twice, here and in {other}. Keep one of them.",
    "annotations.other_folder": (
        "no picture lies where “{found}” says; one of the name lies at {other}. Let --files name the folder from which the "
        "names start, or correct them; nothing was entered for it."
    ),
    "annotations.already_drawn": (
        "case {case} has annotations of this reader already, which stay; those read now differ from them in {n} "
        "{n:#lesion, mask or value|lesions, masks or values}. Import what is right into a new set, all of a reader at once."
    ),
    "annotations.reader_unstated": "other rows name their reader, this one none. Say who drew it.",
    "annotations.reader_twice": "the annotations say themselves who drew. Leave --reader out.",
    "annotations.name_ambiguous": "{n} pictures have the name “{found}”. Write it with its folder.",
    "annotations.names_differ": (
        "the file and the name within it ({found}) mean different pictures. Correct one of them; nothing was entered for it."
    ),
    "annotations.several_pages": "the file holds several pages, and nothing says on which was drawn. Save each page as a file.",
    "annotations.no_lattice": "the slices do not lie at one distance behind each other: one may be missing. Fetch the whole series.",
    "annotations.structure_twice": "the structure “{found}” was drawn here and in {other}. Import one reader after the other with --reader.",
    "annotations.structure_ignored": (
        "the structure “{found}” was drawn here as a region to ignore (crowd, difficult), and a mask has none. Draw it as "
        "itself, or leave the category out."
    ),
    "annotations.box_elsewhere": "the box ({found}) lies apart from the region ({other}) that was drawn with it. Correct one of them.",
    "annotations.picture_damaged": (
        "the picture is cut or damaged; nothing is filled in, and it stands in sampling.csv as excluded. Restore it from its "
        "source; the same command tries again."
    ),
    "annotations.structure_without_region": "the structure “{found}” was drawn as a point or a circle, or is said of the whole picture. Draw its outline.",
    "annotations.truth_differs": (
        "{case}: truth.csv says “{found}” of “{finding}”, and the annotations say “{expected}”. What was there stays; find "
        "out which is right."
    ),
    "annotations.too_few": "{expected} exams were to be drawn, and the folder has {found}. Draw fewer.",
    "annotations.unlisted_of_readers": (
        "several readers drew, and nothing says which of them saw the pictures that no file names. Leave --unlisted out."
    ),
    # -------------------------------------------------------------------------------------------------- tables
    "annotations.use_unknown": "the use is “{found}”; expected one of {known}.",
    "annotations.finding_unknown": "the card has no finding “{found}”; it has: {known}.",
    "annotations.structure_name": "“{found}” names no structure: 1 to {limit} characters in one line. Correct it.",
    "annotations.use_without_finding": "the use {use} has no finding, found “{found}”. Leave the finding empty.",
    "annotations.category_twice": "the category stands in line {line} with a meaning that contradicts this one. Keep one of them.",
    "annotations.column_word": "“{found}” is no meaning of a column; expected one of {known}.",
    "annotations.column_twice": "the column “{found}”, or what it is, stands twice. Keep one.",
    "annotations.table_file": "the file “{found}” is empty or stands twice. Correct the table.",
    "annotations.table_side": "the laterality is “{found}”; expected L, R, B, or OS, OD, OU, or nothing.",
    "annotations.table_no_picture": "the folder has no picture “{found}”. Correct the table.",
    # ------------------------------------------------------------------------------------------------------ the end
    "annotations.done": (
        "{pictures} {pictures:#picture|pictures} entered into {folder}, with {lesions} {lesions:#lesion|lesions} and "
        "{masks} {masks:#mask|masks}; {known} {known:#was|were} there already."
    ),
    "annotations.read_as": "Annotations read as {found}.",
    "annotations.left_out.not_an_image": "{n} {n:#file is no picture|files are no pictures} that a reader knows.",
    "annotations.left_out.other_modality": "{n} {n:#object was|objects were} left out: of another modality than the set.",
    "annotations.left_out.burned_in": (
        "{n} {n:#image was|images were} left out: the file says that text is burnt into the pixels. Look at the pixels, "
        "then --burned-in takes them."
    ),
    "annotations.left_out.unreadable": "{n} {n:#picture was|pictures were} left out: not readable, see above; the same command tries again.",
    "annotations.left_out.unusable": (
        "{n} {n:#picture was|pictures were} left out: what was drawn on {n:#it|them} cannot be used, see above; the same "
        "command tries again."
    ),
    "annotations.left_out.unlisted": "{n} {n:#picture was|pictures were} left out: no annotation file names {n:#it|them}.",
    "annotations.left_out.not_drawn": "{n} {n:#picture was|pictures were} not drawn, and stand so in sampling.csv.",
    "annotations.not_images": "No pictures: {found}",
    "annotations.unlisted": "{n} {n:#picture is|pictures are} named by no annotation file: the findings are {value} there.",
    "annotations.unlisted_open": (
        "{n} {n:#picture is|pictures are} named by no annotation file; as no annotation can state a finding, truth.csv says "
        "nothing of {n:#it|them}."
    ),
    "annotations.unlisted_unplaced": (
        "{n} {n:#picture is|pictures are} named by no annotation file: the findings are unverified there, and not negative, "
        "as long as something was drawn that has no picture here."
    ),
    "annotations.value.negative": "negative",
    "annotations.value.unverified": "unverified",
    "annotations.stayed": (
        "{n} {n:#picture that was|pictures that were} there already {n:#is|are} named by no annotation file: what was entered "
        "before stays, and --unlisted changes nothing. Where it is to say something else, import into a new set."
    ),
    "annotations.table_stayed": (
        "{n} {n:#case that was|cases that were} there already {n:#keeps its|keep their} patient, exam and columns, of which "
        "--table says something else. Import into a new set."
    ),
    "annotations.stratum_lost": (
        "The stratum {stratum} reads {keyword} from the files, which the copies no longer have; cases.csv has it. Write "
        "{stratum}: {{column: {column}}} into the card."
    ),
    "annotations.next": (
        "Next: look at what was left out, dmn-bench refset check {folder}, dmn-bench refset lock {folder}."
    ),
    "annotations.unfound": "No annotation file has the categories of --categories that are called: {found}",
    "annotations.added_to": "Annotations were added to {n} {n:#case that was|cases that were} there already.",
    "annotations.twice": "{n} {n:#thing was drawn|things were drawn} twice alike, and {n:#was|were} entered once.",
    "annotations.cut": "{n} {n:#outline or box reached|outlines or boxes reached} over the edge by up to a pixel, and {n:#was|were} cut to it.",
    "annotations.as_pixels": "{n} {n:#region|regions} of several parts that overlap, or of very many points, became pictures.",
    "annotations.slices_missing": "{n} {n:#slice|slices} that readers drew on {n:#is|are} not in the folder.",
    "annotations.not_there": "{n} {n:#mark lies|marks lie} wholly on slices that are not in the folder, and {n:#was|were} left out.",
    "annotations.unnamed": "{n} {n:#annotation names a picture|annotations name pictures} that the folder does not have: {found}",
    "annotations.unmapped": (
        "Category “{found}” has no meaning: {n} drawn on {pictures} {pictures:#picture|pictures}, not entered; findings that "
        "were not drawn there are unverified. Say what it means: --categories, into a new set."
    ),
    "annotations.unmapped_structures": (
        "Category “{found}” has no meaning: {n} drawn on {pictures} {pictures:#picture|pictures}, not entered. Say what it "
        "means: --categories, into a new set."
    ),
    "annotations.unmapped_more": "{n} more categories without a meaning are listed in {folder}.",
    "annotations.truth": (
        "{finding}: {positive} positive, {negative} negative, {indeterminate} indeterminate, {unverified} unverified"
    ),
    "annotations.readings": (
        "{finding}, readings: {positive} positive, {negative} negative, {indeterminate} indeterminate, {unverified} unverified"
    ),
    "annotations.readers": "Readers are called {found}; who they are is listed in {folder}, to be kept as identity.csv.",
}
