"""Segmentations and structure sets: masks and lines on the planes that they name or lie on."""

import numpy as np
import pytest
from pydicom import Dataset

from tests.inputs.result_factories import (
    FRAME,
    IMAGE,
    OTHER_IMAGE,
    a_segment,
    a_segmentation,
    a_slice,
    a_structure_set,
    an_image,
)

SERIES = tuple(a_slice(place) for place in range(3))
SMALL = (an_image(rows=4, columns=6, frame_of_reference_uid=FRAME),)


def frames(*inside):
    """Frames of 4 x 6 pixels, with the (row, column) of what is inside each."""
    found = np.zeros((len(inside), 4, 6), dtype=np.uint8)
    for place, pixels in enumerate(inside):
        for row, column in pixels:
            found[place, row, column] = 1
    return found


def shown(answer):
    """(structure, slice, pixels inside) of every mask."""
    return [
        (each["structure"], each["instance"], [tuple(map(int, pixel)) for pixel in np.argwhere(each["array"])])
        for each in answer["masks"]
    ]


def test_every_frame_of_a_binary_segmentation_is_a_mask_on_the_image_that_it_names(ask):
    pixels = frames([(0, 0), (3, 5)], [(1, 2)])
    found = ask(a_segmentation(pixels, [1, 1], ["1.2.3.1.2", "1.2.3.1.0"]), known=SERIES)
    assert shown(found) == [("nodule", "1.2.3.1.2", [(0, 0), (3, 5)]), ("nodule", "1.2.3.1.0", [(1, 2)])]


def test_a_frame_that_names_no_image_lies_on_the_slice_at_its_position(ask, reason):
    pixels = frames([(1, 2)])
    found = ask(a_segmentation(pixels, [1], [None], positions=[(10.0, 20.0, 3.04)]), known=SERIES)
    assert shown(found) == [("nodule", "1.2.3.1.1", [(1, 2)])]
    between = a_segmentation(pixels, [1], [None], positions=[(10.0, 20.0, 4.5)])
    assert "0 images lie where it does" in reason(between, known=SERIES)


def test_a_frame_that_names_one_slice_and_lies_on_another_fails(reason):
    wrong = a_segmentation(frames([(1, 2)]), [1], ["1.2.3.1.0"], positions=[(10.0, 20.0, 3.0)])
    assert "lies elsewhere" in reason(wrong, known=SERIES)


def test_a_mask_of_another_size_than_its_image_fails(reason):
    assert "masks are not resized" in reason(a_segmentation(frames([(1, 2)]), [1], [IMAGE]))


def test_a_mask_on_an_unknown_image_fails(reason):
    wrong = a_segmentation(frames([(1, 2)], [(1, 2)]), [1, 1], [IMAGE, OTHER_IMAGE])
    assert "unknown instance 1.2.3.2" in reason(wrong, known=SMALL)


def test_a_fractional_segmentation_needs_the_share_that_counts_as_inside(ask, reason):
    shares = np.zeros((1, 4, 6))
    shares[0, 0, :3] = (127, 128, 255)
    made = a_segmentation(shares, [1], [IMAGE], kind="FRACTIONAL")
    assert "fractional_at_least" in reason(made, known=SMALL)
    assert shown(ask(made, known=SMALL, fractional_at_least=0.5)) == [("nodule", IMAGE, [(0, 1), (0, 2)])]


@pytest.mark.parametrize(
    ("most", "words"),
    [
        (None, "does not state which value is the largest"),
        (50, "holds the value 100, above its maximum of 50"),
        (0, ""),
    ],
)
def test_shares_without_a_maximum_or_above_it_are_no_shares(ask, reason, most, words):
    made = a_segmentation(np.full((1, 4, 6), 100), [1], [IMAGE], kind="FRACTIONAL")
    made.MaximumFractionalValue = 100
    assert len(shown(ask(made, known=SMALL, fractional_at_least=0.99))) == 1
    if most is None:
        del made.MaximumFractionalValue
    else:
        made.MaximumFractionalValue = most
    assert words in reason(made, known=SMALL, fractional_at_least=0.99)


