"""A device that takes studies by C-STORE: the same answers as by any other way, and each mishap costs its own case."""

import contextlib
import copy
import itertools
import json
import re
import socket
import sqlite3
import time

import numpy as np
import pytest
from pydicom.uid import ImplicitVRLittleEndian, generate_uid

from dmn_bench.adapters.dicom_node import DicomNode, ResultsFrom
from dmn_bench.adapters.dicom_node_runner import DicomNodeRunner
from dmn_bench.adapters.dicom_rules import DicomRules
from dmn_bench.adapters.pacs_options import CompleteWhen, TlsFiles
from dmn_bench.adapters.result_collecting import DeviceError
from dmn_bench.errors import CandidateError, ProtocolError
from dmn_bench.inputs.dicom_deidentify import minimal_image
from dmn_bench.inputs.new_uids import one_study
from dmn_bench.wordings import LANGUAGES, say_problem
from tests.inputs.factories import an_image, saved
from tests.pacs_kit import CuttingLine, an_archive, free_port, keys_of
from tests.patience import PATIENCE, SHORT, until
from tests.vendor_node import VendorNode, a_report, cut_in_the_middle, retold, the_score

from . import pacs_set

pytest.importorskip("pynetdicom")
pytest.importorskip("highdicom")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with an_archive(tmp_path_factory.mktemp("orthanc"), forwards=True) as running:
        yield running


def told(case):
    return {key: value for key, value in case.items() if key not in ("asked", "attempt", "seconds")}


def test_a_device_on_the_network_answers_as_its_model_does_by_python(tmp_path, archive):
    folder = pacs_set.write_set(tmp_path, n=3)
    ours, moved = free_port(), free_port()
    archive.knows("MOVED", moved)
    quick = {"complete_when": {"sr": True, "quiet_seconds": 0.0}}
    with (
        VendorNode(to=("127.0.0.1", ours, "DMNBENCH")) as sending,
        VendorNode(to=("127.0.0.1", archive.port, "ORTHANC")) as storing,
    ):
        archive.knows("VENDORAI", storing.port)
        to_sending = {"host": "127.0.0.1", "port": sending.port, "ae_title": "VENDORAI", **quick}
        to_storing = {**to_sending, "port": storing.port}
        by_web = {"kind": "dicomweb", "url": archive.url, "poll_seconds": 0.05}
        at_archive = {"host": "127.0.0.1", "port": archive.port, "ae_title": "ORTHANC", "poll_seconds": 0.05}
        candidates = {
            "model": {},
            "sends": {"adapter": "dicom-node", "options": {**to_sending, "listen_port": ours}},
            "qido": {"adapter": "dicom-node", "options": {**to_storing, "results_from": by_web}},
            "move": {
                "adapter": "dicom-node",
                "options": {
                    **to_storing,
                    "our_ae_title": "MOVED",
                    "listen_port": moved,
                    "results_from": {"kind": "dicom-node", **at_archive},
                },
            },
            "web": {"adapter": "dicomweb", "options": {"url": archive.url, "poll_seconds": 0.05, **quick}},
        }
        network = [f"127.0.0.1:{port}" for port in (sending.port, storing.port, archive.port)]
        network.append(archive.rest.removeprefix("http://"))
        pacs_set.asked(folder, candidates, network)
        assert sending.failures == storing.failures == []
    expected = {name: told(case) for name, case in pacs_set.answers(folder, "model").items()}
    assert len(expected) == 3
    assert [case["status"] for case in expected.values()] == ["answered"] * len(expected)
    for candidate in ("sends", "qido", "move", "web"):
        assert {name: told(case) for name, case in pacs_set.answers(folder, candidate).items()} == expected, candidate
    received = sending.received + storing.received
    assert not any("Doe" in str(dataset) for dataset in received)
    assert len({dataset.PatientID for dataset in received} - {""}) == len(received)  # of each case and each candidate


def case_of(dataset):
    return pacs_set.LEVELS.index(int(dataset.pixel_array.min()))


