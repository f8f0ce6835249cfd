import numpy as np
import pytest
from pydicom import Dataset

from dmn_bench.errors import InputFileError
from dmn_bench.inputs.dicom_ecg import DicomEcgReader, register_readers
from dmn_bench.inputs.dicom_image import DicomImageReader

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
