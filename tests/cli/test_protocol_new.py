"""`protocol new`: for every task the questions lead to a protocol that passes its check, with comments to read."""

import struct
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.cli import call
from dmn_bench.cli.asking import SUFFIXES
from dmn_bench.cli.candidate_questions import KINDS
from dmn_bench.cli.questions import HIT_RULES, METRICS, RULED
from dmn_bench.harness.foreseeing import Assumptions, foresee
from dmn_bench.wordings import say
from tests.inputs.factories import a_record

CARD = """\
format: dmn-bench/reference-set/1
id: recordings
version: 1.0.0
title: {en: Recordings}
modality: ECG
findings: [{name: af}, {name: rbbb}, {name: grade}, {name: qt_interval, unit: ms}]
sampling: consecutive
local_prevalence: [{finding: af, value: 0.1, source: counted}]
reference_standard: {method: made up, readers: 1, wfdb_annotator: atr}
strata: {sex: {column: sex, levels: [F, M]}}
data_protection: {route: not_applicable}
"""
FINDINGS = {"classification": "af", "grading": "grade", "referral": "grade", "measurement": "qt_interval"}
PICTURES = """\
format: dmn-bench/reference-set/1
id: pictures
version: 1.0.0
title: {en: Pictures}
modality: OP
findings: [{name: disc}]
sampling: consecutive
reference_standard: {method: made up, readers: 1}
strata: {sex: {column: sex, levels: [F, M]}}
data_protection: {route: not_applicable}
"""
OF_BEATS = ("beats", "runs", "episodes", "st_episodes")
N = 12
BEATS = struct.pack("<3H", 1 << 10 | 10, 5 << 10 | 190, 0)  # N at 10, V at 200


def a_set(root):
    """Twelve recordings with a truth for every task, of beats two for each."""
    cases, truth = ["case_id,patient_id,files,sex"], ["case_id,finding,value"]
    for n in range(N):
        a_record(root, (np.arange(720).reshape(360, 2) % (5 + n)).astype("<i2"), name=f"r{n}")
        (root / f"r{n}.atr").write_bytes(BEATS)
        cases.append(f"r{n},p{n},r{n}.hea,{'FM'[n % 2]}")
        said = {"af": "positive" if n % 2 else "negative", "rbbb": "negative", "grade": n % 5, "qt_interval": 400 + n}
        truth += [f"r{n},{finding},{value}" for finding, value in said.items()]
    (root / "cases.csv").write_text("\n".join(cases) + "\n", encoding="utf-8")
    (root / "truth.csv").write_text("\n".join(truth) + "\n", encoding="utf-8")
    (root / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    reference_set.lock(root)


def a_set_of_pictures(root):
    """Twelve pictures with two structures delineated in each."""
    (root / "masks").mkdir(parents=True)
    cases, masks = ["case_id,patient_id,files,sex"], ["case_id,structure,file"]
    for n in range(N):
        Image.fromarray(np.full((8, 8), n, dtype=np.uint8)).save(root / f"r{n}.png")
        cases.append(f"r{n},p{n},r{n}.png,{'FM'[n % 2]}")
        for structure in ("disc", "cup"):
            inside = np.zeros((8, 8), dtype=np.uint8)
            inside[2:5, 2 : 3 + n % 4] = 255
            Image.fromarray(inside).save(root / "masks" / f"r{n}.{structure}.png")
            masks.append(f"r{n},{structure},masks/r{n}.{structure}.png")
    (root / "cases.csv").write_text("\n".join(cases) + "\n", encoding="utf-8")
    (root / "masks.csv").write_text("\n".join(masks) + "\n", encoding="utf-8")
    (root / "reference_set.yaml").write_text(PICTURES, encoding="utf-8")
    reference_set.lock(root)


def answered(folder, monkeypatch, *, language, **said):
    """The protocol that these answers lead to; what is not said is left as the question proposes it."""
    monkeypatch.chdir(folder)
    words = {say(f"cli.ask.{name}", language): text for name, text in said.items()}
    monkeypatch.setattr("typer.prompt", lambda text, default="", **_: words.get(text, "") or default)
    assert call(["protocol", "new", "new.yaml", "--lang", language]) == 0
    return folder / "new.yaml"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_question_names_every_task_there_is(language):
    installed = set(build_catalogue().names("task"))
    assert set(METRICS) == installed
    for task in installed:
        assert task in say("cli.ask.task", language)


def test_the_tutorial_quotes_the_question_as_it_is_asked():
    text = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert f"…{say('cli.ask.task', 'en')} [{next(iter(METRICS))}]: …" in text.splitlines()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("task", METRICS)
def test_every_task_gives_a_protocol_that_passes_its_check(tmp_path, monkeypatch, capsys, task, language):
    (a_set_of_pictures if task == "segmentation" else a_set)(tmp_path / "set")
    (tmp_path / "said.csv").write_text("case_id,finding,score\n", encoding="utf-8")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "beats").mkdir()
    (tmp_path / "beats" / "r0.qrs").write_bytes(BEATS)
    path = answered(
        tmp_path,
        monkeypatch,
        language=language,
        reference_set="set",
        candidate_kind={"segmentation": "masks"}.get(task, "annotations" if task in OF_BEATS else "file"),
        masks="theirs",
        mask_pattern="{case_id}/{structure}.png",
        graded="grade",
        annotations="beats",
        file="said.csv",
        task=task,
        finding=FINDINGS.get(task, "af"),
        unit="case",
        score_at_least="0,5",
        tolerance="20",
        distances_in="px",
        tolerance_px="2,5",
        rule_at_least="0.6",
        rule_at_most="1,5",
        strata="sex",
    )
    code = call(["protocol", "check", "new.yaml", "--lang", language])
    assert code == 0, capsys.readouterr().err
    text = path.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    assert content["endpoints"][0]["task"] == task
    assert [rule["metric"] for rule in content["acceptance"]] == list(RULED[task])
    most = {rule["metric"]: rule["at_most"] for rule in content["acceptance"] if "at_most" in rule}
    assert most == ({"false_positives_per_image": 1.5} if task == "detection" else {})
    assert sum(line.startswith(("#", "    #")) for line in text.splitlines()) >= 7
    asked = {"statements": ["statement"], "segmentation": ["structure"]}.get(task, [])
    assert content["strata"] == [*asked, "sex"]


