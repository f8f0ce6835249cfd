"""Strips and sheets: marks stand where their beats are, shapes tell classes apart, and no recording is too odd."""

import re

import numpy as np
import pytest

from dmn_bench.pictures import ecg_marks, paper
from dmn_bench.pictures.ecg_marks import StripMark, StripSpan, rhythm_label
from dmn_bench.pictures.ecg_strip import BEGIN, SHEET, Side, Strip, is_sheet, sheet_svg, strip_svg

from ..reporting.strips import beating, marks
from .reading import parsed, traces, words

TWELVE = tuple(name for row in SHEET for name in row)


def strip(**more):
    facts = {"leads": ("MLII",), "millivolts": beating(10), "sampling_hz": 100.0}
    return strip_svg(Strip(**{**facts, **more}), title="t", description="d")


def frames(svg):
    return [one for one in parsed(svg) if one.tag.endswith("rect") and one.get("stroke-width") == "0.4"]


def rings(svg):
    return [float(one.get("cx")) for one in parsed(svg) if one.tag.endswith("circle") and one.get("stroke-dasharray")]


def test_a_mark_stands_at_the_time_of_its_beat():
    svg = strip(start_s=60.0, reference=marks((62.0, "N")), device=marks((64.0, "V")))
    found = {one.text: float(one.get("x")) for one in parsed(svg) if one.tag.endswith("text") and one.text in "NV"}
    assert found == {"N": BEGIN + 50, "V": BEGIN + 100}


def test_the_peak_of_a_beat_is_drawn_where_its_mark_is():
    ((line,),) = traces(strip())
    x, y = min(line, key=lambda point: point[1])
    assert (x - BEGIN) % 25 == pytest.approx(12.5)
    assert line[0][1] - y == pytest.approx(10.0, abs=0.01)


def test_marks_outside_the_strip_are_left_out():
    svg = strip(start_s=60.0, reference=marks((59.9, "N"), (70.0, "V"), (65.0, "F")))
    assert [word for word in words(svg) if word in "NVF"] == ["F"]


def test_reference_marks_stand_above_the_paper_and_device_marks_below():
    svg = strip(reference=marks((5.0, "N")), device=marks((5.0, "V")))
    heights = {one.text: float(one.get("y")) for one in parsed(svg) if one.tag.endswith("text")}
    assert heights["R"] < heights["MLII"] < heights["D"] < heights["0:02"]


def test_a_missed_beat_has_its_mark_in_a_frame_and_an_empty_ring_on_the_other_side():
    svg = strip(reference=marks((5.0, "N"), (6.0, "N")), device=marks((5.0, "N")), moments_s=(6.0,))
    assert len(frames(svg)) == 1
    assert rings(svg) == [BEGIN + 150]


def test_a_misnamed_beat_is_framed_on_both_sides():
    svg = strip(reference=marks((5.0, "V")), device=marks((5.1, "N")), moments_s=(5.0,))
    assert len(frames(svg)) == 2
    assert rings(svg) == []


def test_the_start_of_an_episode_is_a_band_and_frames_no_beat():
    svg = strip(reference=marks((5.0, "N")), device=marks((5.0, "N")), moments_s=(5.1,))
    assert frames(svg) == []
    assert rings(svg) == []
    assert svg.count(ecg_marks.BAND) == 1


def test_every_class_has_a_shape_of_its_own():
    shapes = {re.sub(r'(fill|stroke)="#\w+"', "", ecg_marks._shape(0, 0, name)) for name in "NSVFQ"}
    assert len(shapes) == 5


def test_colours_are_those_that_the_colour_blind_tell_apart():
    assert set(ecg_marks.COLOURS.values()) < {
        "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
    }  # fmt: skip


def test_a_rhythm_is_a_bar_as_long_as_it_lasts_within_the_strip():
    side = Side(spans=[StripSpan(start_s=0.0, end_s=4.0, label="N"), StripSpan(start_s=4.0, end_s=99.0, label="AFIB")])
    svg = strip(reference=side)
    bars = [one for one in parsed(svg) if one.tag.endswith("rect") and one.get("height") == "1.2"]
    assert [float(one.get("x")) for one in bars] == [BEGIN, BEGIN + 100]
    assert {"N", "AFIB", "R"} < set(words(svg))


@pytest.mark.parametrize("note", ["seen by Dr A. Nomtest", "(N born 1950", "", "(", "(DOE", "\u202eN"])
def test_a_note_that_names_no_rhythm_is_never_drawn(note):
    assert rhythm_label(note) is None


@pytest.mark.parametrize("name", ["</svg><script>", "Nomtest\u202e", "x" * 300, "\x00"])
def test_hostile_names_of_leads_and_symbols_stay_words(name):
    side = Side(
        marks=[StripMark(at_s=1.0, symbol=name)], spans=[StripSpan(start_s=0, end_s=9, label=name)], has_beats=True
    )
    svg = strip(leads=(name,), reference=side, device=side)
    assert paper.is_drawing(svg)
    assert "·" in words(svg)
    assert all(len(word) <= 30 for word in words(svg))


def test_time_is_counted_from_the_start_of_the_recording():
    assert {"1:59:58", "2:00:00"} < set(words(strip(start_s=7198.0)))


@pytest.mark.parametrize(
    "millivolts",
    [
        np.full((1000, 1), np.nan),
        np.zeros((1000, 1)),
        np.zeros((1, 1)),
        np.where(np.arange(1000) % 2, 1e6, -1e6)[:, None],
        np.where(np.arange(1000) < 500, np.nan, 0.1)[:, None],
    ],
)
def test_no_recording_is_too_odd_to_be_drawn(millivolts):
    svg = strip(millivolts=millivolts)
    assert paper.is_drawing(svg)
    assert float(parsed(svg).get("height").removesuffix("mm")) < 130
    assert "nan" not in svg


def test_a_strip_of_many_leads_shows_the_usual_three_and_a_sheet_all():
    leads = TWELVE[:7]
    svg = strip(leads=leads, millivolts=beating(10, leads=7))
    assert [word for word in words(svg) if word in leads] == ["I", "V1", "II"]
    assert len(traces(svg)) == 3
    assert not is_sheet(leads)
    assert is_sheet(TWELVE[:8])


def test_a_sheet_has_three_rows_of_four_leads_and_a_rhythm_lead():
    sheet = Strip(leads=TWELVE, millivolts=beating(10, leads=12), sampling_hz=100.0)
    svg = sheet_svg(sheet, title="t", description="d")
    assert [word for word in words(svg) if word in TWELVE] == [*TWELVE, "II"]
    assert len(traces(svg)) == 13
    starts = [lines[0][0][0] - BEGIN for lines in traces(svg)]
    assert starts == pytest.approx([0, 62.5, 125, 187.5] * 3 + [0], abs=0.3)
    ((rhythm,),) = traces(svg)[-1:]
    assert rhythm[-1][0] - rhythm[0][0] == pytest.approx(249.75, abs=0.01)


def test_a_lead_that_the_recording_lacks_keeps_its_place_on_the_sheet():
    leads = tuple(name for name in TWELVE if name != "aVL")
    svg = sheet_svg(Strip(leads=leads, millivolts=beating(3, leads=11), sampling_hz=100.0), title="t", description="d")
    assert "aVL –" in words(svg)
    assert paper.is_drawing(svg)


def test_the_same_strip_is_the_same_text():
    assert strip(device=marks((1.0, "V"))) == strip(device=marks((1.0, "V")))
