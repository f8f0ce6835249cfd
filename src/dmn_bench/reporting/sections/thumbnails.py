"""R15: the worst errors of each kind in images, with the marks of both sides, chosen by rule, without identity."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...pictures.choosing import direction
from ...pictures.paper import with_words
from ...record import FigureFile, ImageView, PicturedError, Record
from ...vocabulary import Block, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..figures import MISSING, FigureText
from ..phrases import Phrases, as_language
from ..select import finding_title, first_of_question
from ..text import visible
from ..view import figures_of, typed
from .errors import GRADE_OFF, kind_name

SIGNS = ("reference", "device", "ignored", "cross", "corners", "overview", "bar")
MISSED = "missed_lesion"  # said of a lesion, which it names
SIZED = (MISSED, "false_positive_mark")  # whose size is said to be that of a lesion, of a mark
_SCORE = re.compile(r">D (-?[0-9]+)\.([0-9]+)<")  # the label of a mark
COMPARED = ("poor_overlap",)  # of which the answer is the Dice coefficient
NOT_GIVEN = "unanswered"  # of a structure, in a case that was answered
_DICE = re.compile(r"[01]\.\d{1,9}")
STATES = ("missing", "altered", "left_out")
REASONS = ("image_unreadable", "image_burned_in", "no_image", "image_size", *STATES)
WARNINGS = ("missing", "altered")
WHYS = ("no_mark", "below_the_point", "misplaced", "counts_for_another")


class Thumbnails:
    """Pictures of errors in images."""

    name: ClassVar[str] = "thumbnails"
    order: ClassVar[int] = 159

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """What the pictures are and how they were chosen, then the pictures by endpoint and kind; () without any."""
        phrases = Phrases(as_language(language))
        full, texts = typed(record), figures_of(record)
        pictures = [one for one in full.results.figures if one.error is not None and one.error.view is not None]
        shown = [one for one in pictures if texts.get(one.path, MISSING).state == "as_recorded"]
        remarks = _remarks(full, [texts.get(one.path, MISSING) for one in pictures], phrases)
        if not shown and not remarks:
            return ()
        blocks: list[Block] = [Heading(text=phrases("report_pictures.title"), anchor="thumbnails")]
        if shown:
            blocks += _introduction(full, shown, phrases)
        blocks += remarks
        for endpoint in dict.fromkeys(one.error.endpoint for one in shown if one.error is not None):
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
            same = [one for one in shown if one.error is not None and one.error.endpoint == endpoint]
            first = first_of_question(full, endpoint)
            before = [one for one in shown if one.error is not None and one.error.endpoint == first != endpoint]
            new = _not_again(same, before)
            blocks += _of_endpoint(full, new, texts, phrases)
            if len(new) < len(same):
                blocks.append(Paragraph(text=phrases("report_pictures.shown_at", endpoint=first), tone="note"))
        return blocks


def _not_again(pictures: Sequence[FigureFile], before: Sequence[FigureFile]) -> list[FigureFile]:
    """The pictures that are not among those before; one of a wrong grade is, whatever its kind is called there."""
    errors = [one.error.model_copy(update={"endpoint": ""}) for one in before if one.error is not None]
    grades = {(one.case_id, one.reference, one.answer) for one in errors}
    return [
        one
        for one in pictures
        if one.error is not None
        and one.error.model_copy(update={"endpoint": ""}) not in errors
        and not (
            one.error.kind.startswith(GRADE_OFF)
            and (one.error.case_id, one.error.reference, one.error.answer) in grades
        )
    ]


def _introduction(record: Record, shown: Sequence[FigureFile], phrases: Phrases) -> list[Block]:
    planned = record.protocol.content
    per_kind = int((planned.get("pictures") or {}).get("per_kind", 0))
    seed = (planned.get("statistics") or {}).get("seed", "–")
    blocks: list[Block] = [
        Paragraph(text=phrases("report_pictures.patients"), tone="warning"),
        Paragraph(text=phrases("report_pictures.rule", n=phrases.whole(per_kind), number=per_kind, seed=seed)),
    ]
    views = [one.error.view for one in shown if one.error is not None and one.error.view is not None]
    drawn = {sign for view in views for sign in view.signs}
    rows = [
        (phrases(f"report_pictures.sign.{name}"), phrases(f"report_pictures.sign_means.{name}"))
        for name in SIGNS
        if name in drawn
    ]
    if rows:
        header = (phrases("report_pictures.sign"), phrases("report_pictures.meaning"))
        blocks.append(Grid(header=header, rows=tuple(rows), caption=phrases("report_pictures.legend")))
    return blocks


def _remarks(record: Record, texts: Sequence[FigureText], phrases: Phrases) -> list[Block]:
    left_out = {key.rpartition("/")[2]: n for key, n in record.results.figures_left_out.items()}
    states = (str(text.state) for text in texts)
    counted = {**left_out, **Counter(states)}
    return [
        Paragraph(
            text=phrases(f"report_pictures.remark.{reason}", n=phrases.whole(counted[reason]), number=counted[reason]),
            tone="warning" if reason in WARNINGS else "note",
        )
        for reason in REASONS
        if counted.get(reason)
    ]


def _of_endpoint(
    record: Record, same: Sequence[FigureFile], texts: Mapping[str, FigureText], phrases: Phrases
) -> list[Block]:
    blocks: list[Block] = []
    group = ""
    for one in same:
        if one.error is None or one.error.view is None:
            continue
        named = _group_name(one.error, phrases)
        if named != group:
            group = named
            blocks.append(Heading(text=_capitalised(group), level=4))
        blocks.append(_figure(record, one.error, one.error.view, texts[one.path].svg, phrases))
    return blocks


def _group_name(error: PicturedError, phrases: Phrases) -> str:
    """The kind of an error; of a wrong grade also whether it is too high or too low."""
    kind, way = kind_name(error.kind, phrases), direction(error.kind, error.reference, error.answer)
    return phrases(f"report_pictures.{way}", kind=kind) if way else kind


def _figure(record: Record, error: PicturedError, view: ImageView, svg: str, phrases: Phrases) -> Figure:
    kind = kind_name(error.kind, phrases)
    if error.kind == MISSED and error.about:
        title = phrases("report_pictures.of_lesion", case=error.case_id, kind=kind, lesion=error.about)
    elif error.about:
        about = finding_title(record, error.about, phrases.language)
        title = phrases("report_pictures.of_case_about", case=error.case_id, kind=kind, about=about)
    else:
        title = phrases("report_pictures.of_case", case=error.case_id, kind=kind)
    has_size = view.is_one_place and error.kind not in COMPARED
    sized = "" if not has_size else error.kind if error.kind in SIZED else "error"
    caption = " ".join(
        [*_said(error, phrases), *_why(error, phrases), *_seen(view, phrases, sized=sized), *_shown(view, phrases)]
    )
    description = phrases("report_pictures.description", caption=caption)
    return Figure(
        svg=with_words(_localised(svg, phrases), title=visible(title), description=visible(description)),
        title=title,
        description=description,
        caption=caption,
    )


def _localised(svg: str, phrases: Phrases) -> str:
    """The drawing with the scores of marks written as in the reader's language."""
    return _SCORE.sub(r">D \1,\2<", svg) if phrases.language == "fr" else svg


