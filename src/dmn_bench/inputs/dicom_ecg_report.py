"""What a DICOM ECG says of its recording: statements and measurements of its annotations.

Reference: DICOM PS3.3 C.10.10 (Waveform Annotation); PS3.16 CID 3228 and 3229, whose meanings carts write in English,
beside the codes of SCP-ECG (EN 1064) that stand in their place in many files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..vocabulary import EcgReport, EcgStatement, Measurement
from .dicom_file import parsing

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

_MOST_ANNOTATIONS = 10_000
_MOST_CHARACTERS = 1_000
_MEANINGS: Mapping[str, str] = {
    "heart rate": "heart_rate",
    "ventricular heart rate": "heart_rate",
    "ventricular rate": "heart_rate",
    "pr interval": "pr_interval",
    "pr interval global": "pr_interval",
    "pq interval": "pr_interval",
    "qrs duration": "qrs_duration",
    "qrs duration global": "qrs_duration",
    "qt interval": "qt_interval",
    "qt interval global": "qt_interval",
    "qtc interval": "qtc_interval",
    "qtc interval global": "qtc_interval",
    "p axis": "p_axis",
    "qrs axis": "qrs_axis",
    "t axis": "t_axis",
}
"""Meaning of a concept without case and punctuation -> the name that measurements have here."""
_CODES: Mapping[tuple[str, str], str] = {
    ("SCPECG", "5.13.5-7"): "pr_interval",
    ("SCPECG", "5.13.5-9"): "qrs_duration",
    ("SCPECG", "5.13.5-11"): "qt_interval",
    ("SCPECG", "5.10.2.5-5"): "qtc_interval",
    ("SCPECG", "5.10.3-11"): "p_axis",
    ("SCPECG", "5.10.3-13"): "qrs_axis",
    ("SCPECG", "5.10.3-15"): "t_axis",
}
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "/min": {"/min": 1.0, "{beats}/min": 1.0, "{H.B.}/min": 1.0, "bpm": 1.0, "1/min": 1.0},
    "ms": {"ms": 1.0, "s": 1000.0},
    "deg": {"deg": 1.0},
}
_PLAUSIBLE: Mapping[str, tuple[float, float]] = {"/min": (1, 1000), "ms": (1, 5000), "deg": (-360, 360)}
"""Carts write 0, -1 or 29999 where they measured nothing; an axis of 0 degrees is one."""
_SCHEMES: Mapping[str, str] = {"SCPECG": "SCPECG", "MDC": "MDC", "SCT": "SCT", "SRT": "", "AHA": "AHA"}
_PERSONS = (
    "PatientName PatientID OtherPatientIDs PatientBirthName PatientBirthDate AccessionNumber ReferringPhysicianName "
    "PerformingPhysicianName OperatorsName NameOfPhysiciansReadingStudy RequestingPhysician"
)
_SIGNED = re.compile(
    r"\b(?:dr|prof|professeur|docteur|doctor|m\.d|mme|mrs|mr|confirmed by|reviewed by|signed by|valid\w+ par|"
    r"confirm\w+ par|sign\w+ par)\b",
    re.IGNORECASE,
)
"""What a line holds that says who signed, and says nothing of the ECG."""
_DATED = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\b(?:19|20)\d\d\b|\d{6,}")
_HIDDEN = "\N{HORIZONTAL ELLIPSIS}"


def read_report(dataset: FileDataset, path: Path) -> EcgReport:
    """The texts and coded findings as statements, in order; the first value of each known measurement.

    Lines that say who signed are left out; dates, long numbers and the words of the file's persons become "…".
    Raises InputFileError if the annotations cannot be parsed.
    """
    with parsing(path, "waveform_damaged"):
        items = list(dataset.get("WaveformAnnotationSequence") or ())[:_MOST_ANNOTATIONS]
        persons = _words(" ".join(str(dataset.get(keyword) or "") for keyword in _PERSONS.split()))
        statements = dict.fromkeys(found for item in items for found in _statements(item, persons))
        measurements: dict[str, Measurement] = {}
        for item in items:
            for name, measured in _measured(item):
                measurements.setdefault(name, measured)
    return EcgReport(statements=tuple(statements), measurements=measurements)


def _statements(item: Dataset, persons: set[str]) -> Iterator[EcgStatement]:
    text = _without_identity(str(item.get("UnformattedTextValue") or ""), persons)
    if text and not _SIGNED.search(text):
        yield EcgStatement(text=text)
    for code in item.get("ConceptCodeSequence") or ():
        yield EcgStatement(
            text=_without_identity(str(code.get("CodeMeaning") or ""), persons),
            code=str(code.get("CodeValue") or ""),
            scheme=_SCHEMES.get(str(code.get("CodingSchemeDesignator") or ""), ""),
            modifiers=tuple(str(one.get("CodeValue") or "") for one in item.get("ModifierCodeSequence") or ()),
        )


def _without_identity(text: str, persons: set[str]) -> str:
    plain = _DATED.sub(_HIDDEN, " ".join(text.split())[:_MOST_CHARACTERS])
    return re.sub(r"[^\W_]{3,}", lambda word: _HIDDEN if word[0].upper() in persons else word[0], plain)


def _measured(item: Dataset) -> Iterator[tuple[str, Measurement]]:
    value, concepts = item.get("NumericValue"), item.get("ConceptNameCodeSequence")
    units = item.get("MeasurementUnitsCodeSequence")
    if value is None or not concepts or not units:
        return
    concept = concepts[0]
    key = (str(concept.get("CodingSchemeDesignator") or ""), str(concept.get("CodeValue") or ""))
    meaning = " ".join(re.sub(r"[^a-z0-9]+", " ", str(concept.get("CodeMeaning") or "").lower()).split())
    name = _CODES.get(key) or _MEANINGS.get(meaning)
    if name is None:
        return
    unit = "/min" if name == "heart_rate" else "deg" if name.endswith("_axis") else "ms"
    factor = _FACTORS[unit].get(str(units[0].get("CodeValue") or ""))
    low, high = _PLAUSIBLE[unit]
    if factor is None:
        return
    measured = float(value if isinstance(value, (int, float, str)) else value[0]) * factor
    if low <= measured <= high:
        yield name, Measurement(value=measured, unit=unit)


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"[\W_]+", text.upper()) if len(word) >= 3}
