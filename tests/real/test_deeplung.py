"""DeepLung's published candidates on LUNA16 against the challenge's own program."""

import json

import pytest

from tests.shared_data import shared_data

from .running import attempted, built, estimate, flow, protocol_of, rows_of, run


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ai_ct_luna16_deeplung")


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("luna")
    built("luna16_deeplung", source, folder / "set")
    return folder


def test_sensitivities_and_their_mean_are_those_of_the_challenge(source, folder):
    oracle = json.loads((source / "oracle_official_luna16.json").read_text(encoding="utf-8"))
    record = run(protocol_of("luna16_deeplung", source, folder / "set"), folder)
    found = {
        row["parameters"]["at_false_positives_per_image"]: row["value"]
        for row in record["results"]["estimates"]
        if row["metric"] == "lesion_sensitivity" and row["analysis"] == "intention_to_diagnose" and not row["stratum"]
    }
    assert found == pytest.approx(dict(zip(oracle["fp_per_scan"], oracle["sensitivity"], strict=True)), abs=1e-8)
    mean = estimate(record, "nodules", "cpm_luna16")
    assert mean["value"] == pytest.approx(oracle["mean"], abs=1e-8)
    assert mean["low"] < mean["value"] < mean["high"]
    counts = {row["name"]: row for row in record["results"]["tables"]}["marks"]["counts"]
    assert counts[0][0] == oracle["counts"]["Total number of nodules"] == 541
    assert counts[1][0] == oracle["counts"]["False positives"]
    assert flow(record, "nodules", "eligible") == 430
    assert flow(record, "nodules", "failed") == 430 - len({row["seriesuid"] for row in _candidates(source)})


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
