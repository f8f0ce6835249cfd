"""Scores along a recording made into episodes and beats. Runs inside the child."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .onnx_description import BeatOutput, EpisodeOutput
from .onnx_output import activated

Scores = NDArray[np.float64]


class Span(NamedTuple):
    """Where one window lies, in samples at the model's rate; ``stop`` is the end of what is recorded in it."""

    start: int
    length: int
    stop: int


# ------------------------------------------------------------------------------------------------------- episodes


class EpisodeTrace:
    """What is said of every window, kept until the recording ends."""

    def __init__(self, described: EpisodeOutput) -> None:
        self._described = described
        self._spans: list[Span] = []
        self._held: list[tuple[str, float] | None] = []

    def add(self, span: Span, row: Scores | None) -> None:
        """One window, in order of time; no row: the model was not asked."""
        self._spans.append(span)
        self._held.append(None if row is None else held(row, self._described))

    def found(self, sampling_hz: float, seconds: float) -> list[dict[str, Any]]:
        """The episodes as an answer tells them, of a recording of so many ``seconds``.

        A window speaks for the time nearer to its middle than to another's; the first from the start on.
        """
        edges = [min(edge / sampling_hz, seconds) for edge in self._edges()]
        runs: list[dict[str, Any]] = []
        last = {label: -np.inf for label in self._described.labels}
        for place, held_here in enumerate(self._held):
            if held_here is None:
                continue
            label, score = held_here
            start_s, end_s = edges[place], edges[place + 1]
            open_run = next((run for run in reversed(runs) if run["label"] == label), None)
            gap = start_s - last[label]
            if open_run is not None and gap <= self._described.bridge_s + 1e-9:
                open_run["end_s"], open_run["score"] = end_s, max(open_run["score"], score)
            else:
                runs.append({"start_s": start_s, "end_s": end_s, "label": label, "score": score})
            last[label] = end_s
        return [run for run in runs if run["end_s"] - run["start_s"] >= self._described.shortest_s - 1e-9]

    def _edges(self) -> list[float]:
        middles = [span.start + span.length / 2 for span in self._spans]
        between = [(one + other) / 2 for one, other in itertools.pairwise(middles)]
        end = self._spans[-1].stop
        return [float(self._spans[0].start), *(min(edge, end) for edge in between), float(end)]


def held(row: Scores, described: EpisodeOutput) -> tuple[str, float] | None:
    """The label that a window holds, with its score; None where it holds none of them. Raises ValueError.

    >>> held(np.array([0.2, 0.7, 0.1]), EpisodeOutput(labels={"AFIB": 1, "AFL": 2}))
    ('AFIB', 0.7)
    >>> held(np.array([0.2, 0.7, 0.1]), EpisodeOutput(labels={"AFIB": 1}, score_at_least=0.75)) is None
    True
    """
    values = activated(row.reshape(-1), described.activation)
    if not np.isfinite(values).all():
        raise ValueError("the output is not finite")
    scores = {label: element(values, places) for label, places in described.labels.items()}
    if described.score_at_least is None:
        highest = int(values.argmax())
        label = next((name for name, places in described.labels.items() if highest in _places(places)), None)
        return None if label is None else (label, scores[label])
    label = max(scores, key=lambda name: scores[name])
    return (label, scores[label]) if scores[label] >= described.score_at_least else None


# ---------------------------------------------------------------------------------------------------------- beats


