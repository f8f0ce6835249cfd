"""What a run and the workers of a cluster tell each other: JSON, and the bytes of files; read strictly on arrival."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from .. import errors
from ..errors import DmnBenchError, MachineError, Problem
from ..vocabulary import Answer, AskedAnswer, Label, SignalForm, Status
from .answer_json import answer_from_json, answer_to_json
from .outcome import FailedAttempt, Outcome

Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
SAID_BY_A_WORKER: tuple[Status, ...] = (
    "answered",
    "indeterminate",
    "abstained",
    "rejected_input",
    "failed",
    "unreadable",
)


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class SentFile(_Strict):
    """A file by its path below a folder, with "/"; ``n_bytes``: of its content where that travels along."""

    name: str
    sha256: str
    n_bytes: int | None = Field(default=None, ge=0)
    executable: bool = False


class Order(_Strict):
    """What all batches of one run have in common.

    ``run``: a random name. ``candidate_sha256``: of the candidate's ``identity`` as JSON. ``versions``: of whatever
    changes a request or an answer; a worker must have the same. ``readers``: name -> options. The folders are those
    that all machines share, "" where files are sent.
    """

    format: Literal["dmn-bench/order/1"] = "dmn-bench/order/1"
    run: str
    adapter: str
    options: dict[str, JsonValue]
    candidate_folder: str
    candidate_sha256: str
    set_folder: str
    readers: dict[str, dict[str, JsonValue]]
    settings: dict[str, JsonValue]
    versions: dict[str, str]
    files_are_sent: bool = False
    annotator: str | None = None
    masks: tuple[str, ...] = ()
    signals: dict[str, JsonValue] | None = None  # how the candidate wants recordings


class Package(_Strict):
    """The files of a candidate, sent along."""

    files: tuple[SentFile, ...]


class AskedCase(_Strict):
    """A case as a worker needs to know it, with every file that is read for it."""

    case_id: str
    files: tuple[str, ...]
    reads: tuple[SentFile, ...]


class Batch(_Strict):
    """Cases asked one after the other. ``first_attempt``: above 1 where a worker was lost with the case.

    ``has_loaded``: the model was loaded somewhere already, so that a load that fails is tried again.
    """

    key: str
    cases: tuple[AskedCase, ...]
    first_attempt: int = Field(default=1, ge=1)
    has_loaded: bool = False

    @property
    def is_alone(self) -> bool:
        """Whether no other batch may be at work in the same process."""
        return self.first_attempt > 1

    @property
    def begun_mark(self) -> str:
        """Stands on the scheduler once a worker has begun."""
        return self.key

    @property
    def done_mark(self) -> str:
        """Stands on the scheduler once a batch that is alone was answered, whatever becomes of the reply."""
        return f"{self.key}-done"


class _Finding(_Strict):
    score: Number | None = None
    label: Label | None = None


class _Grade(_Strict):
    grade: int | None = None
    scores: tuple[Number, ...] | None = None


class _Mask(_Strict):
    structure: str
    rows: int
    columns: int
    runs: tuple[int, ...]
    image: str | None = None
    frame: int | None = None
    instance: str | None = None


class _Mark(_Strict):
    finding: str
    image: str | None = None
    frame: int | None = None
    x: Number | None = None
    y: Number | None = None
    width: Number | None = None
    height: Number | None = None
    x_mm: Number | None = None
    y_mm: Number | None = None
    z_mm: Number | None = None
    score: Number | None = None
    diameter_mm: Number | None = None
    diameter: Number | None = None
    outline: tuple[tuple[Number, Number], ...] = ()
    mask: _Mask | None = None
    size_mm: tuple[Number, Number, Number] | None = None


class _Beats(_Strict):
    samples: tuple[int, ...]
    symbols: tuple[str, ...]
    subtypes: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    sampling_hz: Number | None = None


class _Episode(_Strict):
    start_s: Number
    end_s: Number
    label: str
    score: Number | None = None


class _Measurement(_Strict):
    value: Number
    unit: str = ""


class _Contour(_Strict):
    structure: str
    points: tuple[tuple[Number, Number], ...] = ()
    points_mm: tuple[tuple[Number, Number, Number], ...] = ()
    image: str | None = None
    frame: int | None = None
    instance: str | None = None


class _Answer(_Strict):
    case_id: str
    status: Literal[SAID_BY_A_WORKER]  # type: ignore[valid-type]
    reason: str = ""
    findings: dict[str, _Finding] = {}
    grades: dict[str, _Grade] = {}
    marks: tuple[_Mark, ...] | None = None
    beats: _Beats | None = None
    episodes: tuple[_Episode, ...] | None = None
    masks: tuple[_Mask, ...] | None = None
    contours: tuple[_Contour, ...] | None = None
    measurements: dict[str, _Measurement] = {}
    finding_statuses: dict[str, Status] = {}
    laterality: Literal["", "L", "R", "B"] = ""


class _Failed(_Strict):
    attempt: int = Field(ge=1)
    reason: str
    printed: str
    case_id: str = ""  # where it is another case than the answer's


class _Outcome(_Strict):
    answer: _Answer
    attempt: int = Field(ge=1)
    seconds: Amount | None = None
    cpu_seconds: Amount | None = None
    peak_memory_mb: Amount | None = None
    is_warm_up: bool = False
    n_pixels: int | None = Field(default=None, ge=0)
    record_seconds: Amount | None = None
    failed_attempts: tuple[_Failed, ...] = ()
    decoders: tuple[str, ...] = ()
    load_seconds: tuple[Amount, ...] = ()


class _Problem(_Strict):
    key: str
    where: str = ""
    facts: dict[str, str | int | Number] = {}


class Reply(_Strict):
    """What became of a batch.

    ``kind``: answered; ``stopped``: called off, with what was answered until then; ``lost``: a worker had begun it
    and was lost, nothing was asked; ``refused``: with problems for whoever ``error`` says.
    ``seconds``: wall time without loads of the model. ``isolation``: what the children of this worker are kept from.
    """

    kind: Literal["answered", "stopped", "lost", "refused"]
    outcomes: tuple[_Outcome, ...] = ()
    seconds: Amount = 0.0
    isolation: tuple[str, ...] = ()
    error: str = ""
    problems: tuple[_Problem, ...] = ()

    def read(self, batch: Batch) -> list[Outcome]:
        """The outcomes, each of a case of the batch. Raises what was refused, MachineError on a case not asked for."""
        if self.kind == "refused":
            raise _error(self.error)(*(Problem(key=p.key, where=p.where, facts=p.facts) for p in self.problems))
        outcomes = [_read_outcome(each) for each in self.outcomes]
        asked = [case.case_id for case in batch.cases]
        found = [outcome.asked.answer.case_id for outcome in outcomes]
        if len(set(found)) < len(found) or not set(found) <= set(asked):
            raise _malformed("answers to other cases")
        if self.kind == "answered" and len(found) < len(asked):
            raise _malformed(f"{len(found)} answers to {len(asked)} cases")
        return outcomes


def form_json(form: SignalForm | None) -> dict[str, JsonValue] | None:
    """How a candidate wants recordings, as it travels."""
    return None if form is None else {**dataclasses.asdict(form), "leads": list(form.leads)}


def form_of(sent: Mapping[str, Any] | None) -> SignalForm | None:
    """What ``form_json`` made."""
    return None if sent is None else SignalForm(**{**sent, "leads": tuple(sent["leads"])})


def reply_of(
    kind: Literal["answered", "stopped", "lost"],
    outcomes: Iterable[Outcome] = (),
    *,
    seconds: float = 0.0,
    isolation: Sequence[str] = (),
) -> bytes:
    """A reply as it travels."""
    content = {"kind": kind, "outcomes": [_outcome_json(outcome) for outcome in outcomes]}
    return json.dumps({**content, "seconds": seconds, "isolation": list(isolation)}, allow_nan=False).encode()


def refusal(error: DmnBenchError) -> bytes:
    """A reply that raises ``error`` where it arrives."""
    problems = [{"key": p.key, "where": p.where, "facts": dict(p.facts)} for p in error.problems]
    return json.dumps({"kind": "refused", "error": type(error).__name__, "problems": problems}).encode()


def read_reply(content: object) -> Reply:
    """A reply that arrived. Raises MachineError if it is none."""
    if not isinstance(content, bytes):
        raise _malformed(type(content).__name__)
    try:
        return _REPLY.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _malformed(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


_REPLY = TypeAdapter(Reply)


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    content = {f.name: getattr(outcome.asked, f.name) for f in dataclasses.fields(AskedAnswer) if f.name != "answer"}
    failed = [failure._asdict() for failure in outcome.failed_attempts]
    return {
        **content,
        "answer": answer_to_json(outcome.asked.answer),
        "failed_attempts": failed,
        "decoders": list(outcome.decoders),
        "load_seconds": list(outcome.load_seconds),
    }


def _read_outcome(sent: _Outcome) -> Outcome:
    answer: Answer = answer_from_json(sent.answer.model_dump(exclude_defaults=True))
    timing = {f.name: getattr(sent, f.name) for f in dataclasses.fields(AskedAnswer) if f.name != "answer"}
    return Outcome(
        asked=AskedAnswer(answer=answer, **timing),
        failed_attempts=tuple(
            FailedAttempt(f.case_id or answer.case_id, f.attempt, f.reason, f.printed) for f in sent.failed_attempts
        ),
        decoders=sent.decoders,
        load_seconds=sent.load_seconds,
    )


def _error(name: str) -> type[DmnBenchError]:
    found = getattr(errors, name, None)
    return found if isinstance(found, type) and issubclass(found, DmnBenchError) else MachineError


def _malformed(found: str) -> MachineError:
    return MachineError(Problem(key="execution.cluster_reply", facts={"found": found[:200]}))


# ------------------------------------------------------------------------------------------- the bytes of files


def packed(message: Batch | Package, contents: Iterable[bytes] = ()) -> bytes:
    """A message followed by the contents of files, in the order in which the message names them."""
    head = message.model_dump_json(exclude_defaults=True).encode()
    return b"".join((struct.pack(">I", len(head)), head, *contents))


def unpacked(blob: bytes) -> tuple[bytes, memoryview]:
    """The message of a blob, and what follows it."""
    (length,) = struct.unpack_from(">I", blob)
    return blob[4 : 4 + length], memoryview(blob)[4 + length :]


def write_files(files: Sequence[SentFile], contents: memoryview, folder: Path) -> memoryview:
    """Write files that came along below ``folder``; what follows them.

    Raises MachineError on a name that leads out of the folder, or when the contents end too soon.
    """
    for file in files:
        if not is_inside(file.name):
            raise MachineError(Problem(key="execution.cluster_name_outside", where=file.name))
        content, contents = contents[: file.n_bytes], contents[file.n_bytes :]
        if len(content) != file.n_bytes:
            raise _malformed(f"{file.name}: {len(content)} bytes of {file.n_bytes}")
        path = folder / file.name
        if path.exists():  # two cases may share a file
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if file.executable:
            path.chmod(0o700)
    return contents


def is_inside(name: str) -> bool:
    """Whether a path with "/" stays in the folder it starts from.

    >>> [is_inside(name) for name in ("a/b.dcm", "../b.dcm", "/b.dcm", "a/../../b", "")]
    [True, False, False, False, False]
    """
    path = PurePosixPath(name)
    harmless = not any(sign in name for sign in ("\\", "\0", ":"))
    return harmless and bool(path.parts) and not path.is_absolute() and ".." not in path.parts
