"""What the documentation shows is run, its files are read by the models, and no block goes unmarked."""

import sys

import pytest
from ruamel.yaml import YAML

from dmn_bench.catalogue.manifests import CandidateFile, Device
from dmn_bench.errors import ProtocolError
from dmn_bench.files import validate
from dmn_bench.protocol import Protocol
from dmn_bench.reference_set import Card

from .pages import OUR_PAGES, PAGES, ROOT, blocks

MODELS = {
    "dmn-bench/protocol/1": Protocol,
    "dmn-bench/reference-set/1": Card,
    "dmn-bench/candidate/1": CandidateFile,
    "dmn-bench/device/1": Device,
}
LANGUAGES = ("console", "yaml", "python", "text", "csv", "json", "toml")


def named(page):
    return page.relative_to(ROOT).as_posix()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")
def test_the_tutorial_can_be_followed(after_tutorial):
    reports = {path.name for path in (after_tutorial / "runs" / "first").glob("report.*.html")}
    assert reports == {f"report.vendor-{letter}.{language}.html" for letter in "ab" for language in ("en", "fr")}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.stem not in ("tutorial",) and any(b.mark == "run" for b in blocks(page))],
    ids=named,
)
def test_what_a_page_runs_does_what_it_shows(page, reader):
    reader.follow(page)


@pytest.mark.parametrize("page", OUR_PAGES, ids=named)
def test_every_block_says_what_it_is_and_whether_it_runs(page):
    found = blocks(page)
    assert [block.where for block in found if not block.mark] == []
    assert [block.where for block in found if block.mark == "no-run" and not block.said] == []
    assert [block.where for block in found if block.language not in LANGUAGES] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_yaml_block_is_yaml_and_whole_files_fit_their_model(page, tmp_path):
    for block in blocks(page):
        if block.language != "yaml":
            continue
        parsed = YAML(typ="safe").load(block.text)
        kind = parsed.get("format") if isinstance(parsed, dict) else None
        if kind is None:
            continue
        assert kind in MODELS, f"{block.where}: no file has the format {kind}"
        path = tmp_path / f"{block.line}.yaml"
        path.write_text(block.text, encoding="utf-8")
        validate(MODELS[kind], path, ProtocolError)
