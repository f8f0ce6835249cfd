"""Reader `muse-xml`: GE MUSE XML (root element RestingECG), the rhythm waveform."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import EcgReport, EcgStatement, Image, Signals
from .ecg_language import goes_on
from .ecg_reports import Source, is_statement, measurements_of, signed, statement, without_repeats
from .faults import fault
from .leads import usual_leads
from .packages import package_version
from .safe_xml import read_xml, root_name, text_at, texts_below
from .stored_ecg import (
    StoredEcg,
    bytes_of_base64,
    check_size,
    checked,
    computed_in_words,
    copy_of,
    dicom_age,
    dicom_date,
    dicom_sex,
    dicom_time,
    facts,
    keys_of_both,
    lack_limb_leads,
    number,
    signals_of,
    whole,
    with_limb_leads,
)
from .units import millivolts_per

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

_UNITS = {"MICROVOLTS": "uV", "MILLIVOLTS": "mV", "NANOVOLTS": "nV", "VOLTS": "V"}
_ENDS_LINE = "ENDSLINE"
_INVALID = -(2**15)
_MEASURED = {
    "heart_rate": "VentricularRate",
    "pr_interval": "PRInterval",
    "qrs_duration": "QRSDuration",
    "qt_interval": "QTInterval",
    "qtc_interval": "QTCorrected",
    "p_axis": "PAxis",
    "qrs_axis": "RAxis",
    "t_axis": "TAxis",
}


@dataclass(frozen=True, kw_only=True)
class MuseXmlReader:
    """GE MUSE XML: the waveform of type Rhythm, 16 bits; III, aVR, aVL and aVF are computed where 8 leads are stored.

    The median beat is left out. The value -32768 marks an invalid sample.
    """

    name: ClassVar[str] = "muse-xml"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether the root element is RestingECG."""
        return path.is_file() and root_name(path) == "RestingECG"

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses, and of leads that differ from their CRC-32."""
        return keys_of_both(lambda: self.read(path), lambda: _check_sums(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """Whose test it is and when (PatientID, AcquisitionDateTime …), age, sex, device, size of the waveform."""
        root = read_xml(path)
        leads = _rhythm(root, path).findall("LeadData")
        day = dicom_date(text_at(root, "TestDemographics/AcquisitionDate"), "mdy")
        time = dicom_time(text_at(root, "TestDemographics/AcquisitionTime"))
        patient = "PatientDemographics/"
        found = {
            "PatientID": text_at(root, patient + "PatientID"),
            "PatientAge": dicom_age(text_at(root, patient + "PatientAge"), text_at(root, patient + "AgeUnits")),
            "PatientSex": dicom_sex(text_at(root, patient + "Gender")),
            "StudyDate": day,
            "AcquisitionDateTime": day + time if day else "",
            "ManufacturerModelName": text_at(root, "TestDemographics/AcquisitionDevice"),
            "SamplingFrequency": f"{_sampling_hz(_rhythm(root, path), path):g}",
            "NumberOfWaveformSamples": text_at(leads[0], "LeadSampleCountTotal") if leads else "",
            "NumberOfWaveformChannels": str(len(leads) + (4 if _are_eight(leads) else 0)),
        }
        return facts(found, born=dicom_date(text_at(root, patient + "DateofBirth"), "mdy"))

    def persons(self, path: Path) -> Sequence[str]:
        """All that is said of the patient, and the names of whoever ordered, recorded and read the test."""
        return texts_below(read_xml(path), "patientdemographics", ending=("lastname", "firstname", "mdname"))

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The rhythm in millivolt, twelve leads in the usual order where eight are stored.

        Raises InputFileError if it is missing, its counts disagree with its bytes, or a unit is no voltage.
        """
        as_stored, stored = _stored(path)
        how = computed_in_words(as_stored, stored)
        return (), signals_of(stored), (f"MUSE XML 16-bit{how} numpy {package_version('numpy')}",)

    def report(self, path: Path) -> EcgReport:
        """Statements of OriginalDiagnosis (the machine's) and Diagnosis (as it stands), measurements as they stand.

        Diagnosis is confirmed if the status of the test says so. If it is not, and says the same as the machine, it is
        not repeated.
        """
        root = read_xml(path)
        machine, _ = _statements(root, "OriginalDiagnosis", "machine")
        _, line = _statements(root, "Diagnosis", "unknown")
        is_confirmed = _is_confirmed(text_at(root, "TestDemographics/Status"), line)
        source: Source = "confirmed" if is_confirmed else "unknown"
        if is_confirmed is False and not machine:
            source = "machine"
        current, _ = _statements(root, "Diagnosis", source)
        if source == "unknown" and [one.text for one in current] == [one.text for one in machine]:
            current = ()
        places = ("RestingECGMeasurements", "OriginalRestingECGMeasurements")
        values = {
            name: number(text_at(root, *(f"{place}/{tag}" for place in places))) for name, tag in _MEASURED.items()
        }
        return EcgReport(
            statements=without_repeats((*machine, *current)),
            measurements=measurements_of(values),
            is_confirmed=is_confirmed,
        )

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """A WFDB record of what ``read`` gives: whole numbers, gains, rate and leads, nothing else."""
        return copy_of(_stored(path)[1], folder, name)


