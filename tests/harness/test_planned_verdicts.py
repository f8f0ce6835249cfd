"""Rules that no answer can decide, figures without their limit, and where problems are said to be."""

import csv
import json
import shutil
from functools import cache

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.cli import call
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import prepare
from dmn_bench.reference_set import lock
from dmn_bench.wordings import say_problem

from ..cli.test_protocol_new import a_set, a_set_of_pictures
from ..inputs.factories import an_image, saved
from ..set_factory import worded
from .test_planned_lesions import protocol_in

installed = cache(build_catalogue)
BOTH = {"disc": 2.0, "cup": 2.0}


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """A set of pictures with two structures, and one of recordings with a truth for every task."""
    root = tmp_path_factory.mktemp("sets")
    a_set_of_pictures(root / "pictures")
    a_set(root / "recordings")
    return root


def write(path, folder, endpoint, rules=(), strata=("sex",), adapter=None):
    """A protocol with one endpoint ``e`` and rules on it."""
    (path / "said.csv").write_text("case_id,finding,label\n", encoding="utf-8")
    (path / "masks").mkdir(exist_ok=True)
    written = {
        "format": "dmn-bench/protocol/1",
        "id": "p",
        "reference_set": str(folder),
        "candidates": [{"id": "a", **(adapter or {"adapter": "predictions", "options": {"path": "said.csv"}})}],
        "endpoints": [{"name": "e", "unit": "case", **endpoint}],
        "strata": list(strata),
        "acceptance": [{"id": f"r{n}", "endpoint": "e", **rule} for n, rule in enumerate(rules)],
    }
    file = path / "p.yaml"
    file.write_text(json.dumps(written, indent=1), encoding="utf-8")
    return file


def said(file):
    """The problems of a check, each proved to have its sentence in every language."""
    try:
        prepare(file, catalogue=installed())
    except ProtocolError as error:
        worded(error.problems)
        return error.problems
    return ()


MASKS = {"adapter": "mask-files", "options": {"folder": "masks", "pattern": "{case_id}.{structure}.png"}}


def segmentation(sets, path, metrics, rules=(), strata=("structure", "sex"), **options):
    endpoint = {"task": "segmentation", "distances_in": "px", "metrics": metrics, **options}
    return said(write(path, sets / "pictures", endpoint, rules, strata, MASKS))


@pytest.mark.parametrize(
    ("metrics", "tolerance", "missing"),
    [
        (["dice"], None, None),
        (["nsd"], None, "cup, disc"),
        ([{"name": "acceptable_share", "measure": "nsd", "limit": 0.9}], None, "cup, disc"),
        ([{"name": "acceptable_share", "measure": "dice", "limit": 0.9}], None, None),
        (["nsd", "dice"], {"disc": 1.0}, "cup"),
        (["nsd"], BOTH, None),
        (["nsd"], 1.5, None),
    ],
)
def test_surface_dice_needs_the_tolerance_of_every_structure(tmp_path, sets, metrics, tolerance, missing):
    stated = {} if tolerance is None else {"tolerance_px": tolerance}
    found = segmentation(sets, tmp_path, metrics, **stated)
    assert [(p.key, p.facts["structures"]) for p in found] == (
        [] if missing is None else [("planned.no_tolerance", missing)]
    )


def test_a_structure_that_is_not_asked_needs_none(tmp_path, sets):
    assert segmentation(sets, tmp_path, ["nsd"], structures=["disc"], tolerance_px={"disc": 2.0}) == ()


HD95_RULE = {"metric": "hd95", "at_most": 5, "each_level_of": "structure"}
IN_MM = {"distances_in": "mm", "tolerance_mm": 2.0}


@pytest.mark.parametrize(
    ("metric", "decidable"),
    [
        ("hd95", False),
        ("assd", False),
        ("nsd", False),
        ({"name": "acceptable_share", "measure": "hd95", "limit": 5}, False),
        ({"name": "acceptable_share", "measure": "dice", "limit": 0.5}, True),
        ("dice", True),
        ("volume_error", True),
    ],
)
def test_a_rule_in_mm_needs_an_image_that_says_how_far_its_pixels_are_apart(tmp_path, sets, metric, decidable):
    rule = {"metric": metric, "at_most": 0.9, "each_level_of": "structure"}
    found = segmentation(sets, tmp_path, ["dice"], [rule], **IN_MM)
    assert [problem.key for problem in found] == ([] if decidable else ["planned.rule_without_spacing"])
    if not decidable:
        assert (found[0].facts["n"], found[0].facts["case"]) == (12, "r0")
        assert found[0].where.startswith("p.yaml:")


