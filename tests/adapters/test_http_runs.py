"""Whole runs against servers: what breaks costs its own cases, the report says where images went, no token is kept."""

import json
import threading
from collections import Counter

import numpy as np
import pytest
import trustme
import yaml

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError, ProtocolError
from dmn_bench.harness import RunOptions, evaluate
from tests.harness import small_run
from tests.patience import PATIENCE, SHORT

from .http_kit import TOO_LATE, OpenInferenceServer, hang, served, server_context
from .kit import problem_keys

TOKEN = "s3cret-T0ken-of-the-vendor"
N_CASES = 2 * small_run.N_PATIENTS


def brightness(arrays):
    x = arrays["x"].astype(np.float64)
    return {"p": (x[:, :15].reshape(len(x), -1).max(axis=1) / 255)[:, np.newaxis].astype(np.float32)}


def a_server(model=brightness):
    told = {"inputs": {"x": ("FP32", (-1, 16, 16, 1))}, "outputs": {"p": ("FP32", (-1, 1))}}
    return OpenInferenceServer(model, name="squares", **told)


def patients_of(asked):
    """Which patients a message is about: small_run writes the number into the last line of the picture."""
    return {patient for patient, _ in cases_of(asked)}


def cases_of(asked):
    """Which exams of which patients they are."""
    length = int(asked.headers["inference-header-content-length"])
    x = np.frombuffer(asked.body[length:], np.float32).reshape(-1, 16, 16)
    return [(int(each[15, 0]), int(each[15, 1])) for each in x]


def protocol(folder, server, *, granted=True, seconds_per_case=PATIENCE, **options):
    path = small_run.write(folder)
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    described = {
        "url": server.url,
        "form": "open-inference",
        "model": "squares",
        "input": {"channels": "grey", "levels": "as_is"},
        "output": {"kind": "score", "finding": "square"},
        "seconds_to_connect": PATIENCE,
        "seconds_to_be_ready": PATIENCE,
        **options,
    }
    entry = {"id": "live", "adapter": "http", "options": described}
    written["candidates"] = [{**entry, "operating_points": {"square": {"score_at_least": 0.5}}}]
    network = [f"127.0.0.1:{server.port}"] if granted else []
    written["execution"] = {"seconds_per_case": seconds_per_case, "attempts": 2, "network": network}
    path.write_text(yaml.safe_dump(written), encoding="utf-8")
    return path


def run(path, name="run"):
    return evaluate(path, RunOptions(run_dir=path.parent / name, workers=1), catalogue=build_catalogue())


def answers_in(folder):
    lines = (folder / "answers.live.jsonl").read_text(encoding="utf-8").splitlines()
    return {answer["case_id"]: answer for answer in map(json.loads, lines)}


