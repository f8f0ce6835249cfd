"""Thumbnails of errors: the right part of an image, marks where they belong, scale, and what may be legible."""

import base64
import io
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dmn_bench.pictures import image_thumb, paper
from dmn_bench.pictures.grey_range import GreyRange
from dmn_bench.pictures.image_marks import STYLES, ImageMark, circle, rectangle
from dmn_bench.pictures.image_thumb import MARKS_AT_MOST, Scene, thumb

from .reading import SVG, parsed, words

AS_IT_IS = GreyRange(window="as_stored")
HREF = "href"


def gradient(rows, columns):
    """An image whose every pixel tells where it is: grey by row, red by row, green by column."""
    return (np.indices((rows, columns))[0] % 256).astype(np.uint8)


def scene(rows=600, columns=400, **changes):
    return Scene(**{"plane": gradient(rows, columns), "grey": AS_IT_IS, **changes})


def drawn(scene_):
    made = thumb(scene_, title="t", description="d")
    assert paper.is_drawing(made.svg)
    return made


def panels(svg):
    """Of each image in a drawing: its place in mm (x, y, width, height) and its pixels."""
    found = []
    for one in parsed(svg).iter(f"{SVG}image"):
        content = base64.b64decode(one.get(HREF).partition(",")[2])
        with Image.open(io.BytesIO(content)) as picture:
            found.append(([float(one.get(name)) for name in ("x", "y", "width", "height")], np.array(picture)))
    return found


def lines(svg, colour):
    """The corners of every line of a colour, in mm."""
    paths = [one.get("d") for one in parsed(svg).iter(f"{SVG}path") if one.get("stroke") == colour]
    return [[tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)] for path in paths]


BLUE, ORANGE = STYLES["reference"].line, STYLES["device"].line


def test_the_part_round_an_error_is_shown_with_the_whole_beside_it():
    made = drawn(scene(rows=200, columns=200, box=(90, 120, 10, 20), has_corners=True, is_clean=True))
    (place, part), (beside, whole) = panels(made.svg)
    assert part.shape == (60, 60)
    assert part[0, 0] == 100, "the first row: 60 px round the middle of the error at 130"
    assert place == [0, 0, 84, 84]
    assert whole.shape == (100, 100)
    assert beside[0] > 84
    assert made.signs == ("corners", "overview")


def test_marks_lie_where_the_pixels_are():
    marks = [
        ImageMark(side="reference", outlines=(rectangle(90, 120, 10, 20),), label="R"),
        ImageMark(side="device", outlines=(rectangle(100, 100, 30, 60),), label="D 0.50"),
    ]
    made = drawn(scene(rows=200, columns=200, marks=marks, box=(90, 120, 10, 20), is_clean=True))
    scale = 84 / 60
    (reference,) = lines(made.svg, BLUE)
    assert reference[0] == pytest.approx(((90 - 65) * scale, (120 - 100) * scale), abs=0.02)
    assert reference[2] == pytest.approx(((100 - 65) * scale, (140 - 100) * scale), abs=0.02)
    (device,) = lines(made.svg, ORANGE)
    assert device[0] == pytest.approx(((100 - 65) * scale, 0), abs=0.02)
    assert [one for one in words(made.svg) if one] == ["R", "R", "D 0.50", "D 0.50"], "each with its halo"


def test_sides_differ_by_dashes_and_lightness_and_not_by_colour_alone():
    def lightness(colour):
        return int(colour[1:3], 16) * 0.299 + int(colour[3:5], 16) * 0.587 + int(colour[5:7], 16) * 0.114

    assert len({style.dashes for style in STYLES.values()}) == len(STYLES)
    assert abs(lightness(BLUE) - lightness(ORANGE)) > 60
    assert all(abs(lightness(style.line) - lightness(style.halo)) > 60 for style in STYLES.values())


def test_pixels_that_are_not_square_are_shown_as_wide_and_high_as_they_are():
    made = drawn(scene(rows=100, columns=100, spacing_mm=(2.0, 1.0), is_clean=True))
    ((place, _),) = panels(made.svg)
    assert place[3] == pytest.approx(2 * place[2])


@pytest.mark.parametrize(("spacing", "expected"), [(0.1, 2.0), (0.5, 10.0), (1.0, 20.0), (0.0123, 0.2), (20.0, 200.0)])
def test_the_scale_bar_is_as_long_as_it_says(spacing, expected):
    made = drawn(scene(rows=100, columns=60, spacing_mm=(spacing, spacing), is_clean=True))
    ((place, _),) = panels(made.svg)
    if expected < 1:
        assert made.bar_mm is None
        assert "bar" not in made.signs
        return
    assert made.bar_mm == expected
    assert f"{expected:g} mm" in words(made.svg)
    bar = next(path for path in re.findall(r'd="([^"]*)"', made.svg) if "v2m0-1h" in path)
    long = float(re.search(r"h([\d.]+)", bar)[1])
    assert long == pytest.approx(expected / spacing / 60 * place[2], abs=0.02)


def test_without_a_spacing_there_is_no_scale_bar():
    made = drawn(scene(is_clean=True))
    assert made.bar_mm is None
    assert not any("mm" in one for one in words(made.svg))


@pytest.mark.parametrize("spacing", [(0.0, 0.0), (-1.0, 1.0), (math.nan, 1.0), (1.0, math.inf)])
def test_a_spacing_that_makes_no_sense_draws_no_bar(spacing):
    if not all(math.isfinite(one) and one > 0 for one in spacing):
        made = drawn(scene(rows=60, columns=60, box=(20, 20, 5, 5), spacing_mm=spacing))
        assert made.bar_mm is None


