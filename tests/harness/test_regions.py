import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from dmn_bench.adapters.answer_masks import masks_of, runs_of
from dmn_bench.errors import ReferenceSetError
from dmn_bench.harness.reader_regions import only_by, reader_comparison
from dmn_bench.harness.region_comparison import ComparedRegions, check_regions, comparison_of
from dmn_bench.harness.regions import RegionError, Regions
from dmn_bench.inputs.contour_regions import MOST_LINES
from dmn_bench.reference_set import ConsensusRule, load
from dmn_bench.vocabulary import Answer, Contour, Mask

from ..inputs.mask_factories import READERS, SHAPE, SPACING, a_nifti, a_series, some_region, uid
from ..set_factory import a_set

TRUTH, EMPTY = some_region(1), np.zeros(SHAPE, dtype=bool)
CASES = ("case_id,patient_id,files,sex,age_years", "c1,p1,files/c1,F,40", "c2,p2,files/c2,M,50")
ROWS = (
    "case_id,structure,file,reader",
    "c1,heart,masks/a.nii,",
    "c1,lung,masks/empty.nii,",
    "c2,heart,masks/r1.nii,r1",
    "c2,heart,masks/r2.nii,r2",
    "c2,heart,masks/r3.nii,r3",
)


@pytest.fixture
def folder(tmp_path):
    a_set(tmp_path, cases=CASES, truth=None, masks=ROWS)
    (tmp_path / "truth.csv").write_text("case_id,finding,value\n")
    for case in ("c1", "c2"):
        a_series(tmp_path / "files" / case)
    drawn = {"a": TRUTH, "empty": EMPTY, **{f"r{seed}": some_region(seed) for seed in (1, 2, 3)}}
    for name, region in drawn.items():
        a_nifti(tmp_path / f"masks/{name}.nii", region.astype(np.uint8), axes="RAS")
    return tmp_path


@pytest.fixture
def regions(folder):
    return Regions(load(folder), READERS)


@pytest.fixture
def cases(folder):
    return {case.case_id: case for case in load(folder).cases}


def answer(masks=None, contours=None, **others):
    return Answer(case_id="c1", status="answered", masks=masks, contours=contours, **others)


def a_mask(plane=TRUTH[1], structure="heart", **where):
    return Mask(structure=structure, rows=plane.shape[0], columns=plane.shape[1], runs=runs_of(plane), **where)


def reason(regions, case, said):
    with pytest.raises(RegionError) as caught:
        regions.answered_region(case, said, "heart")
    return str(caught.value)


def test_the_reference_of_a_structure_is_that_of_its_file(regions, cases):
    assert np.array_equal(regions.reference_region(cases["c1"], "heart"), TRUTH)
    assert not regions.reference_region(cases["c1"], "lung").any()
    assert regions.reference_region(cases["c2"], "lung") is None
    assert regions.structures(cases["c1"]) == ("heart", "lung")


def test_every_reader_is_kept_and_the_rule_makes_one_of_them(regions, cases):
    case = cases["c2"]
    assert regions.readers_of(case, "heart") == ("r1", "r2", "r3")
    stack = np.stack([some_region(seed) for seed in (1, 2, 3)])
    assert np.array_equal(regions.reader_region(case, "heart", "r2"), stack[1])
    assert regions.reader_region(case, "heart", "r9") is None
    assert regions.reference_region(case, "heart") is None  # adjudicated, and nobody has adjudicated
    for rule, least in (("majority", 2), ("union", 1)):
        found = regions.reference_region(case, "heart", ConsensusRule(rule=rule))
        assert np.array_equal(found, stack.sum(axis=0) >= least)


def test_masks_of_an_answer_lie_on_their_plane_by_instance_or_frame(regions, cases):
    by_instance = [a_mask(TRUTH[plane], instance=uid(plane)) for plane in (2, 0, 1)]
    by_frame = [a_mask(TRUTH[plane], structure="Heart", frame=plane + 1) for plane in (2, 0, 1)]
    for masks in (by_instance, by_frame):
        assert np.array_equal(regions.answered_region(cases["c1"], answer(tuple(masks)), "heart"), TRUTH)


def test_a_region_as_masks_is_the_region_again(regions, cases):
    case = cases["c1"]
    for region in (TRUTH, EMPTY):
        masks = tuple(masks_of(region, regions.grid(case), "heart"))
        assert np.array_equal(regions.answered_region(case, answer(masks), "heart"), region)


def test_contours_are_read_in_px_and_in_mm(regions, cases):
    px = Contour(structure="heart", points=((1, 1), (4, 1), (4, 4), (1, 4)), frame=2)
    corners = ((1, 1), (3, 1), (3, 3), (1, 3))  # through the centres of the outermost pixels
    mm = Contour(structure="heart", points_mm=tuple((10 + x * 0.5, 20 + y * 2, 3.0) for x, y in corners))
    expected = np.zeros(SHAPE, dtype=bool)
    expected[1, 1:4, 1:4] = True
    for contour in (px, mm, dataclasses.replace(mm, instance=uid(1)), dataclasses.replace(mm, frame=2)):
        assert np.array_equal(regions.answered_region(cases["c1"], answer(contours=(contour,)), "heart"), expected)
    hole = Contour(structure="heart", points=((2, 2), (3, 2), (3, 3), (2, 3)), frame=2)
    expected[1, 2, 2] = False
    assert np.array_equal(regions.answered_region(cases["c1"], answer(contours=(hole, px)), "heart"), expected)


