import gzip
import itertools
import struct

import numpy as np
import pytest

from dmn_bench.errors import InputFileError, MachineError
from dmn_bench.inputs import nifti_file
from dmn_bench.inputs.nifti import NiftiReader
from dmn_bench.inputs.nifti_file import open_nifti

from .mask_factories import SHAPE, SPACING, a_nifti, lattice

READER = NiftiReader()
VALUES = np.arange(72, dtype=np.int16).reshape(SHAPE)
AXES = [
    "".join(letters) for order in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*order)
]


def keys(path):
    return list(READER.problems(path))


@pytest.mark.parametrize("axes", AXES)
def test_the_pixels_are_the_same_in_whatever_order_the_file_stores_its_axes(tmp_path, axes):
    path = a_nifti(tmp_path / "a.nii", VALUES, axes=axes)
    (image,), signals, decoders = READER.read(path)
    assert np.array_equal(image.pixels, VALUES)
    assert signals is None
    assert np.allclose(open_nifti(path).affine, lattice())
    assert decoders[0].startswith("NIfTI nibabel ")


def test_an_image_states_its_frames_and_spacing(tmp_path):
    path = a_nifti(tmp_path / "a.nii.gz", VALUES, axes="ASR")
    (image,), _, _ = READER.read(path)
    assert (image.n_frames, image.spacing_mm, image.spacing_source) == (3, (2.0, 0.5), "file")
    assert dict(READER.header(path)) == {
        "Rows": "4",
        "Columns": "6",
        "NumberOfFrames": "3",
        "PixelSpacing": "2\\0.5",
        "SpacingBetweenSlices": "3",
    }
    assert open_nifti(path).spacing_mm == SPACING


def test_one_plane_has_no_axis_of_frames(tmp_path):
    (image,), _, _ = READER.read(a_nifti(tmp_path / "a.nii", VALUES[:1]))
    assert image.pixels.shape == (4, 6)
    assert image.n_frames == 1


def test_a_slope_and_an_intercept_give_the_values_that_the_file_means(tmp_path):
    path = a_nifti(tmp_path / "a.nii", VALUES)
    whole = bytearray(path.read_bytes())
    whole[112:120] = struct.pack("<ff", 2.0, -3.0)
    path.write_bytes(whole)
    (image,), _, _ = READER.read(path)
    assert np.array_equal(image.pixels, VALUES * 2.0 - 3.0)


def test_both_versions_and_both_byte_orders_are_read(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ lattice()
    second = nibabel.Nifti2Image(VALUES.transpose(2, 1, 0), affine)
    nibabel.save(second, tmp_path / "second.nii")
    big = nibabel.Nifti1Image(VALUES.transpose(2, 1, 0), affine, header=nibabel.Nifti1Header(endianness=">"))
    nibabel.save(big, tmp_path / "big.nii")
    for name in ("second.nii", "big.nii"):
        assert READER.recognises(tmp_path / name)
        assert np.array_equal(READER.read(tmp_path / name)[0][0].pixels, VALUES)
        (copy,) = READER.deidentified_copy(tmp_path / name, tmp_path, f"copy-{name[:3]}")
        assert np.array_equal(READER.read(copy)[0][0].pixels, VALUES)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_the_copy_for_a_candidate_holds_voxels_and_place_and_no_text(tmp_path, name):
    nibabel = pytest.importorskip("nibabel")
    path = a_nifti(tmp_path / name, VALUES, axes="RSA", descrip=b"SECRET", aux_file=b"SECRET", db_name=b"SECRET")
    image = nibabel.load(path)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"SECRET"))
    held = image.__class__(np.asanyarray(image.dataobj).copy(), image.affine, image.header)
    nibabel.save(held, path)
    raw = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
    assert raw.count(b"SECRET") >= 3  # so that the test can fail
    (copy,) = READER.deidentified_copy(path, tmp_path / "out", "image-1")
    raw = gzip.decompress(copy.read_bytes()) if name.endswith("gz") else copy.read_bytes()
    assert copy.name == name.replace("a.", "image-1.")
    assert b"SECRET" not in raw
    assert np.array_equal(READER.read(copy)[0][0].pixels, VALUES)
    assert np.allclose(nibabel.load(copy).affine, np.diag([-1, -1, 1, 1]) @ lattice())
    assert READER.deidentified_copy(path, tmp_path / "two", "image-1")[0].read_bytes() == copy.read_bytes()


def test_units_other_than_millimetres_are_converted(tmp_path):
    path = a_nifti(tmp_path / "a.nii", VALUES, affine=lattice(spacing=(0.003, 0.002, 0.0005)), xyzt_units=1)
    assert np.allclose(open_nifti(path).spacing_mm, SPACING)


