"""ONNX models of recordings, whole and window by window: small nets with known answers, asked in a sealed child."""

import json
import warnings

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from dmn_bench.adapters.onnx_description import BeatOutput, EpisodeOutput, NotSuitable, Output, SignalInput, Windows
from dmn_bench.adapters.onnx_model import OnnxModel
from dmn_bench.adapters.onnx_rhythm import BeatTrace, EpisodeTrace, Span, apart
from dmn_bench.adapters.onnx_runner import OnnxRunner
from dmn_bench.adapters.onnx_windows import stretches
from dmn_bench.catalogue.options import OptionError, build
from dmn_bench.errors import CandidateError
from dmn_bench.execution.asking import ask
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.questions import Questions
from dmn_bench.inputs.signal_copy import write_wfdb
from dmn_bench.reference_set import lock
from dmn_bench.vocabulary import Case, Episode, FindingAnswer, Origin, Request, Signals
from tests.real.running import answers, estimate, run, write_rows

from .kit import problem_keys

HZ = 10.0
ONE = SignalInput(leads=("I",), sampling_hz=HZ)


def save(folder, nodes, *, n=None):
    """A model of one input [n, leads, samples]."""
    made = helper.make_tensor_value_info("x", TensorProto.FLOAT, [n, None, None])
    graph = helper.make_graph(nodes, "toy", [made], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "m.onnx")
    return folder


@pytest.fixture
def highest(tmp_path):
    """[n, leads]: the highest sample of each lead of each window."""
    return save(tmp_path, [helper.make_node("ReduceMax", ["x"], ["y"], axes=[2], keepdims=0)])


@pytest.fixture
def mean(tmp_path):
    """[n, leads]: the mean of each lead of each window."""
    return save(tmp_path, [helper.make_node("ReduceMean", ["x"], ["y"], axes=[2], keepdims=0)])


@pytest.fixture
def echo(tmp_path):
    """[n, leads, samples]: the input, as a probability for each sample."""
    return save(tmp_path, [helper.make_node("Identity", ["x"], ["y"])])


def of(samples, *, leads=("I",), hz=HZ):
    samples = np.asarray(samples, dtype=np.float64)
    return Signals(samples=samples if samples.ndim == 2 else samples[:, np.newaxis], sampling_hz=hz, leads=leads)


def asked(folder, recordings, **options):
    """The answers for recordings, as the product asks for them: in a sealed child, answers read strictly."""
    adapter = OnnxModel(model="m.onnx", **{"signals": ONE, **options})

    def load(case, scratch):
        signals = recordings[int(case.case_id)]
        origin = Origin(case_id=case.case_id, images={}, sop_instance_uids={})
        if adapter.receives == "wfdb":
            return Request(request_id="r", files=tuple(write_wfdb(signals, scratch, "record-1"))), origin
        return Request(request_id="r", signals=signals), origin

    names = [str(place) for place in range(len(recordings))]
    cases = [Case(case_id=n, patient_id=n, exam_id=n, laterality="", files=(n,), strata={}) for n in names]
    with Ledger(folder / "ledger", "h") as ledger:
        questions = Questions(program=adapter.program(folder, {}), load=load, settings=ExecutionSettings())
        ask(cases, engine=LocalCrew(questions, 1), ledger=ledger, on_answer=lambda _: None)
        found = {name: each.answer for name, each in ledger.answers().items()}
    return [found[name] for name in names]


def said(folder, samples, *, hz=HZ, leads=("I",), **options):
    """The raw answer for one recording, in this process."""
    program = OnnxModel(model="m.onnx", **{"signals": ONE, **options}).program(folder, {})
    request = {"request_id": "r", "signals": of(samples).samples, "sampling_hz": hz, "leads": list(leads)}
    return OnnxRunner(program.options).answer(request)


SCORE = Output(kind="score", finding="a", index=0)


# ------------------------------------------------------------------------------------------------- whole recordings