def test_exactly_the_cases_that_the_device_spoils_fail_and_the_run_ends(tmp_path):
    """One run, a new mishap at every second case; what is late, doubled or foreign costs nobody else."""
    ours = free_port()
    manners = {0: of_an_unknown_instance, 2: two_reports, 3: twice, 4: of_an_unknown_instance, 6: as_somebody_else}
    over = []

    def answer(vendor, dataset, n):
        case = case_of(dataset)
        while over:  # with the late result of the case before
            plainly(vendor, over.pop(), n)
        manners.get(case, plainly)(vendor, dataset, n)
        over.extend([dataset] if case == 0 else [])

    folder = pacs_set.write_set(tmp_path, n=9)
    vendor = VendorNode(to=("127.0.0.1", ours, "DMNBENCH"), answer=answer, at_once=True)
    vendor.status = lambda n: 0xA700 if case_of(vendor.received[-1]) == 8 else 0
    with vendor:
        options = {"host": "127.0.0.1", "port": vendor.port, "ae_title": "VENDORAI", "listen_port": ours}
        options |= {"complete_when": {"quiet_seconds": 0.0}}
        box = {"adapter": "dicom-node", "options": options}
        pacs_set.asked(folder, {"model": {}, "box": box}, [f"127.0.0.1:{vendor.port}"])
    found, expected = pacs_set.answers(folder, "box"), pacs_set.answers(folder, "model")
    failed = {name: case["reason"] for name, case in found.items() if case["status"] != "answered"}
    assert {name: case["status"] for name, case in found.items() if name in failed} == dict.fromkeys(failed, "failed")
    words = {"c0": "unknown instance", "c2": "two answers", "c4": "unknown instance", "c8": "0xA700"}
    assert failed.keys() == words.keys()
    assert {name: word for name, word in words.items() if word in failed[name]} == words
    assert [told(case) for name, case in found.items() if name not in failed] == [
        told(case) for name, case in expected.items() if name not in failed
    ]


def test_a_second_attempt_has_new_uids_and_the_late_result_of_the_first_is_set_aside(tmp_path):
    ours = free_port()

    def answer(vendor, dataset, n):
        if n == 1:
            of_an_unknown_instance(vendor, dataset, n)
            return
        plainly(vendor, vendor.received[0], n)
        plainly(vendor, dataset, n)

    folder = pacs_set.write_set(tmp_path, n=1)
    with VendorNode(to=("127.0.0.1", ours, "DMNBENCH"), answer=answer) as vendor:
        options = {"host": "127.0.0.1", "port": vendor.port, "ae_title": "VENDORAI", "listen_port": ours}
        options |= {"complete_when": {"quiet_seconds": 0.0}}
        box = {"adapter": "dicom-node", "options": options}
        pacs_set.asked(folder, {"box": box}, [f"127.0.0.1:{vendor.port}"], attempts=2)
        uids = [{dataset.SOPInstanceUID, dataset.StudyInstanceUID} for dataset in vendor.received]
    assert len(uids) == 2
    assert not uids[0] & uids[1]
    (case,) = pacs_set.answers(folder, "box").values()
    assert case["findings"]["fracture"]["score"] == the_score(pacs_set.a_picture_of(pacs_set.LEVELS[0]))


def test_a_device_that_compares_with_earlier_examinations_of_a_patient_answers_for_each_case_alone(tmp_path):
    ours, seen = free_port(), {}

    def answer(vendor, dataset, n):
        priors = seen.setdefault(str(dataset.PatientID), [])
        priors.append(the_score(dataset.pixel_array))
        vendor.send([a_report(dataset, max(priors))])

    folder = pacs_set.write_set(tmp_path, n=4)
    with VendorNode(to=("127.0.0.1", ours, "DMNBENCH"), answer=answer) as vendor:
        options = {"host": "127.0.0.1", "port": vendor.port, "ae_title": "VENDORAI", "listen_port": ours}
        box = {"adapter": "dicom-node", "options": {**options, "complete_when": {"quiet_seconds": 0.0}}}
        pacs_set.asked(folder, {"model": {}, "box": box}, [f"127.0.0.1:{vendor.port}"])
    found, expected = pacs_set.answers(folder, "box"), pacs_set.answers(folder, "model")
    assert {name: told(case) for name, case in found.items()} == {n: told(case) for n, case in expected.items()}


