"""Two public beat classifiers as vendors: asked through the product, against their own coefficients and trees.

Both were trained on 22 records of the MIT-BIH database, DS1; nothing here tells how good they are on those. What the
linear one says of record 102, which it never saw, is scored against what bxb prints of it.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.adapters.python_package import PythonPackage
from dmn_bench.catalogue.manifests import adapter_options, load_manifest
from dmn_bench.catalogue.options import build
from dmn_bench.execution.asking import ask
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.questions import Questions
from dmn_bench.vocabulary import Case, Origin, Request, Signals
from tests.shared_data import shared_data

from .running import built, protocol_of, run
from .test_mitdb import printed

onnx = pytest.importorskip("onnx")
VENDOR = Path(__file__).parent / "beat_vendor"
CLASSES = ("F", "N", "S", "V")
N_BEATS = 500


@pytest.fixture(scope="module")
def models():
    return shared_data("ecg/models")


def attributes(models, name, operator):
    graph = onnx.load(models / f"{name}.onnx").graph
    [node] = [node for node in graph.node if node.op_type == operator]
    return {each.name: each for each in node.attribute}


@pytest.fixture(scope="module")
def features(models):
    """The means of the training beats, each feature alone far from its mean, and beats drawn about the means."""
    scaler = attributes(models, "beat_lda", "Scaler")
    mean, spread = np.array(scaler["offset"].floats), 1 / np.array(scaler["scale"].floats)
    drawn = mean + 2 * spread * np.random.default_rng(7).normal(size=(N_BEATS, 96))
    return np.concatenate([[mean], mean + 8 * np.diag(spread), mean - 8 * np.diag(spread), drawn]).astype(np.float32)


def by_coefficients(models, features):
    """The class with the highest linear score, reckoned from the file in double precision."""
    scaler, linear = (attributes(models, "beat_lda", each) for each in ("Scaler", "LinearClassifier"))
    z = (features.astype(np.float64) - np.array(scaler["offset"].floats)) * np.array(scaler["scale"].floats)
    weights = np.array(linear["coefficients"].floats).reshape(4, 96)
    scores = z @ weights.T + np.array(linear["intercepts"].floats)
    ordered = np.sort(scores, axis=1)
    return scores.argmax(axis=1), ordered[:, -1] - ordered[:, -2]


def by_trees(models, features):
    """The class with the most weight over all trees, each walked node by node."""
    trees = attributes(models, "beat_rf40", "TreeEnsembleClassifier")
    of_node = zip(trees["nodes_treeids"].ints, trees["nodes_nodeids"].ints, strict=True)
    places = {key: place for place, key in enumerate(of_node)}
    column, cut = trees["nodes_featureids"].ints, np.array(trees["nodes_values"].floats, dtype=np.float32)
    mode, yes, no = (trees[f"nodes_{n}"] for n in ("modes", "truenodeids", "falsenodeids"))
    weights = np.zeros((len(places), 4))
    rows = zip(*(trees[f"class_{n}"].ints for n in ("treeids", "nodeids", "ids")), strict=True)
    for (tree, node, kind), weight in zip(rows, trees["class_weights"].floats, strict=True):
        weights[places[tree, node], kind] += weight
    sums = np.zeros((len(features), 4))
    for row, values in enumerate(features):
        for tree in sorted({key[0] for key in places}):
            node = 0
            while mode.strings[place := places[tree, node]] != b"LEAF":
                node = (yes if values[column[place]] <= cut[place] else no).ints[place]
            sums[row] += weights[place]
    ordered = np.sort(sums, axis=1)
    return sums.argmax(axis=1), ordered[:, -1] - ordered[:, -2]


def package(folder, models, name):
    """The vendor's package with one of the models in it, as a vendor would send it."""
    target = folder / name
    shutil.copytree(VENDOR, target)
    shutil.copyfile(models / f"{name}.onnx", target / "beats.onnx")
    manifest = load_manifest(target)
    fields = ("entry", "python", "receives", "options", "batch", "hosts")
    return target, build(PythonPackage, adapter_options(manifest, fields), facts={})


