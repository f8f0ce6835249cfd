"""What a candidate is given of a recording: the same samples as WFDB whatever the format, in the form it declares."""

import numpy as np
import pytest

from dmn_bench.errors import InputFileError, ReferenceSetError, RejectedInputError
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.requests import case_files, files_of, load_files
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import Case, SignalForm, Signals

from .factories import a_record, an_ecg, saved

READERS = (WfdbReader(), DicomEcgReader())
SAMPLES = np.array([[0, 200], [100, -400], [-32768, 17]], dtype=np.int16)


def a_case(*files):
    return Case(case_id="c01", patient_id="p01", exam_id="e01", laterality="", files=files, strata={})


def load(root, tmp_path, *files, receives="wfdb", form=None, readers=READERS):
    case = a_case(*files)
    found = case_files(case, root, readers)
    return load_files(case, found, receives=receives, request_id="q", scratch=tmp_path / "scratch", form=form)


def read(path, reader=READERS[0]):
    return reader.read(path)[1]


class Foreign:
    """A format of an extension, whose own copies are no WFDB and which is read piece by piece or not."""

    name = "foreign"
    gives = "signals"

    def __init__(self, *values):
        self.values = np.array(values, dtype=float).reshape(-1, 1)

    def recognises(self, path):
        return path.suffix == ".fgn"

    def header(self, path):
        return {}

    def read(self, path):
        return (), Signals(samples=self.values, sampling_hz=200.0, leads=("avf",)), ()

    def deidentified_copy(self, path, folder, name):
        copy = folder / f"{name}.fgn"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(b"of a person")
        return (copy,)


class ForeignInPieces(Foreign):
    def read(self, path):
        raise AssertionError("it is read piece by piece")

    def blocks(self, path):
        for start in range(0, len(self.values), 2):
            yield Signals(samples=self.values[start : start + 2], sampling_hz=200.0, leads=("avf",))


def test_a_dicom_recording_is_given_as_wfdb_with_the_same_samples(tmp_path):
    dcm = saved(an_ecg(SAMPLES, WaveformPaddingValue=b"\x00\x80", PatientComments="X"), tmp_path / "set" / "e.dcm")
    request, origin = load(tmp_path / "set", tmp_path, "e.dcm")
    assert [path.name for path in request.files] == ["record-1.hea", "record-1.dat"]
    copy, original = read(request.files[0]), read(dcm, READERS[1])
    assert np.isnan(copy.samples[2, 0])
    assert np.allclose(copy.samples, original.samples, rtol=0, atol=0.51e-6, equal_nan=True)
    assert (copy.leads, copy.sampling_hz) == (("I", "II"), original.sampling_hz)
    assert (origin.images, origin.sampling_hz) == ({"record-1": "e.dcm"}, None)
    assert origin.originals == {}


@pytest.mark.parametrize("kind", [Foreign, ForeignInPieces])
def test_a_recording_of_an_extension_is_given_as_wfdb_and_nothing_else_of_it_stays(tmp_path, kind):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x.fgn").touch()
    reader = kind(0.5, -1.25, np.nan, 0.000001, 2)
    request, _ = load(tmp_path / "set", tmp_path, "x.fgn", readers=(reader,))
    assert sorted(path.name for path in (tmp_path / "scratch").iterdir()) == ["record-1.dat", "record-1.hea"]
    copy = read(request.files[0])
    assert np.array_equal(copy.samples, reader.values, equal_nan=True)
    assert copy.leads == ("aVF",)


