"""DICOM files before their pixels: opening one safely, its attributes as text, where they lie in enhanced objects."""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputFileError
from .faults import LIBRARY_FAULTS, MOST_DECODED_BYTES, fault, reading

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

DEFLATED = "1.2.840.10008.1.2.1.99"
WAVEFORM_CLASSES = "1.2.840.10008.5.1.4.1.1.9."
PREAMBLE_BYTES = 128
_FIRST_TAGS = (b"\x02\x00", b"\x08\x00")  # groups 0002 and 0008, little endian: what a bare data set begins with

_AGE = re.compile(r"^\s*(\d{1,4})\s*([DWMY]?)\s*$")
_DATE = re.compile(r"^(\d{4})[.:-]?(\d{2})[.:-]?(\d{2})")
_DAYS = {"D": 1.0, "W": 7.0, "M": 30.436875, "Y": 365.2425}


def dicom_faults() -> tuple[type[Exception], ...]:
    """What the library raises on damaged DICOM files: the common kinds, and two of its own."""
    import pydicom  # noqa: F401 - first: see is_waveform
    from pydicom.errors import BytesLengthException, InvalidDicomError

    return (*LIBRARY_FAULTS, BytesLengthException, InvalidDicomError)


def parsing(path: Path, key: str) -> AbstractContextManager[None]:
    """``reading`` for DICOM: everything that touches a value of a data set belongs inside."""
    return reading(path, key, dicom_faults())


def is_keyword(word: str) -> bool:
    """Whether DICOM has an element of this keyword."""
    from pydicom.datadict import tag_for_keyword

    return tag_for_keyword(word) is not None


def is_dicom(path: Path) -> bool:
    """Whether the file says it is DICOM, or begins as a data set without its preamble does."""
    try:
        with path.open("rb") as stream:
            start = stream.read(PREAMBLE_BYTES + 4)
    except OSError:
        return False
    return start[PREAMBLE_BYTES:] == b"DICM" or (start[:2] in _FIRST_TAGS and b"\0" in start[2:4] and len(start) > 8)


def is_waveform(path: Path) -> bool:
    """Whether the file is a DICOM waveform object, by the class in its file meta information."""
    # The whole library before any part of it: its modules import each other in a circle, and two threads that enter
    # the circle at different places find each other's modules half made. Every file comes by here or `open_dicom`.
    import pydicom  # noqa: F401
    from pydicom.filereader import read_file_meta_info

    try:
        with parsing(path, "dicom_unreadable"):
            if _start(path)[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] != b"DICM":
                return False
            return str(read_file_meta_info(path).get("MediaStorageSOPClassUID", "")).startswith(WAVEFORM_CLASSES)
    except InputFileError:  # damaged: whoever opens it will say so
        return False


def open_dicom(path: Path, *, pixels: bool) -> FileDataset:
    """The data set of a DICOM Part 10 file; values are parsed when touched, so touch them inside ``parsing``.

    Raises InputFileError if the file has no preamble or no transfer syntax, cannot be parsed, or would inflate beyond
    ``MOST_DECODED_BYTES``.
    """
    import pydicom

    with parsing(path, "dicom_unreadable"):
        if _start(path)[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] != b"DICM":
            raise fault(path, "dicom_no_preamble")
        _refuse_inflating(path)
        dataset = pydicom.dcmread(path, stop_before_pixels=not pixels)
        if not dataset.file_meta.get("TransferSyntaxUID"):
            raise fault(path, "dicom_no_transfer_syntax")
        return dataset


def _refuse_inflating(path: Path) -> None:
    """A deflated data set is inflated as a whole by the library: first look how large it would become."""
    if DEFLATED.encode() not in _start(path):
        return
    from pydicom.filereader import read_file_meta_info

    # The group length counts from its own end: preamble, "DICM", then the 12 bytes of the length element itself.
    begin = PREAMBLE_BYTES + 4 + 12 + int(read_file_meta_info(path).FileMetaInformationGroupLength)
    inflating, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    rest = path.read_bytes()[begin:]
    while rest and not inflating.eof:
        total += len(inflating.decompress(rest, 1 << 24))
        if total > MOST_DECODED_BYTES:
            raise fault(path, "too_large")
        rest = inflating.unconsumed_tail


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(2048)


