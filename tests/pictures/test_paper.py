"""ECG paper: millimetres are millimetres, nothing of the signal is lost or invented, nothing foreign becomes markup."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.pictures import paper
from dmn_bench.pictures.png import png_uri

from .reading import parsed, traces, words

LANE = (0.0, 60.0)


def drawn(millivolts, hertz=250.0, x=0.0, zero=30.0, limits=LANE):
    ground = paper.Ground(x=x, zero=zero, lane=limits, paper=limits)
    trace = paper.trace(np.asarray(millivolts, dtype=float), hertz, ground)
    return paper.drawing(100, 60, [trace], title="t", description="d")


def test_a_second_is_25_mm_and_a_millivolt_10_mm():
    step = np.r_[np.zeros(250), np.ones(251)]
    ((line,),) = traces(drawn(step))
    assert line[0] == (0.0, 30.0)
    assert line[-1] == pytest.approx((50.0, 20.0))


def test_a_drawing_states_its_size_in_millimetres():
    root = parsed(drawn([0, 0]))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("100mm", "60mm", "0 0 100 60")


def test_the_grid_has_a_line_each_millimetre_and_a_stronger_one_each_five():
    svg = paper.drawing(20, 10, [paper.grid(0, 0, 20, 10)], title="t", description="d")
    fine, coarse = (one.get("d") for one in parsed(svg).iter("{http://www.w3.org/2000/svg}path"))
    assert fine.count("v10") == 21
    assert fine.count("h20") == 11
    assert coarse.count("v10") == 5
    assert coarse.count("h20") == 3


def test_the_calibration_pulse_is_a_millivolt_for_a_fifth_of_a_second():
    assert "v-10h5v10" in paper.pulse(1, 40)


def test_missing_samples_are_a_gap_and_not_a_line():
    signal = np.zeros(100)
    signal[40:60] = np.nan
    ((before, after),) = traces(drawn(signal))
    assert before[-1][0] == pytest.approx(39 / 10, abs=0.01)
    assert after[0][0] == pytest.approx(60 / 10, abs=0.01)


def test_a_single_sample_between_gaps_is_a_point():
    ((line,),) = traces(drawn([np.nan, 0.5, np.nan]))
    assert line == [(0.1, 25.0), (0.1, 25.0)]


def test_a_recording_without_any_valid_sample_draws_no_line():
    assert traces(drawn([np.nan] * 10)) == [[]]


def test_what_leaves_the_paper_runs_along_its_edge_under_a_triangle():
    svg = drawn([0, 9, 9, 0, -9, 0])
    ((line,),) = traces(svg)
    assert min(y for _, y in line) == 0
    assert max(y for _, y in line) == 60
    assert svg.count("z") == 2


@given(st.integers(0, 2**32 - 1), st.sampled_from([250, 500, 1000, 4000]))
def test_thinning_keeps_every_peak_and_adds_none(seed, hertz):
    signal = np.random.default_rng(seed).normal(size=hertz // 2).round(3)
    ((line,),) = traces(drawn(signal, hertz=float(hertz), limits=(-1000.0, 1000.0)))
    heights = [(30 - y) / 10 for _, y in line]
    assert max(heights) == pytest.approx(signal.max(), abs=0.001)
    assert min(heights) == pytest.approx(signal.min(), abs=0.001)
    assert len(line) <= 2 * (hertz // 2 / hertz * 250 + 2)
    assert all(any(abs(height - value) < 0.0011 for value in signal) for height in heights)
    assert [x for x, _ in line] == sorted(x for x, _ in line)


@pytest.mark.parametrize("text", ["</svg><script>alert(1)</script>", 'a" onload="x', "&amp;", "<b>", "'"])
def test_words_stay_words(text):
    svg = paper.drawing(10, 10, [paper.text(0, 0, text)], title=text, description=text)
    assert words(svg) == [paper.harmless(text)]
    assert paper.is_drawing(svg)


def test_signs_that_turn_the_reading_direction_or_cannot_be_seen_are_replaced():
    assert paper.harmless("a\u202eb\x00c\u200bd") == "a�b�c�d"


@pytest.mark.parametrize(
    "svg",
    [
        "<svg><script>alert(1)</script></svg>",
        '<svg onload="alert(1)"></svg>',
        '<svg class="x"><a href="javascript:alert(1)"><text x="0">x</text></a></svg>',
        '<svg class="x"><image href="http://example.org/x.png"/></svg>',
        '<svg class="x"><foreignObject><body/></foreignObject></svg>',
        '<svg class="x"><style>*{display:none}</style></svg>',
        '<svg class="x"><text style="x">a</text></svg>',
        '<svg class="x"><!-- a --></svg>',
        '<svg class="x"></svg><p>more</p></svg>',
        "<svg class='x'></svg>",
        "text",
        "",
    ],
)
def test_only_lines_shapes_and_words_count_as_a_drawing(svg):
    assert not paper.is_drawing(svg)


def test_title_and_description_are_replaced_and_read_back():
    svg = paper.with_words(drawn([0, 0]), title="Fälle <1>", description="I & II")
    assert paper.description_of(svg) == "I & II"
    assert parsed(svg)[0].text == "Fälle <1>"
    assert paper.is_drawing(svg)
    with pytest.raises(ValueError, match="no drawing"):
        paper.with_words("<svg></svg>", title="a", description="b")


def with_image(attributes, tag="image"):
    return f'<svg class="thumbnail"><{tag} x="0" y="0" width="1" height="1" {attributes}/></svg>'


PIXELS = png_uri(np.zeros((2, 2), dtype=np.uint8))


def test_pixels_within_a_drawing_are_taken():
    assert paper.is_drawing(with_image(f'href="{PIXELS}"'))


@pytest.mark.parametrize(
    "svg",
    [
        with_image('href="http://example.org/x.png"'),
        with_image('href="https://example.org/x.png"'),
        with_image('href="//example.org/x.png"'),
        with_image('href="x.png"'),
        with_image('href="file:///etc/passwd"'),
        with_image('href="javascript:alert(1)"'),
        with_image('href="data:image/svg+xml;base64,PHN2Zy8+"'),
        with_image('href="data:image/png;base64,PHN2Zy8+"'),
        with_image('href="data:text/html,x"'),
        with_image(""),
        with_image(f'href="{PIXELS}" href="http://example.org/x.png"'),
        with_image(f'href="http://example.org/x.png" href="{PIXELS}"'),
        with_image(f'href="{PIXELS}" onload="alert(1)"'),
        with_image(f'href="{PIXELS}" style="x"'),
        with_image(f'HREF="{PIXELS}"'),
        with_image(f'xlink:href="{PIXELS}"'),
        with_image(f'src="{PIXELS}"'),
        with_image(f'href="{PIXELS}"', tag="use"),
        with_image(f'href="{PIXELS}"', tag="a"),
        with_image(f'href="{PIXELS}"', tag="rect"),
        with_image(f'href="{PIXELS}"', tag="Image"),
        with_image(f"href='{PIXELS}'"),
    ],
)
def test_an_image_holds_its_own_pixels_or_is_refused(svg):
    assert not paper.is_drawing(svg)
