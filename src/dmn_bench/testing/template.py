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

from ..adapters.answer_masks import runs_of
from ..adapters.picture_png import png_bytes
from ..errors import CandidateError, Problem, collect
from ..files import canonical_json, shipped, write_atomically
from ..vocabulary import Language
from ..wordings import say
from .package import CASES, EXPECTED, EXPECTED_FORMAT, REFUSES
from .template_dicom import dicom_bytes
from .template_yaml import ADDRESSES, ECG_TASKS, OF_DICOM, candidate_yaml, device_yaml

TEMPLATES = Path(__file__).with_name("templates")
IMAGE_TASKS = ("classification", "detection", "grading", "segmentation", "measurement")
TASKS: Mapping[str, tuple[str, ...]] = {
    "python": (*IMAGE_TASKS, *ECG_TASKS),
    "onnx": ("classification", "segmentation"),
    "command": IMAGE_TASKS,
    "wire": ("classification",),
    "container": ("classification",),
    "http": ("classification",),
    "dicom-node": ("classification",),
    "dicomweb": ("classification",),
    "predictions": ("classification",),
}
"""Adapters that there is a template for -> the tasks."""
GRADES = 5
FAST = 70  # beats a minute, from which the example finds something
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
    cases = _recordings if wanted.task in ECG_TASKS else _dicom_images if wanted.adapter in OF_DICOM else _pictures
    files: dict[str, str | bytes] = {
        "candidate.yaml": candidate_yaml(_identifier(folder), *asked),
        "device.yaml": device_yaml(*asked),
        "README.md": _readme(folder, wanted),
        "tests/test_package.py": _filled("test_package.in", wanted),
        **_product(wanted),
        **cases(wanted),
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
        return {"product.py": _filled("product_ecg.in" if wanted.task in ECG_TASKS else "product_python.in", wanted)}
    if wanted.adapter == "command":
        return {"product.py": _filled("product_command.in", wanted)}
    if wanted.adapter == "http":
        return {"server.py": _filled("server_http.in", wanted)}
    if wanted.adapter in ("wire", "container"):
        product = (shipped("plugins") / "example-wire-python" / "edges.py").read_bytes()
        dockerfile = {"Dockerfile": _filled("Dockerfile.in", wanted)} if wanted.adapter == "container" else {}
        return {"product.py": product, **dockerfile}
    if wanted.adapter in OF_DICOM:
        return {}
    if wanted.adapter == "onnx":
        name = "model_masks.onnx" if wanted.task == "segmentation" else "model.onnx"
        return {"model.onnx": (TEMPLATES / name).read_bytes()}
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
    "segmentation": (
        "inside = pixels > (pixels.max() + pixels.min()) / 2",
        'mask = {{"structure": FINDING, "array": inside.astype(np.uint8)}}',
        'return {{"status": "answered", "masks": [mask]}}',
    ),
    "segmentation of command": (
        "inside = pixels > (pixels.max() + pixels.min()) / 2",
        'np.save(outlet / "mask.npy", inside.astype(np.uint8))',
        'return {{"status": "answered", "masks": [{{"structure": FINDING, "file": "mask.npy"}}]}}',
    ),
    "measurement": (
        'return {{"status": "answered", "measurements": {{FINDING: {{"value": 100 * score, "unit": "%"}}}}}}',
    ),
    "beats": ('return {{"status": "answered", "beats": [{{"sample": int(beat), "symbol": "N"}} for beat in beats]}}',),
    "statements": (
        'is_fast = len(beats) > 1 and 60 * request["sampling_hz"] / np.diff(beats).mean() > {fast}',
        'return {{"status": "answered", "findings": {{FINDING: {{"label": "positive" if is_fast else "negative"}}}}}}',
    ),
    "episodes": (
        'seconds = (beats / request["sampling_hz"]).tolist()',
        "if len(beats) < 2 or 60 / np.diff(seconds).mean() <= {fast}:",
        '    return {{"status": "answered", "episodes": []}}',
        'episode = {{"start_s": seconds[0], "end_s": seconds[-1], "label": FINDING}}',
        'return {{"status": "answered", "episodes": [episode]}}',
    ),
}


