"""A folder of a hospital's ECGs becomes a set: truth from reports, nobody's identity, nothing lost without a word."""

import dataclasses
import json
import os
import shutil
import warnings

import numpy as np
import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.cli import call
from dmn_bench.curation import ecg_import
from dmn_bench.curation.check import check
from dmn_bench.curation.ecg_meanings import read_meanings
from dmn_bench.curation.ecg_options import EcgOptions
from dmn_bench.curation.ecg_truth import Policy
from dmn_bench.errors import MachineError, Problem, ReferenceSetError
from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.reference_set import read_card
from tests.inputs.ecg_factories import an_edf, an_ishne
from tests.inputs.factories import a_record
from tests.inputs.vendor_ecg_factories import a_philips
from tests.set_factory import worded

from .ecg_kit import NEGATIVE, a_card, a_muse_file, imported, rows, texts_of, truth, waves

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own use of pandas
    import wfdb

AF, MI, SINUS = "atrial_fibrillation", "MI", "sinus_rhythm"


@pytest.fixture
def root(tmp_path):
    return a_card(tmp_path / "set")


@pytest.fixture
def muse(tmp_path):
    return tmp_path / "muse"


def keys(problems):
    return [key for _, key in worded(problems)]


class TestWhatIsTrue:
    def test_a_confirmed_statement_is_positive_and_what_is_not_said_is_what_the_keeper_says(self, root, muse):
        a_muse_file(muse / "a.xml", "Fibrillation auriculaire", "Infarctus antérieur possible")
        found = imported(root, muse)
        assert truth(root) == {
            ("c000001", AF): ("positive", "confirmed report"),
            ("c000001", MI): ("indeterminate", "confirmed report"),
            ("c000001", SINUS): ("negative", "not mentioned in the report"),
        }
        assert (found.n_recordings, found.problems) == (1, ())

    def test_by_default_what_is_not_said_is_unverified(self, root, muse):
        a_muse_file(muse / "a.xml", "Atrial fibrillation")
        imported(root, muse, EcgOptions())
        assert truth(root)["c000001", SINUS] == ("unverified", "not mentioned in the report")

    def test_a_text_that_nobody_has_mapped_may_be_anything(self, root, muse):
        a_muse_file(muse / "a.xml", "Atrial fibrillation", "Zigzagging of the third kind")
        found = imported(root, muse)
        assert truth(root)["c000001", AF][0] == "positive"
        assert truth(root)["c000001", SINUS][0] == truth(root)["c000001", MI][0] == "unverified"
        assert found.n_open == 1

    def test_until_the_keeper_says_what_it_means(self, root, muse, tmp_path):
        a_muse_file(muse / "a.xml", "Atrial fibrillation", "Zigzagging of the third kind.")
        (tmp_path / "means.csv").write_text("text,finding,label\nzigzagging of the THIRD kind,MI,indeterminate\n")
        meanings = read_meanings(tmp_path / "means.csv", read_card(root))
        imported(root, muse, dataclasses.replace(NEGATIVE, meanings=meanings))
        assert truth(root)["c000001", MI][0] == "indeterminate"
        assert truth(root)["c000001", SINUS][0] == "negative"

    def test_a_report_that_nobody_signed_says_nothing_unless_accepted(self, root, muse, tmp_path):
        a_muse_file(muse / "a.xml", "Atrial fibrillation", status="Unconfirmed")
        imported(root, muse)
        assert set(truth(root).values()) == {("unverified", "report not confirmed")}
        other = a_card(tmp_path / "other")
        imported(other, muse, EcgOptions(policy=Policy(unmentioned="negative", accept_unconfirmed=True)))
        assert truth(other)["c000001", AF] == ("positive", "report accepted without confirmation")
        [incorporated] = read_card(other).reference_standard.incorporates  # what nobody signed is the machine's
        assert (incorporated.records, incorporated.unchanged) == (1, 1)

    def test_a_file_without_a_report_is_unverified(self, root, muse):
        a_muse_file(muse / "a.xml")
        imported(root, muse)
        assert set(truth(root).values()) == {("unverified", "no report")}

    def test_the_findings_named_alone_are_looked_for(self, root, muse):
        a_muse_file(muse / "a.xml", "Atrial fibrillation")
        imported(root, muse, dataclasses.replace(NEGATIVE, findings=(AF,)))
        assert list(truth(root)) == [("c000001", AF)]

    def test_measured_values_come_in_the_unit_of_the_card(self, tmp_path, muse):
        root = a_card(tmp_path / "set", "{name: pr_interval, unit: s}", "{name: heart_rate, unit: /min}")
        a_muse_file(muse / "a.xml", "Sinus rhythm", intervals="160")
        a_muse_file(muse / "b.xml", "Sinus rhythm", seed=4, time="08:00:00", status="Unconfirmed")
        imported(root, muse, dataclasses.replace(NEGATIVE, measurements=True))
        found = truth(root)
        assert found["c000001", "pr_interval"] == ("0.16", "measured by the machine")
        assert found["c000001", "heart_rate"] == ("61", "measured by the machine")
        assert found["c000002", "heart_rate"] == ("unverified", "report not confirmed")
        [incorporated] = read_card(root).reference_standard.incorporates
        assert (incorporated.what, incorporated.records, incorporated.unchanged) == ("machine_measurement", 1, 1)


