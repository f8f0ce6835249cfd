"""Reader `philips-xml`: Philips ECG XML (root element restingecgdata), versions 1.03 and 1.04."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import EcgReport, EcgStatement, Image, Signals
from .ecg_reports import Source, is_statement, measurements_of, signed, statement, without_repeats
from .faults import fault, keys_of
from .packages import package_version
from .philips_xli import unpacked_leads
from .safe_xml import read_xml, root_name, text_at, texts_below
from .stored_ecg import (
    StoredEcg,
    bytes_of_base64,
    check_size,
    checked,
    copy_of,
    dicom_age,
    dicom_date,
    dicom_sex,
    dicom_time,
    facts,
    number,
    signals_of,
    whole,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

_VERSION = re.compile(r"^1\.0[34](\.\d+)?$")
_STANDARD = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_NAMED_BY_PLACE = ("STD-12", "10-WIRE")  # acquisition types whose leads are the standard twelve, in this order
_DIFFERENCES = ("III", "aVR", "aVL", "aVF")
_MEASURED = {
    "heart_rate": ("heartrate",),
    "pr_interval": ("print", "meanprint"),
    "qrs_duration": ("qrsdur", "meanqrsdur"),
    "qt_interval": ("qtint", "meanqtint"),
    "qtc_interval": ("qtcb", "meanqtc"),
    "p_axis": ("pfrontaxis",),
    "qrs_axis": ("qrsfrontaxis",),
    "t_axis": ("tfrontaxis",),
}
_MICROVOLT_PER_MILLIVOLT = 1000.0
_LEADS_THAT_CANNOT_AGREE = 3  # over a whole pulse, unless they record none of the patient
_SHORTEST_PULSE_S = 0.05
_PULSE_TOLERANCE = 0.02


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """What the file says of its waveform before the samples."""

    leads: tuple[str, ...]
    sampling_hz: float
    n_samples: int
    microvolts: float  # per step
    offset: int
    compression: str  # "" or as written


@dataclass(frozen=True, kw_only=True)
class PhilipsXmlReader:
    """Philips ECG XML: the parsed waveforms, XLI compressed or not. The representative beats are left out.

    Where XLI is used, III, aVR, aVL and aVF are stored as what remains after their prediction from I and II, and are
    put together again in whole numbers. Carts write a calibration pulse behind the recording: a stretch in which all
    leads are the same, 0 but for one block of 1 mV. It is no ECG and is cut off, with the zeros around it.
    """

    name: ClassVar[str] = "philips-xml"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether the root element is restingecgdata."""
        return path.is_file() and root_name(path) == "restingecgdata"

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses."""
        return keys_of(lambda: self.read(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """Whose test it is and when, sex, age, device, filters in Hz, size of the waveform."""
        root = read_xml(path)
        stored = _stored(root, _layout(root, path), path)
        taken, patient = root.find("dataacquisition"), "patient/generalpatientdata/"
        day = dicom_date(taken.get("date", "")) if taken is not None else ""
        time = dicom_time(taken.get("time", "")) if taken is not None else ""
        signal = "dataacquisition/signalcharacteristics/"
        band = text_at(root, signal + "signalbandwidth").partition("-")
        found = {
            "PatientID": text_at(root, patient + "patientid", patient + "MRN"),
            "PatientSex": dicom_sex(text_at(root, patient + "sex")),
            "PatientAge": dicom_age(text_at(root, patient + "age/years"), "Y"),
            "StudyDate": day,
            "AcquisitionDateTime": day + time if day else "",
            "Manufacturer": "Philips",
            "ManufacturerModelName": text_at(root, "dataacquisition/machine"),
            "SamplingFrequency": f"{stored.sampling_hz:g}",
            "NumberOfWaveformSamples": str(len(stored.digital)),
            "NumberOfWaveformChannels": str(len(stored.leads)),
            "FilterLowFrequency": text_at(root, signal + "hipass") or band[0],
            "FilterHighFrequency": text_at(root, signal + "lowpass") or band[2],
            "NotchFilterFrequency": text_at(root, signal + "acsetting"),
        }
        filters = {keyword for keyword in found if "Filter" in keyword and number(found[keyword]) is None}
        born = dicom_date(text_at(root, patient + "age/dateofbirth"))
        return facts({keyword: text for keyword, text in found.items() if keyword not in filters}, born=born)

    def persons(self, path: Path) -> Sequence[str]:
        """All that is said of the patient, and the names of whoever ordered, recorded and read the test."""
        return texts_below(
            read_xml(path), "generalpatientdata", "orderer", "operator", ending=("lastname", "firstname")
        )

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The waveform in millivolt, leads in the order of the file.

        Raises InputFileError if it is missing, of another version or compression, or its counts disagree.
        """
        root = read_xml(path)
        layout = _layout(root, path)
        version = text_at(root, "documentinfo/documentversion")
        stored = _stored(root, layout, path)
        how = f" {layout.compression}" if layout.compression else ""
        how += " (calibration pulse cut off)" if len(stored.digital) < layout.n_samples else ""
        decoder = f"Philips XML {version}{how} numpy {package_version('numpy')}"
        return (), signals_of(stored), (decoder,)

    def report(self, path: Path) -> EcgReport:
        """Statements with their codes: the analysis program's own where the file keeps them, and as they stand.

        As they stand they are confirmed if the signature line or the status of the file says so, else the machine's.
        Of several interpretations the latest counts. The reason beside a statement is left out.
        """
        root = read_xml(path)
        interpretations = list(root.iter("interpretation"))
        latest = max(interpretations, key=lambda one: (one.get("date", ""), one.get("time", "")), default=None)
        if latest is None:
            return EcgReport()
        line = signed(text_at(latest, "mdsignatureline"))
        status = root.get("status", "").strip().lower()
        is_confirmed = line if line is not None else {"confirmed": True, "unconfirmed": False}.get(status)
        source: Source = "confirmed" if is_confirmed else "machine" if is_confirmed is False else "unknown"
        machine = tuple(_analysis(latest)) if is_confirmed is not False else ()  # else those that stand are its own
        current = tuple(_statements(latest, source))
        return EcgReport(
            statements=without_repeats((*machine, *current)),
            measurements=measurements_of(_measured(latest, root)),
            is_confirmed=is_confirmed,
        )

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """A WFDB record of what ``read`` gives: whole numbers, gains, rate and leads, nothing else."""
        root = read_xml(path)
        return copy_of(_stored(root, _layout(root, path), path), folder, name)


