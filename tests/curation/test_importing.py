"""Studies of a real archive become cases: by DICOMweb and by C-MOVE, from a list or a query, gone on with, left out."""

import csv
import json
from dataclasses import dataclass, field

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.cli import call
from dmn_bench.curation import importing, selecting
from dmn_bench.curation.archives import NodeArchive, WebArchive
from dmn_bench.curation.check import check
from dmn_bench.curation.import_cases import copy_into, sorted_out
from dmn_bench.curation.importing import import_studies
from dmn_bench.errors import MachineError, Problem, ReferenceSetError
from dmn_bench.files import write_atomically
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.inputs.dicom_network import Node
from dmn_bench.inputs.dicomweb import DicomWeb
from tests.inputs.factories import an_ecg, an_image, saved
from tests.pacs_kit import an_archive, free_port

HOSPITAL_ID = "HOSPITAL-0042"


def an_object(number=0, *, study=None, **attributes):
    """A radiograph with identifiers in it, unlike any other."""
    pixels = np.full((16, 12), number, dtype=np.uint16)
    said = {
        "StudyInstanceUID": study or generate_uid(prefix=None),
        "PatientID": HOSPITAL_ID,
        "PatientName": "NAME^OF",
        "AccessionNumber": f"A{number:04d}",
        "StudyDate": "20250214",
        "StudyTime": "101500",
        "PatientSex": "F",
        "PatientAge": "093Y",
        "Manufacturer": "=Maker",
        "ViewPosition": "PA",
        "ImageLaterality": "L",
        "Modality": "DX",
        "StudyID": "",
        "PatientBirthDate": "",
        "ReferringPhysicianName": "",
        "SeriesNumber": "1",
        "InstanceNumber": str(number),
    }
    return an_image(pixels, **{**said, **attributes})


@dataclass
class FakeArchive:
    """An archive in a folder; ``broken``: studies that cannot be fetched."""

    objects: list = field(default_factory=list)
    broken: set = field(default_factory=set)
    fetched: list = field(default_factory=list)
    name: str = "fake"

    def find(self, filters):
        found = {}
        for one in self.objects:
            if all(str(one.get(keyword, "")) == value for keyword, value in filters.items()):
                study = str(one.StudyInstanceUID)
                found[study] = {"StudyInstanceUID": study, "PatientID": str(one.PatientID)}
        return list(found.values())

    def retrieve(self, study_uid, folder):
        self.fetched.append(study_uid)
        if study_uid in self.broken:
            raise MachineError(Problem(key="network.no_answer", where=self.name))
        wanted = [one for one in self.objects if one.StudyInstanceUID == study_uid]
        return [saved(one, folder / f"{one.SOPInstanceUID}.dcm") for one in wanted]


CARD = """\
format: dmn-bench/reference-set/1
id: wrists
version: 1.0.0
title: {en: Wrists}
modality: MODALITY
findings: [{name: fracture}]
sampling: consecutive
reference_standard: {method: consensus, readers: 2, blinded_to_device: true}
strata:
  sex: {column: sex}
  age: {column: age_years, edges: [18, 65]}
  manufacturer: {column: manufacturer}
data_protection: {route: not_applicable}
"""


def a_set(folder, modality="DX"):
    folder.mkdir()
    (folder / "reference_set.yaml").write_text(CARD.replace("MODALITY", modality))
    return folder


@pytest.fixture
def root(tmp_path):
    return a_set(tmp_path / "set")


def imported(root, archive, **options):
    selection = options.pop("selection", None) or selecting.queried(archive, {}, **options)
    return import_studies(root, archive, selection, readers=build_catalogue().make_all("reader"))


def rows(root, name):
    with (root / name).open(newline="") as stream:
        return list(csv.DictReader(stream))


def everything_in(root, but=("identity.csv",)):
    return b"".join(path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and path.name not in but)


