"""The set ``contour-demo``: chest CT on which three readers drew heart, spinal canal and tumour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import structure_sets, thoraxes
from .people import Person, crowd, dashed, day
from .structure_sets import Lines, Scan
from .tables import Tables
from .thoraxes import STRUCTURES, Body, Thorax

SET_ID = "contour-demo"
SEED = 20261105
N_PEOPLE = 20
STRATA = ("sex", "age_years", "contrast")
AGES = ((0.15, 40, 54), (0.55, 55, 69), (0.30, 70, 84))
READERS = ("r1", "r2", "r3")
MAKERS = (("Example Devices A", "Model CT1"), ("Example Systems C", "Model CT3"))


@dataclass(frozen=True, kw_only=True)
class PlanningScan:
    """One CT for the planning of a treatment: whose, of which scanner, and what is in it."""

    person: Person
    case_id: str
    maker: tuple[str, str]
    contrast: bool
    thorax: Thorax
    date: str
    seed: int

    @property
    def scan(self) -> Scan:
        """What its headers say."""
        return Scan(
            set_id=SET_ID,
            patient_id=self.person.patient_id,
            exam_id=self.case_id,
            sex=self.person.written_sex,
            age_years=self.person.written_age,
            manufacturer=self.maker[0],
            model=self.maker[1],
            date=self.date,
        )


def scans(seed: int = SEED, n_people: int = N_PEOPLE) -> list[PlanningScan]:
    """Every scan of the set; another ``seed`` gives other people."""
    rng = np.random.default_rng([seed, 1])
    found: list[PlanningScan] = []
    for person in crowd(rng, n_people, AGES, second_visit=0.2):
        build = float(np.clip(rng.normal(1.0 if person.sex == "M" else 0.93, 0.04), 0.85, 1.1))
        for _ in range(person.visits):
            found.append(
                PlanningScan(
                    person=person,
                    case_id=f"t{len(found) + 1:03d}",
                    maker=MAKERS[int(rng.integers(len(MAKERS)))],
                    contrast=bool(rng.random() < 0.5),
                    thorax=thoraxes.thorax(rng, build=build, diseased=bool(rng.random() > 0.15)),
                    date=day(rng),
                    seed=int(rng.integers(2**31)),
                )
            )
    return found


def lines(inside: Thorax, draw: Callable[[str, Body], Body | None]) -> Lines:
    """Every structure as ``draw`` draws it; one that is not there, or for which it gives None, without lines."""
    found: dict[str, list[tuple[int, np.ndarray]]] = {}
    for name in STRUCTURES:
        body = inside.structure(name)
        drawn = None if body is None else draw(name, body)
        cuts = [] if drawn is None else [drawn.line(z_mm) for z_mm in thoraxes.planes_mm()]
        found[name] = [(number, corners) for number, corners in enumerate(cuts) if len(corners)]
    return found


def reading(one: PlanningScan, reader: str) -> Lines:
    """What one reader drew: the tumour is harder than the organs, and each has a hand of their own."""
    rng = np.random.default_rng([one.seed, 4, READERS.index(reader)])
    hand = {"r1": 1.0, "r2": 1.03, "r3": 0.97}[reader]

    def draw(name: str, body: Body) -> Body:
        is_hard = name == "tumour"
        return thoraxes.drawn_by(
            rng, body, shift_mm=1.0 if is_hard else 0.7, size=hand, spread=0.06 if is_hard else 0.02
        )

    return lines(one.thorax, draw)


def write(root: Path) -> None:
    """Write slices, structure sets and tables of the set into ``root`` (its card and lock are not written here)."""
    tables, rng = Tables(), np.random.default_rng([SEED, 3])
    for one in scans():
        folder = f"files/{one.case_id}"
        (root / folder).mkdir(parents=True)
        noise = np.random.default_rng([one.seed, 2])
        for number, z_mm in enumerate(thoraxes.planes_mm()):
            values = thoraxes.hounsfield(one.thorax, z_mm, noise)
            structure_sets.write_slice(root / folder / f"{number + 1:02d}.dcm", values, one.scan, number)
        for reader in READERS:
            name = f"masks/{one.case_id}.{reader}.dcm"
            (root / "masks").mkdir(exist_ok=True)
            structure_sets.write_structures(root / name, reading(one, reader), one.scan, reader)
            tables.masks += [
                {"case_id": one.case_id, "structure": structure, "file": name, "reader": reader}
                for structure in STRUCTURES
            ]
        tables.cases.append(_case_row(one, f"{folder}/"))
        value = "negative" if one.thorax.tumour is None else "positive"
        read_at = dashed(day(rng, "20260401", 60))
        row = {"case_id": one.case_id, "finding": "tumour", "value": value, "evidence": "drawn by the generator"}
        tables.truth.append({**row, "read_at": read_at})
        tables.sampling.append({"unit_id": one.case_id, "status": "drawn"})
    tables.sampling.append({"unit_id": "t901", "status": "excluded", "reason": "metal beside the heart"})
    tables.write(root, STRATA)


def _case_row(one: PlanningScan, folder: str) -> dict[str, object]:
    age = one.person.written_age
    return {
        "case_id": one.case_id,
        "patient_id": one.person.patient_id,
        "exam_id": one.case_id,
        "files": folder,
        "sex": one.person.written_sex,
        "age_years": "" if age is None else age,
        "contrast": "yes" if one.contrast else "no",
    }