def test_one_model_answers_many_findings_of_a_whole_recording(highest):
    output = Output(kind="scores", activation="sigmoid", findings=("af", "block"))
    both = SignalInput(leads=("II", "I"), sampling_hz=HZ)
    found, missing = asked(
        highest,
        [of([[0.0, 2.0], [1.0, 0.0]], leads=("I", "II")), of([[0.0, 2.0]], leads=("I", "V1"))],
        signals=both,
        output=output,
    )
    assert found.findings["af"].score == pytest.approx(1 / (1 + np.exp(-2)))
    assert found.findings["block"].score == pytest.approx(1 / (1 + np.exp(-1)))
    assert (missing.status, missing.reason) == ("rejected_input", "the recording has no lead II")


def test_names_by_position_must_be_as_many_as_the_elements(highest):
    with pytest.raises(ValueError, match="has 1 elements, the description names 2"):
        said(highest, [1.0], output=Output(kind="scores", findings=("a", "b")))


def test_limb_leads_that_can_be_computed_are_computed(highest):
    output, third = Output(kind="score", finding="a"), SignalInput(leads=("III",), sampling_hz=HZ)
    answer = said(highest, [[1.0, 3.0]], leads=("I", "II"), signals=third, output=output)
    assert answer["findings"] == {"a": {"score": 2.0}}


def test_a_level_recording_stays_level_at_another_rate(highest):
    answer = said(highest, [2.0] * 500, hz=50.0, output=SCORE)
    assert answer["findings"]["a"]["score"] == pytest.approx(2.0, abs=1e-6)


# ---------------------------------------------------------------------------------------------------------- windows


@pytest.mark.parametrize("receives", ["array", "wfdb"])
def test_findings_of_windows_are_joined(mean, receives):
    recordings = [of([1.0] * 4 + [3.0] * 4 + [0.0] * 4)]
    for combine, least, expected in (
        ("max", None, FindingAnswer(score=3.0)),
        ("mean", None, FindingAnswer(score=4 / 3)),
        ("any", 3.0, FindingAnswer(score=3.0, label="positive")),
        ("any", 3.1, FindingAnswer(score=3.0, label="negative")),
    ):
        folder = mean / f"{combine}{least}"
        folder.mkdir()
        (folder / "m.onnx").write_bytes((mean / "m.onnx").read_bytes())
        window = Windows(samples=4, combine=combine, score_at_least=least, batch=2)
        [answer] = asked(folder, recordings, window=window, output=SCORE, receives=receives)
        assert answer.findings["a"].label == expected.label
        assert answer.findings["a"].score == pytest.approx(expected.score, abs=1e-6)


def test_labels_and_grades_of_windows_are_the_gravest(highest):
    both = SignalInput(leads=("I", "II"), sampling_hz=HZ)
    outputs = (
        Output(kind="label", finding="a", labels={"negative": (0,), "positive": (1,)}),
        Output(kind="grade", finding="g"),
    )
    samples = [[1, 0], [0, 2], [1, 0]]
    answer = said(highest, samples, leads=("I", "II"), signals=both, output=outputs, window=Windows(samples=1))
    assert answer["findings"] == {"a": {"label": "positive"}}
    assert answer["grades"] == {"g": {"grade": 1, "scores": [0.0, 2.0]}}


@pytest.mark.parametrize("n", [1, 3, 4, 5, 8, 9])
@pytest.mark.parametrize("batch", [1, 2, 32])
def test_lengths_about_those_of_windows_and_of_batches(mean, n, batch):
    samples = np.arange(1.0, n + 1)
    padded = np.pad(samples, (0, -n % 4)).reshape(-1, 4)
    answer = said(mean, samples, window=Windows(samples=4, batch=batch, combine="mean"), output=SCORE)
    assert answer["findings"]["a"]["score"] == pytest.approx(padded.mean())


