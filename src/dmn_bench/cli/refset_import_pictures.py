"""`dmn-bench refset import --files` into a set of images: pictures and their annotation files become cases."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from ..errors import Problem, ReferenceSetError
from ..vocabulary import Language
from ..wordings import say, say_problem
from .showing import progress_display

if TYPE_CHECKING:
    from ..curation.image_options import ImageOptions, ImageSummary
    from ..reference_set import Card

Form = Literal["coco", "voc", "yolo", "labelme", "cvat", "csv", "chestx-det", "lidc", "dicom"]
Corners = Literal["edges", "pixels-from-0", "pixels-from-1"]
SHOWN = 10
LABELS = ("positive", "negative", "indeterminate", "unverified")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of the command that are about pictures alone, as they were typed."""

    format: Form | None
    categories: Path | None
    pictures: Literal["stored", "upright"] | None
    corners: Corners | None
    columns: Path | None
    names: Path | None
    reader: str
    unlisted: Literal["unverified", "negative", "left-out"] | None

    def given(self) -> tuple[str, ...]:
        """The options that were given."""
        return tuple(f"--{each.name}" for each in fields(self) if getattr(self, each.name))


@dataclass(frozen=True, kw_only=True)
class Shared:
    """The options that recordings have as well."""

    annotations: str
    findings: tuple[str, ...]
    negative_if_unmentioned: bool
    table: Path | None
    draw: int | None
    seed: int
    burned_in: bool


def import_pictures_of(folder: Path, files: Path, asked: Asked, shared: Shared, language: Language) -> int:
    """Enter the pictures, print what became of them; the exit code, 2 if some could not be entered."""
    from ..catalogue import build_catalogue
    from ..curation.image_import import import_pictures
    from ..reference_set import read_card

    needing = [name for name in asked.given() if name != "--categories"]
    if not shared.annotations and needing:
        facts = {"found": ", ".join(needing)}
        raise ReferenceSetError(Problem(key="annotations.needs_annotations", where="--annotations", facts=facts))
    options = _options(asked, shared, read_card(folder))
    with progress_display(language) as display:
        summary = import_pictures(
            folder,
            files,
            options,
            readers=build_catalogue().make_all("reader"),
            on_picture=lambda done, total: display.work("importing_files", done, total),
        )
    _show(summary, folder, options, language)
    return 2 if summary.problems else 0


def refuse_for_ecg(asked: Asked) -> None:
    """Raise ReferenceSetError if an option of pictures is given for a set of ECGs."""
    if given := asked.given():
        facts = {"found": ", ".join(given), "modality": "ECG"}
        raise ReferenceSetError(Problem(key="annotations.only_of_images", where=given[0], facts=facts))


def refuse_for_images(given: tuple[str, ...], modality: str) -> None:
    """Raise ReferenceSetError if an option of recordings is given for a set of images."""
    if given:
        facts = {"found": ", ".join(given), "modality": modality}
        raise ReferenceSetError(Problem(key="annotations.only_of_ecg", where=given[0], facts=facts))


def _options(asked: Asked, shared: Shared, card: Card) -> ImageOptions:
    from ..curation import image_annotations
    from ..curation.image_meanings import Categories, read_categories
    from ..curation.image_options import ImageOptions
    from ..curation.image_pictures import PictureTable

    names = card.finding_names
    columns = {stratum.column for stratum in card.strata.values() if stratum.column is not None}
    return ImageOptions(
        annotations=Path(shared.annotations) if shared.annotations else None,
        asked=image_annotations.Asked(
            form=asked.format or "", corners=asked.corners, columns=asked.columns, names=asked.names
        ),
        findings=shared.findings,
        categories=Categories() if asked.categories is None else read_categories(asked.categories, names),
        pictures=asked.pictures,
        reader=asked.reader,
        unmentioned="negative" if shared.negative_if_unmentioned else "unverified",
        unlisted=asked.unlisted or "unverified",
        table=None if shared.table is None else PictureTable.read(shared.table, columns),
        draw=shared.draw,
        seed=shared.seed,
        burned_in=shared.burned_in,
    )


def _show(summary: ImageSummary, folder: Path, options: ImageOptions, language: Language) -> None:
    for problem in summary.problems:
        typer.echo(say("cli.error", language) + say_problem(problem, language), err=True)
    if summary.form:
        typer.echo(say("annotations.read_as", language, found=summary.form))
    done = {"pictures": summary.n_pictures, "lesions": summary.n_lesions, "masks": summary.n_masks}
    typer.echo(say("annotations.done", language, **done, known=summary.n_known, folder=str(folder)))
    for reason, n in sorted((+summary.left_out).items()):
        typer.echo(say(f"annotations.left_out.{reason}", language, n=n))
    for key, facts in _lines(summary, options, language):
        typer.echo(say(f"annotations.{key}", language, **facts))
    is_of_findings = bool(summary.truth or summary.readings)
    typer.echo(say("ecg_import.next" if is_of_findings else "annotations.next", language, folder=str(folder)))


def _unlisted(summary: ImageSummary, value: str, language: Language) -> tuple[str, dict[str, object]]:
    """What is true of pictures that no annotation file names."""
    if not summary.targets:
        return "unlisted_open", {"n": summary.n_unlisted}
    if value == "negative" and not summary.is_all_placed:
        return "unlisted_unplaced", {"n": summary.n_unlisted}
    return "unlisted", {"n": summary.n_unlisted, "value": say(f"annotations.value.{value}", language)}


def _lines(summary: ImageSummary, options: ImageOptions, language: Language) -> list[tuple[str, dict[str, object]]]:
    """What there is to say, as keys of sentences with their facts."""
    lines: list[tuple[str, dict[str, object]]] = []
    named = (("not_images", summary.not_images), ("unnamed", summary.unnamed), ("unfound", summary.unfound))
    for key, names in named:
        if names:
            found = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
            lines.append((key, {"n": len(names), "found": found}))
    if summary.n_unlisted and options.unlisted != "left-out":
        lines.append(_unlisted(summary, options.unlisted, language))
    counted = ("stayed", "table_stayed", "added_to", "twice", "cut", "as_pixels", "slices_missing", "not_there")
    lines += [(key, {"n": summary.counts[key]}) for key in counted if summary.counts[key]]
    lines += [
        ("stratum_lost", {"stratum": name, "keyword": keyword, "column": column})
        for name, keyword, column in summary.lost
    ]
    unmapped = sorted(summary.unmapped.items(), key=lambda each: (-each[1][0], each[0]))
    key = "unmapped" if summary.targets else "unmapped_structures"
    lines += [(key, {"found": name, "n": n, "pictures": on}) for name, (n, on) in unmapped[:SHOWN]]
    if len(unmapped) > SHOWN:
        lines.append(("unmapped_more", {"n": len(unmapped) - SHOWN, "folder": str(summary.beside)}))
    for key, of in (("truth", summary.truth), ("readings", summary.readings)):
        for finding, values in of.items():
            lines.append((key, {"finding": finding, **{label: values[label] for label in LABELS}}))
    if summary.readers:
        lines.append(("readers", {"found": ", ".join(summary.readers), "folder": str(summary.beside)}))
    return lines
