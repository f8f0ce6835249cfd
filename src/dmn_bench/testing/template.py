"""A working candidate package to start from: code, declarations, made-up cases with their answers, tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..adapters.picture_png import png_bytes
from ..errors import CandidateError, Problem, collect
from ..files import canonical_json, shipped, write_atomically
from ..vocabulary import Language
from ..wordings import say
from .package import CASES, EXPECTED, EXPECTED_FORMAT, REFUSES
from .template_yaml import candidate_yaml, device_yaml

TEMPLATES = Path(__file__).with_name("templates")
IMAGE_TASKS = ("classification", "detection", "grading")
TASKS: Mapping[str, tuple[str, ...]] = {
    "python": (*IMAGE_TASKS, "beats"),
    "onnx": ("classification",),
    "command": IMAGE_TASKS,
    "wire": ("classification",),
    "http": ("classification",),
    "predictions": ("classification",),
}
"""Adapters that there is a template for -> the tasks."""
GRADES = 5
TOLERANCE = 1e-5  # single precision, on whatever machine
N_CASES = 3
ROWS, COLUMNS = 40, 48
SAMPLING_HZ, SECONDS, GAIN = 200, 10, 200
_FINDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for. ``finding``: the vendor's word; of beats it is not used."""

    adapter: str
    task: str = "classification"
    finding: str = "finding"
    language: Language = "en"


def new_package(folder: Path, wanted: Wanted) -> tuple[str, ...]:
    """Write a package into ``folder``; the names of its files. It passes ``plugin check`` as it is.

    Raises CandidateError if the folder holds anything, or there is no template for what is wanted.
    """
    collect(_problems(folder, wanted), CandidateError)
    asked = (wanted.adapter, wanted.task, wanted.finding, wanted.language)
    files: dict[str, str | bytes] = {
        "candidate.yaml": candidate_yaml(_identifier(folder), *asked),
        "device.yaml": device_yaml(*asked),
        "README.md": _readme(folder, wanted),
        "tests/test_package.py": _filled("test_package.in", wanted),
        **_product(wanted),
        **(_recordings() if wanted.task == "beats" else _pictures(wanted)),
    }
    for name, content in files.items():
        write_atomically(folder / name, content)
    return tuple(files)


def _problems(folder: Path, wanted: Wanted) -> list[Problem]:
    problems = []
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problems.append(Problem(key="plugin_kit.new_folder_not_empty", where=str(folder)))
    if not _FINDING.fullmatch(wanted.finding):
        problems.append(Problem(key="plugin_kit.new_finding", facts={"found": wanted.finding}))
    if wanted.adapter not in TASKS:
        facts = {"found": wanted.adapter, "known": ", ".join(TASKS)}
        problems.append(Problem(key="plugin_kit.new_adapter", facts=facts))
    elif wanted.task not in TASKS[wanted.adapter]:
        facts = {"adapter": wanted.adapter, "found": wanted.task, "known": ", ".join(TASKS[wanted.adapter])}
        problems.append(Problem(key="plugin_kit.new_task", facts=facts))
    return problems


def _identifier(folder: Path) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", folder.resolve().name.lower()).strip("-._")[:63] or "product"


# --------------------------------------------------------------------------------------------------- the product


def _product(wanted: Wanted) -> dict[str, str | bytes]:
    """The files that answer: to be replaced by the vendor's own."""
    if wanted.adapter == "python":
        return {"product.py": _filled("product_beats.in" if wanted.task == "beats" else "product_python.in", wanted)}
    if wanted.adapter == "command":
        return {"product.py": _filled("product_command.in", wanted)}
    if wanted.adapter == "http":
        return {"server.py": _filled("server_http.in", wanted)}
    if wanted.adapter == "wire":
        return {"product.py": (shipped("plugins") / "example-wire-python" / "edges.py").read_bytes()}
    if wanted.adapter == "onnx":
        return {"model.onnx": (TEMPLATES / "model.onnx").read_bytes()}
    rows = [f"case-{number},{wanted.finding},{_roughness(_picture(number)):.6f}" for number in range(1, N_CASES + 1)]
    return {"results.csv": "\n".join(["case_id,finding,score", *rows]) + "\n"}


_ANSWERS = {
    "classification": ('return {{"status": "answered", "findings": {{FINDING: {{"score": score}}}}}}',),
    "detection": (
        "row, column = divmod(int(steps.argmax()), steps.shape[1])",
        'mark = {{"finding": FINDING, "image": images[0]["name"], "x": column + 1.0, "y": row + 0.5, "score": score}}',
        'return {{"status": "answered", "findings": {{FINDING: {{"score": score}}}}, "marks": [mark]}}',
    ),
    "grading": (
        "grade = min(int(score * {grades}), {grades} - 1)",
        'return {{"status": "answered", "grades": {{FINDING: {{"grade": grade}}}}}}',
    ),
}


