"""Answers in an output folder: answer.json for one case, or DICOM objects; for a batch also answers.jsonl."""

from __future__ import annotations

import io
import json
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .exchange_folder import image_names
from .exchange_output import Limits, OutputError, files_in, read_file, shown, top

ANSWER = "answer.json"
ANSWERS = "answers.jsonl"
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_MASK_BYTES = 256 * 1024 * 1024
NPY_MAGIC = b"\x93NUMPY"


def json_answer(folder: Path, request_id: str, limits: Limits) -> dict[str, Any]:
    """The answer in ``answer.json`` of one case's output folder, masks read from the files that it names.

    Raises OutputError if it is missing, no JSON object, or says that it answers another request.
    """
    files = files_in(folder, limits)
    if ANSWER not in files:
        raise OutputError(f"no output: expected {ANSWER}, found {top(folder)}")
    answer = parsed(read_file(files[ANSWER], ANSWER, MAX_ANSWER_BYTES), ANSWER)
    return complete(answer, request_id, files, ANSWER)


def answers_by_line(path: Path) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The answers of ``answers.jsonl`` by request id, several where several lines answer one; and what is wrong.

    Raises OutputError if the file cannot be read at all.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    problems = []
    for number, line in enumerate(read_file(path, ANSWERS, MAX_ANSWER_BYTES).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            answer = parsed(line, f"{ANSWERS}, line {number}")
        except OutputError as error:
            problems.append(str(error))
            continue
        request_id = answer.get("request_id")
        if isinstance(request_id, str):
            found.setdefault(request_id, []).append(answer)
        else:
            problems.append(f"{ANSWERS}, line {number}: expected a request_id, found none")
    return found, problems


def complete(answer: dict[str, Any], request_id: str, files: Mapping[str, Path], where: str) -> dict[str, Any]:
    """An answer without its id and with its masks as arrays.

    Raises OutputError if it names another request, or a mask that is not there or cannot be read.
    """
    said = answer.pop("request_id", request_id)
    if said != request_id:
        raise OutputError(f"{where}, request_id: expected {request_id}, found {shown(str(said))}")
    masks = answer.get("masks")
    if isinstance(masks, list):
        answer["masks"] = [
            _with_array(mask, files, f"masks[{i}]") if isinstance(mask, dict) else mask for i, mask in enumerate(masks)
        ]
    return answer


def parsed(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object in UTF-8, no key given twice. Raises OutputError."""
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        raise OutputError(f"{where}: expected JSON in UTF-8, found byte {error.object[error.start]:#04x}") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        found_there = "nothing" if not data.strip() else f"{error.msg} at {place}"
        raise OutputError(f"{where}: expected a JSON object, found {found_there}") from error
    except (ValueError, RecursionError) as error:
        raise OutputError(f"{where}: expected a JSON object, found {error}") from error
    if not isinstance(found, dict):
        raise OutputError(f"{where}: expected a JSON object, found {type(found).__name__}")
    return found


def dicom_answer(
    folder: Path, request_files: Sequence[str], rules: Mapping[str, object], limits: Limits
) -> dict[str, Any]:
    """The answer in the DICOM objects of one case's output folder, other files left out.

    A file is held to be one by its mark, by its name (``.dcm``) or by how it begins. Raises OutputError if there is
    none, if one cannot be read, or what they say cannot be taken.
    """
    from ..inputs.known_images import known_images
    from .dicom_answers import answer_from_objects
    from .dicom_rules import DicomRules, ResultError

    files = files_in(folder, limits)
    objects = [
        path for name, path in files.items() if _is_meant_as_dicom(name, read_file(path, name, limits.megabytes << 20))
    ]
    if not objects:
        raise OutputError(f"no output: expected DICOM objects, found {top(folder)}")
    copies = [Path(path) for path in request_files]
    known = known_images(copies, image_names(copies))
    try:
        return answer_from_objects(objects, known, DicomRules(**rules))  # type: ignore[arg-type]
    except ResultError as error:
        raise OutputError(str(error)) from error


def _is_meant_as_dicom(name: str, data: bytes) -> bool:
    """Also a data set whose mark is missing or not in its place, which begins with an element of group 2 or 8."""
    is_marked = b"DICM" in (data[:4], data[128:132])
    return is_marked or name.lower().endswith(".dcm") or _WITHOUT_MARK.match(data) is not None


_WITHOUT_MARK = re.compile(rb"[\x02\x08]\x00.\x00(?:[A-Z]{2}|..\x00\x00)", re.DOTALL)  # tag, then VR or length


def _with_array(mask: dict[str, Any], files: Mapping[str, Path], field: str) -> dict[str, Any]:
    described = dict(mask)
    name = described.pop("file", None)
    if not isinstance(name, str) or name not in files:
        found = shown(name) if isinstance(name, str) else "none"
        raise OutputError(f"{field}.file: expected a file in the output folder, found {found}")
    return {**described, "array": _mask_array(files[name], name)}


def _mask_array(path: Path, name: str) -> NDArray[Any]:
    data = read_file(path, name, MAX_MASK_BYTES)
    pixels = _npy(data, name) if data.startswith(NPY_MAGIC) else _picture(path, name)
    if pixels.ndim != 2 or pixels.dtype.kind not in "bui":
        found = f"{pixels.dtype} {list(pixels.shape)}"
        raise OutputError(f"{shown(name)}: expected whole numbers [rows, columns], found {found}")
    is_picture_of_two = pixels.dtype == np.uint8 and not data.startswith(NPY_MAGIC) and pixels.max(initial=0) == 255
    if is_picture_of_two and not ((pixels == 0) | (pixels == 255)).all():
        raise OutputError(f"{shown(name)}: expected 0 and 1, or 0 and 255, found other values")
    return (pixels == 255).astype(np.uint8) if is_picture_of_two else pixels


def _npy(data: bytes, name: str) -> NDArray[Any]:
    """A NumPy file without Python objects, whose length is as its header says."""
    stream = io.BytesIO(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, is_fortran, dtype = read(stream)
    except (ValueError, Warning, OverflowError, SyntaxError) as error:
        raise OutputError(f"{shown(name)}: expected a NumPy file, found {error}") from error
    n_bytes = len(data) - stream.tell()
    if dtype.kind not in "bui" or n_bytes != dtype.itemsize * math.prod(shape):
        raise OutputError(f"{shown(name)}: {n_bytes} bytes for {dtype} {list(shape)}")
    array: NDArray[Any] = np.frombuffer(data, dtype=dtype, offset=stream.tell())
    return array.reshape(shape, order="F" if is_fortran else "C")


def _picture(path: Path, name: str) -> NDArray[Any]:
    from ..errors import InputFileError
    from ..inputs.raster import RasterReader

    try:
        if not RasterReader().recognises(path):
            raise OutputError(f"{shown(name)}: expected a NumPy or PNG file, found something else")
        images, _, _ = RasterReader().read(path)
    except InputFileError as error:
        raise OutputError(f"{shown(name)}: expected a sound PNG file, found {error.problems[0].key}") from error
    return images[0].pixels


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object that gives the same key twice")
    return found
