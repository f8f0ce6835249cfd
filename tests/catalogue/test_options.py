import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.catalogue import options
from dmn_bench.catalogue.options import notation
from dmn_bench.errors import ExtensionError, Problem, ProtocolError
from dmn_bench.hookspecs import PART_KINDS
from dmn_bench.wordings import LANGUAGES, say_problem, words

FACTS = {"kind": "metric", "name": "hits", "provider": "our-metrics"}


class Side(enum.Enum):
    LEFT = "L"
    RIGHT = "R"


@dataclass(frozen=True, kw_only=True)
class Within:
    distance_mm: float


@dataclass(frozen=True, kw_only=True)
class Hits:
    name: ClassVar[str] = "hits"
    score_at_least: float
    leads: tuple[str, ...] = ()
    rule: Within | None = None
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    combine: Literal["any", "worst"] = "any"
    path: Path | None = None
    size: tuple[int, int] = (1, 1)
    side: Side = Side.LEFT
    rates: list[float | str] = field(default_factory=list)
    fast: bool = False

    def __post_init__(self):
        if self.score_at_least < 0:
            raise ValueError("score_at_least must be 0 or more")


def keys_of(**given_options):
    with pytest.raises(options.OptionError) as caught:
        options.build(Hits, given_options, where="p.yaml:3:1", facts=FACTS)
    for problem in caught.value.problems:
        assert problem.where == "p.yaml:3:1"
        for language in LANGUAGES:
            assert say_problem(problem, language)
    return [(problem.key.partition(".")[2], problem.facts.get("option")) for problem in caught.value.problems]


def test_options_of_every_kind_reach_the_fields_in_their_own_types():
    made = options.build(
        Hits,
        {
            "score_at_least": 1,
            "leads": ["I", "II"],
            "rule": {"distance_mm": 5},
            "labels": {"positive": ["1"]},
            "combine": "worst",
            "path": "b.csv",
            "size": [224, 512],
            "side": "R",
            "rates": [1, "low"],
            "fast": True,
        },
        facts=FACTS,
    )
    assert made == Hits(
        score_at_least=1.0,
        leads=("I", "II"),
        rule=Within(distance_mm=5.0),
        labels={"positive": ("1",)},
        combine="worst",
        path=Path("b.csv"),
        size=(224, 512),
        side=Side.RIGHT,
        rates=[1.0, "low"],
        fast=True,
    )
    assert isinstance(made.score_at_least, float)


def test_an_unknown_option_is_answered_with_the_nearest_known_one():
    with pytest.raises(options.OptionError) as caught:
        options.build(Hits, {"score_at_least": 1, "combin": "any"}, facts=FACTS)
    (problem,) = caught.value.problems
    assert problem.key == "catalogue.unknown_option_nearest"
    assert (problem.facts["nearest"], problem.facts["provider"]) == ("combine", "our-metrics")


def test_an_unknown_option_inside_an_option_is_named_by_its_path():
    assert keys_of(score_at_least=1, rule={"distance": 5}) == [
        ("unknown_option_nearest", "rule.distance"),
        ("missing_option", "rule.distance_mm"),
    ]


def test_every_problem_is_found_at_once():
    assert keys_of(leads="I, II", size=[1, 2, 3], combine="best", fast="yes", path=3) == [
        ("missing_option", "score_at_least"),
        ("option_type", "leads"),
        ("option_type", "combine"),
        ("option_type", "path"),
        ("option_type", "size"),
        ("option_type", "fast"),
    ]


@pytest.mark.parametrize("value", [True, "0.5", float("nan"), float("inf"), None, [1], {"a": 1}])
def test_only_a_finite_number_is_a_number(value):
    assert keys_of(score_at_least=value) == [("option_type", "score_at_least")]


@pytest.mark.parametrize("value", [1, "text", ["1", 1]])
def test_a_number_is_no_text_and_a_text_no_list(value):
    assert {key for key, _ in keys_of(score_at_least=1, labels={"positive": value})} == {"option_type"}


