"""ECG files that a device wrote: statements become findings, doubts doubts, what has no finding is listed."""

from pathlib import Path

import pytest

from dmn_bench.adapters import ecg_statements
from dmn_bench.adapters.ecg_statements import EcgStatements
from dmn_bench.errors import CandidateError, InputFileError, Problem
from dmn_bench.vocabulary import EcgReport, EcgStatement, Measurement
from tests.shared_data import shared_data

from .kit import keys, problem_keys


class FakeReader:
    """Reads files that begin with ECG, one statement on each line: ``source|code scheme|text``."""

    name = "fake-ecg"
    gives = "signals"

    def recognises(self, path: Path) -> bool:
        return path.read_bytes().startswith(b"ECG")

    def report(self, path: Path) -> EcgReport:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
        if "broken" in lines:
            raise InputFileError(Problem(key="inputs.ecg_cut", where=str(path)))
        found = []
        for line in lines:
            source, code, text = line.split("|")
            value, _, scheme = code.partition(" ")
            found.append(EcgStatement(text=text, code=value, scheme=scheme, source=source))
        return EcgReport(statements=tuple(found), measurements={"pr_interval": Measurement(value=160, unit="ms")})


class SilentReader:
    """A format without reports."""

    name = "fake-samples"
    gives = "signals"

    def recognises(self, path: Path) -> bool:
        return path.read_bytes().startswith(b"SAMPLES")


@pytest.fixture(autouse=True)
def readers(monkeypatch):
    monkeypatch.setattr(ecg_statements, "installed_readers", lambda: (SilentReader(), FakeReader()))


def write(base, name, *lines, head="ECG"):
    (base / "out").mkdir(exist_ok=True)
    (base / "out" / name).write_text("\n".join((head, *lines)), encoding="utf-8")


def answers(base, *names, **options):
    cases = [keys(name, files=(f"files/{name}.dcm",)) for name in names]
    return [asked.answer for asked in EcgStatements(folder="out", **options).answers(cases, base)]


def labels(answer):
    return {name: said.label for name, said in answer.findings.items()}


def test_statements_in_words_and_codes_are_findings_and_doubts_are_doubts(tmp_path):
    write(
        tmp_path,
        "r1.xml",
        "machine||Rythme sinusal",
        "machine|CRBBB SCPECG|",
        "machine||Possible left atrial enlargement",
    )
    (found,) = answers(tmp_path, "r1")
    assert found.status == "answered"
    assert labels(found) == {
        "sinus_rhythm": "positive",
        "right_bundle_branch_block": "positive",
        "left_atrial_enlargement": "indeterminate",
    }
    assert found.measurements["pr_interval"].value == 160


def test_statements_without_a_finding_are_counted_and_repeated_only_where_every_word_is_known(tmp_path):
    write(
        tmp_path,
        "r1.xml",
        "machine||Sinus rhythm",
        "machine||Seen by Dr Quixano 0612345678",
        "machine||No atrial fibrillation",
        "machine|77123 own|",
        "machine|99 MUSE|",
    )
    (found,) = answers(tmp_path, "r1")
    assert found.reason == "4 statements without a plain finding: No atrial fibrillation; 99"
    assert labels(found) == {"sinus_rhythm": "positive"}


def test_a_finding_beside_words_that_nobody_knows_has_failed_and_is_no_silence(tmp_path):
    write(tmp_path, "r1.xml", "machine||Sinus rhythm", "machine||Pseudo atrial fibrillation", "machine||No LVH")
    (found,) = answers(tmp_path, "r1")
    assert labels(found) == {"sinus_rhythm": "positive"}
    assert found.finding_statuses == {"atrial_fibrillation": "failed"}


def test_a_report_that_contradicts_itself_is_in_doubt(tmp_path):
    write(tmp_path, "r1.xml", "machine||Atrial fibrillation", "machine||No atrial fibrillation")
    assert labels(answers(tmp_path, "r1")[0]) == {"atrial_fibrillation": "indeterminate"}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [((), "no statement in the file"), (("machine||Unheard of",), "1 statement without a plain finding")],
)
def test_a_file_that_states_nothing_that_is_known_has_failed_and_is_no_normal_ecg(tmp_path, lines, reason):
    write(tmp_path, "r1.xml", *lines)
    (found,) = answers(tmp_path, "r1")
    assert (found.status, found.reason) == ("failed", reason)