@pytest.mark.parametrize("last", ["shift", "drop"])
def test_the_rest_of_a_recording(mean, last):
    window = Windows(samples=4, last=last, combine="mean")
    expected = {"shift": (2.5 + 4.5) / 2, "drop": 2.5}[last]  # 1 2 3 4, and 3 4 5 6 where it is moved back
    assert said(mean, np.arange(1.0, 7), window=window, output=SCORE)["findings"]["a"]["score"] == expected
    answer = said(mean, np.arange(1.0, 4), window=window, output=SCORE)
    assert answer == {"status": "rejected_input", "reason": "the recording is shorter than a window of 4 samples"}


def test_a_model_for_a_fixed_number_of_windows_gets_so_many(tmp_path):
    folder = save(tmp_path, [helper.make_node("ReduceMean", ["x"], ["y"], axes=[2], keepdims=0)], n=3)
    window = Windows(samples=2, combine="mean", batch=7)
    for n in (2, 6, 8):
        answer = said(folder, np.arange(float(n)), window=window, output=SCORE)
        assert answer["findings"]["a"]["score"] == pytest.approx((n - 1) / 2)


@pytest.mark.parametrize(
    ("signals", "skip", "expected"),
    [
        (ONE, False, "3 samples are marked invalid"),
        (SignalInput(leads=("I",), sampling_hz=HZ, invalid="zero"), False, 0.75),  # 1 0 / 0 0 / 2 2: .5, 0, 2 …
        (ONE, True, 2.0),
    ],
)
def test_a_window_with_invalid_samples(mean, signals, skip, expected):
    samples = [1.0, np.nan, np.nan, np.nan, 2.0, 2.0, 1.0, 0.0]
    window = Windows(samples=4 if not skip else 2, skip_invalid=skip, combine="max" if skip else "mean")
    answer = said(mean, samples, signals=signals, window=window, output=SCORE)
    if isinstance(expected, str):
        assert answer == {"status": "rejected_input", "reason": expected}
    else:
        assert answer["findings"]["a"]["score"] == pytest.approx(expected)


def test_a_recording_without_a_single_valid_window_is_rejected(mean):
    answer = said(mean, [np.nan] * 4, window=Windows(samples=2, skip_invalid=True), output=SCORE)
    assert answer == {"status": "rejected_input", "reason": "no window is without invalid samples"}
    assert said(mean, [], window=Windows(samples=2), output=SCORE)["status"] == "rejected_input"


def test_a_model_without_a_row_for_each_window_fails(tmp_path):
    folder = save(tmp_path, [helper.make_node("ReduceMax", ["x"], ["y"], keepdims=0)])
    with pytest.raises(ValueError, match="2 windows were put to the model, its output y is \\[\\]: one row each"):
        said(folder, [1.0] * 4, window=Windows(samples=2), output=SCORE)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 60),
    length=st.integers(1, 20),
    step=st.integers(1, 20),
    last=st.sampled_from(["pad", "shift"]),
    cuts=st.lists(st.integers(0, 60), max_size=4),
)
def test_windows_cover_every_sample_however_the_recording_comes(n, length, step, last, cuts):
    samples = np.arange(1.0, n + 1)[:, np.newaxis]
    window = Windows(samples=length, step=min(step, length), last=last)
    pieces = np.split(samples, sorted(min(cut, n) for cut in cuts))
    try:
        found = list(stretches(pieces, window, HZ))
    except NotSuitable:
        assert last == "shift"
        assert n < length
        return
    covered = set()
    for start, part, n_recorded in found:
        assert len(part) == length
        assert np.array_equal(part[:n_recorded, 0], np.arange(start + 1, start + n_recorded + 1))
        assert not part[n_recorded:].any()
        covered.update(range(start, start + n_recorded))
    assert covered == set(range(n))
    whole = list(stretches([samples], window, HZ))
    assert [each.start for each in found] == [each.start for each in whole]


# --------------------------------------------------------------------------------------------------------- episodes


AF = EpisodeOutput(labels={"AFIB": 0}, score_at_least=0.5)