def test_distances_in_mm_without_a_rule_are_only_not_estimable(tmp_path, sets):
    assert segmentation(sets, tmp_path, ["hd95", "nsd"], **IN_MM) == ()


def test_one_image_that_says_it_is_enough(tmp_path, sets):
    folder = tmp_path / "set"
    shutil.copytree(sets / "pictures", folder)
    saved(an_image(np.zeros((8, 8), dtype=np.uint16), PixelSpacing=[0.5, 0.2]), folder / "r3.dcm")
    (folder / "LOCK.json").unlink()
    cases = (folder / "cases.csv").read_text(encoding="utf-8").replace("r3.png", "r3.dcm")
    (folder / "cases.csv").write_text(cases, encoding="utf-8")
    lock(folder)
    endpoint = {"task": "segmentation", "metrics": ["hd95"], **IN_MM}
    assert said(write(tmp_path, folder, endpoint, [HD95_RULE], ("structure", "sex"), MASKS)) == ()


def test_the_tolerance_that_a_rule_alone_needs_is_asked_for_too(tmp_path, sets):
    rule = {"metric": "nsd", "at_least": 0.9, "each_level_of": "structure"}
    [problem] = segmentation(sets, tmp_path, ["dice"], [rule], tolerance_px={"cup": 1.0})
    assert say_problem(problem, "en").endswith(
        "Add tolerance_px to the endpoint: a number in px for all, or one by structure such as {disc: 2.0}."
    )


@pytest.mark.parametrize(
    ("rule", "structures", "keys"),
    [
        ({"metric": "dice"}, ["cup", "disc"], ["planned.rule_over_structures"]),
        ({"metric": "dice", "each_level_of": "sex"}, ["cup", "disc"], ["planned.rule_over_structures"]),
        ({"metric": "dice", "each_level_of": "structure"}, ["cup", "disc"], []),
        ({"metric": "dice"}, ["cup"], []),
        ({"metric": "failure_rate"}, ["cup", "disc"], []),
        ({"metric": "failure_rate", "each_level_of": "structure"}, ["cup", "disc"], ["planned.rule_of_whole_units"]),
    ],
)
def test_a_rule_over_several_structures_is_on_each_of_them(tmp_path, sets, rule, structures, keys):
    side = "at_most" if rule["metric"] == "failure_rate" else "at_least"
    found = segmentation(sets, tmp_path, ["dice"], [{**rule, side: 0.5}], structures=structures)
    assert [problem.key for problem in found] == keys


def test_a_rule_on_each_level_is_decided_where_one_has_a_structure_of_its_own(tmp_path, sets):
    """Some set delineates one structure in women, another in men."""
    folder = shutil.copytree(sets / "pictures", tmp_path / "pictures")
    with (folder / "cases.csv").open(encoding="utf-8") as file:
        sex = {row["case_id"]: row["sex"] for row in csv.DictReader(file)}
    first, *masks = (folder / "masks.csv").read_text(encoding="utf-8").splitlines()
    place = first.split(",").index("structure")
    kept = [line for line in masks if line.split(",")[place] == {"F": "disc"}.get(sex[line.split(",")[0]], "cup")]
    assert {line.split(",")[place] for line in kept} == {"disc", "cup"}
    (folder / "masks.csv").write_text("\n".join([first, *kept]) + "\n", encoding="utf-8")
    (folder / "LOCK.json").unlink()
    lock(folder)
    rule = {"metric": "dice", "at_least": 0.5, "each_level_of": "sex"}
    endpoint = {"task": "segmentation", "structures": ["cup", "disc"], "metrics": ["dice"], "distances_in": "px"}
    assert said(write(tmp_path, folder, endpoint, [rule], adapter=MASKS)) == ()


