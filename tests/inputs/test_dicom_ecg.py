from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from dmn_bench.errors import InputFileError
from dmn_bench.hookspecs import ReportingReader
from dmn_bench.inputs.dicom_ecg import DicomEcgReader, register_readers
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.testing import ReaderChecks
from dmn_bench.vocabulary import EcgReport, EcgStatement, Measurement

from .ecg_factories import altered_everywhere, cut_everywhere
from .factories import an_ecg, an_image, saved

READER = DicomEcgReader()
SAMPLES = np.array([[0, 500], [-250, 1000]], dtype=np.int16)


def key_of(dataset, tmp_path):
    path = saved(dataset, tmp_path / "e.dcm")
    (key,) = READER.problems(path)
    with pytest.raises(InputFileError, match=key):
        READER.read(path)
    return key


def test_the_rhythm_is_read_in_millivolt(tmp_path):
    path = saved(an_ecg(SAMPLES), tmp_path / "e.dcm")
    assert READER.recognises(path)
    assert not DicomImageReader().recognises(path)
    images, signals, decoders = READER.read(path)
    assert images == ()
    assert signals.samples.tolist() == [[0.0, 1.0], [-0.5, 2.0]]  # 2 uV per step
    assert (signals.sampling_hz, signals.leads) == (500.0, ("I", "II"))
    assert decoders[0].startswith("1.2.840.10008.1.2.1 pydicom ")
    assert register_readers() == [DicomEcgReader]


def test_correction_factor_baseline_and_padding_are_applied(tmp_path):
    dataset = an_ecg(SAMPLES, unit="mV", WaveformPaddingValue=np.int16(-250).tobytes())
    dataset.WaveformSequence[0]["WaveformPaddingValue"].VR = "OW"
    channel = dataset.WaveformSequence[0].ChannelDefinitionSequence[1]
    channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = 0.5, 3
    signals = READER.read(saved(dataset, tmp_path / "e.dcm"))[1]
    assert np.isnan(signals.samples[1, 0])
    assert signals.samples[:, 1].tolist() == [503.0, 1003.0]


def test_the_median_beat_is_left_aside_wherever_it_stands(tmp_path):
    dataset = an_ecg(SAMPLES)
    median = an_ecg(SAMPLES * 0 + 7, MultiplexGroupLabel="MEDIAN BEAT").WaveformSequence[0]
    for groups in ([dataset.WaveformSequence[0], median], [median, dataset.WaveformSequence[0]]):
        other = an_ecg(SAMPLES)
        other.WaveformSequence = groups
        assert READER.read(saved(other, tmp_path / "e.dcm"))[1].samples[0, 1] == 1.0


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"NumberOfWaveformSamples": 3}, "inputs.waveform_cut"),
        ({"NumberOfWaveformSamples": 2_000_000_000}, "inputs.too_large"),
        ({"NumberOfWaveformChannels": 0}, "inputs.waveform_damaged"),
        ({"WaveformSampleInterpretation": "MB"}, "inputs.waveform_kind_unknown"),
        ({"SamplingFrequency": 0}, "inputs.waveform_damaged"),
    ],
)
def test_a_group_that_makes_no_sense_is_refused(tmp_path, changes, key):
    assert key_of(an_ecg(SAMPLES, **changes), tmp_path) == key


def test_a_unit_that_is_no_voltage_is_refused(tmp_path):
    assert key_of(an_ecg(SAMPLES, unit="mm[Hg]"), tmp_path) == "inputs.unit_unknown"


def test_a_channel_without_sensitivity_is_refused(tmp_path):
    dataset = an_ecg(SAMPLES)
    del dataset.WaveformSequence[0].ChannelDefinitionSequence[0].ChannelSensitivity
    assert key_of(dataset, tmp_path) == "inputs.waveform_damaged"


def test_a_waveform_object_without_waveform_says_so(tmp_path):
    dataset = an_ecg(SAMPLES)
    del dataset.WaveformSequence
    assert key_of(dataset, tmp_path) == "inputs.waveform_missing"
    assert not READER.recognises(saved(an_image(np.zeros((2, 2), dtype=np.uint8)), tmp_path / "i.dcm"))
    assert isinstance(dataset, Dataset)


AMBULATORY, GENERAL = "1.2.840.10008.5.1.4.1.1.9.1.3", "1.2.840.10008.5.1.4.1.1.9.1.2"
NOISE = np.random.default_rng(4).integers(-2000, 2000, (300, 2)).astype(np.int16)


