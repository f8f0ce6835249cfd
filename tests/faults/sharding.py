"""Faults of runs in parts: each part killed and resumed, the parts merged in any order."""

import signal

from .kit import Job
from .processes import Harness, random_moment
from .registry import fault, finish


@fault("kill -9 of parts (--shard), merged in any order", slow=True)
def killed_parts(job, rng):
    """Every part is killed at most twice; the answers end in one ledger, from which the run is scored."""
    n = rng.randint(2, 4)
    parts = [Job(job.folder, run_name=f"part{k}") for k in range(1, n + 1)]
    injected = sum(_one_part(part, f"{k}/{n}", rng) for k, part in enumerate(parts, start=1))
    folders = [str(part.run_dir) for part in rng.sample(parts, n)]
    asked = job.n_questions()
    job.answers_dir = job.folder / "merged"
    with Harness(job, command=["merge", *folders, "--into", str(job.answers_dir)]) as merging:
        if rng.random() < 0.5:
            merging.send(signal.SIGKILL)
            injected += 1
        else:
            assert merging.ended() == 0, merging.words()
        merging.ended()
    with Harness(job, command=["merge", *reversed(folders), "--into", str(job.answers_dir)]) as merging:
        assert merging.ended() == 0, merging.words()
    finish(job)
    assert job.n_questions() == asked, "merged answers were asked again"
    return injected


@fault("a part is missing at the merge", slow=True)
def missing_part(job, rng):
    """What nobody asked is asked when the run is scored, and nothing else."""
    n = rng.randint(2, 3)
    left_out = rng.randint(1, n)
    for k in range(1, n + 1):
        if k != left_out:
            part = Job(job.folder, run_name=f"part{k}")
            with Harness(part, "--shard", f"{k}/{n}") as harness:
                harness.must_finish()
    folders = [str(job.folder / f"part{k}") for k in range(1, n + 1) if k != left_out]
    job.answers_dir = job.folder / "merged"
    with Harness(job, command=["merge", *folders, "--into", str(job.answers_dir)]) as merging:
        assert merging.ended() == 0, merging.words()
    job.mark()
    finish(job)
    assert not job.asked_again()
    return 1


def _one_part(part, shard, rng):
    injected = 0
    for _ in range(rng.randint(0, 2)):
        with Harness(part, "--shard", shard) as harness:
            random_moment(harness, rng, last=25)
            if harness.is_over():
                break
            harness.send(signal.SIGKILL)
            harness.ended()
        injected += 1
    with Harness(part, "--shard", shard) as harness:
        harness.must_finish()
    return injected
