"""The rival of throughput.py: what one writes without a harness. Reads, prepares, asks, keeps the score; no more.

python benchmarks/bare_loop.py images|ecg MODEL SET OUT.json [--in-memory N]

One process, one thread. With --in-memory the first N cases are prepared first and then asked over and over: the model
alone. Prints the seconds of the loop, without the start of the process and the load of the model.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Mapping
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime


def radiograph(path: Path) -> np.ndarray:
    """Grey levels 0 to 1 at the model's size, shrunk along the rows first: the order that Pillow had before 13."""
    import pydicom
    from PIL import Image

    dataset = pydicom.dcmread(path)
    share = dataset.pixel_array.astype(np.float32) / np.float32(2**dataset.BitsStored - 1)
    grey = Image.fromarray(np.rint(share * np.float32(255)).astype(np.uint8))
    narrow = grey.resize((512, grey.height), Image.Resampling.BILINEAR)
    small = np.asarray(narrow.resize((512, 512), Image.Resampling.BILINEAR), dtype=np.float32)
    return (small / np.float32(255))[np.newaxis, np.newaxis]


def electrocardiogram(path: Path) -> np.ndarray:
    """Millivolts, leads first."""
    import wfdb

    signals = wfdb.rdrecord(str(path.with_suffix(""))).p_signal
    return np.ascontiguousarray(signals.T[np.newaxis], dtype=np.float32)


PREPARED: Mapping[str, Callable[[Path], np.ndarray]] = {"images": radiograph, "ecg": electrocardiogram}


def new_session(model: Path) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), settings, providers=["CPUExecutionProvider"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modality", choices=PREPARED)
    parser.add_argument("model", type=Path)
    parser.add_argument("set", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--in-memory", type=int, default=0)
    asked = parser.parse_args()
    prepared, session = PREPARED[asked.modality], new_session(asked.model)
    with (asked.set / "cases.csv").open(newline="", encoding="utf-8") as stream:
        cases = [(row["case_id"], asked.set / row["files"]) for row in csv.DictReader(stream)]
    if asked.in_memory:
        tensors = [prepared(path) for _, path in cases[: asked.in_memory]]
        session.run(None, {"x": tensors[0]})
        start = perf_counter()
        for tensor in islice(cycle(tensors), len(cases)):
            session.run(None, {"x": tensor})
        print(perf_counter() - start)
        return
    start = perf_counter()
    scores = {case_id: float(session.run(None, {"x": prepared(path)})[0].ravel()[0]) for case_id, path in cases}
    print(perf_counter() - start)
    asked.out.write_text(json.dumps(scores), encoding="utf-8")


if __name__ == "__main__":
    main()
