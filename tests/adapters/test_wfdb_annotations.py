import struct

import pytest

from dmn_bench.adapters.wfdb_annotations import WfdbAnnotations
from dmn_bench.errors import CandidateError

from .kit import keys, problem_keys


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    words = (1 << 10 | 10, 5 << 10 | 190, 0)  # MIT format: code and samples since the last one; N at 10, V at 200
    (tmp_path / "out" / "r1.qrs").write_bytes(struct.pack("<3H", *words))
    return tmp_path


def answers(base, *cases, **options):
    adapter = WfdbAnnotations(**{"folder": "out", "annotator": "qrs", **options})
    return [asked.answer for asked in adapter.answers(cases, base)]


@pytest.mark.parametrize("files", [("files/r1",), ("files/r1.hea",), ("files/r1.dat",)])
def test_beats_are_those_of_the_records_file(folder, files):
    (answer,) = answers(folder, keys("c1", files=files))
    assert answer.status == "answered"
    assert answer.beats.samples.tolist() == [10, 200]
    assert answer.beats.symbols == ("N", "V")


def test_the_record_may_be_named_by_the_case(folder):
    (answer,) = answers(folder, keys("r1", files=("files/other",)), record="case_id")
    assert answer.status == "answered"


def test_a_record_without_annotations_is_no_output(folder):
    _, silent = answers(folder, keys("c1", files=("r1",)), keys("c2", files=("r2",)))
    assert (silent.status, silent.reason) == ("failed", "no output")


def test_a_damaged_file_is_invalid_output(folder):
    (folder / "out" / "r2.qrs").write_bytes(b"\xff" * 7)
    _, damaged = answers(folder, keys("c1", files=("r1",)), keys("c2", files=("r2",)))
    assert damaged.status == "failed"
    assert damaged.reason.startswith("invalid output: ")


def test_annotations_of_records_outside_the_set_stop_everything(folder):
    with pytest.raises(CandidateError) as caught:
        answers(folder, keys("c2", files=("r2",)))
    (problem,) = caught.value.problems
    assert problem.key == "adapters.annotations_unknown"
    assert problem.facts["found"] == "r1"


@pytest.mark.parametrize(
    ("options", "key"), [({"folder": "none"}, "adapters.no_folder"), ({"annotator": "../x"}, "adapters.annotator_name")]
)
def test_options_are_checked(folder, options, key):
    with pytest.raises(CandidateError) as caught:
        answers(folder, **options)
    assert key in problem_keys(caught)


def test_the_identity_is_every_annotation_file(folder):
    (folder / "out" / "notes.txt").write_text("x")
    assert list(WfdbAnnotations(folder="out", annotator="qrs").identity(folder)) == ["out/r1.qrs"]


def test_a_file_whose_name_is_not_utf_8_is_refused_in_text_that_can_be_written(tmp_path):
    (tmp_path / "r\udcff.qrs").write_bytes(b"")
    adapter = WfdbAnnotations(folder=".", annotator="qrs")
    assert list(adapter.identity(tmp_path)) == ["./r\\xff.qrs"]
    with pytest.raises(CandidateError) as caught:
        adapter.answers([], tmp_path)
    assert caught.value.problems[0].facts["found"] == "r\\xff"


def test_a_device_may_count_at_a_rate_of_its_own_that_its_file_states_before_the_option(folder):
    (answer,) = answers(folder, keys("c1", files=("r1",)), sampling_hz=250.0)
    assert answer.beats.sampling_hz == 250.0
    note = b"## time resolution: 128"
    words = struct.pack("<2H", 22 << 10, 63 << 10 | len(note)) + note + b"\0"
    (folder / "out" / "r1.qrs").write_bytes(words + (folder / "out" / "r1.qrs").read_bytes())
    (answer,) = answers(folder, keys("c1", files=("r1",)), sampling_hz=250.0)
    assert (answer.beats.sampling_hz, answer.beats.samples.tolist()) == (128.0, [10, 200])


@pytest.mark.parametrize("hz", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(hz):
    with pytest.raises(ValueError, match="sampling_hz"):
        WfdbAnnotations(folder="out", annotator="qrs", sampling_hz=hz)


@pytest.mark.parametrize("files", [("files/r1.edf",), ("files/r1.DCM",), ("r1.csv",)])
def test_the_ending_of_a_recording_of_any_format_is_not_part_of_its_name(folder, files):
    (answer,) = answers(folder, keys("c1", files=files))
    assert answer.status == "answered"