def test_a_study_of_two_views_becomes_an_exam_of_two_cases_without_identifiers(root):
    study = generate_uid(prefix=None)
    archive = FakeArchive([an_object(1, study=study), an_object(2, study=study, ViewPosition="LL")])
    summary = imported(root, archive)
    assert (summary.n_studies, summary.n_cases, summary.problems) == (1, 2, ())
    cases = rows(root, "cases.csv")
    assert [row["case_id"] for row in cases] == ["c000001-1", "c000001-2"]
    assert {(row["exam_id"], row["patient_id"], row["laterality"]) for row in cases} == {("e000001", "p000001", "L")}
    assert cases[0]["age_years"] == "90"
    assert cases[0]["study_quarter"] == "2025-Q1"
    assert cases[0]["manufacturer"] == "Maker"
    assert {row["view"] for row in cases} == {"PA", "LL"}
    inside = everything_in(root)
    for secret in (HOSPITAL_ID, "NAME", "A0001", study, str(archive.objects[0].SOPInstanceUID), "20250214"):
        assert secret.encode() not in inside
    names = rows(root, "identity.csv")
    assert {row["sop_instance_uid"] for row in names} == {str(one.SOPInstanceUID) for one in archive.objects}
    assert {(row["hospital_patient_id"], row["study_instance_uid"]) for row in names} == {(HOSPITAL_ID, study)}
    by_file = {row["file"]: row["copy_sop_instance_uid"] for row in names}
    assert {str(pydicom.dcmread(root / file).SOPInstanceUID) for file in by_file} == set(by_file.values())


def test_the_imported_set_passes_its_check_but_for_the_truth_and_can_be_locked(root):
    archive = FakeArchive([an_object(n, PatientID=f"P{n}") for n in range(1, 4)])
    imported(root, archive)
    lines = [f"{row['case_id']},,,fracture,negative,," for row in rows(root, "cases.csv")]
    header = "case_id,exam_id,patient_id,finding,value,evidence,read_at"
    (root / "truth.csv").write_text("\n".join([header, *lines]) + "\n")
    report = check(root, build_catalogue().make_all("reader"))
    assert [problem.key for problem in report.errors] == []
    locked = json.loads(reference_set.lock(root).read_text())
    assert "identity.csv" not in locked["files"]
    with pytest.raises(ReferenceSetError) as refused:
        imported(root, archive)
    assert refused.value.problems[0].key == "pacs_import.set_is_locked"


def test_the_slices_of_a_series_are_one_case_in_the_order_of_their_places(tmp_path):
    root = a_set(tmp_path / "ct", "CT")
    study, series = generate_uid(prefix=None), generate_uid(prefix=None)
    slices = [
        an_object(
            z,
            study=study,
            SeriesInstanceUID=series,
            Modality="CT",
            ImagePositionPatient=[0, 0, 5 - z],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            FrameOfReferenceUID="1.2.3",
        )
        for z in range(5)
    ]
    summary = imported(root, FakeArchive(slices))
    assert summary.n_cases == 1
    (case,) = rows(root, "cases.csv")
    assert case["files"] == "files/c000001-1"
    names = rows(root, "identity.csv")
    values = {str(one.SOPInstanceUID): int(one.InstanceNumber) for one in slices}
    for row, copy in zip(names, sorted((root / case["files"]).iterdir()), strict=True):
        read = pydicom.dcmread(copy)
        assert row["copy_sop_instance_uid"] == read.SOPInstanceUID
        assert read.pixel_array[0, 0] == values[row["sop_instance_uid"]]
        assert row["frame_of_reference_uid"] == "1.2.3"


def test_what_is_no_case_is_counted_by_its_reason_and_a_study_without_any_is_excluded(root):
    archive = FakeArchive(
        [
            an_object(1, PatientID="P1"),
            an_object(2, PatientID="P2", BurnedInAnnotation="YES"),
            an_object(3, PatientID="P3", Modality="MR"),
        ]
    )
    report = an_object(4, PatientID="P4", Modality="SR")
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(report, keyword)
    archive.objects.append(report)
    summary = imported(root, archive)
    assert dict(summary.left_out) == {"burned_in": 1, "other_modality": 1, "not_an_image": 1}
    assert (summary.n_cases, summary.without_cases) == (1, 3)
    assert sorted(row["status"] for row in rows(root, "sampling.csv")) == ["drawn", "excluded", "excluded", "excluded"]
    archive.fetched.clear()
    again = imported(root, archive)
    assert (archive.fetched, again.n_known) == ([], 4)


def test_recordings_are_taken_as_dicom_objects_alone(tmp_path):
    said = {"Modality": "ECG", "PatientID": HOSPITAL_ID, "StudyInstanceUID": "1.2.3"}
    ecg = an_ecg(np.arange(2000, dtype=np.int16).reshape(-1, 2) % 90)
    for keyword, value in said.items():
        setattr(ecg, keyword, value)
    dicom = saved(ecg, tmp_path / "a.dcm")
    table = tmp_path / "b.csv"
    table.write_text("# sampling_hz: 250\n# unit: uV\nI,II\n" + "1,2\n" * 600)
    readers = build_catalogue().make_all("reader")
    assert any(reader.recognises(table) for reader in readers)
    found = sorted_out([dicom, table], readers, modality="ECG")
    assert dict(found.left_out) == {"not_an_image": 1}
    [case] = found.cases
    entry, [names] = copy_into(case, tmp_path / "set", "c1-1")
    assert (entry, names.study_instance_uid) == ("files/c1-1.dcm", "1.2.3")
    assert names.copy_sop_instance_uid not in ("", names.sop_instance_uid)


