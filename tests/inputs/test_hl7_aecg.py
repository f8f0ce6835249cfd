import numpy as np
import pytest

from dmn_bench.inputs.hl7_aecg import Hl7AecgReader, register_readers
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import ReaderChecks

from .vendor_ecg_factories import (
    SECRETS,
    TWELVE,
    a_quantity,
    a_sequence,
    a_sequence_set,
    a_series,
    an_aecg,
    an_annotation,
    an_annotation_set,
    some_samples,
    written,
)

READER = Hl7AecgReader()
DEVICE = "<assignedDevice><manufacturerModelName>ELI</manufacturerModelName></assignedDevice>"
PERSON = "<assignedPerson><name>DULCINEA</name></assignedPerson>"
STATEMENT, COMMENT = "MDC_ECG_INTERPRETATION_STATEMENT", "MDC_ECG_INTERPRETATION_COMMENT"
ONE_LEAD = a_sequence_set(a_sequence("II", [1, 2, 3]))


class TestAecgFiles(ReaderChecks):
    def reader(self):
        return READER

    def copy_reader(self):
        return WfdbReader()

    def write(self, folder):
        return an_aecg(folder / "cart0815.xml")

    def secrets(self):
        return SECRETS


def text(words):
    return f'<value xsi:type="ST">{words}</value>'


def key_of(path):
    (key,) = READER.problems(path)
    return key


def test_leads_come_in_the_order_of_the_file_in_millivolt(tmp_path):
    leads = ("I", "II", "V1", "V6", "III", "aVR")
    values = some_samples(n_leads=6)
    signals = READER.read(an_aecg(tmp_path / "e.xml", samples=values, leads=leads))[1]
    assert signals.leads == leads
    assert signals.sampling_hz == 500
    np.testing.assert_allclose(signals.samples, values * 0.0025, rtol=0, atol=1e-12)
    assert register_readers() == [Hl7AecgReader]


@pytest.mark.parametrize(
    ("unit", "scale", "origin", "expected"),
    [
        ("uV", "5", "0", [0.005, -0.01]),
        ("mV", "0.005", "1", [1.005, 0.99]),
        ("nV", "500", "-250", [0.00025, -0.00125]),
        ("V", "0.001", "0", [1, -2]),
        ("uV", "-5", "0", [-0.005, 0.01]),
        ("uV", "3", "1", None),  # an origin of a third of a step: no whole numbers hold both
    ],
)
def test_origin_and_scale_are_applied_in_their_unit(tmp_path, unit, scale, origin, expected):
    lead = a_sequence("I", [1, -2], origin=origin, scale=scale, unit=unit)
    path = an_aecg(tmp_path / "e.xml", a_series(a_sequence_set(lead)))
    if expected is None:
        assert key_of(path) == "inputs.ecg_scale_unknown"
        return
    assert READER.read(path)[1].samples[:, 0] == pytest.approx(expected)
    copy = READER.deidentified_copy(path, tmp_path, "image-1")[0]
    assert np.array_equal(WfdbReader().read(copy)[1].samples, READER.read(path)[1].samples)


@pytest.mark.parametrize(("increment", "unit", "hz"), [("0.004", "s", 250), ("2", "ms", 500), ("1000", "us", 1000)])
def test_the_rate_follows_from_the_increment_and_its_unit(tmp_path, increment, unit, hz):
    sets = a_sequence_set(a_sequence("I", [1, 2]), increment=increment, unit=unit)
    assert READER.read(an_aecg(tmp_path / "e.xml", a_series(sets)))[1].sampling_hz == pytest.approx(hz)