def _rhythm(root: Element, path: Path) -> Element:
    found = [wave for wave in root.iter("Waveform") if text_at(wave, "WaveformType").lower() == "rhythm"]
    if not found:
        raise fault(path, "ecg_waveform_missing")
    if len(found) > 1:
        raise fault(path, "several_recordings")
    return found[0]


def _sampling_hz(wave: Element, path: Path) -> float:
    base, exponent = number(text_at(wave, "SampleBase")), whole(text_at(wave, "SampleExponent") or "0")
    if base is None or exponent is None or abs(exponent) > 6:
        raise fault(path, "ecg_rate_unknown")
    return float(base * 10.0**exponent)


def _stored(path: Path) -> tuple[StoredEcg, StoredEcg]:
    """The waveform as stored, and with the limb leads that follow from it."""
    wave = _rhythm(read_xml(path), path)
    leads = wave.findall("LeadData")
    stated = whole(text_at(wave, "NumberofLeads") or str(len(leads)))
    if stated != len(leads):
        raise fault(path, "ecg_counts_differ")
    n_samples = {whole(text_at(lead, "LeadSampleCountTotal")) for lead in leads}
    if len(n_samples) != 1:
        raise fault(path, "ecg_counts_differ" if leads else "ecg_waveform_missing")
    check_size(n_samples.pop() or 0, len(leads), path)
    digital = np.stack([_values(lead, path) for lead in leads], axis=1)
    stored = StoredEcg(
        digital=digital,
        is_valid=digital != _INVALID,
        gains=tuple(_gain(lead, path) for lead in leads),
        baselines=(0,) * len(leads),
        sampling_hz=_sampling_hz(wave, path),
        leads=tuple(text_at(lead, "LeadID") or f"channel {place}" for place, lead in enumerate(leads, 1)),
    )
    stored = checked(stored, path)
    return stored, with_limb_leads(stored)


def _are_eight(leads: Sequence[Element]) -> bool:
    """Whether the limb leads beside I and II are left to be computed."""
    return lack_limb_leads(usual_leads([text_at(lead, "LeadID") for lead in leads]))


def _bytes(lead: Element, path: Path) -> bytes:
    return bytes_of_base64(text_at(lead, "WaveFormData"), path)


def _values(lead: Element, path: Path) -> NDArray[np.int64]:
    """16-bit values of one lead, checked against its counts of bytes and samples."""
    if (text_at(lead, "LeadSampleSize") or "2") != "2" or text_at(lead, "LeadOffsetFirstSample") not in ("", "0"):
        raise fault(path, "waveform_kind_unknown")
    data, n_samples = _bytes(lead, path), whole(text_at(lead, "LeadSampleCountTotal"))
    stated = whole(text_at(lead, "LeadByteCountTotal") or str(len(data)))
    if n_samples is None or len(data) != 2 * n_samples or stated != len(data):
        raise fault(path, "ecg_counts_differ")
    return np.frombuffer(data, dtype="<i2").astype(np.int64)


def _gain(lead: Element, path: Path) -> float:
    written = text_at(lead, "LeadAmplitudeUnits")
    factor = millivolts_per(_UNITS.get(written.upper(), written))
    if factor is None:
        raise fault(path, "unit_unknown", found=written)
    step = number(text_at(lead, "LeadAmplitudeUnitsPerBit"))
    if step is None or not np.isfinite(step * factor) or step <= 0:
        raise fault(path, "ecg_scale_unknown")
    return float(1 / (step * factor)) if step * factor else float("inf")


def _check_sums(path: Path) -> None:
    for lead in _rhythm(read_xml(path), path).findall("LeadData"):
        stated = whole(text_at(lead, "LeadDataCRC32"))
        if stated is not None and stated != zlib.crc32(_bytes(lead, path)):
            raise fault(path, "ecg_checksum_differs")


def _statements(root: Element, place: str, source: Source) -> tuple[tuple[EcgStatement, ...], bool | None]:
    """The statements of a diagnosis, and what its lines say of a signature.

    A line is all that stands up to a piece with ENDSLINE, whatever other flags there are. Of a diagnosis without any
    such flag each piece is a line, but for one that ends in a denial or a doubt, which the next goes on with.
    """
    said: list[EcgStatement] = []
    is_signed: bool | None = None
    pending = ""
    diagnosis = root.find(place)
    parts = [] if diagnosis is None else list(diagnosis.iter("DiagnosisStatement"))
    ends = [_ENDS_LINE in {(flag.text or "").strip().upper() for flag in part.iter("StmtFlag")} for part in parts]
    for at, part in enumerate(parts):
        pending = f"{pending} {text_at(part, 'StmtText')}".strip()
        is_end = ends[at] if any(ends) else not goes_on(pending)
        if not is_end and at + 1 < len(parts):
            continue
        is_signed = signed(pending) if signed(pending) is not None else is_signed
        if is_statement(pending):
            said.append(statement(pending, source, code=text_at(part, "StmtNumber", "StmtCode"), scheme="MUSE"))
        pending = ""
    return tuple(said), is_signed


def _is_confirmed(status: str, line: bool | None) -> bool | None:
    plain = status.strip().lower()
    if plain.startswith(("unconfirm", "unedit", "non conf", "non-conf")):
        return False
    return True if plain.startswith("confirm") else line


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [MuseXmlReader]