class TestTheMachine:
    def test_its_statement_is_kept_beside_the_set_and_the_card_says_what_the_truth_was_made_from(self, root, muse):
        a_muse_file(muse / "a.xml", "Atrial fibrillation", machine=["Sinus rhythm"])
        a_muse_file(muse / "b.xml", "sinus  rhythm", machine=["Sinus rhythm"], seed=4, time="08:00:00")
        found = imported(root, muse)
        machine = {
            (row["case_id"], row["finding"]): row["label"] for row in rows(found.beside / "machine_statements.csv")
        }
        assert machine["c000001", SINUS] == "positive"
        assert machine["c000001", AF] == "negative"
        assert found.beside == root.resolve().with_name("set-import")
        [incorporated] = read_card(root).reference_standard.incorporates
        assert (incorporated.what, incorporated.records, incorporated.unchanged) == ("machine_statement", 2, 1)
        card = (root / "reference_set.yaml").read_text(encoding="utf-8")
        assert "# what is looked for" in card
        assert "# as signed" in card

    def test_a_run_compares_with_it_and_every_report_says_that_agreement_is_no_performance(self, root, muse, tmp_path):
        for number in range(6):
            stated = "Atrial fibrillation" if number % 2 else "Sinus rhythm"
            a_muse_file(
                muse / f"{number}.xml", stated, machine=["Sinus rhythm"], seed=number, time=f"07:05:0{number}",
                patient=f"P{number}",
            )  # fmt: skip
        summary = imported(root, muse)
        report = check(root, build_catalogue().make_all("reader"))
        assert (report.errors, report.warnings) == ((), ())
        reference_set.lock(root)
        protocol = {
            "format": "dmn-bench/protocol/1",
            "id": "ecg",
            "purpose": {"need": "a", "intended_use": "b", "comparator": "c", "decided_by": "d"},
            "reference_set": str(root),
            "candidates": [
                {
                    "id": "cart",
                    "role": "comparator",
                    "adapter": "predictions",
                    "options": {"path": str(summary.beside / "machine_statements.csv")},
                }
            ],
            "endpoints": [
                {"name": "af", "task": "classification", "finding": AF, "unit": "case", "metrics": ["sensitivity"]}
            ],
            "primary": "intention_to_diagnose",
            "statistics": {"resamples": 200, "minimum_n": {"estimate": 2, "imprecise_below": 3}},
        }
        path = tmp_path / "ecg.yaml"
        path.write_text(json.dumps(protocol), encoding="utf-8")
        assert call(["--lang", "en", "run", str(path), "--out", str(tmp_path / "out")]) == 0
        record = json.loads((tmp_path / "out" / "record.json").read_text(encoding="utf-8"))
        [row] = [
            row for row in record["results"]["estimates"]
            if row["metric"] == "sensitivity" and row["analysis"] == "intention_to_diagnose" and not row["stratum"]
        ]  # fmt: skip
        assert (row["numerator"], row["denominator"]) == (0, 3)
        pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.html")}
        english = next(text for name, text in pages.items() if ".en." in name)
        french = next(text for name, text in pages.items() if ".fr." in name)
        assert "in 3 of them (50.0%) it was confirmed word for word" in english
        assert "is not its performance" in english
        assert "n’est pas sa performance" in french

    def test_statements_nobody_has_mapped_are_counted_and_what_may_be_a_name_is_kept_apart(self, root, muse):
        for number in range(6):
            a_muse_file(
                muse / f"{number}.xml", "Onde T anormale", "Vu avec Mme Quijote", seed=number, time=f"07:05:0{number}"
            )
        found = imported(root, muse)
        apart = rows(found.beside / "confidential_unmapped_statements.csv")
        assert [(row["text"], row["files"]) for row in apart] == [("Vu avec Mme Quijote", "6")]
        plain = (
            (found.beside / "unmapped_statements.csv").read_text()
            if (found.beside / "unmapped_statements.csv").exists()
            else ""
        )
        assert "Quijote" not in plain + texts_of(root)


