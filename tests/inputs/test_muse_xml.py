import numpy as np
import pytest

from dmn_bench.inputs.muse_xml import MuseXmlReader, register_readers
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import ReaderChecks

from .vendor_ecg_factories import EIGHT, SECRETS, TWELVE, a_diagnosis, a_muse, a_muse_wave, some_samples

READER = MuseXmlReader()
CONFIRMED = "Confirmed by QUIXANO MD, DULCINEA (77123) on 3/2/1989 7:05:09 AM"


class TestMuseFiles(ReaderChecks):
    def reader(self):
        return READER

    def write(self, folder):
        return a_muse(folder / "cart0815.xml", diagnoses=a_diagnosis("Diagnosis", "Sinus rhythm", CONFIRMED))

    def copy_reader(self):
        return WfdbReader()

    def secrets(self):
        return SECRETS


def the(signals, lead):
    return signals.samples[:, signals.leads.index(lead)]


def key_of(path):
    (key,) = READER.problems(path)
    return key


def test_eight_leads_become_twelve_in_the_usual_order(tmp_path):
    values = some_samples(n_leads=8)
    _, signals, decoders = READER.read(a_muse(tmp_path / "e.xml", values))
    assert signals.leads == TWELVE
    assert signals.sampling_hz == 500
    assert decoders[0].startswith("MUSE XML 16-bit (III, aVR, aVL, aVF computed from I and II) numpy ")
    millivolts = values * 0.00488
    for at, lead in enumerate(EIGHT):
        np.testing.assert_allclose(the(signals, lead), millivolts[:, at], rtol=0, atol=1e-12)
    one, two = millivolts[:, 0], millivolts[:, 1]
    for lead, expected in {
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
    }.items():
        np.testing.assert_allclose(the(signals, lead), expected, rtol=0, atol=1e-12)
    assert register_readers() == [MuseXmlReader]


def test_twelve_stored_leads_are_taken_as_they_are(tmp_path):
    values = some_samples(n_leads=12)
    _, signals, decoders = READER.read(a_muse(tmp_path / "e.xml", values, leads=TWELVE))
    assert signals.leads == TWELVE
    assert "computed" not in decoders[0]
    np.testing.assert_allclose(signals.samples, values * 0.00488, rtol=0, atol=1e-12)


def test_an_invalid_sample_is_nan_also_in_what_is_computed_from_it(tmp_path):
    values = some_samples(n_leads=8)
    values[5, 0] = -(2**15)
    values[6, 1] = 2**15 - 1  # saturated: stays as it is
    path = a_muse(tmp_path / "e.xml", values)
    signals = READER.read(path)[1]
    invalid = {signals.leads[place] for place in np.flatnonzero(np.isnan(signals.samples[5]))}
    assert invalid == {"I", "III", "aVR", "aVL", "aVF"}
    assert np.isnan(signals.samples).sum() == 5
    assert the(signals, "II")[6] == pytest.approx(32767 * 0.00488)
    copy = READER.deidentified_copy(path, tmp_path, "image-1")[0]
    assert np.array_equal(WfdbReader().read(copy)[1].samples, signals.samples, equal_nan=True)


