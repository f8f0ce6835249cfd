import struct

import numpy as np
import pytest
from PIL import Image as PillowImage

from dmn_bench.errors import InputFileError
from dmn_bench.inputs import result_segmentation
from dmn_bench.inputs.mask_files import NOT_ZERO, Inside, open_mask
from dmn_bench.inputs.nifti_file import NiftiVolume
from dmn_bench.inputs.voxel_grids import affine_of
from dmn_bench.tasks.outlines import filled

from .factories import a_picture, an_image, saved
from .mask_factories import SHAPE, SPACING, a_nifti, a_series, grid_of, lattice, some_region, uid
from .result_factories import FRAME, a_segment, a_segmentation, a_structure_set
from .test_nifti import AXES

REGION = some_region()
FLAT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@pytest.fixture
def grid(tmp_path):
    a_series(tmp_path / "ct")
    return grid_of(tmp_path, "ct")


def read(path, grid, structure="heart", inside=NOT_ZERO):
    return open_mask(path, path.name).region(structure, grid, inside, filled)


def refusal(path, grid, structure="heart", inside=NOT_ZERO):
    with pytest.raises(InputFileError) as caught:
        read(path, grid, structure, inside)
    return caught.value.problems[0]


# ----------------------------------------------------------------------------------------------------- grids


def test_a_series_is_a_lattice_of_its_slices_in_order(grid):
    assert grid.shape == SHAPE
    assert [plane.instance for plane in grid.planes] == [uid(0), uid(1), uid(2)]
    assert (grid.spacing_mm, grid.spacing_source, grid.is_lattice) == (SPACING, "PixelSpacing", True)
    assert np.allclose(affine_of(grid), lattice())


@pytest.mark.parametrize(
    ("depths", "attributes", "why"),
    [
        ((0, 3, 9), {}, "planes_not_even"),  # a slice is missing
        ((0, 3, 6), {"PixelSpacing": [0, 0.5]}, "not_positive"),
        ((0, 3, 6), {"PixelSpacing": [-2, 0.5]}, "not_positive"),
        ((0, 3, 6), {"PixelSpacing": None}, "not_stated"),
    ],
)
def test_no_spacing_is_made_up(tmp_path, depths, attributes, why):
    a_series(tmp_path / "ct", depths, **attributes)
    grid = grid_of(tmp_path, "ct")
    assert (grid.spacing_mm, grid.why_no_spacing, grid.is_lattice) == (None, why, False)


def test_a_tilted_series_has_no_spacing(tmp_path):
    for place in range(3):
        facts = {"ImagePositionPatient": [10, 20 + place, 3 * place], "SOPInstanceUID": uid(place)}
        a_series(tmp_path / f"one{place}", (0.0,), **facts)
        (tmp_path / "ct").mkdir(exist_ok=True)
        (tmp_path / f"one{place}/9.dcm").rename(tmp_path / f"ct/{place}.dcm")
    assert grid_of(tmp_path, "ct").why_no_spacing == "planes_not_even"


def test_frames_of_a_film_have_no_spacing_between_them_and_a_single_image_one_plane(tmp_path):
    frames = np.zeros(SHAPE, dtype=np.uint8)
    saved(an_image(frames, NumberOfFrames=3, PixelSpacing=[2, 0.5], Modality="US"), tmp_path / "film.dcm")
    saved(an_image(frames[0], ImagerPixelSpacing=[2, 0.5]), tmp_path / "dx.dcm")
    film, dx = grid_of(tmp_path, "film.dcm"), grid_of(tmp_path, "dx.dcm")
    assert (film.shape, film.spacing_mm, film.why_no_spacing) == (SHAPE, None, "planes_without_position")
    assert (dx.shape, dx.spacing_mm, dx.spacing_source) == ((1, 4, 6), (1.0, 2.0, 0.5), "ImagerPixelSpacing")


def test_a_volume_and_a_picture_have_grids_too(tmp_path):
    a_nifti(tmp_path / "v.nii", REGION.astype(np.int16), axes="PIR")
    a_picture(tmp_path / "p.png", np.zeros((4, 6), dtype=np.uint8))
    volume, picture = grid_of(tmp_path, "v.nii"), grid_of(tmp_path, "p.png")
    assert (volume.shape, volume.spacing_mm) == (SHAPE, SPACING)
    assert np.allclose(affine_of(volume), lattice())
    assert (picture.shape, picture.spacing_mm, picture.why_no_spacing) == ((1, 4, 6), None, "not_stated")


