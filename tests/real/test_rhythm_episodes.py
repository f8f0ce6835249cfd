"""Runs and episodes of real rhythm annotations through the product: a reference against itself and a late copy of it.

The records are those of three collections with different sampling rates and ways to spell rhythms. The late copy moves
every rhythm note of the reference five seconds on; its figures are counted again sample by sample.
"""

import json
import warnings

import numpy as np
import pytest

from dmn_bench.inputs.wfdb_record import read_annotations, record_info
from dmn_bench.reference_set import lock

from ..shared_data import shared_data
from .running import estimate, run, write_rows

LATE_SECONDS = 5
WITH_RHYTHMS = ("201", "203", "205", "207", "223")
"""Records of the MIT-BIH database with atrial fibrillation, ventricular tachycardia or flutter."""
ENDPOINTS = {
    "af": ("episodes", {"rhythm": "AFIB"}),
    "vf": ("episodes", {"rhythm": "VF", "fibrillation": "notes"}),
    "vt": ("episodes", {"rhythm": ["VT"]}),
    "runs": ("runs", {"scoring": "corrected"}),
}
SHARES = [
    "episode_sensitivity",
    "episode_positive_predictivity",
    "duration_sensitivity",
    "duration_positive_predictivity",
]
OTHERS = ["burden_bias", "burden_absolute_error", "time_to_detection", "false_episodes_per_hour", "failure_rate"]
RUNS = [f"{origin}_{kind}_sensitivity" for origin in ("ve", "sve") for kind in ("couplet", "short_run", "long_run")]


def late_copy(path, target):
    """The annotations of a record with its rhythm notes moved on; those that would lie beyond its end are dropped."""
    n_samples, hz = record_info(path)[:2]
    beats = read_annotations(path, "atr")
    late = np.array([LATE_SECONDS * hz if symbol == "+" else 0 for symbol in beats.symbols], dtype=np.int64)
    samples = np.asarray(beats.samples) + late
    notes = beats.notes or ("",) * len(samples)
    kept = [place for place in np.argsort(samples, kind="stable").tolist() if samples[place] < n_samples]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, by wfdb
        import wfdb

        wfdb.wrann(
            path.stem,
            "late",
            samples[kept],
            symbol=[beats.symbols[place] for place in kept],
            aux_note=[notes[place] for place in kept],
            write_dir=str(target),
        )


@pytest.fixture(scope="module")
def headers():
    folders = [shared_data(f"ecg/{name}") for name in ("mitdb", "vfdb", "cpsc2021")]
    found = [path for folder in folders for path in sorted(folder.glob("*.hea"))]
    return {path.stem: path for path in found if path.parent.name != "mitdb" or path.stem in WITH_RHYTHMS}


@pytest.fixture(scope="module")
def record(headers, tmp_path_factory):
    """The record of a run of both copies over records of the three collections."""
    folder = tmp_path_factory.mktemp("rhythms")
    files, itself, late = folder / "set" / "files", folder / "itself", folder / "late"
    for made in (files, itself, late):
        made.mkdir(parents=True)
    for stem, path in headers.items():
        for end in ("hea", "dat", "atr"):
            (files / f"{stem}.{end}").write_bytes(path.with_suffix(f".{end}").read_bytes())
        (itself / f"{stem}.atr").write_bytes(path.with_suffix(".atr").read_bytes())
        late_copy(path, late)
    card = {
        "format": "dmn-bench/reference-set/1",
        "id": "rhythms",
        "version": "1.0.0",
        "title": {"en": "rhythms"},
        "modality": "ECG",
        "findings": [{"name": "rhythm"}],
        "sampling": "convenience",
        "public": True,
        "reference_standard": {"method": "consensus", "readers": 2, "wfdb_annotator": "atr"},
        "data_protection": {"route": "not_applicable"},
        "strata": {"collection": {"column": "collection"}},
    }
    (folder / "set" / "reference_set.yaml").write_text(json.dumps(card), encoding="utf-8")
    cases = [
        {
            "case_id": stem,
            "patient_id": "_".join(stem.split("_")[:2]) if "_" in stem else "201" if stem == "202" else stem,
            "files": f"files/{stem}.hea;files/{stem}.dat",
            "collection": path.parent.name,
        }
        for stem, path in headers.items()
    ]
    write_rows(folder / "set" / "cases.csv", cases)
    write_rows(
        folder / "set" / "truth.csv", [{"case_id": next(iter(headers)), "finding": "rhythm", "value": "positive"}]
    )
    lock(folder / "set")
    return run(_protocol({"itself": "atr", "late": "late"}), folder)