def test_scale_unit_and_rate_are_those_of_the_file(tmp_path):
    values = some_samples(n_leads=8)
    lead = {"LeadAmplitudeUnits": "MILLIVOLTS", "LeadAmplitudeUnitsPerBit": 0.001}
    path = a_muse(tmp_path / "e.xml", values, lead=lead, SampleBase=1, SampleExponent=3)
    signals = READER.read(path)[1]
    assert signals.sampling_hz == 1000
    assert the(signals, "V6") == pytest.approx(values[:, 7] / 1000)
    assert READER.header(path)["SamplingFrequency"] == "1000"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"waves": ""}, "inputs.ecg_waveform_missing"),
        ({"waves": a_muse_wave(some_samples(), EIGHT, kind="Median")}, "inputs.ecg_waveform_missing"),
        ({"waves": a_muse_wave(some_samples(), EIGHT) * 2}, "inputs.several_recordings"),
        ({"waves": a_muse_wave(some_samples(), ())}, "inputs.ecg_waveform_missing"),
        ({"NumberofLeads": 9}, "inputs.ecg_counts_differ"),
        ({"SampleBase": 0}, "inputs.ecg_rate_unknown"),
        ({"SampleBase": "nan"}, "inputs.ecg_rate_unknown"),
        ({"SampleExponent": 99}, "inputs.ecg_rate_unknown"),
        ({"lead": {"LeadSampleCountTotal": 41}}, "inputs.ecg_counts_differ"),
        ({"lead": {"LeadByteCountTotal": 82}}, "inputs.ecg_counts_differ"),
        ({"lead": {"LeadSampleCountTotal": 10**9}}, "inputs.too_large"),
        ({"lead": {"LeadSampleCountTotal": -1}}, "inputs.ecg_waveform_missing"),
        ({"lead": {"WaveFormData": ""}}, "inputs.ecg_counts_differ"),
        ({"lead": {"WaveFormData": "%%%%"}}, "inputs.ecg_samples_damaged"),
        ({"lead": {"WaveFormData": "é"}}, "inputs.ecg_samples_damaged"),
        ({"lead": {"LeadAmplitudeUnits": "mmHg"}}, "inputs.unit_unknown"),
        ({"lead": {"LeadAmplitudeUnitsPerBit": "NaN"}}, "inputs.ecg_scale_unknown"),
        ({"lead": {"LeadAmplitudeUnitsPerBit": "0"}}, "inputs.ecg_scale_unknown"),
        ({"lead": {"LeadAmplitudeUnitsPerBit": "1e-320"}}, "inputs.ecg_scale_unknown"),
        ({"lead": {"LeadAmplitudeUnitsPerBit": "1e300"}}, "inputs.ecg_scale_unknown"),
        ({"lead": {"LeadSampleSize": 4}}, "inputs.waveform_kind_unknown"),
        ({"lead": {"LeadOffsetFirstSample": 7}}, "inputs.waveform_kind_unknown"),
        ({"lead": {"LeadID": "V1"}}, "inputs.ecg_lead_twice"),
        ({"lead": {"LeadDataCRC32": 1}}, "inputs.ecg_checksum_differs"),
        ({"prolog": '<!DOCTYPE RestingECG [<!ENTITY a "b">]>'}, "inputs.xml_forbidden"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, changes, key):
    assert key_of(a_muse(tmp_path / "e.xml", **changes)) == key


def test_a_wrong_checksum_is_a_problem_but_does_not_stop_reading(tmp_path):
    path = a_muse(tmp_path / "e.xml", lead={"LeadDataCRC32": 1})
    assert READER.read(path)[1] is not None


def test_the_header_says_who_when_and_what_but_no_name_nor_birthday(tmp_path):
    header = READER.header(a_muse(tmp_path / "e.xml"))
    assert dict(header) == {
        "Modality": "ECG",
        "PatientID": "77123",
        "PatientAge": "057Y",
        "PatientSex": "F",
        "StudyDate": "19890302",
        "AcquisitionDateTime": "19890302070509",
        "ManufacturerModelName": "MAC55",
        "SamplingFrequency": "500",
        "NumberOfWaveformSamples": "40",
        "NumberOfWaveformChannels": "12",
    }


def said(path):
    report = READER.report(path)
    return report.is_confirmed, [(one.source, one.text) for one in report.statements]


def test_the_machine_and_the_confirmed_diagnosis_are_told_apart(tmp_path):
    diagnoses = a_diagnosis("OriginalDiagnosis", "Atrial fibrillation", "Abnormal ECG") + a_diagnosis(
        "Diagnosis", "Sinus rhythm", "Abnormal ECG", CONFIRMED, "Referred by: DULCINEA"
    )
    machine = [("machine", "Atrial fibrillation"), ("machine", "Abnormal ECG")]
    assert said(a_muse(tmp_path / "a.xml", diagnoses=diagnoses, status="Confirmed")) == (
        True,
        [*machine, ("confirmed", "Sinus rhythm"), ("confirmed", "Abnormal ECG")],
    )
    assert said(a_muse(tmp_path / "b.xml", diagnoses=diagnoses, status="Unconfirmed")) == (
        False,
        [*machine, ("unknown", "Sinus rhythm"), ("unknown", "Abnormal ECG")],
    )
    assert said(a_muse(tmp_path / "c.xml", diagnoses=diagnoses, status=""))[0] is True  # by the line of the signature