def test_leads_recorded_one_after_the_other_are_nan_elsewhere(tmp_path):
    first = a_sequence_set(a_sequence("I", [1, 2]), a_sequence("V1", [9, 9]), head="19890302070509.000")
    second = a_sequence_set(a_sequence("II", [3, 4]), a_sequence("V1", [8, 8]), head="19890302070509.006")
    path = an_aecg(tmp_path / "e.xml", a_series(first, second))
    signals = READER.read(path)[1]
    assert signals.leads == ("I", "V1", "II")
    steps = np.round(signals.samples / 0.0025, 9)
    np.testing.assert_array_equal(steps[:, 0], [1, 2, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(steps[:, 1], [9, 9, np.nan, 8, 8])
    np.testing.assert_array_equal(steps[:, 2], [np.nan, np.nan, np.nan, 3, 4])
    copy = READER.deidentified_copy(path, tmp_path, "image-1")[0]
    assert np.array_equal(WfdbReader().read(copy)[1].samples, signals.samples, equal_nan=True)


def test_parts_by_relative_time_are_put_on_one_clock(tmp_path):
    parts = [a_sequence_set(a_sequence(lead, [1, 2]), head=head) for lead, head in (("I", "0.000"), ("II", "0.004"))]
    signals = READER.read(an_aecg(tmp_path / "e.xml", a_series(*parts)))[1]
    assert np.isnan(signals.samples).tolist() == [[False, True]] * 2 + [[True, False]] * 2


def test_other_series_than_the_rhythm_are_left_out(tmp_path):
    beat = a_series(a_sequence_set(a_sequence("II", [7] * 9)), code="REPRESENTATIVE_BEAT")
    derived = f"<derivation><derivedSeries>{a_sequence_set(a_sequence('II', [7] * 9))}</derivedSeries></derivation>"
    path = an_aecg(tmp_path / "e.xml", beat, a_series(ONE_LEAD, more=derived))
    assert READER.read(path)[1].samples.shape == (3, 1)


def sequence(words):
    return a_sequence("I", []).replace("<digits></digits>", f"<digits>{words}</digits>")


@pytest.mark.parametrize(
    ("series", "key"),
    [
        ([a_series(code="RHYTHM")], "inputs.ecg_waveform_missing"),
        ([a_series(ONE_LEAD, code="REPRESENTATIVE_BEAT")], "inputs.ecg_waveform_missing"),
        ([a_series(ONE_LEAD)] * 2, "inputs.several_recordings"),
        ([a_series(a_sequence_set(sequence("")))], "inputs.ecg_waveform_missing"),
        ([a_series(a_sequence_set(sequence("1 2.5")))], "inputs.ecg_samples_damaged"),
        ([a_series(a_sequence_set(sequence("1 x")))], "inputs.ecg_samples_damaged"),
        ([a_series(a_sequence_set(sequence("9" * 30)))], "inputs.ecg_samples_damaged"),
        ([a_series(a_sequence_set(sequence("9" * 5000)))], "inputs.ecg_samples_damaged"),
        ([a_series(a_sequence_set(a_sequence("I", [1], unit="mm[Hg]")))], "inputs.unit_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1], scale="NaN")))], "inputs.ecg_scale_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1], scale="0")))], "inputs.ecg_scale_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1], scale="1e300")))], "inputs.ecg_scale_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1], origin="inf")))], "inputs.ecg_scale_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1], origin="1e300")))], "inputs.ecg_scale_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1]), increment="0"))], "inputs.ecg_rate_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1]), increment="-0.002"))], "inputs.ecg_rate_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1]), increment="1e-300"))], "inputs.ecg_rate_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1]), increment="inf"))], "inputs.ecg_rate_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1]), unit="uV"))], "inputs.ecg_rate_unknown"),
        ([a_series(a_sequence_set(a_sequence("I", [1]), a_sequence("I", [2])))], "inputs.ecg_lead_twice"),
        ([a_series(ONE_LEAD, ONE_LEAD)], "inputs.ecg_leads_overlap"),
        (
            [a_series(ONE_LEAD, a_sequence_set(a_sequence("I", [1]), increment="0.004"))],
            "inputs.ecg_rate_unknown",
        ),
        (
            [a_series(ONE_LEAD, a_sequence_set(a_sequence("I", [1]), head="19890302090509.000"))],
            "inputs.ecg_counts_differ",
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, series, key):
    assert key_of(an_aecg(tmp_path / "e.xml", *series)) == key


def test_a_sequence_without_clock_is_refused(tmp_path):
    lead = f"<component><sequenceSet>{a_sequence('I', [1])}</sequenceSet></component>"
    assert key_of(an_aecg(tmp_path / "e.xml", a_series(lead))) == "inputs.ecg_rate_unknown"


def test_a_file_of_another_root_is_refused_by_read(tmp_path):
    path = written(tmp_path / "e.xml", "<!DOCTYPE AnnotatedECG SYSTEM 'a.dtd'><RestingECG/>")
    assert READER.recognises(path)  # by what its document type says
    assert key_of(path) == "inputs.xml_damaged"


