"""A recording made into inputs of an ONNX model, whole or window by window, as described. Runs inside the child."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DmnBenchError, RejectedInputError
from ..inputs.signal_form import shaped_blocks
from ..inputs.wfdb_record import WfdbReader
from ..vocabulary import SignalForm, Signals
from .onnx_description import NotSuitable, SignalInput, Windows

MOST_SAMPLES = 100_000_000
"""Of one window: a recording of four days at 250 Hz. Longer, it would be memory that is asked for, not a window."""
_BLOCK = 1 << 16  # samples of a recording in memory that are looked at together


class Stretch(NamedTuple):
    """A piece of a recording at the model's rate: ``samples`` [samples, leads] in mV, NaN where invalid."""

    start: int  # of the recording, at the model's rate; below 0 where padding comes first
    samples: NDArray[np.float64]
    n_recorded: int  # of ``samples``, with what was put before them; what follows is padding


class Told:
    """A recording as a request tells it, read piece by piece: its chosen leads at the model's rate.

    ``n_samples`` have been read of it so far, at its own rate ``sampling_hz``.
    """

    def __init__(self, request: Mapping[str, Any], described: SignalInput) -> None:
        """Raises NotSuitable for a request without a recording; ``pieces`` does for one that cannot be had so."""
        blocks = _blocks(request)
        first = next(blocks, None)
        if first is None or not len(first.samples):
            raise NotSuitable("the recording holds no samples")
        self.sampling_hz = float(first.sampling_hz)
        self.n_samples = 0
        self.pieces = _pieces(self._counted(first, blocks), described)

    def _counted(self, first: Signals, others: Iterator[Signals]) -> Iterator[Signals]:
        for block in itertools.chain((first,), others):
            self.n_samples += len(block.samples)
            yield block


def recording(request: Mapping[str, Any], described: SignalInput) -> NDArray[Any]:
    """The leads of a request as one tensor with a batch axis. Raises NotSuitable."""
    return arranged(whole(Told(request, described), described).samples, described)


def whole(recorded: Told, described: SignalInput) -> Stretch:
    """The recording at once, cut or filled to the length that the model takes. Raises NotSuitable."""
    samples = checked(np.concatenate(list(recorded.pieces)), described)
    wanted, n_samples = described.samples or len(samples), len(samples)
    if n_samples >= wanted:
        start = (n_samples - wanted) // 2 if described.crop == "centre" else 0
        return Stretch(start, samples[start : start + wanted], wanted)
    before = (wanted - n_samples) // 2 if described.pad == "both" else 0
    return Stretch(-before, np.pad(samples, ((before, wanted - n_samples - before), (0, 0))), before + n_samples)


def arranged(samples: NDArray[np.float64], described: SignalInput) -> NDArray[Any]:
    """Samples [samples, leads] in mV at the model's rate and length, as one tensor with a batch axis."""
    if described.units == "uV":
        samples = samples * 1000.0
    samples = (_normalised(samples, described) * described.scale - np.asarray(described.mean)) / described.std
    tensor = samples.T if described.layout == "leads_samples" else samples
    return np.ascontiguousarray(tensor[np.newaxis], dtype=described.dtype)


def checked(samples: NDArray[np.float64], described: SignalInput) -> NDArray[np.float64]:
    """Samples without a single NaN: as they are, or with 0 in its place. Raises NotSuitable."""
    is_valid = np.isfinite(samples)
    if is_valid.all():
        return samples
    if described.invalid == "refuse":
        raise NotSuitable(f"{np.count_nonzero(~is_valid)} samples are marked invalid")
    return np.where(is_valid, samples, 0.0)


def lengths(window: Windows, sampling_hz: float) -> tuple[int, int]:
    """Length and step of a window in samples.

    Raises ValueError where one of them is no whole number from 1, or too large.

    >>> lengths(Windows(seconds=10, step=2.5), 200.0)
    (2000, 500)
    """
    factor = 1.0 if window.samples is not None else sampling_hz
    length = _whole(window.samples if window.samples is not None else (window.seconds or 0.0) * factor)
    step = length if window.step is None else _whole(window.step * factor)
    if length > MOST_SAMPLES:
        raise ValueError(f"a window of {length} samples, at most {MOST_SAMPLES}")
    if step > length:
        raise ValueError(f"a step of {step} leaves samples between windows of {length}")
    return length, step


def stretches(pieces: Iterable[NDArray[np.float64]], window: Windows, sampling_hz: float) -> Iterator[Stretch]:
    """Windows in order of time, from the start of the recording on. Raises NotSuitable for one that is too short."""
    length, step = lengths(window, sampling_hz)
    kept: NDArray[np.float64] | None = None
    first, at = 0, 0  # sample numbers: of the first that is kept, of the next window
    for piece in pieces:
        kept = piece if kept is None else np.concatenate([kept, piece])
        while at + length <= first + len(kept):
            yield Stretch(at, kept[at - first : at - first + length], length)
            at += step
        low = max(first, min(at, first + len(kept) - length))
        kept, first = kept[low - first :], low
    if kept is None or (at == 0 and (window.last != "pad" or not len(kept))):
        raise NotSuitable(f"the recording is shorter than a window of {length} samples")
    end = first + len(kept)
    if window.last == "drop" or (at > 0 and at - step + length >= end):
        return
    if window.last == "shift":
        yield Stretch(end - length, kept[-length:], length)
        return
    rest = kept[at - first :]
    yield Stretch(at, np.pad(rest, ((0, length - len(rest)), (0, 0))), len(rest))


def _blocks(request: Mapping[str, Any]) -> Iterator[Signals]:
    if "signals" in request:
        samples = np.asarray(request["signals"])
        for start in range(0, len(samples), _BLOCK):
            part = np.asarray(samples[start : start + _BLOCK], dtype=np.float64)
            yield Signals(samples=part, sampling_hz=float(request["sampling_hz"]), leads=tuple(request["leads"]))
        return
    headers = [Path(name) for name in request.get("files") or () if str(name).endswith(".hea")]
    if len(headers) != 1:
        raise NotSuitable("the request holds no signals")
    yield from WfdbReader().blocks(headers[0])


def _pieces(blocks: Iterator[Signals], described: SignalInput) -> Iterator[NDArray[np.float64]]:
    form = SignalForm(leads=described.leads, sampling_hz=described.sampling_hz)
    try:
        for part in shaped_blocks(blocks, form):
            yield part.samples
    except RejectedInputError as error:
        raise NotSuitable(f"the recording has no lead {error.problems[0].facts['expected']}") from error
    except DmnBenchError as error:
        problem = error.problems[0]
        raise NotSuitable(f"{problem.key} {dict(problem.facts)}") from error


def _normalised(samples: NDArray[np.float64], described: SignalInput) -> NDArray[np.float64]:
    if described.normalise == "none":
        return samples
    axis = 0 if described.normalise == "per_lead" else None
    spread = samples.std(axis=axis, keepdims=True)
    centred: NDArray[np.float64] = samples - samples.mean(axis=axis, keepdims=True)
    return centred / np.where(spread > 0, spread, 1.0)


def _whole(value: float) -> int:
    nearest = round(value)
    if nearest < 1 or abs(value - nearest) > 1e-6 * max(1.0, abs(value)):
        raise ValueError(f"{value:g} samples are no whole number from 1")
    return nearest