def test_a_final_report_after_a_preliminary_one_is_the_answer(tmp_path):
    """Whatever the default of ``quiet_seconds`` is: what calls itself preliminary or partial completes nothing."""
    ours = free_port()

    def answer(vendor, dataset, n):
        report = vendor.report(dataset)
        early = a_report(dataset, 0.01)
        early.PreliminaryFlag = "PRELIMINARY"
        vendor.send([early, retold(early, PreliminaryFlag="FINAL", CompletionFlag="PARTIAL")])
        time.sleep(0.6)  # for which an answer that was taken too soon has time
        vendor.send([report])

    folder = pacs_set.write_set(tmp_path, n=1)
    with VendorNode(to=("127.0.0.1", ours, "DMNBENCH"), answer=answer) as vendor:
        options = {"host": "127.0.0.1", "port": vendor.port, "ae_title": "VENDORAI", "listen_port": ours}
        box = {"adapter": "dicom-node", "options": {**options, "complete_when": {"quiet_seconds": 0.1}}}
        pacs_set.asked(folder, {"box": box}, [f"127.0.0.1:{vendor.port}"])
    (case,) = pacs_set.answers(folder, "box").values()
    assert case["findings"]["fracture"]["score"] == the_score(pacs_set.a_picture_of(pacs_set.LEVELS[0]))


def test_a_result_that_comes_after_its_case_has_its_answer_is_noted_with_its_case_and_counted(tmp_path):
    ours = free_port()

    def answer(vendor, dataset, n):
        if n > 1:  # of the case before: once more the same, and what contradicts it
            before = vendor.received[n - 2]
            vendor.send([vendor.report(before), a_report(before, 0.99)])
            vendor.send([vendor.report(an_image(pacs_set.a_picture_of(90), PatientID="1", **NOBODY))])
        plainly(vendor, dataset, n)

    folder = pacs_set.write_set(tmp_path, n=2)
    with VendorNode(to=("127.0.0.1", ours, "DMNBENCH"), answer=answer) as vendor:
        options = {"host": "127.0.0.1", "port": vendor.port, "ae_title": "VENDORAI", "listen_port": ours}
        box = {"adapter": "dicom-node", "options": {**options, "complete_when": {"quiet_seconds": 0.1}}}
        record = pacs_set.asked(folder, {"box": box}, [f"127.0.0.1:{vendor.port}"])
        first, second = (pacs_set.LEVELS.index(int(dataset.pixel_array.min())) for dataset in vendor.received)
    assert {case["status"] for case in pacs_set.answers(folder, "box").values()} == {"answered"}
    (ledger,) = tmp_path.rglob("*.sqlite")
    with contextlib.closing(sqlite3.connect(ledger)) as kept:
        noted = kept.execute("SELECT case_id, reason FROM failed_attempts").fetchall()
    assert sorted(case_id for case_id, _ in noted) == sorted([f"c{first}", f"c{first}", f"c{second}"])
    of_first = sorted(reason for case_id, reason in noted if case_id == f"c{first}")
    assert re.match(r"late result unlike the answer: SR .* its answer says fracture: .* now .*0\.99", of_first[0])
    assert re.match(r"late result: SR .* says what its answer says$", of_first[1])
    (stray,) = (reason for case_id, reason in noted if case_id == f"c{second}")
    assert re.match(r"result set aside: SR .* is about no image of this request", stray)
    (timing,) = record.observed.timing
    assert timing.failed_attempts == {"late_and_unlike": 1, "late_result": 1, "set_aside": 1}


