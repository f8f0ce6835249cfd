import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import PngImagePlugin

from dmn_bench.errors import InputFileError
from dmn_bench.inputs.raster import RasterReader, register_readers
from dmn_bench.inputs.requests import case_keys
from dmn_bench.vocabulary import Case

from .factories import a_picture

READER = RasterReader()
GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)


def read(path):
    images, signals, decoders = READER.read(path)
    assert signals is None
    assert " pillow " in decoders[0]
    return images[0]


def test_it_registers_itself():
    assert register_readers() == [RasterReader]


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_grey_keeps_its_bits(tmp_path, suffix, kind):
    pixels = GREY.astype(kind) * (1 if kind is np.uint8 else 5000)
    path = a_picture(tmp_path / f"c.{suffix}", pixels)
    assert READER.recognises(path)
    image = read(path)
    assert image.pixels.dtype == kind
    assert image.pixels.tolist() == pixels.tolist()
    assert (image.photometric, image.spacing_mm, image.bits_stored) == ("grey", None, 8 * pixels.itemsize)


def test_sixteen_bit_big_endian_tiff_is_read(tmp_path):
    pixels = (GREY.astype(np.uint16) * 5000).astype(">u2")
    header = b"MM\0*\0\0\0\x08"
    tags = [
        (256, 3, 1, 4 << 16),
        (257, 3, 1, 3 << 16),
        (258, 3, 1, 16 << 16),
        (259, 3, 1, 1 << 16),
        (262, 3, 1, 1 << 16),
    ]
    tags += [(273, 4, 1, 0), (277, 3, 1, 1 << 16), (278, 3, 1, 3 << 16), (279, 4, 1, 24)]
    start = 8 + 2 + 12 * len(tags) + 4
    tags[5] = (273, 4, 1, start)
    entries = b"".join(
        t.to_bytes(2, "big") + k.to_bytes(2, "big") + n.to_bytes(4, "big") + v.to_bytes(4, "big") for t, k, n, v in tags
    )
    path = tmp_path / "c.tif"
    path.write_bytes(header + len(tags).to_bytes(2, "big") + entries + b"\0\0\0\0" + pixels.tobytes())
    image = read(path)
    assert image.pixels.dtype == np.dtype("uint16")
    assert image.pixels.tolist() == pixels.tolist()


@pytest.mark.parametrize(
    ("mode", "photometric"), [("1", "grey"), ("LA", "grey"), ("P", "rgb"), ("RGBA", "rgb"), ("CMYK", "rgb")]
)
def test_other_kinds_become_grey_or_rgb(tmp_path, mode, photometric):
    path = tmp_path / ("c.tif" if mode == "CMYK" else "c.png")
    PillowImage.fromarray(np.full((2, 3, 3), (200, 200, 200), dtype=np.uint8)).convert(mode).save(path)
    image = read(path)
    assert image.photometric == photometric
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape == ((2, 3, 3) if photometric == "rgb" else (2, 3))


def test_colours_under_transparency_are_kept(tmp_path):
    pixels = np.full((2, 2, 4), (10, 20, 30, 0), dtype=np.uint8)
    assert read(a_picture(tmp_path / "c.png", pixels)).pixels[0, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("png", {}),
        ("jpg", {"quality": 95}),
        ("tif", {"compression": None}),
        ("tif", {"compression": "tiff_lzw"}),
        ("tif", {"compression": "packbits"}),
    ],
)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize(("mark", "quarter_turns"), [(1, 0), (3, 2), (6, -1), (8, 1)])
def test_the_picture_is_turned_upright(tmp_path, suffix, options, kind, mark, quarter_turns):
    exif = PillowImage.Exif()
    exif[0x0112] = mark
    stored = np.zeros((8, 16), dtype=np.uint8 if suffix == "jpg" else kind)
    stored[:, 8:] = 240
    path = a_picture(tmp_path / f"c.{suffix}", stored, exif=exif, **options)
    upright = np.rot90(stored, quarter_turns).astype(int)
    pixels = read(path).pixels.astype(int)
    assert pixels.shape == upright.shape
    assert np.abs(pixels - upright).max() <= 8
    header = READER.header(path)
    assert (int(header["Rows"]), int(header["Columns"])) == upright.shape
    assert header.get("PictureOrientation", "1") == str(mark)
    case = Case(case_id="c", patient_id="p", exam_id="e", laterality="", files=(path.name,), strata={})
    keys = case_keys(case, tmp_path, [READER])
    assert keys.picture_turns == (None if mark == 1 else {path.name: mark})


def test_the_pages_of_a_tiff_are_frames(tmp_path):
    pages = [PillowImage.fromarray(GREY + step) for step in (0, 100)]
    pages[0].save(tmp_path / "c.tif", save_all=True, append_images=pages[1:])
    image = read(tmp_path / "c.tif")
    assert (image.n_frames, image.pixels.shape) == (2, (2, 3, 4))
    assert image.pixels[1, 0, 0] == 100
    copies = READER.deidentified_copy(tmp_path / "c.tif", tmp_path / "out", "image-1")
    assert [copy.name for copy in copies] == ["image-1-0001.png", "image-1-0002.png"]


def test_pages_of_several_sizes_are_refused(tmp_path):
    pages = [PillowImage.fromarray(GREY), PillowImage.fromarray(GREY[:2])]
    pages[0].save(tmp_path / "c.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(InputFileError, match="raster_pages_differ"):
        READER.read(tmp_path / "c.tif")


def test_real_numbers_are_no_grey_picture(tmp_path):
    path = a_picture(tmp_path / "c.tif", GREY.astype(np.float32))
    assert READER.problems(path) == ("inputs.raster_kind_unknown",)


def test_the_copy_holds_the_pixels_and_nothing_else(tmp_path):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "POISON")
    exif = PillowImage.Exif()
    exif[0x010E] = "POISON"
    path = a_picture(tmp_path / "c.png", GREY.astype(np.uint16) * 3, pnginfo=notes, exif=exif)
    assert b"POISON" in path.read_bytes()
    (copy,) = READER.deidentified_copy(path, tmp_path / "out", "image-1")
    assert copy.name == "image-1.png"
    assert b"POISON" not in copy.read_bytes()
    assert np.array_equal(read(copy).pixels, read(path).pixels)


def test_other_files_are_not_recognised(tmp_path):
    (tmp_path / "c.png").write_bytes(b"GIF89a")
    assert not READER.recognises(tmp_path / "c.png")
    assert not READER.recognises(tmp_path / "absent.png")