class BeatTrace:
    """Scores of steps in time, averaged where windows overlap; only those high enough are kept."""

    def __init__(self, described: BeatOutput) -> None:
        self._described = described
        self._sums: Scores = np.zeros((0, len(described.symbols)))
        self._counts: Scores = np.zeros(0)
        self._first: int | None = None  # step of the first row of the sums; None: no window has come
        self._steps: list[NDArray[np.int64]] = []
        self._scores: list[Scores] = []

    def add(self, span: Span, row: Scores | None) -> None:
        """One window, in order of time; no row: the model was not asked, and nothing is found there by it."""
        if row is None:
            return
        hop = self._described.hop
        if span.start % hop:
            raise ValueError(f"a window that starts at sample {span.start} starts within a step of {hop} samples")
        scores = step_scores(row, self._described, span.length)
        start = span.start // hop
        self._first = self._settled(start if self._first is None else self._first, start)
        recorded = -(-(span.stop - span.start) // hop)
        scores = scores[:recorded]
        missing = start + len(scores) - self._first - len(self._sums)
        if missing > 0:
            self._sums = np.concatenate([self._sums, np.zeros((missing, scores.shape[1]))])
            self._counts = np.concatenate([self._counts, np.zeros(missing)])
        here = slice(start - self._first, start - self._first + len(scores))
        self._sums[here] += scores
        self._counts[here] += 1

    def found(self, model_hz: float, record_hz: float, n_samples: int) -> list[dict[str, Any]]:
        """The beats as an answer tells them, by sample number of the recording as it was given (``n_samples``)."""
        if self._first is None:
            return []
        self._first = self._settled(self._first, self._first + len(self._sums))
        steps, scores = np.concatenate(self._steps), np.concatenate(self._scores)
        height = scores.max(axis=1)
        hop = self._described.hop
        kept = apart(steps, height, self._described.refractory_s * model_hz / hop)
        samples = np.rint((steps[kept] * hop + (hop - 1) / 2) * record_hz / model_hz).astype(np.int64)
        names = tuple(self._described.symbols)
        return [
            {"sample": min(int(sample), n_samples - 1), "symbol": names[place]}
            for sample, place in zip(samples, scores[kept].argmax(axis=1), strict=True)
            if sample >= 0  # else it lies in what was put before the recording
        ]

    def _settled(self, first: int, until: int) -> int:
        """The step of the first row that is left: nothing more will be added to steps before ``until``."""
        n = min(until - first, len(self._sums))
        is_said = self._counts[:n] > 0
        means = self._sums[:n][is_said] / self._counts[:n][is_said, np.newaxis]
        high = means.max(axis=1, initial=-np.inf) >= self._described.score_at_least
        self._steps.append((first + np.flatnonzero(is_said))[high])
        self._scores.append(means[high])
        self._sums, self._counts = self._sums[n:], self._counts[n:]
        return first + n if len(self._sums) else until


def step_scores(row: Scores, described: BeatOutput, length: int) -> Scores:
    """[steps, symbols] of one window. Raises ValueError where the output has another number of steps than declared."""
    n_steps = -(-length // described.hop)
    values = row.reshape(row.shape[1:]) if row.shape[:1] == (1,) else row
    if values.ndim == 2 and described.layout == "classes_steps":
        values = values.T
    if values.ndim < 2:
        values = values.reshape(1, -1) if n_steps == 1 else values.reshape(-1, 1)
    if values.ndim != 2 or len(values) != n_steps:
        raise ValueError(f"expected {n_steps} steps for {length} samples, the output of a window is {list(row.shape)}")
    values = activated(values, described.activation)
    if not np.isfinite(values).all():
        raise ValueError("the output is not finite")
    return np.stack([element(values, places) for places in described.symbols.values()], axis=1)


def apart(steps: NDArray[np.int64], height: Scores, distance: float) -> NDArray[np.int64]:
    """Which steps are peaks that stand at least ``distance`` apart: the higher goes first, of equal ones the earlier.

    ``steps`` ascend; a missing step is lower than its neighbours. The middle of a level top is its peak.

    >>> apart(np.array([3, 4, 5, 9, 10, 30]), np.array([0.6, 0.9, 0.7, 0.8, 0.8, 0.5]), 6).tolist()
    [1, 5]
    """
    peaks = _tops(steps, height)
    order = sorted(range(len(peaks)), key=lambda place: (-height[peaks[place]], place))
    at = steps[peaks]
    is_open = np.ones(len(peaks), dtype=bool)
    chosen = []
    for place in order:
        if not is_open[place]:
            continue
        chosen.append(place)
        low, high = (
            np.searchsorted(at, at[place] - distance, "right"),
            np.searchsorted(at, at[place] + distance, "left"),
        )
        is_open[low:high] = False
    return np.asarray(peaks[sorted(chosen)], dtype=np.int64)


def _tops(steps: NDArray[np.int64], height: Scores) -> NDArray[np.int64]:
    """Places of the middles of stretches of one height whose neighbours are lower or missing."""
    follows = np.diff(steps) == 1
    is_same = follows & (np.diff(height) == 0)
    starts = np.flatnonzero(np.concatenate([[True], ~is_same]))
    ends = np.concatenate([starts[1:] - 1, [len(steps) - 1]])
    before, after = np.maximum(starts - 1, 0), np.minimum(ends + 1, len(steps) - 1)
    is_low_before = (starts == 0) | (steps[starts] - steps[before] > 1) | (height[before] < height[starts])
    is_low_after = (ends == len(steps) - 1) | (steps[after] - steps[ends] > 1) | (height[after] < height[ends])
    is_top = is_low_before & is_low_after
    return np.asarray((starts[is_top] + ends[is_top]) // 2, dtype=np.int64)


def element(values: Scores, places: int | Sequence[int]) -> Any:
    """The element, or the sum of several, along the last axis. Raises ValueError where there is none."""
    wanted = _places(places)
    if not wanted or max(wanted) >= values.shape[-1] or min(wanted) < 0:
        raise ValueError(f"the output has {values.shape[-1]} elements, none at index {wanted}")
    found = values[..., wanted].sum(axis=-1)
    return float(found) if found.ndim == 0 else found


def _places(places: int | Sequence[int]) -> list[int]:
    return [places] if isinstance(places, int) else list(places)
