"""`protocol new`: the questions about a candidate, by what its vendor delivered."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..wordings import say
from .asking import Asker, flow, quoted

if TYPE_CHECKING:
    from ..reference_set import Card

KINDS = ("file", "annotations", "masks", "coco", "yolo", "dicom", "package")
LABELS = ("positive", "negative", "indeterminate")
NO_COLUMN = "-"
ID_KINDS = ("case_id", "file_name", "source_file", "sop_instance_uid", "study_instance_uid", "accession_number")


def candidate_lines(ask: Asker, card: Card, path: Path) -> tuple[list[str], str]:
    """The lines of the candidate, and what it is. ``path``: of the protocol."""
    name = ask.text("candidate", default="vendor-a")
    kind = ask.choice("candidate_kind", KINDS)
    lines = ["", f"# {say('cli.write.candidates', ask.language)}", "candidates:", f"  - id: {name}", "    role: device"]
    return [*lines, *_delivered(ask, card, path, kind)], kind


def _delivered(ask: Asker, card: Card, path: Path, kind: str) -> list[str]:
    """What the vendor delivered, as the adapter with its options."""
    if kind == "package":
        return [f"    package: {quoted(_beside(ask, 'package', path))}"]
    if kind == "file":
        lines = _with("predictions", _file_options(ask, card, path))
        words = {name: ask.text(f"{name}_words", default=name).split() for name in LABELS}
        return lines if words == {name: [name] for name in LABELS} else [*lines, f"    labels: {flow(words)}"]
    if kind == "annotations":
        folder = _beside(ask, "annotations", path)
        return _with("wfdb-annotations", {"folder": folder, "annotator": ask.text("annotator", default="qrs")})
    if kind == "masks":
        folder = _beside(ask, "masks", path)
        pattern = ask.text("mask_pattern", default="{case_id}.nii.gz")
        return _with("mask-files", {"folder": folder, "pattern": pattern})
    if kind == "coco":
        return _with("coco-results", _coco_options(ask, card, path))
    if kind == "yolo":
        folder = _beside(ask, "yolo", path)
        return _with("yolo-text", {"path": folder, "classes": _numbers(ask, card, first=0), **_names(ask)})
    folder = _beside(ask, "dicom", path)
    one = {"dicom": {"finding": card.findings[0].name}} if len(card.findings) == 1 else {}
    return _with("dicom-results", {"folder": folder, **one})


def _with(adapter: str, options: dict[str, object]) -> list[str]:
    return [f"    adapter: {adapter}", f"    options: {flow(options)}"]


def _beside(ask: Asker, question: str, path: Path) -> str:
    """The path that is answered, as seen from the protocol."""
    return os.path.relpath(ask.path(question), path.parent)


def _coco_options(ask: Asker, card: Card, path: Path) -> dict[str, object]:
    """A file of results; an image that a table lists was looked at, whether anything was found or not."""
    options: dict[str, object] = {"path": _beside(ask, "coco", path), "categories": _numbers(ask, card, first=1)}
    images = ask.path_or_none("coco_images")
    if images is not None:
        options |= {"images": os.path.relpath(images, path.parent), "no_marks": "negative", **_names(ask)}
    return options


def _names(ask: Asker) -> dict[str, object]:
    """Whose files are named, where that is not the set's own."""
    kind = ask.choice("files_named", ("file_name", "source_file"))
    return {} if kind == "file_name" else {"id": {"is": kind}}


def _numbers(ask: Asker, card: Card, *, first: int) -> dict[str, str]:
    """The number by which the files call each finding, with the finding; those left empty are not theirs.

    ``first``: what is proposed where the set has one finding.
    """
    found, proposed = {}, str(first) if len(card.findings) == 1 else ""
    for finding in card.findings:
        typer.echo(say("cli.ask.number_for", ask.language, finding=finding.name))
        number = ask.class_number(proposed)
        if number:
            found[number] = finding.name
    return found


def _file_options(ask: Asker, card: Card, path: Path) -> dict[str, object]:
    """How an output file is read; what is as dmn-bench expects it anyway is left out."""
    options: dict[str, object] = {
        "path": _beside(ask, "file", path),
        "delimiter": ask.text("delimiter", default=","),
        "decimal": ask.text("decimal", default="."),
    }
    identifier = {"column": ask.text("id_column", default="case_id"), "is": ask.choice("id_is", ID_KINDS)}
    if identifier != {"column": "case_id", "is": "case_id"}:
        options["id"] = identifier
    columns = {name: ask.text(f"{name}_column", default=name) for name in ("score", "label", "finding")}
    if columns["finding"] == NO_COLUMN:
        del columns["finding"]
        options["finding"] = ask.choice("finding", [f.name for f in card.findings])
    renamed = {name: column for name, column in columns.items() if column != name}
    if renamed:
        options["columns"] = renamed
    return options