def test_a_file_that_says_two_places_is_told_and_the_sform_counts(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    path = a_nifti(tmp_path / "a.nii", VALUES)
    image = nibabel.load(path)
    moved = image.affine.copy()
    moved[0, 3] += 40
    image.set_qform(moved, code=1)
    nibabel.save(image, tmp_path / "b.nii")
    assert keys(tmp_path / "b.nii") == ["inputs.nifti_two_places"]
    assert np.allclose(open_nifti(tmp_path / "b.nii").affine, lattice())


@pytest.mark.parametrize("keep", [0, 10, 347, 351, 352, 400, 495])
def test_a_cut_file_is_refused(tmp_path, keep):
    path = a_nifti(tmp_path / "a.nii", VALUES)
    path.write_bytes(path.read_bytes()[:keep])
    assert keys(path)[0] in ("inputs.nifti_damaged", "inputs.nifti_cut")


def test_a_cut_or_altered_packed_file_is_refused(tmp_path):
    path = a_nifti(tmp_path / "a.nii.gz", VALUES)
    whole = path.read_bytes()
    for damaged in (whole[:5], whole[:40], whole[:-1], whole[:-8] + bytes(4) + whole[-4:]):
        path.write_bytes(damaged)
        assert keys(path) == ["inputs.nifti_damaged"]


def patched(path, place, form, *numbers):
    whole = bytearray(path.read_bytes())
    whole[place : place + struct.calcsize(form)] = struct.pack(form, *numbers)
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize(
    ("place", "form", "numbers", "key"),
    [
        (40, "<8h", (3, 32767, 32767, 32767, 1, 1, 1, 1), "inputs.too_large"),
        (40, "<8h", (3, -6, 4, 3, 1, 1, 1, 1), "inputs.nifti_bad_geometry"),
        (40, "<8h", (0, 6, 4, 3, 1, 1, 1, 1), "inputs.nifti_bad_geometry"),
        (40, "<8h", (4, 6, 4, 1, 3, 1, 1, 1), "inputs.nifti_not_one_volume"),
        (40, "<8h", (1, 72, 1, 1, 1, 1, 1, 1), "inputs.nifti_not_one_volume"),
        (70, "<h", (128,), "inputs.nifti_kind_unknown"),  # colours
        (70, "<h", (32,), "inputs.nifti_kind_unknown"),  # complex numbers
        (70, "<h", (9999,), "inputs.nifti_damaged"),
        (108, "<f", (1e30,), "inputs.nifti_bad_geometry"),  # where the voxels begin
        (108, "<f", (float("nan"),), "inputs.nifti_damaged"),
        (280, "<4f", (float("nan"), 0, 0, 0), "inputs.nifti_bad_geometry"),
        (280, "<4f", (0, 0, 0, 0), "inputs.nifti_bad_geometry"),
        (280, "<4f", (-0.5, 1.0, 0, 0), "inputs.nifti_sheared"),
        (252, "<2h", (0, 0), "inputs.nifti_no_place"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(tmp_path, place, form, numbers, key):
    path = patched(a_nifti(tmp_path / "a.nii", VALUES), place, form, *numbers)
    assert keys(path) == [key]


def test_a_volume_that_its_slope_makes_too_large_is_refused_by_its_header(tmp_path):
    path = patched(a_nifti(tmp_path / "a.nii", VALUES), 40, "<8h", 3, 700, 700, 700, 1, 1, 1, 1)
    assert keys(path) == ["inputs.nifti_cut"]  # 343 MB as stored
    assert keys(patched(path, 112, "<2f", 0.5, 0.0)) == ["inputs.too_large"]  # 2.7 GB as float64


def test_values_that_are_no_finite_numbers_are_refused(tmp_path):
    values = VALUES.astype(np.float32)
    values[0, 0, 0] = np.nan
    assert keys(a_nifti(tmp_path / "a.nii", values)) == ["inputs.nifti_not_finite"]


def test_a_packed_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(nifti_file, "MOST_TRAILING", 1000)
    path = a_nifti(tmp_path / "a.nii", VALUES)
    bomb = tmp_path / "b.nii.gz"
    bomb.write_bytes(gzip.compress(path.read_bytes() + bytes(100_000)))
    assert keys(bomb) == ["inputs.nifti_damaged"]


def test_other_files_are_not_recognised(tmp_path):
    for name, content in (("a.nii", b""), ("b.nii", b"\0" * 400), ("c.nii.gz", b"\x1f\x8b" + b"\0" * 50)):
        (tmp_path / name).write_bytes(content)
        assert not READER.recognises(tmp_path / name)
    assert not READER.recognises(tmp_path)
    pair = a_nifti(tmp_path / "d.nii", VALUES)
    assert not READER.recognises(patched(pair, 344, "<4s", b"ni1\0"))  # a header whose voxels are in another file


def test_without_nibabel_the_extra_is_named(tmp_path, monkeypatch):
    path = a_nifti(tmp_path / "a.nii", VALUES)
    monkeypatch.setitem(__import__("sys").modules, "nibabel.nifti2", None)
    with pytest.raises(MachineError) as caught:
        READER.read(path)
    assert caught.value.problems[0].key == "inputs.no_nibabel"
    assert READER.recognises(path)


def test_a_missing_file_is_an_error_of_the_set(tmp_path):
    with pytest.raises((InputFileError, OSError)):
        open_nifti(tmp_path / "a.nii")
