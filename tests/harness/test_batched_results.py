"""The results of a run are the same bytes whether cases are put one by one or in batches, crashes included."""

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.files import canonical_json
from dmn_bench.harness import RunOptions, evaluate

from . import small_run

N_KILLS = 2  # exams of the patient whose picture ends the candidate's process
BATCHED = """

class Candidate(Candidate):
    def answer_batch(self, requests):
        return [self.answer(request) for request in requests]
"""


@pytest.fixture
def record_of(tmp_path):
    def record_of(batch, workers, *, more=""):
        folder = tmp_path / f"{batch}-{workers}"
        protocol = small_run.write(folder)
        program, manifest = folder / "candidate" / "squares_live.py", folder / "candidate" / "candidate.yaml"
        program.write_text(program.read_text() + more)
        manifest.write_text(manifest.read_text() + f"batch: {batch}\n")
        return evaluate(protocol, RunOptions(run_dir=folder / "run", workers=workers), catalogue=build_catalogue())

    return record_of


@pytest.mark.parametrize("more", ["", BATCHED], ids=["one by one", "answered together"])
def test_results_are_the_same_bytes_for_every_batch(record_of, more):
    records = {batch: record_of(batch, workers, more=more) for batch, workers in ((1, 1), (3, 2), (8, 1))}
    results = {batch: canonical_json(record.results.model_dump(mode="json")) for batch, record in records.items()}
    assert results[1] == results[3] == results[8]
    timing = next(row for row in records[1].observed.timing if row.candidate == "live")
    assert timing.failed_attempts == {"ended": 2 * N_KILLS}
    assert {batch: record.observed.timing[0].batch for batch, record in records.items()} == {1: 1, 3: 3, 8: 8}
    together = next(row for row in records[8].observed.timing if row.candidate == "live").failed_attempts
    assert together["in_batch"] >= N_KILLS  # they, and whoever was with them
    assert together["ended"] == N_KILLS
