"""What an answer says beside findings and marks travels back from a worker as it was said."""

import dataclasses

import pytest

from dmn_bench.execution.cluster_messages import AskedCase, Batch, read_reply, reply_of
from dmn_bench.execution.outcome import Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, Contour, Episode, Mask, Measurement

SAID = {
    "episodes": (Episode(start_s=0.5, end_s=9.0, label="AFIB", score=0.25), Episode(start_s=10, end_s=11, label="VT")),
    "masks": (Mask(structure="lung", rows=2, columns=3, runs=(1, 2, 3), image="a.dcm", frame=2, instance="1.2"),),
    "contours": (
        Contour(structure="heart", points_mm=((0.0, 1.5, -2.0),) * 3),
        Contour(structure="x", points=((1, 2),)),
    ),
    "laterality": "L",
    "measurements": {"heart_rate": Measurement(value=61.5, unit="/min"), "n": Measurement(value=3)},
}


@pytest.mark.parametrize("parts", [*({name: value} for name, value in SAID.items()), SAID, {"episodes": ()}, {}])
def test_every_part_of_an_answer_comes_back_from_a_worker(parts):
    answer = Answer(case_id="c1", status="answered", **parts)
    batch = Batch(key="b", cases=(AskedCase(case_id="c1", files=(), reads=()),))
    (found,) = read_reply(reply_of("answered", [Outcome(asked=AskedAnswer(answer=answer))])).read(batch)
    assert found.asked.answer == answer


def test_no_part_of_an_answer_is_without_a_way_back():
    tested_elsewhere = {"case_id", "status", "reason", "findings", "grades", "marks", "beats", "finding_statuses"}
    assert {field.name for field in dataclasses.fields(Answer)} == tested_elsewhere | set(SAID)
