"""The page of the protocol shows the bytes that are sent, and the two programs beside it say the same."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dmn_bench import candidate_shim
from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.adapters.wire_program import WireProgram
from dmn_bench.catalogue import build_catalogue
from dmn_bench.catalogue.manifests import adapter_options, load_manifest
from dmn_bench.errors import CandidateError
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.loading import loader
from dmn_bench.execution.questions import Questions
from dmn_bench.execution.wire import frame_of, request_message
from dmn_bench.reference_set import load_cases
from dmn_bench.vocabulary import Image, Origin, Request

from .kit import a_case, grey_request

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "wire-protocol.md"
SAID_BY_A_DEVICE = ("answered", "rejected_input", "abstained", "indeterminate", "failed")
EXAMPLES = {"python": "python3", "node": "node"}  # of plugins/example-wire-… -> what runs it


def conversation():
    """The smallest conversation, as the page shows it."""
    pixels = np.array([[1, 258]], np.uint16)
    image = Image(name="image-1", pixels=pixels, photometric="grey", bits_stored=16, spacing_mm=(0.1, 0.1))
    request = request_message(Request(request_id="r1", images=(image,)))
    answer = {"status": "abstained", "reason": "too small"}
    load = {"message": "load", "wire": 1, "entry": "./edges", "import_paths": [], "options": {"finding": "fracture"}}
    messages = [
        ("dmn-bench", frame_of(load)),
        ("the program", candidate_shim.frame_of({"message": "ready"})),
        ("dmn-bench", frame_of({"message": "ask", "request": request})),
        ("the program", candidate_shim.frame_of({"message": "answer", "request_id": "r1", "answer": answer})),
        ("dmn-bench", frame_of({"message": "stop"})),
    ]
    blocks = ["\n".join([f"{who} sends", *dumped(b"".join(pieces))]) for who, pieces in messages]
    return "<!-- no-run: bytes, compared with the code by a test -->\n```text\n" + "\n\n".join(blocks) + "\n```"


def dumped(data):
    for start in range(0, len(data), 16):
        line = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
        yield f"{start:04x}  {line.hex(' '):47}  {text}".rstrip()


def test_the_page_shows_the_bytes_that_are_sent():
    assert conversation() in PAGE.read_text(encoding="utf-8")


def test_the_answers_that_the_page_shows_are_valid():
    block = PAGE.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    origin = Origin(case_id="c", images={}, sop_instance_uids={})
    said = [json.loads(line) for line in block.splitlines()]
    found = [read_answer(answer, "c", origin) for answer in said]
    assert [answer.status for answer in found] == [answer["status"] for answer in said]
    assert [answer.reason for answer in found] == [answer.get("reason", "") for answer in said]
    assert {answer.status for answer in found} == set(SAID_BY_A_DEVICE)


@pytest.mark.parametrize("message", ["load", "ask", "ask_batch", "stop", "ready", "answer", "error", "alive"])
def test_the_page_has_every_message_of_the_shim_and_the_shim_every_message_of_the_page(message):
    assert f"| `{message}` |" in PAGE.read_text(encoding="utf-8")
    assert f'"message": "{message}"' in candidate_shim.__doc__


def test_the_page_states_the_limits_of_the_code():
    page = PAGE.read_text(encoding="utf-8").replace("\u00a0", " ")
    assert f"{candidate_shim.MAX_HEADER_BYTES:,}".replace(",", " ") in page
    assert f"answered with more than {candidate_shim.MAX_BUFFER_BYTES} bytes" in page


# ------------------------------------------------------------------------------------------------------ the examples


def example(name):
    if shutil.which(EXAMPLES[name], path="/usr/local/bin:/usr/bin:/bin") is None:
        pytest.skip(f"there is no {EXAMPLES[name]} in the folders of the system")
    folder = ROOT / "plugins" / f"example-wire-{name}"
    manifest = load_manifest(folder)
    options = adapter_options(manifest, ("command", "receives", "options", "batch"))
    return build_catalogue().make("adapter", manifest.adapter, **options), folder


def asked(name, cases, load, **more):
    adapter, folder = example(name)
    program = adapter.program(folder, more.pop("options", {}))
    crew = LocalCrew(Questions(program=program, load=load, settings=ExecutionSettings(**more)), workers=1)
    try:
        found = [outcome for batch in crew.outcomes(cases) for outcome in batch]
    finally:
        crew.call_off()
    assert [outcome.failed_attempts for outcome in found] == [()] * len(cases)
    return {outcome.asked.answer.case_id: outcome.asked.answer for outcome in found}


def test_both_examples_give_the_same_answers_to_a_shipped_set():
    root = ROOT / "reference_sets" / "fracture-demo"
    cases = load_cases(root)[1][:12]
    load = loader(root, receives="array", readers=build_catalogue().make_all("reader"))
    found = [asked(name, cases, load) for name in EXAMPLES]
    assert found[0] == found[1]
    assert {answer.status for answer in found[0].values()} == {"answered"}
    assert len({answer.findings["fracture"].score for answer in found[0].values()}) == 12


@pytest.mark.parametrize("dtype", ["u1", "i1", "<u2", "<i2", "<u4", "<i4", "<f4", "<f8"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_computes_what_numpy_does_on_every_type(name, dtype):
    pixels = np.arange(30).reshape(5, 6)[:, ::-1] ** 2 % 97
    pixels = pixels.astype(dtype)

    def load(case, folder):
        request, origin = grey_request(case, folder)
        image = Image(name="image-1", pixels=pixels, photometric="grey", bits_stored=8)
        return Request(request_id=request.request_id, images=(image,)), origin

    answer = asked(name, [a_case()], load)["c0"]
    steps = np.abs(np.diff(pixels.astype(float), axis=1))
    expected = steps.mean() / (float(pixels.max()) - float(pixels.min()))
    assert answer.findings["fracture"].score == pytest.approx(expected, rel=1e-12)
    row, column = np.unravel_index(int(steps.argmax()), steps.shape)
    assert (answer.marks[0].x, answer.marks[0].y) == (column + 1.0, row + 0.5)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_what_it_does_not_take(name):
    def load(case, folder):
        shape = {"c0": (4, 4), "c1": (2, 4, 4), "c2": (4, 1)}[case.case_id]
        image = Image(name="image-1", pixels=np.ones(shape, np.uint8), photometric="grey", bits_stored=8)
        origin = Origin(case_id=case.case_id, images={"image-1": "a"}, sop_instance_uids={})
        return Request(request_id=case.case_id, images=(image,)), origin

    found = asked(name, [a_case(f"c{i}") for i in range(3)], load)
    assert [found[f"c{i}"].status for i in range(3)] == ["abstained", "rejected_input", "rejected_input"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_options_of_the_candidate_reach_an_example(name):
    assert set(asked(name, [a_case("c5")], with_an_edge, options={"finding": "edge"})["c5"].findings) == {"edge"}


def with_an_edge(case, folder):
    image = Image(name="image-1", pixels=np.eye(4, dtype=np.uint8), photometric="grey", bits_stored=8)
    return Request(request_id="r", images=(image,)), Origin(
        case_id=case.case_id, images={"image-1": "a"}, sop_instance_uids={}
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_refuses_another_version_of_the_protocol(name, monkeypatch):
    monkeypatch.setattr("dmn_bench.execution.worker.WIRE_VERSION", 2)
    with pytest.raises(CandidateError) as caught:
        asked(name, [a_case()], with_an_edge)
    assert caught.value.problems[0].facts["found"] == "raised this program speaks version 1"


# ------------------------------------------------------------------------------------------------------- the adapter


def test_the_files_of_the_package_and_no_other_are_the_candidate():
    adapter, folder = example("python")
    assert set(adapter.identity(folder)) == {path.name for path in folder.iterdir() if path.is_file()}


def test_a_program_that_is_not_there_is_an_error(tmp_path):
    for command in (("./edges",), ("no-such-program-anywhere",)):
        with pytest.raises(CandidateError) as caught:
            WireProgram(command=command).program(tmp_path, {})
        assert caught.value.problems[0].key == "adapters_programs.no_program"
    (tmp_path / "edges").write_text("")
    with pytest.raises(CandidateError) as caught:
        WireProgram(command=("./edges",)).identity(tmp_path)
    assert caught.value.problems[0].key == "adapters_programs.not_executable"


@pytest.mark.parametrize(
    "options", [{"command": ()}, {"command": ("a",), "batch": 0}, {"command": ("a",), "receives": "x"}]
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match=r"command names|batch is|receives is"):
        WireProgram(**options)


def test_words_of_the_command_are_filled_and_named_files_are_part_of_the_candidate(tmp_path):
    (tmp_path / "candidate.yaml").write_text("")
    program = tmp_path / "edges"
    program.write_text("")
    program.chmod(0o755)
    adapter = WireProgram(command=("./edges", "--model={candidate}/m.bin", "x"), batch=3, options={"a": 1})
    found = adapter.program(tmp_path, {"b": 2})
    assert found.command == (str(tmp_path / "edges"), f"--model={tmp_path}/m.bin", "x")
    assert (found.batch, found.options, found.where) == (3, {"a": 1, "b": 2}, "here")
    assert set(adapter.identity(tmp_path)) == {"candidate.yaml", "edges"}
