"""The candidate that runs an ONNX file: instantiated by the shim inside the sealed child."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .onnx_description import Boxes, ImageInput, Output, SignalInput
from .onnx_input import NotSuitable, Plane, image_planes, recording
from .onnx_output import combined, read_outputs


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
        described = self._images or self._signals
        self._input = _input_name(described.name if described else None, [i.name for i in self._session.get_inputs()])
        self._output_names = [output.name for output in self._session.get_outputs()]

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The model's answer; a request it was not declared for is ``rejected_input``."""
        try:
            if self._images is not None:
                planes = image_planes(request, self._images)
                answers = [self._run(plane.tensor, plane) for plane in planes]
            else:
                answers = [self._run(recording(request, self._described_signals()), None)]
        except NotSuitable as reason:
            return {"status": "rejected_input", "reason": str(reason)}
        return {"status": "answered", **combined(answers)}

    def _described_signals(self) -> SignalInput:
        if self._signals is None:
            raise NotSuitable("no signals are declared")
        return self._signals

    def _run(self, tensor: NDArray[Any], plane: Plane | None) -> dict[str, Any]:
        found = self._session.run(None, {self._input: tensor})
        outputs = {name: np.asarray(value) for name, value in zip(self._output_names, found, strict=True)}
        return read_outputs(outputs, self._outputs, plane)


def _input_name(declared: str | None, found: list[str]) -> str:
    if declared is None and len(found) == 1:
        return found[0]
    if declared is None or declared not in found:
        raise ValueError(f"the model's inputs are {', '.join(found)}: declare which one, found {declared!r}")
    return declared


def _output(described: Mapping[str, Any]) -> Output:
    fields = _tupled(described)
    boxes = fields.pop("boxes")
    if boxes is not None:
        numbered = {int(number): finding for number, finding in boxes["findings"].items()}
        boxes = Boxes(**_tupled({**boxes, "findings": numbered}))
    return Output(**fields, boxes=boxes)


def _tupled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
