import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.inputs.philips_xli import unpacked, unpacked_leads
from dmn_bench.inputs.philips_xml import PhilipsXmlReader, register_readers
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import ReaderChecks

from .vendor_ecg_factories import (
    SECRETS,
    TWELVE,
    a_philips,
    a_philips_interpretation,
    lzw_packed,
    some_samples,
    written,
    xli_packed,
)

READER = PhilipsXmlReader()
VALUES = some_samples(n_leads=12)
SIGNED = "Confirmed by: QUIXANO, DULCINEA, MD 02-Mar-1989 07:15:13"


class TestPhilipsFiles(ReaderChecks):
    def reader(self):
        return READER

    def copy_reader(self):
        return WfdbReader()

    def write(self, folder):
        return a_philips(folder / "cart0815.xml")

    def secrets(self):
        return SECRETS


def key_of(path):
    (key,) = READER.problems(path)
    return key


@pytest.mark.parametrize("version", ["1.03", "1.04", "1.04.01"])
@pytest.mark.parametrize("compression", ["XLI", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_version_compressed_or_not_gives_the_same_samples(tmp_path, version, compression, encoding):
    path = a_philips(tmp_path / "e.xml", VALUES, version=version, compression=compression, encoding=encoding)
    assert READER.recognises(path)
    _, signals, decoders = READER.read(path)
    assert (signals.leads, signals.sampling_hz) == (TWELVE, 500)
    np.testing.assert_allclose(signals.samples, VALUES * 0.005, rtol=0, atol=1e-12)
    assert decoders[0].startswith(f"Philips XML {version}{' XLI' if compression else ''} numpy ")
    assert register_readers() == [PhilipsXmlReader]


def test_resolution_and_offset_are_applied(tmp_path):
    path = a_philips(tmp_path / "e.xml", VALUES, compression="", resolution="2.5", signaloffset="100")
    signals = READER.read(path)[1]
    np.testing.assert_allclose(signals.samples, (VALUES - 100.0) * 0.0025, rtol=0, atol=1e-12)


def with_a_pulse(level=200, at=50, n_pulse=60, odd=None):
    tail = np.zeros((150, 12), dtype=np.int16)
    tail[at : at + n_pulse] = level
    if odd is not None:
        tail[odd, 3] += 1
    return np.concatenate([VALUES, tail])


def test_a_calibration_pulse_behind_the_recording_is_cut_off(tmp_path):
    path = a_philips(tmp_path / "e.xml", with_a_pulse())
    _, signals, decoders = READER.read(path)
    np.testing.assert_allclose(signals.samples, VALUES * 0.005, rtol=0, atol=1e-12)
    assert "calibration pulse cut off" in decoders[0]
    assert READER.header(path)["NumberOfWaveformSamples"] == "40"


@pytest.mark.parametrize(
    "values",
    [
        with_a_pulse(level=100),
        with_a_pulse(n_pulse=5),
        with_a_pulse(odd=149),
        np.concatenate([VALUES, np.zeros((150, 12), dtype=np.int16)]),
        np.full((80, 12), 200, dtype=np.int16),
    ],
)
def test_whatever_is_no_calibration_pulse_stays(tmp_path, values):
    path = a_philips(tmp_path / "e.xml", values, compression="")
    assert READER.read(path)[1].samples.shape == values.shape


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"version": "2.0"}, "inputs.waveform_kind_unknown"),
        ({"version": ""}, "inputs.waveform_kind_unknown"),
        ({"bitspersample": 8}, "inputs.waveform_kind_unknown"),
        ({"signalsigned": "False"}, "inputs.waveform_kind_unknown"),
        ({"compression": "ZIP"}, "inputs.ecg_compression_unknown"),
        ({"dataencoding": "Hex"}, "inputs.ecg_compression_unknown"),
        ({"data": b"\0" * 100}, "inputs.ecg_samples_damaged"),
        ({"data": b""}, "inputs.ecg_samples_damaged"),
        ({"data": b"\0" * 100, "compression": ""}, "inputs.ecg_counts_differ"),
        ({"data": xli_packed(VALUES, TWELVE)[:-3]}, "inputs.ecg_samples_damaged"),
        ({"data": xli_packed(VALUES[:, :11], TWELVE[:11], spare=0)}, "inputs.ecg_samples_damaged"),
        ({"durationperchannel": 82}, "inputs.ecg_samples_damaged"),
        ({"durationperchannel": 78}, "inputs.ecg_samples_damaged"),
        ({"durationperchannel": 10**9}, "inputs.too_large"),
        ({"durationperchannel": 10**12}, "inputs.ecg_rate_unknown"),
        ({"durationperchannel": 0}, "inputs.ecg_rate_unknown"),
        ({"durationperchannel": 1}, "inputs.ecg_waveform_missing"),
        ({"samplespersecond": 0}, "inputs.ecg_rate_unknown"),
        ({"samplespersecond": "nan"}, "inputs.ecg_rate_unknown"),
        ({"resolution": 0}, "inputs.ecg_scale_unknown"),
        ({"resolution": "inf"}, "inputs.ecg_scale_unknown"),
        ({"resolution": "1e-300"}, "inputs.ecg_scale_unknown"),
        ({"signaloffset": "1e11"}, "inputs.ecg_samples_damaged"),
        ({"numberofleads": 13}, "inputs.ecg_counts_differ"),
        ({"numberofleads": 0}, "inputs.ecg_counts_differ"),
        ({"leadlabels": "I II III aVR aVL aVF V1 V1 V3 V4 V5 V6"}, "inputs.ecg_lead_twice"),
        ({"leadlabels": "I III II aVR aVL aVF V1 V2 V3 V4 V5 V6"}, "inputs.ecg_compression_unknown"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, changes, key):
    assert key_of(a_philips(tmp_path / "e.xml", VALUES, **changes)) == key


