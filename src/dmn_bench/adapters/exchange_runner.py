"""Requests put to a program through folders, one case or one batch at a time, and what becomes of each case."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .exchange_answers import ANSWER, ANSWERS, answers_by_line, complete, dicom_answer, json_answer
from .exchange_folder import FOLDER_MODE, Arrays, NotSuitableError, write_request
from .exchange_output import Limits, OutputError, excess, files_in, listed, remove
from .watched_program import Ended

INPUT, OUTPUT = "input", "output"

Start = Callable[[Path, Callable[[], str]], Ended]
"""Runs the program on a work folder, which holds the folders input and output; asks its second argument while it runs
what the program has done that ends it."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """How requests and answers lie in folders: what the adapter was told.

    ``batch``: above 1 each folder holds one folder for each request, named after its id. ``exit_statuses``: exit code
    as text -> status of the case. ``files``, ``megabytes``: of the output for one case.
    """

    arrays: Arrays = "npy"
    results: str = "json"
    dicom: Mapping[str, object] | None = None
    batch: int = 1
    exit_statuses: Mapping[str, str] | None = None
    files: int = 1000
    megabytes: int = 1024

    @property
    def limits(self) -> Limits:
        """Of one case's output."""
        return Limits(files=self.files, megabytes=self.megabytes)


def exchanged(
    requests: Sequence[Mapping[str, Any]], exchange: Exchange, *, start: Start, place: Path
) -> list[dict[str, Any] | Exception]:
    """For each request its answer, or what went wrong with it alone; the work folder is made in ``place`` and removed.

    Raises OutputError if the program failed as a whole, and what ``start`` raises.
    """
    work = Path(tempfile.mkdtemp(prefix="work-", dir=place))
    try:
        return _exchanged(requests, exchange, start, work)
    finally:
        remove(work)


def _exchanged(
    requests: Sequence[Mapping[str, Any]], exchange: Exchange, start: Start, work: Path
) -> list[dict[str, Any] | Exception]:
    results: dict[str, dict[str, Any] | Exception] = {}
    written = []
    work.chmod(FOLDER_MODE)
    _open_folder(work / OUTPUT)
    if exchange.batch > 1:
        (work / INPUT).mkdir()
        (work / INPUT).chmod(FOLDER_MODE)
    for request in requests:
        folder = work / INPUT if exchange.batch == 1 else work / INPUT / request["request_id"]
        try:
            write_request(request, folder, arrays=exchange.arrays)
        except NotSuitableError as error:
            results[request["request_id"]] = {"status": "rejected_input", "reason": str(error)}
            remove(folder)
        else:
            written.append(request)
    if written:
        for request in written if exchange.batch > 1 else ():
            _open_folder(work / OUTPUT / request["request_id"])
        limits = exchange.limits.times(len(written) if exchange.batch > 1 else 1)
        ended = start(work, lambda: _excess(work, limits))
        results.update(_taken(written, exchange, ended, work))
    return [results[request["request_id"]] for request in requests]


def _open_folder(folder: Path) -> None:
    """A folder that the program may write to, whoever it is in its container; the one above it is private."""
    folder.mkdir()
    folder.chmod(0o777)


def _excess(work: Path, limits: Limits) -> str:
    try:
        return excess(work / OUTPUT, limits)
    except OutputError:  # looked at while it is written; what stays so is found at the end
        return ""


def _taken(
    requests: Sequence[Mapping[str, Any]], exchange: Exchange, ended: Ended, work: Path
) -> dict[str, dict[str, Any] | Exception]:
    status = (exchange.exit_statuses or {}).get(str(ended.code))
    if ended.code != 0 and status is None:
        raise OutputError(str(ended))
    output = work / OUTPUT
    if exchange.batch > 1:
        return _taken_of_batch(requests, exchange, output)
    (request,) = requests
    if status is None:
        return {request["request_id"]: _answer(request, exchange, output)}
    if ANSWER not in files_in(output, exchange.limits):
        return {request["request_id"]: {"status": status, "reason": ended.last_line}}
    answer = _answer(request, exchange, output)
    if answer.get("status") != status:
        raise OutputError(f"exit code {ended.code} says {status}, {ANSWER} says {answer.get('status')!r:.40}")
    return {request["request_id"]: answer}


def _answer(request: Mapping[str, Any], exchange: Exchange, folder: Path) -> dict[str, Any]:
    if exchange.results == "dicom":
        return dicom_answer(folder, request.get("files", ()), exchange.dicom or {}, exchange.limits)
    return json_answer(folder, request["request_id"], exchange.limits)


def _taken_of_batch(
    requests: Sequence[Mapping[str, Any]], exchange: Exchange, output: Path
) -> dict[str, dict[str, Any] | Exception]:
    """Each case by itself: what is wrong with one costs no other."""
    asked = [request["request_id"] for request in requests]
    lines, problems = answers_by_line(output / ANSWERS) if (output / ANSWERS).exists() else ({}, [])
    strange = sorted({path.name for path in output.iterdir()} - {*asked, ANSWERS} | (lines.keys() - set(asked)))
    if strange:
        problems.append(f"answers to no request of the batch: {listed(strange)}")
    results: dict[str, dict[str, Any] | Exception] = {}
    for request in requests:
        request_id = request["request_id"]
        try:
            results[request_id] = _answer_of_batch(request, exchange, output / request_id, lines.get(request_id, []))
        except OutputError as error:
            reason = "; ".join([str(error), *(problems if str(error).startswith("no output") else ())])
            results[request_id] = OutputError(reason)
    return results


def _answer_of_batch(
    request: Mapping[str, Any], exchange: Exchange, folder: Path, lines: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    if folder.is_symlink() or not folder.is_dir():
        raise OutputError(f"{OUTPUT}/{request['request_id']}: expected the folder that was made for it, found none")
    if not lines:
        return _answer(request, exchange, folder)
    files = files_in(folder, exchange.limits)
    if len(lines) > 1 or ANSWER in files:
        n = len(lines) + (ANSWER in files)
        raise OutputError(f"{n} answers to one request, expected one: in {ANSWERS} or in {ANSWER} of its folder")
    return complete(dict(lines[0]), request["request_id"], files, ANSWERS)