def _filled(name: str, wanted: Wanted) -> str:
    """A template with its places filled: comments in the language, the finding, and how the task is answered."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    indent = "    " if wanted.adapter == "command" else "        "
    told = _ANSWERS.get(f"{wanted.task} of {wanted.adapter}", _ANSWERS.get(wanted.task, ()))
    lines = [indent + line.format(grades=GRADES, fast=FAST) for line in told]
    if wanted.task == "beats":  # a beat has a symbol of its own
        text = text.replace('FINDING = "@finding@"\n\n\n', "\n")
    text = text.replace("@finding@", wanted.finding).replace("@answer@", "\n".join(lines))
    return re.sub(r"@(code_\w+)@", lambda found: say(f"plugin_new.{found[1]}", wanted.language), text)


def _readme(folder: Path, wanted: Wanted) -> str:
    name = _identifier(folder)
    if wanted.adapter in OF_DICOM:
        adapter = wanted.adapter.replace("-", "_")
        device = say(f"plugin_new.readme_{adapter}", wanted.language, address=ADDRESSES[wanted.adapter])
        return say("plugin_new.readme_elsewhere", wanted.language, name=name, device=device)
    other = {"onnx": "model.onnx", "http": "server.py", "predictions": "results.csv"}
    product = other.get(wanted.adapter, "product.py")
    text = say("plugin_new.readme", wanted.language, name=name, product=product)
    return text + say(f"plugin_new.readme_{wanted.adapter}", wanted.language, name=name) + "\n"


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


def _dicom_images(wanted: Wanted) -> dict[str, str | bytes]:
    """The same pictures as radiographs of made-up patients; what the device answers, its vendor states."""
    names = [f"{wanted.finding[:40]}-{number}" for number in range(1, N_CASES + 1)]
    return {f"{CASES}/case-{i}.dcm": dicom_bytes(_picture(i), name) for i, name in enumerate(names, start=1)}


def _picture(number: int) -> NDArray[np.uint8]:
    """A bright disc on a slope, with ``number`` dark lines across it."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    disc = (x - COLUMNS / 2) ** 2 + (y - ROWS / 2) ** 2 < (6 + 3 * number) ** 2
    pixels = 40 + x + np.where(disc, 110, 0)
    pixels[:, 10 : 10 + 6 * number : 6] -= 30
    return np.asarray(pixels, dtype=np.uint8)


def _stated(pixels: NDArray[np.uint8], wanted: Wanted) -> dict[str, Any]:
    if wanted.task == "segmentation":
        return {"status": "answered", "masks": [_mask_of(pixels, wanted)]}
    score = float(pixels.mean()) / 255 if wanted.adapter == "onnx" else _roughness(pixels)
    if wanted.task == "measurement":
        return {"status": "answered", "measurements": {wanted.finding: {"value": round(100 * score, 6), "unit": "%"}}}
    if wanted.task == "grading":
        return {"status": "answered", "grades": {wanted.finding: {"grade": min(int(score * GRADES), GRADES - 1)}}}
    return {"status": "answered", "findings": {wanted.finding: {"score": round(score, 9)}}}


def _mask_of(pixels: NDArray[np.uint8], wanted: Wanted) -> dict[str, Any]:
    """What is brighter than the middle: of the grey levels for a model, of those that there are for a program."""
    values = pixels.astype(np.float64)
    middle = 127.5 if wanted.adapter == "onnx" else (values.max() + values.min()) / 2
    runs = list(runs_of(values > middle))
    return {"structure": wanted.finding, "rows": ROWS, "columns": COLUMNS, "runs": runs}


def _roughness(pixels: NDArray[np.uint8]) -> float:
    """Mean step between neighbours in a row, as a share of the range: what the products of the templates compute."""
    values = pixels.astype(np.float64)
    return float(np.abs(np.diff(values, axis=1)).mean() / (values.max() - values.min()))


def _recordings(wanted: Wanted) -> dict[str, str | bytes]:
    """Three recordings of one lead as WFDB records, a beat each second or faster, and one too short to be used."""
    files: dict[str, str | bytes] = {}
    stated: dict[str, dict[str, Any]] = {}
    for number in range(1, N_CASES + 1):
        signal, beats = _recording(number, SECONDS)
        files |= _record(f"{CASES}/case-{number}", signal)
        stated[f"case-{number}"] = {"status": "answered", **_heard(beats, wanted)}
    return {**files, f"{CASES}/{EXPECTED}": _expected(stated), **_record(f"{REFUSES}/short", _recording(1, 1)[0])}


def _heard(beats: list[int], wanted: Wanted) -> dict[str, Any]:
    """What the product says of a recording with these beats, which are evenly spaced."""
    is_fast = 60 * SAMPLING_HZ / (beats[1] - beats[0]) > FAST
    if wanted.task == "statements":
        return {"findings": {wanted.finding: {"label": "positive" if is_fast else "negative"}}}
    if wanted.task == "episodes":
        start, end = (beat / SAMPLING_HZ for beat in (beats[0], beats[-1]))
        return {"episodes": [{"start_s": start, "end_s": end, "label": wanted.finding}] if is_fast else []}
    return {"beats": {"samples": beats, "symbols": ["N"] * len(beats)}}


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