def test_the_statements_of_the_machine_count_unless_others_are_asked_for(tmp_path):
    write(tmp_path, "r1.xml", "machine||Sinus rhythm", "confirmed||Atrial fibrillation", "unknown||LVH")
    assert set(labels(answers(tmp_path, "r1")[0])) == {"sinus_rhythm", "left_ventricular_hypertrophy"}
    assert set(labels(answers(tmp_path, "r1", statements_of="confirmed")[0])) == {"atrial_fibrillation"}
    assert len(labels(answers(tmp_path, "r1", statements_of="all")[0])) == 3


def test_a_certain_statement_outweighs_a_doubt_about_the_same(tmp_path):
    write(tmp_path, "r1.xml", "machine||Possible LVH", "machine||LVH", "machine||Possible LVH")
    assert labels(answers(tmp_path, "r1")[0]) == {"left_ventricular_hypertrophy": "positive"}


def test_the_devices_own_words_may_be_named(tmp_path):
    write(tmp_path, "r1.xml", "machine||Pattern seven", "machine|P8 own|")
    named = {"Pattern seven": "sinus_rhythm", "P8": "atrial_flutter"}
    assert labels(answers(tmp_path, "r1", findings=named)[0]) == dict.fromkeys(named.values(), "positive")


def test_a_table_may_say_which_file_is_whose(tmp_path):
    write(tmp_path, "export-17.xml", "machine||Sinus rhythm")
    (tmp_path / "names.csv").write_text("case_id,file\nr1,export-17.xml\n", encoding="utf-8")
    one, none = answers(tmp_path, "r1", "r2", table="names.csv")
    assert (one.status, none.status, none.reason) == ("answered", "failed", "no output")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("case_id,file\nstranger,a.xml\n", "statements.files_unknown"),
        ("case_id,file\nr1,a.xml\nr1,a.xml\n", "statements.files_doubled"),
        ("case_id,file\nr1,none.xml\n", "statements.files_absent"),
        ("case_id,file\nr1,../names.csv\n", "statements.files_absent"),
        ("id,file\nr1,a.xml\n", "statements.table_unreadable"),
        ("", "statements.table_unreadable"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, text, key):
    write(tmp_path, "a.xml", "machine||Sinus rhythm")
    (tmp_path / "names.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CandidateError) as caught:
        answers(tmp_path, "r1", table="names.csv")
    assert key in problem_keys(caught)


def test_files_that_cannot_be_read_have_failed(tmp_path):
    write(tmp_path, "r1.xml", "broken")
    write(tmp_path, "r2.dat", head="SAMPLES")
    write(tmp_path, "r3.txt", head="what is this")
    first, second, third = answers(tmp_path, "r1", "r2", "r3")
    assert (first.status, first.reason) == ("failed", "invalid output: inputs.ecg_cut")
    assert second.reason == third.reason == "invalid output: no file with a report"


def test_two_files_of_one_record_are_refused(tmp_path):
    write(tmp_path, "r1.xml", "machine||Sinus rhythm")
    write(tmp_path, "r1.scp", "machine||Sinus rhythm")
    with pytest.raises(CandidateError) as caught:
        answers(tmp_path, "r1")
    assert problem_keys(caught) == {"statements.files_doubled"}


@pytest.mark.parametrize(
    ("file", "expected", "unmapped"),
    [
        (
            "philips_xml/sierra_129DYPRG_1_03.xml",
            {
                "sinus_bradycardia",
                "intraventricular_conduction_delay",
                "inferior_myocardial_infarction",
                "acute_myocardial_infarction",
                "abnormal_ecg",
            },
            "",
        ),
        ("aecg/hl7_Example_aECG.xml", {"sinus_rhythm"}, ""),
        (
            "aecg/liryc_hl7aecg_example.xml",
            {"sinus_rhythm", "premature_atrial_complex", "borderline_ecg"},
            "1 statement ",
        ),
        ("dicom/pydicom_waveform_ecg.dcm", set(), "2 statements "),
        ("muse_xml/braveheart_example1.xml", set(), "no statement in the file"),
        ("scp/ecgtoolkit_Example.scp", set(), "no statement in the file"),
    ],
)
def test_real_files_of_devices_give_their_statements_and_measurements(tmp_path, monkeypatch, file, expected, unmapped):
    monkeypatch.undo()
    source = shared_data(f"ecg/formats/{file}")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"r1{source.suffix}").write_bytes(source.read_bytes())
    (found,) = answers(tmp_path, "r1", statements_of="all")
    assert labels(found) == dict.fromkeys(expected, "positive")
    assert found.status == ("answered" if expected else "failed")
    assert unmapped in found.reason
    assert 130 < found.measurements["pr_interval"].value < 200
