"""Reader `hl7-aecg`: HL7 annotated ECG (root element AnnotatedECG), the rhythm series.

Reference: ANSI/HL7 V3 ECG, R1 (PORT_MT020001); codes of leads and measurements: ISO/IEEE 11073-10101 (MDC).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import EcgReport, EcgStatement, Image, Signals
from .ecg_reports import Source, is_statement, measurements_of, signed, statement, without_repeats
from .faults import fault, keys_of
from .leads import usual_leads
from .packages import package_version
from .safe_xml import read_xml, root_name, text_at, texts_below, value_at
from .stored_ecg import (
    LARGEST,
    MOST_HZ,
    StoredEcg,
    check_size,
    checked,
    copy_of,
    dicom_date,
    dicom_sex,
    dicom_time,
    facts,
    number,
    signals_of,
)
from .units import millivolts_per

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_TO_AGREED = {"ms": 1.0, "s": 1e3, "us": 1e-3, "deg": 1.0, "bpm": 1.0, "/min": 1.0, "1/min": 1.0, "{beats}/min": 1.0}
_MEASURED = {
    "MDC_ECG_HEART_RATE": "heart_rate",
    "MDC_ECG_TIME_PD_PR": "pr_interval",
    "MDC_ECG_TIME_PD_QRS": "qrs_duration",
    "MDC_ECG_TIME_PD_QT": "qt_interval",
    "MDC_ECG_TIME_PD_QTC": "qtc_interval",
    "MDC_ECG_ANGLE_P_FRONT": "p_axis",
    "MDC_ECG_ANGLE_QRS_FRONT": "qrs_axis",
    "MDC_ECG_ANGLE_T_FRONT": "t_axis",
    # codes of one manufacturer's own, for want of the standard's
    "MINDRAY_ECG_P_AXIS": "p_axis",
    "MINDRAY_ECG_QRS_AXIS": "qrs_axis",
    "MINDRAY_ECG_T_AXIS": "t_axis",
}
_STATEMENTS = ("MDC_ECG_INTERPRETATION_STATEMENT", "MDC_ECG_INTERPRETATION_SUMMARY", "MDC_ECG_RHY")
_UNSIGNED_PLACE = "MDC_ECG_INTERPRETATION_COMMENT"
_FINER = (1, 2, 5, 10, 100, 1000)  # steps into which one is cut so that an origin is a whole number of them
_MOST_GAP_S = 600.0  # between the first and the last part of one recording
_SUBJECT = "componentOf/timepointEvent/componentOf/subjectAssignment/subject/trialSubject"


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One sequence set: leads side by side from one moment on."""

    start_s: float
    increment_s: float
    leads: tuple[str, ...]
    values: tuple[NDArray[np.int64], ...]
    scales: tuple[tuple[float, float], ...]  # origin and step in mV, per lead


