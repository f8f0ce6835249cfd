"""Whatever happens to the file: no row ever differs from what was kept, and what lies on whole pages is still there."""

import random
import shutil

import pytest

from dmn_bench.errors import MachineError
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.outcome import FailedAttempt, Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, FindingAnswer

ASKED = "a" * 64
PAGE = 4096
FRAME = PAGE + 24
REFUSALS = {"execution.ledger_of_other_format", "execution.ledger_of_unknown_questions"}


def outcome(number, rng):
    name = f"case-{number:05d}"
    if rng.random() < 0.1:  # longer than a page
        answer = Answer(case_id=name, status="failed", reason=f"<{name}> " * rng.choice([80, 500, 3000]))
        tries = (FailedAttempt(name, 1, f"died with <{name}>", "words"),)
        return Outcome(asked=AskedAnswer(answer=answer), failed_attempts=tries, decoders=("raster 1.0",))
    findings = {f"<{name}>": FindingAnswer(score=rng.random())}
    answer = Answer(case_id=name, status="answered", findings=findings)
    seconds = rng.choice([1.0, 0.25, rng.random()])
    asked = AskedAnswer(answer=answer, seconds=seconds, peak_memory_mb=100.0, n_pixels=number, is_warm_up=number == 0)
    return Outcome(asked=asked, load_seconds=(2.0,) if number == 0 else ())


def written(folder, rng, *, killed):
    """A ledger with what was kept in it; where killed, as an outright kill leaves it, with its log."""
    path = folder / f"{ASKED}.sqlite"
    kept = {}
    numbers = list(range(rng.choice([1, 40, 250])))
    rng.shuffle(numbers)
    ledger = Ledger(folder / "at-work" / path.name, ASKED)
    with ledger:
        ledger._connection.execute(
            "PRAGMA synchronous = OFF"
        )  # no power fails here, and waiting for the disk takes long
        size = rng.choice([1, 7, 64])
        for start in range(0, len(numbers), size):
            batch = [outcome(number, rng) for number in numbers[start : start + size]]
            ledger.keep(batch)
            kept |= {each.asked.answer.case_id: each.asked for each in batch}
            if killed and rng.random() < 0.05:
                ledger._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if killed:
            for ending in ("", "-wal"):
                shutil.copy(folder / "at-work" / (path.name + ending), folder / (path.name + ending))
    if not killed:
        shutil.copy(folder / "at-work" / path.name, path)
    shutil.rmtree(folder / "at-work")
    return path, kept


def images(path):
    """(file, start, end) of every page image of the main file and of the log."""
    log = path.with_name(path.name + "-wal")
    found = [(path, start, start + PAGE) for start in range(0, path.stat().st_size, PAGE)]
    if log.exists():
        found += [(log, start, start + FRAME) for start in range(32, log.stat().st_size, FRAME)]
    return found


def damage(path, rng):
    """Overwrite, cut or empty; the places of the bytes touched, by file."""
    log = path.with_name(path.name + "-wal")
    target = log if log.exists() and log.stat().st_size and rng.random() < 0.5 else path
    raw = bytearray(target.read_bytes())
    kind = rng.choice(["bytes", "bytes", "range", "cut", "header", "empty", "gone", "zeros"])
    if kind == "gone" or kind == "empty":
        touched = [(0, len(raw))]
        target.unlink() if kind == "gone" else target.write_bytes(b"")
        return target, touched
    if kind == "cut":
        at = rng.randrange(len(raw))
        target.write_bytes(raw[:at])
        return target, [(at, len(raw))]
    if kind == "bytes":
        places = [rng.randrange(len(raw)) for _ in range(rng.choice([1, 3, 50]))]
        touched = [(place, place + 1) for place in places]
    elif kind == "header":
        touched = [(0, rng.choice([1, 16, 100, PAGE]))]
    else:
        start = rng.randrange(len(raw))
        touched = [(start, min(len(raw), start + rng.choice([512, PAGE, 40000])))]
    for start, end in touched:
        raw[start:end] = bytes(end - start) if kind == "zeros" else rng.randbytes(end - start)
    target.write_bytes(raw)
    return target, touched


def whole(kept, before, target, touched):
    """The cases none of whose bytes lay on a page that was touched.

    A transaction of the log whose last frame is touched, with no whole last frame after it, was never ended.
    """
    broken = set()
    log = [(start, end) for file, start, end, raw in before if "-wal" in file.name and any(raw[4:8])]
    ended = [start for start, end in log if not any(first < end and start < last for first, last in touched)]
    for file, start, end, content in before:
        is_open = "-wal" in target.name and file == target and start > max(ended, default=-1)
        if is_open or (file == target and any(first < end and start < last for first, last in touched)):
            broken |= {name for name in kept if f"{name}".encode() in content}
    return set(kept) - broken


def read_all(path):
    """All that a resumed run would find; what came to light while reading is repaired by the next opening."""
    try:
        with Ledger(path, ASKED) as ledger:
            return ledger.answers(), ledger.failed_attempts(), ledger.repaired
    except MachineError as error:
        if {problem.key for problem in error.problems} != {"execution.ledger_damaged"}:
            raise
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired is not None
        assert ledger.repaired.damaged.exists()
        return ledger.answers(), ledger.failed_attempts(), ledger.repaired


@pytest.mark.parametrize("seed", range(120))
def test_no_row_differs_and_none_on_a_whole_page_is_lost(tmp_path, seed):
    rng = random.Random(seed)
    path, kept = written(tmp_path, rng, killed=seed % 2 == 1)
    before = [(file, start, end, file.read_bytes()[start:end]) for file, start, end in images(path)]
    target, touched = damage(path, rng)
    try:
        found, attempts, _ = read_all(path)
    except MachineError as error:
        if {problem.key for problem in error.problems} <= REFUSALS:
            return
        raise
    assert all(kept[name] == asked for name, asked in found.items())
    assert whole(kept, before, target, touched) <= set(found)
    assert all(each == FailedAttempt(each.case_id, 1, f"died with <{each.case_id}>", "words") for each in attempts)
    with Ledger(path, ASKED) as ledger:  # what was lost is asked again, and all is well
        assert ledger.repaired is None
        ledger.keep(outcome(int(name[-5:]), rng) for name in sorted(set(kept) - set(found)))
        assert set(ledger.answers()) == set(kept)
        ledger.seal()