def test_the_header_says_who_when_and_what_but_no_name_nor_birthday(tmp_path):
    assert dict(READER.header(an_aecg(tmp_path / "e.xml"))) == {
        "Modality": "ECG",
        "PatientID": "77123",
        "PatientSex": "F",
        "PatientAge": "057Y",
        "StudyDate": "19890302",
        "AcquisitionDateTime": "19890302070509",
        "Manufacturer": "Windmill",
        "ManufacturerModelName": "ELI",
        "SamplingFrequency": "500",
        "NumberOfWaveformSamples": "40",
        "NumberOfWaveformChannels": str(len(TWELVE)),
    }


def reported(tmp_path, *sets):
    return READER.report(an_aecg(tmp_path / "e.xml", a_series(ONE_LEAD, more="".join(sets))))


def said(report):
    return [(one.source, one.text, one.code) for one in report.statements]


def test_statements_come_from_the_machine_or_from_a_person(tmp_path):
    machine = an_annotation_set(an_annotation(STATEMENT, text("Sinus rhythm")), author=DEVICE)
    rhythm = '<value xsi:type="CE" code="MDC_ECG_RHY_ATR_FIB" displayName="Atrial fibrillation"/>'
    person = an_annotation_set(an_annotation("MDC_ECG_RHY", rhythm), author=PERSON)
    report = reported(tmp_path, machine, person)
    assert report.is_confirmed is True
    assert said(report) == [
        ("machine", "Sinus rhythm", ""),
        ("confirmed", "Atrial fibrillation", "MDC_ECG_RHY_ATR_FIB"),
    ]
    assert report.statements[1].scheme == "MDC"
    assert reported(tmp_path, machine).is_confirmed is None
    waves_only = an_annotation_set(a_quantity("MDC_ECG_TIME_PD_QT", 400, "ms"), author=PERSON)
    assert reported(tmp_path, machine, waves_only).is_confirmed is None


def test_a_comment_says_whether_anybody_confirmed(tmp_path):
    def with_comment(words):
        statement = an_annotation(STATEMENT, text("ECG limite"))
        return reported(tmp_path, an_annotation_set(statement, an_annotation(COMMENT, text(words))))

    unsigned = with_comment("Diagnostic non confirmé.")
    assert (unsigned.is_confirmed, said(unsigned)) == (False, [("machine", "ECG limite", "")])
    signed = with_comment("Confirmé par Dr QUIXANO")
    assert (signed.is_confirmed, said(signed)) == (True, [("confirmed", "ECG limite", "")])
    other = with_comment("A chaud")
    assert (other.is_confirmed, said(other)) == (None, [("unknown", "ECG limite", "")])


def test_measurements_are_those_of_the_recording_then_of_the_representative_beat_then_of_agreeing_beats(tmp_path):
    def beat(qt, qrs):
        inner = a_quantity("MDC_ECG_TIME_PD_QT", qt, "ms") + a_quantity("MDC_ECG_TIME_PD_QRS", qrs, "ms")
        return an_annotation("MDC_ECG_BEAT", "", inner)

    beats = an_annotation_set(beat(400, 90), beat(404, 90))
    assert {name: one.value for name, one in reported(tmp_path, beats).measurements.items()} == {"qrs_duration": 90}
    derived = an_annotation_set(beat(402, 91))
    derived = f"<derivation><derivedSeries>{derived}</derivedSeries></derivation>"
    found = reported(tmp_path, beats, derived).measurements
    assert {name: one.value for name, one in found.items()} == {"qt_interval": 402, "qrs_duration": 91}
    whole = an_annotation_set(
        a_quantity("MDC_ECG_TIME_PD_QT", 0.41, "s"),
        a_quantity("MDC_ECG_HEART_RATE", 57, "bpm"),
        a_quantity("MDC_ECG_TIME_PD_PR", 0, "ms"),
        a_quantity("MDC_ECG_ANGLE_P_FRONT", 40, "furlong"),
    )
    found = reported(tmp_path, whole, beats, derived).measurements
    assert {name: one.value for name, one in found.items()} == {
        "heart_rate": 57,
        "qrs_duration": 91,
        "qt_interval": pytest.approx(410),
    }
