"""``plugin-check.json``: what a package was found to do before it was delivered, bound to every file it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict
from pydantic import JsonValue as Json

from ..errors import CandidateError, Problem
from ..files import canonical_json, path_as_text, sha256_of, sha256_of_json, write_atomically
from .packages import PLUGIN_CHECK, package_files

MAX_BYTES = 64 << 20


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Seen(_Part):
    """One thing that a check saw, as a key of the wordings with its facts."""

    key: str
    where: str = ""
    facts: dict[str, Json] = {}


class Check(_Part):
    """One check: what came of it, on how much. ``problems``: what is wrong; ``notes``: what is merely to be known."""

    id: str
    outcome: Literal["passed", "failed", "not_applicable"]
    evidence: dict[str, Json] = {}
    problems: list[Seen] = []
    notes: list[Seen] = []


class Hashes(_Part):
    """sha256 of files by relative path, and of that list."""

    sha256: str
    files: dict[str, str]


class CheckedCases(_Part):
    """The cases that were asked. ``sha256``: of what they are made of (of a reference set: that of its lock)."""

    source: Literal["shipped", "reference_set"]
    id: str
    n: int
    sha256: str


class CheckedHost(_Part):
    """One address that the package declares it must reach: an exception from the rule of no network."""

    address: str
    purpose: str = ""
    images: bool | None = None  # whether images are sent there; None: not declared


class Checked(_Part):
    """``plugin-check.json``. What depends on the moment is in ``observed``, and alone is not under ``sha256``."""

    format: Literal["dmn-bench/plugin-check/1"] = "dmn-bench/plugin-check/1"
    candidate: str
    adapter: str
    suite: str  # version of the checks
    dmn_bench: str  # version of the program
    package: Hashes  # every file of the folder
    model: Hashes  # what the adapter calls the candidate: the files that a run is bound to
    cases: CheckedCases
    isolation: list[str]  # words of what was in force
    hosts: list[CheckedHost]
    not_declared: list[str]  # fields of device.yaml
    checks: list[Check]
    passed: bool
    sha256: str = ""  # of all of the above
    observed: dict[str, Json] = {}


class Difference(NamedTuple):
    """One file that is not what it was. ``kind``: "added", "changed" or "removed"."""

    kind: Literal["added", "changed", "removed"]
    file: str


def seal(checked: Checked) -> Checked:
    """The same with the hash of everything but ``observed``."""
    return checked.model_copy(update={"sha256": _sha256(checked)})


def write_plugin_check(path: Path, checked: Checked) -> None:
    """Write it as canonical JSON, one line. Raises MachineError where it cannot be written."""
    write_atomically(path, canonical_json(seal(checked).model_dump(mode="json")) + "\n")


def read_plugin_check(path: Path) -> Checked:
    """What a ``plugin-check.json`` says.

    Raises CandidateError if it cannot be read, has another form, or was changed since it was written.
    """
    from pydantic import ValidationError

    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        checked = Checked.model_validate_json(content[:MAX_BYTES])
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise CandidateError(Problem(key="files.cannot_read", where=str(path), facts=facts)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        found = ".".join(str(part) for part in first["loc"]) or "—"
        facts = {"found": f"{found}: {first['msg']}"}
        raise CandidateError(Problem(key="plugin_kit.check_file_form", where=str(path), facts=facts)) from None
    if checked.sha256 != _sha256(checked):
        raise CandidateError(Problem(key="plugin_kit.check_file_changed", where=str(path)))
    return checked


def hashes(files: Mapping[str, str]) -> Hashes:
    """Files with the hash of their list; ``plugin-check.json`` itself is no part of what it is about."""
    kept = {name: files[name] for name in sorted(files) if name != PLUGIN_CHECK}
    return Hashes(files=kept, sha256=sha256_of_json(kept))


def package_hashes(folder: Path) -> Hashes:
    """Every file of a package by relative path, but for ``plugin-check.json`` and the folders of ``LEFT_OUT``."""
    return hashes({path_as_text(path.relative_to(folder)): sha256_of(path) for path in package_files(folder)})


def file_differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[Difference, ...]:
    """What was added, changed or removed, by path.

    >>> [tuple(each) for each in file_differences({"a": "1", "b": "2"}, {"b": "3", "c": "4"})]
    [('removed', 'a'), ('changed', 'b'), ('added', 'c')]
    """
    found = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            found.append(Difference("removed", name))
        elif name not in before:
            found.append(Difference("added", name))
        elif before[name] != now[name]:
            found.append(Difference("changed", name))
    return tuple(found)


def differences_now(checked: Checked, folder: Path, model: Mapping[str, str]) -> tuple[Difference, ...]:
    """Every file of the package, and of what the adapter calls the candidate, that is not what was checked.

    ``model``: sha256 by relative path as the adapter's ``identity`` gives them now; they may lie outside the folder.
    """
    before, now = {**checked.model.files, **checked.package.files}, {**hashes(model).files}
    return file_differences(before, {**now, **package_hashes(folder).files})


def _sha256(checked: Checked) -> str:
    return sha256_of_json(checked.model_dump(mode="json", exclude={"sha256", "observed"}))