def _protocol(annotators):
    return {
        "format": "dmn-bench/protocol/1",
        "id": "rhythms",
        "reference_set": "set",
        "candidates": [
            {"id": name, "adapter": "wfdb-annotations", "options": {"folder": name, "annotator": annotator}}
            for name, annotator in annotators.items()
        ],
        "endpoints": [
            {
                "name": name,
                "task": task,
                "unit": "record",
                "learning_seconds": 0,
                "metrics": [*SHARES, *OTHERS] if task == "episodes" else RUNS,
                **options,
            }
            for name, (task, options) in ENDPOINTS.items()
        ],
        "strata": ["collection"],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 30}},
    }


def fraction(row):
    return row["numerator"], row["denominator"]


def lines(record, candidate, endpoint):
    """The gross line of an endpoint: figure -> (numerator, denominator)."""
    table = next(
        one
        for one in record["results"]["tables"]
        if (one["candidate"], one["endpoint"], one["name"], one["case_id"]) == (candidate, endpoint, "ec57_lines", None)
    )
    return dict(zip(table["rows"], table["counts"], strict=True))


@pytest.mark.parametrize("endpoint", ["af", "vf", "vt"])
def test_a_reference_against_itself_finds_every_episode(record, headers, endpoint):
    found = lines(record, "itself", endpoint)
    assert all(right == of > 0 for right, of in (found[name] for name in SHARES))
    assert found["episode_sensitivity"][1] == sum(len(_stretches(_in_rhythm(p, endpoint, 0))) for p in headers.values())
    assert found["reference_burden"] == found["device_burden"]
    for name in SHARES:
        assert fraction(estimate(record, endpoint, name, candidate="itself")) == pytest.approx(found[name])


def test_a_reference_against_itself_finds_every_run(record):
    found = lines(record, "itself", "runs")
    assert all(right == of > 0 for right, of in found.values())


@pytest.mark.parametrize("endpoint", ["af", "vf", "vt"])
def test_late_episodes_are_counted_as_samples_one_by_one_say(record, headers, endpoint):
    episodes, found, false, both, seconds = 0, 0, 0, 0.0, 0.0
    for path in headers.values():
        hz = record_info(path)[1]
        mine, theirs = _in_rhythm(path, endpoint, 0), _in_rhythm(path, endpoint, round(LATE_SECONDS * hz))
        spans, their_spans = _stretches(mine), _stretches(theirs)
        episodes += len(spans)
        found += sum(bool(theirs[start:end].any()) for start, end in spans)
        false += sum(not mine[start:end].any() for start, end in their_spans)
        both += (mine & theirs).sum() / hz
        seconds += mine.sum() / hz
    got = lines(record, "late", endpoint)
    assert got["episode_sensitivity"] == [found, episodes]
    assert got["episode_positive_predictivity"][1] - got["episode_positive_predictivity"][0] == false
    assert got["duration_sensitivity"] == pytest.approx([both, seconds])
    assert 0 < found < episodes if endpoint != "af" else found > 0


def test_time_to_detection_is_the_median_wait_within_the_episodes(record, headers):
    waits = []
    for path in headers.values():
        hz = record_info(path)[1]
        theirs = _in_rhythm(path, "af", round(LATE_SECONDS * hz))
        for start, end in _stretches(_in_rhythm(path, "af", 0)):
            inside = theirs[start:end]
            waits.append(np.argmax(inside) / hz if inside.any() else np.inf)
    assert max(waits) == LATE_SECONDS  # and 0 where another rhythm interrupts too shortly for a late device to see it
    found = estimate(record, "af", "time_to_detection", candidate="late")
    assert (found["value"], found["own_n"]) == (np.median(waits), len(waits))
    assert found["low"] <= found["value"] <= found["high"]


def test_collections_are_strata_and_records_without_the_rhythm_are_in_the_flow(record):
    rows = [row for row in record["results"]["flow"] if (row["candidate"], row["endpoint"]) == ("itself", "af")]
    assert sum(row["answered"] for row in rows) == 18
    by_collection = {
        level: estimate(record, "af", "episode_sensitivity", {"collection": level}, candidate="itself")["denominator"]
        for level in ("mitdb", "vfdb", "cpsc2021")
    }
    assert by_collection == {"mitdb": 24, "vfdb": 6, "cpsc2021": 7}


def _in_rhythm(path, endpoint, late):
    """One mark for each sample in the rhythm of an endpoint, every note ``late`` samples on."""
    labels = {"af": ("AFIB",), "vf": ("VF", "VFIB", "VFL"), "vt": ("VT",)}[endpoint]
    beats, n_samples = read_annotations(path, "atr"), record_info(path)[0]
    mask, state, begun = np.zeros(n_samples, dtype=bool), False, 0
    for sample, symbol, note in zip(beats.samples.tolist(), beats.symbols, beats.notes, strict=True):
        if symbol != "+" or note == "(NOISE" or sample + late >= n_samples:
            continue
        mask[begun : sample + late] = state
        state, begun = note[1:] in labels, sample + late
    mask[begun:] = state
    return mask


def _stretches(mask):
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