def _why(error: PicturedError, phrases: Phrases) -> list[str]:
    """Why a lesion was missed or a mark counts for none, where that is known."""
    if error.kind not in SIZED or error.why not in WHYS:
        return []
    value = "" if error.why_value is None else numbers.number(error.why_value, phrases.language, 2)
    return [phrases(f"report_pictures.why.{error.kind}.{error.why}", value=value)]


def _said(error: PicturedError, phrases: Phrases) -> list[str]:
    if error.kind in COMPARED and _DICE.fullmatch(error.answer):
        return [phrases("report_pictures.dice", dice=numbers.number(float(error.answer), phrases.language, 3))]
    if error.kind == NOT_GIVEN and error.about:
        return [phrases("report_pictures.not_given")]
    if not error.reference or not error.answer:
        return []
    reference = phrases.named("report.reference", error.reference)
    answer = phrases.named("report.answer", error.answer)
    is_worded = reference != error.reference and answer != error.answer
    key = "report_pictures.said" if is_worded else "report_pictures.said_values"  # grades
    return [_capitalised(phrases(key, reference=reference, answer=answer))]


def _seen(view: ImageView, phrases: Phrases, *, sized: str) -> list[str]:
    """Which image it is, where in it, and how large what is wrong: ``sized``, "" if that is not to be said."""
    said = []
    if view.image > 1:
        said.append(phrases("report_pictures.file", n=phrases.whole(view.image)))
    if view.frame is not None:
        said.append(phrases("report_pictures.frame", n=phrases.whole(view.frame)))
    if view.is_outside:
        said.append(phrases("report_pictures.outside"))
    elif sized and view.box is not None and min(view.box[2:]) > 0:
        said.append(_size(sized, view.box, view.spacing_mm, phrases))
    return said


def _size(of: str, box: Sequence[float], spacing_mm: Sequence[float] | None, phrases: Phrases) -> str:
    columns, rows = box[2:]
    in_px = {"columns": phrases.whole(round(columns)), "rows": phrases.whole(round(rows))}
    if spacing_mm is None:
        return phrases(f"report_pictures.size_px.{of}", width=in_px["columns"], height=in_px["rows"])
    wide, high = (numbers.number(one, phrases.language, 1) for one in (columns * spacing_mm[1], rows * spacing_mm[0]))
    return phrases(f"report_pictures.size_mm.{of}", width=wide, height=high, **in_px)


def _shown(view: ImageView, phrases: Phrases) -> list[str]:
    """By which grey values and at what scale, and what is not drawn."""
    said = [phrases.named("report_pictures.window", view.window)]
    if view.low is not None and view.high is not None:
        low, high = (_value(one, view.unit, phrases) for one in (view.low, view.high))
        said = [phrases(f"report_pictures.window.{view.window}", low=low, high=high)]
    if view.bar_mm is not None and view.spacing_source is not None:
        said.append(phrases.named("report_pictures.spacing", view.spacing_source))
    if view.is_reduced:
        said.append(phrases("report_pictures.reduced"))
    if view.n_left_out:
        said.append(phrases("report_pictures.more_marks", n=phrases.whole(view.n_left_out), number=view.n_left_out))
    return said


def _value(value: float, unit: str, phrases: Phrases) -> str:
    decimals = 0 if float(value).is_integer() or abs(value) >= 100 else 2
    text = numbers.number(value, phrases.language, decimals)
    return f"{text}{numbers.NO_BREAK_SPACE}{unit}" if unit else text


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


@hookimpl
def register_report_sections() -> list[type[Thumbnails]]:
    """Pictures of errors in images."""
    return [Thumbnails]
