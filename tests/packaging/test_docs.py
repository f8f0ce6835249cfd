"""What the documentation shows is there, and what it runs, runs."""

import re
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.vocabulary import Judgements, Totals, UnitTable

from .repository import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").rglob("*.md")])
EXTENSION_PAGE = (ROOT / "docs" / "writing-an-extension.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_a_page_names_exists(page):
    named = re.findall(
        r"`((?:docs|src|constraints|changes|tests)/[\w./-]+|[\w-]+\.py)`", page.read_text(encoding="utf-8")
    )
    somewhere = {path.name for folder in ("src", "plugins", "reference_sets") for path in (ROOT / folder).rglob("*.py")}
    somewhere |= {path.name for path in ROOT.glob("*.py")}
    if page.is_relative_to(ROOT / "docs"):
        somewhere |= {"our_metrics.py", "make_wrist.py"}  # made by the reader of the page
        somewhere |= {"product.py", "server.py", "test_package.py"}  # by `plugin new`
    missing = [name for name in named if not (ROOT / name).exists() and Path(name).name not in somewhere]
    assert missing == []


def code(language):
    return re.findall(rf"```{language}\n(.*?)```", EXTENSION_PAGE, re.DOTALL)


@pytest.fixture
def extension(tmp_path):
    """The extension of the tutorial, from the page itself."""
    (tmp_path / "pyproject.toml").write_text(code("toml")[0], encoding="utf-8")
    (tmp_path / "our_metrics.py").write_text(code("python")[0], encoding="utf-8")
    return tmp_path


def test_the_extension_of_the_tutorial_works_as_it_stands(extension):
    catalogue = build_catalogue(extension_folders=[extension])
    catalogue.check_pending()
    ours = catalogue.make("metric", "misses_per_thousand", per=100)
    # by hand: three diseased units, one of them missed, one not counted for lack of a call: 1 of 2
    columns = {"reference": [1, 1, 1, 0], "call": [1, 0, 0, 1], "has_call": [1, 1, 0, 1]}
    judgements = Judgements(
        task="classification",
        units=UnitTable(unit_ids=(), patients=np.array([], dtype=np.int64), statuses=(), references=(), reasons=()),
        row_units=np.arange(4),
        columns={name: np.array(values, dtype=float) for name, values in columns.items()},
    )
    sums = {name: np.array([values.sum()]) for name, values in ours.columns(judgements).sums.items()}
    assert ours.value(Totals(sums=sums)).tolist() == [50.0]
    assert np.isnan(ours.value(Totals(sums={name: np.zeros(1) for name in sums}))).all()