@dataclass(frozen=True, kw_only=True)
class Hl7AecgReader:
    """HL7 aECG: the series RHYTHM. Derived series, such as the representative beat, are left out.

    A series of several sequence sets (four times 2.5 s of three leads) becomes one recording with NaN where a lead was
    not recorded.
    """

    name: ClassVar[str] = "hl7-aecg"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether the root element is AnnotatedECG."""
        return path.is_file() and root_name(path) == "AnnotatedECG"

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses."""
        return keys_of(lambda: self.read(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """Whose test it is and when, sex, age, device, filters in Hz, size of the recording."""
        root = read_xml(path)
        series, stored = _series(root, path), _stored(root, path)
        moment = _moment(root, series)
        device = "author/seriesAuthor/"
        found = {
            "PatientID": value_at(root, f"{_SUBJECT}/id", "extension")
            or text_at(root, f"{_SUBJECT}/subjectDemographicPerson/PatientID"),
            "PatientSex": dicom_sex(
                value_at(root, f"{_SUBJECT}/subjectDemographicPerson/administrativeGenderCode", "code")
            ),
            "StudyDate": moment[:8],
            "AcquisitionDateTime": moment,
            "Manufacturer": text_at(series, device + "manufacturerOrganization/name"),
            "ManufacturerModelName": text_at(series, device + "manufacturedSeriesDevice/manufacturerModelName"),
            "SamplingFrequency": f"{stored.sampling_hz:g}",
            "NumberOfWaveformSamples": str(len(stored.digital)),
            "NumberOfWaveformChannels": str(len(stored.leads)),
            **_filters(series),
        }
        return facts(found, born=dicom_date(value_at(root, f"{_SUBJECT}/subjectDemographicPerson/birthTime")))

    def persons(self, path: Path) -> Sequence[str]:
        """All that is said of the subject and of investigators."""
        return texts_below(read_xml(path), "trialsubject", "assignedperson", "investigatorperson")

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The rhythm in millivolt by origin and scale of each lead, leads in the order of the file.

        Raises InputFileError if there is none or more than one, a unit is no voltage, or samples are no whole numbers.
        """
        stored = _stored(read_xml(path), path)
        return (), signals_of(stored), (f"HL7 aECG numpy {package_version('numpy')}",)

    def report(self, path: Path) -> EcgReport:
        """Interpretation statements and rhythm annotations of the recording; measurements.

        The machine's are those whose author is a device or that are said not to be confirmed; a person's are confirmed.
        A measurement is taken from what is said of the recording as a whole, else of the representative beat, else of
        the beats where they all agree; beats that differ give none.
        """
        root = read_xml(path)
        said: list[EcgStatement] = []
        marks: list[bool] = []
        for collection in root.iter("annotationSet"):
            comments = [_text(one) for one in collection.iter("annotation") if _code(one) == _UNSIGNED_PLACE]
            mark = next((one for one in map(signed, comments) if one is not None), None)
            is_device = collection.find("author//assignedDevice") is not None
            if mark is None and not is_device and collection.find("author//assignedPerson") is not None:
                mark = True
            source: Source = "confirmed" if mark else "machine" if mark is False or is_device else "unknown"
            found = tuple(_statements(collection, source))
            said += found
            if mark is not None and (found or comments):  # waves that a person has marked are no signature
                marks.append(mark)
        return EcgReport(
            statements=without_repeats(said),
            measurements=measurements_of(_measured(root)),
            is_confirmed=any(marks) if marks else None,
        )

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """A WFDB record of what ``read`` gives: whole numbers, gains, rate and leads, nothing else."""
        return copy_of(_stored(read_xml(path), path), folder, name)


# ------------------------------------------------------------------------------------------------------- the waveform


def _series(root: Element, path: Path) -> Element:
    if root.tag != "AnnotatedECG":
        raise fault(path, "xml_damaged")
    series = root.findall("component/series")
    rhythm = [one for one in series if value_at(one, "code", "code").upper() == "RHYTHM"]
    found = rhythm or [one for one in series if not value_at(one, "code", "code")]
    if not found:
        raise fault(path, "ecg_waveform_missing")
    if len(found) > 1:
        raise fault(path, "several_recordings")
    return found[0]


def _stored(root: Element, path: Path) -> StoredEcg:
    """All sequence sets of the series on one clock."""
    parts = [_part(one, path) for one in _series(root, path).findall("component/sequenceSet")]
    parts = [part for part in parts if part.leads]
    if not parts:
        raise fault(path, "ecg_waveform_missing")
    steps = {part.increment_s for part in parts}
    if len(steps) > 1 or not 0 < min(steps) < np.inf:
        raise fault(path, "ecg_rate_unknown")
    increment, first = steps.pop(), min(part.start_s for part in parts)
    if max(part.start_s for part in parts) - first > _MOST_GAP_S:
        raise fault(path, "ecg_counts_differ")
    offsets = [round((part.start_s - first) / increment) for part in parts]
    leads = tuple(dict.fromkeys(lead for part in parts for lead in part.leads))
    n_samples = max(
        offset + max(len(values) for values in part.values) for offset, part in zip(offsets, parts, strict=True)
    )
    check_size(n_samples, len(leads), path)
    scales: dict[str, tuple[float, float]] = {}
    digital = np.zeros((n_samples, len(leads)), dtype=np.int64)
    is_valid = np.zeros(digital.shape, dtype=bool)
    for offset, part in zip(offsets, parts, strict=True):
        for lead, values, scale in zip(part.leads, part.values, part.scales, strict=True):
            place = leads.index(lead)
            there = slice(offset, offset + len(values))
            if is_valid[there, place].any() or scales.setdefault(lead, scale) != scale:
                raise fault(path, "ecg_leads_overlap")
            digital[there, place], is_valid[there, place] = values, True
    gains, zeros = _whole_scales([scales[lead] for lead in leads], digital, path)
    stored = StoredEcg(
        digital=digital,
        is_valid=is_valid,
        gains=gains,
        baselines=zeros,
        sampling_hz=1 / increment,
        leads=leads,
    )
    return checked(stored, path)


def _whole_scales(
    scales: Sequence[tuple[float, float]], digital: NDArray[np.int64], path: Path
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Gains and baselines of whole numbers. An origin that is no whole number of steps makes the steps finer."""
    gains: list[float] = []
    zeros: list[int] = []
    for place, (origin, step) in enumerate(scales):
        exact = -origin / step
        if not np.isfinite(exact) or abs(exact) > LARGEST:
            raise fault(path, "ecg_scale_unknown")
        finer = next((fine for fine in _FINER if abs(exact * fine - round(exact * fine)) < 1e-6 * fine), None)
        if finer is None:
            raise fault(path, "ecg_scale_unknown")
        digital[:, place] *= finer
        gains.append(finer / step)
        zeros.append(round(exact * finer))
    return tuple(gains), tuple(zeros)


def _part(sequences: Element, path: Path) -> _Part:
    start, increment = 0.0, 0.0
    names: list[str] = []
    values: list[NDArray[np.int64]] = []
    scales: list[tuple[float, float]] = []
    for sequence in sequences.findall("component/sequence"):
        code, value = _code(sequence), sequence.find("value")
        if value is None:
            continue
        if code.startswith("TIME_"):
            start, increment = _clock(value, path)
        elif value.find("digits") is not None:
            names.append(code or f"channel {len(names) + 1}")
            values.append(_digits(value, path))
            scales.append((_millivolts(value, "origin", path), _millivolts(value, "scale", path)))
    leads = usual_leads(names)
    if len(set(leads)) < len(leads):
        raise fault(path, "ecg_lead_twice")
    if leads and increment <= 0:
        raise fault(path, "ecg_rate_unknown")
    return _Part(start_s=start, increment_s=increment, leads=leads, values=tuple(values), scales=tuple(scales))


def _clock(value: Element, path: Path) -> tuple[float, float]:
    """Start and step in seconds; a start that cannot be understood is 0."""
    unit = value_at(value, "increment", "unit") or "s"
    step = number(value_at(value, "increment"))
    if step is None or unit not in _SECONDS or step * _SECONDS[unit] * MOST_HZ < 1:
        raise fault(path, "ecg_rate_unknown")
    written = value_at(value, "head")
    moment = _timestamp(written)
    if moment is not None:
        return (moment - datetime(1900, 1, 1)).total_seconds(), step * _SECONDS[unit]  # of differences only
    return (number(written) or 0.0) * _SECONDS.get(value_at(value, "head", "unit"), 1.0), step * _SECONDS[unit]


def _timestamp(text: str) -> datetime | None:
    """YYYYMMDDHHMMSS with or without a fraction; a zone behind it is the same for all parts of a file."""
    whole_part, _, rest = text.partition(".")
    if len(whole_part) < 14 or not whole_part[:14].isdigit():
        return None
    fraction = "".join(letter for letter in rest.split("+")[0].split("-")[0] if letter.isdigit())
    try:
        moment = datetime.strptime(whole_part[:14], "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return moment + timedelta(seconds=float(f"0.{fraction[:6] or 0}"))


def _digits(value: Element, path: Path) -> NDArray[np.int64]:
    try:
        found = np.array([int(word) for word in text_at(value, "digits").split()], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise fault(path, "ecg_samples_damaged") from error
    if not len(found):
        raise fault(path, "ecg_waveform_missing")
    if np.abs(found).max() > LARGEST // 1000:
        raise fault(path, "ecg_samples_damaged")
    return found


def _millivolts(value: Element, name: str, path: Path) -> float:
    """``origin`` or ``scale`` in millivolt; an origin that is not there is 0."""
    place = value.find(name)
    if place is None and name == "origin":
        return 0.0
    unit = value_at(value, name, "unit")
    factor, stated = millivolts_per(unit), number(value_at(value, name))
    if factor is None:
        raise fault(path, "unit_unknown", found=unit)
    if stated is None or (name == "scale" and not stated * factor):
        raise fault(path, "ecg_scale_unknown")
    return stated * factor


# ----------------------------------------------------------------------------------------------------- what is stated


def _code(element: Element) -> str:
    return value_at(element, "code", "code")


def _text(annotation: Element) -> str:
    value = annotation.find("value")
    if value is None:
        return ""
    return (value.text or "").strip() or value.get("displayName", "").strip() or value.get("code", "").strip()


def _moment(root: Element, series: Element) -> str:
    """YYYYMMDDHHMMSS of the recording, or as much of it as there is."""
    places = ("effectiveTime/low", "effectiveTime/center", "effectiveTime")
    found = next((text for of in (series, root) for place in places if (text := value_at(of, place))), "")
    day = dicom_date(found)
    return day + (dicom_time(found[8:14]) if len(found) >= 14 else "") if day else ""


def _filters(series: Element) -> Mapping[str, str]:
    """Cut-off frequencies in Hz by the keywords that DICOM has for them."""
    keywords = {"HIGH_PASS": "FilterLowFrequency", "LOW_PASS": "FilterHighFrequency", "NOTCH": "NotchFilterFrequency"}
    found: dict[str, str] = {}
    for variable in series.findall("controlVariable/controlVariable"):
        kind = _code(variable).rpartition("_FILTER_")[2]
        for part in variable.findall("component/controlVariable"):
            hz = number(value_at(part, "value"))
            if kind in keywords and _code(part).endswith("_FREQ") and hz is not None:
                found[keywords[kind]] = f"{hz:g}"
    return found


def _statements(collection: Element, source: Source) -> Iterator[EcgStatement]:
    for annotation in collection.iter("annotation"):
        value, text = annotation.find("value"), _text(annotation)
        if _code(annotation) not in _STATEMENTS or value is None or not is_statement(text):
            continue
        code = value.get("code", "")
        yield statement(text, source, code=code, scheme="MDC" if code.startswith("MDC_") else "")


def _measured(root: Element) -> Mapping[str, float | None]:
    """One value for each measurement, by the rule of ``report``."""
    found: dict[str, float | None] = {}
    for places in (_outside_beats(root), _of_derived(root), root.iter("annotation")):
        values: dict[str, set[float]] = {}
        for annotation in places:
            name, value = _MEASURED.get(_code(annotation).upper()), _quantity(annotation)
            if name and value is not None:
                values.setdefault(name, set()).add(value)
        for name, different in values.items():
            found.setdefault(name, different.pop() if len(different) == 1 else None)
    return found


def _quantity(annotation: Element) -> float | None:
    value = annotation.find("value")
    leads = [one.get("code", "") for one in annotation.findall("support//boundary/code")]
    if value is None or any("_LEAD" in lead for lead in leads):  # of one lead
        return None
    unit = (value.get("unit") or "").strip().lower()
    stated = number(value.get("value") or "")
    return None if stated is None or unit not in _TO_AGREED or not stated else stated * _TO_AGREED[unit]


def _outside_beats(root: Element) -> Iterator[Element]:
    for series in root.findall("component/series"):
        for collection in series.findall("subjectOf/annotationSet"):
            waiting = list(collection.findall("component/annotation"))
            while waiting:
                annotation = waiting.pop()
                if not _code(annotation).startswith("MDC_ECG_BEAT") and "MATRIX" not in _code(annotation):
                    yield annotation
                    waiting += annotation.findall("component/annotation")


def _of_derived(root: Element) -> Iterator[Element]:
    for series in root.iter("derivedSeries"):
        yield from series.iter("annotation")


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [Hl7AecgReader]
