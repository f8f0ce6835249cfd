"""The same question in another dress, and whether the answer is still the same: for probes of a device's behaviour."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..inputs.dicom_deidentify import remove_descriptors
from ..inputs.dicom_rewriting import is_dicom_copy
from ..inputs.wfdb_record import rename_record
from ..vocabulary import Answer, Case, Image, Origin, Request
from .questions import Load

NAME_BYTES = 6


def renamed(load: Load) -> Load:
    """The same questions with other names: images, copies of files and the names that records state are random.

    Request ids, UIDs and folders are random in every request already; dates are in none. What is in the images and
    signals, and their order, stays. A device whose answers change has read a name.
    """

    def load_renamed(case: Case, scratch: Path) -> tuple[Request, Origin]:
        request, origin = load(case, scratch)
        neutral = dict.fromkeys((*origin.images, *(image.name for image in request.images)))
        names = {name: secrets.token_hex(NAME_BYTES) for name in neutral}
        images = tuple(replace(image, name=names[image.name]) for image in request.images)
        files = _renamed_files(request.files, scratch, names)
        known = {names[name]: path for name, path in origin.images.items()}
        return replace(request, images=images, files=files), replace(origin, images=known)

    return load_renamed


def stripped(load: Load) -> Load:
    """The same questions without what describes an image beside its pixels and geometry.

    Of arrays: view, laterality, modality, bits stored and the source of the spacing; of DICOM copies the elements of
    ``remove_descriptors``. Pixels, spacing, signals, lead names and sampling rate stay. A device whose answers change
    relies on what a file says of itself.
    """

    def load_stripped(case: Case, scratch: Path) -> tuple[Request, Origin]:
        request, origin = load(case, scratch)
        for path in request.files:
            if is_dicom_copy(path):
                remove_descriptors(path)
        return replace(request, images=tuple(_without_descriptors(image) for image in request.images)), origin

    return load_stripped


def differences(first: Answer, second: Answer, tolerance: float = 0.0) -> tuple[str, ...]:
    """Where two answers to one case differ, as paths into an answer with both values; () where they say the same.

    Numbers may differ by ``tolerance`` (absolute); everything else must be equal. The reason of a refusal is not
    compared: it may name a time.

    >>> from dmn_bench.vocabulary import FindingAnswer
    >>> one = Answer(case_id="c1", status="answered", findings={"fracture": FindingAnswer(score=0.5)})
    >>> two = replace(one, findings={"fracture": FindingAnswer(score=0.75)})
    >>> differences(one, two)
    ('findings.fracture.score: 0.5, 0.75',)
    >>> differences(one, two, tolerance=0.25)
    ()
    """
    compared = (each.name for each in fields(Answer) if each.name not in ("case_id", "reason"))
    return tuple(
        line
        for name in compared
        for line in _unlike(name, _plain(getattr(first, name)), _plain(getattr(second, name)), tolerance)
    )


def largest_score_difference(first: Answer, second: Answer) -> float | None:
    """The largest absolute difference of a score that both answers give for a finding; None where they share none."""
    shared = [
        abs(said.score - again.score)
        for name, said in first.findings.items()
        if (again := second.findings.get(name)) is not None and said.score is not None and again.score is not None
    ]
    return max(shared, default=None)


def _renamed_files(files: Sequence[Path], scratch: Path, names: Mapping[str, str]) -> tuple[Path, ...]:
    """The copies below ``scratch`` under their other names; the slices of a folder keep theirs, which are numbers."""
    for entry in sorted(scratch.iterdir()):
        new = _other_name(entry.name, names)
        if entry.suffix == ".hea":
            rename_record(entry, names[entry.stem])
        entry.rename(scratch / new)
    relative = (path.relative_to(scratch).parts for path in files)
    return tuple(scratch.joinpath(_other_name(parts[0], names), *parts[1:]) for parts in relative)


def _other_name(entry: str, names: Mapping[str, str]) -> str:
    for name, new in names.items():
        if entry == name or entry.startswith((f"{name}.", f"{name}-")):
            return new + entry.removeprefix(name)
    raise ValueError(f"{entry} is none of {', '.join(names)}")


def _without_descriptors(image: Image) -> Image:
    return replace(image, view="", laterality="", modality="", bits_stored=None, spacing_source=None)


def _plain(value: Any) -> Any:
    """Records and arrays as mappings and tuples, to be compared part by part."""
    if isinstance(value, np.ndarray):
        return tuple(value.tolist())
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_plain(item) for item in value)
    return value


def _unlike(where: str, first: Any, second: Any, tolerance: float) -> Iterator[str]:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in sorted(first.keys() | second.keys()):
            yield from _unlike(f"{where}.{key}", first.get(key), second.get(key), tolerance)
    elif isinstance(first, tuple) and isinstance(second, tuple):
        if len(first) != len(second):
            yield f"{where}: {len(first)}, {len(second)}"
            return
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from _unlike(f"{where}[{place}]", one, other, tolerance)
    elif not _same(first, second, tolerance):
        yield f"{where}: {first}, {second}"


def _same(first: Any, second: Any, tolerance: float) -> bool:
    if isinstance(first, int | float) and isinstance(second, int | float):
        return math.isclose(first, second, rel_tol=0.0, abs_tol=tolerance)
    return bool(first == second)
