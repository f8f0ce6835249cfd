"""The pages name every key, option, task, metric and method that the code has, and state the figures of the run."""

import dataclasses
import json
import re
import sys

import pytest
from pydantic import BaseModel

from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.adapters.onnx_description import Boxes, ImageInput, Masks, Output, SignalInput
from dmn_bench.adapters.prediction_ids import ID_KINDS
from dmn_bench.adapters.prediction_layout import BOX_COLUMNS, COLUMNS
from dmn_bench.catalogue import build_catalogue, manifests
from dmn_bench.inputs.dicom_pixels import DECODERS
from dmn_bench.protocol import CandidateEntry, Endpoint, Execution, MinimumN, Protocol, Purpose, Rule, Statistics
from dmn_bench.reference_set import Card, card
from dmn_bench.reference_set.rows import SHAPES
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.tasks.scales import SCALES
from dmn_bench.vocabulary import STATUSES, Origin
from dmn_bench.wordings.en.report import WORDS

from .pages import ROOT, blocks

OF_THE_CARD = {"local_prevalence", "prevalence_if_enriched"}  # options that the harness fills in


def words_in_code(page):
    """Every word that stands between backticks or in a fenced block of a page."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return set(re.findall(r"[\w-]+", " ".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL))))


def fields(*classes):
    return {
        name
        for cls in classes
        for name in (cls.model_fields if issubclass(cls, BaseModel) else [f.name for f in dataclasses.fields(cls)])
    }


def parts(kind):
    catalogue = build_catalogue()
    found = {name: catalogue.part(kind, name).cls for name in catalogue.names(kind)}
    return {name: cls for name, cls in found.items() if cls.__module__.startswith("dmn_bench.")}


def options_of(kind):
    return fields(*(cls for cls in parts(kind).values() if dataclasses.is_dataclass(cls)))


def test_the_readme_lists_every_page_once():
    links = re.findall(
        r"\(docs/([\w-]+\.md)\)", (ROOT / "README.md").read_text(encoding="utf-8").split("| to | read |")[1]
    )
    table = [name for name in links if name != "security.md"]
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert sorted(table) == sorted(pages - {"security.md"})
    assert "security.md" in links


def test_the_answer_that_the_vendors_kit_shows_can_be_read_and_holds_every_kind_of_content():
    (shown,) = (block for block in blocks(ROOT / "docs" / "vendor-kit.md") if '"episodes"' in block.text)
    content = json.loads(shown.text)
    answer = read_answer(content, "c1", Origin(case_id="c1", images={}, sop_instance_uids={}))
    assert answer.status == "answered", answer.reason
    for name in content.keys() - {"status"}:
        assert getattr(answer, name), name


def test_every_key_and_part_of_a_protocol_is_documented():
    models = (Protocol, Purpose, CandidateEntry, Endpoint, Statistics, MinimumN, Rule, Execution, HitRule)
    keys = fields(*models) | options_of("task") | (options_of("metric") - OF_THE_CARD) | set(SCALES)
    assert (keys | set(parts("task")) | set(parts("metric")) | set(STATUSES)) - words_in_code("protocols") == set()


def test_every_key_of_a_candidate_is_documented():
    models = (*(vars(manifests)[name] for name in ("CandidateFile", "Device", "Identity", "IntendedUse")),)
    models = (*models, manifests.Claim, manifests.TrainingData, manifests.Needs, manifests.Point)
    adapters = options_of("adapter") | fields(ImageInput, SignalInput, Output, Boxes, Masks)
    columns = {*COLUMNS, *ID_KINDS, *(name for names in BOX_COLUMNS.values() for name in names)}
    known = words_in_code("candidates") | {"training_data"}
    assert (fields(*models) | adapters | set(parts("adapter")) | columns | set(STATUSES)) - known == set()


def test_every_key_and_column_of_a_set_is_documented():
    models = (Card, card.Finding, card.LocalPrevalence, card.ReferenceStandard, card.Stratum, card.DataProtection)
    columns = {name for shape in SHAPES.values() for name in (*shape.required, *shape.optional)}
    keys = fields(*models, card.ReidentificationReview) | columns
    assert keys - words_in_code("reference-sets") == set()


def test_the_table_of_decoders_is_that_of_the_code():
    text = (ROOT / "docs" / "reference-sets.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:5] for line in text.splitlines() if line.startswith("| `1.2.840")]
    documented = {}
    for syntaxes, what, decoder, extra in rows:
        first, *others = re.findall(r"`([\d.]+)`", syntaxes)
        root = {"1.2.840.10008.1.2": "1.2.840.10008"}.get(first, first.rpartition(".4.")[0])
        for syntax in (first, *(root + other for other in others)):
            if "8 bits stored" not in what:
                documented[syntax] = (decoder.strip().split(",")[0], extra.strip(" `–"))
    assert documented == {syntax: (planned.package, planned.extra) for syntax, planned in DECODERS.items()} | {
        syntax: (planned.package, "codecs") for syntax, planned in DECODERS.items() if "openjpeg" in planned.package
    }


def test_every_metric_and_every_method_of_an_interval_is_explained():
    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    families = re.findall(r"`(\w+_)…`", text)
    known = words_in_code("statistics")
    assert [name for name in parts("metric") if name not in known and not name.startswith(tuple(families))] == []
    for method in (
        "wilson",
        "rao-scott-wilson-t",
        "clopper-pearson",
        "korn-graubard",
        "delong-logit",
        "disjoint-pairs",
    ):
        assert method in known
        assert f"report.method.{method}" in WORDS


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")
def test_the_tutorial_states_the_figures_of_its_run(after_tutorial):
    record = json.loads((after_tutorial / "runs" / "first" / "record.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    stated = dict(
        re.findall(r"^\| (intention to diagnose|evaluable results only|as used) \|.*\| (\d+/\d+) \|$", text, re.M)
    )
    found = {
        row["analysis"]: f"{row['numerator']:.0f}/{row['denominator']:.0f}"
        for row in record["results"]["estimates"]
        if (row["candidate"], row["metric"], row["stratum"]) == ("vendor-a", "sensitivity", None)
    }
    names = ("intention_to_diagnose", "evaluable", "as_used")
    assert list(stated.values()) == [found[name] for name in names]
