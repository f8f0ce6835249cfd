"""Adapter ``container``: a vendor's image, run by Docker, Podman or Apptainer without network, read-only and capped."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal

from ..errors import CandidateError, MachineError, Problem, collect
from ..files import sha256_of
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl
from .candidate_files import hashes_of
from .container_engines import ENGINES, NO_NETWORK, EngineName, removal_arguments
from .container_runner import NAME_PREFIX
from .dicom_rules import DicomRules
from .exchange_options import described_exchange, exchange_problems, one_form

RUNNER = "dmn_bench.adapters.container_runner:ContainerRunner"
SOURCE_ROOT = Path(__file__).parents[2]
BY_DIGEST = re.compile(r"(?:[^@\s]+@)?sha256:([0-9a-f]{64})")
NOBODY = "65534:65534"
OF_ENGINES = (  # variables by which engines find their service and their images
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "DBUS_SESSION_BUS_ADDRESS",
)
OF_FOLDERS = ("arrays", "results", "exit_statuses")  # options that mean nothing on the wire


@dataclass(frozen=True, kw_only=True)
class Container:
    """Runs an image that speaks the wire protocol, or reads and writes folders, once for each case or batch."""

    name: ClassVar[str] = "container"

    image: str  # name@sha256:…, sha256:… of an image that was loaded, or a .sif file of the candidate's folder
    allow_tag: bool = False  # whether the image may be named by a tag, behind which another may stand tomorrow
    engine: Literal["auto", "docker", "podman", "apptainer"] = "auto"  # auto: apptainer for a .sif, else what is there
    engine_path: str | None = None  # of the engine's command, where it is not on the PATH
    speaks: Literal["wire", "folder"] = "wire"  # wire: runs as long as the run; folder: started for each case or batch
    command: tuple[str, ...] = ()  # in the place of the image's own; folders are /input and /output
    entry: str = ""  # module:Class for the shim in an image that brings it
    class_options: Mapping[str, object] = field(default_factory=dict)  # sent with the message load
    receives: str | Mapping[str, str] = "array"  # array (decoded) | dicom | wfdb (de-identified files)
    arrays: Literal["npy", "png"] = "npy"  # how decoded images lie in the folder
    results: Literal["json", "dicom"] = "json"  # answer.json, or every DICOM object in the output folder
    dicom: DicomRules | None = None  # how DICOM objects are read; null: by the standard alone
    batch: int = 1  # cases put together, at least 1
    exit_statuses: Mapping[str, Literal["abstained", "rejected_input", "indeterminate", "failed"]] = field(
        default_factory=dict
    )  # exit code, 1 to 255 -> status of the case
    mounts: Mapping[str, str] = field(default_factory=dict)  # path in the container -> file or folder, read-only
    environment: tuple[str, ...] = ()  # names of variables that are handed over
    hosts: tuple[str, ...] = ()  # "host:port" it must reach; needs network
    network: str | None = None  # a network of the engine that the site has limited to those hosts; null: none
    gpu: bool = False  # whether it gets the devices of a GPU
    memory_mb: int | None = 4096  # MiB, swap included; null: not limited
    processes: int | None = 512  # and threads; null: not limited
    cpus: float | None = None  # processors; null: not limited
    temporary_mb: int = 1024  # MiB of /tmp, and again of /dev/shm
    read_only: bool = True  # whether the image's own files cannot be written
    user: str | None = None  # "uid:gid"; null: who runs dmn-bench, and nobody (65534) for root
    most_files: int = 1000  # files and folders in the output for one case
    most_mb: int = 1024  # MiB of all files in the output for one case

    def __post_init__(self) -> None:
        object.__setattr__(self, "receives", one_form(self.receives))

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """Our runner, which drives the engine; see ``LiveAdapter.program``.

        Raises MachineError where the engine is not installed. Whether it works is known once a child has asked it.
        """
        collect(self._problems(base), CandidateError)
        engine, program = self._engine()
        mounts = [{"source": str((base / path).resolve()), "target": to} for to, path in self.mounts.items()]
        options = {
            "engine": engine,
            "speaks": self.speaks,
            "entry": self.entry,
            "class_options": {**self.class_options, **entry_options},
            "environment": list(self.environment),
            "mounts": mounts,
            "order": self._order(engine, program, base),
            "exchange": described_exchange(self),
        }
        of_engine = tuple(name for name in OF_ENGINES if name in os.environ)
        return ChildProgram(
            entry=RUNNER,
            import_paths=(SOURCE_ROOT,),
            options=options,
            batch=self.batch,
            where="container",
            engine_protections=self._protections(engine),
            hosts=self.hosts,
            environment=(*of_engine, *self.environment),
            gpu=self.gpu,
            is_measured=False,
            afterwards=() if engine == "apptainer" else removal_arguments(program, f"{NAME_PREFIX}{{child}}"),
        )

    def identity(self, base: Path) -> Mapping[str, str]:
        """The digest of the image, or the sha256 of its file, and of every file that is mounted. Nothing is run."""
        collect(self._problems(base), CandidateError)
        found = BY_DIGEST.fullmatch(self.image)
        if found is not None:
            of_image = found[1]
        else:
            of_image = sha256_of(base / self.image) if self._is_file else f"tag {self.image}"
        return {f"image {self.image}": of_image, **hashes_of(base, [Path(path) for path in self.mounts.values()])}

    @property
    def _is_file(self) -> bool:
        return self.image.endswith(".sif")

    def _engine(self) -> tuple[EngineName, str]:
        """The engine and the path of its command."""
        if self.engine != "auto":
            names: tuple[EngineName, ...] = (self.engine,)
        else:
            names = ("apptainer",) if self._is_file else ("docker", "podman")
        for name in names:
            program = shutil.which(self.engine_path or name)
            if program is not None:
                return name, str(Path(program).absolute())
        known = ", ".join(name for name in ENGINES if shutil.which(name)) or "—"
        facts = {"found": self.engine_path or ", ".join(names), "known": known}
        raise MachineError(Problem(key="adapters_programs.no_engine", where=self.image, facts=facts))

    def _order(self, engine: EngineName, program: str, base: Path) -> dict[str, Any]:
        """What of a ``ContainerOrder`` is known before a child runs."""
        is_root = os.geteuid() == 0
        return {
            "program": program,
            "image": str((base / self.image).resolve()) if self._is_file else self.image,
            "command": list(self.command),
            "user": self.user or (NOBODY if is_root else f"{os.getuid()}:{os.getgid()}"),
            "keep_id": engine == "podman" and not is_root,
            "memory_mb": self.memory_mb,
            "processes": self.processes,
            "cpus": self.cpus,
            "temporary_mb": self.temporary_mb,
            "read_only": self.read_only,
            "gpu": self.gpu,
            "network": self.network or NO_NETWORK,
        }

    def _protections(self, engine: EngineName) -> tuple[str, ...]:
        """What the engine is told to enforce, in the words of reports."""
        is_root_inside = (self.user or "").split(":")[0] in ("0", "root")
        words = (
            f"container_engine_{engine}",
            "container_no_network" if self.network is None else "container_network_of_site",
            "container_read_only" if self.read_only else "container_not_read_only",
            "container_no_privileges" if engine == "apptainer" else "container_capabilities_dropped",
            "container_memory_not_limited" if self.memory_mb is None else "container_memory_limited",
            "container_processes_not_limited" if self.processes is None else "container_processes_limited",
            "container_user_root" if is_root_inside else "container_user_mapped",
        )
        is_by_tag = not self._is_file and BY_DIGEST.fullmatch(self.image) is None
        return (*words, "container_image_by_tag") if is_by_tag else words

    def _problems(self, base: Path) -> list[Problem]:
        where = str(base)
        problems = exchange_problems(self, where)
        problems += self._image_problems(base)
        problems += self._network_problems(where)
        for target, path in self.mounts.items():
            if not (base / path).exists():
                problems.append(Problem(key="adapters_programs.no_file", where=where, facts={"found": path}))
            inside = PurePosixPath(target)
            if not inside.is_absolute() or ".." in inside.parts or target.strip("/") in ("", "input", "output", "tmp"):
                problems.append(Problem(key="adapters_programs.mount", where=where, facts={"found": target}))
        for name in ("memory_mb", "processes", "cpus", "temporary_mb"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                facts = {"option": name, "found": value}
                problems.append(Problem(key="adapters_programs.above_nought", where=where, facts=facts))
        if self.user is not None and not re.fullmatch(r"\d+:\d+", self.user):
            problems.append(Problem(key="adapters_programs.user", where=where, facts={"found": self.user}))
        changed = [name for name in OF_FOLDERS if getattr(self, name) != DEFAULTS[name]]
        if self.speaks == "wire" and changed:
            facts = {"found": ", ".join(changed)}
            problems.append(Problem(key="adapters_programs.folder_only", where=where, facts=facts))
        return problems

    def _image_problems(self, base: Path) -> list[Problem]:
        where = str(base)
        if self._is_file or self.engine == "apptainer":
            if not self._is_file:
                return [Problem(key="adapters_programs.sif_needed", where=where, facts={"found": self.image})]
            if self.engine not in ("auto", "apptainer"):
                facts = {"found": self.image, "engine": self.engine}
                return [Problem(key="adapters_programs.sif_of_apptainer", where=where, facts=facts)]
            if not (base / self.image).is_file():
                return [Problem(key="adapters_programs.no_file", where=where, facts={"found": self.image})]
            return []
        if not self.image or self.image.startswith("-") or any(c.isspace() for c in self.image):
            return [Problem(key="adapters_programs.image", where=where, facts={"found": self.image})]
        named = self.image.rpartition("@")[2]
        if BY_DIGEST.fullmatch(self.image) is None and (named != self.image or named.startswith("sha256:")):
            return [Problem(key="adapters_programs.image_digest", where=where, facts={"found": self.image})]
        if BY_DIGEST.fullmatch(self.image) is None and not self.allow_tag:
            return [Problem(key="adapters_programs.image_by_tag", where=where, facts={"found": self.image})]
        return []

    def _network_problems(self, where: str) -> list[Problem]:
        problems = []
        if self.hosts and self.network is None:
            facts = {"found": ", ".join(self.hosts)}
            problems.append(Problem(key="adapters_programs.hosts_need_network", where=where, facts=facts))
        if self.network is not None and not self.hosts:
            problems.append(
                Problem(key="adapters_programs.network_needs_hosts", where=where, facts={"found": self.network})
            )
        is_open = self.network in ("host", "bridge", "default", "private", NO_NETWORK) or self._is_file
        if self.network is not None and (is_open or not re.fullmatch(r"[A-Za-z0-9][\w.-]*", self.network)):
            problems.append(Problem(key="adapters_programs.network", where=where, facts={"found": self.network}))
        remote = os.environ.get("DOCKER_HOST", "")
        if self.engine in ("auto", "docker") and remote and not remote.startswith("unix://"):
            problems.append(Problem(key="adapters_programs.engine_elsewhere", where=where, facts={"found": remote}))
        return problems


DEFAULTS: Mapping[str, object] = {"arrays": "npy", "results": "json", "exit_statuses": {}}


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of containers."""
    return [Container]  # type: ignore[list-item]  # receives is text once made