class Trouble:
    """A server that misbehaves for some patients, each in its own way."""

    def __init__(self):
        self.inner = a_server()
        self.lock = threading.Lock()
        self.n_busy = 0
        self.ways = {
            5: self.error, 7: self.page, 9: self.not_a_number, 11: self.cut, 13: self.other_id,
            15: self.shape, 17: self.twice, 19: self.refusal, 21: self.busy,
        }  # fmt: skip

    def __call__(self, asked, handler):
        if not asked.path.endswith("/infer"):
            return self.inner(asked, handler)
        strange = sorted(patients_of(asked) & self.ways.keys())
        return self.ways[strange[0]](asked, handler) if strange else self.inner(asked, handler)

    def error(self, asked, handler):
        return 500, {}, b"CUDA out of memory"

    def page(self, asked, handler):
        return 200, {"Content-Type": "text/html"}, b"<html>Please log in</html>"

    def changed(self, asked, handler, *, raw=None, **more):
        status, headers, body = self.inner(asked, handler)
        length = int(headers["Inference-Header-Content-Length"])
        header = json.dumps({**json.loads(body[:length]), **more}).encode()
        return status, {"Inference-Header-Content-Length": str(len(header))}, header + (raw or body[length:])

    def not_a_number(self, asked, handler):
        return self.changed(asked, handler, raw=np.full(len(patients_of(asked)), np.nan, "<f4").tobytes())

    def other_id(self, asked, handler):
        return self.changed(asked, handler, id="of-somebody-else")

    def shape(self, asked, handler):
        output = {"name": "p", "datatype": "FP32", "shape": [1, 2], "data": [0.1, 0.2]}
        return 200, {}, json.dumps({"model_name": "squares", "outputs": [output]}).encode()

    def twice(self, asked, handler):
        status, headers, body = self.inner(asked, handler)
        return status, headers, body + body

    def cut(self, asked, handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")

    def refusal(self, asked, handler):
        return 422, {}, b"no wrist"

    def busy(self, asked, handler):
        with self.lock:
            self.n_busy += 1
            if self.n_busy == 1:
                return 503, {"Retry-After": "0"}, b""
        return self.inner(asked, handler)


REASONS = {
    5: "HTTP 500 Internal Server Error: CUDA out of memory",
    7: "no JSON",
    9: "elements are not finite",
    11: "in the middle of a reply",
    13: "an answer to another request",
    15: "declared [-1, 1]",
    17: "bytes follow the outputs",
}


@pytest.mark.parametrize("more", [{}, {"batch": 4, "resend_after_timeout": True}])
def test_every_kind_of_trouble_costs_the_cases_it_met_and_the_run_ends(tmp_path, more):
    with served(Trouble()) as server:
        record = run(protocol(tmp_path, server, rejects=[422], **more))
    answers = answers_in(tmp_path / "run")
    assert len(answers) == N_CASES
    for case_id, answer in answers.items():
        patient = int(case_id[1:3])
        if patient in REASONS:
            assert answer["status"] == "failed", case_id
            assert REASONS[patient] in answer["reason"], case_id
        elif patient == 19:
            assert (answer["status"], answer["reason"]) == ("rejected_input", "HTTP 422 Unprocessable Entity: no wrist")
        else:
            assert answer["status"] == "answered", case_id
            expected = 0 if patient == 2 else 200 if small_run.is_positive(patient) or patient == 1 else 50
            assert answer["findings"]["square"]["score"] == pytest.approx(expected / 255)
    (timing,) = record.observed.timing
    assert timing.failed_attempts["sent_again"] == 1
    assert timing.failed_attempts.keys() <= {"sent_again", "raised", "in_batch"}


class Silence:
    """A server that is ready, and replies to no question."""

    def __init__(self):
        self.inner = a_server()

    def __call__(self, asked, handler):
        return hang(asked, handler) if asked.path.endswith("/infer") else self.inner(asked, handler)


@pytest.mark.parametrize(
    ("more", "most"), [({}, 1), ({"batch": 2}, 1), ({"batch": 2, "resend_after_timeout": True}, 3)]
)
def test_what_is_never_answered_is_lost_and_sent_again_only_where_the_vendor_allows_it(
    tmp_path, monkeypatch, more, most
):
    monkeypatch.setattr(small_run, "N_PATIENTS", 1)
    with served(Silence()) as server:
        record = run(protocol(tmp_path, server, seconds_to_answer=SHORT, **more))
    answers = answers_in(tmp_path / "run")
    assert len(answers) == 2
    assert {answer["status"] for answer in answers.values()} == {"failed"}
    assert all(any(why in answer["reason"] for why in TOO_LATE) for answer in answers.values())
    asked = Counter(case for asked in server.asked if asked.path.endswith("/infer") for case in cases_of(asked))
    assert max(asked.values()) <= most
    (timing,) = record.observed.timing
    assert bool(timing.failed_attempts) == (most > 1)


def test_our_client_ends_a_case_before_the_time_of_the_run_does_and_it_is_sent_once(tmp_path):
    inner = a_server()

    def answer(asked, handler):
        if asked.path.endswith("/infer") and 3 in patients_of(asked):
            return 503, {"Retry-After": "19"}, b""  # less than the time of the run, more than that of our client
        return inner(asked, handler)

    with served(answer) as server:
        run(protocol(tmp_path, server, seconds_per_case=20))
    answers = answers_in(tmp_path / "run")
    reason = "HTTP 503 Service Unavailable; no time is left to ask again in 19 s"
    assert {answers[case_id]["reason"] for case_id in ("c03a", "c03b")} == {reason}
    asked = [patients_of(asked) for asked in server.asked if asked.path.endswith("/infer")]
    assert sum(3 in patients for patients in asked) == 2


def test_over_tls_the_token_reaches_the_server_and_no_file_of_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("VENDOR_TOKEN", TOKEN)

    def answer(asked, handler):
        if asked.path.endswith("/infer") and 5 in patients_of(asked):
            return 401, {}, f"the token {asked.headers['x-key']} is not valid".encode()
        if asked.path.endswith("/infer") and 7 in patients_of(asked):
            return 503, {"Retry-After": "0", "X-Key": TOKEN}, TOKEN.encode()
        return a_server()(asked, handler)

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with served(answer, context=server_context(authority)) as server:
        run(protocol(tmp_path, server, token_variable="VENDOR_TOKEN", token_header="X-Key", ca_file="ca.pem"))
        assert server.asked[-1].headers["x-key"] == TOKEN
    answers = answers_in(tmp_path / "run")
    assert answers["c05a"]["reason"] == "HTTP 401 Unauthorized: the token (token) is not valid"
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.suffix == ".sqlite" for file in files)
    assert [file.name for file in files if TOKEN.encode() in file.read_bytes()] == []


def test_a_run_whose_protocol_does_not_grant_the_address_does_not_begin(tmp_path):
    with served(a_server()) as server:
        with pytest.raises(ProtocolError) as caught:
            run(protocol(tmp_path, server, granted=False))
        assert problem_keys(caught) == {"protocol.network_not_granted"}
        assert server.asked == []


def test_a_server_that_is_not_as_declared_stops_the_run(tmp_path):
    with served(a_server()) as server, pytest.raises(CandidateError) as caught:
        run(protocol(tmp_path, server, metadata_sha256="0" * 64))
    (problem,) = caught.value.problems
    assert "is not the one declared" in problem.facts["found"]


def test_a_server_that_goes_away_costs_the_cases_left_and_the_run_ends(tmp_path):
    n_answered = 12
    inner = a_server()

    def answer(asked, handler):
        if asked.path.endswith("/infer") and sum(each.path.endswith("/infer") for each in server.asked) > n_answered:
            handler.connection.close()
            return None
        return inner(asked, handler)

    with served(answer) as server:
        run(protocol(tmp_path, server, retries=0))
    statuses = Counter(answer["status"] for answer in answers_in(tmp_path / "run").values())
    assert statuses == {"answered": n_answered, "failed": N_CASES - n_answered}
