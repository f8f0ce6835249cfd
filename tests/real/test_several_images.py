"""Slices of a real scan as the images of one case, every voxel of the whole again; and spacings of radiographs."""

import json
import shutil

import pytest

from dmn_bench.adapters.mask_files import MaskFiles
from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.regions import Regions
from dmn_bench.harness.set_loading import format_readers
from dmn_bench.inputs.image_spacings import spacings
from dmn_bench.inputs.requests import case_keys
from dmn_bench.inputs.voxel_grids import case_grid
from dmn_bench.reference_set import load, lock
from dmn_bench.reference_set.case_images import images_of
from dmn_bench.vocabulary import Case

from ..set_factory import a_set
from ..shared_data import shared_data

READERS = format_readers(build_catalogue())


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """The slices of a scan that a nodule lies on, with one before and one after, each an image of the case."""
    objects, slices = shared_data("imaging/ai_outputs/ct_LIDC-IDRI-0001"), shared_data("imaging/ct_lidc/LIDC-IDRI-0001")
    folder = tmp_path_factory.mktemp("slices")
    names = sorted(path.name for path in slices.iterdir() if path.suffix == ".dcm")
    (folder / "files").mkdir()
    for name in names:
        shutil.copy(slices / name, folder / "files" / name)
    files = [f"files/{name}" for name in names]
    (folder / "masks").mkdir()
    shutil.copy(objects / "seg_binary.dcm", folder / "masks/seg.dcm")
    (folder / "out").mkdir()
    shutil.copy(objects / "rtstruct.dcm", folder / "out/c1.dcm")
    a_set(
        folder,
        cases=("case_id,patient_id,files,sex,age_years", f"c1,p1,{';'.join(files)},F,40"),
        truth=None,
        masks=("case_id,structure,file,image", *(f"c1,nodule,masks/seg.dcm,{file}" for file in files)),
    )
    (folder / "truth.csv").write_text("case_id,finding,value\n")
    return folder, json.loads((objects / "expected.json").read_text())


def test_an_object_on_the_images_of_a_case_has_every_voxel_of_the_series(scan):
    folder, stated = scan
    found = load(folder)
    regions, [case] = Regions(found, READERS), found.cases
    reference = [regions.reference_region(one, "nodule") for one in images_of(case)]
    assert sum(int(region.sum()) for region in reference) == stated["seg_readback_voxels"] == 6282
    assert min(int(region.sum()) for region in reference) == 0  # slices that it refers to, and draws nothing on
    whole = case_grid(
        Case(case_id="c", patient_id="c", exam_id="c", laterality="", files=("files",), strata={}), folder, READERS
    )
    grids = [case_grid(one, folder, READERS) for one in images_of(case)]
    assert {grid.spacing_mm for grid in grids} == {(1.0, *whole.spacing_mm[1:])}
    options = {"folder": "out", "pattern": "{case_id}.dcm", "structures": {"GTV_AI": "nodule"}}
    adapter = MaskFiles(**options, ignore_structures=("GTV_reader1",))
    [asked] = adapter.answers([case_keys(case, folder, READERS)], folder)
    drawn = [regions.answered_region(one, asked.answer, "nodule") for one in images_of(case)]
    assert sum(int(region.sum()) for region in drawn if region is not None) == stated["rtstruct_readback_voxels"]
    both = sum(int((one & other).sum()) for one, other in zip(reference, drawn, strict=True) if other is not None)
    sizes = stated["seg_readback_voxels"] + stated["rtstruct_readback_voxels"]
    assert 2 * both / sizes == stated["rtstruct_dice_vs_mask"]


def test_objects_sorted_by_the_images_that_they_name_score_alike_from_two_adapters(scan):
    folder, _ = scan
    (folder / "seg").mkdir()
    shutil.copy(folder / "masks/seg.dcm", folder / "seg/c1.dcm")
    lock(folder)
    devices = {
        "by-path": ("mask-files", {"pattern": "{case_id}.dcm", "structure": "nodule"}),
        "by-object": ("dicom-results", {"dicom": {"structures": {"Nodule": "nodule"}}}),
    }
    metric = {"name": "acceptable_share", "measure": "dice", "limit": 1.0}
    asked = {"task": "segmentation", "unit": "case", "metrics": [metric]}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "slices",
        "reference_set": folder.name,
        "candidates": [
            {"id": name, "adapter": adapter, "options": {"folder": f"{folder.name}/seg", **options}}
            for name, (adapter, options) in devices.items()
        ],
        "endpoints": [{"name": "lists", "unmentioned": "empty", **asked}, {"name": "says", **asked}],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1}},
        "pictures": {"per_kind": 1},
    }
    path = folder.parent / "slices.yaml"
    path.write_text(json.dumps(protocol), encoding="utf-8")
    record = evaluate(path, RunOptions(run_dir=folder.parent / "run"), catalogue=build_catalogue())
    found = {
        (row.candidate, row.endpoint): (row.numerator, row.denominator)
        for row in record.results.estimates
        if row.analysis == "intention_to_diagnose" and row.stratum is None
    }
    # read by its path an object has looked where it names an image; of one that lists finds the protocol says so
    assert found == {
        ("by-path", "lists"): (16, 16),
        ("by-path", "says"): (16, 16),
        ("by-object", "lists"): (16, 16),
        ("by-object", "says"): (8, 16),
    }


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("highdicom__dx_image.dcm", ((1.2, 1.201199999999), "ImagerPixelSpacing")),  # PixelSpacing says the same
        ("fo-dicom__OutOfBoundsOverlay.dcm", ((0.085, 0.085), "ImagerPixelSpacing")),  # a mammogram
        ("pylibjpeg-data__RG2_JPLY_fixed.dcm", ((0.2, 0.2), "PixelSpacing")),
        ("pydicom-data__RG1_J2KI.dcm", None),  # it states 0
        ("pydicom-data__RG3_J2KI.dcm", None),  # it states none
    ],
)
def test_the_spacing_of_a_radiograph_is_named_for_the_plane_it_holds_for(file, expected):
    folder = shared_data("imaging/dicom_zoo/files")
    case = Case(case_id="c", patient_id="c", exam_id="c", laterality="", files=(file,), strata={})
    assert spacings(folder, READERS)(case, None) == expected
