"""Hit rules on regions of every shape: by hand, by counting pixels, and by properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError
from dmn_bench.tasks.closeness import shared_by_circles, shared_by_spheres
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.tasks.mark_matching import match_marks
from dmn_bench.tasks.mark_places import NO_EXTENT, NO_REGION, NOT_FINITE, faults
from dmn_bench.tasks.outlines import filled
from dmn_bench.tasks.pixel_spans import boxes_around_masks, in_mask, of_circle, of_mask, of_outline, shared_pixels
from dmn_bench.vocabulary import Lesion, Mark, Mask

from .factories import FINDING, a_box, a_case, a_lesion

TRIANGLE = ((0.0, 0.0), (10.0, 0.0), (0.0, 10.0))
CENTRE = HitRule(centre_in_region=True)


def a_mask(pixels):
    flat = np.asarray(pixels, dtype=bool).ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    rows, columns = np.shape(pixels)
    return Mask(structure=FINDING, rows=rows, columns=columns, runs=tuple([0, *runs] if flat[0] else runs))


def mark(**place):
    return Mark(finding=FINDING, score=place.pop("score", 1.0), **place)


def lesion(**place):
    return Lesion(lesion_id="l1", finding=FINDING, image=None, frame=None, **place)


def sphere(kind, x, diameter, y=0.0, z=0.0, **more):
    return kind(x_mm=x, y_mm=y, z_mm=z, diameter_mm=diameter, **more)


def brick(kind, x, size):
    return kind(x_mm=x, y_mm=0.0, z_mm=0.0, size_mm=size)


def hits(rule, one, *marks, case=None):
    found = match_marks(case or a_case(), [one], marks, rule, "ignored")
    return found.hits[0] is not None if found.hits else not found.false_positives


def overlap(one, other, of="region"):
    """The overlap of a mark and a lesion, found by halving the limit at which one still hits the other."""
    low, high = 0.0, 1.0
    if hits(HitRule(iou_at_least=1.0, iou_of=of), other, one):
        return 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if hits(HitRule(iou_at_least=middle, iou_of=of), other, one) else (low, middle)
    return low


class TestOptions:
    def test_what_overlaps_is_only_named_with_an_overlap(self):
        with pytest.raises(ProtocolError, match=r"iou_of: region, centre_in_region"):
            HitRule(centre_in_region=True, iou_of="region")
        assert HitRule(iou_at_least=0.5, iou_of="region").iou_at_least == 0.5


class TestOverlaps:
    def test_boxes_around_regions_are_compared_unless_the_regions_are_asked_for(self):
        other = lesion(outline=((10.0, 10.0), (10.0, 0.0), (0.0, 10.0)))
        assert overlap(mark(outline=TRIANGLE), other, "box") == 1.0
        assert overlap(mark(outline=TRIANGLE), other, "region") == 0.0

    def test_an_outline_and_a_mask_share_the_pixels_whose_centre_it_encloses(self):
        pixels = np.zeros((12, 12), dtype=bool)
        pixels[:5, :10] = True
        inside = filled(TRIANGLE, 12, 12)
        expected = (inside & pixels).sum() / (inside | pixels).sum()
        assert overlap(mark(outline=TRIANGLE), lesion(mask=a_mask(pixels))) == pytest.approx(expected)
        assert overlap(mark(mask=a_mask(pixels)), lesion(outline=TRIANGLE)) == pytest.approx(expected)

    def test_a_box_and_a_mask_of_the_same_pixels_are_one_region(self):
        pixels = np.zeros((9, 9), dtype=bool)
        pixels[2:5, 3:8] = True
        assert overlap(a_box(3, 2, 5, 3, score=1), lesion(mask=a_mask(pixels))) == 1.0

    def test_two_circles_share_a_lens(self):
        expected = shared_by_circles(1.0, 1.0, 1.0)
        assert expected == pytest.approx(2 * math.pi / 3 - math.sqrt(3) / 2)
        found = overlap(mark(x=5.0, y=5.0, diameter=2.0), lesion(x=6.0, y=5.0, diameter=2.0))
        assert found == pytest.approx(expected / (2 * math.pi - expected))

    def test_two_spheres_share_a_lens_or_the_boxes_around_them(self):
        # Two spheres of radius 1, their centres 1 apart: 5π/12 in common.
        found = overlap(sphere(mark, 0, 2.0), sphere(lesion, 1.0, 2.0))
        assert found == pytest.approx((5 / 12) / (8 / 3 - 5 / 12))
        assert overlap(sphere(mark, 0, 2.0), sphere(lesion, 1.0, 2.0), "box") == pytest.approx(1 / 3)

    def test_boxes_in_millimetres_share_a_box(self):
        found = overlap(brick(mark, 0.0, (2.0, 4.0, 6.0)), brick(lesion, 1.0, (2.0, 4.0, 6.0)))
        assert found == pytest.approx(1 / 3)

    def test_a_sphere_meets_a_box_as_the_box_around_it(self):
        assert overlap(sphere(mark, 0, 2.0), brick(lesion, 0.0, (2.0, 2.0, 2.0))) == 1.0

    def test_pixels_and_millimetres_do_not_meet(self):
        assert not hits(HitRule(iou_at_least=0.01), a_lesion(), sphere(mark, 5.0, 10.0))

    def test_a_touching_box_does_not_overlap(self):
        assert not hits(HitRule(iou_at_least=1e-9), a_lesion(), a_box(x=10, score=1))

    @settings(max_examples=25)
    @given(st.integers(0, 8), st.integers(1, 9), st.integers(0, 8), st.integers(1, 9))
    def test_whole_boxes_overlap_alike_as_boxes_and_as_regions(self, x, width, y, height):
        one, other = a_box(x, y, width, height, score=1), a_lesion(width=7, height=6)
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        assert overlap(mark(outline=corners), other) == pytest.approx(overlap(one, other, "box"), abs=1e-9)

    @pytest.mark.parametrize("distance", [0.0, 0.4, 1.0, 1.5, 2.9, 3.0, 4.0])
    def test_what_circles_and_spheres_share_is_what_points_at_random_find(self, distance):
        rng = np.random.default_rng(1)
        points = rng.uniform(-1, 1, (100_000, 3))
        for n, found in ((2, shared_by_circles(distance, 1.0, 2.0)), (3, None)):
            inside = (points[:, :n] ** 2).sum(axis=1) <= 1
            moved = points[:, :n] - np.eye(n)[0] * distance
            share = (inside & ((moved**2).sum(axis=1) <= 4)).mean() * 2**n
            one, two, apart = (np.array([value]) for value in (1.0, 2.0, distance))
            with np.errstate(divide="ignore", invalid="ignore"):
                found = shared_by_spheres(apart, one, two)[0] if found is None else found
            assert share == pytest.approx(found, abs=0.02)


class TestCentres:
    @pytest.mark.parametrize(
        ("region", "inside", "outside"),
        [
            ({"outline": TRIANGLE}, (2.0, 2.0), (7.0, 7.0)),
            ({"x": 5.0, "y": 5.0, "diameter": 4.0}, (6.0, 6.0), (6.9, 6.9)),
            ({"mask": a_mask(filled(TRIANGLE, 10, 10))}, (2.0, 2.0), (7.0, 7.0)),
            ({"x": 1.0, "y": 1.0, "width": 3.0, "height": 3.0}, (4.0, 4.0), (4.1, 4.0)),
        ],
    )
    def test_the_centre_lies_in_the_region_itself(self, region, inside, outside):
        assert hits(CENTRE, lesion(**region), mark(x=inside[0], y=inside[1]))
        assert not hits(CENTRE, lesion(**region), mark(x=outside[0], y=outside[1]))

    def test_the_centre_of_a_marked_region_is_the_middle_of_the_box_around_it(self):
        around = a_lesion(x=4.9, y=4.9, width=0.2, height=0.2)
        for place in (
            {"outline": TRIANGLE},
            {"mask": a_mask(filled(((1, 1), (10, 1), (1, 10)), 10, 10) | np.eye(10, dtype=bool))},
        ):
            assert hits(CENTRE, around, mark(**place))
        assert hits(CENTRE, around, mark(x=5.0, y=5.0, diameter=30.0))

    def test_a_box_in_millimetres_holds_its_corners(self):
        one = brick(lesion, 0.0, (2.0, 4.0, 6.0))
        assert hits(CENTRE, one, mark(x_mm=1.0, y_mm=-2.0, z_mm=3.0))
        assert not hits(CENTRE, one, mark(x_mm=1.1, y_mm=0.0, z_mm=0.0))

    def test_a_stated_box_is_the_one_around_the_region(self):
        both = lesion(outline=TRIANGLE, x=0.0, y=0.0, width=10.0, height=10.0)
        assert not hits(CENTRE, both, mark(x=7.0, y=7.0))
        assert hits(HitRule(iou_at_least=1.0), both, a_box(score=1))

    def test_a_mark_beyond_the_grid_of_a_mask_is_outside(self):
        whole = a_mask(np.ones((4, 4)))
        assert [in_mask(whole, x, y) for x, y in ((0, 0), (3.9, 3.9), (4, 0), (0, 4), (-0.1, 0))] == [
            True,
            True,
            *[False] * 3,
        ]


class TestRegionsToIgnore:
    def test_a_small_mark_in_a_large_region_to_ignore_is_on_it_though_the_union_is_large(self):
        zone = lesion(outline=((0, 0), (500, 0), (500, 500), (0, 500)), ignore=True)
        rule = HitRule(iou_at_least=0.5)
        assert hits(rule, zone, a_box(100, 100, 10, 10, score=1))
        assert hits(rule, zone, a_box(495, 100, 10, 10, score=1))
        assert not hits(rule, zone, a_box(496, 100, 10, 10, score=1))

    def test_a_mark_far_from_the_middle_of_a_region_to_ignore_is_on_it(self):
        zone = lesion(outline=((0, 0), (500, 0), (500, 500), (0, 500)), ignore=True)
        assert hits(HitRule(distance_px_at_most=3), zone, mark(x=499.0, y=1.0))
        assert not hits(HitRule(distance_px_at_most=3), zone, mark(x=501.0, y=1.0))
        ball = sphere(lesion, 0.0, 50.0, ignore=True)
        assert hits(HitRule(distance_mm_at_most=3), ball, mark(x_mm=20.0, y_mm=0.0, z_mm=0.0))

    def test_a_region_that_counts_still_needs_the_whole_overlap(self):
        zone = lesion(outline=((0, 0), (500, 0), (500, 500), (0, 500)))
        assert not hits(HitRule(iou_at_least=0.5), zone, a_box(100, 100, 10, 10, score=1))


class TestWhatRulesNeed:
    @pytest.mark.parametrize(
        ("rule", "fitting"),
        [
            (HitRule(iou_at_least=0.1), {"box", "circle", "outline", "mask", "sphere", "brick"}),
            (CENTRE, {"box", "circle", "outline", "mask", "sphere", "brick"}),
            (HitRule(distance_px_at_most=1), {"box", "point", "circle", "outline", "mask"}),
            (HitRule(distance_mm_at_most=1), {"sphere", "brick", "point_mm", "flat_mm"}),
            (HitRule(luna16=True), {"sphere"}),
        ],
    )
    def test_a_lesion_fits_a_rule_when_it_has_what_the_rule_needs(self, rule, fitting):
        lesions = {
            "box": a_lesion(),
            "flat box": a_lesion(width=0.0),
            "point": lesion(x=1.0, y=1.0),
            "circle": lesion(x=1.0, y=1.0, diameter=2.0),
            "outline": lesion(outline=TRIANGLE),
            "mask": lesion(mask=a_mask(np.ones((2, 2)))),
            "sphere": sphere(lesion, 0.0, 2.0),
            "brick": brick(lesion, 0.0, (1.0, 1.0, 1.0)),
            "point_mm": lesion(x_mm=0.0, y_mm=0.0, z_mm=0.0),
            "flat_mm": lesion(x_mm=0.0, y_mm=0.0),
        }
        found = {name for name, one in lesions.items() if rule.fits(one)}
        assert found - {"flat box"} == fitting
        assert ("flat box" in found) == (rule.distance_px_at_most is not None)


class TestHostileMarks:
    @pytest.mark.parametrize(
        ("place", "fault"),
        [
            ({"x": math.nan, "y": 0.0}, NOT_FINITE),
            ({"x": 0.0, "y": math.inf}, NOT_FINITE),
            ({"x": 0.0, "y": 0.0, "width": -1.0, "height": 2.0}, NO_EXTENT),
            ({"x": 0.0, "y": 0.0, "width": 1.0}, NO_EXTENT),
            ({"x": 0.0, "y": 0.0, "diameter": -3.0}, NO_EXTENT),
            ({"x_mm": -math.inf, "y_mm": 0.0, "z_mm": 0.0}, NOT_FINITE),
            ({"x_mm": 0.0, "y_mm": 0.0, "z_mm": 0.0, "size_mm": (1.0, -1.0, 1.0)}, NO_EXTENT),
            ({"x_mm": 0.0, "y_mm": 0.0, "z_mm": 0.0, "size_mm": (1.0, math.nan, 1.0)}, NOT_FINITE),
            ({"outline": ((0.0, 0.0), (1.0, 1.0))}, NO_REGION),
            ({"outline": ((0.0, 0.0), (1.0, 1.0), (math.nan, 0.0))}, NOT_FINITE),
            ({"outline": ((0.0, 0.0), (1e8, 1e8), (0.0, 1e8))}, NO_REGION),
            ({"mask": Mask(structure="s", rows=2, columns=2, runs=(1, 2))}, NO_REGION),
            ({"mask": Mask(structure="s", rows=2, columns=2, runs=(4,))}, NO_REGION),
            ({"mask": Mask(structure="s", rows=0, columns=2, runs=())}, NO_REGION),
            ({"mask": Mask(structure="s", rows=2, columns=2, runs=(5, -2, 1))}, NO_REGION),
        ],
    )
    def test_what_cannot_be_compared_is_told_with_its_reason(self, place, fault):
        assert faults([a_box(), mark(**place), a_box()]) == {1: fault}

    @pytest.mark.parametrize("of", ["box", "region"])
    @pytest.mark.parametrize(
        "place",
        [
            {"x": -1e308, "y": -1e308, "width": 1.7e308, "height": 1.7e308},
            {"x": -1e12, "y": 2.0, "width": 2e12, "height": 3.0},
            {"x": 3.0, "y": 3.0, "diameter": 1e300},
            {"x": 3.0, "y": 3.0, "width": 1e-300, "height": 1e-300},
        ],
    )
    def test_endless_and_tiny_regions_overlap_a_drawn_lesion_hardly(self, place, of):
        assert faults([mark(**place)]) == {}
        for ignore in (False, True):
            rule = HitRule(iou_at_least=0.01, iou_of=of)
            assert not hits(rule, lesion(outline=TRIANGLE, ignore=ignore), mark(**place))

    def test_a_mask_of_more_pixels_than_any_image_is_a_fault(self):
        endless = Mask(structure="s", rows=1 << 40, columns=1 << 40, runs=(0, 1 << 80))
        assert faults([mark(mask=endless)]) == {0: NO_REGION}

    def test_a_frame_without_end_is_another_frame(self):
        one = Lesion(lesion_id="l", finding=FINDING, image=None, frame=3, x=0, y=0, width=10, height=10)
        far = Mark(finding=FINDING, x=0, y=0, width=10, height=10, frame=1 << 200)
        assert match_marks(a_case(), [one], [far, far], HitRule(iou_at_least=0.5), "ignored").hits == (None,)

    def test_marks_of_every_shape_have_no_fault(self):
        sound = [a_box(), mark(x=1.0, y=1.0), mark(outline=TRIANGLE), sphere(mark, 0, 1.0), brick(mark, 0, (1.0,) * 3)]
        assert faults([*sound, mark(mask=a_mask(np.eye(3))), mark()]) == {}

    def test_no_marks_have_no_faults(self):
        assert faults([]) == {}


class TestSpans:
    @given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20)), min_size=3, max_size=8))
    def test_an_outline_has_the_pixels_that_filling_gives(self, outline):
        assert of_outline(outline).area == filled(outline, 20, 20).sum()

    @given(st.lists(st.booleans(), min_size=12, max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
    def test_masks_share_what_their_pixels_share(self, one, other):
        masks = [np.reshape(values, (3, 4)) for values in (one, other)]
        regions = [of_mask(a_mask(pixels)) for pixels in masks]
        assert [region.area for region in regions] == [pixels.sum() for pixels in masks]
        assert shared_pixels(regions, regions, [0, 0], [1, 0]).tolist() == [(masks[0] & masks[1]).sum(), masks[0].sum()]

    @given(st.lists(st.booleans(), min_size=12, max_size=12))
    def test_the_box_around_a_mask_holds_its_pixels_and_no_empty_side(self, values):
        pixels = np.reshape(values, (3, 4))
        rows, columns = np.nonzero(pixels)
        expected = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else (math.nan,) * 4
        found = boxes_around_masks([a_mask(np.eye(3)), a_mask(pixels)])
        assert found[1].tolist() == pytest.approx(list(expected), nan_ok=True)
        points = [(x + 0.5, y + 0.5) for y in range(3) for x in range(4)]
        assert [in_mask(a_mask(pixels), x, y) for x, y in points] == values

    @given(st.floats(2, 8), st.floats(2, 8), st.floats(0, 2))
    def test_a_circle_has_the_pixels_whose_centre_is_near(self, x, y, radius):
        row, column = np.mgrid[0:10, 0:10] + 0.5
        near = np.hypot(column - x, row - y) <= radius
        assert (
            abs(of_circle(x, y, radius).area - near.sum())
            <= (np.abs(np.hypot(column - x, row - y) - radius) < 1e-9).sum()
        )
