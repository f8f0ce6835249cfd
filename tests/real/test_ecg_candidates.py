"""Real twelve-lead records for a Python class and an ONNX file that want other leads, another rate, microvolts."""

import csv
import json

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import prepare
from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import answers, built, estimate, flow, protocol_of, run, write_rows

wfdb = pytest.importorskip("wfdb")
onnx = pytest.importorskip("onnx")

LEADS, HZ, N_RECORDS = ["V1", "aVF", "II"], 100, 48
CARD = {
    "format": "dmn-bench/reference-set/1",
    "id": "ptbxl",
    "version": "1.0.0",
    "title": {"en": "PTB-XL records"},
    "modality": "ECG",
    "findings": [{"name": "normal"}],
    "sampling": "convenience",
    "reference_standard": {"method": "consensus", "readers": 1},
    "public": True,
    "data_protection": {"route": "not_applicable"},
}
PACKAGE = f"""\
format: dmn-bench/candidate/1
id: highest
adapter: python
entry: highest:Candidate
receives: {{signals: array}}
signals: {{leads: [V1, aVF, II], sampling_hz: {HZ}, unit: uV, least_seconds: 10, most_seconds: 10, invalid: refuse}}
"""
CLASS = """\
class Candidate:
    def __init__(self, options):
        pass

    def answer(self, request):
        told = "%s %g %d" % (",".join(request["leads"]), request["sampling_hz"], len(request["signals"]))
        highest = [float(value) for value in request["signals"].max(axis=0)]
        return {
            "status": "answered",
            "reason": told,
            "findings": {"normal": {"score": highest[0]}},
            "measurements": {"avf": {"value": highest[1], "unit": "uV"}, "ii": {"value": highest[2], "unit": "uV"}},
        }
"""