def test_an_import_goes_on_where_it_stopped_and_asks_again_for_what_failed(root):
    archive = FakeArchive([an_object(n, PatientID=f"P{n % 2}") for n in range(1, 5)])
    broken = str(archive.objects[2].StudyInstanceUID)
    archive.broken = {broken}
    first = imported(root, archive)
    assert (first.n_studies, [problem.key for problem in first.problems]) == (3, ["network.no_answer"])
    archive.broken, archive.fetched = set(), []
    second = imported(root, archive)
    assert (archive.fetched, second.n_known, second.n_cases) == ([broken], 3, 1)
    cases = rows(root, "cases.csv")
    assert len({row["case_id"] for row in cases}) == len({row["exam_id"] for row in cases}) == 4
    assert len({row["patient_id"] for row in cases}) == 2
    assert len({(root / row["files"]).read_bytes() for row in cases}) == 4


def test_rows_that_were_lost_with_the_machine_are_fetched_again(root):
    archive = FakeArchive([an_object(1), an_object(2)])
    imported(root, archive)
    table = (root / "cases.csv").read_text().splitlines()
    (root / "cases.csv").write_text("\n".join(table[:-1]) + "\n")  # written last
    lost = table[-1].split(",")[0]
    (root / "sampling.csv").write_text("unit_id,status\n")
    imported(root, archive)
    assert len(rows(root, "cases.csv")) == 2
    names = rows(root, "identity.csv")
    assert len({row["sop_instance_uid"] for row in names}) == len(names) == 2
    assert lost not in [row["case_id"] for row in names] or len(names) == 2


def test_a_draw_is_that_of_its_seed_and_names_those_not_drawn(root):
    archive = FakeArchive([an_object(n, PatientID=f"P{n}") for n in range(8)])
    chosen = selecting.queried(archive, {}, draw=3, seed=5)
    turned = FakeArchive(archive.objects[::-1])
    assert chosen.drawn == selecting.queried(turned, {}, draw=3, seed=5).drawn
    assert chosen.drawn != selecting.queried(archive, {}, draw=3, seed=6).drawn
    assert len(chosen.not_drawn) == 5
    imported(root, archive, selection=chosen)
    statuses = [row["status"] for row in rows(root, "sampling.csv")]
    assert (statuses.count("drawn"), statuses.count("not_drawn")) == (3, 5)
    imported(root, archive)  # now all of them, each once
    assert [row["status"] for row in rows(root, "sampling.csv")] == ["drawn"] * 8
    assert len(rows(root, "cases.csv")) == 8
    with pytest.raises(ReferenceSetError) as refused:
        selecting.queried(archive, {}, draw=9)
    assert refused.value.problems[0].key == "pacs_import.too_few"


def test_every_line_of_a_list_names_one_study(tmp_path):
    archive = FakeArchive([an_object(1, PatientID="P1"), an_object(2, PatientID="P2"), an_object(3, PatientID="P2")])
    path = tmp_path / "list.csv"
    path.write_text("accession_number,patient_id\nA0001,\n,P2\nA9999,\n*,\nA0001,P1\n")
    with pytest.raises(ReferenceSetError) as refused:
        selecting.listed(archive, path)
    keys = [(problem.where, problem.key) for problem in refused.value.problems]
    names = ("several_studies", "no_study", "line_names_nothing", "study_twice")
    assert keys == [(f"list.csv:{line}", f"pacs_import.{name}") for line, name in zip((3, 4, 5, 6), names, strict=True)]
    path.write_text("accession_number\nA0003\nA0001\n")
    drawn = selecting.listed(archive, path).drawn
    assert [study["StudyInstanceUID"] for study in drawn] == [str(archive.objects[n].StudyInstanceUID) for n in (2, 0)]


@pytest.fixture(scope="module")
def pacs(tmp_path_factory):
    with an_archive(tmp_path_factory.mktemp("orthanc")) as archive:
        folder = tmp_path_factory.mktemp("sent")
        study = generate_uid(prefix=None)
        objects = [an_object(1, study=study), an_object(2, study=study), an_object(3, PatientID="P3")]
        paths = [saved(one, folder / f"{number}.dcm") for number, one in enumerate(objects)]
        Node(host="127.0.0.1", port=archive.port, ae_title="ORTHANC").store(paths)
        yield archive, objects