NOBODY = dict.fromkeys(
    ("PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "StudyID"), ""
) | {"ReferringPhysicianName": ""}


# ------------------------------------------------------------------------------------------- one request at a time


@pytest.fixture
def image(tmp_path):
    return saved(an_image(pacs_set.a_picture_of(60)), tmp_path / "original.dcm")


@pytest.fixture
def puts(tmp_path, image):
    """Starts the client of a device; what it answers to one request after the other."""
    with contextlib.ExitStack() as closing:

        def start(vendor, **options):
            quick = CompleteWhen(**{"quiet_seconds": 0.1, **options.pop("complete_when", {})})
            options = {"seconds_to_respond": PATIENCE, "complete_when": quick, "listen_port": 104, **options}
            device = DicomNode(**{"host": "127.0.0.1", "port": vendor.port, "ae_title": "VENDORAI", **options})
            described = {**device.program(tmp_path, {}).options, "listen_port": 0}  # any that is free
            runner = DicomNodeRunner(json.loads(json.dumps(described)))
            closing.callback(runner.close)
            vendor.ours = runner.collector.source.server
            vendor.to = ("127.0.0.1", vendor.ours.port, "DMNBENCH")
            numbers = itertools.count()

            def put(images=(image,), *, within=PATIENCE):
                runner.collector.seconds = within
                folder = tmp_path / f"request-{next(numbers)}"
                copies = [folder / f"image-{place}.dcm" for place in range(1, len(images) + 1)]
                with one_study():
                    for source, copy in zip(images, copies, strict=True):
                        minimal_image([source], [copy])
                return runner.answer({"request_id": "r", "files": [str(path) for path in copies]})

            return put

        yield start


def score(answer):
    return answer["findings"]["fracture"]["score"]


EXPECTED = the_score(pacs_set.a_picture_of(60))


def plainly(vendor, dataset, n):
    vendor.send([vendor.report(dataset)])


def twice(vendor, dataset, n):
    report = vendor.report(dataset)
    vendor.send([report, report])
    vendor.send([report])


def as_somebody_else(vendor, dataset, n):
    changes = {"PatientName": "Another^Name", "PatientID": "77", "StudyInstanceUID": generate_uid(), "StudyID": "x"}
    vendor.send([retold(vendor.report(dataset), **changes)], our_title="OTHERTITLE", syntax=ImplicitVRLittleEndian)


def after_cutting(vendor, dataset, n):
    report = vendor.report(dataset)
    cut_in_the_middle(vendor, report)
    vendor.send([report])


def after_garbage(vendor, dataset, n):
    for garbage in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x04\x00\xff\xff\xff\xff" + b"x" * 1000,
        b"\x01\x00\x00\x00\x00\x10abc",
    ):
        with socket.create_connection(vendor.to[:2]) as line:
            line.sendall(garbage)
    vendor.send([vendor.report(dataset)])


def with_its_own_images(vendor, dataset, n):
    vendor.send([dataset])
    vendor.send([vendor.report(dataset)])


@pytest.mark.parametrize(
    "manner",
    [plainly, twice, as_somebody_else, after_cutting, after_garbage, with_its_own_images],
    ids=lambda m: m.__name__,
)
def test_a_result_is_found_by_its_uids_however_it_comes(puts, manner):
    with VendorNode(answer=manner) as vendor:
        put = puts(vendor)
        assert [score(put()), score(put())] == [EXPECTED, EXPECTED]
        assert vendor.failures == []


def nothing(vendor, dataset, n):
    pass


def two_reports(vendor, dataset, n):
    report = vendor.report(dataset)
    vendor.send([report, retold(report)])


def of_an_unknown_instance(vendor, dataset, n):
    stranger = copy.deepcopy(dataset)
    stranger.SOPInstanceUID = generate_uid()
    vendor.send([vendor.report(stranger)])


def of_another_examination(vendor, dataset, n):
    stranger = copy.deepcopy(dataset)
    stranger.SOPInstanceUID, stranger.StudyInstanceUID = generate_uid(), generate_uid()
    vendor.send([vendor.report(stranger)])


def cut_off(vendor, dataset, n):
    cut_in_the_middle(vendor, vendor.report(dataset))
    until(lambda: vendor.ours.problems)


def a_flood(vendor, dataset, n):
    report = vendor.report(dataset)
    others = [retold(report, StudyInstanceUID=generate_uid()) for _ in range(8)]
    for other in others:
        del other.CurrentRequestedProcedureEvidenceSequence, other.ContentSequence
    vendor.send([*others, report])