# ------------------------------------------------------------------------------------------------ attributes as text


class DicomHeader(Mapping[str, str]):
    """The attributes of one file by DICOM keyword, as text, converted when asked for; empty ones are absent.

    Several values are joined by a backslash, as in the file. Where an attribute is empty its coded or older sibling
    answers: AnatomicRegionSequence for BodyPartExamined, ViewCodeSequence for ViewPosition, ImageLaterality and
    Laterality for each other. A value that cannot be converted is absent.
    """

    def __init__(self, dataset: Dataset, path: Path) -> None:
        self._dataset, self._path = dataset, path

    def __getitem__(self, keyword: str) -> str:
        text = self._text(keyword) or self._sibling(keyword)
        if not text:
            raise KeyError(keyword)
        return text

    def __iter__(self) -> Iterator[str]:
        from pydicom.datadict import keyword_for_tag

        for keyword in map(keyword_for_tag, list(self._dataset.keys())):
            if keyword and self._text(keyword):
                yield keyword

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _text(self, keyword: str) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return _as_text(self._dataset.get(keyword))
            except dicom_faults():  # an attribute that cannot be parsed is as good as not recorded
                return ""

    def _sibling(self, keyword: str) -> str:
        if keyword in ("Laterality", "ImageLaterality"):
            return self._text("ImageLaterality" if keyword == "Laterality" else "Laterality")
        sequence = {"BodyPartExamined": "AnatomicRegionSequence", "ViewPosition": "ViewCodeSequence"}.get(keyword)
        try:
            items = self._dataset.get(sequence) if sequence else None
            return str(items[0].get("CodeMeaning", "")).strip() if items else ""
        except dicom_faults():
            return ""


def _as_text(value: object) -> str:
    from pydicom.multival import MultiValue
    from pydicom.sequence import Sequence

    if value is None or isinstance(value, (bytes, Sequence)):
        return ""
    if isinstance(value, (MultiValue, list, tuple)):
        return "\\".join(_as_text(item) for item in value)
    return str(value).strip(" \0\r\n\t")


def age_years(header: Mapping[str, str]) -> float | None:
    """Age at the study in years, from PatientAge, else from PatientBirthDate and StudyDate; None if neither tells.

    A number without unit is years. Zero years ("000Y", "0000") is what scanners write when nothing was entered, and
    above 130 years nobody is: both are None; a newborn has an age in days, weeks or months.

    >>> age_years({"PatientAge": "018M"}), age_years({"PatientAge": "24"}), age_years({"PatientAge": "000Y"})
    (1.5, 24.0, None)
    >>> age_years({"PatientBirthDate": "19700131", "StudyDate": "20200131"})
    50.0
    """
    match = _AGE.match(header.get("PatientAge", ""))
    if match:
        count, unit = int(match[1]), match[2] or "Y"
        years = float(count) if unit == "Y" else round(count * _DAYS[unit] / _DAYS["Y"], 3)
        return years if 0 <= years <= 130 and not (unit == "Y" and count == 0) else None
    return _age_from_dates(header.get("PatientBirthDate", ""), header.get("StudyDate", ""))


def _age_from_dates(born: str, studied: str) -> float | None:
    found = _DATE.match(born), _DATE.match(studied)
    if found[0] is None or found[1] is None:
        return None
    try:
        first, last = (date(*(int(part) for part in match.groups())) for match in found if match)
    except ValueError:  # the thirteenth month
        return None
    birthdays = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
    return float(birthdays) if last >= first and birthdays <= 130 else None


# ----------------------------------------------------------------------------------------------- enhanced multi-frame


def frame_value(dataset: Dataset, frame: int, macro: str, keyword: str) -> object:
    """An attribute as it holds for one frame (from 0): its own functional group, the shared one, the data set's root.

    ``macro`` is the keyword of the functional group sequence that carries it. None when nobody states it.
    """
    for place, index in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        groups = dataset.get(place)
        if groups is None or index >= len(groups):
            continue
        items = groups[index].get(macro)
        if items and items[0].get(keyword) is not None:
            found: object = items[0].get(keyword)
            return found
    return dataset.get(keyword)
