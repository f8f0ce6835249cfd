"""A vendor's image run by an engine: its options, and its faults in whole runs with a stand-in for the engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dmn_bench.adapters.container import Container
from dmn_bench.adapters.container_runner import is_gone, owner_of
from dmn_bench.errors import CandidateError, MachineError
from dmn_bench.execution.worker import Child
from dmn_bench.files import sha256_of
from tests.patience import limit_only, until

from .engine_stand_in import Engine
from .kit import problem_keys
from .programs_kit import ALL, ODD, WITHOUT_ODD, Run, is_odd

PROGRAMS = Path(__file__).with_name("programs")
DIGEST = f"sha256:{'0' * 63}a"
IMAGE = f"vendor/square@{DIGEST}"
FOLDERS = {"speaks": "folder", "most_files": 200}


@pytest.fixture(scope="module")
def docker():
    engine = Engine("docker")
    yield engine.start()
    engine.close()


@pytest.fixture(scope="module")
def apptainer():
    engine = Engine("apptainer")
    yield engine
    engine.close()


@pytest.fixture
def engine(request):
    return request.getfixturevalue(request.param)


BOTH = pytest.mark.parametrize("engine", ["docker", "apptainer"], indirect=True)


def over_the_wire(engine, behaviour="", **options):
    image = engine.image(sys.executable, "-B", PROGRAMS / "wire_square.py")
    options = {"class_options": {"behaviour": behaviour}, **options}
    return Container(image=image, engine=engine.engine, engine_path=str(engine.path), **options)


def through_folders(engine, behaviour="", **options):
    image = engine.image(sys.executable, "-B", PROGRAMS / "square.py")
    command = ("/input", "/output", behaviour)
    options = {**FOLDERS, "command": command, **options}
    return Container(image=image, engine=engine.engine, engine_path=str(engine.path), **options)


def problems(tmp_path, **options):
    with pytest.raises(CandidateError) as caught:
        Container(**{"image": IMAGE, **options}).program(tmp_path, {})
    return problem_keys(caught)


# ------------------------------------------------------------------------------------------------------------ options


def test_the_identity_is_the_digest_and_what_is_mounted(tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "w.bin").write_text("1")
    adapter = Container(image=IMAGE, mounts={"/weights": "weights"})
    assert adapter.identity(tmp_path) == {
        f"image {IMAGE}": DIGEST.removeprefix("sha256:"),
        "weights/w.bin": sha256_of(tmp_path / "weights" / "w.bin"),
    }
    assert Container(image=DIGEST).identity(tmp_path) == {f"image {DIGEST}": DIGEST.removeprefix("sha256:")}


def test_the_identity_of_an_image_in_a_file_is_that_of_the_file(tmp_path):
    (tmp_path / "square.sif").write_text("an image")
    found = Container(image="square.sif").identity(tmp_path)
    assert found == {"image square.sif": sha256_of(tmp_path / "square.sif")}


@pytest.mark.parametrize("image", ["vendor/square@sha256:4f1c", f"vendor/square@sha256:{'A' * 64}", "sha256:4f1c"])
def test_a_digest_that_is_not_whole_is_not_called_a_tag(tmp_path, image):
    assert problems(tmp_path, image=image) == {"adapters_programs.image_digest"}
    assert problems(tmp_path, image=image, allow_tag=True) == {"adapters_programs.image_digest"}


def test_a_tag_is_taken_on_request_alone_and_the_report_says_so(tmp_path, docker):
    assert problems(tmp_path, image="vendor/square:1.0") == {"adapters_programs.image_by_tag"}
    adapter = Container(image="vendor/square:1.0", allow_tag=True, engine="docker", engine_path=str(docker.path))
    assert adapter.identity(tmp_path) == {"image vendor/square:1.0": "tag vendor/square:1.0"}
    assert "container_image_by_tag" in adapter.program(tmp_path, {}).engine_protections


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"image": "-v"}, "image"),
        ({"image": "a b"}, "image"),
        ({"engine": "apptainer"}, "sif_needed"),
        ({"image": "x.sif", "engine": "docker"}, "sif_of_apptainer"),
        ({"image": "none.sif"}, "no_file"),
        ({"hosts": ("licence.example:443",)}, "hosts_need_network"),
        ({"network": "licence-only"}, "network_needs_hosts"),
        ({"network": "host", "hosts": ("licence.example:443",)}, "network"),
        ({"network": "bridge", "hosts": ("licence.example:443",)}, "network"),
        ({"network": "a --privileged", "hosts": ("licence.example:443",)}, "network"),
        ({"mounts": {"/weights": "none"}}, "no_file"),
        ({"mounts": {"weights": "."}}, "mount"),
        ({"mounts": {"/input": "."}}, "mount"),
        ({"mounts": {"/a/../etc": "."}}, "mount"),
        ({"memory_mb": 0}, "above_nought"),
        ({"user": "root"}, "user"),
        ({"results": "dicom", "receives": "dicom"}, "folder_only"),
        ({"exit_statuses": {"3": "abstained"}}, "folder_only"),
        ({"batch": 0}, "at_least_one"),
    ],
)
def test_what_cannot_be_is_said(tmp_path, options, key):
    assert problems(tmp_path, **options) == {f"adapters_programs.{key}"}


def test_an_engine_on_another_machine_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2375")
    assert problems(tmp_path) == {"adapters_programs.engine_elsewhere"}
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/user/1000/docker.sock")
    Container(image=IMAGE).identity(tmp_path)


def test_a_machine_without_an_engine_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError) as caught:
        Container(image=IMAGE).program(tmp_path, {})
    assert problem_keys(caught) == {"adapters_programs.no_engine"}


def test_the_engine_that_is_there_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("podman", "docker", "apptainer"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        expected = name if name != "apptainer" else "docker"
        program = Container(image=IMAGE).program(tmp_path, {})
        assert program.options["engine"] == expected
        assert program.afterwards == (str(tmp_path / expected), "rm", "--force", "dmn-bench-{child}")
    (tmp_path / "x.sif").write_text("")
    program = Container(image="x.sif").program(tmp_path, {})
    assert (program.options["engine"], program.afterwards) == ("apptainer", ())


def test_the_engine_is_told_to_protect_and_the_report_told_what(tmp_path, docker):
    def words(**options):
        adapter = Container(image=IMAGE, engine="docker", engine_path=str(docker.path), **options)
        program = adapter.program(tmp_path, {})
        assert program.where == "container"
        return program.engine_protections

    assert words() == (
        "container_engine_docker",
        "container_no_network",
        "container_read_only",
        "container_capabilities_dropped",
        "container_memory_limited",
        "container_processes_limited",
        "container_user_mapped",
    )
    weaker = {"memory_mb": None, "processes": None, "read_only": False, "user": "0:0"}
    assert words(network="licence-only", hosts=("licence.example:443",), **weaker) == (
        "container_engine_docker",
        "container_network_of_site",
        "container_not_read_only",
        "container_capabilities_dropped",
        "container_memory_not_limited",
        "container_processes_not_limited",
        "container_user_root",
    )


# --------------------------------------------------------------------------------------------------------------- runs


@BOTH
@pytest.mark.parametrize("adapter", [over_the_wire, through_folders])
@pytest.mark.parametrize("batch", [1, 2])
def test_an_image_answers_every_case(tmp_path, engine, adapter, batch):
    run = Run(tmp_path, adapter(engine, batch=batch)).ask()
    assert run.scores == ALL
    assert run.failed_attempts == ()


@pytest.fixture
def only_a_hang_is_limited(monkeypatch, behaviour):
    if behaviour == "hang":
        limit_only(monkeypatch, is_odd, seconds=1.0)


WIRE_FAULTS = {
    "crash": ("exited with code 139", "died with signal 11"),
    "out of memory": ("137 (killed from outside, as for too much memory)", "died with signal 9"),
    "exit": ("exited with code 7", "exited with code 7"),
    "hang": ("timed out after 1 s",) * 2,
    "garbage": ("broke the wire protocol: header of 4294967295 bytes",) * 2,
    "half": ("exited with code 0",) * 2,
    "wrong id": (f"expected an answer to r-{ODD}, found one to another",) * 2,
    "two answers": ("two answers to one request",) * 2,
    "error": ("no licence",) * 2,
}


@pytest.mark.parametrize("behaviour", WIRE_FAULTS)
@pytest.mark.usefixtures("only_a_hang_is_limited")
def test_a_fault_on_the_wire_costs_the_case_it_belongs_to(tmp_path, docker, behaviour):
    run = Run(tmp_path, over_the_wire(docker, behaviour)).ask()
    assert run.scores == WITHOUT_ODD
    assert WIRE_FAULTS[behaviour][0] in run.answers[ODD].reason
    assert docker.running() == []


@pytest.mark.parametrize("behaviour", ["crash", "out of memory", "hang"])
@pytest.mark.usefixtures("only_a_hang_is_limited")
def test_a_fault_under_apptainer_costs_the_case_it_belongs_to(tmp_path, apptainer, behaviour):
    run = Run(tmp_path, over_the_wire(apptainer, behaviour)).ask()
    assert run.scores == WITHOUT_ODD
    assert WIRE_FAULTS[behaviour][1] in run.answers[ODD].reason


@pytest.mark.parametrize("behaviour", ["second answer later", "leaves"])
def test_what_an_image_does_after_an_answer_costs_no_later_case(tmp_path, docker, monkeypatch, behaviour):
    asked = Child.ask_together

    def ask_together(self, requests):
        replies = asked(self, requests)
        if behaviour == "leaves" and any(is_odd(request) for request in requests):
            assert until(lambda: docker.running() == [])
        return replies

    monkeypatch.setattr(Child, "ask_together", ask_together)
    run = Run(tmp_path, over_the_wire(docker, behaviour)).ask()
    assert run.scores == ALL
    assert run.failed_attempts == ()


FOLDER_FAULTS = {
    "crash": "exited with code 139",
    "out of memory": "exited with code 137 (killed from outside, as for too much memory)",
    "hang": "timed out after 1 s",
    "half": "answer.json: expected a JSON object",
    "many files": "expected at most 200 files and folders",
    "link": "expected a plain file, found a link",
}


@pytest.mark.parametrize("behaviour", FOLDER_FAULTS)
@pytest.mark.usefixtures("only_a_hang_is_limited")
def test_a_fault_in_folders_costs_the_case_it_belongs_to(tmp_path, docker, behaviour):
    run = Run(tmp_path, through_folders(docker, behaviour)).ask()
    assert run.scores == WITHOUT_ODD
    assert FOLDER_FAULTS[behaviour] in run.answers[ODD].reason
    assert docker.running() == []


@BOTH
def test_copies_of_files_are_seen_under_input(tmp_path, engine):
    """The program tells the length of the file that it is given, by the path that it is given."""
    source = tmp_path / "request-1"
    source.mkdir()
    (source / "image-1.dcm").write_bytes(b"x" * 42)
    adapter = over_the_wire(engine, receives="dicom")
    run = Run(tmp_path, adapter, n=1, files=(source / "image-1.dcm",)).ask()
    assert run.scores == {"c0": 42}


# ------------------------------------------------------------------------------------------------------- the engine


def load_failure(tmp_path, adapter):
    with pytest.raises(CandidateError) as caught:
        Run(tmp_path, adapter).ask()
    return caught.value.problems[0].facts["found"]


def test_an_image_that_does_not_load_says_what_it_printed_last(tmp_path, docker):
    found = load_failure(tmp_path, over_the_wire(docker, "does not load"))
    assert "exited with code 9; last line printed: weights are damaged" in found


def test_an_image_that_is_not_there_says_how_to_get_it(tmp_path, docker):
    adapter = Container(image=IMAGE.replace("0a", "ff"), engine="docker", engine_path=str(docker.path))
    found = load_failure(tmp_path, adapter)
    assert "has no image" in found
    assert "docker load" in found


def test_a_service_that_is_down_says_what_to_do(tmp_path):
    engine = Engine("docker")
    try:
        found = load_failure(tmp_path, over_the_wire(engine))
    finally:
        engine.close()
    assert "docker does not answer (Cannot connect to the docker service. Is it running?). Start its service" in found


@pytest.mark.parametrize(
    ("name", "said", "limits", "is_refused"),
    [
        ("docker", "false true true", {}, True),
        ("docker", "false true true", {"memory_mb": None}, False),
        ("podman", "v1 true", {}, True),
        ("podman", "v1 true", {"memory_mb": None, "processes": None}, False),
        ("podman", "v2 true", {}, False),
    ],
)
def test_limits_that_an_engine_would_ignore_are_not_promised(tmp_path, name, said, limits, is_refused):
    engine = Engine(name)
    try:
        engine.start(health=said)
        adapter = over_the_wire(engine, **limits)
        if is_refused:
            assert "cannot limit memory, processes or processors" in load_failure(tmp_path, adapter)
        else:
            assert Run(tmp_path, adapter, n=1).ask().scores == {"c0": 200}
    finally:
        engine.close()


def test_containers_of_killed_runs_are_ended_by_the_next_and_those_of_others_left_alone(tmp_path, docker):
    image = docker.image("/bin/sleep", command=["300"])
    ended = subprocess.Popen([sys.executable, "-c", ""])
    owner = owner_of(ended.pid)
    ended.wait()
    clients = []
    for name, label in (("gone", owner), ("here", owner_of(os.getpid())), ("elsewhere", "other-host/1/1")):
        words = [docker.path, "run", f"--name=dmn-bench-{name}", f"--label=dmn-bench={label}", image]
        clients.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
    try:
        assert until(lambda: len(docker.running()) == 3)
        assert Run(tmp_path, over_the_wire(docker), n=1).ask().scores == {"c0": 200}
        assert sorted(docker.running()) == ["dmn-bench-elsewhere", "dmn-bench-here"]
    finally:
        for name in docker.running():
            subprocess.run([docker.path, "rm", "--force", name], check=False)
        for client in clients:
            client.wait()


def test_a_number_of_a_process_that_is_used_again_is_not_the_process():
    own = owner_of(os.getpid())
    assert not is_gone(own)
    host, number, began = own.split("/")
    assert is_gone(f"{host}/{number}/{int(began) - 1}")
    assert not is_gone(f"another-{host}/{number}/1")
    assert not is_gone("nonsense")


def test_every_container_is_started_with_all_its_seals(tmp_path, docker):
    Run(tmp_path, through_folders(docker), n=1).ask()
    words = docker.told("run")[-1]
    for word in ("--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pull=never"):
        assert word in words
    user = next(word for word in words if word.startswith("--user=")).removeprefix("--user=")
    assert user == ("65534:65534" if os.geteuid() == 0 else f"{os.getuid()}:{os.getgid()}")
    inside = [word.split(":")[1:] for word in words if word.startswith("--volume=")]
    assert inside == [["/input", "ro,z"], ["/output", "rw,z"]]