def test_a_label_map_holds_a_mask_for_each_of_its_numbers_but_the_background(ask):
    numbers = np.zeros((1, 4, 6))
    numbers[0, 0, :3] = (1, 2, 2)
    labels = [a_segment(0, finding="DCM:125040"), a_segment(1), a_segment(2, finding="SCT:4147007")]
    made = a_segmentation(numbers, [1], [IMAGE], kind="LABELMAP", labels=labels)
    assert shown(ask(made, known=SMALL)) == [("nodule", IMAGE, [(0, 0)]), ("mass", IMAGE, [(0, 1), (0, 2)])]


def test_a_segment_without_a_pixel_says_looked_and_found_none(ask):
    assert shown(ask(a_segmentation(frames([]), [1], [IMAGE]), known=SMALL)) == [("nodule", IMAGE, [])]


def test_bits_run_on_from_one_frame_to_the_next(ask):
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 2, (3, 5, 7)).astype(np.uint8)  # 35 pixels: no frame ends with a byte
    known = tuple(a_slice(place, rows=5, columns=7) for place in range(3))
    made = a_segmentation(pixels, [1, 1, 1], [image.sop_instance_uid for image in known])
    assert np.array_equal(np.stack([each["array"] for each in ask(made, known=known)["masks"]]), pixels)


def test_segments_are_named_by_their_label_before_their_code(ask, reason):
    made = a_segmentation(frames([(0, 0)]), [1], [IMAGE], labels=[a_segment(1, "left one", "99X:A")])
    assert "99X:A" in reason(made, known=SMALL)
    assert ask(made, known=SMALL, structures={"left one": "lesion"})["masks"][0]["structure"] == "lesion"
    assert "state nothing" in reason(made, known=SMALL, ignore_structures=("left one",))


def test_two_segmentations_of_one_structure_are_two_answers_and_of_two_structures_one(ask, reason):
    nodule = a_segmentation(frames([(0, 0)]), [1], [IMAGE])
    mass = a_segmentation(frames([(0, 1)]), [1], [IMAGE], labels=[a_segment(1, finding="SCT:4147007")])
    assert "two answers" in reason(nodule, a_segmentation(frames([(0, 2)]), [1], [IMAGE]), known=SMALL)
    assert {name for name, _, _ in shown(ask(nodule, mass, known=SMALL))} == {"nodule", "mass"}


def test_two_segmentations_or_structure_sets_that_differ_must_not_share_a_uid(ask, reason):
    pairs = [
        [a_segmentation(frames([pixel]), [1], [IMAGE]) for pixel in ((0, 0), (3, 5))],
        [a_structure_set(("nodule", [("CLOSED_PLANAR", SQUARE, each)])) for each in ("1.2.3.1.1", None)],
    ]
    for (first, second), known in zip(pairs, (SMALL, SERIES), strict=True):
        first.SOPInstanceUID = second.SOPInstanceUID = "1.2.3.600"
        assert "two objects that differ" in reason(first, second, known=known, finding="nodule")
        assert ask(first, first, known=known, finding="nodule") is not None


@pytest.mark.parametrize(
    ("spacing", "fits"), [((2, 0.5), True), ((2.001, 0.5), True), ((1, 1), False), ((0.5, 2), False)]
)
def test_a_mask_with_pixels_of_another_size_than_its_image_fails(ask, reason, spacing, fits):
    for source, positions in (("1.2.3.1.2", None), (None, [(10.0, 20.0, 6.0)])):
        made = a_segmentation(frames([(1, 2)]), [1], [source], positions=positions)
        shared, measures = Dataset(), Dataset()
        measures.PixelSpacing = list(spacing)
        shared.PixelMeasuresSequence = [measures]
        made.SharedFunctionalGroupsSequence = [shared]
        if fits:
            assert shown(ask(made, known=SERIES)) == [("nodule", "1.2.3.1.2", [(1, 2)])]
        else:
            assert "masks are not resized" in reason(made, known=SERIES)


def test_a_mask_on_a_frame_of_an_image_in_another_frame_of_reference_fails(ask, reason):
    made = a_segmentation(frames([(1, 2)]), [1], [IMAGE])
    source = made.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0].SourceImageSequence[0]
    source.ReferencedFrameNumber = 2

    def known(frame_of_reference):
        return (an_image(rows=4, columns=6, n_frames=3, frame_of_reference_uid=frame_of_reference),)

    assert "lies elsewhere" in reason(made, known=known("1.1"))
    for same in (FRAME, ""):
        assert [each["frame"] for each in ask(made, known=known(same))["masks"]] == [2]


# --------------------------------------------------------------------------------------------------- structure sets

