"""The set ``ecg-demo``: ninety-second rhythm strips in WFDB format with reference beat annotations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb

from . import hearts
from .drawing import Array
from .people import Person, crowd, dashed, day
from .tables import Tables

SET_ID = "ecg-demo"
SEED = 20261104
N_PEOPLE = 26
SECONDS = 90.0
GAIN = 200.0  # digital units per mV
STRATA = ("sex", "age_years", "recorder", "rhythm")
AGES = ((0.25, 20, 49), (0.35, 50, 69), (0.40, 70, 91))
RHYTHM_CODES = {"sinus": "(N", "atrial fibrillation": "(AFIB", "bundle branch block": "(N"}
ANNOTATOR = "atr"


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One recording: whose heart, by which recorder."""

    person: Person
    case_id: str
    heart: hearts.Heart
    recorder: hearts.Recorder
    recorder_recorded: bool
    seed: int


def strips(seed: int = SEED, n_people: int = N_PEOPLE) -> list[Strip]:
    """Every recording of the set; another ``seed`` gives other people."""
    rng = np.random.default_rng([seed, 1])
    taken: list[Strip] = []
    for person in crowd(rng, n_people, AGES, second_visit=0.22):
        heart = _heart(person, rng)
        for _ in range(person.visits):
            recorder = hearts.RECORDERS[str(rng.choice(("A", "B", "C"), p=(0.45, 0.30, 0.25)))]
            taken.append(
                Strip(person=person, case_id=f"h{len(taken) + 1:03d}", heart=heart, recorder=recorder,
                      recorder_recorded=bool(rng.random() > 0.05), seed=int(rng.integers(2**31)))
            )  # fmt: skip
    return taken


def recording(strip: Strip) -> tuple[Array, Array, list[str]]:
    """(samples [n, leads] in mV, sample numbers of the beats, their codes), from the strip's own seed alone."""
    rng = np.random.default_rng([strip.seed, 2])
    beats = hearts.beats(strip.heart, SECONDS, rng)
    samples = hearts.signals(strip.heart, beats, strip.recorder, SECONDS, rng)
    return samples, np.rint(beats[0] * strip.recorder.sampling_hz), beats[1]


def write(root: Path) -> None:
    """Write records, annotations and tables of the set into ``root`` (its card and lock are not written here)."""
    files = root / "files"
    files.mkdir(parents=True, exist_ok=True)
    tables, rng = Tables(), np.random.default_rng([SEED, 3])
    for strip in strips():
        _write_record(files, strip)
        tables.cases.append(_case_row(strip))
        read_at = dashed(day(rng, "20260415", 45))
        value = "positive" if strip.heart.rhythm == "atrial fibrillation" else "negative"
        tables.truth.append({"case_id": strip.case_id, "finding": "atrial_fibrillation", "value": value,
                             "evidence": "drawn by the generator", "read_at": read_at})  # fmt: skip
        tables.readings += [
            {
                "case_id": strip.case_id,
                "reader_id": reader,
                "finding": "atrial_fibrillation",
                "value": value,
                "read_at": read_at,
            }
            for reader in ("k1", "k2")
        ]
        tables.sampling.append({"unit_id": strip.case_id, "status": "drawn"})
    tables.sampling.append({"unit_id": "h901", "status": "excluded", "reason": "paced rhythm"})
    tables.write(root, STRATA)


def _heart(person: Person, rng: np.random.Generator) -> hearts.Heart:
    old = person.age_years >= 60
    rhythm = str(rng.choice(tuple(RHYTHM_CODES), p=(0.55, 0.27, 0.18) if old else (0.88, 0.06, 0.06)))
    fibrillating = rhythm == "atrial fibrillation"
    return hearts.Heart(
        rr_s=float(rng.uniform(0.58, 0.85) if fibrillating else rng.uniform(0.62, 1.05)),
        rhythm=rhythm,
        ventricular=float(rng.choice((0.0, 0.03, 0.10, 0.22), p=(0.25, 0.35, 0.28, 0.12))),
        atrial=0.0 if fibrillating else float(rng.choice((0.0, 0.03, 0.08), p=(0.45, 0.35, 0.2))),
        fusion=0.004,
        inverted_ectopy=bool(rng.random() < 0.35),
    )


def _write_record(files: Path, strip: Strip) -> None:
    samples, at, codes = recording(strip)
    leads = strip.recorder.leads
    wfdb.wrsamp(
        strip.case_id,
        fs=strip.recorder.sampling_hz,
        units=["mV"] * len(leads),
        sig_name=list(leads),
        d_signal=np.clip(np.rint(samples * GAIN), -2047, 2047).astype(np.int64),
        fmt=["212" if len(leads) == 2 else "16"] * len(leads),
        adc_gain=[GAIN] * len(leads),
        baseline=[0] * len(leads),
        write_dir=str(files),
    )
    wfdb.wrann(
        strip.case_id,
        ANNOTATOR,
        np.concatenate([[1], at]).astype(np.int64),
        symbol=["+", *codes],
        aux_note=[RHYTHM_CODES[strip.heart.rhythm], *[""] * len(codes)],
        fs=strip.recorder.sampling_hz,
        write_dir=str(files),
    )


def _case_row(strip: Strip) -> dict[str, object]:
    age = strip.person.written_age
    return {
        "case_id": strip.case_id,
        "patient_id": strip.person.patient_id,
        "exam_id": strip.case_id,
        "files": f"files/{strip.case_id}.hea",
        "sex": strip.person.written_sex,
        "age_years": "" if age is None else age,
        "recorder": strip.recorder.name if strip.recorder_recorded else "",
        "rhythm": strip.heart.rhythm,
    }
