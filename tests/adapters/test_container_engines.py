"""The command lines of the engines, word for word."""

import dataclasses

import pytest

from dmn_bench.adapters.container_engines import (
    ContainerOrder,
    Mount,
    engine_arguments,
    health_arguments,
    leftovers_arguments,
    removal_arguments,
)

IMAGE = f"registry.example/vendor/square@sha256:{'a' * 64}"
IN = Mount(source="/exchange/input", target="/input")
OUT = Mount(source="/exchange/output", target="/output", writable=True)


def an_order(**changes):
    order = ContainerOrder(
        program="/usr/bin/engine",
        image=IMAGE,
        name="dmn-bench-child-x1",
        owner="host/12/345",
        command=("/input", "/output"),
        mounts=(IN, OUT),
        environment=("OMP_NUM_THREADS", "TOKEN"),
        user="1000:1000",
        cpus=2.0,
    )
    return dataclasses.replace(order, **changes)


LIKE_DOCKER = [
    "/usr/bin/engine",
    "run",
    "--rm",
    "--init",
    "--pull=never",
    "--log-driver=none",
    "--network=none",
    "--read-only",
    "--tmpfs=/tmp:rw,exec,nosuid,nodev,size=1024m,mode=1777",
    "--shm-size=1024m",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--pids-limit=512",
    "--memory=4096m",
    "--memory-swap=4096m",
    "--cpus=2",
    "--user=1000:1000",
    "--stop-timeout=1",
    "--name=dmn-bench-child-x1",
    "--label=dmn-bench=host/12/345",
    "--env=HOME=/tmp",
    "--env=OMP_NUM_THREADS",
    "--env=TOKEN",
    "--volume=/exchange/input:/input:ro,z",
    "--volume=/exchange/output:/output:rw,z",
]


def test_docker():
    assert list(engine_arguments("docker", an_order())) == [*LIKE_DOCKER, IMAGE, "/input", "/output"]


def test_docker_over_the_wire_with_a_gpu_and_without_limits():
    order = an_order(is_interactive=True, gpu=True, memory_mb=None, processes=None, cpus=None, command=(), mounts=(IN,))
    expected = [
        "/usr/bin/engine",
        "run",
        "--rm",
        "--interactive",
        "--init",
        "--pull=never",
        "--log-driver=none",
        "--network=none",
        "--read-only",
        "--tmpfs=/tmp:rw,exec,nosuid,nodev,size=1024m,mode=1777",
        "--shm-size=1024m",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--user=1000:1000",
        "--stop-timeout=1",
        "--name=dmn-bench-child-x1",
        "--label=dmn-bench=host/12/345",
        "--env=HOME=/tmp",
        "--env=OMP_NUM_THREADS",
        "--env=TOKEN",
        "--volume=/exchange/input:/input:ro,z",
        "--gpus=all",
        IMAGE,
    ]
    assert list(engine_arguments("docker", order)) == expected


def test_podman():
    own = ["--read-only-tmpfs=false", "--userns=keep-id", "--device=nvidia.com/gpu=all"]
    found = engine_arguments("podman", an_order(keep_id=True, gpu=True))
    assert list(found) == [*LIKE_DOCKER, *own, IMAGE, "/input", "/output"]
    assert list(engine_arguments("podman", an_order())) == [*LIKE_DOCKER, own[0], IMAGE, "/input", "/output"]


def test_an_image_that_may_be_written_and_a_network_of_the_site():
    found = engine_arguments("docker", an_order(read_only=False, network="licence-only"))
    assert "--read-only" not in found
    assert "--network=licence-only" in found
    assert "--read-only-tmpfs=false" not in engine_arguments("podman", an_order(read_only=False))


def test_apptainer():
    expected = [
        "/usr/bin/engine",
        "exec",
        "--containall",
        "--cleanenv",
        "--no-home",
        "--no-privs",
        "--net",
        "--network=none",
        "--memory=4096m",
        "--memory-swap=4096m",
        "--pids-limit=512",
        "--cpus=2",
        "--bind=/exchange/input:/input:ro",
        "--bind=/exchange/output:/output:rw",
        "image.sif",
        "/input",
        "/output",
    ]
    assert list(engine_arguments("apptainer", an_order(image="image.sif"))) == expected
    order = an_order(
        image="image.sif",
        command=(),
        gpu=True,
        read_only=False,
        memory_mb=None,
        processes=None,
        cpus=None,
        mounts=(IN,),
    )
    assert list(engine_arguments("apptainer", order)) == [
        "/usr/bin/engine",
        "run",
        *expected[2:8],
        "--writable-tmpfs",
        "--bind=/exchange/input:/input:ro",
        "--nv",
        "image.sif",
    ]


def test_containers_are_ended_by_name_and_found_by_label():
    assert removal_arguments("docker", "n") == ("docker", "rm", "--force", "n")
    ps = ("ps", "--all", "--filter=label=dmn-bench")
    assert leftovers_arguments("docker", "d") == ("d", *ps, '--format={{.Names}} {{.Label "dmn-bench"}}')
    assert leftovers_arguments("podman", "p") == ("p", *ps, '--format={{.Names}} {{index .Labels "dmn-bench"}}')


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("docker", ("info", "--format={{.MemoryLimit}} {{.PidsLimit}} {{.CPUCfsQuota}}")),
        ("podman", ("info", "--format={{.Host.CgroupsVersion}} {{.Host.Security.Rootless}}")),
        ("apptainer", ("version",)),
    ],
)
def test_an_engine_is_asked_how_it_is(engine, words):
    assert health_arguments(engine, "e") == ("e", *words)