# ------------------------------------------------------------------------------------------------------- the waveform


def _waveforms(root: Element, path: Path) -> Element:
    found = root.find("waveforms/parsedwaveforms")
    if root.tag != "restingecgdata" or found is None:
        raise fault(path, "ecg_waveform_missing")
    return found


def _layout(root: Element, path: Path) -> _Layout:
    """Attributes of the waveform go before the characteristics of the acquisition: 1.04 has both, 1.03 the latter."""
    if not _VERSION.match(text_at(root, "documentinfo/documentversion")):
        raise fault(path, "waveform_kind_unknown")
    waves, signal = _waveforms(root, path), "dataacquisition/signalcharacteristics/"

    def stated(attribute: str, *places: str) -> str:
        return (waves.get(attribute) or "").strip() or text_at(root, *(signal + place for place in places))

    hz = number(stated("samplespersecond", "samplingrate"))
    milliseconds = number(stated("durationperchannel"))
    if hz is None or not 0 < hz <= 1e6 or milliseconds is None or not 0 < milliseconds <= 1e9:
        raise fault(path, "ecg_rate_unknown")
    microvolts = number(stated("resolution", "resolution", "signalresolution"))
    offset = whole(stated("signaloffset", "signaloffset") or "0")
    if microvolts is None or microvolts <= 0 or offset is None:
        raise fault(path, "ecg_scale_unknown")
    bits = (
        waves.get("bitspersample") or waves.get("nbitspersample") or text_at(root, signal + "bitspersample")
    ).strip()
    if (bits or "16") != "16" or stated("signalsigned", "signalsigned").lower() == "false":
        raise fault(path, "waveform_kind_unknown")
    leads, n_samples = _leads(root, waves, path), round(hz * milliseconds / 1000)
    check_size(n_samples, len(leads), path)
    return _Layout(
        leads=leads,
        sampling_hz=hz,
        n_samples=n_samples,
        microvolts=microvolts,
        offset=offset,
        compression=_compression(waves),
    )


def _leads(root: Element, waves: Element, path: Path) -> tuple[str, ...]:
    labels = (waves.get("leadlabels") or "").split()
    stated = whole(waves.get("numberofleads") or "")
    if labels:
        if stated is not None and not 0 < stated <= len(labels):
            raise fault(path, "ecg_counts_differ")
        return tuple(labels[:stated])
    signal = "dataacquisition/signalcharacteristics/"
    count = whole(text_at(root, signal + "numberchannelsallocated"))
    if count is None or not 0 < count <= len(_STANDARD):
        raise fault(path, "ecg_counts_differ")
    if text_at(root, signal + "acquisitiontype").upper() in _NAMED_BY_PLACE:
        return _STANDARD[:count]
    return tuple(f"channel {place}" for place in range(1, count + 1))


def _compression(waves: Element) -> str:
    written = (waves.get("compressmethod") or waves.get("compression") or "").strip()
    is_plain = written.lower() in ("", "uncompressed", "none") or waves.get("compressflag", "").lower() == "false"
    return "" if is_plain else written


