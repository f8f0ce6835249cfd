"""Delineated structures in the general parts of a report: each by itself, in plain words, never added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..record import CurveRow, EstimateRow, Record, TableRow
from ..vocabulary import Grid
from .phrases import Phrases
from .select import STRUCTURE, endpoint_plan, finding_title, is_by_statement_only, primary_analysis, structure_of

TABLE = "structures"
SPREAD = "_spread/"
"""In the names of the task's curves between the measure and the structure."""
MEASURES = ("dice", "nsd")
COUNTED = ("agreeing_or_not", "both_empty", "missed", "invented", "unanswered")
"""Columns of the table that add up to the cases of a structure."""
ABSENT = ("missed", "invented", "unanswered")
"""Of them, cases without the region of one of the two."""
SAID = 12  # structures that a summary names
LEAST_N = 10  # cases of a structure below which nothing is estimated, where the protocol names no other
_MIDDLE = 0.5


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the record has of one structure of an endpoint: counts of cases, and estimates on all of them."""

    name: str
    counts: Mapping[str, int]
    rows: Sequence[EstimateRow]
    spread: Mapping[str, CurveRow]  # by measure

    @property
    def n_cases(self) -> int:
        """How many cases count, those without an answer included."""
        return sum(self.counts.get(key, 0) for key in COUNTED)

    @property
    def n_undelivered(self) -> int:
        """Of how many the device gave no region at all."""
        return self.counts.get("unanswered", 0)


def structures(record: Record, endpoint: str, candidate: str = "") -> list[Structure]:
    """The structures of an endpoint that a table counts, in its order; [] where none are delineated.

    ``candidate``: whose, "" where the record holds one alone.
    """
    results = record.results

    def is_of(row: TableRow | EstimateRow | CurveRow) -> bool:
        return row.endpoint == endpoint and candidate in ("", row.candidate)

    table = next((one for one in results.tables if is_of(one) and one.name == TABLE), None)
    if table is None:
        return []
    analysis = primary_analysis(record)
    rows = [
        row for row in results.estimates if is_of(row) and row.analysis == analysis and not is_by_statement_only(row)
    ]
    curves = {one.name: one for one in results.curves if is_of(one)}
    alone = [row for row in rows if not row.stratum] if len(table.rows) == 1 else []
    return [
        Structure(
            name=name,
            counts={key: int(count) for key, count in zip(table.columns, counts, strict=True)},
            rows=[row for row in rows if row.stratum == {STRUCTURE: name}] or alone,
            spread={one: curves[f"{one}{SPREAD}{name}"] for one in MEASURES if f"{one}{SPREAD}{name}" in curves},
        )
        for name, counts in zip(table.rows, table.counts, strict=True)
    ]


def counted_as(record: Record, endpoint: str, candidate: str = "") -> str:
    """What the rows of structures are: "images" where cases have several, of which each is compared by itself.

    So it is where a structure has more rows than the set has cases in which it is delineated.
    """
    of_cases = record.reference_set.structures
    found = structures(record, endpoint, candidate)
    return "images" if any(one.n_cases > of_cases.get(one.name, one.n_cases) for one in found) else "cases"


def counted(n: int, kind: str, phrases: Phrases) -> str:
    """A number of cases or images in words."""
    return phrases(f"report_structures.counted.{kind}", n=phrases.whole(n), n_number=n)


# -------------------------------------------------------------------------------------------------------- plain lines


def structure_lines(record: Record, endpoint: str, phrases: Phrases) -> list[str]:
    """A line for each structure: overlap, surface, what readers reach among themselves, what is missing; [] of none."""
    found = structures(record, endpoint)
    if not found:
        return []
    lines = [phrases("report_structures.how")]
    lines += [_line(record, endpoint, one, phrases) for one in found[:SAID]]
    if len(found) > SAID:
        left = len(found) - SAID
        lines.append(phrases("report_structures.more", n=phrases.whole(left), n_number=left))
    return [*lines, phrases("report_structures.where")]


def _line(record: Record, endpoint: str, one: Structure, phrases: Phrases) -> str:
    said = []
    for measure in _asked(record, endpoint):
        value = median(record, one, measure, phrases)
        if value:
            tolerance = tolerance_of(record, endpoint, one.name, phrases)
            said.append(phrases(f"report_structures.{measure}", value=value, tolerance=tolerance))
    readers = _two_by_two(record, endpoint, one.name, phrases)
    said += [readers] if readers else []
    said += [
        f"{_within(phrases.metric(row.metric, row.parameters))} {phrases.counts(row)}"
        for row in one.rows
        if row.metric == "acceptable_share" and row.value is not None
    ][:1]
    kind = counted_as(record, endpoint)
    said += _absent(one, kind, phrases)
    return phrases(
        "report_structures.line",
        structure=finding_title(record, one.name, phrases.language),
        counted=counted(one.n_cases, kind, phrases),
        said=phrases.joined(said),
    )


def _within(text: str) -> str:
    """The words of a title in the middle of a sentence."""
    return text[:1].lower() + text[1:]


def _absent(one: Structure, kind: str, phrases: Phrases) -> list[str]:
    """In how many cases the structure was missed; wrongly drawn or not given only where there are such cases."""
    counts = {name: one.counts.get(name, 0) for name in ABSENT}
    return [
        phrases(f"report_structures.{name}", counted=counted(count, kind, phrases))
        for name, count in counts.items()
        if count or name == "missed"
    ]


def _asked(record: Record, endpoint: str) -> list[str]:
    """The overlaps to show: Dice always, surface Dice where the protocol asks for it."""
    asked = [row.metric for row in record.results.estimates if row.endpoint == endpoint]
    return [measure for measure in MEASURES if measure == "dice" or measure in asked]


def median(record: Record, one: Structure, measure: str, phrases: Phrases) -> str:
    """The median of a measure with its interval where that was planned, without one from the spread; "" of none."""
    for row in one.rows:
        if row.metric == measure and row.parameters.get("summary", "median") == "median":
            if row.value is None:
                return phrases.estimate(row)
            level, interval = phrases.confidence(row.confidence), phrases.interval(row)
            return phrases("report_structures.value", value=phrases.estimate(row), level=level, interval=interval)
    curve = one.spread.get(measure)
    if curve is None or not curve.sizes:
        return ""
    if curve.sizes[0] < least_n(record):
        return phrases.reason("too_few", {"n": curve.sizes[0]})
    middle = dict(zip(curve.x, curve.y, strict=True)).get(_MIDDLE)
    return "" if middle is None else phrases.value(middle, "score", curve.sizes[0])


def least_n(record: Record) -> int:
    """How many cases an estimate needs by the protocol."""
    return int(record.protocol.content.get("statistics", {}).get("minimum_n", {}).get("estimate", LEAST_N))


def tolerance_of(record: Record, endpoint: str, structure: str, phrases: Phrases) -> str:
    """The tolerance of surface Dice for a structure with its unit; "–" where none is stated."""
    plan = endpoint_plan(record, endpoint)
    unit = str(plan.get("distances_in") or "mm")
    stated: Any = plan.get(f"tolerance_{unit}")
    if isinstance(stated, Mapping):
        stated = stated.get(structure)
    return "–" if stated is None else f"{phrases.option(stated)}\u202f{unit}"


def _two_by_two(record: Record, endpoint: str, structure: str, phrases: Phrases) -> str:
    """What two readers reach with each other and the device with each of them, by the first overlap known; "" of none.

    Like beside like: the device beside the reference of all readers is no measure of a reader beside one other.
    """
    for measure in MEASURES:
        readers, device = pair_medians(record, endpoint, structure, measure, phrases)
        if readers:
            name = phrases(f"report_structures.of_two.{measure}")
            key = "report_structures.two_by_two" if device else "report_structures.readers"
            return phrases(key, measure=name, readers=readers, device=device)
    return ""


def pair_medians(
    record: Record, endpoint: str, structure: str, measure: str, phrases: Phrases, candidate: str = ""
) -> tuple[str, str]:
    """From which to which median readers agree with each other, and the device with each of them; "" of none."""
    rows = [
        row
        for row in record.results.readers
        if row.endpoint == endpoint
        and row.against
        and structure_of(row.estimate) == structure
        and row.estimate.metric == measure
        and not row.estimate.parameters
        and row.estimate.value is not None
    ]
    between = [row.estimate for row in rows if not row.candidate]
    device = [row.estimate for row in rows if row.candidate and candidate in ("", row.candidate)]
    return _range(between, phrases), _range(device, phrases)


def _range(rows: Sequence[EstimateRow], phrases: Phrases) -> str:
    """The least and the greatest of some values, one as it is; "" of none."""
    if len(rows) < 2:
        return phrases.estimate(rows[0]) if rows else ""
    low, high = (phrases.estimate(pick(rows, key=lambda row: row.value or 0.0)) for pick in (min, max))
    return phrases("report_readers.from_to", low=low, high=high)


def undelivered(record: Record, endpoint: str, phrases: Phrases, candidate: str = "") -> str:
    """Of which structures the device gave no contour, and in how many cases; "" where it gave one in all."""
    lacking = [one for one in structures(record, endpoint, candidate) if one.n_undelivered]
    kind = counted_as(record, endpoint, candidate)
    pieces = [
        phrases(
            "report_structures.undelivered_of",
            structure=finding_title(record, one.name, phrases.language),
            n=phrases.whole(one.n_undelivered),
            counted=counted(one.n_cases, kind, phrases),
        )
        for one in lacking
    ]
    return phrases("report_structures.undelivered", listed=phrases.joined(pieces)) if pieces else ""


# --------------------------------------------------------------------------------------------------------------- table


def structure_grid(
    record: Record, places: Sequence[tuple[str, str]], phrases: Phrases, *, is_named: bool = False
) -> Grid | None:
    """Median overlaps and missing structures, one line for each structure; None where nothing is delineated.

    ``places``: candidate, "" for the only one, and endpoint. ``is_named``: whether each line says them.
    """
    measures = [one for one in MEASURES if any(one in _asked(record, endpoint) for _, endpoint in places)]
    found = [(place, one) for place in places for one in structures(record, place[1], place[0])]
    if not found:
        return None
    pairs = next((one for one in MEASURES if any(_of_two(record, *each, one, phrases)[0] for each in found)), "")
    lines = []
    for place, one in found:
        medians = _medians(record, place[1], one, measures, phrases)
        two = [text or "–" for text in _of_two(record, place, one, pairs, phrases)] if pairs else []
        counts = (phrases.whole(one.counts.get(key, 0)) for key in ABSENT)
        title = finding_title(record, one.name, phrases.language)
        lines.append((*(place if is_named else ()), title, phrases.whole(one.n_cases), *medians, *two, *counts))
    measure = phrases(f"report_structures.of_two.{pairs}") if pairs else ""
    kinds = dict.fromkeys(counted_as(record, endpoint, candidate) for candidate, endpoint in places)
    front = ("candidate", "endpoint_column") if is_named else ()
    header = (
        *(phrases(f"report_results.{key}") for key in front),
        phrases.field(STRUCTURE),
        " / ".join(phrases(f"report_segmentation.{kind}") for kind in kinds),
        *(phrases(f"report_structures.median_{measure}") for measure in measures),
        *(phrases(f"report_structures.{who}_column", measure=measure) for who in ("readers", "device") if pairs),
        *(phrases(f"report_structures.n_{key}") for key in ABSENT),
    )
    texts = len(front) + 1
    return Grid(
        header=header,
        rows=tuple(lines),
        caption=phrases("report_structures.table"),
        numeric=tuple(place >= texts for place in range(len(header))),
    )


def _medians(record: Record, endpoint: str, one: Structure, measures: Sequence[str], phrases: Phrases) -> list[str]:
    asked = _asked(record, endpoint)
    return [(median(record, one, measure, phrases) if measure in asked else "") or "–" for measure in measures]


def _of_two(record: Record, place: tuple[str, str], one: Structure, measure: str, phrases: Phrases) -> tuple[str, str]:
    candidate, endpoint = place
    return pair_medians(record, endpoint, one.name, measure, phrases, candidate)