def test_a_diagnosis_that_nobody_edited_is_not_repeated(tmp_path):
    both = a_diagnosis("OriginalDiagnosis", "Sinus rhythm") + a_diagnosis("Diagnosis", "Sinus rhythm", "Unconfirmed")
    assert said(a_muse(tmp_path / "a.xml", diagnoses=both)) == (False, [("machine", "Sinus rhythm")])
    alone = a_diagnosis("Diagnosis", "Sinus rhythm")
    assert said(a_muse(tmp_path / "b.xml", diagnoses=alone)) == (False, [("machine", "Sinus rhythm")])
    assert said(a_muse(tmp_path / "c.xml", diagnoses=alone, status="")) == (None, [("unknown", "Sinus rhythm")])
    assert said(a_muse(tmp_path / "d.xml", status="")) == (None, [])


def test_lines_are_joined_up_to_the_end_of_the_line(tmp_path):
    part = "<DiagnosisStatement><StmtFlag>{}</StmtFlag><StmtText>{}</StmtText></DiagnosisStatement>"
    text = part.format("", "Anterior infarct") + part.format("ENDSLINE", ", age undetermined")
    path = a_muse(tmp_path / "e.xml", diagnoses=f"<OriginalDiagnosis>{text}</OriginalDiagnosis>")
    assert said(path)[1] == [("machine", "Anterior infarct , age undetermined")]


def pieces(*parts):
    """A diagnosis of pieces, each a text with its flags."""
    body = "".join(
        "<DiagnosisStatement>"
        + "".join(f"<StmtFlag>{flag}</StmtFlag>" for flag in flags)
        + f"<StmtText>{text}</StmtText></DiagnosisStatement>"
        for text, *flags in parts
    )
    return f"<Diagnosis>{body}</Diagnosis>"


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (
            [("Sinus rhythm", "ENDSLINE"), ("Cannot rule out",), ("Inferior infarct", "USERINSERT", "ENDSLINE")],
            ["Sinus rhythm", "Cannot rule out Inferior infarct"],
        ),
        ([("No", "USERINSERT"), ("atrial fibrillation", "ENDSLINE")], ["No atrial fibrillation"]),
        ([("Sinus rhythm",), ("Normal ECG",)], ["Sinus rhythm", "Normal ECG"]),
        ([("Sinus rhythm", "USERINSERT"), ("Normal ECG", "USERINSERT")], ["Sinus rhythm", "Normal ECG"]),
        ([("No evidence of",), ("atrial fibrillation",), ("LVH",)], ["No evidence of atrial fibrillation", "LVH"]),
        ([("LVH", "ENDSLINE"), ("Cannot rule out",)], ["LVH", "Cannot rule out"]),
    ],
)
def test_pieces_without_the_flag_belong_to_the_line_that_ends_after_them(tmp_path, parts, lines):
    path = a_muse(tmp_path / "e.xml", diagnoses=pieces(*parts), status="Confirmed")
    assert [text for _, text in said(path)[1]] == lines


def test_measurements_of_0_and_empty_ones_are_none(tmp_path):
    measurements = READER.report(a_muse(tmp_path / "e.xml")).measurements
    assert {name: (one.value, one.unit) for name, one in measurements.items()} == {
        "heart_rate": (61, "/min"),
        "qrs_duration": (88, "ms"),
        "qt_interval": (402, "ms"),
        "qtc_interval": (411, "ms"),
        "qrs_axis": (-12, "deg"),
        "t_axis": (31, "deg"),
    }