def test_a_value_that_the_part_refuses_is_a_problem_with_its_reason():
    with pytest.raises(options.OptionError) as caught:
        options.build(Hits, {"score_at_least": -1}, facts=FACTS)
    assert caught.value.problems[0].key == "catalogue.option_value"
    assert caught.value.problems[0].facts["reason"] == "score_at_least must be 0 or more"


def test_a_part_may_word_its_own_refusals():
    own = Problem(key="tasks.own")

    @dataclass(frozen=True)
    class Strict:
        def __post_init__(self):
            raise ProtocolError(own)

    with pytest.raises(options.OptionError) as caught:
        options.build(Strict, {}, facts=FACTS)
    assert caught.value.problems == (own,)


def test_a_class_without_fields_takes_no_options():
    class Plain:
        pass

    assert isinstance(options.build(Plain, {}, facts=FACTS), Plain)
    with pytest.raises(options.OptionError) as caught:
        options.build(Plain, {"tolerance_ms": 150}, facts=FACTS)
    assert caught.value.problems[0].key == "catalogue.unknown_option"


def test_a_type_that_cannot_be_resolved_is_the_authors_to_repair():
    @dataclass(frozen=True)
    class Vague:
        box: "NowhereToBeFound" = None  # noqa: F821 - that is the point

    with pytest.raises(ExtensionError) as caught:
        options.build(Vague, {}, facts=FACTS)
    assert caught.value.problems[0].key == "catalogue.unresolved_type"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists, max_leaves=5))
def test_any_value_is_either_taken_or_refused_with_a_problem(value):
    for name in ("score_at_least", "leads", "rule", "labels", "combine", "path", "size", "side", "rates", "fast"):
        refused: tuple[Problem, ...] = ()
        made = None
        try:
            made = options.build(Hits, {"score_at_least": 1.0, name: value}, facts=FACTS)
        except options.OptionError as error:
            refused = error.problems
        assert isinstance(made, Hits) != bool(refused)


@dataclass(frozen=True, kw_only=True)
class Point:
    x: float
    y: float


@pytest.mark.parametrize(
    ("annotation", "english", "french"),
    [
        (str, "text", "du texte"),
        (int | None, "a whole number or null (left open)", "un nombre entier ou null (laissé ouvert)"),
        (bool, "true or false", "true (oui) ou false (non)"),
        (Literal["any", "worst"], '"any" or "worst"', '"any" ou "worst"'),
        (tuple[str, ...], "a list of text", "une liste (du texte)"),
        (Sequence[Sequence[float]], "a list of a list of a number", "une liste (une liste (un nombre))"),
        (Mapping[str, tuple[int, ...]], "a mapping (text → a list of a whole number)", None),
        (Point | None, "a mapping with x, y or null (left open)", None),
        (Path, "a path", "un chemin"),
    ],
)
def test_what_an_option_takes_is_said_in_words(annotation, english, french):
    facts = {"kind": "adapter", "name": "mask-files", "provider": "dmn-bench", "option": "folder"}
    problem = Problem(key="catalogue.missing_option", facts={**facts, "expected": notation(annotation)})
    said = {language: say_problem(problem, language) for language in ("en", "fr")}
    assert (
        said["en"]
        == f"the adapter “mask-files” (dmn-bench) needs the option “folder”. Add it, with this value: {english}."
    )
    assert said["fr"].startswith("« mask-files » (adaptateur de dmn-bench) a besoin de l’option « folder ».")
    assert french is None or said["fr"].endswith(f" {french}.")
    assert "@" not in said["en"] + said["fr"]


def test_every_kind_of_part_has_a_name_in_every_language():
    for language in ("en", "fr"):
        assert {f"catalogue.kind.{kind}" for kind in PART_KINDS} <= words("catalogue", language).keys()
