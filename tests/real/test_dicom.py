"""DICOM files of many makers and transfer syntaxes as cases of a whole run, asked of a candidate that only looks."""

import importlib.util
import json
import shutil

import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import answers, attempted, estimate, flow, rows_of, run, write_rows

LOOKER = """
import numpy as np


class Candidate:
    def __init__(self, options):
        pass

    def answer(self, request):
        images = [np.asarray(image["pixels"], dtype=np.float64) for image in request["images"]]
        spread = float(np.mean([image.std() / (np.ptp(image) or 1.0) for image in images]))
        return {"status": "answered", "findings": {"anything": {"score": spread}}}
"""
MANIFEST = {"format": "dmn-bench/candidate/1", "id": "looker", "adapter": "python", "entry": "looker:Candidate",
            "receives": {"image": "array"}}  # fmt: skip
OPTIONAL_SYNTAX = "1.2.840.10008.1.2.4.51"  # JPEG of 12 bits: its decoder has a licence of its own and is an extra


@pytest.fixture(scope="module")
def zoo():
    """name of the file -> what pydicom with every decoder made of it: a shape, a failure, or nothing to decode."""
    return {row["file"]: row["decoded_shape_dtype_range_or_failure"] for row in _manifest()}


@pytest.fixture(scope="module")
def optional():
    """Names of the files whose decoder is not part of the ordinary installation."""
    return {row["file"] for row in _manifest() if row["tsuid"] == OPTIONAL_SYNTAX and row["BitsStored"] != "8"}


@pytest.fixture(scope="module")
def job(zoo, optional, tmp_path_factory):
    """(folder, record) of a run over the zoo and the eight radiographs that vendors' outputs were made for."""
    folder = tmp_path_factory.mktemp("dicom")
    zoo_files = shared_data("imaging/dicom_zoo/files")
    return folder, run(
        a_job(folder, [zoo_files / name for name in zoo if name not in optional] + _radiographs()), folder
    )


def a_job(folder, files):
    """The protocol of a set of these files, each a case, asked of the looker."""
    (folder / "set" / "files").mkdir(parents=True)
    for file in files:
        shutil.copyfile(file, folder / "set" / "files" / file.name)
    card = {
        "format": "dmn-bench/reference-set/1",
        "id": "dicom-zoo",
        "version": "1.0.0",
        "title": {"en": "DICOM files of many makers"},
        "modality": "OT",
        "findings": [{"name": "anything"}],
        "sampling": "convenience",
        "reference_standard": {"method": "none: only whether files can be read"},
        "public": True,
        "data_protection": {"route": "not_applicable"},
    }
    (folder / "set" / "reference_set.yaml").write_text(json.dumps(card), encoding="utf-8")
    cases = [{"case_id": file.name, "patient_id": "", "files": f"files/{file.name}"} for file in files]
    write_rows(folder / "set" / "cases.csv", cases)
    truth = [
        {"case_id": file.name, "finding": "anything", "value": "positive" if place % 2 else "negative"}
        for place, file in enumerate(files)
    ]
    write_rows(folder / "set" / "truth.csv", truth)
    lock(folder / "set")
    (folder / "looker" / "looker").mkdir(parents=True)
    (folder / "looker" / "looker" / "__init__.py").write_text(LOOKER, encoding="utf-8")
    (folder / "looker" / "candidate.yaml").write_text(json.dumps(MANIFEST), encoding="utf-8")
    metrics = ["auc", "failure_rate"]
    return {
        "format": "dmn-bench/protocol/1",
        "id": "zoo",
        "reference_set": "set",
        "candidates": [{"id": "looker", "package": "looker"}],
        "endpoints": [
            {"name": "any", "task": "classification", "finding": "anything", "unit": "case", "metrics": metrics}
        ],
        "statistics": {"resamples": 200},
    }


def _manifest():
    return rows_of(shared_data("imaging/dicom_zoo/manifest.csv"))


def _radiographs():
    return sorted(shared_data("imaging/ai_outputs/base_images").glob("*.dcm"))


def test_every_readable_file_is_answered_and_every_other_is_unreadable(job, zoo, optional):
    said = answers(job[0], "zoo", "looker")
    found = {name: said[name]["status"] for name in zoo if name not in optional}
    assert found == {name: "answered" if zoo[name].startswith("(") else "unreadable" for name in found}
    assert {said[file.name]["status"] for file in _radiographs()} == {"answered"}
    assert all(said[name]["reason"].startswith("inputs.") for name, status in found.items() if status == "unreadable")


def test_unreadable_files_are_counted_and_not_charged_to_the_device(job, zoo, optional):
    record = job[1]
    n_readable = sum(how.startswith("(") for name, how in zoo.items() if name not in optional) + 8
    n_all = len(zoo) - len(optional) + 8
    assert (flow(record, "any", "eligible"), flow(record, "any", "answered")) == (n_all, n_readable)
    assert flow(record, "any", "unreadable") == n_all - n_readable
    failures = estimate(record, "any", "failure_rate")
    assert (failures["numerator"], failures["denominator"]) == (0, n_readable)


def test_the_decoders_are_in_the_record(job, zoo, optional):
    recorded = [line.split() for line in job[1]["observed"]["decoders"]]
    syntaxes = {row["tsuid"] for row in _manifest() if row["file"] not in optional and zoo[row["file"]].startswith("(")}
    assert {syntax for syntax, _, _ in recorded} >= syntaxes - {""}
    assert len({syntax for syntax, _, _ in recorded}) == len(recorded) >= 13  # one decoder for each syntax
    assert {package for _, package, _ in recorded} <= {
        "pydicom", "pillow", "pylibjpeg-openjpeg", "python-gdcm", "pyjpegls", "pylibjpeg-rle"
    }  # fmt: skip


def test_a_file_whose_decoder_is_not_installed_stops_the_run_and_says_what_to_install(optional, tmp_path, capsys):
    if importlib.util.find_spec("libjpeg"):
        pytest.skip("the extra codecs-gpl is installed here")
    files = [shared_data("imaging/dicom_zoo/files") / name for name in sorted(optional)]
    code, record = attempted(a_job(tmp_path, files), tmp_path)
    assert (code, record) == (5, {})
    assert "codecs-gpl" in capsys.readouterr().err
