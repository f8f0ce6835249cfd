"""R15: the worst errors of each kind as pictures on ECG paper, chosen by rule, without identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...pictures.ecg_strip import clock
from ...pictures.paper import description_of, with_words
from ...record import FigureFile, PicturedError, Record
from ...vocabulary import Block, Figure, Grid, Heading, Paragraph
from ..figures import MISSING, FigureText
from ..phrases import Phrases, as_language
from ..select import finding_title
from ..text import visible
from ..view import figures_of, typed
from .errors import kind_name

SHAPES = (("N", "●"), ("S", "▲"), ("V", "■"), ("F", "◆"), ("Q", "✕"))


class Strips:
    """Pictures of errors."""

    name: ClassVar[str] = "strips"
    order: ClassVar[int] = 158

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """What the pictures are and how they were chosen, then the pictures by endpoint and kind; () without any."""
        phrases = Phrases(as_language(language))
        full, texts = typed(record), figures_of(record)
        pictures = [one for one in full.results.figures if one.error is not None and one.error.view is None]
        reasons = [key.rpartition("/")[2] for key in full.results.figures_left_out]
        if not pictures and not any(reason in REASONS for reason in reasons):
            return ()
        shown = [one for one in pictures if texts.get(one.path, MISSING).state == "as_recorded"]
        blocks: list[Block] = [Heading(text=phrases("report_ecg.strips_title"), anchor="strips")]
        if shown:
            blocks += _introduction(full, shown, phrases)
        blocks += _remarks(full, [texts.get(one.path, MISSING) for one in pictures], phrases)
        for endpoint in dict.fromkeys(one.error.endpoint for one in shown if one.error is not None):
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
            same = [one for one in shown if one.error is not None and one.error.endpoint == endpoint]
            blocks += _of_endpoint(full, same, texts, phrases)
        return blocks


def _introduction(record: Record, shown: Sequence[FigureFile], phrases: Phrases) -> list[Block]:
    planned = record.protocol.content
    per_kind = int((planned.get("pictures") or {}).get("per_kind", 0))
    seed = (planned.get("statistics") or {}).get("seed", "–")
    blocks: list[Block] = [
        Paragraph(text=phrases("report_ecg.strips_patients"), tone="warning"),
        Paragraph(text=phrases("report_ecg.strips_rule", n=phrases.whole(per_kind), number=per_kind, seed=seed)),
        Paragraph(text=phrases("report_ecg.strips_scale")),
    ]
    has_marks = any(one.error is not None and one.error.start_s is not None for one in shown)
    return [*blocks, _legend(phrases, has_marks=has_marks)]


def _legend(phrases: Phrases, *, has_marks: bool) -> Grid:
    """What the signs mean; ``has_marks``: whether there are any beside the signal."""
    lines = [(f"{shape} {name}", phrases(f"report_ecg.class.{name}")) for name, shape in SHAPES] if has_marks else []
    named = SIGNS if has_marks else SIGNS_OF_SIGNALS
    signs = [(phrases(f"report_ecg.sign.{name}"), phrases(f"report_ecg.sign_means.{name}")) for name in named]
    return Grid(
        header=(phrases("report_ecg.sign"), phrases("report_ecg.meaning")),
        rows=(*lines, *signs),
        caption=phrases("report_ecg.legend_table"),
    )


SIGNS_OF_SIGNALS = ("gap", "arrow")
SIGNS = ("sides", "letters", "others", "shutdown", "rhythms", "frame", "ring", "band", *SIGNS_OF_SIGNALS)


def _remarks(record: Record, texts: Sequence[FigureText], phrases: Phrases) -> list[Block]:
    left_out = {key.rpartition("/")[2]: n for key, n in record.results.figures_left_out.items()}
    states = [text.state for text in texts]
    counted = {**left_out, **{state: states.count(state) for state in ("missing", "altered", "left_out")}}
    tones = {"missing": "warning", "altered": "warning"}
    return [
        Paragraph(
            text=phrases(f"report_ecg.strips_{reason}", n=phrases.whole(n), number=n),
            tone="warning" if reason in tones else "note",
        )
        for reason, n in counted.items()
        if n and reason in REASONS
    ]


REASONS = ("unreadable", "size", "missing", "altered", "left_out")


def _of_endpoint(
    record: Record, same: Sequence[FigureFile], texts: Mapping[str, FigureText], phrases: Phrases
) -> list[Block]:
    blocks: list[Block] = []
    kind = ""
    for one in same:
        if one.error is None:
            continue
        if one.error.kind != kind:
            kind = one.error.kind
            blocks.append(Heading(text=_capitalised(kind_name(kind, phrases)), level=4))
        blocks.append(_figure(record, one.error, texts[one.path].svg, phrases))
    return blocks


def _figure(record: Record, error: PicturedError, svg: str, phrases: Phrases) -> Figure:
    kind = kind_name(error.kind, phrases)
    if error.start_s is None or error.end_s is None:
        title = phrases("report_ecg.strip_of_case", case=error.case_id, kind=kind)
        answer = phrases.named("report.answer", error.answer)
        reference = phrases.named("report.reference", error.reference)
        caption = _capitalised(phrases("report_ecg.strip_said", reference=reference, answer=answer))
    else:
        times = {"start": clock(int(error.start_s)), "end": clock(int(error.end_s))}
        title = phrases("report_ecg.strip_of_time", case=error.case_id, kind=kind, **times)
        caption = phrases(
            "report_ecg.strip_counts", in_case=phrases.whole(error.in_case), here=phrases.whole(error.here)
        )
    if error.about:
        caption = f"{finding_title(record, error.about, phrases.language)}{phrases('report.colon')}{caption}"
    description = phrases("report_ecg.strip_description", leads=description_of(svg), caption=caption)
    return Figure(
        svg=with_words(svg, title=visible(title), description=visible(description)),
        title=title,
        description=description,
        caption=caption,
    )


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


@hookimpl
def register_report_sections() -> list[type[Strips]]:
    """Pictures of errors."""
    return [Strips]