def several(*groups, label=True, sop_class=AMBULATORY):
    """A DICOM object of several groups, each (samples, offset in ms, further attributes)."""
    datasets = [an_ecg(samples, **attributes) for samples, _, attributes in groups]
    whole = datasets[0]
    whole.file_meta.MediaStorageSOPClassUID = whole.SOPClassUID = sop_class
    items = [dataset.WaveformSequence[0] for dataset in datasets]
    for item, (_, offset, _) in zip(items, groups, strict=True):
        item.MultiplexGroupTimeOffset = offset
        if not label:
            del item.MultiplexGroupLabel
    whole.WaveformSequence = items
    return whole


class TestDicomEcgReader(ReaderChecks):
    def reader(self):
        return DicomEcgReader()

    def write(self, folder: Path) -> Path:
        dataset = several((NOISE, 0, {}), (NOISE, 2000, {}))
        dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Nomfaux^Prenomtest", "H4711", "19500301"
        dataset.WaveformSequence[0].ChannelDefinitionSequence[0].ChannelLabel = "Nomfaux"
        dataset.WaveformAnnotationSequence = [_said("Prenomtest Nomfaux fainted")]
        dataset.StudyDescription = "fainted"
        return saved(dataset, folder / "Nomfaux.dcm")

    def secrets(self):
        return (b"Nomfaux", b"Prenomtest", b"H4711", b"19500301", b"fainted")


def test_groups_that_follow_each_other_are_one_recording_with_gaps(tmp_path):
    path = saved(several((NOISE[:100], 0, {}), (NOISE[100:], 1000, {})), tmp_path / "e.dcm")
    for file in (path, READER.deidentified_copy(path, tmp_path / "out", "r")[0]):
        signals = READER.read(file)[1]
        assert signals.samples.shape == (700, 2)  # 1 s at 500 Hz, then 200 samples
        assert np.allclose(signals.samples[:100], NOISE[:100] * 0.002, rtol=0, atol=1e-12)
        assert np.isnan(signals.samples[100:500]).all()
        assert np.allclose(signals.samples[500:], NOISE[100:] * 0.002, rtol=0, atol=1e-12)


def test_leads_that_are_shown_in_turn_are_one_recording(tmp_path):
    first, second = (NOISE, 0, {"leads": ("I", "II")}), (NOISE, 600, {"leads": ("V1", "II")})
    signals = READER.read(saved(several(first, second, sop_class=GENERAL), tmp_path / "e.dcm"))[1]
    assert signals.leads == ("I", "II", "V1")
    assert np.isfinite(signals.samples).all(axis=0).tolist() == [False, True, False]
    assert np.isnan(signals.samples[300:, 0]).all()
    assert np.isnan(signals.samples[:300, 2]).all()


def test_offsets_that_were_rounded_leave_no_overlap(tmp_path):
    signals = READER.read(saved(several((NOISE, 0, {}), (NOISE, 599, {})), tmp_path / "e.dcm"))[1]
    assert np.isfinite(signals.samples).all()
    assert len(signals.samples) == 600


@pytest.mark.parametrize(
    ("second", "key"),
    [
        ((NOISE, 0, {}), "inputs.waveform_groups_overlap"),
        ((NOISE, 500, {}), "inputs.waveform_groups_overlap"),
        ((NOISE, 1000, {"SamplingFrequency": 250}), "inputs.waveform_several_rates"),
        ((NOISE, 10**15, {}), "inputs.waveform_damaged"),
        ((NOISE, 10**9, {}), "inputs.too_large"),
    ],
)
def test_rhythm_groups_that_do_not_fit_together_are_refused(tmp_path, second, key):
    assert key_of(several((NOISE, 0, {}), second), tmp_path) == key


def test_where_no_group_is_called_rhythm_the_first_counts_and_what_continues_it(tmp_path):
    dataset = several((NOISE, 0, {}), (NOISE + 1, 0, {}), (NOISE, 600, {}), label=False)
    signals = READER.read(saved(dataset, tmp_path / "e.dcm"))[1]
    assert np.array_equal(signals.samples[:300], signals.samples[300:])
    only_median = several((NOISE, 0, {"MultiplexGroupLabel": "MEDIAN BEAT"}))
    assert key_of(only_median, tmp_path) == "inputs.waveform_missing"


def test_a_lead_that_stands_twice_in_a_group_is_refused(tmp_path):
    assert key_of(an_ecg(NOISE, leads=("I", "Lead I")), tmp_path) == "inputs.waveform_groups_overlap"


