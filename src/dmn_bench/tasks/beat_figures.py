"""Which cells of the beat table each figure of EC57 counts, and the lines of figures of records, gross and average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .beat_matching import COLUMNS, ROWS
from .figure_lines import AVERAGE, LINES, SUMMARISED, average, figure_line

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, Judgements, Table

CELLS = tuple(row + column for row in ROWS for column in COLUMNS if not (row in "OX" and column in "ox"))
"""Cells of the table by row and column: "Nv" is a normal beat called ventricular."""

BEATS, CALLS = "NSVFQ", "nsvfq"
Style = Literal["ec57", "bxb"]


class Formula(NamedTuple):
    """A share: beats of some cells, among these and the others that count."""

    counted: Sequence[str]
    others: Sequence[str]


def _cells(rows: str, columns: str) -> Sequence[str]:
    return [row + column for row in rows for column in columns]


FIGURES: Mapping[str, Formula] = {
    "qrs_sensitivity": Formula(_cells(BEATS, CALLS), _cells(BEATS, "ox")),
    "qrs_positive_predictivity": Formula(_cells(BEATS, CALLS), _cells("OX", CALLS)),
    "veb_sensitivity": Formula(["Vv"], _cells("V", "nsfqox")),
    "veb_positive_predictivity": Formula(["Vv"], _cells("NSOX", "v")),
    "veb_false_positive_rate": Formula(_cells("NSOX", "v"), _cells("NSFQOX", "nsfq")),
    "sveb_sensitivity": Formula(["Ss"], _cells("S", "nvfqox")),
    "sveb_positive_predictivity": Formula(["Ss"], _cells("NVFOX", "s")),
    "sveb_false_positive_rate": Formula(_cells("NVFOX", "s"), _cells("NVFQOX", "nvfq")),
    "beats_missed_in_shutdown": Formula(_cells(BEATS, "x"), _cells(BEATS, CALLS + "o")),
    "n_missed_in_shutdown": Formula(["Nx"], _cells("N", CALLS + "o")),
    "s_missed_in_shutdown": Formula(["Sx"], _cells("S", CALLS + "o")),
    "v_missed_in_shutdown": Formula(["Vx"], _cells("V", CALLS + "o")),
    "f_missed_in_shutdown": Formula(["Fx"], _cells("F", CALLS + "o")),
}
"""A fusion or unclassifiable beat called V is no error, nor is an unclassifiable one called S; a fusion one is."""

RR, SHUTDOWN = "rr_interval_error", "shutdown_seconds"
PRINTED_DECIMALS = 2
SVEB_PREDICTIVITY = "sveb_positive_predictivity"


def figure_columns(cells: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Numerator and denominator of every figure, [n] each, from the counts of cells [n]."""
    columns: dict[str, FloatArray] = {}
    for name, formula in FIGURES.items():
        counted, others = (np.sum([cells[cell] for cell in part], axis=0) for part in formula)
        columns[f"{name}_numerator"], columns[f"{name}_denominator"] = counted, counted + others
    return columns


def lines(judgements: Judgements, style: Style) -> Sequence[Table]:
    """The line of figures of every record, the gross one and the average: a numerator and a denominator each.

    A figure is numerator over denominator, undefined where that is 0. The error of RR intervals is its root mean square
    in ms over 1, of all intervals in the gross line; the time of shutdowns is in seconds over 1. The average is the
    mean over the records that have the figure.

    ``style`` "bxb": what the C programs print where it is not that. Of the beats missed in shutdowns those of class S
    are not among all; the time of shutdowns begins with the record and is rounded; fusion beats called S count against
    the positive predictivity of each record and not against the gross and the average one; the average error of RR
    intervals is that of the errors as printed.
    """
    by_record = _by_record(judgements, style)
    summed = dict(by_record)
    if style == "bxb":
        fusion_called_s = judgements.columns["Fs"]
        left_out = np.stack([np.zeros(fusion_called_s.shape), fusion_called_s])
        summed[SVEB_PREDICTIVITY] = by_record[SVEB_PREDICTIVITY] - left_out
        summed[RR] = np.round(by_record[RR], PRINTED_DECIMALS)
    case_ids = judgements.row_strata["case_id"]
    tables = [figure_line(LINES, {k: v[:, row] for k, v in by_record.items()}, c) for row, c in enumerate(case_ids)]
    return [
        figure_line(LINES, _gross(judgements, summed), None),
        figure_line(AVERAGE, {name: average(pair) for name, pair in summed.items()}, None),
        *tables,
    ]


def _by_record(judgements: Judgements, style: Style) -> dict[str, FloatArray]:
    columns = judgements.columns
    found = {name: np.stack([columns[f"{name}_{part}"] for part in SUMMARISED]) for name in FIGURES}
    n = columns["rr_interval_error_intervals"]
    rms = np.sqrt(np.divide(columns["rr_interval_error_squares"], n, out=np.zeros(n.shape), where=n > 0))
    seconds = columns["seconds_shutdown"]
    found[RR] = np.stack([rms, (n > 0).astype(np.float64)])
    found[SHUTDOWN] = np.stack([seconds, np.ones(seconds.shape)])
    if style == "bxb":
        found["beats_missed_in_shutdown"][0] -= columns["Sx"]
        found[SHUTDOWN][0] = np.floor(columns["seconds_shutdown_whole_record"] + 0.5)
    return found


def _gross(judgements: Judgements, by_record: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    gross = {name: pair.sum(axis=1) for name, pair in by_record.items()}
    columns = judgements.columns
    n = float(columns["rr_interval_error_intervals"].sum())
    gross[RR] = np.array([np.sqrt(columns["rr_interval_error_squares"].sum() / n) if n else 0.0, float(n > 0)])
    gross[SHUTDOWN][1] = 1.0
    return gross
