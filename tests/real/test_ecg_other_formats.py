"""EDF, ISHNE, DICOM and tables of samples, sample by sample beside other programs, on real signals."""

import warnings
from importlib.util import find_spec

import numpy as np
import pydicom
import pytest

from dmn_bench.inputs.csv_ecg import CsvEcgReader
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.edf import EdfReader, read_edf_annotations
from dmn_bench.inputs.ishne import IshneReader
from dmn_bench.inputs.signal_quality import signal_columns, signal_quality
from dmn_bench.inputs.wfdb_record import WfdbReader, read_annotations
from tests.inputs.ecg_factories import an_ishne
from tests.shared_data import shared_data

MINUTE = 60 * 360


def needs(package):
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed")


@pytest.fixture(scope="module")
def mitdb():
    return shared_data("ecg/mitdb")


@pytest.fixture(scope="module")
def signals(mitdb):
    return WfdbReader().read(mitdb / "203")[1].samples[:MINUTE]


@needs("edfio")
@needs("pyedflib")
@pytest.mark.parametrize("form", ["EDF", "BDF"])
def test_files_of_another_program_are_read_as_two_others_read_them(tmp_path, signals, form):
    import edfio
    import pyedflib

    signal = {"EDF": edfio.EdfSignal, "BDF": edfio.BdfSignal}[form]
    whole = {"EDF": edfio.Edf, "BDF": edfio.Bdf}[form]
    path = tmp_path / f"a.{form.lower()}"
    made = [
        signal(signals[:, 0], 360, label="ECG MLII", physical_dimension="mV", physical_range=(-7, 9)),
        signal(signals[:, 1] * 1000, 360, label="ECG V1", physical_dimension="uV", physical_range=(-9000, 9001)),
        signal(np.linspace(90, 99, 60), 1, label="SaO2", physical_dimension="%", physical_range=(0, 100)),
    ]
    notes = [edfio.EdfAnnotation(1.5, None, "V"), edfio.EdfAnnotation(2, None, "(AFIB")]
    whole(made, patient=edfio.Patient(name="Prenomtest_Nomfaux", sex="F"), annotations=notes).write(path)
    reader = EdfReader()
    assert reader.problems(path) == ()
    assert reader.left_out(path) == ("SaO2",)
    found = reader.read(path)[1]
    assert (found.leads, found.sampling_hz) == (("MLII", "V1"), 360.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = pyedflib.EdfReader(str(path))
        theirs = np.column_stack([other.readSignal(0), other.readSignal(1) / 1000])
        other.close()
    again = {"EDF": edfio.read_edf, "BDF": edfio.read_bdf}[form](path)
    assert np.abs(found.samples - theirs).max() < 2e-9
    assert np.abs(found.samples[:, 0] - again.signals[0].data).max() < 2e-9
    beats = read_edf_annotations(path)
    assert (beats.samples.tolist(), beats.symbols) == ([540, 720], ("V", "+"))
    copy = reader.deidentified_copy(path, tmp_path / "out", "record-1")
    assert np.array_equal(WfdbReader().read(copy[0])[1].samples, found.samples)
    assert not any(b"Nomfaux" in file.read_bytes() for file in copy)


@needs("pyedflib")
def test_files_of_pyedflib_are_read(tmp_path, signals):
    import pyedflib

    path = tmp_path / "a.edf"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        writer = pyedflib.EdfWriter(str(path), 2, file_type=pyedflib.FILETYPE_EDFPLUS)
        writer.setSignalHeaders(
            [
                {
                    "label": label,
                    "dimension": "mV",
                    "sample_frequency": 360,
                    "physical_min": -10.0,
                    "physical_max": 10.0,
                    "digital_min": -32768,
                    "digital_max": 32767,
                    "transducer": "",
                    "prefilter": "",
                }
                for label in ("MLII", "V1")
            ]
        )
        writer.setSex(0)
        writer.writeSamples([np.ascontiguousarray(signals[:, 0]), np.ascontiguousarray(signals[:, 1])])
        writer.close()
        other = pyedflib.EdfReader(str(path))
        theirs = np.column_stack([other.readSignal(0), other.readSignal(1)])
        other.close()
    assert np.abs(EdfReader().read(path)[1].samples - theirs).max() < 1e-12
    assert EdfReader().header(path)["PatientSex"] == "F"


def test_a_real_recording_comes_back_from_ishne_and_from_a_table(tmp_path, signals):
    stored = np.rint(signals / 0.005).astype(int)  # 200 steps for a millivolt, as it was digitised
    holter = an_ishne(tmp_path / "a.ecg", stored, codes=(6, 11), nanovolts=(5000, 5000), hz=360)
    assert np.allclose(IshneReader().read(holter)[1].samples, signals, rtol=0, atol=1e-12)
    table = tmp_path / "a.csv"
    rows = "".join(f"{k / 360:.4f};{a:.3f};{b:.3f}\n" for k, (a, b) in enumerate(signals)).replace(".", ",")
    table.write_text("# unit: mV\ntime_s;MLII;V1\n" + rows)
    found = CsvEcgReader().read(table)[1]
    assert found.sampling_hz == 360.0
    assert np.allclose(found.samples, signals, rtol=0, atol=1e-12)


def test_a_real_dicom_ecg_agrees_with_pydicom_and_says_what_the_cart_said(tmp_path):
    path = shared_data("ecg/formats/dicom/pydicom_waveform_ecg.dcm")
    reader = DicomEcgReader()
    found = reader.read(path)[1]
    assert np.abs(found.samples - pydicom.dcmread(path).waveform_array(0) / 1000).max() < 1e-12
    assert (found.samples.shape, found.sampling_hz) == ((10_000, 12), 1000.0)  # and not the median beat of 1.2 s
    report = reader.report(path)
    assert [statement.text for statement in report.statements] == ["RITMO SINUSALE", "ECG NORMALE"]
    measured = {name: measurement.value for name, measurement in report.measurements.items()}
    assert measured == {
        "pr_interval": 161,
        "qrs_duration": 75,
        "qt_interval": 368,
        "qtc_interval": 370,
        "p_axis": 74,
        "qrs_axis": 52,
        "t_axis": 57,
    }
    assert signal_columns(found)["lead_set"] == "12"
    (copy,) = reader.deidentified_copy(path, tmp_path, "record-1")
    assert np.array_equal(reader.read(copy)[1].samples, found.samples)


def test_the_strata_of_real_records_are_what_their_annotations_say(mitdb):
    expected = {"102": ("P", "yes", "V5,V2"), "203": ("AFIB", "no", "MLII,V1"), "101": ("N", "no", "MLII,V1")}
    for name, (rhythm, paced, leads) in expected.items():
        recording = WfdbReader().read(mitdb / name)[1]
        found = signal_columns(recording, read_annotations(mitdb / name, "atr"))
        assert (found["rhythm"], found["paced"], found["lead_set"]) == (rhythm, paced, leads)
        assert found["recording_hz"] == "360"
        assert min(signal_quality(recording)) > 0.3