WITHOUT_END = (nothing, of_another_examination, cut_off, a_flood)  # but for that of the time


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (nothing, r"no complete result within 0.2 s; objects about the case: 0$"),
        (two_reports, r"two answers"),
        (of_an_unknown_instance, r"refers to the unknown instance"),
        (
            of_another_examination,
            r"objects about the case: 0; set aside: SR .* from VENDORAI@127.0.0.1 is about no",
        ),
        (cut_off, r"objects about the case: 0; on the way: .*cut its connection"),
        (a_flood, r"more objects came than are taken \(5\)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_case_without_one_sound_result_fails_alone_with_the_reason(puts, manner, reason):
    def answer(vendor, dataset, n):
        (manner if n == 1 else plainly)(vendor, dataset, n)

    with VendorNode(answer=answer, at_once=True) as vendor:
        put = puts(vendor, most_objects=5)
        with pytest.raises(DeviceError, match=reason):
            put(within=SHORT if manner in WITHOUT_END else PATIENCE)
        assert score(put()) == EXPECTED


def test_a_late_result_is_known_as_that_of_an_earlier_request_and_is_nobody_elses_answer(puts, capfd):
    def answer(vendor, dataset, n):
        if n == 2:
            plainly(vendor, vendor.received[0], n)
        if n > 1:
            plainly(vendor, dataset, n)

    with VendorNode(answer=answer) as vendor:
        put = puts(vendor)
        with pytest.raises(DeviceError, match="objects about the case: 0"):
            put(within=SHORT)
        assert score(put()) == EXPECTED
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "set aside" in line]
    assert "is about an earlier request" in line
    assert vendor.received[0].SOPInstanceUID in line


def test_only_partial_reports_are_no_answer_and_the_reason_says_so_unless_they_are_declared_to_be_one(puts):
    def answer(vendor, dataset, n):
        vendor.send([retold(vendor.report(dataset), CompletionFlag="PARTIAL")])

    with VendorNode(answer=answer, at_once=True) as vendor:
        with pytest.raises(DeviceError, match=r"objects about the case: 1, 1 of them partial or preliminary"):
            puts(vendor)(within=SHORT)
        assert score(puts(vendor, dicom=DicomRules(partial="answered"))()) == EXPECTED


def test_the_default_waits_longer_than_a_device_with_a_report_for_each_view_usually_takes():
    assert CompleteWhen().quiet_seconds >= 5


def test_a_result_that_comes_between_two_requests_is_told_too(puts, capfd):
    with VendorNode() as vendor:
        put = puts(vendor)
        put()
        vendor.send([vendor.report(vendor.received[0])])
        put()
    assert "is about an earlier request" in capfd.readouterr().err


@pytest.mark.parametrize(("status", "reason"), [(0xA700, "0xA700"), (0xC001, "0xC001"), (0x0122, "0x0122")])
def test_a_refused_image_fails_its_case_with_the_status_in_words(puts, status, reason):
    with VendorNode(status=lambda n: status if n == 1 else 0) as vendor:
        put = puts(vendor)
        with pytest.raises(DeviceError, match=rf"VENDORAI@127.0.0.1:\d+: .*status {reason}"):
            put()
        assert score(put()) == EXPECTED


def test_a_warning_is_printed_and_costs_nothing(puts, capfd):
    with VendorNode(status=lambda n: 0xB000) as vendor:
        assert score(puts(vendor)()) == EXPECTED
    assert "0xB000" in capfd.readouterr().err


def test_a_device_that_does_not_take_the_transfer_syntax_or_says_nothing_fails_the_case(puts):
    with VendorNode(accepts=["1.2.840.10008.1.2.4.50"]) as vendor:
        put = puts(vendor)
        with pytest.raises(DeviceError, match="does not take objects of the class Digital X-Ray Image Storage"):
            put()
    with VendorNode(hangs=True) as vendor:
        put = puts(vendor, seconds_to_respond=0.5)
        with pytest.raises(DeviceError, match="cut the association or did not answer in time"):
            put()


