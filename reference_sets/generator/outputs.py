"""Three vendors' output files about the demonstration sets, as vendors send them: simulated readers, no device at all.

Semicolons, decimal commas, German headings, SOP Instance UIDs, doubts, refusals and cases that are simply not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import chests, contour_set, fracture_set, nodule_set, radiographs, structure_sets, thoraxes
from .thoraxes import Body

FRACTURE_SEED = 20261111
NODULE_SEED = 20261112
CONTOUR_SEED = 20261113
FRACTURE_HEADER = ("SOPInstanceUID", "Befund", "Ergebnis", "Konfidenz", "Status", "Hinweis")
NODULE_HEADER = ("SOPInstanceUID", "Befund", "Wahrscheinlichkeit", "x", "y", "Breite", "Höhe", "Status", "Hinweis")


def write_fracture_outputs(path: Path) -> None:
    """One row for each image: a label in words with a confidence; some refused, two images not there at all."""
    rng = np.random.default_rng(FRACTURE_SEED)
    rows = []
    for exam in fracture_set.exams():
        for number, view in enumerate(fracture_set.views(exam), start=1):
            uid = radiographs.uid(fracture_set.SET_ID, "image", f"{exam.exam_id}v{number}")
            fate = float(rng.random())
            score = _fracture_score(exam, view.box is not None, rng)
            if fate < 0.012:
                continue
            if fate < 0.030:
                rows.append((uid, "Fraktur", "", "", "abgelehnt", "Bildqualität nicht ausreichend"))
                continue
            word = "ja" if score >= 0.55 else "fraglich" if score >= 0.42 else "nein"
            rows.append((uid, "Fraktur", word, _comma(score), "", ""))
    _write(path, FRACTURE_HEADER, rows)


def _fracture_score(exam: fracture_set.FractureExam, seen: bool, rng: np.random.Generator) -> float:
    evidence = -1.55
    if exam.severity is not None:
        evidence = {"displaced": 2.9, "impacted": 2.3, "subtle": 1.9}[exam.severity] if seen else -0.6
        evidence -= 0.9 * exam.cast + 0.5 * (exam.device.model == "Model B2")
    elif exam.person.age_years < 16:
        evidence += 0.45  # growth plates
    return _logistic(evidence + 0.85 * float(rng.standard_normal()))


def write_nodule_outputs(path: Path) -> None:
    """For each image one row with its probability, then one row for each mark; some images failed or are not there."""
    rng = np.random.default_rng(NODULE_SEED)
    rows: list[tuple[str, ...]] = []
    for exam in nodule_set.exams():
        uid = radiographs.uid(nodule_set.SET_ID, "image", exam.exam_id)
        fate, marks = float(rng.random()), _nodule_marks(exam, rng)
        if fate < 0.03:
            continue
        if fate < 0.07:
            rows.append((uid, "Rundherd", "", "", "", "", "", "Fehler", "Zeitüberschreitung"))
            continue
        best = max((mark.score for mark in marks), default=_logistic(-3 + 0.5 * float(rng.standard_normal())))
        rows.append((uid, "Rundherd", _comma(best), "", "", "", "", "", ""))
        for mark in marks:
            box = tuple(_comma(value, 1) for value in mark.box)
            rows.append((uid, "Rundherd", _comma(mark.score), *box, "", ""))
    _write(path, NODULE_HEADER, rows)


def write_contour_outputs(folder: Path) -> None:
    """A structure set for each scan but one: organs drawn well, tumours a little small, some of them not seen."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in contour_set.scans():
        rng = np.random.default_rng([CONTOUR_SEED, one.seed])
        fate = float(rng.random())

        def draw(name: str, body: Body, rng: np.random.Generator = rng) -> Body | None:
            if name != "tumour":
                return thoraxes.drawn_by(rng, body, shift_mm=1.0, size=1.01, spread=0.03)
            is_missed = body.half_mm[0] < 10.5
            return None if is_missed else thoraxes.drawn_by(rng, body, shift_mm=1.8, size=0.92, spread=0.08)

        if fate >= 0.1:
            drawn = contour_set.lines(one.thorax, draw)
            structure_sets.write_structures(folder / f"RS.{one.case_id}.dcm", drawn, one.scan, "Contours 1.0")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A box in px with its score."""

    box: tuple[float, float, float, float]
    score: float


def _nodule_marks(exam: nodule_set.ChestExam, rng: np.random.Generator) -> list[Mark]:
    noise = {"Model A1": 0.0, "Model B2": 1.1, "Model C3": 0.3}[exam.device.model]
    marks = []
    for nodule in exam.chest.nodules:
        evidence = 0.6 + 0.16 * (nodule.diameter_mm - 10) - noise - 1.1 * (nodule.place in ("apical", "retrocardiac"))
        score = _logistic(evidence + 0.8 * float(rng.standard_normal()))
        if score > 0.2:
            marks.append(Mark(box=_jittered(chests.nodule_box(exam.chest, nodule), rng), score=score))
    for _ in range(int(rng.poisson(0.30 + 0.35 * (exam.chest.emphysema > 0) + 0.15 * noise))):
        score = _logistic(-1.1 + 0.9 * float(rng.standard_normal()))
        centre = chests.nodule_centre(str(rng.choice(chests.PLACES)), rng)
        size = float(rng.uniform(9, 22))
        false = chests.Nodule(centre=centre, diameter_mm=size, density=1.0, place="", seed=0)
        marks.append(Mark(box=_jittered(chests.nodule_box(exam.chest, false), rng), score=score))
    return sorted(marks, key=lambda mark: -mark.score)


def _jittered(box: tuple[float, float, float, float], rng: np.random.Generator) -> tuple[float, float, float, float]:
    x, y, width, height = box
    dx, dy = rng.normal(0, 0.9, 2)
    grow = float(rng.uniform(0.9, 1.25))
    left = float(np.clip(x + dx - width * (grow - 1) / 2, 0, chests.SHAPE[1] - 3))
    top = float(np.clip(y + dy - height * (grow - 1) / 2, 0, chests.SHAPE[0] - 3))
    return left, top, min(width * grow, chests.SHAPE[1] - left), min(height * grow, chests.SHAPE[0] - top)


def _logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def _comma(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """As an old Windows program would: code page 1252, semicolons, carriage returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(";".join(row) + "\r\n" for row in (header, *rows)).encode("cp1252"))
