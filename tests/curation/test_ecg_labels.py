"""Labels of collections: headers of the challenges in all their spellings, the tables of PTB-XL and of SPH."""

import pytest

from dmn_bench.curation.ecg_labels import header_says, read_collection
from dmn_bench.curation.ecg_truth import Meanings
from dmn_bench.errors import ReferenceSetError
from tests.set_factory import worded

RECORD = "r 1 500 10\nr.dat 16 1000/mV 16 0 0 0 0 I\n"
PTBXL = (
    "ecg_id,patient_id,age,sex,device,scp_codes,pacemaker,strat_fold,validated_by_human,second_opinion,"
    "filename_lr,filename_hr"
)
FILES = "records100/00000/0000{0}_lr,records500/00000/0000{0}_hr"


def says(tmp_path, comments):
    path = tmp_path / "r.hea"
    path.write_text(RECORD + comments, encoding="utf-8")
    return header_says(path)


def codes(said):
    return [statement.code for statement in said.report.statements]


@pytest.mark.parametrize("dx", ["#Dx: 1,2", "# Dx: 1,2", "#Dx:1, 2", "  # dx :1,2,1", "#Dx: ,,1,2"])
def test_codes_in_every_spelling(tmp_path, dx):
    said = says(tmp_path, f"#Age: 85\n#Sex: Male\n{dx}\n")
    assert codes(said) == ["1", "2"]
    assert said.attributes == {"PatientAge": "085Y", "PatientSex": "M"}
    assert (said.report.is_confirmed, said.evidence) == (True, "labels of the collection")


@pytest.mark.parametrize("odd", ["164889003;59118001", "164889003.0", "164889003 59118001", "fibrillo-flutter"])
def test_what_is_no_code_is_a_text_that_leaves_the_record_open(tmp_path, odd):
    said = says(tmp_path, f"#Dx: 426783006,{odd}\n")
    heard = Meanings().heard(said.report.statements)
    assert heard.labels == {"sinus_rhythm": "positive"}
    assert [statement.text for statement in heard.unmapped] == [odd]
    assert heard.is_open


def test_ages_and_sexes_that_are_none(tmp_path):
    assert says(tmp_path, "#Age: NaN\n#Sex: Unknown\n#Dx: 1\n").attributes == {}
    assert says(tmp_path, "#Age: -1\n#Sex: Female\n#Dx: 1\n").attributes == {"PatientSex": "F"}


def test_no_codes_at_all_is_a_report_that_says_nothing(tmp_path):
    assert codes(says(tmp_path, "#Dx: \n")) == codes(says(tmp_path, "#Dx: Unknown\n")) == []
    assert says(tmp_path, "").report is None


def test_the_first_comment_of_mit_bih(tmp_path):
    said = says(tmp_path, "# 68 M 1960 2851 x1\n# Digoxin\n")
    assert (said.attributes, said.report) == ({"PatientAge": "068Y", "PatientSex": "M"}, None)
    assert says(tmp_path, "# -1 M 742 654 x1\n").attributes == {}


def a_table(tmp_path, *lines):
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_ptb_xl_says_who_and_how_likely(tmp_path):
    path = a_table(
        tmp_path,
        PTBXL,
        """7,15709.0,300.0,1,CS-12   E,"{'NORM': 100.0, 'IMI': 35.0, 'SR': 0.0}",,3,True,True,""" + FILES.format(7),
        """8,15709.0,56,0,,"{'AFIB': 0.0}","ja, pacemaker",4,False,False,""" + FILES.format(8),
    )
    collection = read_collection(path, likelihood_at_least=50)
    assert set(collection.rows) == {"00007_lr", "00007_hr", "00008_lr", "00008_hr"}
    first, second = collection.rows["00007_lr"], collection.rows["00008_lr"]
    assert [(s.code, s.modifiers) for s in first.report.statements] == [
        ("NORM", ()),
        ("IMI", ("possible",)),
        ("SR", ()),
    ]
    assert first.attributes == {
        "PatientAge": "090Y",
        "PatientSex": "F",
        "PatientID": "15709",
        "ManufacturerModelName": "CS-12 E",
    }
    assert (first.evidence, first.record, first.columns) == (
        "validated by two readers",
        "ptb-xl/7",
        {"strat_fold": "3"},
    )
    assert (second.report.is_confirmed, second.report.statements[0].source) == (False, "machine")
    assert second.columns == {"strat_fold": "4", "paced": "yes"}
    certain = read_collection(path, likelihood_at_least=1).rows["00007_lr"]
    assert [s.modifiers for s in certain.report.statements] == [(), (), ()]


def test_sph_says_primary_statements_and_modifiers(tmp_path):
    path = a_table(tmp_path, "ECG_ID,AHA_Code,Patient_ID,Age,Sex", "A00001,50+346;22,S1,55,M", "A00002.h5,1,S1,30,F")
    collection = read_collection(path, likelihood_at_least=50)
    assert collection.reads_hdf5
    assert [(s.code, s.modifiers) for s in collection.rows["A00001"].report.statements] == [
        ("50", ("346",)),
        ("22", ()),
    ]
    assert collection.rows["A00002"].attributes == {"PatientAge": "030Y", "PatientSex": "F", "PatientID": "S1"}


def refused(path):
    with pytest.raises(ReferenceSetError) as error:
        read_collection(path, likelihood_at_least=50)
    return worded(error.value.problems)


def test_rows_that_cannot_be_read_are_named(tmp_path):
    assert refused(a_table(tmp_path, "a,b", "1,2")) == [("table.csv", "ecg_import.table_unknown")]
    assert refused(a_table(tmp_path, "a,a")) == [("table.csv:1", "ecg_import.table_columns")]
    sph = a_table(tmp_path, "ECG_ID,AHA_Code,Patient_ID", "A1,fifty,S1", "A2,1,S1", "A3,1+x,S1")
    assert refused(sph) == [("table.csv:2", "ecg_import.bad_aha_code"), ("table.csv:4", "ecg_import.bad_aha_code")]
    for cell in ("NORM", "[]", "{'NORM': 'much'}", "{'NORM': 101}", "{'NORM': __import__('os')}"):
        row = f'7,1,30,1,,"{cell}",,3,True,False,records100/7_lr,records500/7_hr'
        assert refused(a_table(tmp_path, PTBXL, row)) == [("table.csv:2", "ecg_import.bad_likelihoods")], cell
    assert refused(tmp_path / "none.csv") == [(str(tmp_path / "none.csv"), "files.cannot_read")]