@pytest.mark.parametrize("receives", ["array", "wfdb"])
def test_windows_of_a_rhythm_in_a_row_are_an_episode(mean, receives):
    samples = np.repeat([0.0, 1.0, 0.75, 0.0, 1.0], 10)  # five windows of a second, the last one cut short
    [answer] = asked(mean, [of(samples[:46])], window=Windows(seconds=1, last="shift"), episodes=AF, receives=receives)
    first, last = answer.episodes
    assert first == Episode(start_s=1.0, end_s=pytest.approx(3.0), label="AFIB", score=pytest.approx(1.0))
    assert len(answer.episodes) == 2
    # the last window was moved back to begin at 3.6 s: the limit to the one before lies between their middles
    assert last == Episode(start_s=pytest.approx(3.8), end_s=4.6, label="AFIB", score=pytest.approx(0.6))
    assert answer.findings == {}


def test_no_episode_is_an_answer_too(mean):
    [answer] = asked(mean, [of([0.0] * 20)], window=Windows(seconds=1), episodes=AF)
    assert (answer.status, answer.episodes) == ("answered", ())


def traced(described, rows, *, length=10, step=10, n=None):
    trace = EpisodeTrace(described)
    end = n or (len(rows) - 1) * step + length
    for place, row in enumerate(rows):
        start = place * step
        trace.add(Span(start, length, min(start + length, end)), None if row is None else np.asarray(row, dtype=float))
    return [(e["start_s"], e["end_s"], e["label"], e["score"]) for e in trace.found(HZ, end / HZ)]


def test_overlapping_windows_speak_for_the_time_about_their_middle():
    assert traced(AF, [[0], [1], [1], [0]], step=5) == [(0.75, 1.75, "AFIB", 1.0)]
    assert traced(AF, [[1], [0], [0.5]], step=5) == [(0.0, 0.75, "AFIB", 1.0), (1.25, 2.0, "AFIB", 0.5)]


def test_a_window_that_was_not_asked_ends_an_episode():
    assert traced(AF, [[1], None, [1]]) == [(0.0, 1.0, "AFIB", 1.0), (2.0, 3.0, "AFIB", 1.0)]


def test_short_gaps_are_bridged_before_short_episodes_are_left_out():
    bridging = EpisodeOutput(labels={"AFIB": 0}, score_at_least=0.5, bridge_s=1.0, shortest_s=2.0)
    assert traced(bridging, [[0.6], [0], [0.9], [0], [0], [1]]) == [(0.0, 3.0, "AFIB", 0.9)]


def test_the_highest_class_of_a_window_names_its_rhythm():
    several = EpisodeOutput(labels={"AFIB": 1, "AFL": (2, 3)}, activation="none")
    rows = [[0.9, 0.1, 0, 0], [0.2, 0.8, 0, 0], [0.1, 0.1, 0.3, 0.5], [0.1, 0.7, 0.1, 0.1]]
    expected = [(1.0, 2.0, "AFIB", 0.8), (2.0, 3.0, "AFL", 0.8), (3.0, 4.0, "AFIB", 0.7)]
    assert traced(several, rows) == [(a, b, c, pytest.approx(d)) for a, b, c, d in expected]
    with pytest.raises(ValueError, match="not finite"):
        traced(several, [[np.nan, 0, 0, 0]])
    with pytest.raises(ValueError, match="2 elements, none at index"):
        traced(several, [[0, 1]])


CARD = {
    "format": "dmn-bench/reference-set/1",
    "id": "levels",
    "version": "1.0.0",
    "title": {"en": "Levels"},
    "modality": "ECG",
    "findings": [{"name": "af"}],
    "sampling": "convenience",
    "reference_standard": {"method": "drawn", "readers": 1, "wfdb_annotator": "atr"},
    "data_protection": {"route": "not_applicable"},
}
FIGURES = ("af_episode_sensitivity", "af_duration_sensitivity", "af_duration_positive_predictivity")


