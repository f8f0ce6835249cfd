"""Pictures of errors for records made from nothing: drawn from a generated heart, with their hashes."""

import hashlib
from functools import cache

import numpy as np

from dmn_bench.pictures.ecg_marks import StripMark, StripSpan
from dmn_bench.pictures.ecg_strip import Side, Strip, strip_svg
from dmn_bench.record import FigureFile, PicturedError
from dmn_bench.reporting.figures import FigureText

HERTZ = 100.0


def beating(seconds, *, hertz=HERTZ, leads=1, every_s=1.0):
    """Millivolts [samples, leads] with a beat of 1 mV each ``every_s`` seconds, the first after half of that."""
    times = np.arange(round(seconds * hertz)) / hertz
    away = np.abs((times % every_s) - every_s / 2)
    return np.repeat(np.maximum(1 - away / 0.04, 0)[:, None], leads, axis=1)


def marks(*beats):
    """One side of a strip: beats as (seconds, symbol)."""
    classes = {"N": "N", "V": "V", "A": "S"}
    found = [StripMark(at_s=at, symbol=symbol, beat_class=classes.get(symbol, "")) for at, symbol in beats]
    return Side(marks=found, has_beats=True)


@cache
def drawn():
    """A strip of four beats of which the device calls one otherwise and misses the last."""
    strip = Strip(
        leads=("MLII",),
        millivolts=beating(4),
        sampling_hz=HERTZ,
        start_s=60.0,
        reference=Side(
            marks=marks((60.5, "N"), (61.5, "V"), (62.5, "N"), (63.5, "N")).marks,
            spans=[StripSpan(start_s=0, end_s=62, label="N"), StripSpan(start_s=62, end_s=99, label="AFIB")],
            has_beats=True,
        ),
        device=marks((60.5, "N"), (61.52, "N"), (62.5, "N")),
        moments_s=(63.5,),
    )
    return strip_svg(strip, title="beats_missed r100", description="MLII")


def pictures(candidate):
    """The two pictures of a candidate as a record lists them."""
    errors = [
        PicturedError(
            candidate=candidate,
            endpoint="beats",
            kind="beats_missed",
            case_id="r100",
            start_s=60.0,
            end_s=64.0,
            in_case=2,
            here=1,
        ),
        PicturedError(
            candidate=candidate,
            endpoint="exam",
            kind="false_negative",
            case_id="c007",
            in_case=-0.31,
            here=0,
            about="fracture",
            reference="positive",
            answer="negative",
        ),
    ]
    sha256 = hashlib.sha256(drawn().encode()).hexdigest()
    return [
        FigureFile(path=f"figures/{candidate}/{one.endpoint}.{one.kind}.1.svg", sha256=sha256, error=one)
        for one in errors
    ]


def texts(record):
    """All pictures of a record as they would be read from the folder of its run."""
    return {
        one.path: FigureText(state="as_recorded", svg=drawn())
        for one in record.results.figures
        if one.error is not None
    }
