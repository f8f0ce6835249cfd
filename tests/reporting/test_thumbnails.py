"""Errors in images on the page: in both languages, for everybody, without identity, and nothing foreign."""

import re
import shutil

import pytest

from dmn_bench.reporting.figures import LEFT_OUT, FigureText
from dmn_bench.reporting.linter import forbidden_words
from dmn_bench.vocabulary import Language
from dmn_bench.wordings import words

from .page import read_page
from .records import A, B, a_record
from .shelf import rendered
from .thumbs import drawn, pictures, texts

LANGUAGES: tuple[Language, ...] = ("en", "fr")
REASONS = ("image_unreadable", "image_burned_in", "no_image", "image_size")


def page(language="en", figures=None, left_out=None, **changes):
    """The whole page of a record with one picture of an image; ``changes``: those of ``thumbs.pictures``."""
    record = a_record(figures=[*pictures(A, **changes), *pictures(B)], figures_left_out=left_out or {})
    return rendered(record, A, language, texts(record) if figures is None else figures)


def section(html):
    return re.search(r'<section class="section" data-section="thumbnails">.*?</section>', html, re.DOTALL)[0]


def lines(html):
    return read_page(f"<main>{section(html)}</main>").lines


def test_a_picture_stands_on_the_page_with_its_words():
    english, french = section(page()), section(page("fr"))
    assert english.count('class="thumbnail"') == french.count('class="thumbnail"') == 1
    assert "<title>Case c007, lesion L1: missed lesion</title>" in english
    assert "<title>Cas c007, lésion L1\N{NARROW NO-BREAK SPACE}: lésion manquée</title>" in french
    assert re.search(r"<desc>An image with the marks of the reference and of the device\. .*Slice or frame 41", english)


def test_a_caption_says_which_image_how_large_by_which_window_and_at_which_scale():
    said = "\n".join(lines(page()))
    assert "Reference positive; called negative. Image 2 of the case. Slice or frame 41." in said
    assert "The lesion is 12.0 × 8.0 mm wide and high (30 × 20 pixels)." in said
    assert "Shown in a lung window: −1,350\N{NO-BREAK SPACE}HU black, 150\N{NO-BREAK SPACE}HU white." in said
    assert "Scale at the detector (ImagerPixelSpacing): what lies in the patient is smaller." in said
    assert "1 further mark of the device in this part of the image is not drawn." in said


@pytest.mark.parametrize(
    ("view", "said", "unsaid"),
    [
        ({"is_outside": True}, "lies outside the image", "pixels)"),
        ({"is_reduced": True}, "can hardly be read", "lies outside"),
        ({"is_one_place": False}, "Reference positive", "The lesion is"),
        ({"spacing_mm": None, "bar_mm": None}, "The lesion is 30 × 20 pixels wide", "Scale at"),
        ({"box": [1, 2, 0, 0]}, "Reference positive", "The lesion is"),
        ({"window": "as_stored", "low": None, "high": None}, "Shown as stored.", "window"),
        ({"window": "spread", "low": 0.25, "high": 1234.5, "unit": ""}, "0.25 is black and 1,235 white", "HU"),
        ({"window": "file", "low": 0, "high": 4096, "unit": ""}, "window of the file: 0 black, 4,096 white", "HU"),
        ({"image": 1, "frame": None}, "Reference positive", "Slice"),
        ({"n_left_out": 0}, "Reference positive", "further mark"),
    ],
)
def test_a_caption_says_what_holds_and_nothing_else(view, said, unsaid):
    found = "\n".join(lines(page(view=view)))
    assert said in found
    assert unsaid not in found.partition("Endpoint “lesion”")[2]


@pytest.mark.parametrize(
    ("why", "value", "said"),
    [
        ("no_mark", None, "Aucune marque du dispositif ne la touche."),
        ("below_the_point", 0.45, "Une marque s’y trouve, de score 0,45, sous le point de fonctionnement."),
        ("misplaced", 0.2128, "se recouvrent de 0,21 (IoU)."),
        ("counts_for_another", 0.3, "compte pour une autre lésion"),
    ],
)
def test_a_missed_lesion_says_why(why, value, said):
    found = "\n".join(lines(page("fr", error={"why": why, "why_value": value})))
    assert said in found
    assert "La lésion mesure 12,0 × 8,0 mm" in found
    hostile = "\n".join(lines(page("fr", error={"why": f"{why}{{x}}", "why_value": value})))
    assert said not in hostile


def test_a_false_mark_is_called_a_mark():
    found = "\n".join(lines(page(error={"kind": "false_positive_mark", "why": "misplaced", "why_value": 0.25})))
    assert (
        "A lesion touches it, which it does not hit by the rule of the protocol; their boxes overlap by 0.25" in found
    )
    assert "The mark is 12.0 × 8.0 mm wide and high" in found


def test_scores_in_a_french_picture_have_a_decimal_comma():
    assert ">D 0.83<" in section(page())
    assert ">D 0,83<" in section(page("fr"))
    assert ">D 0.83<" not in section(page("fr"))


