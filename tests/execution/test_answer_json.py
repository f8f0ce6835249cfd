import dataclasses
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.execution.answer_json import answer_from_json, answer_to_json
from dmn_bench.vocabulary import STATUSES, Answer, Beats, FindingAnswer, GradeAnswer, Mark, Mask

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
whole = st.none() | st.integers(1, 99)
names = st.text(min_size=1, max_size=5)
finding_answers = st.builds(
    FindingAnswer, score=numbers, label=st.sampled_from([None, "positive", "negative", "indeterminate"])
)
grade_answers = st.builds(
    GradeAnswer, grade=st.none() | st.integers(0, 9), scores=st.none() | st.lists(st.floats(-9, 9)).map(tuple)
)
floats = st.floats(allow_nan=False, allow_infinity=False)
masks = st.builds(
    Mask,
    structure=names,
    rows=st.just(2),
    columns=st.just(3),
    runs=st.sampled_from([(0, 6), (1, 2, 3), (6,)]),
    image=st.none() | names,
    frame=whole,
    instance=st.none() | names,
)
NUMBERS_OF_A_MARK = ("x", "y", "width", "height", "diameter", "x_mm", "y_mm", "z_mm", "diameter_mm", "score")
marks = st.builds(
    Mark,
    finding=names,
    image=st.none() | names,
    frame=whole,
    outline=st.lists(st.tuples(floats, floats), max_size=4).map(tuple),
    mask=st.none() | masks,
    size_mm=st.none() | st.tuples(floats, floats, floats),
    **dict.fromkeys(NUMBERS_OF_A_MARK, numbers),
)
answers = st.builds(
    Answer,
    case_id=names,
    status=st.sampled_from(STATUSES),
    reason=st.text(max_size=5),
    findings=st.dictionaries(names, finding_answers, max_size=3),
    grades=st.dictionaries(names, grade_answers, max_size=3),
    marks=st.none() | st.lists(marks, max_size=3).map(tuple),
    finding_statuses=st.dictionaries(names, st.sampled_from(STATUSES), max_size=3),
)


@given(answers)
def test_an_answer_survives_json(answer):
    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer


@given(st.lists(st.tuples(st.integers(0, 2**40), st.sampled_from("NVS"), st.integers(-1, 9), names)), numbers)
def test_beats_survive_json(rows, rate):
    beats = Beats(
        samples=np.array([row[0] for row in rows], dtype=np.int64),
        symbols=tuple(row[1] for row in rows),
        subtypes=tuple(row[2] for row in rows),
        notes=tuple(row[3] for row in rows),
        sampling_hz=rate,
    )
    content = json.loads(json.dumps(answer_to_json(Answer(case_id="c", status="answered", beats=beats))))
    found = answer_from_json(content).beats
    assert np.array_equal(found.samples, beats.samples)
    assert found.samples.dtype == np.int64
    assert (found.symbols, found.subtypes, found.notes) == (beats.symbols, beats.subtypes, beats.notes)
    assert found.sampling_hz == rate


def test_every_field_of_a_mark_is_kept():
    drawn = {field.name for field in dataclasses.fields(Mark)}
    assert drawn == {"finding", "image", "frame", "outline", "mask", "size_mm", *NUMBERS_OF_A_MARK}


def test_no_marks_and_nothing_said_of_marks_stay_apart():
    looked = Answer(case_id="c", status="answered", marks=())
    silent = Answer(case_id="c", status="answered")
    assert answer_from_json(answer_to_json(looked)).marks == ()
    assert answer_from_json(answer_to_json(silent)).marks is None