def test_what_is_said_of_nothing_of_something_else_and_of_everything(regions, cases):
    case = cases["c1"]
    assert regions.answered_region(case, answer(), "heart") is None
    assert regions.answered_region(case, answer((a_mask(structure="lung", frame=1),)), "heart") is None
    assert not regions.answered_region(case, answer(()), "heart").any()  # looked, and found none


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer((a_mask(),)), "does not say on which of 3 planes"),
        (answer((a_mask(frame=4),)), "on frame 4 of an image with 3"),
        (answer((a_mask(instance="1.2.9"),)), "an instance that is none of the image"),
        (answer((a_mask(instance=uid(0), frame=3),)), "on frame 3 of an instance with one"),
        (answer((a_mask(frame=1, image="other.png"),)), "on the image other.png"),
        (answer((a_mask(TRUTH[0, :3], frame=1),)), "a mask of 3 x 6 on an image of 4 x 6"),
        (answer((dataclasses.replace(a_mask(frame=1), runs=(1, 2)),)), "runs of 3 pixels"),
        (answer((a_mask(frame=1),), (Contour(structure="heart", points=((0, 0), (1, 0), (1, 1)), frame=1),)), "both"),
        (answer(contours=(Contour(structure="heart", points=((0, 0), (99, 0), (1, 1)), frame=1),)), "reaches out"),
        (answer(contours=(Contour(structure="heart", points_mm=((10, 20, 1), (11, 20, 1), (11, 24, 1))),)), "no slice"),
        (answer(contours=(Contour(structure="heart", points=((0, 0), (1, 0), (1, 1))),)), "does not say on which"),
    ],
)
def test_a_structure_that_cannot_be_placed_says_why(regions, cases, said, words):
    found = reason(regions, cases["c1"], said)
    assert found.startswith("heart: ")
    assert words in found


class Counting:
    """A task that compares, and remembers how often."""

    name = "counting"
    compared_structures = ()

    def __init__(self):
        self.pairs = []

    def compare(self, pair):
        self.pairs.append(pair.structure)
        found = -1.0 if pair.answered is None else float((pair.reference & pair.answered).sum())
        return {"both": found, "depth": 0.0 if pair.spacing_mm is None else pair.spacing_mm[0]}

    def __repr__(self):
        return "Counting()"


def comparison(folder, answers, task=None, kept=None):
    return comparison_of(load(folder), READERS, task or Counting(), answers, kept or ComparedRegions())


def test_a_case_is_compared_once_for_an_answer_however_often_it_is_judged(folder, cases):
    task, kept = Counting(), ComparedRegions()
    said = {"c1": answer((a_mask(TRUTH[0], frame=1),))}
    for _ in range(3):
        found = comparison(folder, said, task, kept).of_case(cases["c1"])
        assert found == {
            "heart": {"both": float(TRUTH[0].sum()), "depth": SPACING[0]},
            "lung": {"both": -1.0, "depth": 3.0},
        }
    assert task.pairs == ["heart", "lung"]
    comparison(folder, {"c1": answer(())}, task, kept).of_case(cases["c1"])
    assert len(task.pairs) == 4


def test_a_case_without_an_answer_still_has_its_reference(folder, cases):
    for answers in ({}, {"c1": Answer(case_id="c1", status="failed", masks=(a_mask(frame=1),))}):
        assert comparison(folder, answers).of_case(cases["c1"])["heart"]["both"] == -1.0


def test_a_structure_that_cannot_be_placed_is_failed_and_the_others_are_not(folder, cases):
    said = answer((a_mask(frame=9), a_mask(structure="lung", frame=1)), reason="slow")
    found = comparison(folder, {"c1": said})
    placed = found.placed_answers(cases.values())["c1"]
    assert placed.finding_statuses == {"heart": "failed"}
    assert placed.reason == "slow; heart: on frame 9 of an image with 3"
    assert found.of_case(cases["c1"])["lung"]["both"] == 0.0
    assert found.of_case(cases["c1"])["heart"]["both"] == -1.0


def test_everything_that_is_wrong_with_the_masks_is_found_before_anybody_is_asked(folder):
    a_nifti(folder / "masks/a.nii", TRUTH[:2].astype(np.uint8))
    (folder / "masks/r2.nii").write_bytes((folder / "masks/r1.nii").read_bytes()[:-1])
    (folder / "masks/r3.nii").unlink()
    told = []
    with pytest.raises(ReferenceSetError) as caught:
        check_regions(load(folder), READERS, (), lambda done, total: told.append((done, total)))
    assert [problem.key for problem in caught.value.problems] == ["masks.other_lattice", "inputs.nifti_cut"]
    assert told == [(1, 2), (2, 2)]
    check_regions(load(folder), READERS, ("lung",), lambda *_: None)


def test_an_answer_with_lines_beyond_all_measure_has_failed_with_a_reason(regions, cases):
    dots = tuple(Contour(structure="heart", points=((0, 0), (1, 0), (0, 1)), frame=1) for _ in range(MOST_LINES + 1))
    assert f"{MOST_LINES + 1} closed lines in one plane" in reason(regions, cases["c1"], answer(contours=dots))


def test_readers_are_compared_once_whoever_asks_and_anew_against_another_reference(folder, cases):
    task, whole = Counting(), load(folder)
    prepared = SimpleNamespace(reference_set=whole, readers=READERS, compared=ComparedRegions())
    found = [reader_comparison(prepared, only_by(whole, "r2"), task, "r1")(cases["c2"]) for _ in range(3)]
    assert task.pairs == ["heart"]
    assert found[0] == found[1] == found[2]
    assert found[0]["heart"]["both"] == (some_region(1) & some_region(2)).sum()
    other = reader_comparison(prepared, only_by(whole, "r3"), task, "r1")(cases["c2"])
    assert other["heart"]["both"] == (some_region(1) & some_region(3)).sum()
    reader_comparison(prepared, only_by(whole, "r2"), task, "r3")(cases["c2"])
    assert task.pairs == ["heart"] * 3
