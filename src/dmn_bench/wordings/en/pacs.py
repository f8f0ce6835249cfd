"""English sentences of the room `pacs`: what is wrong with the options of `dicom-node` and `dicomweb`."""

WORDS: dict[str, str] = {
    "pacs.limit": "{option} must lie between {low} and {high}; found {found}. Correct it in candidate.yaml or in the protocol.",
    "pacs.no_further_options": "a device that is reached over the network takes no further options; found {found}. Remove them.",
    "pacs.no_listen_port": "the device sends its results to a port of ours, and none is named. Give listen_port, and enter it at the device.",
    "pacs.no_file": "{option} names a file that is not there: {found}. Correct the path, which starts at the folder of the candidate.",
    "pacs.ae_title": "{option} must be an AE title: 1 to 16 printable ASCII characters without backslash; found {found}.",
    "pacs.needed": "the option {option} is needed here and is missing. Give it.",
    "pacs.token_variable": "token_variable must be the name of an environment variable (letters, digits, underscores), never the token itself. What was found is not repeated here.",
    "pacs.not_on_a_cluster": "a device that sends its results to one port of one machine cannot be asked by a cluster. Run it without --scheduler, or read its results from a DICOMweb archive.",
}
