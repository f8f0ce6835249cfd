"""Faults of the disk: full at several levels, in each of the folders a run writes to; files that may not grow."""

import contextlib
import functools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from .processes import Harness, left_behind, wait_until
from .registry import fault, finish

ENOUGH = "size=64m,nr_inodes=10000"


@functools.cache
def no_small_disk():
    """Why no small file system can be mounted here, "" where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "mounting a small tmpfs needs root on Linux"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(folder, "size=64k"):
                return ""
        except (OSError, subprocess.CalledProcessError) as error:
            return f"mounting a small tmpfs is not allowed here: {error}"


@contextlib.contextmanager
def small_disk(folder, options):
    """A tmpfs in the folder while the block lasts."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


def enlarge(folder):
    """The administrator made room."""
    subprocess.run(["mount", "-o", f"remount,{ENOUGH}", "tmpfs", str(folder)], check=True, capture_output=True)


@fault("disk full: folder of the answers", seeds=2, needs=no_small_disk)
def full_answers(job, rng):
    """From hardly room for an empty ledger to room for most of it."""
    job.answers_dir = job.folder / "disk"
    return _full(job, job.answers_dir, f"size={4 * rng.choice([1, 2, 4, 8, 12, 16, 20, 24, 32, 40, 48, 64])}k")


@fault("disk full: folder of the run", seeds=2, needs=no_small_disk)
def full_run_folder(job, rng):
    """Room for nothing, for the lock, for the answers, for the record, for one report."""
    job.answers_dir = job.folder / "answers"
    job.run_name = "disk/run"
    return _full(job, job.folder / "disk", f"size={4 * rng.choice([1, 2, 3, 5, 8, 12, 16, 24, 32, 48])}k")


@fault("disk full: temporary folder", seeds=2, needs=no_small_disk)
def full_temporary_folder(job, rng):
    """No room for one folder more after a few, or a few dozen; the folder of the candidate is there too."""
    return _full(job, job.scratch, f"size=64m,nr_inodes={rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16])}")


@fault("disk full: temporary folder with copies for the candidate", needs=no_small_disk, copies=True)
def full_of_copies(job, rng):
    """A copy that was not written whole is never put to the candidate."""
    return _full(job, job.scratch, f"size={4 * rng.choice([1, 2, 3, 4, 5, 6, 8])}k")


def _full(job, folder, options):
    """Run until it stops for want of room, make room, go on."""
    folder.mkdir(exist_ok=True)
    with small_disk(folder, options):
        with Harness(job) as harness:
            code = harness.ended()
            _check_stop(job, harness, code, (0, 5))
        job.mark()
        enlarge(folder)
        if code != 0:
            finish(job)
        _bring_home(job)
        return int(code != 0)


def _bring_home(job):
    """Copy what lies on the small disk to where it can be looked at once that is gone."""
    home = job.folder / "home"
    if "disk" in job.run_dir.relative_to(job.folder).parts:
        shutil.copytree(job.run_dir, home / "run")
        job.run_name = "home/run"
    if job.answers_dir == job.folder / "disk":
        shutil.copytree(job.answers_dir, home / "answers")
        job.answers_dir = home / "answers"


@fault("no file may grow beyond a limit")
def limited_files(job, rng):
    """Every file of the harness meets a limit of size, set while it runs: as a quota does."""
    with Harness(job) as harness:
        n = rng.randint(1, 60)
        wait_until(lambda: job.n_questions() >= n, harness)
        largest = rng.choice([5_000, 20_000, 30_000, 50_000, 100_000])  # the log of the candidate stays below
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(harness.pid, resource.RLIMIT_FSIZE, (largest, largest))
        code = harness.ended()
        _check_stop(job, harness, code, (0, 5))
    job.mark()
    if code != 0:
        finish(job)
    return int(code != 0)


@fault("temporary folder removed while running")
def scratch_removed(job, rng):
    """As a cleaner of /tmp does; nobody's answer may suffer for it."""
    return _without_scratch(job, rng)


@fault("temporary folder with copies for the candidate removed while running", seeds=0, copies=True)
def copies_removed(job, rng):
    """A copy that is gone is not the device's failure."""
    return _without_scratch(job, rng)


def _without_scratch(job, rng):
    with Harness(job) as harness:
        n = rng.randint(1, 100)
        wait_until(lambda: job.n_questions() >= n, harness)
        time.sleep(rng.uniform(0, 0.01))
        removed = job.folder / "removed"
        removed.mkdir()
        for each in list(job.scratch.glob("dmn-bench-*")):
            with contextlib.suppress(FileNotFoundError):
                each.rename(removed / each.name)  # at once, as files are made and deleted in it all the time
        shutil.rmtree(removed, ignore_errors=True)
        code = harness.ended()
        _check_stop(job, harness, code, (0, 5))
    job.mark()
    if code != 0:
        finish(job)
    return 1


@fault("folder of the run removed while running", seeds=0)
def run_folder_removed(job, rng):
    """The answers lie elsewhere: the run says what is wrong, or makes its folder again."""
    with Harness(job) as harness:
        n = rng.randint(1, 100)
        wait_until(lambda: job.n_questions() >= n, harness)
        job.run_dir.rename(job.folder / "removed")
        code = harness.ended()
        _check_stop(job, harness, code, (0, 5))
    job.mark()
    if code != 0:
        finish(job)
    return 1


def _check_stop(job, harness, code, allowed):
    assert code in allowed, f"exit code {code}: {harness.words()}"
    assert "Traceback" not in harness.words(), harness.words()
    alive = left_behind(job)
    assert not alive, f"left behind: {alive}"