@pytest.mark.parametrize(("answer", "way"), [("3", "trop haut"), ("0", "trop bas")])
def test_grades_too_high_and_too_low_have_headings_of_their_own(answer, way):
    graded = {"kind": "grade_off_by_2", "about": "", "reference": "1", "answer": answer}
    assert f"Écart de 2 grades, {way}" in "\n".join(lines(page("fr", error=graded)))


def test_grades_and_structures_have_captions_of_their_own():
    graded = {"kind": "grade_off_by_2", "about": "", "reference": "3", "answer": "1"}
    assert "Reference: 3; device: 1." in "\n".join(lines(page(error=graded)))
    structure = {"kind": "poor_overlap", "about": "heart", "reference": "", "answer": "0.613"}
    found = "\n".join(lines(page(error=structure)))
    assert "Case c007, heart: least overlap" in found
    assert "Dice coefficient 0.613 in the whole case" in found
    assert "Dice" not in "\n".join(lines(page(error={**structure, "answer": "x" * 400})))


def test_the_section_says_that_it_shows_patients_and_by_which_rule():
    said = "\n".join(lines(page()))
    assert "These pictures show patients." in said
    assert "--without-pictures" in said
    assert "at most 3 pictures, the worst first" in said
    assert "seed 20261121" in said


def test_the_legend_explains_what_is_drawn_and_nothing_else():
    said = "\n".join(lines(page()))
    assert "solid line, R (blue) | reference" in said
    assert "dashed line, D (orange) | device" in said
    assert "dotted line" not in said
    assert "Marks in the pictures" not in "\n".join(lines(page(view={"signs": []})))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_pictures_that_were_not_drawn_are_counted(language, reason):
    record = a_record(figures=[], figures_left_out={f"{A}/{reason}": 3})
    said = "\n".join(lines(rendered(record, A, language, {})))
    assert "3 " in said
    assert 'class="section" data-section="strips"' not in rendered(record, A, language, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FigureText(state="missing"), "1 picture of the record is not in the folder of the run"),
        (FigureText(state="altered"), "1 picture is not shown: the file is not the one that the record states"),
        (LEFT_OUT, "1 picture was left out of this report on request"),
    ],
)
def test_pictures_that_are_not_shown_are_counted(text, said):
    record = a_record(figures=pictures(A), figures_left_out={})
    html = rendered(record, A, "en", dict.fromkeys(texts(record), text))
    assert "data:image" not in html
    assert said in "\n".join(lines(html))


def test_without_pictures_there_is_no_section():
    html = rendered(a_record(figures=[], figures_left_out={}), A, "en", {})
    assert 'class="section" data-section="thumbnails"' not in html


def test_no_report_holds_a_picture_of_another_candidate():
    assert page().count('class="thumbnail"') == 1


@pytest.mark.parametrize("text", ["</svg><script>alert(1)</script>", "a\u202eb", '"><img src=x>', "{0}", "x" * 5000])
def test_hostile_names_stay_text(text):
    found = page(error={"case_id": text, "about": text, "kind": text, "reference": text, "answer": text})
    assert "<script" not in found
    assert "<img" not in found
    assert "\u202e" not in section(found)
    assert section(found).count("</svg>") == 1


@pytest.mark.parametrize("text", ["</p><script>alert(1)</script>", "nowhere", "{low}"])
def test_hostile_views_stay_text(text):
    found = page(view={"window": text, "spacing_source": text, "unit": text, "low": None, "signs": [text]})
    assert "<script" not in found
    assert section(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_said_that_may_not_be_said_of_a_device(language):
    said = "\n".join(words("report_pictures", language).values())
    assert forbidden_words(said, language) == []


# ------------------------------------------------------------------------------------------------------- a browser


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no browser here: chromium is not installed")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.mark.parametrize("width", [390, 1200])
def test_a_browser_shows_the_pixels_and_nothing_sticks_out(browser, tmp_path, width):
    path = tmp_path / "report.html"
    path.write_text(page("fr"), encoding="utf-8")
    shown = browser.new_page(viewport={"width": width, "height": 900})
    complaints = []
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.goto(path.as_uri())
    sizes = shown.evaluate(
        "Promise.all([...document.querySelectorAll('svg.thumbnail image')].map(async one => {"
        " const picture = new Image(); picture.src = one.getAttribute('href'); await picture.decode();"
        " const box = one.getBoundingClientRect();"
        " return [picture.naturalWidth, picture.naturalHeight, box.left, box.right]; }))"
    )
    assert complaints == []
    assert [one[:2] for one in sizes] == [[90, 90], [130, 150]]
    assert all(0 <= left < right <= width for _, _, left, right in sizes)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.close()


def test_reference_and_device_stay_apart_in_grey():
    svg = drawn()
    assert svg.count("stroke-dasharray") == 1
    assert re.search(r'stroke="#E69F00"[^>]*stroke-dasharray', svg)
    assert not re.search(r'stroke="#0072B2"[^>]*stroke-dasharray', svg)
