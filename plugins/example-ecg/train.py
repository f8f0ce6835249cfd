"""Trains ``example_ecg/beats.onnx`` on recordings made for the purpose: ``python train.py [--people N] [--out FILE]``.

The recordings come from the generator of the demonstration sets with another seed, so that no heart of the reference
set is among them, and from recorders A and B only: the patch C is new to the network, as a ward's recorder may be to a
real one. Needs NumPy, scikit-learn, onnx and wfdb. The same library versions give the same weights.

The network: one hidden layer over the features of ``example_ecg.features``, with the chances of N, S and V.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "reference_sets")]

import example_ecg  # noqa: E402
from generator import ecg_set, hearts  # noqa: E402

TRAINING_SEED = 555  # the reference set has its own
N_PEOPLE = 240
NEAR_S = 0.15  # a beat found this near to a true one is that one
CLASS_OF = {"N": 0, "L": 0, "A": 1, "V": 2}
HIDDEN = 16


def main() -> None:
    """Draw, train, export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=N_PEOPLE, help="people whose hearts are drawn")
    parser.add_argument("--out", type=Path, default=example_ecg.MODEL, help="file to write")
    asked = parser.parse_args()
    parts = list(beats(asked.people))
    rows, classes = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    scaler = StandardScaler().fit(rows)
    network = MLPClassifier((HIDDEN,), alpha=1.0, max_iter=400, random_state=0)
    network.fit(scaler.transform(rows), classes)
    onnx.save(graph(scaler, network), asked.out)


def beats(n_people: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(features, class) of the beats of each recording that the detector finds; fusions are left out."""
    for strip in ecg_set.strips(TRAINING_SEED, n_people):
        if strip.recorder is hearts.RECORDERS["C"]:
            continue
        varied = dataclasses.replace(strip, heart=_varied(strip))
        samples, at, codes = ecg_set.recording(varied)
        hz = float(strip.recorder.sampling_hz)
        lead = samples[:, np.random.default_rng(strip.seed).integers(samples.shape[1])]
        clean = example_ecg.band_pass(lead, hz, 0.7, min(35.0, 0.45 * hz))
        found = example_ecg.find_beats(lead, clean, hz)
        if found.size < 3:
            continue
        nearest = np.abs(found[:, None] - at[None]).argmin(axis=1)
        known = np.array([CLASS_OF.get(codes[place], -1) for place in nearest])
        known[np.abs(found - at[nearest]) > NEAR_S * hz] = -1
        yield example_ecg.features(clean, found, hz)[known >= 0], known[known >= 0]


def _varied(strip: ecg_set.Strip) -> hearts.Heart:
    """The same heart with more ectopy, so that every class is met often, and not all of it early."""
    rng = np.random.default_rng([strip.seed, 4])
    fibrillating = strip.heart.rhythm == "atrial fibrillation"
    return dataclasses.replace(
        strip.heart,
        ventricular=float(rng.uniform(0, 0.2)),
        atrial=0.0 if fibrillating else float(rng.uniform(0, 0.12)),
        ventricular_rr=(0.5, float(rng.uniform(0.7, 1.1))),
    )


def graph(scaler: StandardScaler, network: MLPClassifier) -> onnx.ModelProto:
    """Features [beats, n] to chances [beats, 3]; the scaling lies in the first layer."""
    (first, second), (bias, last) = network.coefs_, network.intercepts_
    scaled = first / scaler.scale_[:, None]
    values = {"w1": scaled, "b1": bias - scaler.mean_ @ scaled, "w2": second, "b2": last}
    constants = [numpy_helper.from_array(np.asarray(value, dtype=np.float32), name) for name, value in values.items()]
    nodes = [
        helper.make_node("Gemm", ["features", "w1", "b1"], ["hidden"], name="first"),
        helper.make_node("Relu", ["hidden"], ["active"], name="active"),
        helper.make_node("Gemm", ["active", "w2", "b2"], ["sums"], name="second"),
        helper.make_node("Softmax", ["sums"], ["chances"], name="chances", axis=1),
    ]
    n_features, n_classes = first.shape[0], second.shape[1]
    ends = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["beats", n])
        for name, n in (("features", n_features), ("chances", n_classes))
    )
    taken, given = ([end] for end in ends)
    made = helper.make_model(
        helper.make_graph(nodes, "example-ecg", taken, given, constants),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    onnx.checker.check_model(made)
    return made


if __name__ == "__main__":
    main()
