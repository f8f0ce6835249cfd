"""DeepLung's published candidates on LUNA16 against the challenge's own program, and by size of the nodules by hand."""

import json
import shutil
from typing import NamedTuple

import numpy as np
import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import attempted, built, estimate, flow, protocol_of, rows_of, run, write_rows

PLACE = ("coordX", "coordY", "coordZ")
MOST_MARKS = 100
FEW = 180
RATES = (0.125, 1, 8)
SIZES = {"<6": (0, 6), "[6, 8)": (6, 8), "[8, 15)": (8, 15), ">=15": (15, np.inf)}


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ai_ct_luna16_deeplung")


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("luna")
    built("luna16_deeplung", source, folder / "set")
    return folder


@pytest.fixture(scope="module")
def record(source, folder):
    """All scans; strata cost as much again for each level, and are looked at on fewer scans."""
    return run({**protocol_of("luna16_deeplung", source, folder / "set"), "strata": []}, folder)


@pytest.fixture(scope="module")
def by_size(source, folder, tmp_path_factory):
    """The record of the first scans by size of the nodules."""
    few = tmp_path_factory.mktemp("few")
    shutil.copytree(folder / "set", few / "set", ignore=shutil.ignore_patterns("LOCK.json"))
    kept = {row["case_id"] for row in rows_of(few / "set" / "cases.csv")[:FEW]}
    for name in ("cases", "truth", "lesions"):
        path = few / "set" / f"{name}.csv"
        write_rows(path, [row for row in rows_of(path) if row["case_id"] in kept])
    lock(few / "set")
    protocol = protocol_of("luna16_deeplung", source, few / "set")
    options = protocol["candidates"][0]["options"]
    rows = [row for row in _candidates(source) if row["seriesuid"].zfill(5) in kept]
    options.update(path=str(write_rows(few / "candidates.csv", rows)), file_format="csv")
    endpoint = protocol["endpoints"][0]
    rates = {"at_false_positives_per_image": list(RATES), "interpolation": "linear"}
    endpoint["metrics"] = [{"name": "lesion_sensitivity", **rates}, {"name": "cpm_luna16"}]
    return run(protocol, few)


class Scan(NamedTuple):
    """What one scan shows: best score on each nodule (−∞ without one), its diameter, scores of marks on nothing."""

    best: np.ndarray
    diameters: np.ndarray
    alarms: np.ndarray
    is_silent: bool


@pytest.fixture(scope="module")
def scans(source):
    """Every scan judged by hand, by the rules that the challenge published."""
    marks: dict[str, list[tuple[float, ...]]] = {}
    for row in _candidates(source):
        numbers = tuple(float(row[name]) for name in (*PLACE, "probability"))
        marks.setdefault(row["seriesuid"].zfill(5), []).append(numbers)
    spheres: dict[str, tuple[list, list]] = {}
    for which, table in enumerate(("annotations.csv", "annotations_excluded.csv")):
        for row in rows_of(source / table):
            diameter = float(row["diameter_mm"])
            sphere = (*(float(row[name]) for name in PLACE), diameter if diameter >= 0 else 10.0)
            spheres.setdefault(row["seriesuid"], ([], []))[which].append(sphere)
    names = (source / "seriesuids.csv").read_text(encoding="ascii").split()
    return [_scan(marks.get(name, []), spheres.get(name, ([], []))) for name in names]


def _scan(marks, spheres):
    points = np.array(sorted(marks, key=lambda mark: -mark[3])).reshape(-1, 4)
    if len(points) > MOST_MARKS:
        points = points[points[:, 3] > points[MOST_MARKS, 3]]
    nodules, excluded = (np.array(each).reshape(-1, 4) for each in spheres)
    of_all = np.vstack([nodules, excluded])
    on = ((points[:, None, :3] - of_all[None, :, :3]) ** 2).sum(axis=2) < (of_all[:, 3] / 2) ** 2
    best = [points[on[:, at], 3].max(initial=-np.inf) for at in range(len(nodules))]
    return Scan(np.array(best), nodules[:, 3], points[~on.any(axis=1), 3], not marks)


