"""The candidate that runs an ONNX file: instantiated by the shim inside the sealed child."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .onnx_description import (
    BeatOutput,
    Boxes,
    EpisodeOutput,
    ImageInput,
    Masks,
    NotSuitable,
    Output,
    SignalInput,
    Windows,
)
from .onnx_input import image_planes
from .onnx_output import Joined, Outputs, combined, named, read_outputs
from .onnx_rhythm import BeatTrace, EpisodeTrace, Span
from .onnx_windows import Stretch, Told, arranged, checked, stretches, whole


class _Wanted(NamedTuple):
    """What is to be made of the outputs along a recording."""

    outputs: Sequence[Output]
    window: Windows
    episodes: EpisodeOutput | None
    beats: BeatOutput | None


class OnnxRunner:
    """Answers requests by an ONNX model, as ``OnnxModel.program`` describes it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Load the model; the number of threads is that of the child's environment, one provider: the CPU."""
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
        settings.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(options["model"], settings, providers=["CPUExecutionProvider"])
        self._images = None if options["input"] is None else ImageInput(**_tupled(options["input"]))
        self._signals = None if options["signals"] is None else SignalInput(**_tupled(options["signals"]))
        self._outputs = [_output(each) for each in options["outputs"]]
        self._window = None if options["window"] is None else Windows(**options["window"])
        self._wanted = _Wanted(
            self._outputs,
            self._window or Windows(),
            None if options["episodes"] is None else EpisodeOutput(**options["episodes"]),
            None if options["beats"] is None else BeatOutput(**options["beats"]),
        )
        described = self._images or self._signals
        self._input = _input_name(described.name if described else None, [i.name for i in self._session.get_inputs()])
        shape = next(i.shape for i in self._session.get_inputs() if i.name == self._input)
        self._batch_of_model = shape[0] if shape and isinstance(shape[0], int) else None
        self._output_names = [output.name for output in self._session.get_outputs()]

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The model's answer; a request it was not declared for is ``rejected_input``."""
        try:
            if self._signals is not None:
                return {"status": "answered", **self._of_recording(request, self._signals)}
            planes = image_planes(request, self._images or ImageInput())
            answers = [read_outputs(self._run(plane.tensor), self._outputs, plane) for plane in planes]
        except NotSuitable as reason:
            return {"status": "rejected_input", "reason": str(reason)}
        return {"status": "answered", **combined(answers)}

    def _of_recording(self, request: Mapping[str, Any], described: SignalInput) -> dict[str, Any]:
        recorded = Told(request, described)
        said = _Said(self._wanted)
        if self._window is None:
            piece = whole(recorded, described)
            said.add(piece, self._run(arranged(piece.samples, described)))
        else:
            self._by_windows(recorded, described, self._window, said)
        return said.answer(recorded, described.sampling_hz)

    def _by_windows(self, recorded: Told, described: SignalInput, window: Windows, said: _Said) -> None:
        at_once = self._batch_of_model or window.batch
        waiting: list[Stretch] = []
        for piece in stretches(recorded.pieces, window, described.sampling_hz):
            waiting.append(piece)
            if len(waiting) == at_once:
                self._put(waiting, described, window, said)
                waiting = []
        self._put(waiting, described, window, said)

    def _put(self, pieces: Sequence[Stretch], described: SignalInput, window: Windows, said: _Said) -> None:
        """One run of the model for the windows that it may see; those of a model for so many at once are filled up."""
        is_seen = [not window.skip_invalid or bool(np.isfinite(piece.samples).all()) for piece in pieces]
        tensors = [
            arranged(checked(piece.samples, described), described)
            for piece, seen in zip(pieces, is_seen, strict=True)
            if seen
        ]
        outputs: Outputs = {}
        if tensors:
            fill = max(0, (self._batch_of_model or 0) - len(tensors))
            outputs = self._run(np.concatenate([*tensors, *[np.zeros_like(tensors[0])] * fill]))
            _check_rows(outputs, len(tensors) + fill)
        rows = iter(range(len(tensors)))
        for piece, seen in zip(pieces, is_seen, strict=True):
            row = next(rows) if seen else None
            said.add(piece, None if row is None else {name: value[row : row + 1] for name, value in outputs.items()})

    def _run(self, tensor: NDArray[Any]) -> Outputs:
        found = self._session.run(None, {self._input: tensor})
        return {name: np.asarray(value) for name, value in zip(self._output_names, found, strict=True)}


class _Said:
    """What the model says along one recording, made into one answer."""

    def __init__(self, wanted: _Wanted) -> None:
        self._described = wanted.outputs
        self._findings = Joined(wanted.window)
        self._episodes = None if wanted.episodes is None else (EpisodeTrace(wanted.episodes), wanted.episodes.name)
        self._beats = None if wanted.beats is None else (BeatTrace(wanted.beats), wanted.beats.name)
        self._was_asked = False

    def add(self, piece: Stretch, outputs: Outputs | None) -> None:
        """What it said of one piece; None where it was not asked."""
        span = Span(piece.start, len(piece.samples), piece.start + piece.n_recorded)
        for trace in (self._episodes, self._beats):
            if trace is not None:
                trace[0].add(span, None if outputs is None else np.asarray(named(outputs, trace[1]), np.float64))
        if outputs is not None:
            self._was_asked = True
            self._findings.add(read_outputs(outputs, self._described, None))

    def answer(self, recorded: Told, model_hz: float) -> dict[str, Any]:
        """All of it, once the recording was ``recorded`` to its end. Raises NotSuitable if nothing was ever asked."""
        if not self._was_asked:
            raise NotSuitable("no window is without invalid samples")
        answer = self._findings.found()
        if self._episodes is not None:
            answer["episodes"] = self._episodes[0].found(model_hz, recorded.n_samples / recorded.sampling_hz)
        if self._beats is not None:
            answer["beats"] = self._beats[0].found(model_hz, recorded.sampling_hz, recorded.n_samples)
        return answer


def _check_rows(outputs: Outputs, n_windows: int) -> None:
    for name, value in outputs.items():
        if value.shape[:1] != (n_windows,):
            found = list(value.shape)
            raise ValueError(f"{n_windows} windows were put to the model, its output {name} is {found}: one row each")


def _input_name(declared: str | None, found: list[str]) -> str:
    if declared is None and len(found) == 1:
        return found[0]
    if declared is None or declared not in found:
        raise ValueError(f"the model's inputs are {', '.join(found)}: declare which one, found {declared!r}")
    return declared


def _output(described: Mapping[str, Any]) -> Output:
    fields = _tupled(described)
    boxes, masks = fields.pop("boxes"), fields.pop("masks")
    if boxes is not None:
        numbered = {int(number): finding for number, finding in boxes["findings"].items()}
        boxes = Boxes(**_tupled({**boxes, "findings": numbered}))
    return Output(**fields, boxes=boxes, masks=None if masks is None else Masks(**_tupled(masks)))


def _tupled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
