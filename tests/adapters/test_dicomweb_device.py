"""A device behind DICOMweb: its results are asked for until they are there, and belong to cases by UIDs alone."""

import json
import re
import threading

import pytest
from pydicom.uid import generate_uid

from dmn_bench.adapters.dicomweb_device import DicomWebDevice
from dmn_bench.adapters.dicomweb_runner import DicomWebRunner
from dmn_bench.adapters.pacs_options import CompleteWhen
from dmn_bench.adapters.result_collecting import DeviceError
from dmn_bench.errors import CandidateError
from dmn_bench.inputs.dicom_deidentify import minimal_image
from dmn_bench.wordings import LANGUAGES, say_problem
from tests.inputs.factories import an_image, saved
from tests.pacs_kit import CuttingLine, an_archive, free_port, keys_of
from tests.patience import PATIENCE
from tests.vendor_node import VendorNode, a_report, retold, the_score

from . import pacs_set

pytest.importorskip("dicomweb_client")
pytest.importorskip("highdicom")
EXPECTED = the_score(pacs_set.a_picture_of(60))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with an_archive(tmp_path_factory.mktemp("orthanc"), forwards=True) as running:
        yield running


@pytest.fixture
def vendor(archive):
    """A device to which the archive sends every image, and which stores its results there."""
    with VendorNode(to=("127.0.0.1", archive.port, "ORTHANC")) as running:
        archive.knows("VENDORAI", running.port)
        yield running
        archive.clear()


@pytest.fixture
def puts(tmp_path, archive):
    image = saved(an_image(pacs_set.a_picture_of(60)), tmp_path / "original.dcm")

    def start(**options):
        quick = CompleteWhen(**{"quiet_seconds": 0.1, **options.pop("complete_when", {})})
        options = {"url": archive.url, "poll_seconds": 0.05, "complete_when": quick, **options}
        runner = DicomWebRunner(json.loads(json.dumps(DicomWebDevice(**options).program(tmp_path, {}).options)))

        def put(*, within=PATIENCE):
            runner.collector.seconds = within
            copy = tmp_path / generate_uid() / "image-1.dcm"
            minimal_image([image], [copy])
            return runner.answer({"request_id": "r", "files": [str(copy)]})

        put.runner = runner
        return put

    return start


def score(answer):
    return answer["findings"]["fracture"]["score"]


def test_results_in_the_study_are_found_as_soon_as_they_are_there(puts, vendor):
    put = puts()
    assert [score(put()), score(put())] == [EXPECTED, EXPECTED]
    assert vendor.failures == []


def test_a_second_report_on_an_image_is_a_second_answer(puts, vendor):
    def two(vendor, dataset, n):
        report = vendor.report(dataset)
        vendor.send([report, retold(report)])

    vendor.answer = two
    with pytest.raises(DeviceError, match="two answers"):
        puts(complete_when={"count": 2})()


def test_no_result_is_a_failure_and_the_next_case_has_its_own(puts, vendor):
    def late(vendor, dataset, n):
        if n > 1:
            vendor.send([vendor.report(each) for each in vendor.received])

    vendor.answer = late
    put = puts()
    with pytest.raises(DeviceError, match=r"no complete result within 0\.5 s; objects about the case: 0"):
        put(within=0.5)
    assert score(put()) == EXPECTED


def test_a_report_that_reaches_the_archive_when_the_case_is_over_is_noted_with_its_request(puts, vendor):
    def late(vendor, dataset, n):
        if n == 2:
            vendor.send([a_report(vendor.received[0], 0.99)])
        vendor.send([vendor.report(dataset)])

    vendor.answer = late
    put = puts()
    assert [score(put()), score(put())] == [EXPECTED, EXPECTED]
    (noted,) = put.runner.late_results
    assert (noted.request_id, noted.kind) == ("r", "other")
    assert re.search("its answer says fracture: .*now .*0.99", noted.text)


def test_a_result_in_a_study_of_its_own_is_found_in_the_whole_archive(puts, vendor, capfd):
    def elsewhere(vendor, dataset, n):
        report = vendor.report(dataset)
        stranger = vendor.report(an_image(pacs_set.a_picture_of(60), PatientID="1", **BARE))
        vendor.send([stranger, retold(report, StudyInstanceUID=generate_uid())])

    vendor.answer = elsewhere
    with pytest.raises(DeviceError, match="objects about the case: 0"):
        puts()(within=1.0)
    put = puts(whole_archive=True, modalities=("SR",))
    assert score(put()) == EXPECTED
    assert "is about no image of this request" in capfd.readouterr().err


BARE = dict.fromkeys(
    ("PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "StudyID"), ""
) | {"ReferringPhysicianName": ""}


def test_only_the_modalities_named_are_fetched(puts, vendor):
    with pytest.raises(DeviceError, match="objects about the case: 0"):
        puts(modalities=("SEG",))(within=1.0)


def test_an_archive_that_is_gone_for_a_moment_costs_nothing_and_for_good_the_case(puts, vendor, archive):
    port = int(archive.rest.rpartition(":")[2])
    gone = free_port()
    with pytest.raises(DeviceError, match="cannot be reached"):
        puts(results_url=f"http://127.0.0.1:{gone}/dicom-web")()
    with CuttingLine(port, after_bytes=1000) as line, pytest.raises(DeviceError, match="cannot be reached"):
        puts(url=f"http://127.0.0.1:{line.port}/dicom-web")()
    assert score(puts()()) == EXPECTED


def test_without_its_token_no_client_begins(puts, monkeypatch):
    monkeypatch.delenv("AI_TOKEN", raising=False)
    with pytest.raises(DeviceError, match="the environment variable AI_TOKEN"):
        puts(token_variable="AI_TOKEN")


def test_several_clients_may_work_at_once(puts, vendor):
    scores = []
    threads = [threading.Thread(target=lambda: scores.append(score(puts()()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scores == [EXPECTED] * 2


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"url": "archive"}, "network.bad_url"),
        ({"url": "http://archive.example/x"}, "network.plain_http"),
        ({"results_url": "http://archive.example/x"}, "network.plain_http"),
        ({"token_variable": "s3cret token"}, "pacs.token_variable"),
        ({"ca_file": "nowhere.pem"}, "pacs.no_file"),
        ({"poll_seconds": 0}, "pacs.limit"),
        ({"whole_archive": True}, "pacs.needed"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(tmp_path, options, key):
    with pytest.raises(CandidateError) as raised:
        DicomWebDevice(**{"url": "https://archive.example/x", **options}).program(tmp_path, {})
    assert keys_of(raised) == [key]
    for language in LANGUAGES:
        assert "s3cret" not in say_problem(raised.value.problems[0], language)


def test_options_of_an_entry_are_refused(tmp_path):
    with pytest.raises(CandidateError) as raised:
        DicomWebDevice(url="https://archive.example/x").program(tmp_path, {"model": 1})
    assert keys_of(raised) == ["pacs.no_further_options"]


def test_the_program_names_every_address(tmp_path):
    device = DicomWebDevice(url="https://ai.example/x", results_url="https://pacs.example:8443/x", token_variable="T")
    program = device.program(tmp_path, {})
    assert (program.where, program.workers, program.environment) == ("elsewhere", None, ("T",))
    assert program.hosts == ("ai.example:443", "pacs.example:8443")
