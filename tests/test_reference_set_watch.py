import importlib
import os
import time

import pytest

from dmn_bench import reference_set
from dmn_bench.errors import ReferenceSetError
from dmn_bench.reference_set import watch as watch_module
from dmn_bench.reference_set.watch import Watch
from tests.harness import small_run

lock_module = importlib.import_module("dmn_bench.reference_set.lock")  # its name in the package is a function


@pytest.fixture
def root(tmp_path):
    small_run.write(tmp_path)
    return tmp_path / "set"


@pytest.fixture
def hashed(monkeypatch):
    """Names of the files that were read again."""
    names = []
    really = watch_module.sha256_of

    def counted(path):
        names.append(path.name)
        return really(path)

    monkeypatch.setattr(watch_module, "sha256_of", counted)
    return names


@pytest.fixture
def settled(root, monkeypatch):
    """A watch over a set whose files count as old: a tick of the clock has passed since they were written."""
    monkeypatch.setattr(lock_module, "STAMP_AFTER_NS", 0)
    time.sleep(0.05)
    return Watch(root, reference_set.verified(root))


def problems(call, *arguments):
    with pytest.raises(ReferenceSetError) as caught:
        call(*arguments)
    return [(problem.key, problem.where) for problem in caught.value.problems]


def test_what_nobody_touched_is_not_read_again(settled, hashed):
    settled.check_all()
    settled.check(["files/c00a.png", "truth.csv"])
    assert hashed == []


def test_a_change_is_found_though_size_and_date_are_put_back(settled, root):
    path = root / "files" / "c00a.png"
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    expected = [("refset.lock_changed_file", "files/c00a.png")]
    assert problems(settled.check, ["files/c00a.png", "files/c00b.png"]) == expected
    assert problems(settled.check_all) == expected


def test_a_file_put_in_the_place_of_another_is_found(settled, root):
    (root / "files" / "c00a.png").replace(root / "files" / "c00b.png")
    assert problems(settled.check_all) == [("refset.lock_missing_file", "files/c00a.png")]
    assert problems(settled.check, ["files/c00a.png", "files/c00b.png"]) == [
        ("refset.lock_missing_file", "files/c00a.png"),
        ("refset.lock_changed_file", "files/c00b.png"),
    ]


def test_a_file_that_was_written_anew_with_the_same_content_is_read_and_found_to_be_the_same(settled, root, hashed):
    path = root / "files" / "c00a.png"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    settled.check_all()
    assert hashed == ["c00a.png"]


def test_an_added_file_and_a_missing_one_are_found(settled, root):
    (root / "files" / "more.png").write_bytes(b"x")
    assert problems(settled.check_all) == [("refset.lock_added_file", "files/more.png")]
    assert problems(settled.check, ["files/more.png"]) == [("refset.lock_added_file", "files/more.png")]
    (root / "files" / "more.png").unlink()
    (root / "truth.csv").unlink()
    assert problems(settled.check_all) == [("refset.lock_missing_file", "truth.csv")]


def test_a_file_written_a_moment_before_has_no_stamp_and_is_read_each_time(root, hashed):
    """Two changes within one tick of the clock would leave the same times."""
    watch = Watch(root, reference_set.verified(root))
    watch.check(["files/c00a.png"])
    watch.check(["files/c00a.png"])
    assert hashed == ["c00a.png", "c00a.png"]


def test_a_clock_set_back_makes_every_file_young(root, monkeypatch):
    long_ago = time.time_ns() - 10**18
    monkeypatch.setattr(lock_module.time, "time_ns", lambda: long_ago)
    assert dict(reference_set.verified(root).stamps) == {}


def test_a_part_knows_the_stamps_of_what_it_hashed_only(settled, root):
    part = reference_set.verified(root, ["files/c00a.png"])
    assert set(part.stamps) == {"files/c00a.png", "reference_set.yaml", "cases.csv", "truth.csv"}
    assert set(part.locked) > set(part.files)
