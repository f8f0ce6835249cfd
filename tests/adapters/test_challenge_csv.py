"""Answer files of the challenges: the form, both readings, doubled columns, numbers that are none, and broken files."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.adapters.challenge_csv import ChallengeCsv
from dmn_bench.errors import CandidateError
from dmn_bench.wordings import LANGUAGES, say_problem

from .kit import keys, problem_keys

AF, SINUS, RBBB = "164889003", "426783006", "713427006|59118001"
NAMES = {AF: "atrial_fibrillation", SINUS: "sinus_rhythm", RBBB: "right_bundle_branch_block"}


def write(base, record, classes=(AF, SINUS, RBBB), labels=(0, 1, 0), scores=(0.1, 0.9, 0.2), first=None):
    (base / "out").mkdir(exist_ok=True)
    lines = (first or f"#{record}", *(",".join(map(str, line)) for line in (classes, labels, scores)))
    (base / "out" / f"{record}.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def answers(base, *cases, **options):
    return [asked.answer for asked in ChallengeCsv(folder="out", **options).answers(cases, base)]


def record(name):
    return keys(name, files=(f"files/{name}.hea",))


def spoken(answer):
    return {name: (said.label, said.score) for name, said in answer.findings.items()}


def test_classes_become_findings_with_label_and_score(tmp_path):
    write(tmp_path, "r1")
    (found,) = answers(tmp_path, record("r1"))
    assert found.status == "answered"
    assert spoken(found) == {
        "atrial_fibrillation": ("negative", 0.1),
        "sinus_rhythm": ("positive", 0.9),
        "right_bundle_branch_block": ("negative", 0.2),
    }


def test_columns_may_stand_in_any_order_and_records_be_named_by_the_case(tmp_path):
    write(tmp_path, "c1", (RBBB, AF), ("True", "0"), (0.2, 0.1), first="# c1")
    (found,) = answers(tmp_path, keys("c1", files=("files/other.hea",)), record="case_id")
    assert spoken(found) == {"right_bundle_branch_block": ("positive", 0.2), "atrial_fibrillation": ("negative", 0.1)}


def test_a_record_without_a_file_has_failed_and_others_are_read(tmp_path):
    write(tmp_path, "r1")
    one, none = answers(tmp_path, record("r1"), record("r2"))
    assert (one.status, none.status, none.reason) == ("answered", "failed", "no output")


@pytest.mark.parametrize("label", ["1", "1.0", "True", "true", "T", "t"])
def test_yes_is_written_in_several_ways(tmp_path, label):
    write(tmp_path, "r1", (AF,), (label,), (0.5,))
    (found,) = answers(tmp_path, record("r1"))
    assert found.findings["atrial_fibrillation"].label == "positive"


@pytest.mark.parametrize(("label", "score"), [("0", "nan"), ("0", "inf"), ("0", ""), ("maybe", "0.5"), ("", "0.5")])
def test_strictly_read_what_is_no_answer_has_failed_for_its_finding_alone(tmp_path, label, score):
    write(tmp_path, "r1", (AF, SINUS), (label, 1), (score, 0.9))
    (found,) = answers(tmp_path, record("r1"))
    assert list(found.findings) == ["sinus_rhythm"]
    assert found.finding_statuses == {"atrial_fibrillation": "failed"}


@pytest.mark.parametrize("score", ["nan", "inf", "", "-inf", "x"])
def test_read_as_the_programs_do_such_a_score_is_nought(tmp_path, score):
    write(tmp_path, "r1", (AF, SINUS), ("maybe", 1), (score, 0.9))
    (found,) = answers(tmp_path, record("r1"), reading="challenge")
    assert (found.findings["atrial_fibrillation"].label, found.findings["atrial_fibrillation"].score) == ("negative", 0)


def test_read_as_the_programs_do_a_class_that_is_left_out_is_no_with_the_score_nought(tmp_path):
    write(tmp_path, "r1", (AF,), (1,), (0.9,))
    strict, filled = answers(tmp_path, record("r1")) + answers(tmp_path, record("r1"), reading="challenge")
    assert set(strict.findings) == {"atrial_fibrillation"}
    assert (filled.findings["sinus_rhythm"].label, filled.findings["sinus_rhythm"].score) == ("negative", 0)
    assert filled.findings["atrial_fibrillation"].label == "positive"


def test_two_codes_of_one_finding_are_yes_if_one_is(tmp_path):
    write(tmp_path, "r1", ("713427006", "59118001"), (0, 1), (0.2, 0.6))
    (strict,) = answers(tmp_path, record("r1"))
    assert spoken(strict) == {"right_bundle_branch_block": ("positive", 0.6)}
    (mean,) = answers(tmp_path, record("r1"), reading="challenge")
    assert mean.findings["right_bundle_branch_block"].score == pytest.approx(0.4)


def test_a_class_that_stands_twice_is_no_output_unless_read_as_the_programs_do(tmp_path):
    write(tmp_path, "r1", (AF, AF), (0, 1), (0.2, 0.4))
    (strict,) = answers(tmp_path, record("r1"))
    assert (strict.status, strict.reason) == ("failed", "invalid output: a class stands twice")
    (lenient,) = answers(tmp_path, record("r1"), reading="challenge")
    assert lenient.findings["atrial_fibrillation"].label == "positive"
    assert lenient.findings["atrial_fibrillation"].score == pytest.approx(0.3)


def test_files_of_records_outside_the_set_stop_everything_and_are_listed(tmp_path):
    write(tmp_path, "r1")
    write(tmp_path, "stranger")
    with pytest.raises(CandidateError) as caught:
        answers(tmp_path, record("r1"))
    assert problem_keys(caught) == {"statements.files_unknown"}
    assert caught.value.problems[0].facts["found"] == "stranger"


def test_classes_without_a_finding_stop_everything_unless_named_or_left_out(tmp_path):
    write(tmp_path, "r1", (AF, "sinus", "999"), (1, 0, 0), (0.9, 0.1, 0.1))
    with pytest.raises(CandidateError) as caught:
        answers(tmp_path, record("r1"))
    assert problem_keys(caught) == {"statements.classes_unknown"}
    assert caught.value.problems[0].facts["found"] == "999, sinus"
    (found,) = answers(tmp_path, record("r1"), findings={"sinus": "sinus_rhythm"}, ignore_findings=("999",))
    assert set(found.findings) == {"atrial_fibrillation", "sinus_rhythm"}


def test_without_the_folder_it_says_so(tmp_path):
    with pytest.raises(CandidateError) as caught:
        answers(tmp_path, record("r1"))
    assert problem_keys(caught) == {"statements.no_folder"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#r1\n",
        b"#r1\n164889003\n1\n",
        b"#r2\n164889003\n1\n0.5\n",
        b"164889003\n1\n0.5\n0.5\n",
        b"#r1\n164889003,426783006\n1\n0.5\n",
        b"#r1\n164889003\n1,0\n0.5\n",
        b"\xff\xfe\x00",
        b"#r1\n" + b"1," * 700_000,
    ],
)
def test_a_file_that_is_not_of_the_form_has_failed_with_its_reason(tmp_path, content):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "r1.csv").write_bytes(content)
    (found,) = answers(tmp_path, record("r1"))
    assert found.status == "failed"
    assert found.reason.startswith("invalid output: ")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 120))
def test_bytes_from_anywhere_are_a_failed_answer_or_a_problem_and_no_crash(tmp_path_factory, noise, place):
    base = tmp_path_factory.mktemp("noise")
    write(base, "r1")
    path = base / "out" / "r1.csv"
    content = path.read_bytes()
    path.write_bytes(content[:place] + noise + content[place + len(noise) :])
    try:
        (found,) = answers(base, record("r1"))
    except CandidateError as error:
        assert {problem.key for problem in error.problems} == {"statements.classes_unknown"}  # noqa: PT017 - either way
        return
    assert found.status in ("answered", "failed")


def test_the_identity_is_that_of_every_file(tmp_path):
    write(tmp_path, "r1")
    before = ChallengeCsv(folder="out").identity(tmp_path)
    write(tmp_path, "r1", labels=(1, 1, 0))
    after = ChallengeCsv(folder="out").identity(tmp_path)
    assert set(before) == {"out/r1.csv"} == set(after)
    assert before != after


# ---------------------------------------------------------------------------------------------- other names


def named_in(base, text):
    (base / "names.csv").write_text(text, encoding="utf-8")
    return {"table": "names.csv"}


def test_a_table_may_say_which_file_is_whose(tmp_path):
    write(tmp_path, "export-17")
    table = named_in(tmp_path, "case_id,file\nr1,export-17.csv\n")
    one, none = answers(tmp_path, record("r1"), record("r2"), **table)
    assert (one.status, none.status, none.reason) == ("answered", "failed", "no output")


IDENTITY = """\
case_id,hospital_patient_id,source_folder,source_file
r1,7,a,E0017.xml
r2,8,a,E0018.xml
r9,9,b,E0018.xml
"""


def test_files_named_after_the_hospitals_find_their_cases_by_the_identity_table(tmp_path):
    """Of cases that are not in the set the table may speak; they make no name doubtful."""
    write(tmp_path, "E0018", (AF,), (1,), (0.75,))
    none, two = answers(tmp_path, record("r1"), record("r2"), **named_in(tmp_path, IDENTITY))
    assert (none.status, none.reason) == ("failed", "no output")
    assert spoken(two) == {"atrial_fibrillation": ("positive", 0.75)}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (IDENTITY.replace("E0018", "E0019"), "statements.files_unknown"),
        (IDENTITY.replace("r9", "r3"), "statements.source_of_several"),
        (IDENTITY + "r2,8,a,E0030.xml\n", "statements.files_doubled"),
        ("case_id,file\nr2,E0018.csv\nr2,E0018.csv\n", "statements.files_doubled"),
        ("case_id,file\nr2,../names.csv\n", "statements.files_absent"),
        ("case_id,source\nr2,E0018.xml\n", "statements.table_unreadable"),
        ("", "statements.table_unreadable"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, text, key):
    write(tmp_path, "E0018")
    if "E0030" in text:
        write(tmp_path, "E0030")
    table = named_in(tmp_path, text)
    with pytest.raises(CandidateError) as caught:
        answers(tmp_path, record("r1"), record("r2"), record("r3"), **table)
    assert problem_keys(caught) == {key}
    assert all(say_problem(problem, language) for problem in caught.value.problems for language in LANGUAGES)


def test_the_table_is_part_of_what_was_read(tmp_path):
    write(tmp_path, "E0018")
    adapter = ChallengeCsv(folder="out", **named_in(tmp_path, IDENTITY))
    before = adapter.identity(tmp_path)
    assert set(before) == {"out/E0018.csv", "names.csv"}
    named_in(tmp_path, IDENTITY + "r3,1,a,E0020.xml\n")
    assert adapter.identity(tmp_path) != before