def an_onnx_file(path):
    """[1, leads, samples] -> [1, leads]: the highest sample of each lead."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    node = helper.make_node("ReduceMax", ["x"], ["y"], axes=[2], keepdims=0)
    ends = [helper.make_tensor_value_info(n, kind, s) for n, s in (("x", [1, 3, 10 * HZ]), ("y", [1, 3]))]
    graph = helper.make_graph([node], "toy", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """(folder, record, {case: path of its record}): half of the records at 500 Hz, half at 100 Hz."""
    source, folder = shared_data("ecg/ptbxl"), tmp_path_factory.mktemp("ptbxl")
    with (source / "ptbxl_database.csv").open(encoding="utf-8") as stream:
        rows = {row["ecg_id"].zfill(5): row for row in csv.DictReader(stream)}
    fast = sorted(path.with_suffix("") for path in (source / "records500").rglob("*.hea"))[: N_RECORDS // 2]
    used = {path.name[:5] for path in fast}
    slow = sorted(path.with_suffix("") for path in (source / "records100").rglob("*.hea") if path.name[:5] not in used)
    records = {path.name[:5]: path for path in [*fast, *slow[: N_RECORDS // 2]]}
    files = folder / "set" / "files"
    files.mkdir(parents=True)
    for path in records.values():
        for ending in (".hea", ".dat"):
            (files / path.with_suffix(ending).name).write_bytes(path.with_suffix(ending).read_bytes())
    (folder / "set" / "reference_set.yaml").write_text(json.dumps(CARD), encoding="utf-8")
    cases = [
        {"case_id": n, "patient_id": rows[n]["patient_id"], "files": f"files/{path.name}.hea"}
        for n, path in records.items()
    ]
    write_rows(folder / "set" / "cases.csv", cases)
    truth = {n: "positive" if "'NORM'" in rows[n]["scp_codes"] else "negative" for n in records}
    write_rows(folder / "set" / "truth.csv", [{"case_id": n, "finding": "normal", "value": truth[n]} for n in records])
    lock(folder / "set")
    (folder / "highest").mkdir()
    (folder / "highest" / "candidate.yaml").write_text(PACKAGE, encoding="utf-8")
    (folder / "highest" / "highest.py").write_text(CLASS, encoding="utf-8")
    an_onnx_file(folder / "highest.onnx")
    described = {
        "model": "highest.onnx",
        "signals": {"leads": LEADS, "sampling_hz": HZ, "samples": 10 * HZ, "units": "uV"},
        "output": {"kind": "score", "finding": "normal", "index": 0},
    }
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "forms",
        "reference_set": "set",
        "candidates": [
            {"id": "highest", "package": "highest"},
            {"id": "other-leads", "package": "highest", "signals": {"leads": ["V1", "MLII"]}},
            {"id": "by-onnx", "adapter": "onnx", "options": described},
        ],
        "endpoints": [
            {"name": "normal", "task": "classification", "finding": "normal", "unit": "case", "metrics": ["auc"]}
        ],
        "statistics": {"resamples": 200},
    }
    return folder, run(protocol, folder), records


def in_the_form(path):
    """The leads in microvolts at 100 Hz, by another reader and a call of SciPy."""
    from scipy.signal import resample_poly

    record = wfdb.rdrecord(str(path))
    names = [name.upper() for name in record.sig_name]
    samples = 1000 * record.p_signal[:, [names.index(lead.upper()) for lead in LEADS]]
    if record.fs == HZ:
        return samples
    return resample_poly(samples, HZ, int(record.fs), axis=0, padtype="edge")


def test_a_class_is_given_the_leads_rate_and_unit_that_it_declares(asked):
    folder, record, records = asked
    said = answers(folder, "forms", "highest")
    assert flow(record, "normal", "answered", candidate="highest") == N_RECORDS
    assert {wfdb.rdheader(str(path)).fs for path in records.values()} == {100, 500}
    for name, path in records.items():
        highest = in_the_form(path).max(axis=0)
        assert said[name]["reason"] == "V1,aVF,II 100 1000", name
        assert said[name]["findings"]["normal"]["score"] == pytest.approx(highest[0], abs=1e-6), name
        found = [said[name]["measurements"][lead]["value"] for lead in ("avf", "ii")]
        assert found == pytest.approx(highest[1:].tolist(), abs=1e-6), name


def test_an_onnx_file_with_the_same_description_says_the_same(asked):
    folder, record, records = asked
    one, other = (answers(folder, "forms", candidate) for candidate in ("highest", "by-onnx"))
    scores = [[each[name]["findings"]["normal"]["score"] for name in records] for each in (one, other)]
    assert scores[1] == pytest.approx(scores[0], rel=1e-6)
    areas = [estimate(record, "normal", "auc", candidate=name)["value"] for name in ("highest", "by-onnx")]
    assert areas[0] == areas[1]
    assert None not in areas


def test_a_lead_that_no_record_has_is_the_devices_refusal(asked):
    folder, record, records = asked
    said = answers(folder, "forms", "other-leads")
    assert {said[name]["status"] for name in records} == {"rejected_input"}
    assert flow(record, "normal", "rejected_input", candidate="other-leads") == N_RECORDS


def test_a_unit_is_not_converted_twice(asked):
    folder = asked[0]
    protocol = json.loads((folder / "forms.yaml").read_text(encoding="utf-8"))
    entry = {**protocol["candidates"][2], "signals": {"unit": "uV"}}
    path = folder / "twice.yaml"
    path.write_text(json.dumps({**protocol, "candidates": [entry]}), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        prepare(path, catalogue=build_catalogue())
    assert [problem.key for problem in caught.value.problems] == ["protocol.signals_unit_twice"]


def a_beat_finder(path, hz):
    """[n, 1, samples] -> [n, 1, samples]: slopes squared and averaged over 0.1 s, against their mean in the window."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    reach = round(0.05 * hz)
    kernel = np.array([-1, -2, 0, 2, 1], dtype=np.float32).reshape(1, 1, -1)
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["slope"], pads=[2, 2]),
        helper.make_node("Mul", ["slope", "slope"], ["power"]),
        helper.make_node("AveragePool", ["power"], ["mean"], kernel_shape=[2 * reach + 1], pads=[reach, reach]),
        helper.make_node("ReduceMean", ["mean"], ["usual"], axes=[2], keepdims=1),
        helper.make_node("Div", ["mean", "usual"], ["y"]),
    ]
    ends = [helper.make_tensor_value_info(name, kind, ["n", 1, None]) for name in "xy"]
    constant = onnx.numpy_helper.from_array(kernel, "k")
    graph = helper.make_graph(nodes, "toy", ends[:1], ends[1:], [constant])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def found_by_hand(path, hz):
    """Beats of the first lead, by other code: every window, the mean where they overlap, peaks by SciPy."""
    from scipy.signal import find_peaks, resample_poly

    record = wfdb.rdrecord(str(path))
    lead = resample_poly(record.p_signal[:, 0], hz, int(record.fs), padtype="edge")
    n, length, reach = len(lead), 10 * hz, round(0.05 * hz)
    starts = [*range(0, n - length + 1, length // 2)]
    starts += [] if starts[-1] + length == n else [n - length]
    sums, counts = np.zeros(n), np.zeros(n)
    for start in starts:
        power = np.convolve(lead[start : start + length], [1, 2, 0, -2, -1], mode="same") ** 2
        sizes = np.convolve(np.ones(length), np.ones(2 * reach + 1), mode="same")  # the pool leaves padding out
        mean = np.convolve(power, np.ones(2 * reach + 1), mode="same") / sizes
        sums[start : start + length] += mean / mean.mean()
        counts[start : start + length] += 1
    peaks, _ = find_peaks(np.pad(sums / counts, 1), height=2.0, distance=round(0.3 * hz))  # ends may be peaks
    return np.rint((peaks - 1) * record.fs / hz).astype(int)


def test_an_onnx_file_finds_the_beats_of_real_records_window_by_window(tmp_path):
    source, picked, hz = shared_data("ecg/mitdb"), tmp_path / "public", 120
    picked.mkdir()
    for name in ("106", "119"):
        for ending in ("hea", "dat", "atr"):
            (picked / f"{name}.{ending}").write_bytes((source / f"{name}.{ending}").read_bytes())
    built("mitdb", picked, tmp_path / "set")
    a_beat_finder(tmp_path / "beats.onnx", hz)
    described = {
        "model": "beats.onnx",
        "signals": {"leads": ["MLII"], "sampling_hz": hz},
        "window": {"seconds": 10, "step": 5, "last": "shift"},
        "beats": {"symbols": {"N": 0}, "score_at_least": 2.0, "layout": "classes_steps", "refractory_s": 0.3},
    }
    forms = ("wfdb", "array")
    devices = [{"id": form, "adapter": "onnx", "options": {**described, "receives": form}} for form in forms]
    record = run({**protocol_of("mitdb", picked, tmp_path / "set"), "candidates": devices, "strata": []}, tmp_path)
    one, other = (answers(tmp_path, "mitdb", form) for form in forms)
    for name in ("106", "119"):
        assert one[name]["beats"] == other[name]["beats"], name
        samples, expected = np.array(one[name]["beats"]["samples"]), found_by_hand(picked / name, hz)
        assert len(samples) == len(expected), name
        apart = np.abs(samples - expected)
        assert apart.max() <= 3, name  # one step: in single precision the other of two equal heights may win
        assert np.count_nonzero(apart) <= 2, name
    for metric in ("qrs_sensitivity", "qrs_positive_predictivity"):
        found = [estimate(record, "beats", metric, candidate=form, parameters={})["value"] for form in forms]
        assert found[0] == found[1] > 0.98