def test_letters_burned_in_along_the_edge_stay_out_of_the_part_and_illegible_in_the_whole():
    plane = np.full((1000, 800), 60, dtype=np.uint8)
    letter = np.tile([255, 255, 60, 60], 10).astype(np.uint8)  # strokes two pixels wide, two apart
    plane[5:45, 5:45] = letter
    unknown = drawn(Scene(plane=plane, grey=AS_IT_IS, box=(100, 100, 30, 30), has_corners=True))
    (_, part), (_, whole) = panels(unknown.svg)
    assert part.max() == 60, "the margin is left out"
    assert max(whole.shape) <= 160
    assert np.ptp(whole[1:6, 1:6].astype(int)) < 40, "no stroke can be told from its neighbour"
    alone = drawn(Scene(plane=plane, grey=AS_IT_IS))
    assert alone.is_reduced
    assert max(panels(alone.svg)[0][1].shape) <= 160


def test_an_error_at_the_edge_is_shown_there():
    plane = np.zeros((1000, 800), dtype=np.uint8)
    plane[0:20, 0:20] = 200
    (_, part), _ = panels(drawn(Scene(plane=plane, grey=AS_IT_IS, box=(0, 0, 20, 20))).svg)
    assert (part[:20, :20] == 200).all()


@pytest.mark.parametrize(("rows", "columns"), [(160, 120), (50, 400), (3, 3), (1, 1), (1, 4000)])
def test_a_small_image_is_reduced_to_a_quarter_too_where_words_may_be_burned_in(rows, columns):
    ((_, whole),) = panels(drawn(scene(rows=rows, columns=columns)).svg)
    assert whole.shape[0] <= max(rows // 4, 1)
    assert whole.shape[1] <= max(columns // 4, 1)


def test_reducing_takes_the_mean_of_each_block():
    plane = np.random.default_rng(0).integers(0, 256, (801, 803)).astype(np.uint8)
    ((_, whole),) = panels(drawn(Scene(plane=plane, grey=AS_IT_IS, is_clean=True)).svg)
    assert whole.shape == (267, 267)
    assert whole[5, 9] == round(plane[15:18, 27:30].mean())


@pytest.mark.parametrize(
    "box",
    [
        (500, 10, 5, 5),
        (-50, -50, 20, 20),
        (math.nan, 0, 5, 5),
        (0, math.inf, 5, 5),
        (1e300, 1e300, 1, 1),
    ],
)
def test_an_error_outside_the_image_is_said_and_the_whole_is_shown(box):
    made = drawn(scene(box=box, has_corners=True, is_clean=True))
    assert made.is_outside
    assert len(panels(made.svg)) == 1
    assert "corners" not in made.signs


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.tuples(*[st.floats(-500, 500) for _ in range(2)], *[st.floats(0, 500) for _ in range(2)]),
    st.booleans(),
    st.sampled_from([None, (1.0, 1.0), (0.1, 3.0)]),
)
def test_whatever_the_image_and_the_error_there_is_a_drawing(rows, columns, box, is_clean, spacing):
    mark = ImageMark(side="device", outlines=(rectangle(*box),), label="D 1")
    made = drawn(
        scene(
            rows=rows, columns=columns, box=box, marks=[mark], has_corners=True, is_clean=is_clean, spacing_mm=spacing
        )
    )
    assert panels(made.svg)
    if not made.is_outside:
        place, part = panels(made.svg)[0]
        assert max(part.shape) <= image_thumb.MAIN_PX
        assert max(place[2:]) == pytest.approx(image_thumb.MAIN_MM, abs=0.02)


def test_only_so_many_marks_of_a_device_are_drawn_and_the_first_ones():
    marks = [ImageMark(side="device", outlines=(rectangle(k % 50, k % 50, 5, 5),), label=f"D {k}") for k in range(40)]
    made = drawn(scene(rows=60, columns=60, marks=marks, is_clean=True))
    assert made.n_left_out == 40 - MARKS_AT_MOST
    assert {one for one in words(made.svg) if one} == {f"D {k}" for k in range(MARKS_AT_MOST)}


def test_marks_elsewhere_are_neither_drawn_nor_counted():
    far = ImageMark(side="device", outlines=(rectangle(500, 500, 5, 5),), label="D 1")
    made = drawn(scene(rows=600, columns=600, marks=[far] * 30, box=(50, 50, 10, 10), is_clean=True))
    assert (made.n_left_out, words(made.svg)) == (0, [])


def test_points_are_crosses_and_circles_round():
    marks = [
        ImageMark(side="reference", point=(30.0, 30.0), label="R"),
        ImageMark(side="ignored", outlines=(circle(20, 20, 5, 5),)),
    ]
    made = drawn(scene(rows=60, columns=60, marks=marks, is_clean=True))
    assert made.signs == ("cross", "ignored", "reference")
    (ring,) = (one for one in lines(made.svg, STYLES["ignored"].line) if len(one) == 48)
    middle, scale = (20 / 60 * 84, 20 / 60 * 84), 84 / 60
    assert all(math.dist(middle, one) == pytest.approx(5 * scale, abs=0.03) for one in ring)


def test_colours_stay():
    plane = np.zeros((40, 40, 3), dtype=np.uint8)
    plane[..., 0] = 200
    ((_, part),) = panels(drawn(Scene(plane=plane, grey=AS_IT_IS, is_clean=True)).svg)
    assert part[3, 3].tolist() == [200, 0, 0]