def test_a_case_of_several_images_has_no_grid(tmp_path):
    for name in ("a.png", "b.png"):
        a_picture(tmp_path / name, np.zeros((4, 6), dtype=np.uint8))
    with pytest.raises(InputFileError) as caught:
        grid_of(tmp_path, "a.png", "b.png")
    assert (caught.value.problems[0].key, caught.value.problems[0].facts) == ("masks.not_one_image", {"found": 2})


# --------------------------------------------------------------------------------------------------- pictures


@pytest.fixture
def flat(tmp_path):
    a_picture(tmp_path / "image.png", np.zeros((4, 6), dtype=np.uint8))
    return grid_of(tmp_path, "image.png")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "I;16", "RGBA", "LA"])
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_pictures_of_every_kind_give_the_same_mask(tmp_path, flat, mode, ending):
    picture = PillowImage.fromarray(REGION[0].astype(np.uint8) * 255)
    if mode == "P":
        picture = PillowImage.frombytes("P", (6, 4), (REGION[0].astype(np.uint8) * 3).tobytes())
        picture.putpalette([0, 0, 0] * 256)  # every index looks the same: the index counts, not its colour
    elif mode == "I;16":
        picture = PillowImage.fromarray(REGION[0].astype(np.uint16) * 1000)
    else:
        picture = picture.convert(mode)
    path = tmp_path / f"m.{ending}"
    picture.save(path)
    assert np.array_equal(read(path, flat)[0], REGION[0])


def test_one_value_or_a_limit_may_be_inside(tmp_path, flat):
    values = np.arange(24, dtype=np.uint8).reshape(4, 6)
    path = a_picture(tmp_path / "m.png", values)
    assert np.array_equal(read(path, flat)[0], values != 0)
    assert np.array_equal(read(path, flat, inside=Inside(value=7))[0], values == 7)
    assert np.array_equal(read(path, flat, inside=Inside(at_least=7.5))[0], values >= 8)
    assert open_mask(path, "m").values == tuple(range(1, 24))


def test_the_pages_of_a_tiff_are_planes(tmp_path, grid):
    pages = [PillowImage.fromarray(plane.astype(np.uint8)) for plane in REGION]
    pages[0].save(tmp_path / "m.tif", save_all=True, append_images=pages[1:])
    assert np.array_equal(read(tmp_path / "m.tif", grid), REGION)


