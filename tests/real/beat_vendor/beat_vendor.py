"""Names beats by an ONNX classifier of 96 features. Each 96 samples of a recording stand for the features of a beat.

How the features of the two public models are made of an ECG is not documented; what is tested with them is the way of a
model with its own program, not a performance.
"""

from pathlib import Path

import numpy as np
import onnxruntime

FEATURES = 96


class Candidate:
    def __init__(self, options):
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        path = Path(__file__).resolve().parent / options["model"]
        self.session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])

    def answer(self, request):
        samples = np.asarray(request["signals"], dtype=np.float32).reshape(-1)
        if not np.isfinite(samples).all():
            return {"status": "rejected_input", "reason": "a feature is not a number"}
        width = FEATURES if samples.size % FEATURES == 0 else samples.size
        labels, chances = self.session.run(None, {"X": samples.reshape(-1, width)})
        beats = [{"sample": place * FEATURES, "symbol": str(label)} for place, label in enumerate(labels)]
        return {"status": "answered", "reason": f"{chances.min():.6f} {chances.max():.6f}", "beats": beats}
