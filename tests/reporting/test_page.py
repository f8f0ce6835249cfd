"""The page as an accessible document: language, headings, tables, figures, anchors."""

import re
from itertools import pairwise

import pytest

from .page import read_page
from .records import A, a_record
from .shelf import rendered


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request):
    return request.param, read_page(rendered(a_record(), A, request.param))


def test_the_page_says_its_language(page):
    language, read = page
    assert next(attributes for tag, attributes in read.tags if tag == "html")["lang"] == language


def test_headings_come_in_order_and_never_skip_a_level(page):
    levels = [level for level, _ in page[1].headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_sections_are_numbered_as_in_the_contents(page):
    numbers = [int(re.match(r"(\d+)\.", text)[1]) for level, text in page[1].headings if level == 2]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 23


def test_every_anchor_is_unique_and_every_link_finds_one(page):
    ids = [attributes["id"] for _, attributes in page[1].tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"].removeprefix("#") for tag, attributes in page[1].tags if tag == "a"} <= set(ids)


def test_every_header_cell_has_a_scope(page):
    cells = [attributes for tag, attributes in page[1].tags if tag == "th"]
    assert cells
    assert all(attributes.get("scope") in ("col", "row") for attributes in cells)


def test_every_drawing_has_a_title_and_a_description():
    html = rendered(a_record(), A, "fr")
    drawings = re.findall(r"<svg[^>]*>.*?</svg>", html, flags=re.DOTALL)
    assert len(drawings) == 11
    for one in drawings:
        assert 'role="img"' in one
        assert re.match(r"<svg[^>]*><title>[^<]+</title><desc>[^<]+</desc>", one)


def test_no_cell_is_lost_between_header_and_rows():
    from dmn_bench.reporting import view_for
    from dmn_bench.vocabulary import Grid

    from .shelf import all_sections

    for language in ("en", "fr"):
        for section in all_sections():
            for block in section.blocks(view_for(a_record(), A), A, language):
                if isinstance(block, Grid):
                    assert {len(row) for row in block.rows} <= {len(block.header)}, block.caption
                    assert len(block.numeric) in (0, len(block.header))
                    assert all(index < len(block.rows) for index in block.muted)