class TestIdentity:
    def test_hospital_names_are_in_identity_csv_alone(self, root, muse):
        a_muse_file(muse / "QUIXANO_DULCINEA_77123.xml", "Sinus rhythm", machine=["Sinus rhythm"])
        found = imported(root, muse)
        assert "QUIXANO_DULCINEA_77123" in (root / "identity.csv").read_text(encoding="utf-8")
        (root / "identity.csv").unlink()
        everything = texts_of(root) + texts_of(found.beside)
        for name in ("QUIXANO", "DULCINEA", "77123", "19890302", "1931", "ToBoso", str(muse)):
            assert name not in everything, name

    def test_ecgs_of_a_patient_share_one_id_and_nobody_is_guessed(self, root, muse):
        a_muse_file(muse / "a.xml", patient="1", seed=1)
        a_muse_file(muse / "b.xml", patient="1", seed=2, time="08:00:00")
        a_muse_file(muse / "c.xml", patient="", seed=3, time="09:00:00")
        a_muse_file(muse / "d.xml", patient="", seed=4, time="10:00:00")
        found = imported(root, muse)
        patients = [row["patient_id"] for row in rows(root / "cases.csv")]
        assert patients[0] == patients[1] != ""
        assert patients[2:] == ["", ""]
        assert found.n_without_patient == 2
        assert not reference_set.load(root).patients_known

    def test_the_same_id_in_two_hospitals_is_two_patients(self, root, muse):
        a_muse_file(muse / "north" / "a.xml", patient="1", seed=1)
        a_muse_file(muse / "south" / "a.xml", patient="1", seed=2)
        imported(root, muse, dataclasses.replace(NEGATIVE, hospitals=True))
        a_muse_file(muse / "south" / "b.xml", patient="1", seed=3, time="08:00:00")
        imported(root, muse, dataclasses.replace(NEGATIVE, hospitals=True))
        cases = rows(root / "cases.csv")
        assert [row["site"] for row in cases] == ["s1", "s2", "s2"]
        assert [row["patient_id"] for row in cases] == ["p000001", "p000002", "p000002"]
        assert "north" not in (root / "cases.csv").read_text()

    def test_an_id_that_a_spreadsheet_would_run_comes_back_as_it_was(self, root, muse):
        a_muse_file(muse / "a.xml", patient="=1+1", seed=1)
        imported(root, muse)
        a_muse_file(muse / "b.xml", patient="=1+1", seed=2, time="08:00:00")
        imported(root, muse)
        assert [row["patient_id"] for row in rows(root / "cases.csv")] == ["p000001", "p000001"]