def typed(folder, monkeypatch, **said):
    """What was typed of each question, one answer after another; then the protocol, or None where none was made."""
    monkeypatch.chdir(folder)
    left = {say(f"cli.ask.{name}", "en"): list(texts) for name, texts in said.items()}
    monkeypatch.setattr("typer.prompt", lambda text, default="", **_: (left.get(text) or [""]).pop(0) or default)
    assert call(["protocol", "new", "new.yaml", "--lang", "en"]) == 0
    return yaml.safe_load((folder / "new.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_enter_where_a_path_is_needed_is_asked_again(tmp_path, monkeypatch, capsys, kind):
    a_set(tmp_path / "set")
    said = {"reference_set": ["", "set"], "candidate_kind": [kind], kind: ["", " ", "theirs"], "unit": ["case"]}
    content = typed(tmp_path, monkeypatch, **said)
    assert capsys.readouterr().out.count(say("cli.ask.no_path", "en")) == 3
    assert "theirs" in str(content["candidates"][0])


def test_of_annotation_files_beats_are_asked_unless_something_else_is_said(tmp_path, monkeypatch, capsys):
    a_set(tmp_path / "set")
    said = {"reference_set": ["set"], "candidate_kind": ["annotations"], "annotations": ["theirs"]}
    content = typed(tmp_path, monkeypatch, **said, task=["classification", ""])
    assert content["endpoints"][0]["task"] == "beats"
    assert "beats, runs, episodes, st_episodes" in capsys.readouterr().out


def test_without_a_tolerance_nothing_is_asked_about_it(tmp_path, monkeypatch):
    a_set(tmp_path / "set")
    (tmp_path / "said.csv").write_text("case_id,finding,value\n", encoding="utf-8")
    said = {"reference_set": "set", "file": "said.csv", "task": "measurement", "finding": "qt_interval"}
    path = answered(tmp_path, monkeypatch, language="en", unit="case", rule_at_least="0.6", **said)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["endpoints"][0]["unit_of_values"] == "ms"
    assert "within_tolerance" not in content["endpoints"][0]["metrics"]
    assert "acceptance" not in content
    assert call(["protocol", "check", "new.yaml"]) == 0


RADIOGRAPHS = """\
format: dmn-bench/reference-set/1
id: radiographs
version: 1.0.0
title: {en: Radiographs}
modality: DX
findings: [{name: fracture}]
sampling: consecutive
reference_standard: {method: made up, readers: 1}
data_protection: {route: not_applicable}
"""


def a_set_of_radiographs(root):
    """Two pictures, a box drawn on one of them."""
    root.mkdir()
    for name in ("r0", "r1"):
        Image.fromarray(np.full((8, 8), ord(name[1]), dtype=np.uint8)).save(root / f"{name}.png")
    tables = {
        "cases": "case_id,patient_id,files\nr0,p0,r0.png\nr1,p1,r1.png\n",
        "truth": "case_id,finding,value\nr0,fracture,positive\nr1,fracture,negative\n",
        "lesions": "case_id,lesion_id,finding,x,y,width,height\nr0,1,fracture,1,1,4,4\n",
    }
    for name, text in tables.items():
        (root / f"{name}.csv").write_text(text, encoding="utf-8")
    (root / "reference_set.yaml").write_text(RADIOGRAPHS, encoding="utf-8")
    reference_set.lock(root)


@pytest.mark.parametrize(
    ("kind", "said", "options"),
    [
        ("coco", {}, {"path": "boxes.json", "categories": {"1": "fracture"}}),
        (
            "coco",
            {"coco_images": "images.json", "class_number": "7"},
            {"path": "boxes.json", "categories": {"7": "fracture"}, "images": "images.json", "no_marks": "negative"},
        ),
        ("yolo", {}, {"path": "texts", "classes": {"0": "fracture"}}),
        (
            "yolo",
            {"files_named": "source_file"},
            {"path": "texts", "classes": {"0": "fracture"}, "id": {"is": "source_file"}},
        ),
        ("dicom", {"task": "detection"}, {"folder": "objects", "dicom": {"finding": "fracture"}}),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_results_of_detectors_give_a_protocol_that_passes_its_check(
    tmp_path, monkeypatch, capsys, kind, said, options, language
):
    a_set_of_radiographs(tmp_path / "set")
    (tmp_path / "images.json").write_text('{"images": [{"id": 5, "file_name": "r0.png"}]}', encoding="utf-8")
    (tmp_path / "boxes.json").write_text("[]", encoding="utf-8")
    (tmp_path / "texts").mkdir()
    named = "IMG471" if "files_named" in said else "r0"
    (tmp_path / "texts" / f"{named}.txt").write_text("0 0.4 0.4 0.5 0.5 0.9\n", encoding="utf-8")
    (tmp_path / "set/identity.csv").write_text("case_id,file,source_file\nr0,r0.png,./IMG471.jpg\n", encoding="utf-8")
    (tmp_path / "objects").mkdir()
    path = answered(
        tmp_path,
        monkeypatch,
        language=language,
        reference_set="set",
        candidate_kind=kind,
        coco="boxes.json",
        yolo="texts",
        dicom="objects",
        **said,
    )
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["candidates"][0]["options"] == options
    assert content["endpoints"][0]["hit_rule"] == {"iou_at_least": 0.2}
    code = call(["protocol", "check", "new.yaml", "--lang", language])
    heard = capsys.readouterr().err
    assert code == (3 if kind == "dicom" else 0), heard
    assert kind != "dicom" or heard.startswith("objects: ")  # a folder without objects is said, and nothing else


@pytest.mark.parametrize("rule", HIT_RULES)
def test_every_hit_rule_can_be_chosen_with_its_limit(tmp_path, monkeypatch, capsys, rule):
    a_set_of_radiographs(tmp_path / "set")
    limits = ["1.5", "0.4"] if rule == "iou_at_least" else ["", "0"] if HIT_RULES[rule] else []
    said = {"reference_set": ["set"], "candidate_kind": ["coco"], "coco": ["boxes.json"], "hit_rule": [rule]}
    content = typed(tmp_path, monkeypatch, **said, hit_limit=limits)
    usual = HIT_RULES[rule]
    expected = 0.4 if rule == "iou_at_least" else usual or True
    assert content["endpoints"][0]["hit_rule"] == {rule: expected}
    assert ("1.5 is more than 1." in capsys.readouterr().out) == (rule == "iou_at_least")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_question_ends_as_its_language_writes_it(tmp_path, monkeypatch, language):
    a_set_of_radiographs(tmp_path / "set")
    suffixes = set()
    monkeypatch.chdir(tmp_path)
    words = {say("cli.ask.reference_set", language): "set", say("cli.ask.file", language): "said.csv"}

    def prompt(text, default="", prompt_suffix="", **_):
        suffixes.add(prompt_suffix)
        return words.get(text, "") or default

    monkeypatch.setattr("typer.prompt", prompt)
    assert call(["protocol", "new", "new.yaml", "--lang", language]) == 0
    assert suffixes == {SUFFIXES[language]} == {{"en": ": ", "fr": " : "}[language]}


def test_an_answer_to_another_question_is_asked_again(tmp_path, monkeypatch, capsys):
    a_set_of_radiographs(tmp_path / "set")
    for name in ("boxes.json", "images.json"):
        (tmp_path / name).write_text("[]", encoding="utf-8")
    said = {"reference_set": ["set"], "candidate_kind": ["coco"], "coco": ["boxes.jsn", "boxes.json"]}
    said |= {"class_number": ["1=fracture", "7"], "coco_images": ["1=fracture", "images.json"]}
    content = typed(tmp_path, monkeypatch, **said, rule_at_most=["-1", "many", "2.5"], rule_at_least=["2.5", "0.9"])
    options = content["candidates"][0]["options"]
    assert options["categories"] == {"7": "fracture"}
    assert (options["path"], options["images"]) == ("boxes.json", "images.json")
    limits = {rule["metric"]: rule.get("at_least", rule.get("at_most")) for rule in content["acceptance"]}
    assert limits == {"lesion_sensitivity": 0.9, "false_positives_per_image": 2.5}
    heard = capsys.readouterr().out
    told = [("not_there", "boxes.jsn"), ("not_there", "1=fracture"), ("not_a_class", "1=fracture")]
    told += [("not_an_amount", "-1"), ("not_an_amount", "many"), ("not_a_share", "2.5")]
    assert all(say(f"cli.ask.{key}", "en", found=found) in heard for key, found in told)


def test_a_file_that_comes_later_is_given_twice(tmp_path, monkeypatch, capsys):
    a_set_of_radiographs(tmp_path / "set")
    said = {"reference_set": ["set"], "candidate_kind": ["coco"], "coco": ["later.json", "later.json"]}
    content = typed(tmp_path, monkeypatch, **said, coco_images=["images.json", ""])  # Enter takes what is proposed
    options = content["candidates"][0]["options"]
    assert (options["path"], options["images"]) == ("later.json", "images.json")
    assert capsys.readouterr().out.count("if it comes later") == 2


def planned(folder, *, endpoint, rules):
    """What can be foreseen of rules on one endpoint."""
    a_set(folder / "set")
    path = folder / "p.yaml"
    lines = [
        "format: dmn-bench/protocol/1",
        "id: p",
        "reference_set: set",
        "candidates: [{id: a, adapter: predictions, options: {path: said.csv}}]",
        f"endpoints: [{{name: e, unit: case, metrics: [failure_rate], {endpoint}}}]",
        "strata: [sex%s]" % (", statement" if "statements" in endpoint else ""),
        "acceptance:",
        *(f'  - {{id: r{n}, candidate: "*", endpoint: e, {rule}}}' for n, rule in enumerate(rules)),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return foresee(path, Assumptions(), catalogue=build_catalogue())


def test_a_plan_counts_the_stated_values_of_a_measurement(tmp_path):
    found = planned(
        tmp_path,
        endpoint="task: measurement, finding: qt_interval, unit_of_values: ms, tolerance: 20",
        rules=["metric: within_tolerance, at_least: 0.8"],
    )
    (rule,) = found.rules
    assert rule.cases.n_units == N
    assert found.left_out == ()


def test_a_plan_of_statements_counts_each_by_itself_and_averages_over_all(tmp_path):
    found = planned(
        tmp_path,
        endpoint="task: statements, statements: [af, rbbb]",
        rules=[
            "metric: specificity, each_level_of: statement, at_least: 0.8",
            "metric: micro_specificity, at_least: 0.8",
            "metric: macro_auc, at_least: 0.8",
        ],
    )
    assert [rule.id for rule in found.left_out] == ["r2"]
    n_units = {(one.rule.id, *(one.stratum or {}).values()): one.cases.n_units for one in found.rules}
    assert n_units == {("r0", "af"): N // 2, ("r0", "rbbb"): N, ("r1",): N // 2 + N}
    assert {tuple(one.stratum) for one in found.strata} == {("sex",)}
