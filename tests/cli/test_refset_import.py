"""`dmn-bench refset import --files`: options, what is printed, exit codes, in both languages."""

import pytest

from dmn_bench.cli import call
from tests.curation.ecg_kit import a_card, a_muse_file, truth


@pytest.fixture
def root(tmp_path):
    return a_card(tmp_path / "set")


@pytest.fixture
def muse(tmp_path):
    folder = tmp_path / "muse"
    a_muse_file(folder / "a.xml", "Atrial fibrillation", "Zigzag", machine=["Sinus rhythm"])
    a_muse_file(folder / "b.xml", "Sinus rhythm", seed=4, time="08:00:00", patient="")
    return folder


def test_what_was_made_and_what_comes_next_is_said(root, muse, capsys):
    assert call(["--lang", "en", "refset", "import", str(root), "--files", str(muse), "--unmentioned", "negative"]) == 0
    said = capsys.readouterr().out
    for sentence in (
        "2 recordings entered into",
        "atrial_fibrillation: 1 positive, 1 negative, 0 indeterminate, 0 unverified",
        "sinus_rhythm: 1 positive, 0 negative, 0 indeterminate, 1 unverified",
        "1 case has no patient id",
        "1 report holds a statement that nobody has mapped",
        "1 statement without a meaning",
        "What the machine itself stated of 1 recording",
        "1 record was confirmed from the machine's statement, 0 word for word",
        f"dmn-bench refset lock {root}",
    ):
        assert sentence in " ".join(said.split()), sentence
    readme = root.with_name("set-import") / "README.txt"
    assert "role: comparator" in readme.read_text(encoding="utf-8")


def test_in_french_too(root, muse, capsys):
    assert call(["--lang", "fr", "refset", "import", str(root), "--files", str(muse)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2 enregistrements inscrits" in said
    assert "atrial_fibrillation : 1 positifs" in said
    assert "1 cas n’a pas de numéro de patient" in said
    readme = root.with_name("set-import") / "README.txt"
    assert "Écrit par l’import d’ECG" in readme.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_exit_code_2(root, muse, capsys):
    text = (muse / "b.xml").read_text("latin-1").replace("<SampleBase>500", "<SampleBase>0")
    (muse / "b.xml").write_text(text, "latin-1")
    assert call(["--lang", "en", "refset", "import", str(root), "--files", str(muse)]) == 2
    said = capsys.readouterr()
    assert "b.xml" in said.err
    assert "1 recording was left out: not readable" in " ".join(said.out.split())


def test_the_options_reach_the_import(tmp_path, muse):
    root = a_card(
        tmp_path / "other", "{name: sinus_rhythm}", "{name: atrial_fibrillation}", "{name: heart_rate, unit: /min}"
    )
    means = tmp_path / "means.csv"
    means.write_text("text,finding\nZigzag,\n", encoding="utf-8")
    options = ["--finding", "sinus_rhythm", "--finding", "heart_rate", "--statements", str(means), "--measurements"]
    options += ["--unmentioned", "negative", "--hospitals", "--draw", "2", "--seed", "3", "--accept-unconfirmed"]
    assert call(["refset", "import", str(root), "--files", str(muse), *options]) == 0
    values = sorted((finding, value) for (_, finding), (value, _) in truth(root).items())
    assert values == [
        ("heart_rate", "61"),
        ("heart_rate", "61"),
        ("sinus_rhythm", "negative"),
        ("sinus_rhythm", "positive"),
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--files", "x", "--dicomweb", "http://localhost"], "take the options of an archive away"),
        (["--unmentioned", "negative"], "Name the folder: --files"),
        (["--finding", "MI", "--hospitals"], "--finding, --hospitals says how"),
        (["--holter-table", "x.csv"], "Give both"),
        (["--files", "/nowhere/at/all"], "there is no such folder"),
        (["--files", "x", "--table", "none.csv"], "none.csv"),
    ],
)
def test_options_that_do_not_fit_are_refused(root, capsys, options, sentence):
    assert call(["--lang", "en", "refset", "import", str(root), *options]) == 2
    said = capsys.readouterr()
    assert sentence in " ".join((said.out + said.err).split())
