"""`dmn-bench refset import --files`: recordings of a folder become cases of a reference set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import Problem, ReferenceSetError
from ..vocabulary import Language
from ..wordings import say, say_problem
from . import refset_import_pictures as of_pictures
from .showing import progress_display

if TYPE_CHECKING:
    from ..curation.ecg_options import EcgOptions, EcgSummary
    from ..reference_set import Card


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of the command that are about recordings in a folder, as they were typed."""

    files: Path | None
    findings: tuple[str, ...]
    negative_if_unmentioned: bool
    accept_unconfirmed: bool
    statements: Path | None
    measurements: bool
    table: Path | None
    likelihood: float
    annotations: str
    hospitals: bool
    holter_table: Path | None
    holter_columns: Path | None
    draw: int | None
    seed: int

    @property
    def is_anything(self) -> bool:
        """Whether the command is about recordings in a folder."""
        return self.files is not None or self.holter_table is not None or bool(self.needing_files())

    def needing_files(self) -> tuple[str, ...]:
        """The options given that say how a folder is imported."""
        given = {
            "--finding": self.findings,
            "--unmentioned": self.negative_if_unmentioned,
            "--accept-unconfirmed": self.accept_unconfirmed,
            "--statements": self.statements,
            "--measurements": self.measurements,
            "--table": self.table,
            "--annotations": self.annotations,
            "--hospitals": self.hospitals,
            "--holter-columns": self.holter_columns if self.holter_table is None else None,
        }
        return tuple(name for name, value in given.items() if value)

    def of_recordings(self) -> tuple[str, ...]:
        """The options given that are about recordings and not about pictures."""
        shared = ("--finding", "--unmentioned", "--table", "--annotations")
        holter = {"--holter-table": self.holter_table, "--holter-columns": self.holter_columns}
        given = (*self.needing_files(), *(name for name, value in holter.items() if value is not None))
        return tuple(dict.fromkeys(name for name in given if name not in shared))


def import_files(
    folder: Path, asked: Asked, on_pictures: of_pictures.Asked, language: Language, *, burned_in: bool = False
) -> int:
    """Enter the recordings or pictures, print what became of them; the exit code, 2 if some could not be entered."""
    from ..catalogue import build_catalogue
    from ..curation.ecg_import import import_recordings
    from ..reference_set import read_card

    needing = (*asked.needing_files(), *on_pictures.given())
    if asked.files is None and needing:
        facts = {"found": ", ".join(needing)}
        raise ReferenceSetError(Problem(key="ecg_import.needs_files", where="--files", facts=facts))
    if (asked.holter_table is None) != (asked.holter_columns is None):
        raise ReferenceSetError(Problem(key="ecg_import.holter_needs_both", where="--holter-table, --holter-columns"))
    card = read_card(folder)
    if card.modality != "ECG" and asked.files is not None:
        of_pictures.refuse_for_images(asked.of_recordings(), card.modality)
        return of_pictures.import_pictures_of(
            folder, asked.files, on_pictures, _shared(asked, burned_in=burned_in), language
        )
    of_pictures.refuse_for_ecg(on_pictures)
    options = _options(asked, card, language)
    readers = build_catalogue().make_all("reader")
    with progress_display(language) as display:
        summary = import_recordings(
            folder,
            asked.files,
            options,
            readers=readers,
            on_file=lambda done, total: display.work("importing_files", done, total),
        )
    _show(summary, folder, asked, language)
    return 2 if summary.problems else 0


def _shared(asked: Asked, *, burned_in: bool) -> of_pictures.Shared:
    return of_pictures.Shared(
        annotations=asked.annotations,
        findings=asked.findings,
        negative_if_unmentioned=asked.negative_if_unmentioned,
        table=asked.table,
        draw=asked.draw,
        seed=asked.seed,
        burned_in=burned_in,
    )


def _options(asked: Asked, card: Card, language: Language) -> EcgOptions:
    from ..curation.ecg_holter import read_holter
    from ..curation.ecg_labels import read_collection
    from ..curation.ecg_meanings import read_meanings
    from ..curation.ecg_options import EcgOptions
    from ..curation.ecg_truth import Meanings, Policy

    holter = None
    if asked.holter_table is not None and asked.holter_columns is not None:
        holter = read_holter(asked.holter_table, asked.holter_columns, card)
    return EcgOptions(
        findings=asked.findings,
        policy=Policy(
            unmentioned="negative" if asked.negative_if_unmentioned else "unverified",
            accept_unconfirmed=asked.accept_unconfirmed,
        ),
        meanings=Meanings() if asked.statements is None else read_meanings(asked.statements, card),
        measurements=asked.measurements,
        collection=None if asked.table is None else read_collection(asked.table, likelihood_at_least=asked.likelihood),
        annotations=asked.annotations,
        hospitals=asked.hospitals,
        draw=asked.draw,
        seed=asked.seed,
        holter=holter,
        language=language,
    )


def _show(summary: EcgSummary, folder: Path, asked: Asked, language: Language) -> None:
    for key, problems in (("cli.error", summary.problems), ("cli.warning", summary.notes)):
        for problem in problems:
            typer.echo(say(key, language) + say_problem(problem, language), err=True)
    where = str(folder)
    if asked.files is not None:
        done = {"recordings": summary.n_recordings, "known": summary.n_known, "folder": where}
        typer.echo(say("ecg_import.done", language, **done))
    for reason, n in sorted((+summary.left_out).items()):  # those that are not 0
        typer.echo(say(f"ecg_import.left_out.{reason}", language, n=n))
    for key, facts in _lines(summary):
        typer.echo(say(f"ecg_import.{key}", language, **facts))
    typer.echo(say("ecg_import.next", language, folder=where))


def _lines(summary: EcgSummary) -> list[tuple[str, dict[str, object]]]:
    """What the set holds now, as keys of sentences with their facts; nothing where there is nothing to say."""
    lines: list[tuple[str, dict[str, object]]] = []
    if summary.n_annotated or summary.n_without_annotations:
        dropped = {"without": summary.n_without_annotations, "dropped": summary.n_notes_dropped}
        lines.append(("annotated", {"n": summary.n_annotated, **dropped}))
    for finding, values in summary.truth.items():
        if values["number"]:
            lines.append(
                ("truth_numbers", {"finding": finding, "n": values["number"], "unverified": values["unverified"]})
            )
        elif values:
            labels = ("positive", "negative", "indeterminate", "unverified")
            lines.append(("truth", {"finding": finding, **{label: values[label] for label in labels}}))
    beside = str(summary.beside)
    counted: tuple[tuple[str, int, dict[str, object]], ...] = (
        ("without_patient", summary.n_without_patient, {}),
        ("holter", summary.n_holter, {}),
        ("unlabelled", summary.n_unlabelled, {}),
        ("open", summary.n_open, {}),
        ("unmapped", summary.n_unmapped, {"folder": beside}),
        ("machine", summary.n_machine, {"folder": beside}),
    )
    lines += [(key, {"n": n, **facts}) for key, n, facts in counted if n]
    for each in summary.incorporated:
        key = "incorporated" if each.what == "machine_statement" else "incorporated_measurement"
        lines.append((key, {"records": each.records, "unchanged": each.unchanged}))
    return lines