class TestTheSameTwice:
    def test_a_file_that_is_there_twice_becomes_one_case(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm")
        shutil.copy(muse / "a.xml", muse / "copy of a.xml")
        found = imported(root, muse)
        assert (found.n_recordings, found.left_out["twice"]) == (1, 1)
        assert [row["reason"] for row in rows(root / "sampling.csv")] == ["", "the same recording as another"]
        assert keys(found.notes) == ["ecg_import.twice"]

    def test_two_formats_of_one_recording_become_one_case(self, root, muse):
        from dmn_bench.inputs.muse_xml import MuseXmlReader

        a_muse_file(muse / "a.xml", "Sinus rhythm")
        MuseXmlReader().deidentified_copy(muse / "a.xml", muse, "other")
        found = imported(root, muse)
        assert (found.n_recordings, found.left_out["twice"]) == (1, 1)

    def test_under_two_patients_somebody_has_to_look(self, root, muse):
        a_muse_file(muse / "a.xml", patient="1")
        a_muse_file(muse / "b.xml", patient="1", seed=9, time="09:00:00")
        a_muse_file(muse / "c.xml", patient="2", time="10:00:00")
        assert keys(imported(root, muse).notes) == ["ecg_import.twice_two_patients"]

    def test_other_samples_of_one_patient_at_one_second_are_another_recording_to_be_looked_at(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm", seed=1)
        a_muse_file(muse / "b.xml", "Atrial fibrillation", seed=2)
        found = imported(root, muse)
        assert (found.n_recordings, found.left_out["twice"]) == (2, 0)
        assert [(each.key, each.where, dict(each.facts)) for each in found.notes] == [
            ("ecg_import.perhaps_twice", "b.xml", {"other": "c000001", "first": "a.xml"})
        ]
        assert truth(root)["c000002", AF][0] == "positive"
        a_muse_file(muse / "c.xml", "Sinus rhythm", seed=3)  # a later import knows the moments of the first
        assert keys(imported(root, muse).notes) == ["ecg_import.perhaps_twice"]

    def test_a_time_without_seconds_is_no_suspicion(self, root, muse):
        for seed in (1, 2):
            a_muse_file(muse / f"{seed}.xml", time="07:05", seed=seed)
        found = imported(root, muse)
        assert (found.n_recordings, found.notes) == (2, ())

    def test_flat_recordings_are_not_taken_for_each_other(self, root, muse):
        for name in ("a", "b"):
            a_record(muse, np.zeros((720, 2), np.int16), name=name)
        assert imported(root, muse).n_recordings == 2


class TestTwoReportsOfOneRecording:
    def test_a_signed_one_counts_before_one_that_nobody_signed_whatever_their_names(self, root, muse):
        said = {"machine": ("Atrial fibrillation",), "intervals": "160"}
        a_muse_file(muse / "1.xml", "Atrial fibrillation", status="Unconfirmed", **said)
        a_muse_file(muse / "2.xml", "Sinus rhythm", **said)
        found = imported(root, muse)
        assert (found.problems, keys(found.notes)) == ((), ["ecg_import.twice_confirmed"])
        assert found.notes[0].facts == {"other": "c000001", "first": "1.xml"}
        assert {name: value for (_, name), (value, _) in truth(root).items()} == {
            AF: "negative",
            MI: "negative",
            SINUS: "positive",
        }
        assert [row["incorporates"] for row in rows(root / "identity.csv")] == ["edited", ""]
        machine = rows(root.with_name("set-import") / "machine_statements.csv")
        assert ("c000001", AF, "positive") in {tuple(row.values()) for row in machine}
        assert "2.xml" not in (root / "sampling.csv").read_text() + (root / "cases.csv").read_text()

    def test_the_signed_one_first_stays(self, root, muse):
        a_muse_file(muse / "1.xml", "Sinus rhythm")
        a_muse_file(muse / "2.xml", "Atrial fibrillation", status="Unconfirmed")
        assert keys(imported(root, muse).notes) == ["ecg_import.twice"]
        assert truth(root)["c000001", SINUS][0] == "positive"

    def test_the_signed_one_may_come_in_a_later_import(self, root, muse):
        a_muse_file(muse / "1.xml", "Atrial fibrillation", status="Unconfirmed")
        imported(root, muse)
        assert truth(root)["c000001", AF][0] == "unverified"
        a_muse_file(muse / "2.xml", "Atrial fibrillation")
        imported(root, muse)
        assert truth(root)["c000001", AF] == ("positive", "confirmed report")

    def test_two_signed_ones_that_contradict_each_other_verify_nothing_of_it(self, root, muse):
        a_muse_file(muse / "1.xml", "Atrial fibrillation")
        a_muse_file(muse / "2.xml", "Sinus rhythm")
        found = imported(root, muse)
        assert [(each.key, each.where, dict(each.facts)) for each in found.problems] == [
            (
                "ecg_import.twice_contradicts",
                "2.xml",
                {"other": "c000001", "first": "1.xml", "found": "atrial_fibrillation, sinus_rhythm"},
            )
        ]
        evidence = "two confirmed reports that do not say the same"
        assert truth(root)["c000001", AF] == truth(root)["c000001", SINUS] == ("unverified", evidence)
        assert truth(root)["c000001", MI][0] == "negative"
        assert imported(root, muse).problems == ()

    def test_two_signed_ones_that_say_the_same_are_one(self, root, muse):
        a_muse_file(muse / "1.xml", "Sinus rhythm")
        a_muse_file(muse / "2.xml", "Sinus rhythm")
        found = imported(root, muse)
        assert (found.problems, keys(found.notes)) == ((), ["ecg_import.twice"])
        assert truth(root)["c000001", SINUS][0] == "positive"

    def test_measured_values_that_differ_verify_nothing_and_one_that_is_missing_says_nothing(self, tmp_path, muse):
        root = a_card(tmp_path / "set", "{name: pr_interval, unit: ms}", "{name: sinus_rhythm}")
        options = dataclasses.replace(NEGATIVE, measurements=True)
        a_muse_file(muse / "1.xml", "Sinus rhythm", intervals="160")
        a_muse_file(muse / "2.xml", "Sinus rhythm")
        assert imported(root, muse, options).problems == ()
        assert truth(root)["c000001", "pr_interval"][0] == "160"
        a_muse_file(muse / "3.xml", "Sinus rhythm", intervals="240")
        assert keys(imported(root, muse, options).problems) == ["ecg_import.twice_contradicts"]
        assert truth(root)["c000001", "pr_interval"][0] == "unverified"

    def test_what_a_person_wrote_is_nobodys_report(self, root, muse):
        a_muse_file(muse / "1.xml", "Atrial fibrillation")
        imported(root, muse)
        text = (root / "truth.csv").read_text()
        (root / "truth.csv").write_text(text.replace("confirmed report", "read again by two"))
        a_muse_file(muse / "2.xml", "Sinus rhythm")
        imported(root, muse)
        assert truth(root)["c000001", AF] == ("positive", "read again by two")


class TestGoingOn:
    def test_the_same_command_adds_nothing(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm", "Zigzag", machine=["Sinus rhythm"])
        first = imported(root, muse)
        before = {
            name: (root / name).read_bytes() for name in ("cases.csv", "truth.csv", "sampling.csv", "identity.csv")
        }
        again = imported(root, muse)
        assert (again.n_recordings, again.n_known) == (0, 1)
        assert {name: (root / name).read_bytes() for name in before} == before
        assert again.n_unmapped == first.n_unmapped == 1
        assert again.n_machine == first.n_machine == 1

    def test_an_import_that_was_cut_short_goes_on_where_it_was(self, root, muse, monkeypatch):
        for number in range(4):
            a_muse_file(muse / f"{number}.xml", "Sinus rhythm", seed=number, time=f"07:05:0{number}")
        looked_at, seen = ecg_import.looked_at, []

        def stopping(found, *args, **options):
            seen.append(found.name)
            if len(seen) == 3:
                raise KeyboardInterrupt
            return looked_at(found, *args, **options)

        monkeypatch.setattr(ecg_import, "looked_at", stopping)
        with pytest.raises(KeyboardInterrupt):
            imported(root, muse)
        assert len(rows(root / "cases.csv")) == 2
        monkeypatch.undo()
        found = imported(root, muse)
        assert (found.n_recordings, found.n_known) == (2, 2)
        assert [row["case_id"] for row in rows(root / "cases.csv")] == ["c000001", "c000002", "c000003", "c000004"]
        assert check(root, build_catalogue().make_all("reader")).errors == ()

    def test_an_import_that_was_killed_keeps_what_the_machines_said(self, root, muse, monkeypatch, tmp_path):
        for number in range(4):
            text = ("Sinus rhythm", "Seen by nobody")
            a_muse_file(muse / f"{number}.xml", "Sinus rhythm", machine=text, seed=number, time=f"07:05:0{number}")
        monkeypatch.setattr(ecg_import, "SAVED_EVERY", 1)
        monkeypatch.setattr(ecg_import, "SAVING_SHARE", 0)
        killed = tmp_path / "killed"

        def copy(done, _):
            if done == 3:  # the first two are saved: what a kill would leave
                for name in ("set", "set-import"):
                    shutil.copytree(tmp_path / name, killed / name)

        readers = build_catalogue().make_all("reader")
        whole = ecg_import.import_recordings(root, muse, NEGATIVE, readers=readers, on_file=copy)
        assert len(rows(killed / "set" / "cases.csv")) == 2
        found = imported(killed / "set", muse)
        assert (found.n_recordings, found.n_known, found.n_machine) == (2, 2, 4)
        assert found.n_machine == whole.n_machine
        for name in ("machine_statements.csv", "confidential_unmapped_statements.csv"):
            assert rows(killed / "set-import" / name) == rows(tmp_path / "set-import" / name)

    def test_rows_of_a_case_that_was_never_entered_are_dropped(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm")
        imported(root, muse)
        lines = (root / "cases.csv").read_text().splitlines()
        (root / "cases.csv").write_text(lines[0] + "\n")  # as if killed before the last table
        assert imported(root, muse).n_recordings == 1
        assert len(rows(root / "truth.csv")) == 3
        assert len(rows(root / "identity.csv")) == len(rows(root / "sampling.csv")) == 1

    def test_a_file_that_cannot_be_read_is_listed_and_tried_again(self, root, muse):
        whole = a_muse_file(muse / "b.xml", "Sinus rhythm").read_bytes()
        a_muse_file(muse / "a.xml", "Sinus rhythm", seed=5, time="08:00:00")
        (muse / "b.xml").write_bytes(whole.replace(b"<SampleBase>500", b"<SampleBase>0"))
        found = imported(root, muse)
        assert (found.n_recordings, found.left_out["unreadable"]) == (1, 1)
        assert [problem.where for problem in found.problems] == ["b.xml"]
        assert [row["reason"] for row in rows(root / "sampling.csv")] == ["", "the recording cannot be read"]
        (muse / "b.xml").write_bytes(whole)
        again = imported(root, muse)
        assert (again.n_recordings, again.problems) == (1, ())
        assert [row["status"] for row in rows(root / "sampling.csv")] == ["drawn", "drawn"]

    @pytest.mark.parametrize("method", ["header", "read", "deidentified_copy"])
    def test_a_reader_that_breaks_ends_nothing(self, root, muse, monkeypatch, method):
        from dmn_bench.inputs.muse_xml import MuseXmlReader

        def broken(*_):
            raise ZeroDivisionError("b.xml says Quixano")

        a_muse_file(muse / "a.xml", "Sinus rhythm")
        a_record(muse, waves(1))
        monkeypatch.setattr(MuseXmlReader, method, broken)
        found = imported(root, muse)
        assert (found.n_recordings, keys(found.problems)) == (1, ["inputs.waveform_damaged"])
        assert "Quixano" not in str(found.problems)
        monkeypatch.undo()
        assert imported(root, muse).n_recordings == 1
        assert check(root, build_catalogue().make_all("reader")).errors == ()

    def test_a_full_disk_ends_the_import_and_the_tables_are_whole(self, root, muse, monkeypatch):
        from dmn_bench.inputs import signal_copy

        for number in range(3):
            a_record(muse, waves(number), name=f"r{number}")
        written, write = [], signal_copy.write_atomically

        def full(path, content):
            written.append(path)
            if len(written) > 3:
                raise MachineError(Problem(key="files.cannot_write", where="x", facts={"found": "full"}))
            write(path, content)

        monkeypatch.setattr(signal_copy, "write_atomically", full)
        with pytest.raises(MachineError):
            imported(root, muse)
        monkeypatch.undo()
        assert len(rows(root / "cases.csv")) == 1
        assert imported(root, muse).n_recordings == 2
        assert check(root, build_catalogue().make_all("reader")).errors == ()

    def test_what_a_person_wrote_into_the_tables_stays(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm")
        imported(root, muse)
        text = (root / "truth.csv").read_text().replace("c000001,,,MI,negative", "c000001,,,MI,positive")
        (root / "truth.csv").write_text(text)
        a_muse_file(muse / "b.xml", "Sinus rhythm", seed=8, time="09:00:00")
        imported(root, muse)
        assert truth(root)["c000001", MI][0] == "positive"
        assert truth(root)["c000002", MI][0] == "negative"


class TestDrawing:
    def test_the_draw_depends_on_the_files_and_the_seed_and_the_others_are_noted(self, root, muse, tmp_path):
        for number in range(6):
            a_muse_file(muse / f"{number}.xml", seed=number, time=f"07:05:0{number}")
        options = dataclasses.replace(NEGATIVE, draw=2, seed=7)
        assert imported(root, muse, options).left_out["not_drawn"] == 4
        other = a_card(tmp_path / "other")
        imported(other, muse, options)
        drawn = [[row["source_file"] for row in rows(each / "identity.csv")][:2] for each in (root, other)]
        assert drawn[0] == drawn[1]
        statuses = sorted(row["status"] for row in rows(root / "sampling.csv"))
        assert statuses == ["drawn"] * 2 + ["not_drawn"] * 4
        assert imported(root, muse, options).n_recordings == 0

    def test_more_than_there_are_is_refused(self, root, muse):
        a_muse_file(muse / "a.xml")
        with pytest.raises(ReferenceSetError) as refused:
            imported(root, muse, dataclasses.replace(NEGATIVE, draw=2))
        assert keys(refused.value.problems) == ["ecg_import.too_few"]


class TestAnnotations:
    @pytest.mark.filterwarnings("ignore:.*inplace:Warning")  # the library's own use of pandas
    def test_what_was_marked_is_copied_and_what_was_written_is_not(self, tmp_path, muse):
        root = a_card(tmp_path / "set", standard="wfdb_annotator: ref")
        a_record(muse, waves(1), name="a")
        a_record(muse, waves(2), name="b")
        samples = np.array([10, 400, 900, 1900])
        notes = ["(AFIB", "seen by Dr Doe", "", "(DOE"]
        wfdb.wrann("a", "cardio", samples, ["+", "N", "V", "+"], aux_note=notes, write_dir=str(muse))
        found = imported(root, muse, dataclasses.replace(NEGATIVE, annotations="cardio"))
        beats = read_annotations(root / "files" / "c000001.hea", "ref")
        assert (beats.samples.tolist(), beats.symbols) == (samples.tolist(), ("+", "N", "V", "+"))
        assert beats.notes == ("(AFIB", "", "", "")
        assert (found.n_annotated, found.n_without_annotations, found.n_notes_dropped) == (1, 1, 2)
        assert "Doe" not in texts_of(root)

    def test_a_holter_of_ishne_brings_its_own(self, tmp_path, muse):
        muse.mkdir()
        root = a_card(tmp_path / "set", standard="wfdb_annotator: atr")
        an_ishne(muse / "h.ecg", waves(3, 4000))
        an_ishne(muse / "h.ann", waves(3, 4000), beats=[(b"N", 0), (b"V", 200), (b"N", 1500)])
        found = imported(root, muse, dataclasses.replace(NEGATIVE, annotations="ann"))
        beats = read_annotations(root / "files" / "c000001.hea", "atr")
        assert (beats.samples.tolist(), beats.symbols) == ([40, 240, 1740], ("N", "V", "N"))
        [case] = rows(root / "cases.csv")
        assert (case["setting"], case["recording_hz"], found.n_annotated) == ("holter", "200", 1)
        assert "Nomfaux" not in texts_of(root)

    def test_annotations_that_cannot_be_understood_keep_the_recording_out(self, tmp_path, muse):
        root = a_card(tmp_path / "set", standard="wfdb_annotator: atr")
        a_record(muse, waves(1), name="a")
        (muse / "a.atr").write_bytes(b"\xff\xff\xff")
        found = imported(root, muse)
        assert (found.n_recordings, keys(found.problems)) == (0, ["inputs.annotations_damaged"])

    def test_they_need_a_name_in_the_card(self, root, muse):
        a_record(muse, waves(1))
        with pytest.raises(ReferenceSetError) as refused:
            imported(root, muse, EcgOptions(annotations="atr"))
        assert keys(refused.value.problems) == ["ecg_import.no_annotator"]


class TestHostileFolders:
    def test_links_are_named_and_not_followed(self, root, muse, tmp_path):
        a_muse_file(tmp_path / "outside" / "a.xml", "Sinus rhythm")
        muse.mkdir()
        (muse / "link.xml").symlink_to(tmp_path / "outside" / "a.xml")
        (muse / "folder").symlink_to(tmp_path / "outside")
        found = imported(root, muse)
        assert (found.n_recordings, keys(found.problems)) == (0, ["ecg_import.link"] * 2)

    def test_nor_are_those_of_a_recordings_signals(self, root, muse, tmp_path):
        a_record(tmp_path / "outside", waves(1))
        muse.mkdir()
        shutil.copy(tmp_path / "outside" / "r01.hea", muse)
        (muse / "r01.dat").symlink_to(tmp_path / "outside" / "r01.dat")
        found = imported(root, muse)
        assert found.n_recordings == 0
        assert set(keys(found.problems)) <= {"ecg_import.link", "inputs.wfdb_file_outside"}
        assert not (root / "files").exists()

    def test_names_of_any_characters_come_back(self, root, muse):
        names = ["=a\nb.xml", " c .xml", "d\\n.xml", os.fsdecode(b"\xff.xml"), "-e.xml", "f\t\u202e.xml"]
        for number, name in enumerate(names):
            a_muse_file(muse / name, "Sinus rhythm", seed=number, time=f"07:05:0{number}")
        assert imported(root, muse).n_recordings == len(names)
        assert imported(root, muse).n_known == len(names)
        assert check(root, build_catalogue().make_all("reader")).errors == ()

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator may read everything")
    def test_what_may_not_be_read_is_a_listed_problem(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm", seed=1)
        a_muse_file(muse / "b.xml", "Sinus rhythm", seed=2).chmod(0)
        a_muse_file(muse / "closed" / "c.xml", "Sinus rhythm", seed=3)
        (muse / "closed").chmod(0)
        found = imported(root, muse)
        (muse / "closed").chmod(0o755)
        assert found.n_recordings == 1
        assert sorted(problem.where for problem in found.problems) == ["b.xml", "closed"]

    def test_segments_of_a_record_are_no_recordings_of_their_own(self, root, muse):
        a_record(muse, waves(1), name="a_0001")
        a_record(muse, waves(2), name="a_0002")
        (muse / "z.hea").write_text("z/2 2 360 4000\na_0001 2000\na_0002 2000\n")
        found = imported(root, muse)
        [case] = rows(root / "cases.csv")
        assert (found.n_recordings, float(case["recording_seconds"])) == (1, pytest.approx(4000 / 360, abs=0.1))

    def test_other_files_are_counted_and_left_alone(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm")
        (muse / "notes.txt").write_text("nothing")
        (muse / ".hidden.xml").write_bytes((muse / "a.xml").read_bytes())
        assert imported(root, muse).left_out == {"not_recordings": 1}

    def test_a_name_in_the_device_of_a_file_is_not_kept(self, root, muse):
        path = a_muse_file(muse / "a.xml", "Sinus rhythm")
        path.write_text(path.read_text("latin-1").replace("MAC55", "=MAC55"), "latin-1")
        imported(root, muse)
        assert [row["model"] for row in rows(root / "cases.csv")] == ["MAC55"]

    def test_nor_is_that_of_a_patient_or_a_technician_in_any_format(self, root, muse):
        path = a_muse_file(muse / "a.xml", "Sinus rhythm")
        text = path.read_text("latin-1").replace("MAC55", "MAC of Québec")
        text = text.replace("<DataType>", "<AcquisitionTechLastName>QUEBEC</AcquisitionTechLastName><DataType>")
        path.write_text(text, "latin-1")
        path = a_muse_file(muse / "b.xml", seed=2, time="08:00:00")
        path.write_text(path.read_text("latin-1").replace("MAC55", "MAC Quixano"), "latin-1")
        equipment = "Startdate 02-FEB-2020 X Sample_Nomtest {}"
        for name, device in (("c", "Holter_Nomfaux_Prenomtest"), ("d", "Holter_of_Sample"), ("e", "Holter_3")):
            stored = np.random.default_rng(ord(name)).integers(-900, 900, (4, 500))
            an_edf(muse / f"{name}.edf", stored, recording=equipment.format(device))
        philips = a_philips(muse / "f.xml")
        philips.write_bytes(philips.read_bytes().replace(b">PageWriter<", b">PageWriter Dulcinea<"))
        found = imported(root, muse)
        assert found.problems == ()
        assert [row["model"] for row in rows(root / "cases.csv")] == ["", "", "", "", "Holter 3", ""]


class TestRefused:
    @pytest.mark.parametrize("inside", [True, False])
    def test_a_folder_in_the_set_or_around_it(self, root, inside):
        folder = root / "in" if inside else root.parent
        folder.mkdir(exist_ok=True)
        with pytest.raises(ReferenceSetError) as refused:
            imported(root, folder)
        assert keys(refused.value.problems) == ["ecg_import.folder_in_set"]

    def test_no_folder_at_all(self, root, muse):
        with pytest.raises(ReferenceSetError) as refused:
            imported(root, muse)
        assert keys(refused.value.problems) == ["ecg_import.no_folder"]

    def test_a_locked_version(self, root, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm")
        imported(root, muse)
        reference_set.lock(root)
        with pytest.raises(ReferenceSetError) as refused:
            imported(root, muse)
        assert keys(refused.value.problems) == ["pacs_import.set_is_locked"]

    def test_another_import_at_work(self, root, muse):
        a_muse_file(muse / "a.xml")
        with ecg_import.alone(root), pytest.raises(MachineError) as refused:
            imported(root, muse)
        assert keys(refused.value.problems) == ["pacs_import.another_import"]

    def test_a_set_of_images(self, root, muse):
        a_muse_file(muse / "a.xml")
        card = root / "reference_set.yaml"
        card.write_text(card.read_text().replace("modality: ECG", "modality: DX"))
        with pytest.raises(ReferenceSetError) as refused:
            imported(root, muse, EcgOptions(measurements=True, annotations="atr"))
        assert keys(refused.value.problems) == [
            "ecg_import.not_ecg",
            "ecg_import.no_annotator",
            "ecg_import.no_measured_finding",
        ]

    def test_a_finding_that_the_card_lacks(self, root, muse):
        a_muse_file(muse / "a.xml")
        with pytest.raises(ReferenceSetError) as refused:
            imported(root, muse, EcgOptions(findings=("af",)))
        assert keys(refused.value.problems) == ["ecg_import.finding_unknown"]

    def test_a_finding_without_statements_is_said(self, tmp_path, muse):
        a_muse_file(muse / "a.xml", "Sinus rhythm")
        root = a_card(tmp_path / "set", "{name: sinus_rhythm}", "{name: gallop}")
        assert keys(imported(root, muse).notes) == ["ecg_import.finding_without_statements"]


def test_meanings_name_every_row_that_is_wrong(tmp_path, root):
    path = tmp_path / "means.csv"
    path.write_text("text,finding,label\na,gallop,\nb,MI,maybe\nc,MI,\nC.,MI,\n", encoding="utf-8")
    with pytest.raises(ReferenceSetError) as refused:
        read_meanings(path, read_card(root))
    assert worded(refused.value.problems) == [
        ("means.csv:2", "ecg_import.meaning_unknown"),
        ("means.csv:3", "ecg_import.meaning_label"),
        ("means.csv:5", "ecg_import.meaning_twice"),
    ]
    path.write_text("texte;finding\n", encoding="utf-8")
    with pytest.raises(ReferenceSetError):
        read_meanings(path, read_card(root))
