"""The set ``nodule-demo``: frontal chest radiographs with and without nodules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import chests, radiographs
from .devices import DEVICES, XrayDevice, exposed, presented
from .people import Person, crowd, dashed, day
from .tables import Tables, three_readings, tidy

SET_ID = "nodule-demo"
SEED = 20261102
N_PEOPLE = 92
STRATA = ("sex", "age_years", "emphysema")
AGES = ((0.20, 35, 49), (0.45, 50, 69), (0.35, 70, 90))
SMALL_MM = 12.0
CHEST_SPAN = (0.22, 96.0)


@dataclass(frozen=True, kw_only=True)
class ChestExam:
    """One visit: whose, with which device, in which projection, and the nodules that are there."""

    person: Person
    exam_id: str
    device: XrayDevice
    device_recorded: bool
    chest: chests.Chest
    indeterminate: bool
    date: str
    seed: int


def exams(seed: int = SEED, n_people: int = N_PEOPLE) -> list[ChestExam]:
    """Every visit of the set; another ``seed`` gives other people."""
    rng = np.random.default_rng([seed, 1])
    drawn: list[ChestExam] = []
    for person in crowd(rng, n_people, AGES, second_visit=0.22):
        ill, date = bool(rng.random() < 0.58), day(rng)
        build = {
            "size": float(np.clip(rng.normal(0.99 if person.sex == "M" else 0.92, 0.04), 0.82, 1.06)),
            "heart": float(np.clip(rng.normal(1.0 + 0.004 * (person.age_years - 50), 0.08), 0.85, 1.3)),
            "breasts": person.sex == "F",
            "emphysema": float(rng.uniform(0.6, 1.0)) if rng.random() < 0.16 else 0.0,
        }
        nodules = _nodules(rng) if ill else ()
        for visit in range(person.visits):
            number = len(drawn) + 1
            view = "AP" if rng.random() < 0.25 else "PA"
            breath = float(np.clip(rng.normal(0.97 if view == "PA" else 0.85, 0.05), 0.72, 1.08))
            pose = {"turn_deg": float(rng.normal(0, 1.2)), "move_mm": (float(rng.normal(0, 4)), chests.LUNGS_DOWN_MM)}
            drawn.append(
                ChestExam(
                    person=person,
                    exam_id=f"c{number:03d}",
                    device=DEVICES[str(rng.choice(("A", "B", "C"), p=(0.45, 0.30, 0.25)))],
                    device_recorded=bool(rng.random() > 0.03),
                    chest=chests.Chest(view=view, breath=breath, nodules=nodules, **build, **pose),
                    indeterminate=number == 23,
                    date=date if visit == 0 else day(rng, date, 120),
                    seed=int(rng.integers(2**31)),
                )
            )
    return drawn


def image(exam: ChestExam) -> NDArray[np.uint16]:
    """Stored pixel values of the radiograph, drawn from the exam's own seed alone."""
    rng = np.random.default_rng([exam.seed, 2])
    soft, bone = chests.attenuation(exam.chest, rng)
    return presented(exposed(soft, bone, exam.device, rng), exam.device, CHEST_SPAN)


def write(root: Path) -> None:
    """Write images and tables of the set into ``root`` (its card and lock are not written here)."""
    (root / "files").mkdir(parents=True, exist_ok=True)
    tables, rng = Tables(), np.random.default_rng([SEED, 3])
    for exam in exams():
        name = f"files/{exam.exam_id}.dcm"
        radiographs.write(root / name, image(exam), _exposure(exam), exam.device)
        tables.cases.append(_case_row(exam, name))
        value = "indeterminate" if exam.indeterminate else "positive" if exam.chest.nodules else "negative"
        read_at = dashed(day(rng, "20260401", 60))
        if value == "positive":
            tables.lesions += [_lesion_row(exam, number, one) for number, one in enumerate(exam.chest.nodules, start=1)]
        evidence = "drawn by the generator" if value != "indeterminate" else "readers did not agree"
        tables.truth.append(
            {"case_id": exam.exam_id, "finding": "nodule", "value": value, "evidence": evidence, "read_at": read_at}
        )
        tables.readings += three_readings([exam.exam_id], "nodule", value, read_at, rng)
        tables.sampling.append({"unit_id": exam.exam_id, "status": "drawn"})
    for number, reason in enumerate(("lung resected", "pleural effusion hides half a lung"), start=901):
        tables.sampling.append({"unit_id": f"c{number}", "status": "excluded", "reason": reason})
    tables.write(root, STRATA, ("size", "place"))


def _nodules(rng: np.random.Generator) -> tuple[chests.Nodule, ...]:
    found = []
    for _ in range(int(rng.choice((1, 2, 3), p=(0.72, 0.2, 0.08)))):
        place = str(rng.choice(chests.PLACES, p=(0.20, 0.15, 0.33, 0.18, 0.14)))
        found.append(
            chests.Nodule(
                centre=chests.nodule_centre(place, rng),
                diameter_mm=float(np.clip(rng.lognormal(2.65, 0.38), 7, 34)),
                density=float(rng.uniform(0.85, 1.25)),
                place=place,
                seed=int(rng.integers(2**31)),
            )
        )
    return tuple(found)


def _exposure(exam: ChestExam) -> radiographs.Exposure:
    return radiographs.Exposure(
        set_id=SET_ID,
        patient_id=exam.person.patient_id,
        exam_id=exam.exam_id,
        image_id=exam.exam_id,
        sex=exam.person.written_sex,
        age_years=exam.person.written_age,
        region="CHEST",
        view=exam.chest.view,
        laterality="U",
        date=exam.date,
        detector_spacing_mm=chests.SPACING_MM,
        device_recorded=exam.device_recorded,
    )


def _case_row(exam: ChestExam, name: str) -> dict[str, object]:
    age = exam.person.written_age
    return {
        "case_id": exam.exam_id,
        "patient_id": exam.person.patient_id,
        "exam_id": exam.exam_id,
        "files": name,
        "sex": exam.person.written_sex,
        "age_years": "" if age is None else age,
        "emphysema": "yes" if exam.chest.emphysema else "no",
    }


def _lesion_row(exam: ChestExam, number: int, nodule: chests.Nodule) -> dict[str, object]:
    x, y, width, height = (tidy(value) for value in chests.nodule_box(exam.chest, nodule))
    size = "small" if nodule.diameter_mm < SMALL_MM else "large"
    return {"case_id": exam.exam_id, "lesion_id": str(number), "finding": "nodule", "x": x, "y": y, "width": width,
            "height": height, "weight": "1", "size": size, "place": nodule.place}  # fmt: skip