SQUARE = (10.0, 20.0, 3.0, 11.0, 20.0, 3.0, 11.0, 22.0, 3.0)


def test_a_closed_contour_keeps_its_millimetres_and_names_its_slice(ask):
    made = a_structure_set(("GTV", [("CLOSED_PLANAR", SQUARE, "1.2.3.1.1")]))
    (line,) = ask(made, known=SERIES, structures={"GTV": "nodule"})["contours"]
    assert (line["structure"], line["instance"]) == ("nodule", "1.2.3.1.1")
    assert line["points_mm"] == [[10.0, 20.0, 3.0], [11.0, 20.0, 3.0], [11.0, 22.0, 3.0]]


def test_a_contour_that_names_no_slice_lies_on_the_one_at_its_position(ask, reason):
    made = a_structure_set(("GTV", [("CLOSED_PLANAR", SQUARE, None)]))
    assert ask(made, known=SERIES, finding="nodule")["contours"][0]["instance"] == "1.2.3.1.1"
    tilted = (*SQUARE[:-1], 3.5)
    apart = a_structure_set(("GTV", [("CLOSED_PLANAR", tilted, None)]))
    assert "0 images lie where it does" in reason(apart, known=SERIES, finding="nodule")


@pytest.mark.parametrize(
    ("contour", "words"),
    [
        (("CLOSED_PLANAR", SQUARE, "1.2.3.1.0"), "lies elsewhere"),
        (("CLOSED_PLANAR", SQUARE, "9.9"), "unknown instance 9.9"),
        (("OPEN_PLANAR", SQUARE, "1.2.3.1.1"), "of the kind OPEN_PLANAR"),
        (("CLOSED_PLANAR", SQUARE[:-1], "1.2.3.1.1"), "no readable points"),
    ],
)
def test_a_contour_that_is_unclear_fails(reason, contour, words):
    assert words in reason(a_structure_set(("GTV", [contour])), known=SERIES, finding="nodule")


@pytest.mark.parametrize(("right", "down", "fits"), [(0, 0, True), (2.2, 0, True), (2.3, 0, False), (0, 1e4, False)])
def test_a_contour_in_the_plane_of_its_slice_but_beyond_its_pixels_fails(ask, reason, right, down, fits):
    moved = [value + (right, down, 0)[place % 3] for place, value in enumerate(SQUARE)]
    for named in ("1.2.3.1.1", None):
        made = a_structure_set(("GTV", [("CLOSED_PLANAR", moved, named)]))
        if fits:
            assert len(ask(made, known=SERIES, finding="nodule")["contours"]) == 1
        else:
            assert "beyond its image" in reason(made, known=SERIES, finding="nodule")


def test_the_frame_of_reference_of_contours_is_checked(reason):
    made = a_structure_set(("GTV", [("CLOSED_PLANAR", SQUARE, "1.2.3.1.1")]), frame_of_reference="9.9")
    assert "lies elsewhere" in reason(made, known=SERIES, finding="nodule")


def test_single_points_are_marks_in_millimetres(ask):
    made = a_structure_set(("GTV", [("POINT", SQUARE[:3], "1.2.3.1.1")]))
    assert ask(made, known=SERIES, finding="nodule")["marks"] == [
        {"finding": "nodule", "x_mm": 10.0, "y_mm": 20.0, "z_mm": 3.0}
    ]


def test_names_that_nobody_knows_are_listed_together(ask, reason):
    made = a_structure_set(*((name, [("CLOSED_PLANAR", SQUARE, "1.2.3.1.1")]) for name in ("GTV", "heart")))
    assert "2 delineated structures" in reason(made, known=SERIES)
    assert "GTV, heart" in reason(made, known=SERIES)
    found = ask(made, known=SERIES, structures={"GTV": "nodule"}, ignore_structures=("heart",))
    assert [each["structure"] for each in found["contours"]] == ["nodule"]


@pytest.mark.filterwarnings("ignore:The value length")
def test_numbers_longer_than_the_standard_allows_are_read(ask):
    long = ("10.00000000000001234", "20.0", "3.0", *map(str, SQUARE[3:]))
    made = a_structure_set(("GTV", [("CLOSED_PLANAR", long, "1.2.3.1.1")]))
    assert ask(made, known=SERIES, finding="nodule")["contours"][0]["points_mm"][0][0] == pytest.approx(10.0)
