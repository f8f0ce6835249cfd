"""The report opened in a real browser: nothing fetched, nothing complained of, nothing beyond the edge."""

import re
import shutil
from itertools import pairwise

import pytest

from dmn_bench.pictures.ecg_strip import STRIP_SECONDS
from dmn_bench.pictures.paper import MM_PER_SECOND, PULSE_MM

from .records import A, a_record
from .shelf import rendered

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is installed")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [390, 1200])
def test_a_browser_shows_the_report_without_complaint(browser, tmp_path, language, width):
    path = tmp_path / "report.html"
    path.write_text(rendered(a_record(), A, language), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints, fetched = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_load_state("networkidle")
    assert complaints == []
    assert [url for url in fetched if not url.startswith(("data:", path.as_uri()))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "650", "the style applies"
    page.close()


def test_the_report_prints_on_paper_without_cutting_tables_or_drawings(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(rendered(a_record(), A, "fr"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 690, "height": 1000})  # A4 less its margins, in CSS pixels
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    wide = page.evaluate(
        "[...document.querySelectorAll('table, svg:not(.to-scale)')]"
        ".filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
        ".map(one => one.tagName + ' ' + one.textContent.slice(0, 60))"
    )
    assert wide == []
    page.close()


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("width", [390, 1200])
def test_ecg_paper_is_to_scale_on_screen_and_on_paper(browser, tmp_path, media, width):
    path = tmp_path / "report.html"
    path.write_text(rendered(a_record(), A, "en"), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(media=media)
    page.goto(path.as_uri())
    scales = page.evaluate(
        "[...document.querySelectorAll('svg.to-scale')].map(one => { const box = one.getBoundingClientRect();"
        " return [box.width / one.viewBox.baseVal.width, box.height / one.viewBox.baseVal.height]; })"
    )
    page.close()
    assert len(scales) == 2
    millimetre = 96 / 25.4  # CSS pixels
    assert all(abs(one - millimetre) < 0.01 for scale in scales for one in scale)


def test_a_page_of_ecg_paper_lies_across_and_is_wide_enough_for_ten_seconds(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(rendered(a_record(), A, "en"), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    printed = page.pdf(prefer_css_page_size=True).decode("latin-1")
    page.close()
    found = re.findall(r"/MediaBox \[([^\]]*)\]", printed)
    assert {tuple(round(float(n)) for n in one.split()) for one in found} == {(0, 0, 595, 842), (0, 0, 842, 595)}
    margins_mm = 2 * 14
    assert 297 - margins_mm >= 1 + PULSE_MM + STRIP_SECONDS * MM_PER_SECOND + 1
