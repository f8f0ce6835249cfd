"""English sentences of the room `pacs_import`: studies of a PACS that become cases of a reference set."""

WORDS: dict[str, str] = {
    "pacs_import.help.import": (
        "Enter ECGs or pictures of a folder (--files), or studies fetched from a PACS (--dicomweb, --dicom-node), into a "
        "reference set as minimal copies, without identifiers."
    ),
    "pacs_import.help.dicomweb": "Address of the DICOMweb service of the archive.",
    "pacs_import.help.dicom_node": "The archive as a DICOM node; it must know our AE title, address and port.",
    "pacs_import.help.our_ae": "Our AE title, as the archive knows it.",
    "pacs_import.help.listen_port": "Port at which the archive may send to us (C-MOVE).",
    "pacs_import.help.listen_at": "Address at which we listen; by default that of this machine alone, if the archive is here.",
    "pacs_import.help.list": (
        "CSV with one study a line: study_instance_uid, accession_number, or patient_id and study_date."
    ),
    "pacs_import.help.query": (
        "What the studies have in common, as DICOM keyword and value: ModalitiesInStudy=DX, "
        "StudyDate=20250101-20250331. May be given several times."
    ),
    "pacs_import.help.draw": "Draw this many of the studies that the query finds; the others are noted as not drawn.",
    "pacs_import.help.seed": "Of the draw: the same studies and seed give the same draw.",
    "pacs_import.help.burned_in": "Take images too that say they have text burnt into their pixels.",
    "pacs_import.help.token_variable": "Name of the environment variable that holds the token of the archive.",
    "pacs_import.help.ca_file": "Certificates (PEM) to trust, where the archive's is the hospital's own.",
    "pacs_import.help.allow_plain_http": "Let images travel unencrypted to this machine.",
    "pacs_import.done": (
        "{studies} {studies:#study|studies} fetched, {cases} {cases:#case|cases} entered into {folder}; {known} "
        "{known:#study was|studies were} there already. Next: dmn-bench refset check {folder}"
    ),
    "pacs_import.left_out.not_an_image": "{n} {n:#object was|objects were} left out: neither image nor recording.",
    "pacs_import.left_out.other_modality": "{n} {n:#object was|objects were} left out: of another modality than the set.",
    "pacs_import.left_out.burned_in": (
        "{n} {n:#image was|images were} left out: the file says that text is burnt into the pixels. Look at the pixels, "
        "then --burned-in takes them."
    ),
    "pacs_import.left_out.unreadable": "{n} {n:#object was|objects were} left out: it cannot be read, see above.",
    "pacs_import.without_cases": (
        "{n} {n:#study|studies} gave no case and {n:#is|are} noted as excluded in sampling.csv."
    ),
    "pacs_import.again": "The same command asks again for what could not be fetched; the rest is not fetched twice.",
    "pacs_import.what_from_where": (
        "say where the cases come from: a folder of ECGs or pictures, --files; or a PACS, --dicomweb or --dicom-node, and which "
        "studies of it, --list or --query: one of each."
    ),
    "pacs_import.bad_node": "expected AETITLE@host:port, found “{found}”.",
    "pacs_import.bad_query": "expected Keyword=value, each keyword once, found: {found}.",
    "pacs_import.set_is_locked": (
        "version {found} of the set is locked, and an import would change it. Raise the version in the card first."
    ),
    "pacs_import.line_names_nothing": (
        "the line names no study. Fill at least one of the columns {known}, without wildcards."
    ),
    "pacs_import.no_study": "{archive} has no such study. Correct the line or remove it.",
    "pacs_import.several_studies": "{n} studies of {archive} match the line. Name the one by its study_instance_uid.",
    "pacs_import.study_twice": "the line names a study that stands above already. Remove one of them.",
    "pacs_import.nothing_found": "the archive finds no study. Widen the query.",
    "pacs_import.too_few": "{expected} studies are to be drawn, and the archive finds {found}. Draw fewer, or widen the query.",
    "pacs_import.several_patients": "a study holds objects of several patients, by their PatientID. It was not entered: have it corrected in the archive.",
    "pacs_import.another_import": "another import into this set is at work. Wait until it has ended.",
    "pacs_import.left_behind": "an import that was killed left original objects or hospital identifiers here. The next import removes them; or delete them.",
    "pacs_import.draw_from_a_list": "a list is imported as it is. Take --draw away, or use --query.",
    "pacs_import.unknown_keyword": "{found} is no keyword of DICOM, and an archive would pass over it in silence: everything would match. Write it as in ModalitiesInStudy, StudyDate, PatientSex.",
    "pacs_import.no_listen_port": "an archive sends to a port that it knows. Give the one that is entered there for our AE title, 11112 say.",
    "pacs_import.incomplete": (
        "the archive says that it sent {expected} objects, and {found} arrived. The study was not entered."
    ),
}
