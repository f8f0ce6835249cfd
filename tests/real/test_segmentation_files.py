"""Masks and contours of real images: counts of voxels as their makers give them, and runs from files to figures."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image as PillowImage

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.set_loading import format_readers
from dmn_bench.inputs.mask_files import NOT_ZERO, open_mask
from dmn_bench.inputs.voxel_grids import case_grid
from dmn_bench.reference_set import lock
from dmn_bench.tasks.outlines import filled
from dmn_bench.vocabulary import Case

from ..set_factory import CARD, a_set
from ..shared_data import shared_data

READERS = format_readers(build_catalogue())
PROTOCOL = """\
format: dmn-bench/protocol/1
id: contours
purpose: {need: "-", intended_use: "-", comparator: "-", decided_by: "-"}
reference_set: set
candidates:
"""
ENDPOINT = "{name: outline, task: segmentation, unit: case, metrics: [dice]}"
NAMES = {"structures": {"GTV_AI": "GTV_reader1"}, "ignore_structures": ["GTV_reader1"]}
STATISTICS = """\
pictures: {per_kind: 0}
statistics: {resamples: 200, seed: 1, minimum_n: {estimate: 1, imprecise_below: 2}}
"""


def grid_of(folder, file):
    return case_grid(
        Case(case_id="c", patient_id="c", exam_id="c", laterality="", files=(file,), strata={}), folder, READERS
    )


def dice(first, second):
    return 2 * int((first & second).sum()) / int(first.sum() + second.sum())


def test_a_segmentation_and_a_structure_set_of_one_mask_give_it_again_voxel_by_voxel():
    objects = shared_data("imaging/ai_outputs/ct_LIDC-IDRI-0001")
    grid = grid_of(shared_data("imaging/ct_lidc"), "LIDC-IDRI-0001")
    stated = json.loads((objects / "expected.json").read_text())
    assert [grid.spacing_mm[axis] for axis in (2, 1, 0)] == stated["spacing_mm"]
    segmented = open_mask(objects / "seg_binary.dcm", "seg").region("nodule", grid, NOT_ZERO, filled)
    drawn = open_mask(objects / "rtstruct.dcm", "rt")
    contours = drawn.region("GTV_AI", grid, NOT_ZERO, filled)
    assert segmented.sum() == stated["seg_readback_voxels"] == 6282
    assert contours.sum() == stated["rtstruct_readback_voxels"]
    assert dice(segmented, contours) == stated["rtstruct_dice_vs_mask"]
    assert drawn.region("gtv_reader1", grid, NOT_ZERO, filled).sum() == stated["voxels_per_reader"]["reader1"]
    volume = segmented.sum() * np.prod(grid.spacing_mm)
    assert round(float(volume), 2) == stated["volume_mm3_consensus"]


def test_objects_of_another_series_are_refused():
    objects = shared_data("imaging/ai_outputs/ct_LIDC-IDRI-0001")
    grid = grid_of(shared_data("imaging/ct_lidc"), "LIDC-IDRI-0002")
    for name, structure in (("seg_binary.dcm", "nodule"), ("rtstruct.dcm", "GTV_AI")):
        with pytest.raises(Exception, match="other_frame_of_reference"):
            open_mask(objects / name, name).region(structure, grid, NOT_ZERO, filled)


def run(folder, candidates, endpoint):
    lock(folder / "set")
    lines = "".join(
        f"  - {{id: {name}, role: device, adapter: {adapter}, options: {json.dumps(options)}}}\n"
        for name, (adapter, options) in candidates.items()
    )
    (folder / "protocol.yaml").write_text(f"{PROTOCOL}{lines}endpoints: [{endpoint}]\n{STATISTICS}")
    options = RunOptions(run_dir=folder / "run")
    return evaluate(folder / "protocol.yaml", options, catalogue=build_catalogue())


def overlaps(record, candidate):
    """Unit and structure -> Dice, of the structures that are listed as worst of their kind."""
    return {(row.unit_id, row.reason): row.score for row in record.results.errors if row.candidate == candidate}


def test_the_same_region_from_two_adapters_and_two_formats_scores_the_same(tmp_path):
    objects, scans = shared_data("imaging/ai_outputs/ct_LIDC-IDRI-0001"), shared_data("imaging/ct_lidc")
    cases = ("case_id,patient_id,files,sex,age_years", "LIDC-IDRI-0001,p1,files/ct,F,40")
    masks = ("case_id,structure,file", "LIDC-IDRI-0001,GTV_reader1,masks/rt.dcm")
    a_set(tmp_path / "set", card=CARD, cases=cases, truth=("case_id,finding,value",), masks=masks)
    ignored = shutil.ignore_patterns("*.xml", "*.json")
    shutil.copytree(scans / "LIDC-IDRI-0001", tmp_path / "set/files/ct", ignore=ignored)
    for place in ("set/masks", "seg", "rt"):
        (tmp_path / place).mkdir()
    shutil.copy(objects / "rtstruct.dcm", tmp_path / "set/masks/rt.dcm")
    shutil.copy(objects / "rtstruct.dcm", tmp_path / "rt/LIDC-IDRI-0001.dcm")
    shutil.copy(objects / "seg_binary.dcm", tmp_path / "seg/LIDC-IDRI-0001.dcm")
    candidates = {
        "a": ("mask-files", {"folder": "seg", "pattern": "{case_id}.dcm", "structure": "GTV_reader1"}),
        "b": ("mask-files", {"folder": "rt", "pattern": "{case_id}.dcm", **NAMES}),
        "c": ("dicom-results", {"folder": "seg", "dicom": {"structures": {"Nodule": "GTV_reader1"}}}),
        "d": ("dicom-results", {"folder": "rt", "dicom": NAMES}),
    }
    record = run(tmp_path, candidates, ENDPOINT)
    grid = grid_of(scans, "LIDC-IDRI-0001")
    reference = open_mask(objects / "rtstruct.dcm", "rt").region("GTV_reader1", grid, NOT_ZERO, filled)
    device = open_mask(objects / "seg_binary.dcm", "seg").region("nodule", grid, NOT_ZERO, filled)
    expected = {("LIDC-IDRI-0001", "GTV_reader1"): pytest.approx(dice(reference, device), abs=1e-12)}
    assert [overlaps(record, candidate) for candidate in "abcd"] == [expected] * 4


def shifted(values, columns):
    moved = np.zeros_like(values)
    moved[:, columns:] = values[:, :-columns]
    return moved


@pytest.mark.slow
def test_lesions_of_fundus_images_are_scored_with_themselves_and_moved(tmp_path):
    source = shared_data("imaging/fundus_idrid_seg")
    names = ["IDRiD_55", "IDRiD_56", "IDRiD_57"]
    drawn = [(path, *path.stem.rsplit("_", 1)) for path in sorted((source / "masks").glob("*.png"))]
    assert len(drawn) == 14
    cases = ("case_id,patient_id,files,sex,age_years", *(f"{name},{name},files/{name}.jpg,F,40" for name in names))
    masks = ("case_id,structure,file", *(f"{case},{structure},masks/{path.name}" for path, case, structure in drawn))
    a_set(tmp_path / "set", cases=cases, truth=("case_id,finding,value",), masks=masks)
    shutil.copytree(source / "images", tmp_path / "set/files")
    shutil.copytree(source / "masks", tmp_path / "set/masks")
    shutil.copytree(source / "masks", tmp_path / "same")
    (tmp_path / "moved").mkdir()
    expected = {}
    for path, case, structure in drawn:
        values = np.array(PillowImage.open(path))
        moved = shifted(values, 7)
        expected[case, structure] = dice(values, moved)
        if (case, structure) == ("IDRiD_56", "SE"):
            continue  # the vendor forgot one
        PillowImage.fromarray(moved).save(tmp_path / "moved" / f"{case}-{structure}.tif")
    candidates = {
        "same": ("mask-files", {"folder": "same", "pattern": "{case_id}_{structure}.png"}),
        "moved": ("mask-files", {"folder": "moved", "pattern": "{case_id}-{structure}.tif"}),
    }
    record = run(tmp_path, candidates, ENDPOINT.replace("metrics", "distances_in: px, metrics"))
    assert overlaps(record, "same") == {}
    found = overlaps(record, "moved")
    assert found.pop(("IDRiD_56", "SE")) is None  # left out, and listed for it
    assert found
    for place, score in found.items():
        assert score == pytest.approx(expected[place], abs=1e-12), place
    table = next(t for t in record.results.tables if t.name == "structures" and t.candidate == "moved")
    unanswered = dict(zip(table.rows, (row[table.columns.index("unanswered")] for row in table.counts), strict=True))
    assert unanswered == {"EX": 0, "HE": 0, "MA": 0, "OD": 0, "SE": 1}