def test_both_ways_into_a_real_archive_give_the_same_cases(pacs, tmp_path):
    archive, objects = pacs
    port = free_port()
    archive.knows("DMNBENCH", port)
    node = Node(host="127.0.0.1", port=archive.port, ae_title="ORTHANC")
    ways = {"web": WebArchive(web=DicomWeb(url=archive.url)), "node": NodeArchive(node=node, port=port)}
    found = {}
    for name, way in ways.items():
        place = a_set(tmp_path / name)
        summary = imported(place, way)
        assert (summary.n_studies, summary.n_cases, summary.problems) == (2, 3, ())
        named = {row["sop_instance_uid"]: row["file"] for row in rows(place, "identity.csv")}
        found[name] = {uid: pydicom.dcmread(place / file).pixel_array.tolist() for uid, file in named.items()}
    assert found["web"] == found["node"]
    assert found["web"] == {str(one.SOPInstanceUID): one.pixel_array.tolist() for one in objects}


def test_the_command_imports_by_query_and_says_what_it_did(pacs, root, capsys):
    archive, _ = pacs
    arguments = ["refset", "import", str(root), "--dicomweb", archive.url, "--query", "PatientID=P3", "--lang", "fr"]
    assert call(arguments) == 0
    said = capsys.readouterr().out.replace("\u202f", " ").replace("\xa0", " ")
    assert "1 examen récupéré, 1 cas inscrit" in said
    assert call([*arguments, "--list", "x.csv"]) == 2
    assert call(["refset", "import", str(root), "--dicom-node", "no-port", "--query", "PatientID=P3"]) == 2


def test_an_archive_that_is_not_there_is_an_error_that_names_it(root, capsys):
    address = f"http://127.0.0.1:{free_port()}/dicom-web"
    assert call(["refset", "import", str(root), "--dicomweb", address, "--query", "PatientID=P3"]) == 5
    assert address in capsys.readouterr().err


PROTOCOL = """\
format: dmn-bench/protocol/1
id: wrists
reference_set: set
candidates:
  - id: by-image
    adapter: predictions
    options: {path: images.csv, id: {column: uid, is: sop_instance_uid}}
    operating_points: {fracture: {score_at_least: 0.5}}
  - id: by-accession
    adapter: predictions
    options: {path: exams.csv, id: {column: uid, is: accession_number}}
    operating_points: {fracture: {score_at_least: 0.5}}
endpoints:
  - {name: exam, task: classification, finding: fracture, unit: exam, metrics: [sensitivity, specificity]}
statistics: {resamples: 200}
"""


def test_results_that_use_the_hospitals_identifiers_find_their_cases(root, tmp_path):
    archive = FakeArchive([an_object(n, PatientID=f"P{n}") for n in range(1, 5)])
    imported(root, archive)
    files = {row["sop_instance_uid"]: row["case_id"] for row in rows(root, "identity.csv")}
    number = {files[str(one.SOPInstanceUID)]: int(one.InstanceNumber) for one in archive.objects}
    truth = [f"{case},,,fracture,{'positive' if n > 2 else 'negative'},," for case, n in sorted(number.items())]
    header = "case_id,exam_id,patient_id,finding,value,evidence,read_at"
    (root / "truth.csv").write_text("\n".join([header, *truth]) + "\n")
    reference_set.lock(root)
    for name, keyword in (("images", "SOPInstanceUID"), ("exams", "AccessionNumber")):
        lines = [f"{one.get(keyword)},fracture,{int(one.InstanceNumber) / 5}" for one in archive.objects]
        (tmp_path / f"{name}.csv").write_text("\n".join(["uid,finding,score", *lines]) + "\n")
    (tmp_path / "wrists.yaml").write_text(PROTOCOL)
    record = evaluate(tmp_path / "wrists.yaml", RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue())
    (both,) = {(row.answered, row.failed) for row in record.results.flow}
    assert both == (2, 0)
    for name in ("by-image", "by-accession"):
        scores = {}
        for line in (tmp_path / "run" / f"answers.{name}.jsonl").read_text().splitlines():
            answer = json.loads(line)
            scores[answer["case_id"]] = answer["findings"]["fracture"]["score"]
        assert scores == {case: n / 5 for case, n in number.items()}


def test_a_study_of_two_patients_is_not_entered(root):
    study = generate_uid(prefix=None)
    archive = FakeArchive([an_object(1, study=study, PatientID="A"), an_object(2, study=study, PatientID="B")])
    summary = imported(root, archive)
    assert [problem.key for problem in summary.problems] == ["pacs_import.several_patients"]
    assert (summary.n_cases, rows(root, "cases.csv")) == (0, [])


