"""The set ``fracture-demo``: wrist and ankle radiographs in two views, and a vendor's output file about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import limbs, radiographs
from .devices import DEVICES, XrayDevice, exposed, presented
from .drawing import Array
from .people import Person, crowd, dashed, day
from .tables import Tables, three_readings, tidy

SET_ID = "fracture-demo"
SEED = 20261101
N_PEOPLE = 74
STRATA = ("sex", "age_years", "body_region", "cast")
AGES = ((0.22, 4, 15), (0.43, 18, 59), (0.35, 60, 92))


@dataclass(frozen=True, kw_only=True)
class FractureExam:
    """One visit: whose, of what, with which device, and how the bone is broken (None: it is not)."""

    person: Person
    exam_id: str
    region: str
    laterality: str
    device: XrayDevice
    device_recorded: bool
    severity: str | None  # displaced | subtle | impacted
    indeterminate: bool
    cast: bool
    date: str
    seed: int


def exams(seed: int = SEED, n_people: int = N_PEOPLE) -> list[FractureExam]:
    """Every visit of the set; another ``seed`` gives other people."""
    rng = np.random.default_rng([seed, 1])
    drawn: list[FractureExam] = []
    for person in crowd(rng, n_people, AGES, second_visit=0.30):
        region = str(rng.choice(("wrist", "ankle"), p=(0.58, 0.42)))
        severity = (
            str(rng.choice(("displaced", "subtle", "impacted"), p=(0.45, 0.38, 0.17))) if rng.random() < 0.5 else None
        )
        laterality, date = str(rng.choice(("L", "R"))), day(rng)
        for visit in range(person.visits):
            number = len(drawn) + 1
            drawn.append(
                FractureExam(
                    person=person,
                    exam_id=f"e{number:03d}",
                    region=region,
                    laterality=laterality,
                    device=DEVICES[str(rng.choice(("A", "B", "C"), p=(0.40, 0.32, 0.28)))],
                    device_recorded=bool(rng.random() > 0.035),
                    severity=severity,
                    indeterminate=number == 17,
                    cast=bool(visit == 1 and severity is not None) or bool(rng.random() < 0.06),
                    date=date if visit == 0 else day(rng, date, 40),
                    seed=int(rng.integers(2**31)),
                )
            )
    return drawn


@dataclass(frozen=True, kw_only=True)
class View:
    """One image of an exam: its stored pixels, where the break is (px) and how wide a pixel is on the detector."""

    name: str
    values: np.ndarray
    box: tuple[float, float, float, float] | None
    spacing_mm: float


def views(exam: FractureExam) -> list[View]:
    """Both images of an exam, drawn from its own seed alone."""
    rng = np.random.default_rng([exam.seed, 2])
    size = _size(exam.person.age_years)
    broken = None if exam.severity is None else _break(exam.severity, rng)
    which = _broken_bone(exam.region, rng)
    drawn = []
    for view_name, draw in limbs.VIEWS[exam.region]:
        limb = replace(
            draw(rng), size=size, cast=exam.cast, mirrored=exam.laterality == "R", density=_density(exam.person)
        )
        limb = _with_growth_plates(limb, exam.person.age_years, rng)
        box = None
        if broken is not None:
            limb, seen = _with_break(limb, which, broken, rng)
            box = (
                limbs.break_box(limb, limb.bones[which], seen)
                if abs(seen.gap_mm) > 0.18 or seen.shift_mm > 0.4
                else None
            )
        soft, bone = limbs.attenuation(limb, rng)
        signal = exposed(_with_marker(soft, exam.laterality), bone, exam.device, rng)
        drawn.append(
            View(
                name=view_name,
                values=presented(signal, exam.device),
                box=box,
                spacing_mm=round(limbs.SPACING_MM * size, 4),
            )
        )
    return drawn


def write(root: Path) -> None:
    """Write images and tables of the set into ``root`` (its card and lock are not written here)."""
    (root / "files").mkdir(parents=True, exist_ok=True)
    tables, rng = Tables(), np.random.default_rng([SEED, 3])
    for exam in exams():
        case_ids = []
        for number, view in enumerate(views(exam), start=1):
            case_id = f"{exam.exam_id}v{number}"
            case_ids.append(case_id)
            name = f"files/{case_id}.dcm"
            radiographs.write(root / name, view.values, _exposure(exam, case_id, view), exam.device)
            tables.cases.append(_case_row(exam, case_id, name))
            if view.box is not None and not exam.indeterminate:
                tables.lesions.append(_lesion_row(exam, case_id, view.box))
        value = "indeterminate" if exam.indeterminate else "positive" if exam.severity else "negative"
        evidence = "drawn by the generator" if value != "indeterminate" else "readers did not agree"
        read_at = dashed(day(rng, "20260302", 60))
        tables.truth.append(
            {"exam_id": exam.exam_id, "finding": "fracture", "value": value, "evidence": evidence, "read_at": read_at}
        )
        tables.readings += three_readings(case_ids, "fracture", value, read_at, rng)
        tables.sampling.append({"unit_id": exam.exam_id, "status": "drawn"})
    for number, reason in enumerate(
        ("one view only", "one view only", "metal hardware", "not a wrist or an ankle"), start=901
    ):
        tables.sampling.append({"unit_id": f"e{number}", "status": "excluded", "reason": reason})
    tables.write(root, STRATA, ("displacement",))


def _exposure(exam: FractureExam, case_id: str, view: View) -> radiographs.Exposure:
    return radiographs.Exposure(
        set_id=SET_ID,
        patient_id=exam.person.patient_id,
        exam_id=exam.exam_id,
        image_id=case_id,
        sex=exam.person.written_sex,
        age_years=exam.person.written_age,
        region=exam.region.upper(),
        view=view.name,
        laterality=exam.laterality,
        date=exam.date,
        detector_spacing_mm=view.spacing_mm,
        device_recorded=exam.device_recorded,
    )


def _case_row(exam: FractureExam, case_id: str, name: str) -> dict[str, object]:
    age = exam.person.written_age
    return {
        "case_id": case_id,
        "patient_id": exam.person.patient_id,
        "exam_id": exam.exam_id,
        "laterality": exam.laterality,
        "files": name,
        "sex": exam.person.written_sex,
        "age_years": "" if age is None else age,
        "body_region": exam.region,
        "cast": "yes" if exam.cast else "no",
    }


def _lesion_row(exam: FractureExam, case_id: str, box: tuple[float, float, float, float]) -> dict[str, object]:
    x, y, width, height = (tidy(value) for value in box)
    return {
        "case_id": case_id,
        "lesion_id": "1",
        "finding": "fracture",
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "weight": "1",
        "displacement": exam.severity,
    }


def _size(age_years: int) -> float:
    return round(float(np.interp(age_years, (4, 16, 18), (0.60, 0.95, 1.0))), 2)


def _density(person: Person) -> float:
    """Bone is thinner in children and thins after fifty, faster in women."""
    loss = (0.0085 if person.sex == "F" else 0.0045) * max(person.age_years - 50, 0)
    return (0.85 if person.age_years < 12 else 1.0) - loss


def _break(severity: str, rng: np.random.Generator) -> limbs.Break:
    base = limbs.Break(at_mm=0.0, tilt=float(rng.normal(0, 0.35)), gap_mm=0.0, seed=int(rng.integers(2**31)))
    if severity == "displaced":
        return replace(
            base,
            gap_mm=float(rng.uniform(0.8, 2.2)),
            shift_mm=float(rng.uniform(1.2, 4.5)),
            angle_deg=float(rng.normal(0, 9)),
        )
    if severity == "impacted":
        return replace(
            base,
            gap_mm=float(rng.uniform(-2.2, -1.0)),
            shift_mm=float(rng.uniform(0, 1.2)),
            angle_deg=float(rng.normal(0, 6)),
        )
    return replace(base, gap_mm=float(rng.uniform(0.45, 0.95)), shift_mm=float(rng.uniform(0, 0.5)), angle_deg=0.0)


def _broken_bone(region: str, rng: np.random.Generator) -> int:
    """Index of the broken bone in the views of a region: the larger one mostly, its neighbour sometimes."""
    return int(rng.choice((0, 1), p=(0.75, 0.25) if region == "wrist" else (0.45, 0.55)))


def _with_break(
    limb: limbs.Limb, which: int, broken: limbs.Break, rng: np.random.Generator
) -> tuple[limbs.Limb, limbs.Break]:
    bone = limb.bones[which]
    seen_share = float(rng.uniform(0.25, 1.0)) if broken.shift_mm < 1 else float(rng.uniform(0.6, 1.0))
    seen = replace(
        broken,
        at_mm=_length(bone) - float(rng.uniform(13, 26)),
        gap_mm=broken.gap_mm * seen_share,
        shift_mm=broken.shift_mm * float(rng.uniform(0.3, 1.0)),
        angle_deg=broken.angle_deg * float(rng.uniform(0.2, 1.0)),
    )
    changed = replace(bone, breaks=tuple(sorted((*bone.breaks, seen), key=lambda one: one.at_mm)))
    return replace(limb, bones=(*limb.bones[:which], changed, *limb.bones[which + 1 :])), seen


def _with_growth_plates(limb: limbs.Limb, age_years: int, rng: np.random.Generator) -> limbs.Limb:
    """The lucent line at the end of a growing bone: what makes children hard for a program that looks for lines."""
    if age_years > 16:
        return limb
    gap = float(np.interp(age_years, (4, 12, 16), (1.5, 1.1, 0.35)))
    grown = []
    for index, bone in enumerate(limb.bones):
        if index > 1:
            grown.append(bone)
            continue
        plate = limbs.Break(
            at_mm=_length(bone) - 7.5,
            tilt=float(rng.normal(0, 0.04)),
            gap_mm=gap,
            roughness_mm=0.25,
            seed=int(rng.integers(2**31)),
        )
        grown.append(replace(bone, breaks=(plate,)))
    return replace(limb, bones=tuple(grown))


def _length(bone: limbs.Bone) -> float:
    return float(np.hypot(bone.end[0] - bone.start[0], bone.end[1] - bone.start[1]))


def _with_marker(soft: Array, laterality: str) -> Array:
    """A lead letter in the corner, as the radiographer lays it."""
    glyph = {"L": ("1000", "1000", "1000", "1000", "1111"), "R": ("1110", "1001", "1110", "1010", "1001")}[laterality]
    mask = np.kron(np.array([[int(bit) for bit in row] for row in glyph]), np.ones((3, 3)))
    marked = soft.copy()
    marked[10 : 10 + mask.shape[0], 6 : 6 + mask.shape[1]] += 60 * mask
    return marked