def a_record_with_fibrillation(folder, name, start_s, end_s):
    """Ten minutes at 20 Hz, at 1 mV while the annotations say fibrillation, at 0 otherwise."""
    wfdb = pytest.importorskip("wfdb")
    samples = np.zeros((12000, 1))
    samples[start_s * 20 : end_s * 20] = 1.0
    write_wfdb(of(samples, hz=20.0), folder, name)
    beats = np.arange(10, 12000, 20)
    at = np.sort(np.concatenate([beats, [start_s * 20, end_s * 20]])).astype(np.int64)
    notes = {start_s * 20: "(AFIB", end_s * 20: "(N"}
    symbols = ["+" if place in notes else "N" for place in at]
    aux = [notes.get(int(place), "") for place in at]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, which it uses as no longer wished
        wfdb.wrann(name, "atr", at, symbol=symbols, aux_note=aux, fs=20, write_dir=str(folder))


def test_a_run_scores_the_episodes_of_an_onnx_file(mean):
    files = mean / "set" / "files"
    files.mkdir(parents=True)
    for name, start_s, end_s in (("r1", 100, 300), ("r2", 200, 255)):
        a_record_with_fibrillation(files, name, start_s, end_s)
    (mean / "set" / "reference_set.yaml").write_text(json.dumps(CARD), encoding="utf-8")
    rows = [{"case_id": n, "patient_id": n, "files": f"files/{n}.hea"} for n in ("r1", "r2")]
    write_rows(mean / "set" / "cases.csv", rows)
    lock(mean / "set")
    described = {
        "model": "m.onnx",
        "signals": {"leads": ["I"], "sampling_hz": 10},
        "window": {"seconds": 10},
        "episodes": {"labels": {"AFIB": 0}, "score_at_least": 0.6},
        "receives": {"signals": "wfdb"},
    }
    endpoint = {"name": "af", "task": "episodes", "unit": "record", "learning_seconds": 0, "metrics": list(FIGURES)}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "levels",
        "reference_set": "set",
        "candidates": [{"id": "onnx", "adapter": "onnx", "options": described}],
        "endpoints": [endpoint],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 1}},
    }
    record = run(protocol, mean)
    found = {n: [(e["start_s"], e["end_s"]) for e in a["episodes"]] for n, a in answers(mean, "levels", "onnx").items()}
    assert found == {"r1": [(100.0, 300.0)], "r2": [(200.0, 250.0)]}  # of the last ten seconds but half is fibrillation
    shares = {name: estimate(record, "af", name) for name in FIGURES}
    assert [shares[name]["numerator"] for name in FIGURES] == pytest.approx([2, 250, 250])
    assert [shares[name]["denominator"] for name in FIGURES] == pytest.approx([2, 255, 250])


# ------------------------------------------------------------------------------------------------------------ beats


BEATS = BeatOutput(symbols={"N": 0}, score_at_least=0.5, layout="classes_steps", refractory_s=0.3)


def with_peaks(n, *places):
    samples = np.zeros(n)
    for place, height in places:
        samples[place] = height
    return samples


@pytest.mark.parametrize("receives", ["array", "wfdb"])
@pytest.mark.parametrize("window", [None, Windows(samples=8), Windows(samples=8, step=2, last="shift", batch=3)])
def test_a_probability_for_each_sample_becomes_beats(echo, window, receives):
    # 9 and 11 are nearer than 0.3 s: the higher stays; 23 is the last sample; 15 is too low
    samples = with_peaks(24, (0, 0.5), (9, 0.75), (11, 1.0), (15, 0.25), (18, 0.75), (23, 1.0))
    [answer] = asked(echo, [of(samples)], window=window, beats=BEATS, receives=receives)
    expected = [0, 11, 18, 23] if receives == "array" else [11, 18, 23]  # steps of a copy in mV may round 0.5 down
    found = answer.beats.samples.tolist()
    assert (found if receives == "array" else [sample for sample in found if sample]) == expected
    assert set(answer.beats.symbols) == {"N"}


