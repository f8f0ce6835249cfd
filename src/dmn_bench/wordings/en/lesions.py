"""English sentences about where lesions and marks are, and how lesions are cut into strata."""

from __future__ import annotations

WORDS = {
    "lesions.geometry": (
        "these columns do not go together: {found}. In pixels a lesion has x and y, with width and height or with "
        "diameter or with neither; or outline or mask_file, with or without the box x, y, width and height. In "
        "millimetres it has x_mm, y_mm and z_mm, with diameter_mm or with width_mm, height_mm and depth_mm or with "
        "neither. Complete the row, or empty the other cells."
    ),
    "lesions.outline_number": (
        "“{found}” in the column “outline” is not a number. Write x1 y1 x2 y2 … in pixels, with a decimal point and "
        "a space between."
    ),
    "lesions.outline_points": (
        "the outline has {found} {found:#number|numbers}; x and y of at least three points were expected, at most "
        "{limit} numbers. Correct it."
    ),
    "lesions.outline_empty": (
        "the outline “{found}” encloses nothing: its points lie on one straight line. Draw the lesion again, or give a "
        "point or a box."
    ),
    "lesions.mask_file_kind": (
        "“{found}” is no picture of a lesion: a file ending in {known} was expected. Convert it."
    ),
    "lesions.mask_file_missing": "the picture “{found}” of this lesion is not in the set. Add it, or correct its name.",
    "lesions.mask_file_unreadable": "the picture “{found}” of this lesion cannot be read ({error}). Replace it.",
    "lesions.mask_file_frames": (
        "the picture “{found}” of this lesion has several pages or colours; one grey page was expected. Save it so."
    ),
    "lesions.mask_file_size": (
        "the picture “{found}” of this lesion has {columns} × {rows} pixels, and its image {expected_columns} × "
        "{expected_rows}. A mask is never resized: save it in the size of the image."
    ),
    "lesions.mask_file_empty": (
        "the picture “{found}” has no pixel inside, so that the lesion is nowhere. Delete the row, or replace the picture."
    ),
    "lesions.mask_file_planes": (
        "a lesion lies on one plane of its image, the frame that its row states or the only one with a pixel inside; "
        "the mask has pixels on {n} (frame {found}), the row says {frame}. Give each plane a row, with a mask of its own."
    ),
    "lesions.readers_picture": (
        "the picture “{found}” of a lesion of the case {case} was not opened, so that nobody knows whether the "
        "readers of this case drew the same lesion. Load the set with its pictures, or state the box of the lesion "
        "in x, y, width and height."
    ),
    "lesions.readers_units": (
        "reader {reader} places this lesion of the case {case} in pixels and reader {other} (line {line}) in "
        "millimetres, or the other way round, so that it can never be the same lesion. State both in the same "
        "unit, or in both units."
    ),
    "lesions.readers_images": (
        "reader {reader} names the image of this lesion of the case {case} by its path and reader {other} (line "
        "{line}) by its SOP Instance UID, or the other way round, so that it can never be the same lesion. Name "
        "images in one way."
    ),
    "lesions.left_open": (
        "the case “{case}” is positive for “{finding}” and reader {reader} drew a lesion, but the case has no "
        "consensus row, and other cases have some: its lesions would be lost, and marks that find them would be "
        "false. Add rows whose reader is empty or “consensus” for every positive case, also where the readers "
        "agreed; or let the card compute the reference (consensus: {{rule: majority}})."
    ),
    "lesions.box_unlike_region": (
        "the box of the lesion “{found}” is not the one around its region: they are up to {apart} pixels apart. Empty "
        "the cells x, y, width and height, and the box is taken from the region."
    ),
    "lesions.diameter_normalised": (
        "a diameter has no meaning as a share of an image: its width and its height would give two. Give circles "
        'in pixels, or leave the column out with columns: {{diameter: ""}}.'
    ),
    "lesions.diameter_beside_box": (
        "a mark has a box or an outline and a diameter too, which is one place too many. If the column is another "
        'measure, leave it out with columns: {{diameter: ""}}.'
    ),
    "lesions.outline_wrong": (
        "“{found}” in the column “{column}” is no outline. Expected were x1 y1 x2 y2 … with blanks between, or a "
        "list of [x, y]."
    ),
    "lesions.http_marks": (
        "response.marks gives a mark no place, or two. Expected were a box; or a point (form: xy), with a diameter in px "
        "or without; or an outline, with a box or with box: []. Correct the options."
    ),
    "lesions.column_unknown": (
        "this stratum is taken from the column “{found}”, which lesions.csv does not have; it has: {known}. Correct "
        "the card or add the column."
    ),
    "lesions.column_unknown_nearest": (
        "this stratum is taken from the column “{found}”, which lesions.csv does not have; did you mean “{nearest}”? "
        "It has: {known}."
    ),
    "lesions.column_hidden": (
        "the stratum “{found}” is not taken from the column of that name in lesions.csv, so that two things have one "
        "name. Rename the stratum or the column."
    ),
    "lesions.stratum_source": (
        "a stratum of lesions has either a column of lesions.csv or a measure. Write one of “column” and “from”."
    ),
    "lesions.stratum_edges": "the measure “{found}” is a number, so that edges are needed to make levels. Add edges.",
    "lesions.stratum_unmeasured": (
        "no lesion has the measure “{found}”, so that every one of them is “not recorded”: mm need places in "
        "millimetres (x_mm …) or an image that states how far its pixels are apart (PixelSpacing), pixels places in "
        "pixels. Cut the stratum from another measure, or state the places so."
    ),
    "lesions.stratum_not_everywhere": (
        "{n} of {total} lesions, the first {lesion}, do not have the measure “{found}” and are “not recorded”: their "
        "image does not say how far its pixels are apart, or a point has no size. Nothing is assumed for them."
    ),
    "lesions.stratum_twice": "“{found}” is both a stratum of cases and one of lesions. Rename one of them.",
    "lesions.describe_caption": "Reference lesions, and those in each level of their own strata",
    "lesions.describe_all": "all",
    "lesions.describe_finding": "Finding",
    "lesions.describe_field": "Field of the lesions",
    "lesions.describe_level": "Level",
    "lesions.describe_lesions": "Lesions",
    "lesions.describe_ignored": "of them to ignore",
    "lesions.describe_cases": "Cases",
    "lesions.describe_patients": "Patients",
}
