"""Faults of what is asked about: files of the set and of the candidate changed or removed at any moment."""

import contextlib
import os
import shutil
import signal

from .kit import N_CASES, Job, undisturbed
from .processes import Harness, children_of, held_still, wait_until
from .registry import fault, finish
from .rewriting import other_pixels


@fault("file of the set changed before the start")
def changed_before(job, rng):
    """Refused with the name of the file; the candidate is asked nothing."""
    with _damaged_file(job, rng) as name:
        _refused(job, name)
        assert job.n_questions() == 0
    finish(job)
    return 1


@fault("file of the set changed between interruption and resume")
def changed_between(job, rng):
    """Refused with the name of the file, as often as it is tried; goes on once it is restored."""
    _interrupted(job, rng)
    asked = job.n_questions()
    for _ in range(2):
        with _damaged_file(job, rng) as name:
            _refused(job, name)
    assert job.n_questions() == asked
    finish(job)
    return 2


@fault("file of the set changed while running")
def changed_while_running(job, rng):
    """Whatever the candidate made of the changed file, no result holds it."""
    with Harness(job) as harness:
        n = rng.randint(1, 80)
        wait_until(lambda: job.n_questions() >= n, harness)
        with contextlib.ExitStack() as until_it_ended:
            with held_still(harness):
                name = until_it_ended.enter_context(_damaged_file(job, rng))
            code = harness.ended()
            assert code == 2, f"exit code {code}: {harness.words()}"
            assert name in harness.words(), harness.words()
            assert not (job.run_dir / "record.json").exists()
    finish(job)
    return 1


@fault("other pixels in a file of the set while running")
def other_pixels_while_running(job, rng):
    """A file that can be read and shows something else, restored before the run goes on: the worst that can happen."""
    before = job.folder / "before"
    shutil.copytree(job.set / "files", before)
    with Harness(job) as harness:
        n = rng.randint(1, 20)
        wait_until(lambda: job.n_questions() >= n, harness)
        with held_still(harness):
            for number in rng.sample(range(N_CASES), 60):
                other_pixels(job, number)
        code = harness.ended()
        assert code == 2, f"exit code {code}: {harness.words()}"
        assert "files/" in harness.words(), harness.words()
    shutil.rmtree(job.set / "files")
    shutil.copytree(before, job.set / "files")
    finish(job)
    return 1


@fault("candidate changed between interruption and resume")
def other_candidate(job, rng):
    """Another candidate is asked everything anew; the first one's answers are neither used nor lost."""
    _interrupted(job, rng)
    source = job.folder / "candidate" / "faults_live.py"
    original = source.read_bytes()
    source.write_bytes(original.replace(b"level / 255", b"1 - level / 255"))
    before, ours = len(job.questions()), {path.name for path in job.answers.iterdir()}
    other = Job(job.folder, run_name="other")
    with Harness(other, resume=False) as harness:
        harness.must_finish()
    assert {number for number, _ in job.questions()[before:]} == set(range(N_CASES))
    assert undisturbed().differs_from(other)
    source.write_bytes(original)
    _forget_the_other(job, before, ours)
    finish(job)
    return 1


@fault("candidate changed while running")
def candidate_replaced(job, rng):
    """An update in mid-run: what a later child answers is another candidate's, and no result may mix the two."""
    source = job.folder / "candidate" / "faults_live.py"
    original = source.read_bytes()
    with Harness(job) as harness:
        n = rng.randint(1, 60)
        wait_until(lambda: job.n_questions() >= n, harness)
        with held_still(harness):
            source.write_bytes(original.replace(b"level / 255", b"1 - level / 255"))
            for vendor in children_of(harness).values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(vendor, signal.SIGKILL)
        code = harness.ended()
        assert code in (2, 3), f"exit code {code}: {harness.words()}"
        assert "faults_live.py" in harness.words(), harness.words()
    source.write_bytes(original)
    finish(job)
    return 1


def _interrupted(job, rng):
    with Harness(job) as harness:
        n = rng.randint(1, 110)
        wait_until(lambda: job.n_questions() >= n, harness)
        harness.send(rng.choice([signal.SIGKILL, signal.SIGINT]))
        harness.ended()
    job.mark()


def _refused(job, name):
    with Harness(job, resume=job.run_dir.exists()) as harness:
        assert harness.ended() == 2, harness.words()
        assert name in harness.words(), harness.words()
    assert not (job.run_dir / "record.json").exists()


def _forget_the_other(job, n_lines, names):
    """Leave only the log and the ledger of the first candidate, which the other's run must not have touched."""
    lines = job.log.read_text().splitlines(keepends=True)
    job.log.write_text("".join(lines[:n_lines]))
    for path in job.answers.iterdir():
        if path.name not in names:
            path.unlink()


@contextlib.contextmanager
def _damaged_file(job, rng):
    """A file of the set changed, emptied or removed while the block lasts; gives its name."""
    path = rng.choice(sorted((job.set / "files").iterdir()))
    content = path.read_bytes()
    how = rng.choice(["byte", "cut", "empty", "removed", "longer"])
    if how == "removed":
        path.unlink()
    else:
        place = rng.randrange(len(content))
        changed = {
            "byte": content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :],
            "cut": content[:place],
            "empty": b"",
            "longer": content + b"\0",
        }[how]
        path.write_bytes(changed)
    try:
        yield path.name
    finally:
        path.write_bytes(content)
