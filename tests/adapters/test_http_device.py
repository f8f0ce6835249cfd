"""The options of the adapter ``http``: what is refused before anybody is asked, and what the child is told."""

import dataclasses
import json
from pathlib import Path

import pytest

from dmn_bench.adapters import http_description
from dmn_bench.adapters.http_device import HttpDevice
from dmn_bench.catalogue import build_catalogue
from dmn_bench.catalogue.options import OptionError, build
from dmn_bench.errors import CandidateError, MachineError
from dmn_bench.wordings import say_problem

from .kit import problem_keys

FACTS = {"kind": "adapter", "name": "http", "provider": "dmn-bench"}
OPEN = {
    "url": "https://ai.example:8443/x",
    "form": "open-inference",
    "model": "wrist",
    "input": {"size": [8, 8]},
    "output": {"kind": "score", "finding": "fracture"},
}
JSON = {
    "url": "http://localhost:9000",
    "form": "json",
    "request": {"path": "/analyse", "body": {"id": "$request_id", "data": "$image.base64_png"}},
    "response": {"findings": {"fracture": {"score": "/p"}}, "score_unit": "fraction"},
}


def device(options, **more):
    return build(HttpDevice, {**options, **more}, facts=FACTS)


def refused(options, base=Path(), **more):
    with pytest.raises(CandidateError) as caught:
        device(options, **more).program(base, {})
    for problem in caught.value.problems:
        assert say_problem(problem, "en") != say_problem(problem, "fr")
    return problem_keys(caught)


def test_it_is_a_built_in_adapter_that_takes_its_options_from_a_protocol():
    made = build_catalogue().make("adapter", "http", **JSON)
    assert isinstance(made, HttpDevice)
    assert made.receives == "array"


def test_the_child_is_our_client_and_the_protocol_must_grant_it_the_address():
    program = device(OPEN, batch=4, token_variable="VENDOR_TOKEN").program(Path(), {})
    assert (program.where, program.hosts, program.batch) == ("elsewhere", ("ai.example:8443",), 4)
    assert program.environment == ("VENDOR_TOKEN",)
    assert json.loads(json.dumps(program.options))["model"] == "wrist"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://ai.example", "ai.example:443"),
        ("http://127.0.0.1", "127.0.0.1:80"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://localhost:8000/v1", "localhost:8000"),
    ],
)
def test_the_address_follows_from_the_url(url, host):
    assert device(OPEN, url=url).program(Path(), {}).hosts == (host,)


@pytest.mark.parametrize(
    "url",
    ["ai.example", "ftp://ai.example", "https://", "https://user:word@ai.example", "https://ai.example?key=1",
     "https://ai.example/#a", "https://ai.example:99999", "https://ai example", "https://exämple"],
)  # fmt: skip
def test_other_addresses_are_refused_and_no_password_is_repeated(url):
    with pytest.raises(CandidateError) as caught:
        device(OPEN, url=url).program(Path(), {})
    assert "http_device.url" in problem_keys(caught)
    assert "word" not in "".join(str(problem.facts) for problem in caught.value.problems)


def test_images_cross_a_network_in_the_clear_only_by_an_explicit_word():
    assert refused(OPEN, url="http://10.0.0.5:8000") == {"http_device.unencrypted"}
    assert device(OPEN, url="http://10.0.0.5:8000", allow_unencrypted=True).program(Path(), {}).hosts
    assert device(OPEN, url="http://127.0.0.7:8000").program(Path(), {}).hosts


def test_certificates_are_files_that_the_child_may_read(tmp_path):
    for name in ("ca.pem", "us.pem", "us.key"):
        (tmp_path / name).touch()
    named = {"ca_file": "ca.pem", "client_certificate": "us.pem", "client_key": "us.key"}
    program = device(OPEN, **named).program(tmp_path, {})
    assert program.readable == (tmp_path / "ca.pem", tmp_path / "us.pem", tmp_path / "us.key")
    assert program.options["ca_file"] == str(tmp_path / "ca.pem")
    assert refused(OPEN, tmp_path, ca_file="other.pem") == {"http_device.no_file"}
    assert refused(OPEN, tmp_path, client_key="us.key") == {"http_device.key_alone"}
    assert refused(OPEN, tmp_path, ca_file="ca.pem", url="http://localhost") == {"http_device.certificates_unused"}


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"model": None}, "needed"),
        ({"output": None}, "needed"),
        ({"input": None}, "one_input"),
        ({"output": {"kind": "score"}}, "adapters.onnx_output_needs"),
        ({"batch": 2, "batch_axis": False}, "batch_without_axis"),
        ({"batch": 0}, "limit"),
        ({"retries": -1}, "limit"),
        ({"max_answer_mb": 100_000}, "limit"),
        ({"seconds_to_answer": 0}, "limit"),
        ({"metadata_sha256": "abc"}, "metadata_sha256"),
        ({"labels": {"positive": ["ja"]}}, "option_of_other_form"),
        ({"token_variable": "s3cret-token"}, "token_variable"),
        ({"token_header": "X Token"}, "token_header"),
    ],
)
def test_what_is_wrong_with_an_open_inference_server_is_said(more, key):
    assert refused(OPEN, **more) == {key if "." in key else f"http_device.{key}"}