def test_no_waveform_and_no_base64_are_refused(tmp_path):
    path = a_philips(tmp_path / "e.xml", VALUES)
    text = path.read_text()
    data = base64.encodebytes(xli_packed(VALUES, TWELVE)).decode()
    assert key_of(written(tmp_path / "a.xml", text.replace(data, "%%%"))) == "inputs.ecg_samples_damaged"
    assert key_of(written(tmp_path / "b.xml", text.replace("parsedwaveforms", "p"))) == "inputs.ecg_waveform_missing"


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=1, max_size=3000))
def test_what_was_packed_is_unpacked(data):
    assert unpacked(lzw_packed(data), len(data)) == data


@settings(max_examples=60, deadline=None)
@given(runs=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 900)), min_size=1, max_size=8))
def test_long_runs_that_fill_the_table_are_unpacked(runs):
    data = b"".join(bytes([value]) * length for value, length in runs)
    assert unpacked(lzw_packed(data), len(data)) == data


def test_a_bomb_of_codes_ends_where_the_samples_end():
    bomb = lzw_packed(b"\0" * 200_000)
    with pytest.raises(ValueError, match="more bytes"):
        unpacked(bomb, 100)
    with pytest.raises(ValueError, match="fewer bytes"):
        unpacked(bomb, 300_000)
    with pytest.raises(ValueError, match="nothing yet"):
        unpacked(bytes([0b01000000, 0b01000000]), 10)


def test_values_wrap_at_16_bits_as_in_the_device():
    values = np.array([[32767], [-32768], [5], [-32768], [32767]])
    chunk = xli_packed(values, ("V1",), spare=0)
    assert unpacked_leads(chunk, 5, 1)[:, 0].tolist() == values[:, 0].tolist()


def test_the_header_says_who_when_and_what_but_no_name_nor_birthday(tmp_path):
    assert dict(READER.header(a_philips(tmp_path / "e.xml"))) == {
        "Modality": "ECG",
        "PatientID": "77123",
        "PatientSex": "F",
        "PatientAge": "057Y",
        "StudyDate": "19890302",
        "AcquisitionDateTime": "19890302070509",
        "Manufacturer": "Philips",
        "ManufacturerModelName": "PageWriter",
        "SamplingFrequency": "500",
        "NumberOfWaveformSamples": "40",
        "NumberOfWaveformChannels": "12",
        "FilterLowFrequency": "0.05",
        "FilterHighFrequency": "150",
    }


CODED = """<interpretationdatastructure><statementcomponents><codedstatement source="Analysis program">
<unparsedstatement code="AF"><lhsstatement>ATRIAL FIBRILLATION</lhsstatement></unparsedstatement></codedstatement>
<qualitystatement source="Analysis program"><unparsedstatement code="QMBW"><lhsstatement>BASELINE WANDER</lhsstatement>
</unparsedstatement></qualitystatement><codedstatement source="Editor"><unparsedstatement code="SR">
<lhsstatement>SINUS RHYTHM</lhsstatement></unparsedstatement></codedstatement></statementcomponents>
</interpretationdatastructure>"""


def reported(tmp_path, interpretation):
    report = READER.report(a_philips(tmp_path / "e.xml", interpretation=interpretation))
    return report.is_confirmed, [(one.source, one.code, one.text) for one in report.statements]


def test_unconfirmed_statements_are_the_machines(tmp_path):
    assert reported(tmp_path, a_philips_interpretation(("SR", "SINUS RHYTHM"), ("", " "))) == (
        False,
        [("machine", "SR", "SINUS RHYTHM"), ("machine", "AB", "ABNORMAL ECG")],
    )


def test_confirmed_statements_stand_beside_what_the_analysis_program_said(tmp_path):
    interpretation = a_philips_interpretation(("SR", "SINUS RHYTHM"), line=SIGNED, inner=CODED)
    assert reported(tmp_path, interpretation) == (
        True,
        [
            ("machine", "AF", "ATRIAL FIBRILLATION"),
            ("confirmed", "SR", "SINUS RHYTHM"),
            ("confirmed", "AB", "ABNORMAL ECG"),
        ],
    )


def test_the_latest_interpretation_counts_and_silence_is_unknown(tmp_path):
    old = a_philips_interpretation(("AF", "ATRIAL FIBRILLATION"), day="1989-03-01", line=SIGNED)
    new = a_philips_interpretation(("SR", "SINUS RHYTHM"), line="")
    assert reported(tmp_path, new + old) == (
        None,
        [("unknown", "SR", "SINUS RHYTHM"), ("unknown", "AB", "ABNORMAL ECG")],
    )
    assert reported(tmp_path, "") == (None, [])


def test_measurements_that_failed_are_none(tmp_path):
    measurements = READER.report(a_philips(tmp_path / "e.xml")).measurements
    assert {name: one.value for name, one in measurements.items()} == {
        "heart_rate": 61,
        "qrs_duration": 88,
        "qt_interval": 402,
        "qtc_interval": 411,
        "p_axis": 5,
        "qrs_axis": -12,
    }