def test_a_level_top_is_one_beat_in_its_middle_across_windows(echo):
    samples = with_peaks(20, *((place, 1.0) for place in range(6, 11)))
    for window in (None, Windows(samples=8), Windows(samples=5, step=3)):
        assert [beat["sample"] for beat in said(echo, samples, window=window, beats=BEATS)["beats"]] == [8]


def test_beats_are_told_in_the_clock_of_the_recording(echo):
    samples = np.zeros(1000)
    samples[[200, 600]] = 4.0
    slow = SignalInput(leads=("I",), sampling_hz=100.0)
    for window in (None, Windows(seconds=1), Windows(seconds=1, step=0.5)):
        answer = said(echo, samples, hz=250.0, signals=slow, window=window, beats=BEATS)
        assert [beat["sample"] for beat in answer["beats"]] == [200, 600]


def test_a_class_for_each_window_is_a_beat_in_its_middle(mean):
    kinds = BeatOutput(symbols={"N": 1, "V": 2}, score_at_least=0.5, activation="softmax", hop=5, refractory_s=0.0)
    leads = ("I", "II", "V1")
    samples = np.zeros((15, 3))
    samples[0:5, 1], samples[5:10, 0], samples[10:, 2] = 5, 5, 5
    described = SignalInput(leads=leads, sampling_hz=HZ)
    answer = said(mean, samples, leads=leads, signals=described, window=Windows(samples=5), beats=kinds)
    assert answer["beats"] == [{"sample": 2, "symbol": "N"}, {"sample": 12, "symbol": "V"}]


def test_an_output_with_another_number_of_steps_fails(echo):
    with pytest.raises(ValueError, match="expected 4 steps for 8 samples"):
        said(echo, np.zeros(8), window=Windows(samples=8), beats=BeatOutput(symbols={"N": 0}, score_at_least=1, hop=2))
    trace = BeatTrace(BeatOutput(symbols={"N": 0}, score_at_least=1, hop=2))
    with pytest.raises(ValueError, match="starts within a step"):
        trace.add(Span(3, 4, 7), np.zeros((1, 2)))


def test_a_crop_in_the_middle_and_padding_on_both_sides_do_not_move_beats(echo):
    samples = with_peaks(21, (12, 1.0))
    for n in (7, 8, 30, 31):
        described = SignalInput(leads=("I",), sampling_hz=HZ, samples=n, crop="centre", pad="both")
        assert said(echo, samples, signals=described, beats=BEATS)["beats"] == [{"sample": 12, "symbol": "N"}]