def _stored(root: Element, layout: _Layout, path: Path) -> StoredEcg:
    waves = _waveforms(root, path)
    if (waves.get("dataencoding") or "").lower() != "base64" or layout.compression not in ("", "XLI"):
        raise fault(path, "ecg_compression_unknown")
    data = bytes_of_base64(waves.text or "", path)
    n_samples, n_leads = layout.n_samples, len(layout.leads)
    if layout.compression:
        try:
            digital = unpacked_leads(data, n_samples, n_leads)
        except ValueError as error:
            raise fault(path, "ecg_samples_damaged") from error
        digital = _put_together(digital, layout.leads, path)
    else:
        if len(data) != 2 * n_samples * n_leads:
            raise fault(path, "ecg_counts_differ")
        digital = np.frombuffer(data, dtype="<i2").reshape(n_leads, n_samples).T.astype(np.int64)
    digital = digital[: _recorded(digital - layout.offset, layout)]
    stored = StoredEcg(
        digital=digital,
        is_valid=np.ones(digital.shape, dtype=bool),
        gains=(_MICROVOLT_PER_MILLIVOLT / layout.microvolts,) * n_leads,
        baselines=(layout.offset,) * n_leads,
        sampling_hz=layout.sampling_hz,
        leads=layout.leads,
    )
    return checked(stored, path)


def _recorded(values: NDArray[np.int64], layout: _Layout) -> int:
    """How many samples there are before a calibration pulse; all where there is none."""
    differs = np.flatnonzero((values != values[:, :1]).any(axis=1))
    begin = int(differs[-1]) + 1 if len(differs) else 0
    level = _MICROVOLT_PER_MILLIVOLT / layout.microvolts
    tail = values[begin:, 0]
    pulse = np.flatnonzero(tail)
    if values.shape[1] < _LEADS_THAT_CANNOT_AGREE or not begin or len(pulse) < _SHORTEST_PULSE_S * layout.sampling_hz:
        return len(values)
    is_one_block = int(pulse[-1] - pulse[0]) + 1 == len(pulse)
    is_one_level = bool((np.abs(tail[pulse] - level) <= _PULSE_TOLERANCE * level).all())
    return begin if is_one_block and is_one_level else len(values)


def _put_together(stored: NDArray[np.int64], leads: Sequence[str], path: Path) -> NDArray[np.int64]:
    """III, aVR, aVL and aVF from their prediction and what remained of them, rounded down as the device does."""
    if tuple(leads[:6]) != _STANDARD[:6]:
        if set(_DIFFERENCES) & set(leads):  # they stand elsewhere: which prediction holds is not known
            raise fault(path, "ecg_compression_unknown")
        return stored
    values = stored.copy()
    one, two = values[:, 0], values[:, 1]
    values[:, 2] = two - one - stored[:, 2]
    values[:, 3] = -stored[:, 3] - (one + two) // 2
    values[:, 4] = (one - values[:, 2]) // 2 - stored[:, 4]
    values[:, 5] = (two + values[:, 2]) // 2 - stored[:, 5]
    return values


# ----------------------------------------------------------------------------------------------------- what is stated


def _statements(interpretation: Element, source: Source) -> Iterator[EcgStatement]:
    """The statements as they stand, and the verdict on the whole ECG without the dashes around it."""
    for one in interpretation.findall("statement"):
        text, code = text_at(one, "leftstatement"), text_at(one, "statementcode")
        if is_statement(text):
            yield statement(text, source, code=code, scheme="PHILIPS")
    severity = interpretation.find("severity")
    verdict = "" if severity is None else (severity.text or "").strip(" -\r\n\t")
    if severity is not None and is_statement(verdict):
        yield statement(verdict, source, code=severity.get("code", "").strip(), scheme="PHILIPS")


def _analysis(interpretation: Element) -> Iterator[EcgStatement]:
    """What the analysis program said before anybody edited it; statements on quality are not about the heart."""
    for one in interpretation.iter("codedstatement"):
        original = one.find("unparsedstatement")
        if original is None or one.get("source", "").lower() != "analysis program":
            continue
        text = text_at(original, "lhsstatement")
        if is_statement(text):
            yield statement(text, "machine", code=original.get("code", "").strip(), scheme="PHILIPS")


def _measured(interpretation: Element, root: Element) -> Mapping[str, float | None]:
    """Of the interpretation; where it has none of a name, of the measurements it was made from."""
    places = [interpretation.find("globalmeasurements"), interpretation.find("interpretationmeasurements")]
    places += [root.find("measurements/globalmeasurements"), root.find("internalmeasurements/crossleadmeasurements")]
    there = [place for place in places if place is not None]
    return {
        name: next((value for place in there if (value := number(text_at(place, *tags))) is not None), None)
        for name, tags in _MEASURED.items()
    }


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [PhilipsXmlReader]
