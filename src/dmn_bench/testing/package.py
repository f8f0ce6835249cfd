"""A candidate package made ready to be checked: manifest, adapter, program, and the cases that it ships."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, cast

from ..catalogue import Catalogue, Manifest
from ..catalogue.manifests import adapter_options
from ..errors import CandidateError, InputFileError, Problem, ReferenceSetError, collect
from ..execution.loading import loader
from ..execution.questions import Load
from ..files import sha256_of, sha256_of_json
from ..harness import load_set
from ..harness.gpu_needs import gpu_problems
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, Reader
from ..inputs.requests import files_of, find_reader
from ..reference_set import verified
from ..vocabulary import Answer, Case

CASES, REFUSES, EXPECTED = "cases", "refuses", "expected.json"
EXPECTED_FORMAT = "dmn-bench/expected/1"
DEFAULT_TOLERANCE = 1e-6
BESIDE = frozenset({EXPECTED, "README.md"})


@dataclass(frozen=True, kw_only=True)
class Package:
    """A candidate package that can be made: what a run would make of its ``candidate.yaml``."""

    manifest: Manifest
    adapter: LiveAdapter | FileAdapter
    program: ChildProgram | None  # None: answers are read from files
    identity: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """Where its relative paths start."""
        return self.manifest.folder


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Cases to ask about, with the way each becomes a request. ``sha256``: of what they are made of."""

    id: str
    sha256: str
    root: Path
    cases: tuple[Case, ...]
    load: Load | None
    is_shipped: bool = True


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the vendor says its shipped cases are answered with; numbers may differ by ``tolerance``."""

    tolerance: float
    answers: Mapping[str, Mapping[str, Any]]  # case id -> the part of an answer that is stated


def open_package(manifest: Manifest, catalogue: Catalogue) -> Package:
    """Make the adapter and the program of a package.

    Raises CandidateError or ProtocolError with every problem of the options.
    """
    part = catalogue.part("adapter", manifest.adapter, where=str(manifest.folder / "candidate.yaml"))
    names = tuple(field.name for field in fields(part.cls)) if is_dataclass(part.cls) else ()
    where = str(manifest.folder / "candidate.yaml")
    made = catalogue.make_at(where, "adapter", manifest.adapter, adapter_options(manifest, names))
    adapter = cast("LiveAdapter | FileAdapter", made)
    program = None
    if hasattr(adapter, "program"):
        program = cast("LiveAdapter", adapter).program(manifest.folder, {})
        device = str(manifest.folder / "device.yaml")
        collect(gpu_problems(program, manifest.device.needs.gpu, manifest.adapter, device), CandidateError)
    return Package(manifest=manifest, adapter=adapter, program=program, identity=adapter.identity(manifest.folder))


def shipped_cases(package: Package, readers: Sequence[Reader], name: str = CASES) -> Cases | None:
    """The cases in a folder of the package, None where there is no such folder.

    A file is a case, a WFDB record with its signal files likewise; a folder is a case of its files, or of the series
    that a reader makes of it. Raises ReferenceSetError with every file that no reader recognises.
    """
    root = package.folder / name
    if not root.is_dir():
        return None
    cases = tuple(_case(root, entry, readers) for entry in _entries(root))
    files = sorted({file for case in cases for file in files_of(case, root, readers)})
    return Cases(
        id=name,
        root=root,
        sha256=sha256_of_json({file: sha256_of(root / file) for file in files}),
        cases=cases,
        load=_loader(package, root, readers),
    )


def cases_of_set(package: Package, folder: Path, catalogue: Catalogue, readers: Sequence[Reader]) -> Cases:
    """The cases of a locked reference set, without its truth. Raises ReferenceSetError as a run does."""
    found = verified(folder)
    loaded = load_set(folder, catalogue)
    without_files = [case.case_id for case in loaded.cases if not case.files]
    if without_files:
        facts = {"found": ", ".join(without_files[:20])}
        raise ReferenceSetError(Problem(key="plugin_kit.case_without_files", where=str(folder), facts=facts))
    return Cases(
        id=loaded.card.id,
        root=folder,
        sha256=found.sha256,
        cases=loaded.cases,
        load=_loader(package, folder, readers),
        is_shipped=False,
    )


def read_expected(package: Package) -> Expected | None:
    """What ``cases/expected.json`` states, None where there is none.

    Raises CandidateError if it has not the right form.
    """
    path = package.folder / CASES / EXPECTED
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        answers = content["cases"]
        tolerance = float(content.get("tolerance", DEFAULT_TOLERANCE))
        right = content["format"] == EXPECTED_FORMAT and all(isinstance(each, dict) for each in answers.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        right, answers, tolerance = False, {}, math.nan
    if not right or not tolerance >= 0:
        raise CandidateError(
            Problem(key="plugin_kit.expected_form", where=str(path), facts={"format": EXPECTED_FORMAT})
        )
    return Expected(tolerance=tolerance, answers=answers)


Unlike = tuple[str, str, str]  # path into an answer, what is stated, what was found ("—": nothing)


def unlike(stated: object, found: object, tolerance: float, where: str = "") -> list[Unlike]:
    """Where an answer in JSON differs from what is stated of it; what is not stated is not compared.

    >>> unlike({"findings": {"a": {"score": 0.5}}}, {"status": "answered", "findings": {"a": {"score": 0.75}}}, 0.1)
    [('findings.a.score', '0.5', '0.75')]
    """
    if isinstance(stated, Mapping) and isinstance(found, Mapping):
        return [
            each
            for key, value in stated.items()
            for each in unlike(value, found.get(key), tolerance, f"{where}.{key}".lstrip("."))
        ]
    if isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        pairs = zip(stated, found, strict=True)
        return [each for i, (one, two) in enumerate(pairs) for each in unlike(one, two, tolerance, f"{where}[{i}]")]
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (stated, found))
    if numbers and math.isclose(cast("float", stated), cast("float", found), rel_tol=0, abs_tol=tolerance):
        return []
    return [] if stated == found and not numbers else [(where, _shown(stated), _shown(found))]


def _shown(value: object) -> str:
    return "—" if value is None else str(value)


def without_id(content: Mapping[str, Any]) -> dict[str, Any]:
    """An answer in JSON without the case it is about."""
    return {key: value for key, value in content.items() if key != "case_id"}


def declared_findings(package: Package) -> frozenset[str]:
    """Every word for a finding that the package declares, its own and the set's; empty where it declares none."""
    manifest = package.manifest
    if manifest.device.outputs is not None:
        return frozenset(output.finding for output in manifest.device.outputs)
    return frozenset(manifest.findings) | frozenset(manifest.operating_points)


def named_findings(answer: Answer) -> frozenset[str]:
    """Every word for a finding in an answer."""
    return frozenset(answer.findings) | frozenset(answer.grades) | {mark.finding for mark in answer.marks or ()}


def _entries(root: Path) -> list[Path]:
    """What stands for a case each, in order of names: a header stands for the signal files beside it."""
    entries = [path for path in sorted(root.iterdir()) if not path.name.startswith(".") and path.name not in BESIDE]
    records = {path.stem for path in entries if path.suffix == ".hea"}
    return [path for path in entries if path.suffix == ".hea" or path.stem not in records]


def _case(root: Path, entry: Path, readers: Sequence[Reader]) -> Case:
    files = [entry.name]
    if entry.is_dir():
        try:
            find_reader(entry, readers)
        except InputFileError:
            files = [f"{entry.name}/{path.name}" for path in _entries(entry)]
    name = entry.name if entry.is_dir() else entry.stem
    return Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=tuple(files), strata={})


def _loader(package: Package, root: Path, readers: Sequence[Reader]) -> Load | None:
    if package.program is None:
        return None
    receives = cast("LiveAdapter", package.adapter).receives
    return loader(root, receives=receives, readers=readers, form=package.manifest.signals)
