"""`dmn-bench answers` as two typists, a third person and a buyer use it."""

import json
from pathlib import Path

import pytest

from dmn_bench import cli

from ..set_factory import a_set

openpyxl = pytest.importorskip("openpyxl", reason="the extra xlsx is not installed")

NO_TRUTH = ("this is no table, and whoever opens it fails",)
PROTOCOL = """\
format: dmn-bench/protocol/1
id: p
reference_set: set
candidates:
  - {id: typed, package: typed}
  - id: coco
    adapter: coco-results
    options: {path: coco.json, id: {is: case_id}, categories: {1: fracture}, score_from_marks: highest}
endpoints:
  - {name: case, task: classification, finding: fracture, unit: case, metrics: [failure_rate]}
"""


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments):
        code = cli.call([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


@pytest.fixture
def protocol(tmp_path):
    a_set(tmp_path / "set", truth=NO_TRUTH)
    path = tmp_path / "p.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path


def fill(path, answers, columns=("result", "score")):
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for title, value in zip(columns, answers[row[0].value], strict=True):
            row[titles.index(title)].value = value
    book.save(path)


ANSWERS = {"c1": ("positive", 0.9), "c2": ("negative", "0,1"), "c3": ("no result shown", None)}
OTHER = {**ANSWERS, "c2": ("negative", 0.2)}


def typed(run, source):
    assert run("answers", "sheet", source, "--candidate", "typed", "--out", "s.xlsx")[0] == 0
    fill("s.typist-1.xlsx", ANSWERS)
    fill("s.typist-2.xlsx", OTHER)
    return run("answers", "check", "s.typist-1.xlsx", "s.typist-2.xlsx", "--out", "typed")


@pytest.mark.parametrize("source", ["set", "p.yaml"])
def test_two_typists_and_a_third_make_a_candidate(run, protocol, source, tmp_path):
    code, out, _ = typed(run, source)
    assert code == 0
    assert "Typed alike: 2 of 3 (66.7%). Same result: 3 of 3. Cohen's kappa of the result: 1.000 (no interval)." in out
    assert "negative | 0.1" in out
    assert "1 difference is to be settled" in out
    assert not (tmp_path / "typed" / "results.csv").exists()
    fill("typed/differences.xlsx", {"c2": ("negative", 0.1)}, ("result (settled)", "score (settled)"))
    files = ("s.typist-2.xlsx", "typed/differences.xlsx", "s.typist-1.xlsx")  # in any order
    code, out, _ = run("answers", "check", *files, "--out", "typed")
    assert code == 0
    assert "Written:" in out
    assert (tmp_path / "typed" / "results.csv").read_text().splitlines()[2:] == [
        "c2,fracture,0.1,negative,,,yes",
        "c3,fracture,,,failed,no result shown,yes",
    ]
    code, out, _ = run("answers", "check", protocol, "--candidate", "typed")
    assert code == 0
    assert "answered" in out
    assert "no result shown" in out
    assert "Nothing was scored; no truth was opened." in out


def test_the_report_says_that_results_were_typed(run, protocol, tmp_path):
    typed(run, "set")
    fill("typed/differences.xlsx", {"c2": ("negative", 0.1)}, ("result (settled)", "score (settled)"))
    run("answers", "check", "s.typist-1.xlsx", "s.typist-2.xlsx", "typed/differences.xlsx", "--out", "typed")
    a_set(tmp_path / "set")
    (tmp_path / "coco.json").write_text('[{"image_id": "c1", "category_id": 1, "bbox": [1, 1, 2, 2], "score": 0.5}]')
    assert run("refset", "lock", "set")[0] == 0
    assert run("run", protocol, "--out", "run")[0] == 0
    by_hand = "typed 2 of 3 rows alike (66.7%; kappa of the result 1.000)"
    assert by_hand in (tmp_path / "run" / "report.typed.en.html").read_text()
    assert "Résultats transcrits à la main" in (tmp_path / "run" / "report.typed.fr.html").read_text()
    assert "Transcribed" not in (tmp_path / "run" / "report.coco.en.html").read_text()
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert [part["transcribed"] for part in record["candidates"]] == [
        {"typists": 2, "rows": 3, "alike": 2, "kappa": 1.0},
        None,
    ]


def test_typed_results_do_not_pass_as_delivered_ones(run, protocol, tmp_path):
    run("answers", "sheet", "set", "--candidate", "typed", "--out", "s.xlsx", "--typists", "1")
    fill("s.typist-1.xlsx", ANSWERS)
    code, out, _ = run("answers", "check", "s.typist-1.xlsx", "--out", "typed")
    assert code == 0
    assert "3 rows typed by 1 person." in out
    text = PROTOCOL.replace("package: typed", "adapter: predictions, options: {path: typed/results.csv}")
    protocol.write_text(text, encoding="utf-8")
    code, _, err = run("answers", "check", protocol, "--candidate", "typed")
    assert code == 3
    assert "results.csv:1: the column transcribed says that people typed these results" in err


def test_result_files_are_checked_without_the_truth_and_every_problem_is_printed(run, protocol, tmp_path):
    results = [{"image_id": name, "category_id": 1, "bbox": [1, 1, 2, 2], "score": 0.5} for name in ("c1", "c3")]
    (tmp_path / "coco.json").write_text(json.dumps(results))
    code, out, _ = run("answers", "check", protocol, "--candidate", "coco")
    assert code == 0
    assert "Cases with marks: 2; marks: 2, by finding: fracture (2)." in out
    assert "no output" in out
    _, out, _ = run("answers", "check", protocol, "--candidate", "coco", "--lang", "fr")
    assert "réponse" in out
    assert "aucune sortie" in out
    assert "answered" not in out
    assert "no output" not in out
    (tmp_path / "coco.json").write_text(
        json.dumps([*results, {**results[0], "image_id": "c9"}, {**results[0], "score": 7}])
    )
    code, _, err = run("answers", "check", protocol, "--candidate", "coco")
    assert code == 3
    assert "coco.json#/3: the score 7.0 is not within 0 to 1.0" in err
    assert "1 id names no case of the set: c9" in err


def test_of_contours_it_says_how_many_cases_have_each_structure(run):
    protocol = str(Path(__file__).parents[2] / "configs" / "contour-demo.yaml")
    code, out, _ = run("answers", "check", protocol, "--candidate", "example-contour-outputs")
    assert code == 0
    assert "by structure: heart (23), spinal_canal (23), tumour (23)." in out
    assert "marks" not in out


def test_no_file_of_the_truth_is_ever_opened(run, protocol, tmp_path):
    import builtins
    import io
    import os

    (tmp_path / "coco.json").write_text("[]")
    opened = []
    real = (builtins.open, io.open, os.open)
    for module, name, function in zip((builtins, io, os), ("open",) * 3, real, strict=True):

        def noting(path, *args, function=function, **kwargs):
            opened.append(str(path))
            return function(path, *args, **kwargs)

        setattr(module, name, noting)
    try:
        assert run("answers", "sheet", "set", "--candidate", "x", "--out", "s.xlsx")[0] == 0
        assert run("answers", "check", protocol, "--candidate", "coco")[0] == 0
    finally:
        builtins.open, io.open, os.open = real
    names = {Path(path).name for path in opened}
    assert "cases.csv" in names
    assert names & {"truth.csv", "lesions.csv", "readings.csv", "masks.csv", "sampling.csv"} == set()


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("sheet", "set", "--candidate", "x", "--out", "s.xlsx", "--typists", "3"), "1 or 2 typists", 2),
        (("sheet", "set", "--candidate", "x", "--out", "s.csv"), ".xlsx", 2),
        (("sheet", "set", "--candidate", "x", "--out", "s.xlsx", "--finding", "tumour"), "tumour", 2),
        (("sheet", "p.yaml", "--candidate", "typd", "--out", "s.xlsx"), "Was typed meant?", 2),
        (("check", "p.yaml"), "or a protocol with --candidate", 2),
        (("check", "p.yaml", "s.xlsx", "--candidate", "coco"), "or a protocol with --candidate", 2),
        (("check", "p.yaml", "--candidate", "coc"), "Was coco meant?", 2),
        (("check", "none.xlsx"), "no such file", 2),
    ],
)
def test_what_is_asked_wrongly_is_said_in_plain_words(run, protocol, arguments, words, code):
    found, out, err = run("answers", *arguments)
    assert (found, words in out + err) == (code, True)


def test_everything_is_said_in_french_too(run, protocol):
    code, out, _ = run("--lang", "fr", "answers", "sheet", "set", "--candidate", "x", "--out", "s.xlsx", "--marks")
    assert code == 0
    assert "Donnez à chaque personne" in out
    titles = [cell.value for cell in openpyxl.load_workbook("s.typist-1.xlsx").worksheets[0][1]]
    assert titles == ["cas", "fichiers", "anomalie", "résultat", "score", "marques", "remarque"]
