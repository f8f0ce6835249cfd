"""The exact command lines with which container engines are told to run a candidate; nothing is run here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

EngineName = Literal["docker", "podman", "apptainer"]
ENGINES: tuple[EngineName, ...] = ("docker", "podman", "apptainer")
LABEL = "dmn-bench"  # of every container that is ours; its value says which process started it
NO_NETWORK = "none"
TEMPORARY = "/tmp"
SECONDS_TO_STOP = 1


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A folder or file of this machine seen in the container; absolute paths without colon and comma."""

    source: str
    target: str
    writable: bool = False


@dataclass(frozen=True, kw_only=True)
class ContainerOrder:
    """One container: what runs in it, what it sees and what it may use.

    ``program``: the engine's command line. ``image``: a reference the engine knows, or a file for Apptainer. ``owner``:
    value of the label. ``environment``: names of variables that go in with their values. ``user``: "uid:gid".
    ``keep_id``: a rootless Podman maps us to ourselves. ``memory_mb``, ``processes``, ``cpus``: None for no limit.
    ``temporary_mb``: of /tmp, and again of /dev/shm. ``is_interactive``: its standard input stays open.
    """

    program: str
    image: str
    name: str
    owner: str
    command: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    environment: tuple[str, ...] = ()
    user: str = "65534:65534"
    keep_id: bool = False
    memory_mb: int | None = 4096
    processes: int | None = 512
    cpus: float | None = None
    temporary_mb: int = 1024
    read_only: bool = True
    gpu: bool = False
    network: str = NO_NETWORK
    is_interactive: bool = False


def docker_arguments(order: ContainerOrder) -> tuple[str, ...]:
    """The command line for Docker."""
    gpu = ("--gpus=all",) if order.gpu else ()
    return (*_like_docker(order), *gpu, *_image_and_command(order))


def podman_arguments(order: ContainerOrder) -> tuple[str, ...]:
    """The command line for Podman, which by itself would mount further writable folders in a read-only container."""
    own = ["--read-only-tmpfs=false"] if order.read_only else []
    if order.keep_id:
        own.append("--userns=keep-id")
    if order.gpu:
        own.append("--device=nvidia.com/gpu=all")
    return (*_like_docker(order), *own, *_image_and_command(order))


def apptainer_arguments(order: ContainerOrder) -> tuple[str, ...]:
    """The command line for Apptainer: always as the user who runs it, the image always read-only by itself.

    ``environment`` goes in through variables with the prefix APPTAINERENV_, which are not part of the command line.
    """
    limits = []
    if order.memory_mb is not None:
        limits += [f"--memory={order.memory_mb}m", f"--memory-swap={order.memory_mb}m"]
    if order.processes is not None:
        limits.append(f"--pids-limit={order.processes}")
    if order.cpus is not None:
        limits.append(f"--cpus={order.cpus:g}")
    return (
        order.program,
        "exec" if order.command else "run",
        "--containall",
        "--cleanenv",
        "--no-home",
        "--no-privs",
        "--net",
        f"--network={order.network}",
        *(() if order.read_only else ("--writable-tmpfs",)),
        *limits,
        *(f"--bind={mount.source}:{mount.target}:{'rw' if mount.writable else 'ro'}" for mount in order.mounts),
        *(("--nv",) if order.gpu else ()),
        *_image_and_command(order),
    )


ARGUMENTS: Mapping[EngineName, Callable[[ContainerOrder], tuple[str, ...]]] = {
    "docker": docker_arguments,
    "podman": podman_arguments,
    "apptainer": apptainer_arguments,
}


def engine_arguments(engine: EngineName, order: ContainerOrder) -> tuple[str, ...]:
    """The command line that runs a container; the same order always gives the same one."""
    return ARGUMENTS[engine](order)


def removal_arguments(program: str, name: str) -> tuple[str, ...]:
    """The command line that ends and removes a container; fails or does nothing where there is none."""
    return (program, "rm", "--force", name)


def leftovers_arguments(engine: EngineName, program: str) -> tuple[str, ...]:
    """The command line that lists our containers: in each line the name, a blank and the value of the label."""
    label = f'{{{{.Label "{LABEL}"}}}}' if engine == "docker" else f'{{{{index .Labels "{LABEL}"}}}}'
    return (program, "ps", "--all", f"--filter=label={LABEL}", f"--format={{{{.Names}}}} {label}")


def health_arguments(engine: EngineName, program: str) -> tuple[str, ...]:
    """The command line that says in words whether limits hold: three for Docker, two for Podman; fails if it is down.

    Docker: memory limit, process limit, processor limit (true, false). Podman: version of cgroups, rootless.
    """
    if engine == "docker":
        return (program, "info", "--format={{.MemoryLimit}} {{.PidsLimit}} {{.CPUCfsQuota}}")
    if engine == "podman":
        return (program, "info", "--format={{.Host.CgroupsVersion}} {{.Host.Security.Rootless}}")
    return (program, "version")


def _like_docker(order: ContainerOrder) -> tuple[str, ...]:
    limits = []
    if order.processes is not None:
        limits.append(f"--pids-limit={order.processes}")
    if order.memory_mb is not None:
        limits += [f"--memory={order.memory_mb}m", f"--memory-swap={order.memory_mb}m"]
    if order.cpus is not None:
        limits.append(f"--cpus={order.cpus:g}")
    return (
        order.program,
        "run",
        "--rm",
        *(("--interactive",) if order.is_interactive else ()),
        "--init",
        "--pull=never",
        "--log-driver=none",
        f"--network={order.network}",
        *(("--read-only",) if order.read_only else ()),
        f"--tmpfs={TEMPORARY}:rw,exec,nosuid,nodev,size={order.temporary_mb}m,mode=1777",
        f"--shm-size={order.temporary_mb}m",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        *limits,
        f"--user={order.user}",
        f"--stop-timeout={SECONDS_TO_STOP}",
        f"--name={order.name}",
        f"--label={LABEL}={order.owner}",
        f"--env=HOME={TEMPORARY}",
        *(f"--env={name}" for name in order.environment),
        # z: where SELinux is in force, the folder is marked as one that containers may use
        *(f"--volume={mount.source}:{mount.target}:{'rw' if mount.writable else 'ro'},z" for mount in order.mounts),
    )


def _image_and_command(order: ContainerOrder) -> tuple[str, ...]:
    return (order.image, *order.command)
