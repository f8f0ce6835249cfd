"""R16: the wrong calls and unanswered units, for review by a clinician."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import ErrorRowPart, Record
from ...vocabulary import Block, Grid, Heading, Paragraph
from ...wordings import numbers
from ..phrases import Phrases, as_language
from ..reasons import worded_reason
from ..select import endpoints, first_of_question
from ..structure_errors import is_of_structure, structure_errors
from ..view import typed

GRADE_OFF = "grade_off_by_"
COUNTED: Mapping[str, str] = {
    "beats_missed": "report_results.counted_missed",
    "beats_extra": "report_results.counted_extra",
    "veb_missed": "report_results.counted_missed",
    "veb_false": "report_results.counted_false",
    "sveb_missed": "report_results.counted_missed",
    "sveb_false": "report_results.counted_false",
    "ve_runs_missed": "report_results.counted_missed",
    "ve_runs_false": "report_results.counted_false_of",
    "sve_runs_missed": "report_results.counted_missed",
    "sve_runs_false": "report_results.counted_false_of",
    "episodes_missed": "report_results.counted_missed",
    "episodes_false": "report_results.counted_false_of",
}
"""Kinds whose lines hold two counts of one recording: how many there are, and as the answer how many of them are wrong.

Those of ``counted_false_of`` count what the device gave, all others what the reference has.
"""


class Errors:
    """The list of errors, with empty columns for the reviewing clinician."""

    name: ClassVar[str] = "errors"
    order: ClassVar[int] = 160

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One table for each endpoint, by kind of error."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        blocks: list[Block] = [
            Heading(text=phrases("report_results.errors_title"), anchor="errors"),
            Paragraph(text=phrases("report_results.errors_intro")),
        ]
        for endpoint in endpoints(full):
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
            blocks.extend(_endpoint(full, candidate, endpoint, phrases))
        return blocks


def _endpoint(record: Record, candidate: str, endpoint: str, phrases: Phrases) -> list[Block]:
    rows = [row for row in record.results.errors if row.endpoint == endpoint]
    left_out = record.results.errors_left_out.get(f"{candidate}/{endpoint}", 0)
    if not rows and not left_out:
        return [Paragraph(text=phrases("report_results.errors_none"))]
    first = first_of_question(record, endpoint)
    before = [row for row in record.results.errors if row.endpoint == first] if first != endpoint else []
    n_again = len(rows)
    rows = _not_again(rows, before)
    n_again -= len(rows)
    blocks: list[Block] = [Paragraph(text=_count(rows, endpoint, phrases))] if rows else []
    placed = [row for row in rows if row.place is not None]
    delineated = [row for row in rows if is_of_structure(row)]
    others = sorted((row for row in rows if row.place is None and row not in delineated), key=_worst_first)
    blocks += [structure_errors(delineated, record, phrases)] if delineated else []
    if placed:
        note = Paragraph(text=phrases("report_detection.errors_note"), tone="note")
        blocks += [_placed(placed, phrases), note]
    blocks += [_table(others, record, phrases)] if others else []
    if n_again:
        again = phrases("report_results.errors_as_at", n=phrases.whole(n_again), n_number=n_again, endpoint=first)
        blocks.append(Paragraph(text=again, tone="note"))
    if left_out:
        more = phrases("report_results.errors_left_out", n=phrases.whole(left_out), n_number=left_out)
        blocks.append(Paragraph(text=more, tone="note"))
    return blocks


def _not_again(rows: Sequence[ErrorRowPart], before: Sequence[ErrorRowPart]) -> list[ErrorRowPart]:
    """The rows that those before do not say; a wrong grade that stands there is said, whatever it is called there."""
    said = {repr(row.model_copy(update={"endpoint": ""})) for row in before}
    grades = {(row.unit_id, row.reference, row.answer) for row in before}
    return [
        row
        for row in rows
        if repr(row.model_copy(update={"endpoint": ""})) not in said
        and not (row.kind.startswith(GRADE_OFF) and (row.unit_id, row.reference, row.answer) in grades)
    ]


def _count(rows: Sequence[ErrorRowPart], endpoint: str, phrases: Phrases) -> str:
    """How many errors are listed, by kind; beats, runs and episodes apart from the recordings that have them."""
    kinds = sorted({row.kind for row in rows})
    counted = any(kind in COUNTED for kind in kinds)
    listed = [_of_kind(kind, [row for row in rows if row.kind == kind], phrases) for kind in kinds]
    return phrases(
        "report_results.errors_count_of_recordings" if counted else "report_results.errors_count",
        n=phrases.whole(len(rows)),
        n_number=len(rows),
        endpoint=endpoint,
        kinds=phrases.joined(listed) if counted else ", ".join(listed),
    )


def _of_kind(kind: str, rows: Sequence[ErrorRowPart], phrases: Phrases) -> str:
    name, counts = kind_name(kind, phrases), [_counts(row) for row in rows]
    if any(one is None for one in counts):
        return f"{name} {phrases.whole(len(rows))}"
    wrong = sum(one[1] for one in counts if one is not None)
    recordings = phrases.whole(len(rows))
    return phrases(
        "report_results.errors_of_kind", kind=name, n=phrases.whole(wrong), recordings=recordings, n_rows=len(rows)
    )


def _counts(row: ErrorRowPart) -> tuple[int, int] | None:
    """All of them and the wrong ones, where the line holds counts of a recording."""
    if row.kind not in COUNTED or not (row.reference.isdigit() and row.answer.isdigit()):
        return None
    return int(row.reference), int(row.answer)


def _compared(row: ErrorRowPart, phrases: Phrases) -> tuple[str, str]:
    """What the reference says and what the device answered."""
    counts = _counts(row)
    if counts is None:
        return phrases.named("report.reference", row.reference), phrases.named("report.answer", row.answer)
    all_of, wrong = counts
    key = COUNTED[row.kind]
    facts = {"n": phrases.whole(all_of), "right": phrases.whole(all_of - wrong), "wrong": phrases.whole(wrong)}
    of_device = key == "report_results.counted_false_of"
    return "–" if of_device else facts["n"], phrases(key, **facts, n_right=all_of - wrong, n_wrong=wrong, n_all=all_of)


def kind_name(kind: str, phrases: Phrases) -> str:
    """A kind of error in words; "grade_off_by_2" is counted."""
    distance = kind.removeprefix(GRADE_OFF)
    if distance != kind and distance.isdigit():
        return phrases("report_results.grade_off", n=distance, number=int(distance))
    return phrases.named("report_results.error", kind)


def _worst_first(row: ErrorRowPart) -> tuple[str, int, float, str]:
    """By kind, grades that are further off first; then the false alarms of high scores and the misses of low ones."""
    distance = row.kind.removeprefix(GRADE_OFF)
    is_grade = distance != row.kind and distance.isdigit()
    score = 0.0 if row.score is None else row.score
    return (
        GRADE_OFF if is_grade else row.kind,
        -int(distance) if is_grade else 0,
        score if row.kind == "false_negative" else -score,
        row.unit_id,
    )


def _placed(rows: Sequence[ErrorRowPart], phrases: Phrases) -> Grid:
    """Errors that lie somewhere in a case, each with what finds it again; in the order of the record: worst first."""
    scores = _scores(rows, phrases)
    lines = [
        (
            row.unit_id,
            kind_name(row.kind, phrases),
            *_where(row, phrases),
            phrases.named("report.reference", row.reference),
            score,
            "",
        )
        for row, score in zip(rows, scores, strict=True)
    ]
    titles = (
        "report_results.error_unit",
        "report_results.error_kind",
        "report_detection.error_lesion",
        "report_detection.error_image",
        "report_detection.error_centre",
        "report_detection.error_size",
        "report_results.error_reference",
        "report_results.error_score",
        "report_results.error_review",
    )
    kept = [
        at for at, key in enumerate(titles) if key != "report_detection.error_image" or any(line[at] for line in lines)
    ]
    return Grid(
        header=tuple(phrases(titles[at]) for at in kept),
        rows=tuple(tuple(line[at] for at in kept) for line in lines),
        caption=phrases("report_detection.errors_table"),
        numeric=tuple(titles[at] == "report_results.error_score" for at in kept),
    )


def _where(row: ErrorRowPart, phrases: Phrases) -> tuple[str, str, str, str]:
    """The lesion, the image where it is not the only one, the centre and the size of a placed error."""
    place = row.place
    if place is None:
        return "–", "", "–", "–"
    pieces = [place.case_id] if place.case_id != row.unit_id else []
    pieces += [phrases("report_detection.error_image_number", n=phrases.whole(place.image))] if place.image else []
    pieces += [phrases("report_detection.error_frame", n=phrases.whole(place.frame))] if place.frame else []
    centre, size = "–", "–"
    if place.box is not None:
        x, y, width, height = place.box
        px = (numbers.number(one, phrases.language, 0) for one in (x + width / 2, y + height / 2, width, height))
        named = dict(zip(("x", "y", "width", "height"), px, strict=True))
        centre = phrases("report_detection.centre_px", **named)
        size = phrases("report_detection.size_px", **named) if width or height else "–"
    elif place.sphere_mm is not None:
        mm = (numbers.number(one, phrases.language, 1) for one in place.sphere_mm)
        named = dict(zip(("x", "y", "z", "diameter"), mm, strict=True))
        centre = phrases("report_detection.centre_mm", **named)
        size = phrases("report_detection.size_mm", **named) if place.sphere_mm[3] else "–"
    return place.lesion_id or "–", ", ".join(pieces), centre, size


def _scores(rows: Sequence[ErrorRowPart], phrases: Phrases) -> list[str]:
    """The scores of a column with as many decimals each, three at most."""
    shown = [f"{row.score:.3f}".rstrip("0") for row in rows if row.score is not None]
    decimals = max((len(text.partition(".")[2]) for text in shown), default=0)
    return ["–" if row.score is None else numbers.number(row.score, phrases.language, decimals) for row in rows]


def _table(rows: Sequence[ErrorRowPart], record: Record, phrases: Phrases) -> Grid:
    keys = ("unit", "kind", "reference", "answer", "score", "reason", "review")
    return Grid(
        header=tuple(phrases(f"report_results.error_{key}") for key in keys),
        rows=tuple(
            (
                row.unit_id,
                kind_name(row.kind, phrases),
                *_compared(row, phrases),
                score,
                worded_reason(row.reason, record, phrases) or "–",
                "",
            )
            for row, score in zip(rows, _scores(rows, phrases), strict=True)
        ),
        caption=phrases("report_results.errors_table"),
        numeric=(False, False, False, False, True, False, False),
    )


@hookimpl
def register_report_sections() -> list[type[Errors]]:
    """Errors to review."""
    return [Errors]