def test_a_line_cut_in_mid_transfer_fails_the_case_and_no_other(puts, tmp_path):
    large = saved(an_image(np.full((1024, 1024), 60, dtype=np.uint8)), tmp_path / "large.dcm")
    with VendorNode() as vendor, CuttingLine(vendor.port, after_bytes=300_000) as line:
        put = puts(vendor, port=line.port)
        with pytest.raises(DeviceError, match="cut the association"):
            put([large])
        assert score(put()) == EXPECTED
        assert [dataset.Rows for dataset in vendor.received] == [48]


def test_a_device_that_is_not_there_is_told_before_the_first_case(puts):
    with VendorNode(title="ANOTHER") as vendor:
        with pytest.raises(DeviceError, match="VENDORAI is not its AE title"):
            puts(vendor, seconds_to_be_ready=0.5)
        with pytest.raises(DeviceError, match="does not answer at this address"):
            puts(vendor, port=free_port(), seconds_to_be_ready=0.6)


def test_two_images_of_a_case_need_two_reports_when_two_are_awaited(puts, image, tmp_path):
    other = saved(an_image(pacs_set.a_picture_of(160)), tmp_path / "other.dcm")
    higher = the_score(pacs_set.a_picture_of(160))
    with VendorNode(at_once=True) as vendor:
        rules = DicomRules(combine_images="highest")
        put = puts(vendor, complete_when={"count": 2, "quiet_seconds": 0.0}, dicom=rules)
        assert score(put([image, other])) == higher
        assert len({dataset.StudyInstanceUID for dataset in vendor.received}) == 1
        with pytest.raises(DeviceError, match="objects about the case: 1"):
            put([image], within=SHORT)


# ---------------------------------------------------------------------------------------------------- options


def test_a_cluster_is_refused_where_one_port_takes_the_results(tmp_path):
    folder = pacs_set.write_set(tmp_path, n=1)
    options = {"host": "127.0.0.1", "port": 104, "ae_title": "AI", "listen_port": 11112}
    with pytest.raises(ProtocolError) as raised:
        pacs_set.asked(
            folder, {"box": {"adapter": "dicom-node", "options": options}}, ["127.0.0.1:104"], scheduler="tcp://x:1"
        )
    assert keys_of(raised) == ["pacs.not_on_a_cluster"]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"listen_port": None}, "pacs.no_listen_port"),
        ({"port": 0}, "pacs.limit"),
        ({"ae_title": "SEVENTEEN_LETTERS"}, "pacs.ae_title"),
        ({"our_ae_title": ""}, "pacs.ae_title"),
        ({"tls": TlsFiles(ca_file="nowhere.pem")}, "pacs.no_file"),
        ({"results_from": ResultsFrom(kind="dicomweb", url="ftp://x")}, "network.bad_url"),
        ({"results_from": ResultsFrom(kind="dicomweb", url="http://pacs.example/w")}, "network.plain_http"),
        (
            {"results_from": ResultsFrom(kind="dicomweb", url="https://x", token_variable="-")},
            "pacs.token_variable",
        ),
        ({"results_from": ResultsFrom(kind="dicom-node", host="x", ae_title="X", whole_archive=True)}, "pacs.needed"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(tmp_path, options, key):
    device = DicomNode(**{"host": "10.0.0.4", "port": 104, "ae_title": "AI", "listen_port": 11112, **options})
    with pytest.raises(CandidateError) as raised:
        device.program(tmp_path, {})
    assert keys_of(raised) == [key]
    for language in LANGUAGES:
        assert say_problem(raised.value.problems[0], language)


def test_the_program_names_what_it_reaches_and_where_it_listens(tmp_path):
    there = ResultsFrom(kind="dicomweb", url="https://pacs.example/dicom-web", token_variable="PACS_TOKEN")
    device = DicomNode(host="10.0.0.4", port=104, ae_title="AI", results_from=there)
    program = device.program(tmp_path, {})
    assert (program.where, program.listens, program.workers) == ("elsewhere", (), None)
    assert program.hosts == ("10.0.0.4:104", "pacs.example:443")
    assert program.environment == ("PACS_TOKEN",)
    listening = DicomNode(host="10.0.0.4", port=104, ae_title="AI", listen_port=11112).program(tmp_path, {})
    assert (listening.listens, listening.workers) == ((11112,), 1)