@pytest.mark.parametrize(
    ("part", "more", "key"),
    [
        ("request", {"path": "analyse"}, "path"),
        ("request", {"path": "/a/{case}"}, "path"),
        ("request", {"body": {"id": "$request_id"}}, "nothing_sent"),
        ("request", {"body": {"a": "$image.pixels", "b": "$image.base64_dicom"}}, "two_forms_of_input"),
        ("request", {"body": ["$image.pixles"]}, "placeholder_unknown_nearest"),
        ("request", {"multipart": {"f": "png"}, "body": ["x"]}, "fields_not_mapping"),
        ("request", {"headers": {"authorization": "Bearer x"}}, "header_ours"),
        ("request", {"headers": {"X-Site": "a\r\nb: c"}}, "header_malformed"),
        ("response", {"score_unit": None}, "score_unit"),
        ("response", {"findings": {}}, "needed"),
        ("response", {"findings": {"fracture": {}}}, "needed"),
        ("response", {"findings": {"fracture": {"score": "p"}}}, "pointer"),
        ("response", {"status": "/s"}, "needed"),
        ("response", {"marks": {"each": "/m", "finding": "x", "box": ["/a", "/b"], "form": "xywh", "unit": "px"}},
         "box_pointers"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_form_of_json_is_said(part, more, key):
    found = refused(JSON, **{part: {**JSON[part], **more}})
    assert f"http_device.{key}" in found
    assert found <= {f"http_device.{key}", "http_device.nothing_sent"}


def test_an_id_that_is_compared_must_have_been_sent():
    request = {"path": "/analyse", "body": {"data": "$image.base64_png"}}
    response = {**JSON["response"], "echo": "/id"}
    assert refused(JSON, request=request, response=response) == {"http_device.echo_not_sent"}
    assert device(JSON, request={**request, "path": "/a/{request_id}"}, response=response).program(Path(), {})


def test_everything_wrong_is_said_at_once():
    assert len(refused(JSON, model="wrist", batch=3, retries=99, url="nowhere")) == 3


def test_options_of_an_entry_and_unknown_ones_are_refused():
    with pytest.raises(CandidateError) as caught:
        device(JSON).program(Path(), {"speed": 1})
    assert problem_keys(caught) == {"http_device.no_further_options"}
    with pytest.raises(OptionError):
        device(JSON, modle="wrist")


@pytest.mark.parametrize(
    ("request_of", "form"),
    [
        ({"body": {"a": ["$images.base64_png"]}}, "array"),
        ({"body": {"a": {"b": "$image.base64_dicom"}}}, "dicom"),
        ({"multipart": {"file": "dicom"}}, "dicom"),
        ({"multipart": {"file": "wfdb"}}, "wfdb"),
        ({"multipart": {"file": "png"}}, "array"),
        ({"body": {"a": "$signals"}}, "array"),
    ],
)
def test_what_the_server_is_sent_decides_how_cases_are_read(request_of, form):
    assert device(JSON, request={"path": "/a", **request_of}).receives == form


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("dmn_bench.adapters.http_device.find_spec", lambda name: None)
    with pytest.raises(MachineError) as caught:
        device(OPEN).program(Path(), {})
    assert problem_keys(caught) == {"http_device.missing_extra"}


def test_every_option_and_key_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "candidates.md").read_text(encoding="utf-8")
    _, _, ours = page.partition("## A server\n")
    ours = ours.partition("\n## ")[0]
    described = [each for each in vars(http_description).values() if dataclasses.is_dataclass(each)]
    own = [each for each in described if each.__module__ == http_description.__name__]
    names = {field.name for each in (HttpDevice, *own) for field in dataclasses.fields(each)}
    assert {name for name in names if f"`{name}`" not in ours} == set()


def test_its_identity_asks_no_network_and_hashes_no_file():
    assert device(OPEN, url="https://nowhere.invalid").identity(Path()) == {}
