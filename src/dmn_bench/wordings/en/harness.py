"""English sentences of the room `harness`."""

WORDS: dict[str, str] = {
    "harness.no_record": "a saved record of a run was expected here; found: {found}. Give the folder of a finished run.",
    "harness.record_changed": "the results do not match the hash written with them: the file was changed after the run. "
    "Restore it, or run the protocol again.",
    "harness.already_a_run": "the folder already holds a finished run. Choose another folder with --out.",
    "harness.nothing_to_resume": "there is no run to resume in this folder. Run without --resume, or name its folder with --out.",
    "harness.another_run": "another run is working in this folder. Wait for its end, or choose another folder with --out.",
    "harness.not_sent_unknown": "{found!r} is no case of the reference set. Correct the identifier or remove the line.",
    "harness.not_sent_answered": "the site declares {n} {n:#case|cases} as never sent that {candidate} has answered: {found}. Correct this file.",
    "harness.lesion_image_unknown": "the lesion {lesion} names the image {found}, which is no file and no SOP Instance UID of its case. Correct the column image.",
    "harness.lesion_needs_frame": "the lesion {lesion} lies on one image of a series ({found}). Give its place in the series in the column frame, from 1, or its position in mm.",
    "harness.candidate_changed": "the file has changed since the run began, so that two devices would be mixed in one result. Restore it and go on with --resume, or run the changed candidate in a new folder.",
    "harness.run_of_another_protocol": "the folder holds a finished run of another protocol, or of this one before it was changed. Choose another folder with --out.",
}