def _filled(name: str, wanted: Wanted) -> str:
    """A template with its places filled: comments in the language, the finding, and how the task is answered."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    indent = "    " if wanted.adapter == "command" else "        "
    lines = [indent + line.format(grades=GRADES) for line in _ANSWERS.get(wanted.task, ())]
    text = text.replace("@finding@", wanted.finding).replace("@answer@", "\n".join(lines))
    return re.sub(r"@(code_\w+)@", lambda found: say(f"plugin_new.{found[1]}", wanted.language), text)


def _readme(folder: Path, wanted: Wanted) -> str:
    names = {"python": "product.py", "command": "product.py", "wire": "product.py"}
    product = {**names, "onnx": "model.onnx", "http": "server.py", "predictions": "results.csv"}[wanted.adapter]
    text = say("plugin_new.readme", wanted.language, name=_identifier(folder), product=product)
    return text + say(f"plugin_new.readme_{wanted.adapter}", wanted.language) + "\n"


# ----------------------------------------------------------------------------------------------------- the cases


def _pictures(wanted: Wanted) -> dict[str, str | bytes]:
    """Three grey pictures with what the product answers, and one that it refuses."""
    files: dict[str, str | bytes] = {}
    stated: dict[str, dict[str, Any]] = {}
    for number in range(1, N_CASES + 1):
        pixels = _picture(number)
        files[f"{CASES}/case-{number}.png"] = png_bytes(pixels)
        stated[f"case-{number}"] = _stated(pixels, wanted)
    files[f"{CASES}/{EXPECTED}"] = _expected(stated)
    if wanted.adapter == "onnx":  # a model cannot say that a picture is uniform; two of them it is not made for
        return {**files, **{f"{REFUSES}/two-pictures/{n}.png": png_bytes(_picture(n)) for n in (1, 2)}}
    return {**files, f"{REFUSES}/uniform.png": png_bytes(np.full((ROWS, COLUMNS), 90, np.uint8))}


def _picture(number: int) -> NDArray[np.uint8]:
    """A bright disc on a slope, with ``number`` dark lines across it."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    disc = (x - COLUMNS / 2) ** 2 + (y - ROWS / 2) ** 2 < (6 + 3 * number) ** 2
    pixels = 40 + x + np.where(disc, 110, 0)
    pixels[:, 10 : 10 + 6 * number : 6] -= 30
    return np.asarray(pixels, dtype=np.uint8)


def _stated(pixels: NDArray[np.uint8], wanted: Wanted) -> dict[str, Any]:
    score = float(pixels.mean()) / 255 if wanted.adapter == "onnx" else _roughness(pixels)
    if wanted.task == "grading":
        return {"status": "answered", "grades": {wanted.finding: {"grade": min(int(score * GRADES), GRADES - 1)}}}
    return {"status": "answered", "findings": {wanted.finding: {"score": round(score, 9)}}}


def _roughness(pixels: NDArray[np.uint8]) -> float:
    """Mean step between neighbours in a row, as a share of the range: what the products of the templates compute."""
    values = pixels.astype(np.float64)
    return float(np.abs(np.diff(values, axis=1)).mean() / (values.max() - values.min()))


def _recordings() -> dict[str, str | bytes]:
    """Three recordings of one lead as WFDB records, a beat each second or faster, and one too short to be used."""
    files: dict[str, str | bytes] = {}
    stated: dict[str, dict[str, Any]] = {}
    for number in range(1, N_CASES + 1):
        signal, beats = _recording(number, SECONDS)
        files |= _record(f"{CASES}/case-{number}", signal)
        stated[f"case-{number}"] = {"status": "answered", "beats": {"samples": beats, "symbols": ["N"] * len(beats)}}
    return {**files, f"{CASES}/{EXPECTED}": _expected(stated), **_record(f"{REFUSES}/short", _recording(1, 1)[0])}


def _recording(number: int, seconds: int) -> tuple[NDArray[np.int16], list[int]]:
    """Triangles of 1 mV in a flat line, and the samples at which each rises through half its height."""
    signal = np.zeros(seconds * SAMPLING_HZ, dtype=np.int16)
    rise = np.concatenate([np.arange(0, 10), np.arange(10, -1, -1)]) * GAIN // 10
    starts = range(50, len(signal) - 50, SAMPLING_HZ - 20 * number)
    for start in starts:
        signal[start : start + len(rise)] = rise
    return signal, [start + 6 for start in starts]


def _record(path: str, signal: NDArray[np.int16]) -> dict[str, str | bytes]:
    """Header and signal file of a WFDB record of one lead, format 16. Reference: WFDB header(5), signal(5)."""
    name = Path(path).name
    checksum = int(signal.sum(dtype=np.int64)) & 0xFFFF
    checksum -= 0x10000 if checksum >= 0x8000 else 0
    header = f"{name} 1 {SAMPLING_HZ} {len(signal)}\n{name}.dat 16 {GAIN}(0)/mV 16 0 {signal[0]} {checksum} 0 II\n"
    return {f"{path}.hea": header, f"{path}.dat": signal.astype("<i2").tobytes()}


def _expected(stated: Mapping[str, Any]) -> str:
    content = {"format": EXPECTED_FORMAT, "tolerance": TOLERANCE, "cases": stated}
    return json.dumps(json.loads(canonical_json(content)), indent=1, ensure_ascii=False) + "\n"
