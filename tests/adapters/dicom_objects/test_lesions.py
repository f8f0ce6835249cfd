"""One lesion stated in several groups under one tracking identifier: one mark, never one for every slice."""

import pytest

from tests.inputs.result_factories import (
    IMAGE,
    MASS,
    OTHER_IMAGE,
    a_slice,
    an_image,
    an_item,
    box,
    code,
    group,
    measurements,
    number,
    text,
)

SERIES = tuple(a_slice(place) for place in range(4))
VIEWS = (an_image(), an_image(OTHER_IMAGE))


def called(name):
    return text("DCM:112039", name)


def uid(value):
    item = an_item("UIDREF", "DCM:112040")
    item.UID = value
    return item


def on_slices(*named, scores=("0.9", "0.9", "0.9"), **options):
    slices = [box(1, 1, 2, 2, f"1.2.3.1.{place}") for place in range(3)]
    parts = zip(slices, scores, strict=True)
    return measurements(*[group(*named, number(score), region, **options) for region, score in parts])


@pytest.mark.parametrize("named", [(called("L1"),), (uid("1.2.5"),), (called("a name of no use"), uid("1.2.5"))])
def test_a_lesion_drawn_slice_by_slice_in_groups_of_its_own_is_one_mark_in_the_middle(ask, named):
    (mark,) = ask(on_slices(*named), known=SERIES)["marks"]
    # the centre of the boxes is (2, 2) px, as for one group with three regions
    assert mark == {"finding": "nodule", "x_mm": 10.75, "y_mm": 23.0, "z_mm": 3.0, "score": 0.9}


def test_groups_without_a_tracking_identifier_are_lesions_of_their_own(ask):
    assert len(ask(on_slices(), known=SERIES)["marks"]) == 3


def test_the_tracking_uid_tells_lesions_apart_that_are_called_the_same(ask):
    groups = [group(called("lesion"), uid(f"1.2.5.{n}"), box(1, 1, 2, 2, f"1.2.3.1.{n}")) for n in range(2)]
    assert len(ask(measurements(*groups), known=SERIES)["marks"]) == 2


def test_two_findings_under_one_identifier_are_two_marks(ask):
    groups = [
        group(called("1"), box(1, 1, 2, 2, "1.2.3.1.0")),
        group(called("1"), box(1, 1, 2, 2, "1.2.3.1.1"), finding=MASS),
    ]
    assert {mark["finding"] for mark in ask(measurements(*groups), known=SERIES)["marks"]} == {"nodule", "mass"}


def test_scores_of_one_lesion_that_differ_need_a_rule(ask, reason):
    report = on_slices(called("L1"), scores=("0.2", "0.9", "0.4"))
    assert "follow one lesion through its slices, and their scores differ" in reason(report, known=SERIES)
    (mark,) = ask(report, known=SERIES, combine_images="highest")["marks"]
    assert mark["score"] == 0.9


def test_a_lesion_is_one_mark_on_each_radiograph_and_never_two_on_one(ask, reason):
    first, again, other = (group(called("L1"), box(1, 1, 5, 5, on)) for on in (IMAGE, IMAGE, OTHER_IMAGE))
    assert len(ask(measurements(first, other), known=VIEWS)["marks"]) == 2
    assert "two of them draw it on the same image" in reason(measurements(first, again, other), known=VIEWS)


def test_a_lesion_that_is_denied_on_one_of_its_slices_is_no_mark(reason):
    drawn = [group(called("L1"), box(1, 1, 2, 2, f"1.2.3.1.{place}")) for place in range(2)]
    denied = group(called("L1"), code("DCM:111413", "SCT:2667000"), box(1, 1, 2, 2, "1.2.3.1.2"))
    assert "calls absent" in reason(measurements(*drawn, denied), known=SERIES)
