"""Workers and schedulers that die: no answer is lost, none counts twice, a case that kills costs itself alone."""

import contextlib
import os
import signal
import subprocess

import pytest

pytest.importorskip("distributed", reason="the extra dask is not installed")

from dmn_bench.errors import MachineError
from dmn_bench.execution import cluster as engine

from .cluster_kit import ROOT, Asked, Cluster, children

SCRIPT = ROOT / "configs" / "cluster" / "certificates.sh"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


def test_a_worker_killed_in_mid_run_changes_no_answer(cluster, tmp_path):
    asked, heard, killed = Asked(tmp_path, options={"seconds": 0.05}), [], []

    def kill_a_worker_that_asks(answer):
        heard.append(answer)
        at_work = [pid for pid in cluster.worker_pids() if children(pid)]
        if len(heard) >= 10 and not killed and at_work:
            killed.append(at_work[0])
            os.kill(at_work[0], signal.SIGKILL)

    assert asked.on(cluster, on_answer=kill_a_worker_that_asks) == asked.locally()
    assert len(killed) == 1
    assert sorted(answer.answer.case_id for answer in heard) == sorted(case.case_id for case in asked.cases)


def test_the_cases_of_a_lost_worker_are_marked(cluster, tmp_path):
    marker = tmp_path / "killed"
    asked = Asked(tmp_path, options={"poison": [6], "once": str(marker)})
    asked.on(cluster)
    again = {case_id for case_id, each in asked.answers.items() if each.attempt == 2}
    assert marker.exists()
    assert again & {"c06a", "c06b"}
    assert {answer.answer.status for answer in asked.answers.values()} == {"answered"}
    assert {row.case_id for row in asked.failed_attempts} == again
    assert {row.reason for row in asked.failed_attempts} == {"the worker was lost while it had this case"}
    assert {row.attempt for row in asked.failed_attempts} == {1}


def test_beside_other_threads_too_it_costs_itself_alone(tmp_path):
    with Cluster(tmp_path / "cluster", workers=1, threads=3) as cluster:
        asked = Asked(tmp_path, options={"poison": [7]}, settings={"attempts": 1})
        answers = asked.on(cluster)
        assert asked.summary.workers == 3
    failed = {case_id for case_id, answer in answers.items() if answer.status == "failed"}
    assert failed == {"c07a", "c07b"}


def test_a_case_that_kills_its_worker_costs_itself_alone(cluster, tmp_path):
    asked = Asked(tmp_path, options={"poison": [7]}, settings={"attempts": 3})
    answers = asked.on(cluster)
    failed = {case_id: answer.reason for case_id, answer in answers.items() if answer.status == "failed"}
    assert failed.keys() == {"c07a", "c07b"}
    assert all(reason.startswith("its worker died") for reason in failed.values())
    tries = [len([row for row in asked.failed_attempts if row.case_id == case_id]) for case_id in failed]
    assert tries == [3, 3]
    unharmed = Asked(tmp_path / "unharmed")
    locally = unharmed.locally()
    assert {k: v for k, v in answers.items() if k not in failed} == {
        k: v for k, v in locally.items() if k not in failed
    }


def test_workers_that_come_late_work_too(tmp_path):
    with Cluster(tmp_path / "cluster", workers=1) as cluster:
        asked, heard = Asked(tmp_path, options={"seconds": 0.05}), []

        def one_more(answer):
            heard.append(answer)
            if len(heard) == 1:
                cluster.workers.append(cluster.add_worker())
                cluster.wait_for_workers(2)  # nothing new is put meanwhile

        asked.on(cluster, on_answer=one_more)
        assert asked.summary.workers == 2
        assert len(asked.answers) == 60


def test_a_lost_scheduler_ends_the_run_and_the_answers_stay(tmp_path):
    with Cluster(tmp_path / "cluster", workers=1) as cluster:
        asked, heard = Asked(tmp_path, options={"seconds": 0.05}), []

        def kill(answer):
            heard.append(answer)
            if len(heard) == 8:
                cluster.scheduler.kill()

        with pytest.raises(MachineError) as raised:
            asked.on(cluster, on_answer=kill)
        assert raised.value.problems[0].key == "execution.cluster_lost"
    with Cluster(tmp_path / "next", workers=1) as cluster:
        asked.on(cluster)
        assert 8 <= asked.summary.n_kept < 60
        assert len(asked.answers) == 60


def test_a_cluster_without_workers_is_said_to_be_one(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "NO_WORKER_SECONDS", 1.0)
    with Cluster(tmp_path / "cluster", workers=0) as cluster, pytest.raises(MachineError) as raised:
        Asked(tmp_path).on(cluster)
    assert raised.value.problems[0].key == "execution.cluster_no_workers"


# -------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    try:
        made = subprocess.run(["sh", SCRIPT, folder], capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no shell: {error}")
    if "not found" in made.stderr:
        pytest.skip("openssl is not installed")
    assert made.returncode == 0, made.stderr
    assert made.stdout == f"export DASK_CONFIG={folder}/dask.yaml\n"
    return folder


@contextlib.contextmanager
def configured(path):
    import dask

    with dask.config.set():  # gives back what was there
        dask.config.refresh(paths=[str(path)])
        yield
    dask.config.refresh()


def test_the_certificates_are_for_their_owner_alone_and_the_authority_is_gone(certificates):
    files = {path.name: path.stat().st_mode & 0o077 for path in certificates.iterdir()}
    assert files == dict.fromkeys(("ca.pem", "cluster.key", "cluster.pem", "dask.yaml"), 0)
    again = subprocess.run(["sh", SCRIPT, certificates], capture_output=True, text=True, check=False)
    assert again.returncode == 1


def test_a_cluster_speaks_tls_with_certificates_of_ones_own(certificates, tmp_path):
    environment = {"DASK_CONFIG": str(certificates / "dask.yaml")}
    with Cluster(tmp_path / "cluster", workers=1, tls=environment) as cluster:
        assert cluster.address.startswith("tls://")
        asked = Asked(tmp_path, n=12)
        with pytest.raises(MachineError) as raised:  # without a certificate nobody gets in
            asked.on(cluster, name="without")
        assert raised.value.problems[0].key == "execution.cluster_tls"
        with configured(certificates / "dask.yaml"):
            assert asked.on(cluster, send_files=True) == asked.locally()


def test_certificates_of_another_authority_are_not_accepted(certificates, tmp_path, monkeypatch):
    from dmn_bench.execution import cluster_address

    monkeypatch.setattr(cluster_address, "CONNECT_SECONDS", 3)
    other = tmp_path / "other"
    subprocess.run(["sh", SCRIPT, other], capture_output=True, check=True)
    environment = {"DASK_CONFIG": str(certificates / "dask.yaml")}
    with Cluster(tmp_path / "cluster", workers=0, tls=environment) as cluster, configured(other / "dask.yaml"):
        with pytest.raises(MachineError) as raised:
            Asked(tmp_path, n=1).on(cluster)
        assert raised.value.problems[0].key == "execution.cluster_unreachable"


def test_who_must_encrypt_does_not_talk_in_the_clear(certificates, cluster, tmp_path):
    with configured(certificates / "dask.yaml"), pytest.raises(MachineError) as raised:
        Asked(tmp_path, n=1).on(cluster)
    assert raised.value.problems[0].key == "execution.cluster_unreachable"
    assert "encryption required" in raised.value.problems[0].facts["found"]
