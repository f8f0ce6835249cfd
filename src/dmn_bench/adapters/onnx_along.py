"""Whether what is declared of windows, episodes and beats of a recording can be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import Fact, Problem
from .answer_reading import BEAT_SYMBOLS
from .onnx_description import BeatOutput, EpisodeOutput, Output, SignalInput, Windows
from .onnx_windows import MOST_SAMPLES, lengths


@dataclass(frozen=True, kw_only=True)
class Along:
    """The options of the adapter that are looked at."""

    model: str
    outputs: tuple[Output, ...]
    signals: SignalInput | None
    window: Windows | None
    episodes: EpisodeOutput | None
    beats: BeatOutput | None
    receives: str


def problems_along(described: Along) -> list[Problem]:
    """Every option of a recording that cannot be honoured, or that stands beside one that excludes it."""
    found = [*_whole(described)]
    if described.signals is not None:
        found += _signals(described.signals)
        if described.window is not None:
            found += _window(described.window, described.signals, described.outputs)
    if described.episodes is not None:
        found += _episodes(described.episodes)
    if described.beats is not None:
        found += _beats(described.beats)
    return [Problem(key=key, where=described.model, facts=facts) for key, facts in found]


Faults = Iterator[tuple[str, dict[str, Fact]]]


def _whole(described: Along) -> Faults:
    if not described.outputs and described.episodes is None and described.beats is None:
        yield "adapters.onnx_no_output", {}
    if described.signals is None:
        parts = {"window": described.window, "episodes": described.episodes, "beats": described.beats}
        for option, part in parts.items():
            if part is not None:
                yield "adapters.onnx_needs_signals", {"option": option}
        if described.receives == "wfdb":
            yield "adapters.onnx_needs_signals", {"option": "receives: wfdb"}
    if described.episodes is not None and described.window is None:
        yield "adapters.onnx_output_needs", {"kind": "episodes", "option": "window"}


def _signals(signals: SignalInput) -> Faults:
    if not signals.leads:
        yield "adapters.onnx_output_needs", {"kind": "signals", "option": "signals.leads"}
    yield from _at_least("signals.sampling_hz", signals.sampling_hz, 0, is_above=True)
    if signals.samples is not None:
        yield from _at_least("signals.samples", signals.samples, 1)
    for option, values in (("signals.mean", signals.mean), ("signals.std", signals.std)):
        if isinstance(values, tuple) and len(values) != len(signals.leads):
            yield (
                "adapters.onnx_number_for_each_lead",
                {"option": option, "expected": len(signals.leads), "found": len(values)},
            )
    if 0 in (signals.std if isinstance(signals.std, tuple) else (signals.std,)):
        yield "adapters.onnx_number", {"option": "signals.std", "expected": "≠ 0", "found": 0}


def _window(window: Windows, signals: SignalInput, outputs: Sequence[Output]) -> Faults:
    if (window.samples is None) == (window.seconds is None):
        yield "adapters.onnx_window_length", {}
    elif signals.sampling_hz > 0:
        try:
            lengths(window, signals.sampling_hz)
        except ValueError:
            length = f"{window.samples}" if window.samples is not None else f"{window.seconds} s"
            step = "–" if window.step is None else f"{window.step:g}"
            yield (
                "adapters.onnx_window_size",
                {"found": length, "step": step, "hz": signals.sampling_hz, "most": MOST_SAMPLES},
            )
    if signals.samples is not None:
        yield "adapters.onnx_window_and_samples", {"found": signals.samples}
    yield from _at_least("window.batch", window.batch, 1)
    if (window.combine == "any") != (window.score_at_least is not None):
        yield "adapters.onnx_window_any", {}
    joined = {"mean": ("score", "scores"), "any": ("score", "scores"), "max": ("score", "scores", "label", "grade")}
    for output in outputs:
        if output.kind not in joined[window.combine]:
            yield "adapters.onnx_window_combine", {"found": window.combine, "kind": output.kind}


def _episodes(episodes: EpisodeOutput) -> Faults:
    if not episodes.labels:
        yield "adapters.onnx_output_needs", {"kind": "episodes", "option": "episodes.labels"}
    yield from _at_least("episodes.bridge_s", episodes.bridge_s, 0)
    yield from _at_least("episodes.shortest_s", episodes.shortest_s, 0)


def _beats(beats: BeatOutput) -> Faults:
    if not beats.symbols:
        yield "adapters.onnx_output_needs", {"kind": "beats", "option": "beats.symbols"}
    for symbol in beats.symbols:
        if symbol not in BEAT_SYMBOLS:
            yield "adapters.onnx_beat_symbol", {"found": symbol, "known": " ".join(sorted(BEAT_SYMBOLS))}
    yield from _at_least("beats.hop", beats.hop, 1)
    yield from _at_least("beats.refractory_s", beats.refractory_s, 0)


def _at_least(option: str, value: float, least: float, *, is_above: bool = False) -> Faults:
    if value < least or (is_above and value <= least):
        yield (
            "adapters.onnx_number",
            {"option": option, "expected": f"{'>' if is_above else '≥'} {least:g}", "found": value},
        )
