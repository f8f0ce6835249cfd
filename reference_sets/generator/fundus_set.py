"""The set ``fundus-demo``: both eyes of each patient with the grade of diabetic retinopathy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from . import eyes
from .people import Person, crowd, dashed, day
from .tables import Row, Tables

SET_ID = "fundus-demo"
SEED = 20261103
N_PEOPLE = 64
STRATA = ("sex", "age_years", "camera", "media")
AGES = ((0.25, 22, 44), (0.45, 45, 64), (0.30, 65, 88))
GRADES = (0.36, 0.16, 0.24, 0.13, 0.11)  # shares of grades 0 to 4: enriched


@dataclass(frozen=True, kw_only=True)
class EyePicture:
    """One picture: whose eye, by which camera."""

    person: Person
    case_id: str
    eye: eyes.Eye
    camera: eyes.Camera
    camera_recorded: bool
    date: str
    seed: int


def pictures(
    seed: int = SEED, n_people: int = N_PEOPLE, cameras: tuple[str, ...] = ("A", "B", "C")
) -> list[EyePicture]:
    """Right and left eye of every person; another ``seed`` gives other people."""
    rng = np.random.default_rng([seed, 1])
    taken: list[EyePicture] = []
    shares = np.array([{"A": 0.42, "B": 0.33, "C": 0.25}[name] for name in cameras])
    for number, person in enumerate(crowd(rng, n_people, AGES, second_visit=0.0), start=1):
        camera = eyes.CAMERAS[str(rng.choice(cameras, p=shares / shares.sum()))]
        grade, pigment, date = int(rng.choice(5, p=GRADES)), float(rng.uniform(0, 0.9)), day(rng)
        recorded = bool(rng.random() > 0.04)
        for right in (True, False):
            own = int(np.clip(grade + (rng.choice((-1, 1)) if grade and rng.random() < 0.28 else 0), 0, 4))
            cloudy = rng.random() < 0.05 + 0.10 * (person.age_years > 65)
            haze = float(rng.uniform(0.35, 0.75)) if cloudy else float(rng.uniform(0, 0.08))
            eye = eyes.Eye(grade=own, right=right, pigment=pigment, haze=haze)
            taken.append(
                EyePicture(person=person, case_id=f"f{number:03d}{'R' if right else 'L'}", eye=eye, camera=camera,
                           camera_recorded=recorded, date=date, seed=int(rng.integers(2**31)))
            )  # fmt: skip
    return taken


def pixels(picture: EyePicture) -> np.ndarray:
    """RGB pixels before compression, drawn from the picture's own seed alone."""
    return eyes.photograph(picture.eye, picture.camera, np.random.default_rng([picture.seed, 2]))


def write(root: Path) -> None:
    """Write pictures and tables of the set into ``root`` (its card and lock are not written here)."""
    (root / "files").mkdir(parents=True, exist_ok=True)
    tables, rng = Tables(), np.random.default_rng([SEED, 3])
    for picture in pictures():
        name = f"files/{picture.case_id}.jpg"
        quality = picture.camera.jpeg_quality
        Image.fromarray(pixels(picture)).save(root / name, quality=quality, subsampling=0)
        tables.cases.append(_case_row(picture, name))
        read_at = dashed(day(rng, "20260310", 45))
        grade = str(picture.eye.grade)
        tables.truth.append(
            {
                "case_id": picture.case_id,
                "finding": "dr",
                "value": grade,
                "evidence": "drawn by the generator",
                "read_at": read_at,
            }
        )
        tables.readings += _gradings(picture, read_at, rng)
        if picture.eye.right:
            tables.sampling.append({"unit_id": picture.case_id[:-1], "status": "drawn"})
    tables.sampling.append({"unit_id": "f901", "status": "excluded", "reason": "one eye only"})
    tables.write(root, STRATA)


def _case_row(picture: EyePicture, name: str) -> dict[str, object]:
    age = picture.person.written_age
    return {
        "case_id": picture.case_id,
        "patient_id": picture.person.patient_id,
        "exam_id": picture.case_id[:-1],
        "laterality": "R" if picture.eye.right else "L",
        "files": name,
        "sex": picture.person.written_sex,
        "age_years": "" if age is None else age,
        "camera": picture.camera.name if picture.camera_recorded else "",
        "media": "hazy" if picture.eye.haze > 0.3 else "clear",
    }


def _gradings(picture: EyePicture, read_at: str, rng: np.random.Generator) -> list[Row]:
    """Two graders; where they differ a third, who says what the truth says."""
    grade = picture.eye.grade
    second = int(np.clip(grade + rng.choice((-1, 1)), 0, 4)) if rng.random() < 0.15 else grade
    votes = [grade, second] if second == grade else [grade, second, grade]
    return [
        {"case_id": picture.case_id, "reader_id": f"g{number}", "finding": "dr", "value": str(vote), "read_at": read_at}
        for number, vote in enumerate(votes, start=1)
    ]