def test_a_skewed_channel_begins_later(tmp_path):
    dataset = an_ecg(NOISE)
    first, second = dataset.WaveformSequence[0].ChannelDefinitionSequence
    first.ChannelSampleSkew = 0.4  # digitised a little later: no whole sample
    second.ChannelTimeSkew = 0.006
    path = saved(dataset, tmp_path / "e.dcm")
    for file in (path, READER.deidentified_copy(path, tmp_path / "out", "r")[0]):
        samples = READER.read(file)[1].samples
        assert samples.shape == (303, 2)
        assert np.isnan(samples[300:, 0]).all()
        assert np.isnan(samples[:3, 1]).all()
        assert np.allclose(samples[3:, 1], NOISE[:, 1] * 0.002, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kind", "dtype"), [("SB", "i1"), ("UB", "u1")])
def test_eight_bits_and_their_padding(tmp_path, kind, dtype):
    values = np.array([[0, 100], [7, 50], [127, 7]]).astype(dtype)
    dataset = an_ecg(NOISE[:3], WaveformBitsAllocated=8, WaveformSampleInterpretation=kind)
    group = dataset.WaveformSequence[0]
    del group.WaveformData
    group.add_new("WaveformData", "OB", values.tobytes())
    group.add_new("WaveformPaddingValue", "OB", b"\x07\0")
    path = saved(dataset, tmp_path / "e.dcm")
    for file in (path, READER.deidentified_copy(path, tmp_path / "out", "r")[0]):
        samples = READER.read(file)[1].samples
        assert samples[0].tolist() == pytest.approx([0, 0.2])
        assert np.isnan(samples[1, 0])
        assert np.isnan(samples[2, 1])


def _coded(value, scheme, meaning):
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _said(text):
    item = Dataset()
    item.UnformattedTextValue, item.ReferencedWaveformChannels = text, [1, 0]
    return item


def _measured(meaning, value, unit, code="0"):
    item = Dataset()
    item.ConceptNameCodeSequence = [_coded(code, "SCPECG" if code != "0" else "MDC", meaning)]
    item.NumericValue, item.ReferencedWaveformChannels = value, [1, 0]
    item.MeasurementUnitsCodeSequence = [_coded(unit, "UCUM", unit)]
    return item


def test_the_report_holds_statements_and_measurements_and_nobody(tmp_path):
    dataset = an_ecg(SAMPLES)
    dataset.PatientName, dataset.ReferringPhysicianName = "Nomfaux^Prenomtest", "Nomtest"
    finding = Dataset()
    finding.ConceptNameCodeSequence = [_coded("1", "DCM", "Finding")]
    finding.ConceptCodeSequence = [_coded("164889003", "SCT", "Atrial fibrillation")]
    finding.ModifierCodeSequence = [_coded("2", "AHA", "probable")]
    dataset.WaveformAnnotationSequence = [
        _said("RITMO  SINUSALE"),
        _said("RITMO SINUSALE"),
        _said("Compared with NOMFAUX of 02/03/2019"),
        _said("Confirmed by Dr Nomtest"),
        finding,
        _measured("PR Interval", 0.16, "s"),
        _measured("PR Interval", 170, "ms"),
        _measured("something in Italian", 75, "ms", code="5.13.5-9"),
        _measured("QT Interval", 0, "ms"),
        _measured("QRS Axis", -30, "deg"),
        _measured("Ventricular Heart Rate", 61, "/min"),
        _measured("P Axis", 61, "furlong"),
        _measured("Mood", 61, "deg"),
    ]
    path = saved(dataset, tmp_path / "e.dcm")
    assert isinstance(READER, ReportingReader)
    report = READER.report(path)
    assert report.statements == (
        EcgStatement(text="RITMO SINUSALE"),
        EcgStatement(text="Compared with … of …"),
        EcgStatement(text="Atrial fibrillation", code="164889003", scheme="SCT", modifiers=("2",)),
    )
    assert report.measurements == {
        "pr_interval": Measurement(value=160.0, unit="ms"),
        "qrs_duration": Measurement(value=75.0, unit="ms"),
        "qrs_axis": Measurement(value=-30.0, unit="deg"),
        "heart_rate": Measurement(value=61.0, unit="/min"),
    }
    assert READER.report(saved(an_ecg(SAMPLES), tmp_path / "e.dcm")) == EcgReport()


def test_cut_files_of_several_groups_are_refused(tmp_path):
    cut_everywhere(READER, saved(several((NOISE, 0, {}), (NOISE, 2000, {})), tmp_path / "e.dcm"))


def test_altered_bytes_of_several_groups_never_crash(tmp_path):
    path = saved(several((NOISE, 0, {}), (NOISE, 2000, {})), tmp_path / "e.dcm")
    altered_everywhere(READER, path, 1600)
