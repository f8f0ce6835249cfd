"""`dmn-bench answers`: transcription of results that exist only as pictures, and a check of result files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import Problem, ProtocolError
from ..files import unknown_name
from ..vocabulary import Grid, Language
from ..wordings import numbers, say

if TYPE_CHECKING:
    from ..curation.answer_sheet_reading import Sheet
    from ..curation.typist_agreement import Transcript, TypistAgreement
    from ..harness.blind_reading import BlindReading

YAML = (".yaml", ".yml")
SHOWN_ROWS = 50


class Unit(StrEnum):
    """What scores are shown as."""

    fraction = "fraction"
    percent = "percent"
    any = "any"
    none = "none"


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help=say("answers.help", language), no_args_is_help=True)
    app.add_typer(group, name="answers")

    @group.command("sheet", help=say("answers.help_sheet", language))
    def sheet(  # noqa: PLR0913 - the options of a command
        set_or_protocol: Path = typer.Argument(help=say("answers.help_set", language)),
        candidate: str = typer.Option(..., help=say("answers.help_candidate", language)),
        out: Path = typer.Option(..., help=say("answers.help_out_sheet", language)),
        typists: int = typer.Option(2, help=say("answers.help_typists", language)),
        seed: int = typer.Option(1, help=say("answers.help_seed", language), min=0),
        finding: list[str] = typer.Option([], help=say("answers.help_finding", language)),
        score_unit: Unit = typer.Option(Unit.fraction, help=say("answers.help_score_unit", language)),
        marks: bool = typer.Option(False, "--marks", help=say("answers.help_marks", language)),
        identity: Path = typer.Option(None, help=say("answers.help_identity", language)),
    ) -> None:
        from ..curation.answer_sheet import asked_of, write_typist_sheets

        if typists not in (1, 2):
            raise ProtocolError(Problem(key="answers.bad_typists", facts={"found": typists}))
        folder, findings = _set_of(set_or_protocol, candidate)
        asked = asked_of(folder, candidate, findings=finding or findings, identity=identity)
        asked = replace(asked, score_unit=score_unit.value, marks=marks, typists=typists)
        written = write_typist_sheets(asked, out, seed=seed, language=language)
        typer.echo(say("answers.said_sheets", language))
        for path in written:
            typer.echo(f"  {path}")

    @group.command("check", help=say("answers.help_check", language))
    def check(
        files: list[Path] = typer.Argument(help=say("answers.help_files", language)),
        candidate: str = typer.Option(None, help=say("answers.help_candidate", language)),
        out: Path = typer.Option(None, help=say("answers.help_out_check", language)),
    ) -> None:
        is_protocol = [path.suffix.lower() in YAML for path in files]
        if any(is_protocol) != (candidate is not None) or (any(is_protocol) and len(files) > 1):
            raise ProtocolError(Problem(key="answers.check_what"))
        if any(is_protocol):
            _check_files(files[0], candidate, language)
        else:
            _check_sheets(files, out or files[0].parent, language)


def _set_of(set_or_protocol: Path, candidate: str) -> tuple[Path, Sequence[str]]:
    """The folder of the set, and of a protocol the findings of its endpoints."""
    if set_or_protocol.suffix.lower() not in YAML:
        return set_or_protocol, ()
    from ..protocol import read_protocol

    protocol = read_protocol(set_or_protocol)
    known = [entry.id for entry in protocol.candidates]
    if candidate not in known:
        raise ProtocolError(unknown_name("answers.no_candidate", candidate, known, set_or_protocol.name))
    asked = [
        endpoint.finding
        for endpoint in protocol.endpoints
        if endpoint.finding is not None and (endpoint.candidates is None or candidate in endpoint.candidates)
    ]
    return set_or_protocol.parent / protocol.reference_set, tuple(dict.fromkeys(asked))


def _check_sheets(files: Sequence[Path], out: Path, language: Language) -> None:
    """Read typists' sheets, print how they agree, and write the differences or the result file."""
    from ..curation.answer_sheet_reading import read_sheet
    from ..curation.typist_agreement import DIFFERENCES, transcript, write_differences, write_results

    read = [read_sheet(path) for path in files]
    settled = [sheet for sheet in read if sheet.about["kind"] == "differences"]
    if len(settled) > 1:
        raise ProtocolError(Problem(key="answers.one_settled", facts={"n": len(settled)}))
    sheets = sorted((sheet for sheet in read if sheet not in settled), key=lambda each: int(each.about["typist"]))
    if not sheets:
        raise ProtocolError(
            Problem(key="answers.typists_missing", facts={"expected": read[0].asked.typists, "found": "—"})
        )
    found = transcript(sheets, settled[0] if settled else None)
    rows = len(found.asked.questions)
    typer.echo(say("answers.said_transcript", language, rows=rows, typists=found.asked.typists))
    if found.agreement is not None:
        typer.echo(_agreement(found.agreement, language))
    if found.open:
        _show_differences(found, sheets, language)
        path = out / DIFFERENCES
        if path.exists():
            raise ProtocolError(Problem(key="answers.out_exists", where=str(path)))
        write_differences(found, sheets, path, language)
        typer.echo(say("answers.said_open", language, n=len(found.open), path=str(path)))
        return
    results, manifest = write_results(found, out)
    typer.echo(say("answers.said_written", language, results=str(results), manifest=str(manifest)))


