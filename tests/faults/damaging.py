"""Faults of files that were written: the ledger cut, overwritten, flipped; other files of a run half written."""

import contextlib
import shutil
import signal

from .processes import Harness, TooLate, random_moment, wait_until
from .registry import fault, finish


@fault("tail of the ledger damaged", may_lose=True)
def tail_of_the_ledger(job, rng):
    """The last bytes cut off, zeroed or overwritten, after a clean stop."""
    _interrupted(job, rng, signal.SIGINT)
    _damage_tail(job.ledger(), rng)
    finish(job)
    return 1


@fault("tail of the ledger's -wal damaged", may_lose=True)
def tail_of_the_wal(job, rng):
    """The last bytes cut off, zeroed or overwritten, after kill -9: what a power cut leaves behind."""
    _interrupted(job, rng, signal.SIGKILL)
    return _to_file_beside(job, "-wal", lambda path: _damage_tail(path, rng))


@fault("bytes flipped in the ledger", seeds=2, may_lose=True)
def middle_of_the_ledger(job, rng):
    """A few bits anywhere in the file: every answer that comes out of it is one that went in."""
    _interrupted(job, rng, signal.SIGINT)
    _flip(job.ledger(), rng)
    finish(job)
    return 1


@fault("bytes flipped in the ledger's -wal", may_lose=True)
def middle_of_the_wal(job, rng):
    """A few bits anywhere in the file."""
    _interrupted(job, rng, signal.SIGKILL)
    return _to_file_beside(job, "-wal", lambda path: _flip(path, rng))


@fault("pages of the ledger zeroed or exchanged", may_lose=True)
def pages_of_the_ledger(job, rng):
    """Whole blocks of 512 or 4096 bytes, as a disk loses them."""
    _interrupted(job, rng, signal.SIGINT)
    path = job.ledger()
    content = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 3)):
        size = rng.choice([512, 4096])
        places = range(0, len(content) - size + 1, size)
        to, source = rng.choice(places), rng.choice(places)
        content[to : to + size] = rng.choice([bytes(size), content[source : source + size], rng.randbytes(size)])
    path.write_bytes(content)
    finish(job)
    return 1


@fault("ledger emptied or replaced", may_lose=True)
def replaced_ledger(job, rng):
    """Nothing, a text, zeros, or the beginning of a database where the ledger was."""
    _interrupted(job, rng, rng.choice([signal.SIGINT, signal.SIGKILL]))
    path = job.ledger()
    before = path.read_bytes()
    path.write_bytes(rng.choice([b"", b"nothing to see here\n", bytes(len(before)), before[:100], before[:4096]]))
    finish(job)
    return 1


@fault("older copy of the ledger put back", may_lose=True)
def older_ledger(job, rng):
    """A backup restored over the file, beside the -wal of a later moment or without it."""
    _interrupted(job, rng, signal.SIGINT)
    copy = job.folder / "backup.sqlite"
    shutil.copyfile(job.ledger(), copy)
    _interrupted(job, rng, rng.choice([signal.SIGINT, signal.SIGKILL]), last=40)
    shutil.copyfile(copy, job.ledger())
    if rng.random() < 0.5:
        _beside(job, "-wal").unlink(missing_ok=True)
    finish(job)
    return 1


@fault("-shm of the ledger removed or overwritten", seeds=0)
def shared_memory_of_the_ledger(job, rng):
    """It holds nothing that is not in the -wal."""
    _interrupted(job, rng, signal.SIGKILL)
    if rng.random() < 0.5:
        return _to_file_beside(job, "-shm", lambda path: path.unlink())
    return _to_file_beside(job, "-shm", lambda path: path.write_bytes(rng.randbytes(path.stat().st_size)))


@fault("-wal of the ledger removed", seeds=0, may_lose=True)
def wal_removed(job, rng):
    """With it go the answers of the last moments."""
    _interrupted(job, rng, signal.SIGKILL)
    return _to_file_beside(job, "-wal", lambda path: path.unlink())


@fault("folder of the answers removed", seeds=0, may_lose=True)
def answers_removed(job, rng):
    """Everything is asked again."""
    _interrupted(job, rng, signal.SIGINT)
    shutil.rmtree(job.answers)
    finish(job)
    return 1


@fault("run.json, answers or temporary files half written")
def half_written(job, rng):
    """Cut, emptied, overwritten or removed between interruption and resume."""
    with Harness(job) as harness:
        random_moment(harness, rng)
        harness.send(signal.SIGKILL)
        harness.ended()
    job.mark()
    if (job.run_dir / "record.json").exists():
        (job.run_dir / "record.json").unlink()
    job.run_dir.mkdir(exist_ok=True)
    for name in ("run.json", "answers.live.jsonl", "report.live.en.html", ".record.json.tmp", ".lock"):
        _half_write(job.run_dir / name, rng)
    finish(job)
    return 1


@fault("record.json half written")
def half_a_record(job, rng):
    """Never taken for a result: the run writes it again, or says which file is in the way."""
    with Harness(job) as harness:
        harness.must_finish()
    job.mark()
    path = job.run_dir / "record.json"
    whole = path.read_bytes()
    place = rng.randrange(len(whole))
    path.write_bytes(rng.choice([b"", whole[:place], whole[:place] + bytes(len(whole) - place)]))
    with Harness(job, command=["report", str(job.run_dir)]) as harness:
        assert harness.ended() == 2, harness.words()
        assert "record.json" in harness.words(), harness.words()
    with Harness(job) as harness:
        code = harness.ended()
        assert code in (0, 2), harness.words()
    if code != 0:
        assert "record.json" in harness.words(), harness.words()
        path.unlink()
        finish(job)
    return 1


def _interrupted(job, rng, number, last=90):
    """Stop the run when some cases have been answered and some have not."""
    with Harness(job) as harness:
        n = job.n_questions() + rng.randint(min(20, last), last)
        wait_until(lambda: job.n_questions() >= n, harness)
        harness.send(number)
        harness.ended()
    job.mark()
    assert job.ledger() is not None
    if (job.run_dir / "record.json").exists():
        raise TooLate


def _to_file_beside(job, suffix, do):
    """Do it to the file beside the ledger, then go on; 0 where the run had closed its ledger before it was killed."""
    path = _beside(job, suffix)
    injected = path.exists()
    if injected:
        do(path)
    finish(job)
    return int(injected)


def _beside(job, suffix):
    path = job.ledger()
    return path.with_name(path.name + suffix)


def _damage_tail(path, rng):
    content = path.read_bytes()
    n = rng.randint(1, min(len(content), 3 * 4096))
    begin = content[:-n]
    path.write_bytes(rng.choice([begin, begin + bytes(n), begin + rng.randbytes(n), content + rng.randbytes(n)]))


def _flip(path, rng):
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def _half_write(path, rng):
    how = rng.choice(["leave", "cut", "empty", "garbage", "remove"])
    content = path.read_bytes() if path.exists() else b""
    if how == "remove":
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    elif how != "leave":
        path.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "garbage": rng.randbytes(300)}[how])
