"""The coded words that give result objects their structure: concepts, presence, laterality; and old codes as new ones.

Reference: DICOM PS3.16 (CID 230, 240, 244, 6034, 6042, 6047, 6048; TID 1500, 4000, 4100) and Annex D.
"""

from __future__ import annotations

from collections.abc import Mapping

from .result_content import Code, Completion, Presence, Rendering

OLD_SCHEMES = ("SRT", "SNM3", "99SDM")
"""Designators under which SNOMED RT codes were written before they became SNOMED CT concepts."""

MODERN: Mapping[str, str] = {
    # structure
    "G-C0E3": "363698007",  # Finding site
    "G-C171": "272741003",  # Laterality
    "G-A203": "52101004",  # Present
    "R-4089B": "272519000",  # Absent
    "R-0038D": "373066001",  # Yes
    "R-00339": "373067005",  # No
    "G-A100": "24028007",  # Right
    "G-A101": "7771000",  # Left
    "G-A102": "51440002",  # Right and left
    # findings of the shipped table
    "M-03010": "27925004",  # Nodule
    "M-03000": "4147007",  # Mass
    "D2-80300": "36118008",  # Pneumothorax
    "D2-80100": "60046008",  # Pleural effusion
    "D2-61100": "19242006",  # Pulmonary oedema
    "D3-10008": "287272002",  # Cardiomegaly
    "D3-40230": "59282003",  # Pulmonary embolism
    "D3-89100": "1386000",  # Intracranial haemorrhage
    "F-01775": "129769006",  # Calcification cluster
    "F-01776": "129770007",  # Individual calcification
    "F-01796": "129793001",  # Mammographic breast density
    "F-01795": "129792006",  # Architectural distortion of breast
    "D5-41170": "68496003",  # Polyp of colon
    "M-01100": "52988006",  # Lesion
    "M-8FFFF": "108369006",  # Tumour
}
"""SNOMED RT value -> SNOMED CT value, where this programme knows it."""

IMAGING_MEASUREMENTS = "DCM:126010"
MEASUREMENT_GROUP = "DCM:125007"
MEASUREMENT_REPORT = "DCM:126000"
CAD_REPORTS = ("DCM:112000", "DCM:111036", "DCM:112220")  # chest, mammography, colon
CAD_SUMMARY = "DCM:111017"
DETECTIONS = "DCM:111064"
SINGLE_IMAGE_FINDING = "DCM:111059"
COMPOSITE_FEATURE = "DCM:111015"
REJECTIONS = ("DCM:113001", "DCM:113037", "DCM:113038", "DCM:113039")
"""Titles of key object selections that withdraw what they name: quality, safety, wrong worklist entry, retention."""
RENDERING_INTENT = "DCM:111056"
DERIVATION = "DCM:121401"
CENTRE = "DCM:111010"
FINDING = "DCM:121071"
FINDING_SITE = "SCT:363698007"
LATERALITY = "SCT:272741003"
TRACKING_ID, TRACKING_UID = "DCM:112039", "DCM:112040"
OVERALL_ASSESSMENT = "DCM:111413"
FINDING_CONTEXT = "SCT:408729009"
PRESENCE_QUESTIONS = (OVERALL_ASSESSMENT, "SCT:705057003", "SCT:260411009", FINDING_CONTEXT)
"""Concepts whose value says whether the finding of a group is there."""
ALGORITHM_NAME, ALGORITHM_VERSION = "DCM:111001", "DCM:111003"
QUALITATIVE = ("UMLS:C0034375",)  # container of question and answer pairs

PRESENCE: Mapping[str, Presence] = {
    "SCT:52101004": "present",
    "SCT:2667000": "absent",
    "SCT:272519000": "absent",
    "SCT:373573001": "present",  # Clinical finding present
    "SCT:373572006": "absent",  # Clinical finding absent
    "SCT:260373001": "present",  # Detected
    "SCT:260415000": "absent",  # Not detected
    "SCT:10828004": "present",  # Positive
    "SCT:260385009": "absent",  # Negative
    "SCT:373066001": "present",  # Yes
    "SCT:373067005": "absent",  # No
    "SCT:82334004": "doubt",  # Indeterminate
    "SCT:42425007": "doubt",  # Equivocal
    "SCT:410515003": "present",  # Known present
    "SCT:410591008": "present",  # Definitely present
    "SCT:410605003": "present",  # Confirmed present
    "SCT:410516002": "absent",  # Known absent
    "SCT:410594000": "absent",  # Definitely not present
    "SCT:410590009": "doubt",  # Known possible
    "SCT:410592001": "doubt",  # Probably present
    "SCT:410593006": "doubt",  # Probably not present
}
SIDES: Mapping[str, str] = {"SCT:7771000": "L", "SCT:24028007": "R", "SCT:51440002": "B"}

RENDERINGS: Mapping[str, Rendering] = {
    "DCM:111150": "required",
    "DCM:111151": "optional",
    "DCM:111152": "not_presented",
}
COMPLETIONS: Mapping[str, Completion] = {
    "DCM:111241": "without_findings",
    "DCM:111242": "with_findings",
    "DCM:111243": "partial_without",
    "DCM:111244": "partial_with",
    "DCM:111245": "failed",
}
SUCCEEDED, PARTLY, NOT_DONE = "DCM:111222", "DCM:111223", ("DCM:111224", "DCM:111225")
"""How the detections of a CAD report went (CID 6042)."""


def modern(value: str, scheme: str, meaning: str = "") -> Code:
    """The code, an old SNOMED code as its SNOMED CT concept where that is known.

    >>> modern("M-03010", "SRT").key, modern("X-1", "SRT").key
    ('SCT:27925004', 'SRT:X-1')
    """
    if scheme in OLD_SCHEMES and value in MODERN:
        return Code(value=MODERN[value], scheme="SCT", meaning=meaning)
    return Code(value=value, scheme=scheme, meaning=meaning)