def slowly(steps, height, distance):
    """Peaks taken one after the other, each time the highest that is left and far enough from those taken."""
    levels = {int(step): float(value) for step, value in zip(steps, height, strict=True)}
    tops = []
    for step in levels:
        end = step
        while levels.get(end + 1) == levels[step]:
            end += 1
        is_start = levels.get(step - 1) != levels[step]
        if is_start and levels.get(step - 1, -1) < levels[step] > levels.get(end + 1, -1):
            tops.append((step + end) // 2)
    taken = []
    for top in sorted(tops, key=lambda top: (-levels[top], top)):
        if all(abs(top - other) >= distance for other in taken):
            taken.append(top)
    return sorted(taken)


@settings(max_examples=200, deadline=None)
@given(st.sets(st.integers(0, 50), min_size=1, max_size=40), st.data())
def test_peaks_are_those_of_a_slow_search(places, data):
    steps = np.array(sorted(places))
    height = np.array(data.draw(st.lists(st.sampled_from([0.5, 0.6, 0.7]), min_size=len(steps), max_size=len(steps))))
    distance = data.draw(st.sampled_from([0, 1, 2.5, 3, 7]))
    assert steps[apart(steps, height, distance)].tolist() == slowly(steps, height, distance)


# ---------------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"output": ()}, "no_output"),
        ({"signals": None}, "one_input"),
        ({"window": Windows()}, "window_length"),
        ({"window": Windows(samples=4, seconds=1)}, "window_length"),
        ({"window": Windows(samples=0)}, "window_size"),
        ({"window": Windows(samples=-1)}, "window_size"),
        ({"window": Windows(samples=4, step=5)}, "window_size"),
        ({"window": Windows(samples=4, step=0)}, "window_size"),
        ({"window": Windows(samples=4, step=1.5)}, "window_size"),
        ({"window": Windows(seconds=0.25)}, "window_size"),
        ({"window": Windows(seconds=1e300)}, "window_size"),
        ({"window": Windows(samples=4, batch=0)}, "number"),
        ({"window": Windows(samples=4, combine="any")}, "window_any"),
        ({"window": Windows(samples=4, score_at_least=1)}, "window_any"),
        ({"window": Windows(samples=4, combine="mean"), "output": Output(kind="grade", finding="a")}, "window_combine"),
        ({"window": Windows(samples=4), "output": Output(kind="marks")}, "window_combine"),
        (
            {"window": Windows(samples=4), "signals": SignalInput(leads=("I",), sampling_hz=10, samples=4)},
            "window_and_samples",
        ),
        ({"signals": SignalInput(leads=(), sampling_hz=10)}, "output_needs"),
        ({"signals": SignalInput(leads=("I",), sampling_hz=0)}, "number"),
        ({"signals": SignalInput(leads=("I",), sampling_hz=10, samples=0)}, "number"),
        ({"signals": SignalInput(leads=("I",), sampling_hz=10, std=0)}, "number"),
        ({"signals": SignalInput(leads=("I",), sampling_hz=10, mean=(1, 2))}, "number_for_each_lead"),
        ({"episodes": AF}, "output_needs"),
        ({"window": Windows(samples=4), "episodes": EpisodeOutput(labels={})}, "output_needs"),
        ({"window": Windows(samples=4), "episodes": EpisodeOutput(labels={"A": 0}, bridge_s=-1)}, "number"),
        ({"beats": BeatOutput(symbols={}, score_at_least=1)}, "output_needs"),
        ({"beats": BeatOutput(symbols={"X": 0}, score_at_least=1)}, "beat_symbol"),
        ({"beats": BeatOutput(symbols={"N": 0}, score_at_least=1, hop=0)}, "number"),
        ({"beats": BeatOutput(symbols={"N": 0}, score_at_least=1, refractory_s=-1)}, "number"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_runs(echo, fields, key):
    with pytest.raises(CandidateError) as caught:
        OnnxModel(**{"model": "m.onnx", "signals": ONE, "output": SCORE, **fields}).program(echo, {})
    assert f"adapters.onnx_{key}" in problem_keys(caught)


@pytest.mark.parametrize("option", ["window", "episodes", "beats", "receives"])
def test_what_is_for_recordings_is_refused_for_images(echo, option):
    part = {"window": {"samples": 4}, "episodes": {"labels": {"A": 0}}, "receives": {"signals": "wfdb"}}
    part["beats"] = {"symbols": {"N": 0}, "score_at_least": 0.5}
    options = {"model": "m.onnx", "input": {}, "output": {"kind": "score", "finding": "a"}, option: part[option]}
    with pytest.raises(CandidateError) as caught:
        build(OnnxModel, options, facts={}).program(echo, {})
    assert "adapters.onnx_needs_signals" in problem_keys(caught)


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": {"samples": 4, "overlap": 2}},
        {"window": {"samples": 4, "combine": "median"}},
        {"episodes": {"label": "AFIB"}},
        {"beats": {"symbols": {"N": "first"}, "score_at_least": 0.5}},
        {"beats": {"symbols": {"N": 0}}},
        {"receives": {"signals": "dicom"}},
        {"windows": {"samples": 4}},
    ],
)
def test_an_option_that_does_not_exist_is_refused(wrong):
    options = {"model": "m.onnx", "signals": {"leads": ["I"], "sampling_hz": 10}, "output": {"kind": "score"}, **wrong}
    with pytest.raises(OptionError):
        build(OnnxModel, options, facts={"kind": "adapter", "name": "onnx", "provider": "dmn-bench"})