def answered(folder, adapter, base, recordings):
    def load(case, _):
        samples = np.asarray(recordings[int(case.case_id)], dtype=np.float64).reshape(-1, 1)
        signals = Signals(samples=samples, sampling_hz=96.0, leads=("I",))
        return Request(request_id="r", signals=signals), Origin(case_id=case.case_id, images={}, sop_instance_uids={})

    names = [str(place) for place in range(len(recordings))]
    cases = [Case(case_id=n, patient_id=n, exam_id=n, laterality="", files=(n,), strata={}) for n in names]
    with Ledger(folder / f"ledger-{base.name}", "h") as ledger:
        questions = Questions(program=adapter.program(base, {}), load=load, settings=ExecutionSettings())
        ask(cases, engine=LocalCrew(questions, 1), ledger=ledger, on_answer=lambda _: None)
        found = ledger.answers()
    return [found[name].answer for name in names]


@pytest.mark.parametrize(("name", "witness"), [("beat_lda", by_coefficients), ("beat_rf40", by_trees)])
def test_labels_are_those_of_the_files_own_numbers(tmp_path, models, features, name, witness):
    base, adapter = package(tmp_path, models, name)
    one_by_one = [features[place : place + 1] for place in range(3)]
    whole, *single = answered(tmp_path, adapter, base, [features, *one_by_one])
    expected, margin = witness(models, features)
    is_clear = margin > 1e-4  # nearer than that, single precision may decide otherwise
    assert is_clear.mean() > 0.98
    assert whole.beats.samples.tolist() == list(range(0, 96 * len(features), 96))
    said = np.array([CLASSES.index(symbol) for symbol in whole.beats.symbols])
    assert np.array_equal(said[is_clear], expected[is_clear])
    assert len(set(said)) == 4 if name == "beat_lda" else len(set(said)) >= 2
    assert [each.beats.symbols for each in single] == [(symbol,) for symbol in whole.beats.symbols[:3]]
    assert whole.beats.symbols[0] == "N"  # the mean of all training beats: the intercepts alone decide


def test_what_the_models_do_not_take_is_refused_or_fails(tmp_path, models, features):
    for name in ("beat_lda", "beat_rf40"):
        base, adapter = package(tmp_path, models, name)
        broken = features[0].copy()
        broken[7] = np.nan
        found = answered(tmp_path, adapter, base, [features[0][:95], broken, features[:2]])
        assert [each.status for each in found] == ["failed", "rejected_input", "answered"]
        assert "Expected: 96" in found[0].reason or "invalid dimensions" in found[0].reason.lower()


def test_another_model_is_another_candidate(tmp_path, models):
    one, other = (package(tmp_path, models, name) for name in ("beat_lda", "beat_rf40"))
    of_one, of_other = one[1].identity(one[0]), other[1].identity(other[0])
    assert of_one.keys() == of_other.keys() == {"beat_vendor.py", "beats.onnx", "candidate.yaml"}
    assert [name for name in of_one if of_one[name] != of_other[name]] == ["beats.onnx"]


def test_what_the_linear_model_says_of_a_record_it_never_saw(tmp_path):
    source, wfdb = shared_data("ecg/mitdb"), shared_data("ecg/oracle/wfdb")
    picked = tmp_path / "public"
    picked.mkdir()
    for ending in ("hea", "dat", "atr"):
        shutil.copyfile(source / f"102.{ending}", picked / f"102.{ending}")
    built("mitdb", picked, tmp_path / "set")
    said = tmp_path / "said"
    said.mkdir()
    shutil.copyfile(wfdb / "annotators" / "102.ldb", said / "102.ldb")
    options = {"folder": str(said), "annotator": "ldb"}
    device = {"id": "ldb", "adapter": "wfdb-annotations", "options": options}
    record = run({**protocol_of("mitdb", picked, tmp_path / "set"), "candidates": [device], "strata": []}, tmp_path)
    [table] = [row for row in record["results"]["tables"] if row["name"] == "ec57_beats" and row["case_id"] == "102"]
    assert table["counts"] == printed(wfdb / "ldb" / "bxb_S" / "102.txt")