def test_blanks_around_an_id_make_nobody_else_of_a_patient(root):
    archive = FakeArchive([an_object(1, PatientID=" 007 ")])
    imported(root, archive)
    archive.objects.append(an_object(2, PatientID="007"))
    imported(root, archive)
    assert {row["patient_id"] for row in rows(root, "cases.csv")} == {"p000001"}


def test_a_machine_that_died_between_two_tables_leaves_nothing_that_was_never_entered(root, monkeypatch):
    archive = FakeArchive([an_object(n, PatientID=f"P{n}") for n in range(3)])

    def dies(path, content):
        if path.name == "cases.csv":
            raise KeyboardInterrupt
        return write_atomically(path, content)

    monkeypatch.setattr(importing, "write_atomically", dies)
    with pytest.raises(KeyboardInterrupt):
        imported(root, archive)
    monkeypatch.undo()
    imported(root, archive)
    cases = {row["exam_id"]: row for row in rows(root, "cases.csv")}
    assert {row["unit_id"] for row in rows(root, "sampling.csv")} == set(cases)
    assert len(cases) == 3
    assert len(list((root / "files").iterdir())) == 3
    assert [
        problem.key for problem in check(root, build_catalogue().make_all("reader")).errors if "drawn" in problem.key
    ] == []


def test_free_text_that_names_somebody_stays_out_of_the_table(root):
    said = {
        "PatientName": "NAME^OF",
        "ManufacturerModelName": "Room of Name",
        "BodyPartExamined": "NAME",
        "ViewPosition": "XYZ",
    }
    imported(root, FakeArchive([an_object(1, Manufacturer="Maker One", **said)]))
    (case,) = rows(root, "cases.csv")
    assert (case["manufacturer"], case["model"], case["body_part"], case["view"]) == ("Maker One", "", "", "")


def test_one_import_at_a_time(root):
    archive = FakeArchive([an_object(1)])
    refused = []

    def meanwhile(*_):
        with pytest.raises(MachineError) as busy:
            imported(root, archive)
        refused.append(busy.value.problems[0].key)

    selection = selecting.queried(archive, {})
    import_studies(root, archive, selection, readers=build_catalogue().make_all("reader"), on_study=meanwhile)
    assert set(refused) == {"pacs_import.another_import"}
    assert len(rows(root, "cases.csv")) == 1


def test_what_a_killed_import_left_is_named_by_the_check_and_removed_by_the_next(root):
    archive = FakeArchive([an_object(1)])
    imported(root, archive)
    saved(archive.objects[0], root / ".dmn-bench" / "import" / "x" / "1.dcm")
    (root / ".identity.csv.abc").write_text(HOSPITAL_ID)
    keys = [(problem.key, problem.where) for problem in check(root, build_catalogue().make_all("reader")).errors]
    assert ("pacs_import.left_behind", ".dmn-bench/import") in keys
    assert ("pacs_import.left_behind", ".identity.csv.abc") in keys
    imported(root, archive)
    assert HOSPITAL_ID.encode() not in everything_in(root)


def test_burnt_in_text_is_the_reason_and_the_option_takes_such_a_study_later(root):
    archive = FakeArchive([an_object(1, BurnedInAnnotation="YES")])
    imported(root, archive)
    assert [row["reason"] for row in rows(root, "sampling.csv")] == [importing.BURNED_IN]
    readers = build_catalogue().make_all("reader")
    selection = selecting.queried(archive, {})
    taken = import_studies(root, archive, selection, readers=readers, burned_in=True)
    assert (taken.n_studies, taken.n_cases) == (1, 1)
    assert [row["status"] for row in rows(root, "sampling.csv")] == ["drawn"]
    assert [row["case_id"] for row in rows(root, "identity.csv")] == ["c000001-1"]


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["--dicomweb", "http://127.0.0.1:9", "--query", "Modalitys=DX"], "no keyword of DICOM"),
        (["--dicomweb", "http://127.0.0.1:9", "--list", "x.csv", "--draw", "3"], "a list is imported as it is"),
        (["--dicom-node", "A@127.0.0.1:9", "--query", "Modality=DX"], "sends to a port that it knows"),
        (["--query", "Modality=DX"], "say where the cases come from"),
    ],
)
def test_what_would_be_passed_over_in_silence_is_refused(root, capsys, arguments, key):
    assert call(["refset", "import", str(root), *arguments, "--lang", "en"]) == 2
    assert key in capsys.readouterr().err