def _agreement(found: TypistAgreement, language: Language) -> str:
    from ..vocabulary import Interval, NotEstimable

    kappa = say("answers.said_no_kappa", language)
    if not isinstance(found.kappa, NotEstimable):
        facts = {"value": numbers.number(found.kappa.value, language, 3)}
        key = "answers.said_kappa_alone"
        if isinstance(found.interval, Interval):
            key = "answers.said_kappa"
            facts["low"], facts["high"] = (numbers.number(v, language, 3) for v in found.interval[:2])
        kappa = say(key, language, **facts)
    share = numbers.percent(found.share, language, 1)
    counts = {"alike": found.n_alike, "same": found.n_same_result, "rows": found.n_rows}
    return say("answers.said_agreement", language, share=share, kappa=kappa, **counts)


def _show_differences(found: Transcript, sheets: Sequence[Sheet], language: Language) -> None:
    from ..curation.answer_sheet import title_of
    from ..curation.typist_agreement import shown_briefly
    from .showing import show_grid

    rows = [(*key, *(shown_briefly(sheet.typed[key], language) for sheet in sheets)) for key in found.open[:SHOWN_ROWS]]
    header = [title_of(column, language) for column in ("case_id", "finding", "1:result", "2:result")]
    show_grid(Grid(header=tuple(header), rows=tuple(rows), caption=say("answers.differences_caption", language)))


def _check_files(protocol: Path, candidate: str, language: Language) -> None:
    from ..catalogue import build_catalogue
    from ..harness.blind_reading import read_blind
    from .showing import show_grid

    found = read_blind(protocol, candidate, catalogue=build_catalogue())
    n = len(found.answers)
    typer.echo(say("answers.said_status", language, candidate=found.candidate, adapter=found.adapter, n=n))
    header = tuple(say(f"answers.column_{name}", language) for name in ("status", "number", "reason"))
    show_grid(Grid(header=header, rows=tuple(_status_rows(found, language)), numeric=(False, True, False)))
    for line in _said_of(found, language):
        typer.echo(line)
    typer.echo(say("answers.said_blind", language))


def _said_of(found: BlindReading, language: Language) -> list[str]:
    """What the answers are about: structures, marks, findings; where there is nothing of any, that."""
    n_cases, marks = sum(bool(answer.marks) for answer in found.answers), found.marks_by_finding
    structures, lines = found.by_structure, []
    if structures:
        lines.append(say("answers.said_structures", language, found=_counts(structures)))
    if marks:
        of = _counts(marks)
        lines.append(say("answers.said_marks_of", language, cases=n_cases, marks=sum(marks.values()), found=of))
    elif not structures:
        lines.append(say("answers.said_marks", language, cases=0, marks=0))
    if found.by_finding or not (marks or structures):
        lines.append(say("answers.said_findings", language, found=_counts(found.by_finding) or "—"))
    return lines


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.items())


def _status_rows(found: BlindReading, language: Language) -> list[tuple[str, str, str]]:
    """Every status with its number, and below it every reason with its own."""
    from ..reporting.phrases import Phrases
    from ..reporting.reasons import own_reason

    phrases = Phrases(language=language)
    rows: list[tuple[str, str, str]] = []
    for status, count in found.by_status.items():
        rows.append((say(f"answers.status_{status}", language), str(count), ""))
        reasons = [(reason, n) for (each, reason), n in found.reasons.items() if each == status and reason]
        rows += [("", str(n), own_reason(reason, phrases)) for reason, n in reasons[:SHOWN_ROWS]]
    return rows
