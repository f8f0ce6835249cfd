"""A recording as a candidate declares that it wants it: leads, rate, unit, length; or the reason why it is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Fact, InputFileError, Problem, RejectedInputError
from ..vocabulary import SignalForm, Signals
from .leads import neutral_leads, usual_leads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

DERIVED = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
"""Limb leads as sums of I and II, by Einthoven's and Goldberger's definitions: lead = a I + b II."""
MOST_TERM = 100_000
"""Of the ratio of two rates in lowest terms: beyond, the filter would have millions of taps."""
_TAPS_EACH_SIDE = 10  # times the larger term of the ratio: the filter of scipy.signal.resample_poly
_BLOCK = 1 << 16  # samples resampled at once, at least


def shaped(signals: Signals, form: SignalForm) -> Signals:
    """The recording in the form that a candidate declares; in the unit of the form, which is no longer always mV.

    Leads are chosen by their usual names, whatever their spelling in the file; of two of one name the first, and the
    second where the form names it twice. III, aVR, aVL and aVF are computed from I and II where they are asked for and
    absent. Another rate is reached by a zero-phase polyphase filter (``scipy.signal.resample_poly`` with its Kaiser
    window and the exact ratio of the rates), beyond the ends of the recording its first and last values go on; sample k
    is at k / sampling_hz seconds from the same start. Gaps stay gaps: a sample is NaN where one of the two beside it
    was; for the filter a short gap is bridged by a line, a long one by the value nearest to it.

    Raises RejectedInputError where the declared form cannot be had: a lead absent, a recording too short or too long,
    samples without value that are refused. Raises InputFileError where the ratio of the rates has no small terms.

    >>> found = shaped(
    ...     Signals(samples=np.array([[0.1, 0.3], [0.0, 0.2]]), sampling_hz=250.0, leads=("I", "II")),
    ...     SignalForm(leads=("AVF", "I"), unit="uV"),
    ... )
    >>> found.leads, found.samples.round(6).tolist()
    (('aVF', 'I'), [[250.0, 100.0], [200.0, 0.0]])
    """
    check_length(len(signals.samples) / signals.sampling_hz, form)
    parts = list(shaped_blocks([signals], form))
    return parts[0] if len(parts) == 1 else _joined(parts)


def shaped_blocks(blocks: Iterable[Signals], form: SignalForm) -> Iterator[Signals]:
    """The same of a recording that comes in pieces, in pieces; however it is cut, the samples are the same.

    The length is not looked at: ``check_length`` does. Raises as ``shaped``, at the latest where a sample is reached.
    """
    chosen: _Leads | None = None
    resampler: _Resampler | None = None
    factor = 1000.0 if form.unit == "uV" else 1.0
    for block in blocks:
        if chosen is None:
            chosen = _Leads(block.leads, form.leads)
            hz = form.sampling_hz or block.sampling_hz
            resampler = _Resampler(block.sampling_hz, hz, len(chosen.names))
        samples = chosen.of(block.samples)
        if form.invalid == "refuse" and not np.isfinite(samples).all():
            raise _rejected("inputs.form_invalid_samples")
        if resampler is not None:
            for part in resampler.after(samples):
                yield Signals(samples=part * factor, sampling_hz=hz, leads=chosen.names)
    if chosen is not None and resampler is not None:
        for part in resampler.rest():
            yield Signals(samples=part * factor, sampling_hz=hz, leads=chosen.names)


def check_length(seconds: float, form: SignalForm) -> None:
    """Raises RejectedInputError for a recording that is shorter or longer than the candidate takes."""
    slack = 1e-9 * max(1.0, seconds)
    if form.least_seconds is not None and seconds < form.least_seconds - slack:
        raise _rejected("inputs.form_too_short", found=round(seconds, 3), expected=form.least_seconds)
    if form.most_seconds is not None and seconds > form.most_seconds + slack:
        raise _rejected("inputs.form_too_long", found=round(seconds, 3), expected=form.most_seconds)


def in_millivolts(form: SignalForm) -> SignalForm:
    """The same form for a file, whose header states the unit."""
    return dataclasses.replace(form, unit="mV")


def exact_ratio(source_hz: float, target_hz: float) -> Fraction:
    """The ratio of two rates as they are written in decimals. Raises InputFileError for one without small terms.

    >>> exact_ratio(360.0, 250.0)
    Fraction(25, 36)
    """
    ratio = Fraction(repr(float(target_hz))) / Fraction(repr(float(source_hz)))
    if max(ratio.numerator, ratio.denominator) > MOST_TERM:
        raise InputFileError(Problem(key="inputs.form_rates", facts={"found": source_hz, "expected": target_hz}))
    return ratio


class _Leads:
    """Which leads are given, in order, and how each is had from those of the file."""

    def __init__(self, written: Sequence[str], wanted: Sequence[str]) -> None:
        there = list(neutral_leads(written))
        self.names = usual_leads(wanted) or tuple(there)
        self._weights: list[dict[int, float]] = []  # of each lead: place in the file -> factor
        free = list(there) if wanted else []
        for place, name in enumerate(self.names):
            if not wanted:
                self._weights.append({place: 1.0})
            elif name in free:
                self._weights.append({free.index(name): 1.0})
                free[free.index(name)] = ""
            elif name in DERIVED and name not in there and {"I", "II"} <= set(there):
                of_one, of_two = DERIVED[name]
                self._weights.append({there.index("I"): of_one, there.index("II"): of_two})
            else:
                raise _rejected("inputs.form_lead_absent", expected=name, found=", ".join(there))

    def of(self, samples: Samples) -> Samples:
        """[samples, leads] as they are given."""
        found = np.empty((len(samples), len(self.names)))
        for lead, weights in enumerate(self._weights):
            if len(weights) == 1:
                found[:, lead] = samples[:, next(iter(weights))]
            else:
                found[:, lead] = sum(factor * samples[:, place] for place, factor in weights.items())
        return found


class _Resampler:
    """Brings samples to another rate as they come; gives the same as if all had come at once."""

    def __init__(self, source_hz: float, target_hz: float, n_leads: int) -> None:
        ratio = exact_ratio(source_hz, target_hz)
        self._up, self._down = ratio.numerator, ratio.denominator
        self._reach = -(-_TAPS_EACH_SIDE * max(self._up, self._down) // self._up) + 1  # of the filter, samples
        self._margin = -(-(2 * self._reach + 2) // self._down) * self._down
        self._kept: Samples = np.empty((0, n_leads))
        self._done = 0  # of ``kept``: what lies before has been given; a multiple of ``down``

    def after(self, samples: Samples) -> Iterator[Samples]:
        """What is known once these samples have come."""
        if self._up == self._down:
            yield samples
            return
        self._kept = np.concatenate([self._kept, samples])
        ready = (len(self._kept) - self._margin) // self._down * self._down
        if ready - self._done >= _BLOCK:
            yield from self._given(ready)
            cut = max(0, self._done - self._margin)
            self._kept, self._done = self._kept[cut:], self._done - cut

    def rest(self) -> Iterator[Samples]:
        """What is known once there are no more."""
        if self._up != self._down and len(self._kept) > self._done:
            yield from self._given(len(self._kept), is_end=True)

    def _given(self, until: int, *, is_end: bool = False) -> Iterator[Samples]:
        """Of what lies from ``done`` to ``until``, a block at a time, so that memory stays that of a block."""
        step = -(-_BLOCK // self._down) * self._down
        for start in range(self._done, until, step):
            stop = min(start + step, until)
            is_last = is_end and stop == until
            low = max(0, start - self._margin)
            high = len(self._kept) if is_last else stop + self._margin
            found = self._resampled(self._kept[low:high])
            first = (start - low) // self._down * self._up
            last = len(found) if is_last else (stop - low) // self._down * self._up
            yield found[first:last]
        self._done = until

    def _resampled(self, samples: Samples) -> Samples:
        from scipy.signal import resample_poly

        is_valid = np.isfinite(samples)
        filled = samples if is_valid.all() else _bridged(samples, is_valid, self._reach)
        found = np.asarray(resample_poly(filled, self._up, self._down, axis=0, padtype="edge"), dtype=np.float64)
        if not is_valid.all():
            at = np.arange(len(found)) * self._down
            before = at // self._up
            after = np.minimum(-(-at // self._up), len(samples) - 1)
            found[~(is_valid[before] & is_valid[after])] = np.nan
        return found


def _bridged(samples: Samples, is_valid: NDArray[np.bool_], reach: int) -> Samples:
    """Without gaps: those of ``reach`` samples or fewer are lines, in longer ones the nearest value stands."""
    filled = samples.copy()
    places = np.arange(len(samples))
    for lead in range(samples.shape[1]):
        valid = is_valid[:, lead]
        if valid.all():
            continue
        if not valid.any():
            filled[:, lead] = 0.0
            continue
        before = np.maximum.accumulate(np.where(valid, places, -1))
        after = np.minimum.accumulate(np.where(valid, places, len(samples))[::-1])[::-1]
        gap = ~valid
        left, right, here = before[gap], after[gap], places[gap]
        has_both = (left >= 0) & (right < len(samples))
        left, right = np.where(left < 0, right, left), np.where(right == len(samples), left, right)
        share = np.where(right > left, (here - left) / np.maximum(right - left, 1), 0.0)
        is_line = has_both & (right - left - 1 <= reach)
        share = np.where(is_line, share, np.round(share))
        filled[gap, lead] = samples[left, lead] * (1 - share) + samples[right, lead] * share
    return filled


def _joined(parts: Sequence[Signals]) -> Signals:
    if not parts:
        raise ValueError("a recording without samples")
    return dataclasses.replace(parts[0], samples=np.concatenate([part.samples for part in parts]))


def _rejected(key: str, **facts: Fact) -> RejectedInputError:
    return RejectedInputError(Problem(key=key, facts=facts))
