import sys

import pytest

from dmn_bench.adapters.python_package import PythonPackage
from dmn_bench.errors import CandidateError

from .kit import problem_keys


def test_the_program_is_the_vendors_class_in_its_folder(tmp_path):
    (tmp_path / "src").mkdir()
    adapter = PythonPackage(entry="pkg.mod:Candidate", options={"a": 1, "b": 1})
    program = adapter.program(tmp_path, {"b": 2})
    assert program.entry == "pkg.mod:Candidate"
    assert program.import_paths == (tmp_path, tmp_path / "src")
    assert program.options == {"a": 1, "b": 2}
    assert program.python is None


@pytest.mark.parametrize(
    "entry", ["pkg", "pkg:", ":Candidate", "pkg:Candidate.x", "pkg:Candidate\n", "p kg:C", "../a:B"]
)
def test_an_entry_is_module_and_class(tmp_path, entry):
    with pytest.raises(CandidateError) as caught:
        PythonPackage(entry=entry).program(tmp_path, {})
    assert problem_keys(caught) == {"adapters.entry_malformed"}


def test_another_interpreter_must_be_there_and_keeps_its_name(tmp_path):
    with pytest.raises(CandidateError) as caught:
        PythonPackage(entry="a:B", python="venv/bin/python").program(tmp_path, {})
    assert problem_keys(caught) == {"adapters.no_interpreter"}
    link = tmp_path / "venv" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to(sys.executable)
    assert PythonPackage(entry="a:B", python="venv/bin/python").program(tmp_path, {}).python == str(link)


@pytest.mark.parametrize(
    ("said", "kind"), [("dicom", "dicom"), ({"image": "array"}, "array"), ({"signals": "wfdb"}, "wfdb"), ({}, "array")]
)
def test_what_it_receives_is_one_word(said, kind):
    assert PythonPackage(entry="a:B", receives=said).receives == kind


@pytest.mark.parametrize("said", ["pixels", {"image": "array", "signals": "wfdb"}])
def test_what_it_cannot_receive_is_refused(said):
    with pytest.raises(ValueError, match="receives is one of array, dicom, wfdb"):
        PythonPackage(entry="a:B", receives=said)


def test_its_identity_is_every_file_but_caches(tmp_path):
    for name in ("a.py", "weights/w.bin", "__pycache__/a.pyc", ".venv/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    adapter = PythonPackage(entry="a:B")
    before = adapter.identity(tmp_path)
    assert list(before) == ["a.py", "weights/w.bin"]
    (tmp_path / "weights/w.bin").write_text("other")
    assert adapter.identity(tmp_path)["weights/w.bin"] != before["weights/w.bin"]


def test_a_file_whose_name_is_not_utf_8_is_named_in_text_that_can_be_written(tmp_path):
    (tmp_path / "weights-\udcff.bin").write_bytes(b"1")
    (name,) = PythonPackage(entry="a:B").identity(tmp_path)
    assert name == "weights-\\xff.bin"