def test_a_voltage_that_no_body_has_is_not_given_as_another(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x.fgn").touch()
    with pytest.raises(InputFileError, match="voltage_excessive"):
        load(tmp_path / "set", tmp_path, "x.fgn", readers=(Foreign(0.5, 3000.0),))


def test_an_image_is_not_given_as_wfdb(tmp_path):
    class Picture(Foreign):
        gives = "images"

    (tmp_path / "x.fgn").touch()
    with pytest.raises(ReferenceSetError, match="form_not_available"):
        load(tmp_path, tmp_path, "x.fgn", readers=(Picture(1),))


@pytest.mark.parametrize("receives", ["array", "wfdb"])
@pytest.mark.parametrize("name", ["r01.hea", "e.dcm"])
def test_a_form_is_applied_whatever_the_format_and_the_rate_is_kept_for_the_answer(tmp_path, receives, name):
    samples = (np.sin(np.arange(4000) / 30)[:, None] * [100, 50]).astype(np.int16)
    a_record(tmp_path / "set", samples, leads=("I", "II"))
    saved(an_ecg(samples, leads=("I", "II")), tmp_path / "set" / "e.dcm")
    form = SignalForm(leads=("aVR", "II"), sampling_hz=250, unit="uV")
    request, origin = load(tmp_path / "set", tmp_path, name, receives=receives, form=form)
    found = request.signals or read(request.files[0])
    assert (found.leads, found.sampling_hz, origin.sampling_hz) == (("aVR", "II"), 250.0, 250.0)
    original = read(tmp_path / "set" / name, READERS[name == "e.dcm"])
    assert len(found.samples) == -(-4000 * 250 // int(original.sampling_hz))
    unit = 1000.0 if receives == "array" else 1.0  # a file states its unit
    assert np.abs(found.samples[:, 1]).max() == pytest.approx(np.abs(original.samples[:, 1]).max() * unit, rel=0.05)


@pytest.mark.parametrize("receives", ["array", "wfdb"])
@pytest.mark.parametrize(
    ("form", "key"),
    [
        (SignalForm(leads=("V6",)), "inputs.form_lead_absent"),
        (SignalForm(least_seconds=1), "inputs.form_too_short"),
        (SignalForm(most_seconds=0.001), "inputs.form_too_long"),
        (SignalForm(invalid="refuse"), "inputs.form_invalid_samples"),
    ],
)
def test_what_cannot_be_had_is_rejected_before_anybody_is_asked(tmp_path, receives, form, key):
    a_record(tmp_path / "set", SAMPLES, leads=("I", "II"))
    with pytest.raises(RejectedInputError) as caught:
        load(tmp_path / "set", tmp_path, "r01", receives=receives, form=form)
    assert caught.value.problems[0].key == key


def test_a_record_of_several_samples_a_frame_has_its_answers_in_another_clock(tmp_path):
    a_record(tmp_path / "set", np.zeros((8, 2), dtype=np.int16))
    hea = tmp_path / "set" / "r01.hea"
    hea.write_text(hea.read_text().replace(" 360 8", " 360 4").replace(" 16 200", " 16x2 200"))
    for receives in ("array", "wfdb"):
        _, origin = load(tmp_path / "set", tmp_path, "r01", receives=receives)
        assert origin.sampling_hz == 720.0


def test_the_files_of_a_record_of_segments_are_all_of_them_but_no_truth(tmp_path):
    root = tmp_path / "set"
    for name in ("s1", "s2"):
        a_record(root / "ecg", SAMPLES, name=name)
        (root / "ecg" / f"{name}.atr").write_bytes(b"beats")
    (root / "ecg" / "m.hea").write_text("m/3 2 360 8\ns1 3\n~ 2\ns2 3\n")
    expected = ("ecg/m.hea", "ecg/s1.hea", "ecg/s1.dat", "ecg/s2.hea", "ecg/s2.dat")
    for written in ("ecg/m", "ecg/m.hea"):
        assert files_of(a_case(written), root, READERS, annotator="atr") == expected
    for name in expected:
        (tmp_path / "there" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "there" / name).write_bytes((root / name).read_bytes())
    here, there = (load(place, tmp_path, "ecg/m", receives="array")[0] for place in (root, tmp_path / "there"))
    assert np.array_equal(here.signals.samples, there.signals.samples, equal_nan=True)
    assert np.isnan(here.signals.samples[3:5]).all()
