"""A real cluster of separate processes: the same answers as on this machine, and nothing that must not travel."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra dask is not installed")

from dmn_bench.errors import CandidateError, Interrupted, MachineError, ProtocolError
from dmn_bench.execution import cluster as engine

from .cluster_kit import ROOT, Asked, Cluster, children, in_workers
from .kit import until


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


def leftovers(cluster):
    """What runs of dmn-bench have left on the workers: processes and folders."""
    walked = os.walk(cluster.folder)  # which does not mind what goes meanwhile
    folders = [Path(top, name) for top, names, _ in walked for name in names if name.startswith("dmn-bench-")]
    return [child for pid in cluster.worker_pids() for child in children(pid)], folders


def nothing_left(cluster):
    """Whether it goes, for which no child waits until it has been idle: that takes a minute."""
    return until(lambda: leftovers(cluster) == ([], []), seconds=40) or leftovers(cluster)


def test_answers_are_those_of_local_processes(cluster, tmp_path):
    asked = Asked(tmp_path, options={"crashes_at": [5]})
    locally = asked.locally()
    assert asked.on(cluster) == locally
    assert {answer.status for answer in locally.values()} == {"answered", "failed"}
    assert asked.answers["c05a"].attempt == 2
    assert [row.attempt for row in asked.failed_attempts if row.case_id == "c05a"] == [1, 2]
    assert asked.summary.n_asked == 60
    assert asked.summary.workers == 2
    assert "own_process" in asked.summary.isolation
    assert len(asked.summary.decoders) == 1
    assert nothing_left(cluster) is True


def test_batches_of_the_candidate_change_no_answer_on_a_cluster(cluster, tmp_path):
    alone = Asked(tmp_path / "alone", options={"crashes_at": [5]}).locally()
    asked = Asked(tmp_path / "batched", options={"crashes_at": [5]}, batch=4)
    assert asked.on(cluster) == alone
    assert asked.answers["c05a"].attempt == 2


def test_a_file_that_cannot_be_read_is_unreadable_in_the_same_words(cluster, tmp_path):
    asked = Asked(tmp_path, damaged=("c03a", "c04b"))
    locally = asked.locally()
    assert locally["c03a"].status == "unreadable"
    assert asked.on(cluster) == locally
    assert asked.on(cluster, name="sent", send_files=True) == locally


def test_a_child_stays_warm_between_batches(cluster, tmp_path):
    asked = Asked(tmp_path)
    asked.on(cluster)
    assert 1 <= len(asked.summary.load_seconds) <= 2  # one for each worker at most


def test_files_are_sent_to_workers_that_share_no_folder(cluster, tmp_path):
    asked = Asked(tmp_path / "hidden")
    assert asked.on(cluster, send_files=True) == asked.locally()
    assert b"hidden" not in asked.engine._order  # nor do they learn where the folders are
    assert nothing_left(cluster) is True


def test_only_files_that_are_read_are_sent(cluster, tmp_path, monkeypatch):
    asked, sent = Asked(tmp_path), []
    contents = engine.DaskCluster._contents

    def watched(self, batch):
        sent.extend(file.name for case in batch.cases for file in case.reads)
        return contents(self, batch)

    monkeypatch.setattr(engine.DaskCluster, "_contents", watched)
    asked.on(cluster, send_files=True)
    assert sorted(sent) == sorted(name for case in asked.cases for name in case.files)


def test_a_worker_with_other_data_is_refused(cluster, tmp_path):
    asked = Asked(tmp_path)
    changed = asked.prepared.reference_set.root / asked.cases[7].files[0]
    changed.write_bytes(changed.read_bytes() + b"x")
    with pytest.raises(MachineError) as raised:
        asked.on(cluster)
    (problem,) = raised.value.problems
    assert problem.key == "execution.cluster_other_data"
    assert problem.facts["file"] == asked.cases[7].files[0]
    assert nothing_left(cluster) is True


def test_a_file_that_changes_after_the_set_was_verified_is_not_sent_as_if_it_were_the_same(cluster, tmp_path):
    asked = Asked(tmp_path)
    changed = asked.prepared.reference_set.root / asked.cases[7].files[0]
    changed.write_bytes(changed.read_bytes() + b"x")
    with pytest.raises(MachineError):
        asked.on(cluster, send_files=True)


def test_a_worker_with_another_candidate_is_refused(cluster, tmp_path):
    asked = Asked(tmp_path)
    with (asked.candidate.base / "squares_live.py").open("a") as stream:
        stream.write("# another version\n")
    with pytest.raises(MachineError) as raised:
        asked.on(cluster)
    assert raised.value.problems[0].key == "execution.cluster_other_candidate"


def test_a_worker_with_other_software_is_refused(cluster, tmp_path, monkeypatch):
    from dmn_bench.execution import cluster_worker

    real = cluster_worker.versions_here
    monkeypatch.setattr(engine, "versions_here", lambda *names: {**real(*names), "pydicom": "0.1"})
    with pytest.raises(MachineError) as raised:
        Asked(tmp_path).on(cluster)
    (problem,) = raised.value.problems
    assert problem.key == "execution.cluster_other_software"
    assert "(0.1)" in problem.facts["found"]


def test_a_model_that_does_not_load_ends_the_run(cluster, tmp_path):
    asked = Asked(tmp_path, options={"does_not_load": True})
    with pytest.raises(CandidateError) as raised:
        asked.on(cluster)
    assert raised.value.problems[0].key == "execution.candidate_does_not_load"
    assert nothing_left(cluster) is True


def test_an_interruption_keeps_what_was_answered_and_ends_the_children(cluster, tmp_path):
    hold = tmp_path / "hold"
    asked, heard = Asked(tmp_path, options={"seconds": 0.05, "hold": str(hold)}), []

    def interrupt(answer):
        heard.append(answer)
        if len(heard) == 5:
            hold.touch()
            os.kill(os.getpid(), signal.SIGINT)

    start = time.monotonic()
    with pytest.raises(Interrupted) as raised:
        asked.on(cluster, on_answer=interrupt)
    assert time.monotonic() - start < 300
    hold.unlink()
    (problem,) = raised.value.problems
    assert 5 <= problem.facts["answered"] < 60
    assert nothing_left(cluster) is True
    asked.on(cluster)
    assert asked.summary.n_kept == problem.facts["answered"]
    assert len(asked.answers) == 60


def test_the_children_of_a_run_that_was_killed_end_by_themselves(cluster, tmp_path):
    idle_for(cluster, 0.5)
    script = (
        "from pathlib import Path\nfrom types import SimpleNamespace\nfrom tests.execution.cluster_kit import Asked\n"
        f"asked = Asked(Path({str(tmp_path)!r}), options={{'seconds': 0.5}})\n"
        f"asked.on(SimpleNamespace(address={cluster.address!r}), on_answer=lambda answer: print('.', flush=True))\n"
    )
    try:
        with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) as run:
            try:
                assert run.stdout.readline() == b".\n"
                assert leftovers(cluster) != ([], [])
            finally:
                run.send_signal(signal.SIGKILL)
        assert until(lambda: leftovers(cluster) == ([], [])), leftovers(cluster)
    finally:
        idle_for(cluster, 60.0)


def idle_for(cluster, seconds):
    """After so long, a child of a run that is gone ends."""
    in_workers(cluster, lambda: setattr(sys.modules["dmn_bench.execution.cluster_site"], "IDLE_SECONDS", seconds))


def test_a_result_that_is_a_pickle_is_not_opened(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "answer_batch", _pickled)
    with pytest.raises(MachineError) as raised:
        Asked(tmp_path).on(cluster)
    assert raised.value.problems[0].key in ("execution.cluster_worker_failed", "execution.cluster_reply")
    assert not Path(tmp_path / "opened").exists()


class _Bomb:
    def __reduce__(self):
        return Path.touch, (Path("opened"),)


def _pickled(order, batch, package):
    return _Bomb()


def test_nobody_at_the_address(tmp_path, monkeypatch):
    from dmn_bench.execution import cluster_address

    monkeypatch.setattr(cluster_address, "CONNECT_SECONDS", 1)
    asked = Asked(tmp_path)
    asked.engine = engine.DaskCluster("tcp://127.0.0.1:1", asked.assignment())
    with pytest.raises(MachineError) as raised:
        asked.by(asked.engine, "nobody")
    assert raised.value.problems[0].key == "execution.cluster_unreachable"


def test_an_open_address_is_refused_before_anything_is_done(tmp_path):
    with pytest.raises(ProtocolError):
        engine.DaskCluster("tcp://192.0.2.1:8786", Asked(tmp_path).assignment())