def test_sensitivities_and_their_mean_are_those_of_the_challenge(source, record):
    oracle = json.loads((source / "oracle_official_luna16.json").read_text(encoding="utf-8"))
    found = {
        row["parameters"]["at_false_positives_per_image"]: row["value"]
        for row in record["results"]["estimates"]
        if row["metric"] == "lesion_sensitivity" and row["analysis"] == "intention_to_diagnose" and not row["stratum"]
    }
    assert found == pytest.approx(dict(zip(oracle["fp_per_scan"], oracle["sensitivity"], strict=True)), abs=1e-8)
    mean = estimate(record, "nodules", "cpm_luna16")
    assert mean["value"] == pytest.approx(oracle["mean"], abs=1e-8)
    assert mean["low"] < mean["value"] < mean["high"]
    assert mean["method"] == "patient-bootstrap-bca"
    counts = {row["name"]: row for row in record["results"]["tables"]}["marks"]["counts"]
    assert counts[0][0] == oracle["counts"]["Total number of nodules"] == 541
    assert counts[1][0] == oracle["counts"]["False positives"]
    assert flow(record, "nodules", "eligible") == 430
    assert flow(record, "nodules", "failed") == 430 - len({row["seriesuid"] for row in _candidates(source)})


def test_nodules_of_each_size_are_found_as_by_hand(by_size, scans):
    scans = scans[:FEW]
    best, diameters = (np.concatenate([scan[at] for scan in scans]) for at in (0, 1))
    # A scan without any row is charged as one false positive above every score
    alarms = np.concatenate([scan.alarms for scan in scans] + [[np.inf] * sum(scan.is_silent for scan in scans)])
    for rate in RATES:
        for level, (least, below) in SIZES.items():
            of_level = best[(diameters >= least) & (diameters < below)]
            row = estimate(
                by_size,
                "nodules",
                "lesion_sensitivity",
                {"diameter": level},
                parameters={"at_false_positives_per_image": rate, "interpolation": "linear"},
            )
            assert row["own_n"] == len(of_level) > 10
            assert row["value"] == pytest.approx(_on_a_line(of_level, alarms, rate * len(scans)), abs=1e-12)
            assert row["low"] <= row["value"] <= row["high"]


def _on_a_line(best, alarms, allowed):
    """Sensitivity between the two thresholds whose numbers of false positives are around the allowed one."""
    thresholds = np.unique(np.concatenate([best[np.isfinite(best)], alarms]))[::-1]
    false = len(alarms) - np.searchsorted(np.sort(alarms), thresholds)
    found = 1 - np.searchsorted(np.sort(best), thresholds) / len(best)
    return float(np.interp(allowed, np.concatenate([[0], false]), np.concatenate([[0], found])))


def test_small_nodules_are_found_less_often(by_size):
    means = [estimate(by_size, "nodules", "cpm_luna16", {"diameter": level}) for level in ("<6", "[8, 15)")]
    assert means[0]["value"] < means[1]["value"]


def test_areas_are_those_of_pairs_counted_one_by_one(record, scans):
    highest = np.array([np.inf if s.is_silent else s.alarms.max(initial=-np.inf) for s in scans if not len(s.best)])
    assert len(highest) == 141
    above = [_above(scan.best, highest) for scan in scans if len(scan.best)]
    expected = {"afroc": np.mean(np.concatenate(above)), "wafroc": np.mean([shares.mean() for shares in above])}
    for metric, area in expected.items():
        row = estimate(record, "nodules", metric)
        assert row["value"] == pytest.approx(area, abs=1e-12)
        assert row["low"] < row["value"] < row["high"]


def _above(best, highest):
    """For each nodule the share of scans without one whose highest false mark scores lower, ties counting half."""
    return (best[:, None] > highest).mean(axis=1) + (best[:, None] == highest).mean(axis=1) / 2


def test_ids_without_their_zeros_name_no_scan_and_stop_the_run(source, folder, capsys):
    protocol = protocol_of("luna16_deeplung", source, folder / "set")
    protocol["candidates"][0]["options"]["id"].pop("pad")
    code, record = attempted({**protocol, "id": "unpadded"}, folder)
    assert (code, record) == (3, {})
    assert "vendor_candidates.tsv" in capsys.readouterr().err


def test_excluded_findings_are_lesions_to_ignore_with_a_size(folder):
    lesions = rows_of(folder / "set" / "lesions.csv")
    ignored = [row for row in lesions if row["ignore"] == "yes"]
    assert (len(lesions) - len(ignored), len(ignored)) == (541, 16520)
    assert min(float(row["diameter_mm"]) for row in lesions) > 0
    assert sum(row["diameter_mm"] == "10" for row in ignored) > 10_000


def _candidates(source):
    return rows_of(source / "vendor_candidates.tsv", delimiter="\t")