def test_pictures_that_are_no_mask_of_the_image_are_refused(tmp_path, flat):
    values = REGION[0].astype(np.uint8) * 255
    PillowImage.fromarray(values).save(tmp_path / "a.jpg")
    half = PillowImage.fromarray(values).convert("RGBA")
    half.putalpha(128)
    half.save(tmp_path / "b.png")
    PillowImage.fromarray(np.dstack([values, values, values // 2])).save(tmp_path / "c.png")
    a_picture(tmp_path / "d.png", values[:, :5])
    (tmp_path / "e.png").write_bytes((tmp_path / "d.png").read_bytes()[:40])
    (tmp_path / "f.txt").write_text("1 2 3")
    found = [refusal(tmp_path / name, flat).key for name in ("a.jpg", "b.png", "c.png", "d.png", "e.png", "f.txt")]
    assert found == [
        "inputs.mask_with_losses",
        "inputs.mask_transparent",
        "inputs.mask_colours",
        "masks.other_size",
        "inputs.raster_damaged",
        "masks.no_format",
    ]
    assert refusal(tmp_path / "d.png", flat).facts == {"found": "1 x 4 x 5", "expected": "1 x 4 x 6"}
    assert refusal(tmp_path / "gone.png", flat).key == "masks.file_missing"


# ------------------------------------------------------------------------------------------------------ NIfTI


@pytest.mark.parametrize("axes", AXES)
def test_a_volume_is_turned_onto_the_series(tmp_path, grid, axes):
    path = a_nifti(tmp_path / "m.nii.gz", REGION.astype(np.uint8), axes=axes)
    assert np.array_equal(read(path, grid), REGION)


@pytest.mark.parametrize(
    "affine",
    [
        lattice(first=(10.0, 20.0, 3.0)),
        lattice(first=(10.06, 20.0, 0.0)),  # more than a tenth of a voxel aside
        lattice(spacing=(3.0, 2.0, 0.6)),
        lattice() @ np.array([[0.999, -0.04, 0, 0], [0.04, 0.999, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]),
    ],
)
def test_another_lattice_is_refused_and_both_are_stated(tmp_path, grid, affine):
    problem = refusal(a_nifti(tmp_path / "m.nii", REGION.astype(np.uint8), affine=affine), grid)
    assert problem.key in ("masks.other_lattice", "inputs.nifti_sheared")
    if problem.key == "masks.other_lattice":
        assert problem.facts["expected"] == "6 x 4 x 3 (0.5 x 2 x 3 mm, LPS 10.00, 20.00, 0.00)"


def test_a_lattice_that_differs_by_less_than_a_tenth_of_a_voxel_is_the_same(tmp_path, grid):
    path = a_nifti(tmp_path / "m.nii", REGION.astype(np.uint8), affine=lattice(first=(10.04, 20.1, 0.2)))
    assert np.array_equal(read(path, grid), REGION)


def test_a_volume_of_another_size_or_for_an_image_without_a_place_is_refused(tmp_path, grid, flat):
    assert refusal(a_nifti(tmp_path / "m.nii", REGION[:2].astype(np.uint8)), grid).key == "masks.other_lattice"
    assert refusal(a_nifti(tmp_path / "n.nii", REGION[:1].astype(np.uint8)), flat).key == "masks.volume_needs_place"


def test_shares_need_a_limit(tmp_path, grid):
    shares = np.where(REGION, 0.7, 0.2).astype(np.float32)
    path = a_nifti(tmp_path / "m.nii", shares)
    assert refusal(path, grid).key == "masks.shares"
    assert np.array_equal(read(path, grid, inside=Inside(at_least=0.5)), REGION)
    shares[0, 0, 0] = np.inf
    assert refusal(a_nifti(tmp_path / "n.nii", shares), grid, inside=Inside(at_least=0.5)).key == "masks.not_finite"


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("limit", [0.1, 0.3, 0.7, 0.9])
def test_a_share_that_is_the_limit_is_inside_however_it_is_stored(tmp_path, grid, kind, limit):
    shares = np.where(REGION, limit, limit - 1e-4).astype(kind)
    assert np.array_equal(read(a_nifti(tmp_path / "m.nii", shares), grid, inside=Inside(at_least=limit)), REGION)


def test_shares_stored_as_percentages_with_a_slope_are_inside_from_the_limit_on(tmp_path, grid):
    path = a_nifti(tmp_path / "m.nii", np.where(REGION, 70, 69).astype(np.uint8))
    whole = bytearray(path.read_bytes())
    whole[112:120] = struct.pack("<ff", 0.01, 0.0)
    path.write_bytes(whole)
    assert np.array_equal(read(path, grid, inside=Inside(at_least=0.7)), REGION)


def test_whole_numbers_stored_as_floating_point_are_labels(tmp_path, grid):
    labels = np.where(REGION, 2.0, 1.0).astype(np.float32)
    path = a_nifti(tmp_path / "m.nii", labels)
    assert np.array_equal(read(path, grid, inside=Inside(value=2)), REGION)
    assert open_mask(path, "m").values == (1.0, 2.0)


def test_a_volume_of_another_lattice_is_refused_before_any_voxel_is_unpacked(tmp_path, grid, monkeypatch):
    path = a_nifti(tmp_path / "m.nii.gz", np.ones((9, 9, 9), dtype=np.uint8))
    monkeypatch.setattr(NiftiVolume, "stored", lambda volume: pytest.fail("unpacked"))
    assert refusal(path, grid).key == "masks.other_lattice"
    with pytest.raises(InputFileError):
        open_mask(path, "m").check_lattice(grid)


def test_a_cut_volume_is_refused_when_its_voxels_are_asked_for(tmp_path, grid):
    path = a_nifti(tmp_path / "m.nii", REGION.astype(np.uint8))
    path.write_bytes(path.read_bytes()[:-1])
    assert refusal(path, grid).key == "inputs.nifti_cut"
    with pytest.raises(InputFileError):
        _ = open_mask(path, "m").values


# -------------------------------------------------------------------------------------------- DICOM segmentations


def frames(*planes):
    return np.stack([REGION[plane] for plane in planes]).astype(np.uint8)


def test_a_frame_lies_on_the_image_that_it_names_and_a_plane_without_one_is_empty(tmp_path, grid):
    path = saved(a_segmentation(frames(2, 0), [1, 1], [uid(2), uid(0)]), tmp_path / "s.dcm")
    expected = REGION.copy()
    expected[1] = False
    assert np.array_equal(read(path, grid), expected)
    assert open_mask(path, "s").names == ("one",)


def test_a_frame_without_an_image_lies_where_its_position_says(tmp_path, grid):
    positions = [(10, 20, 3), (10, 20, 6)]
    path = saved(a_segmentation(frames(1, 2), [1, 1], [None, None], positions=positions), tmp_path / "s.dcm")
    expected = REGION.copy()
    expected[0] = False
    assert np.array_equal(read(path, grid), expected)


@pytest.mark.parametrize(
    ("made", "key"),
    [
        (lambda: a_segmentation(frames(0), [1], ["1.2.9.9"]), "masks.other_series"),
        (lambda: a_segmentation(frames(0), [1], [None]), "masks.no_place"),
        (lambda: a_segmentation(frames(0), [1], [None], positions=[(10, 20, 1.5)]), "masks.between_planes"),
        (lambda: a_segmentation(frames(0), [1], [None], positions=[(11, 20, 0)]), "masks.between_planes"),
        (lambda: a_segmentation(frames(0), [1], [uid(1)], positions=[(10, 20, 0)]), "masks.elsewhere"),
        (lambda: a_segmentation(frames(0)[:, :, :5], [1], [uid(0)]), "masks.other_size"),
        (lambda: a_segmentation(frames(0) * 200, [1], [uid(0)], kind="FRACTIONAL"), "masks.shares"),
    ],
)
def test_a_segmentation_of_something_else_is_refused(tmp_path, grid, made, key):
    assert refusal(saved(made(), tmp_path / "s.dcm"), grid).key == key


def test_another_frame_of_reference_is_another_series(tmp_path, grid):
    made = a_segmentation(frames(0), [1], [uid(0)])
    made.FrameOfReferenceUID = "1.2.9"
    assert refusal(saved(made, tmp_path / "s.dcm"), grid).key == "masks.other_frame_of_reference"


def test_a_structure_is_found_by_its_name_its_number_or_being_alone(tmp_path, grid):
    both = [a_segment(1, "Heart"), a_segment(2, "Lung")]
    path = saved(a_segmentation(frames(0, 1), [1, 2], [uid(0), uid(1)], labels=both), tmp_path / "s.dcm")
    assert read(path, grid, "HEART")[0].sum() == REGION[0].sum()
    assert read(path, grid, "x", Inside(value=2))[1].sum() == REGION[1].sum()
    problem = refusal(path, grid, "spleen")
    assert (problem.key, problem.facts) == ("masks.structure_unknown", {"structure": "spleen", "found": "Heart, Lung"})
    twice = [a_segment(1, "Heart"), a_segment(2, "heart")]
    path = saved(a_segmentation(frames(0, 1), [1, 2], [uid(0), uid(1)], labels=twice), tmp_path / "t.dcm")
    assert refusal(path, grid, "heart").key == "masks.structure_doubled"


def test_label_maps_and_fractional_segmentations_are_read(tmp_path, grid):
    numbers = np.where(REGION[:1], 2, 1).astype(np.uint8)
    labels = [a_segment(1, "a"), a_segment(2, "b")]
    made = a_segmentation(numbers, [1], [uid(0)], kind="LABELMAP", labels=labels)
    assert np.array_equal(read(saved(made, tmp_path / "l.dcm"), grid, "b")[0], REGION[0])
    shares = np.where(REGION[:1], 255, 100).astype(np.uint8)
    path = saved(a_segmentation(shares, [1], [uid(0)], kind="FRACTIONAL"), tmp_path / "f.dcm")
    assert np.array_equal(read(path, grid, inside=Inside(at_least=0.5))[0], REGION[0])


def test_a_label_map_of_more_segments_than_any_has_is_refused_before_a_mask_is_made_of_each(tmp_path, monkeypatch):
    labels = [a_segment(number) for number in range(1, 52)]
    monkeypatch.setattr(result_segmentation, "MOST_SEGMENTS", 50)
    numbers = np.arange(24, dtype=np.uint8).reshape(1, 4, 6)
    path = saved(a_segmentation(numbers, [1], [uid(0)], kind="LABELMAP", labels=labels), tmp_path / "many.dcm")
    monkeypatch.setattr(result_segmentation, "_frames", lambda *given: pytest.fail("made"))
    with pytest.raises(InputFileError) as caught:
        open_mask(path, "m")
    assert caught.value.problems[0].key == "inputs.too_large"


@pytest.mark.parametrize(("kind", "most"), [("LABELMAP", 24 * 24), ("FRACTIONAL", 4 * 24)])
def test_the_masks_of_all_segments_count_towards_what_may_be_decoded(tmp_path, monkeypatch, kind, most):
    numbers = np.arange(24, dtype=np.uint8).reshape(1, 4, 6)
    labels = [a_segment(number, f"s{number}") for number in range(1, 24)]
    path = saved(a_segmentation(numbers, [1], [uid(0)], kind=kind, labels=labels), tmp_path / "m.dcm")
    monkeypatch.setattr(result_segmentation, "MOST_DECODED_BYTES", most)
    assert len(open_mask(path, "m").names) == 23
    monkeypatch.setattr(result_segmentation, "MOST_DECODED_BYTES", most - 1)
    with pytest.raises(InputFileError) as caught:
        open_mask(path, "m")
    assert caught.value.problems[0].key == "inputs.too_large"


def test_an_ordinary_image_is_no_mask(tmp_path, grid):
    path = saved(an_image(np.zeros((4, 6), dtype=np.uint8)), tmp_path / "i.dcm")
    assert refusal(path, grid).key == "masks.not_a_mask"


# --------------------------------------------------------------------------------------------- structure sets


def square(low, high, depth=3.0, offset=0.0):
    """Corners in mm of a square from column ``low`` to ``high``, rows alike, through the centres of its pixels."""
    corners = ((low, low), (high, low), (high, high), (low, high))
    return [value for x, y in corners for value in (10 + (x + offset) * 0.5, 20 + (y + offset) * 2, depth)]


def contours(tmp_path, *drawn, frame_of_reference=FRAME, name="heart"):
    made = a_structure_set((name, [("CLOSED_PLANAR", *each) for each in drawn]), frame_of_reference=frame_of_reference)
    return saved(made, tmp_path / "rt.dcm")


def test_a_contour_through_the_centres_of_pixels_holds_these_pixels(tmp_path, grid):
    region = read(contours(tmp_path, (square(1, 3), uid(1))), grid)
    expected = np.zeros(SHAPE, dtype=bool)
    expected[1, 1:4, 1:4] = True
    assert np.array_equal(region, expected)


def test_a_contour_between_the_centres_holds_what_it_surrounds(tmp_path, grid):
    region = read(contours(tmp_path, (square(0, 2, offset=0.5), uid(1))), grid)
    assert np.argwhere(region).tolist() == [[1, row, column] for row in (1, 2) for column in (1, 2)]


def test_a_contour_without_an_image_lies_on_the_slice_at_its_depth(tmp_path, grid):
    region = read(contours(tmp_path, (square(0, 1, depth=6.0), None)), grid)
    assert region.any(axis=(1, 2)).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("drawn", "key"),
    [
        ((square(0, 1, depth=4.5), None), "masks.between_planes"),
        ((square(0, 1), uid(0)), "masks.elsewhere"),
        ((square(0, 1), "1.2.9.9"), "masks.other_series"),
        ((square(0, 40), uid(1)), "masks.contour_outside"),
        (([10, 20, 0, 11, 20, 0, 10, 24, 3], None), "masks.between_planes"),  # tilted against the slices
    ],
)
def test_a_contour_that_lies_elsewhere_is_refused(tmp_path, grid, drawn, key):
    assert refusal(contours(tmp_path, drawn), grid).key == key


def test_contours_of_another_frame_of_reference_and_single_points_are_refused(tmp_path, grid):
    path = contours(tmp_path, (square(0, 1), None), frame_of_reference="1.2.9")
    assert refusal(path, grid).key == "masks.other_frame_of_reference"
    points = saved(a_structure_set(("heart", [("POINT", [10, 20, 0], None)])), tmp_path / "p.dcm")
    assert refusal(points, grid).key == "masks.points_only"


def test_a_region_of_interest_without_contours_is_empty(tmp_path, grid):
    assert not read(saved(a_structure_set(("heart", [])), tmp_path / "rt.dcm"), grid).any()


def test_flat_directions_are_those_of_the_grid(grid):
    assert grid.orientation == FLAT


@pytest.mark.parametrize("kind", ["nii", "nii.gz", "seg", "rt"])
def test_whatever_happened_to_a_file_it_is_read_or_refused(tmp_path, grid, kind):
    made = {
        "nii": lambda: a_nifti(tmp_path / "a.nii", REGION.astype(np.uint8), axes="RAS"),
        "nii.gz": lambda: a_nifti(tmp_path / "a.nii.gz", REGION.astype(np.float32)),
        "seg": lambda: saved(a_segmentation(frames(0, 1), [1, 1], [uid(0), uid(1)]), tmp_path / "s.dcm"),
        "rt": lambda: contours(tmp_path, (square(1, 3), uid(1))),
    }[kind]()
    sound, rng = made.read_bytes(), np.random.default_rng(11)
    for _ in range(60):
        damaged = bytearray(sound)
        for place in rng.integers(0, len(sound), rng.integers(1, 6)):
            damaged[place] = rng.integers(0, 256)
        made.write_bytes(damaged[: rng.integers(1, len(sound))] if rng.random() < 0.2 else damaged)
        try:
            region = read(made, grid)
        except InputFileError:
            continue
        assert (region.shape, region.dtype) == (SHAPE, np.bool_)