@pytest.mark.parametrize(
    ("rule", "keys"),
    [
        ({"metric": "sensitivity"}, ["planned.rule_over_statements"]),
        ({"metric": "sensitivity", "each_level_of": "statement"}, []),
        ({"metric": "macro_sensitivity"}, []),
        ({"metric": "macro_sensitivity", "each_level_of": "sex"}, []),
        ({"metric": "macro_sensitivity", "each_level_of": "statement"}, ["planned.rule_of_one_question"]),
    ],
)
@pytest.mark.parametrize("named", [["af", "rbbb"], []])
def test_a_rule_over_several_statements_is_on_each_or_on_an_average(tmp_path, sets, rule, keys, named):
    endpoint = {"task": "statements", "metrics": ["macro_sensitivity"], **({"statements": named} if named else {})}
    file = write(tmp_path, sets / "recordings", endpoint, [{**rule, "at_least": 0.5}], ["statement", "sex"])
    assert [problem.key for problem in said(file)] == keys


@pytest.mark.parametrize(
    ("metric", "stated", "keys"),
    [
        ("within_tolerance", {}, ["planned.no_limit"]),
        ("within_tolerance", {"tolerance": 20}, []),
        ("within_tolerance", {"tolerance_percent": 5}, []),
        ("critical_error_rate", {"tolerance": 20}, ["planned.no_limit"]),
        ("critical_error_rate", {"critical": 60}, []),
    ],
)
def test_a_share_of_measured_values_needs_its_limit(tmp_path, sets, metric, stated, keys):
    endpoint = {"task": "measurement", "finding": "qt_interval", "unit_of_values": "ms", "metrics": [metric], **stated}
    assert [problem.key for problem in said(write(tmp_path, sets / "recordings", endpoint))] == keys


def test_a_rule_on_a_metric_that_the_set_gives_no_value_of_is_no_rule(tmp_path, sets):
    endpoint = {"task": "classification", "finding": "rbbb", "metrics": ["ppv_local"]}
    file = write(tmp_path, sets / "recordings", endpoint, [{"metric": "ppv_local", "at_least": 0.5}])
    assert [problem.key for problem in said(file)] == ["planned.rule_no_local_prevalence"]
    endpoint = {"task": "classification", "finding": "af", "metrics": ["ppv_local"]}
    assert said(write(tmp_path, sets / "recordings", endpoint, [{"metric": "ppv_local", "at_least": 0.5}])) == ()


def test_false_marks_have_no_level_of_lesions(tmp_path):
    path = protocol_in(tmp_path, cut="size", hit_rule={"iou_at_least": 0.2})
    content = json.loads(path.read_text(encoding="utf-8"))
    content["strata"] = ["size"]
    asked = ["false_positives_per_image", "failure_rate", "lesion_sensitivity"]
    content["acceptance"] = [
        {"id": name, "endpoint": "places", "metric": name, "each_level_of": "size", "at_most": 1} for name in asked
    ]
    path.write_text(json.dumps(content), encoding="utf-8")
    keys = [(problem.key, problem.facts["rule"]) for problem in said(path)]
    assert keys == [("planned.rule_of_no_lesion", asked[0]), ("planned.rule_of_whole_units", asked[1])]


def test_every_mistake_is_listed_at_its_line_and_nothing_follows_from_another(tmp_path, sets):
    metrics = ["dice", {"name": "dice", "summary": "p90"}]
    found = segmentation(sets, tmp_path, metrics, structures=["disc", "cup"], tolerance_px={"Disc": 2.5})
    lines = (tmp_path / "p.yaml").read_text(encoding="utf-8").splitlines()
    assert [(p.key, lines[int(p.where.split(":")[1]) - 1].strip()) for p in found] == [
        ("segmentation.tolerance_of_none", '"tolerance_px": {'),
        ("catalogue.option_type", '"summary": "p90"'),
    ]


def test_a_wrong_finding_does_not_make_its_other_mistakes_unseen(tmp_path, sets):
    endpoint = {"task": "statements", "finding": "nobody", "metrics": [{"name": "sensitivity", "grade": 1}]}
    file = write(tmp_path, sets / "recordings", endpoint, strata=["statement"])
    keys = [problem.key for problem in said(file)]
    assert "protocol.unknown_finding" in keys
    assert not [key for key in keys if key.startswith("protocol.unknown_stratum")]
    assert any(key.startswith("catalogue.unknown_option") for key in keys)


def test_equal_lines_are_printed_once(tmp_path, sets, capsys):
    metric = {"name": "sensitivity", "at_point": [1, 2]}  # a metric at two points is made twice
    endpoint = {"task": "classification", "finding": "af", "metrics": [metric]}
    assert call(["protocol", "check", str(write(tmp_path, sets / "recordings", endpoint))]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "at_point" in line
