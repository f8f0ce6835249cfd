"""The index says what opening the files would say, for verified content alone, and never gets in the way."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.errors import InputFileError, ReferenceSetError
from dmn_bench.hookspecs import CaseKeys
from dmn_bench.inputs import file_headers, header_index
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.file_headers import INDEXED, headers_apart, headers_here
from dmn_bench.inputs.header_index import INDEX, HeaderIndex
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.inputs.requests import case_header, case_keys
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.reference_set.lock import hash_files
from dmn_bench.vocabulary import Case
from tests.patience import PATIENCE

from .factories import a_picture, a_record, a_slice, an_ecg, an_image, saved

READERS = (*INDEXED, WfdbReader())
PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4)
SAMPLES = np.array([[0, 200], [100, -400]], dtype=np.int16)
KEYWORDS = ("Manufacturer", "ViewPosition", "SamplingFrequency", "PatientAge", "Laterality")
ENTRIES = ("files/a.dcm", "files/b.png", "ecg/r01", "ecg/r01.hea", "ecg/e.dcm", "series", "series/", "mixed")


def a_case(*files, case_id="c01"):
    return Case(case_id=case_id, patient_id="p01", exam_id="e01", laterality="", files=files, strata={})


@pytest.fixture(autouse=True)
def keep_every_index(monkeypatch):
    monkeypatch.setattr(header_index, "KEPT_FROM", 1)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "set"
    attributes = {"Manufacturer": "Acme", "AccessionNumber": "A7", "ImageLaterality": "L", "PatientName": "X^Y"}
    saved(an_image(PIXELS, **attributes), folder / "files" / "a.dcm")
    a_picture(folder / "files" / "b.png", np.zeros((5, 6, 3), dtype=np.uint8))
    a_record(folder / "ecg", SAMPLES, comments="#Age: 61\n")
    saved(an_ecg(SAMPLES), folder / "ecg" / "e.dcm")
    for z in (2, 1):
        saved(a_slice(PIXELS + z, z, "1.9", Manufacturer=f"Scanner {z}"), folder / "series" / f"{z}.dcm")
        saved(a_slice(PIXELS + z, z, "1.9", Manufacturer="Other"), folder / "mixed" / f"{z}.dcm")
    (folder / "mixed" / "0-notes.txt").write_text("beside the slices")
    return folder


def an_index(root, verified=None, **options):
    verified = hash_files(root) if verified is None else verified
    return HeaderIndex(root, options.pop("readers", READERS), verified, keywords=KEYWORDS, **options)


def filled(root, **options):
    index = an_index(root, **options)
    index.fill([(entry,) for entry in ENTRIES], first_only=False)
    return index


def opened_files(monkeypatch):
    """The files that readers open for their headers from here on."""
    opened = []
    for kind in (DicomImageReader, DicomEcgReader, RasterReader):
        real = kind.header
        monkeypatch.setattr(kind, "header", lambda self, path, real=real: opened.append(path.name) or real(self, path))
    return opened


def says_what_files_say(index, root):
    for entry in ENTRIES:
        case = a_case(entry)
        direct = case_header(case, root, READERS)
        header = index.header_of_case(case.files)
        assert {k: header[k] for k in KEYWORDS if k in header} == {k: direct[k] for k in KEYWORDS if k in direct}
        assert index.keys_of_case(case) == case_keys(case, root, READERS)
    several = a_case("files/a.dcm", "files/b.png", "series")
    assert index.keys_of_case(several) == case_keys(several, root, READERS)
    assert index.keys_of_case(a_case()) == case_keys(a_case(), root, READERS)


def test_the_index_says_what_the_files_say_whether_new_kept_or_unused(root):
    says_what_files_say(filled(root), root)
    says_what_files_say(filled(root), root)
    says_what_files_say(an_index(root), root)
    says_what_files_say(an_index(root, verified={}), root)
    strata_only = an_index(root)
    strata_only.fill([(entry,) for entry in ENTRIES], first_only=True)
    says_what_files_say(strata_only, root)


def test_a_second_run_opens_no_file_but_a_few_to_compare(root, monkeypatch):
    filled(root).close()
    monkeypatch.setattr(header_index, "LOOKED_AT_AGAIN", 1)
    opened = opened_files(monkeypatch)
    index = filled(root)
    assert len(opened) == 1
    index.keys_of_case(a_case("files/a.dcm", "files/b.png", "series"))
    index.header_of_case(("ecg/e.dcm",))
    assert len(opened) == 1


def test_a_file_that_changed_since_is_read_afresh(root):
    filled(root).close()
    saved(an_image(PIXELS, Manufacturer="New"), root / "files" / "a.dcm")
    index = filled(root)
    assert index.header_of_case(("files/a.dcm",))["Manufacturer"] == "New"
    says_what_files_say(index, root)


def test_only_files_that_were_hashed_in_this_run_are_looked_up(root, monkeypatch):
    filled(root).close()
    opened = opened_files(monkeypatch)
    verified = hash_files(root)
    del verified["files/a.dcm"]
    an_index(root, verified).header_of_case(("files/a.dcm",))
    assert opened == ["a.dcm"]


@pytest.mark.parametrize("change", ["keywords", "format", "source", "package"])
def test_an_index_made_otherwise_is_read_afresh(root, monkeypatch, change):
    filled(root).close()
    if change == "keywords":
        monkeypatch.setattr(header_index, "KEY_KEYWORDS", (*header_index.KEY_KEYWORDS, "StudyDate"))
    elif change == "format":
        monkeypatch.setattr(header_index, "INDEX_FORMAT", "dmn-bench/headers/99")
    elif change == "source":
        monkeypatch.setattr(header_index, "_identity", lambda: ["another"])
    else:
        monkeypatch.setattr(header_index, "_version", lambda _: "99")
    opened = opened_files(monkeypatch)
    filled(root)
    assert len(opened) >= 7


def test_a_reader_with_other_options_or_a_stranger_for_the_file_is_asked_itself(root):
    filled(root).close()

    class Stranger(WfdbReader):
        name = "stranger"

        def recognises(self, path):
            return path.name == "a.dcm"

    with pytest.raises(InputFileError, match="several_readers"):
        filled(root, readers=(*READERS, Stranger())).header_of_case(("files/a.dcm",))
    readers = (DicomImageReader(voi="none"), *READERS[1:])
    says_what_files_say(filled(root, readers=readers), root)
    with pytest.raises(InputFileError, match="no_reader"):
        filled(root, readers=READERS[1:]).header_of_case(("files/a.dcm",))


def test_a_file_that_cannot_be_read_is_refused_as_without_an_index_and_never_kept(root):
    whole = (root / "files" / "a.dcm").read_bytes()
    (root / "files" / "a.dcm").write_bytes(whole[:140])
    (root / "files" / "notes.txt").write_text("no image")
    cases = [a_case(entry) for entry in ("files/a.dcm", "files/notes.txt", "absent.dcm", "../x.dcm", "files", "")]
    for _ in range(2):
        index = an_index(root)
        index.fill([case.files for case in cases], first_only=False)
        for case in cases:
            assert problems(index.keys_of_case, case) == problems(case_keys, case, root, READERS)
            assert problems(index.header_of_case, case.files) == problems(case_header, case, root, READERS)
        index.close()
    assert [name for name, *_ in rows(root)] == ["files/b.png"]


def problems(ask, *arguments):
    try:
        ask(*arguments)
    except ReferenceSetError as error:
        return type(error), error.problems
    return None


def rows(root):
    if not (root / INDEX).exists():
        return []
    with sqlite3.connect(root / INDEX) as database:
        found = database.execute("SELECT path, header, seal FROM headers").fetchall()
    database.close()
    return found


def test_a_file_in_a_series_is_seen_as_without_an_index_a_hidden_one_never(root):
    filled(root).close()
    verified = hash_files(root)
    saved(a_slice(PIXELS, 3, "1.9"), root / "series" / "unlocked.dcm")
    saved(a_slice(PIXELS, 4, "1.9"), root / "series" / ".hidden.dcm")
    index = an_index(root, verified)
    assert index.keys_of_case(a_case("series")) == case_keys(a_case("series"), root, READERS)
    assert len(index.keys_of_case(a_case("series")).sop_instance_uids) == 3


# ------------------------------------------------------------------------------------------------- what may lie there


def _text(path):
    path.write_text("no database")


def _nothing(path):
    path.write_bytes(b"")


def _cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def _flipped(path):
    content = bytearray(path.read_bytes())
    for place in range(4096, len(content), 7):
        content[place] ^= 0x55
    path.write_bytes(bytes(content))


def _folder(path):
    path.unlink()
    path.mkdir()


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _circle(path):
    path.unlink()
    path.symlink_to(path.name)


def _other_schema(path):
    _changed(path, "ALTER TABLE headers ADD COLUMN more TEXT")


def _trigger(path):
    _changed(path, "CREATE TRIGGER t AFTER INSERT ON headers BEGIN DELETE FROM headers; END")


def _view(path):
    _changed(path, "DROP TABLE headers", "CREATE VIEW headers AS SELECT 'a' AS path, 'b' AS header, x'00' AS seal")


def _swapped(path):
    _changed(path, "UPDATE headers SET header = (SELECT header FROM headers WHERE path = 'ecg/e.dcm')")


def _numbers(path):
    _changed(path, "UPDATE headers SET header = 7, seal = 'text'")


def _changed(path, *statements):
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    "harm",
    [_text, _nothing, _cut, _flipped, _folder, _pipe, _circle, _other_schema, _trigger, _view, _swapped, _numbers],
)
def test_what_is_damaged_or_foreign_is_thrown_away_and_made_anew(root, harm, monkeypatch):
    filled(root).close()
    sound = rows(root)
    harm(root / INDEX)
    index = filled(root)
    says_what_files_say(index, root)
    index.close()
    if harm is not _folder:  # a folder cannot be replaced by a file: the run does without
        assert sorted(rows(root)) == sorted(sound)
    assert [path.name for path in (root / INDEX).parent.iterdir() if path.name.startswith(".headers-")] == []


def test_an_entry_sealed_by_somebody_else_discredits_the_whole_index(root):
    first = filled(root)
    forged = first._sealed("files/a.dcm", file_headers.FileHeader("dicom-image", {"Manufacturer": "Forged"}))
    first.close()
    with sqlite3.connect(root / INDEX) as database:
        database.execute("UPDATE headers SET header = ?, seal = ? WHERE path = 'files/a.dcm'", forged)
    database.close()
    says_what_files_say(filled(root), root)


def test_a_set_that_cannot_be_written_does_without(root, monkeypatch):
    (root / ".dmn-bench").write_text("in the way")
    opened = opened_files(monkeypatch)
    says_what_files_say(filled(root), root)
    n_once = len(opened)
    assert n_once > 0
    assert (root / ".dmn-bench").read_text() == "in the way"


def test_a_full_disk_does_no_harm(root, monkeypatch):
    class Full(sqlite3.Connection):
        def executemany(self, *_):
            raise sqlite3.OperationalError("database or disk is full")

    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **k, factory=Full))
    says_what_files_say(filled(root), root)
    assert [path.name for path in (root / ".dmn-bench").iterdir()] == [".gitignore"]


def test_a_link_in_place_of_the_folder_is_not_followed(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (root / ".dmn-bench").symlink_to(tmp_path / "elsewhere")
    says_what_files_say(filled(root), root)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_index_is_private_hidden_from_the_lock_and_from_git(root):
    before = hash_files(root)
    filled(root).close()
    assert hash_files(root) == before
    assert (root / INDEX).stat().st_mode & 0o077 == 0
    assert (root / ".dmn-bench" / ".gitignore").read_text() == "*\n"


def test_a_small_set_leaves_nothing_behind(root, monkeypatch):
    monkeypatch.setattr(header_index, "KEPT_FROM", 500)
    says_what_files_say(filled(root), root)
    assert not (root / ".dmn-bench").exists()


def test_what_a_killed_run_left_is_cleared_away_after_a_day(root):
    (root / ".dmn-bench").mkdir()
    for name, age in ((".headers-old", 90_000), (".headers-new", 60)):
        (root / ".dmn-bench" / name).write_text("half an index")
        os.utime(root / ".dmn-bench" / name, (time.time() - age, time.time() - age))
    filled(root).close()
    assert sorted(path.name for path in (root / ".dmn-bench").iterdir()) == [
        ".gitignore",
        ".headers-new",
        "headers.sqlite",
    ]


def test_two_runs_at_once_each_have_their_own_and_the_last_one_stays(root):
    first, second = an_index(root), an_index(root)
    first.fill([("files/a.dcm",)], first_only=False)
    second.fill([("files/b.png",)], first_only=False)
    says_what_files_say(first, root)
    says_what_files_say(second, root)
    third = filled(root)
    says_what_files_say(first, root)
    says_what_files_say(third, root)


# ----------------------------------------------------------------------------------------------- names when asked for


def test_names_open_no_file_before_somebody_looks(root, monkeypatch):
    opened = opened_files(monkeypatch)
    cases = (a_case("files/a.dcm", case_id="c1"), a_case("series", case_id="c2"))
    keys = an_index(root).keys_of_cases(cases)
    assert [one.case for one in keys] == list(cases)
    assert opened == []
    assert keys[0].image_sizes == {"files/a.dcm": (4, 3)}
    assert len(opened) == 3  # those of every case, at the first look
    for one, case in zip(keys, cases, strict=True):
        direct = case_keys(case, root, READERS)
        for field in ("case", "sop_instance_uids", "study_instance_uids", "accession_numbers", "image_sizes"):
            assert getattr(one, field) == getattr(direct, field)
    assert isinstance(keys[0], CaseKeys)


def test_a_case_that_is_refused_says_so_when_its_names_are_asked_for(root):
    (root / "files" / "a.dcm").write_bytes((root / "files" / "a.dcm").read_bytes()[:140])
    (damaged,) = an_index(root).keys_of_cases([a_case("files/a.dcm")])
    assert damaged.sop_instance_uids == {}
    assert damaged.image_sizes is None
    (missing,) = an_index(root).keys_of_cases([a_case("absent.dcm")])
    with pytest.raises(ReferenceSetError, match="file_missing"):
        _ = missing.sop_instance_uids


# ------------------------------------------------------------------------------------------------------- many at once


def test_helpers_give_what_one_process_gives(root):
    names = sorted(name for name in hash_files(root) if "/" in name) * 40
    here = [pair for batch in headers_here(root, names, KEYWORDS) for pair in batch]
    apart = [pair for batch in headers_apart(root, names, KEYWORDS) for pair in batch]
    assert sorted(map(repr, apart)) == sorted(map(repr, here))
    assert any(found is None for _, found in here)  # the notes


def test_many_files_are_read_by_helpers_and_progress_is_told(root, monkeypatch):
    monkeypatch.setattr(header_index, "APART_FROM", 1)
    told = []
    index = filled(root, on_headers=lambda done, total: told.append((done, total)))
    assert told[-1] == (9, 9)
    says_what_files_say(index, root)


def test_a_helper_that_dies_takes_no_file_with_it(root, monkeypatch):
    monkeypatch.setattr(header_index, "APART_FROM", 1)
    monkeypatch.setattr(file_headers, "_PROGRAM", "import sys; sys.stdin.readline(); sys.stdin.readline()")
    says_what_files_say(filled(root), root)
    monkeypatch.setattr(file_headers, "_PROGRAM", "import sys; print(input()[:0] + '[nul')")
    says_what_files_say(filled(root), root)


def test_ctrl_c_ends_the_helpers_and_keeps_what_was_read(root, tmp_path):
    many = tmp_path / "many"
    for number in range(300):
        (many / "files").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / "files" / "a.dcm", many / "files" / f"{number}.dcm")
    program = f"""
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from dmn_bench.inputs import header_index
from tests.inputs.test_header_index import READERS, an_index
header_index.APART_FROM = header_index.KEPT_FROM = 1
def wait(done, total):
    print(done, flush=True)
    time.sleep({PATIENCE})  # for Ctrl-C

index = an_index(Path({str(many)!r}), on_headers=wait)
index.fill([(f"files/{{n}}.dcm",) for n in range(300)], first_only=False)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert int(process.stdout.readline()) > 0
            process.send_signal(signal.SIGINT)
            _, complaints = process.communicate(timeout=PATIENCE / 2)
        finally:
            process.kill()
    assert process.returncode != 0
    assert complaints.rstrip().endswith("KeyboardInterrupt")
    assert 0 < len(rows(many)) < 300
