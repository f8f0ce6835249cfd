"""Makes segmentation.json: needs surface-distance-based-measures 0.1, MedPy 0.5.2 and SimpleITK 2.5.7.

Run in an environment that has them: ``python tests/witnesses/segmentation.py``. The regions are in the file as packed
bits, so that the tests measure the very ones that the other programs measured.
"""

import base64
import json
import warnings
from pathlib import Path

import numpy as np
import SimpleITK
from scipy.ndimage import gaussian_filter

warnings.simplefilter("ignore")  # the programs use names that SciPy has moved

import surface_distance  # noqa: E402
from medpy.metric import binary  # noqa: E402

TOLERANCES = (0.5, 1.0, 2.3)
rng = np.random.default_rng(20)


def blob(shape, smooth, share):
    field = gaussian_filter(rng.normal(size=shape), smooth, mode="wrap")
    return field > np.quantile(field, 1 - share)


def moved(region, *steps):
    return np.roll(region, steps, axis=range(region.ndim))


def pairs():
    round_one = blob((14, 20, 22), 3.0, 0.25)
    yield "smooth", (2.5, 0.7, 0.7), round_one, round_one & moved(round_one, 0, 1, 1)
    yield "moved", (1.25, 0.681641, 0.681641), round_one, moved(round_one, 1, -2, 3)
    yield "every pattern", (1.7, 0.9, 1.1), rng.random((9, 10, 11)) < 0.5, rng.random((9, 10, 11)) < 0.5
    yield "sparse", (3.0, 0.5, 1.5), rng.random((9, 10, 11)) < 0.02, rng.random((9, 10, 11)) < 0.03
    yield "to the edge", (1.0, 2.0, 3.0), np.ones((4, 5, 6), dtype=bool), blob((4, 5, 6), 1.0, 0.6)
    plate = np.zeros((12, 12, 12), dtype=bool)
    plate[5, 1:11, 2:9] = True
    yield "plates", (4.0, 0.6, 0.8), plate, moved(plate, 1, 1, 0)
    voxel = np.zeros((8, 9, 10), dtype=bool)
    voxel[1, 2, 3] = True
    yield "voxels", (2.0, 1.0, 0.5), voxel, moved(voxel, 4, 5, 6)
    flat = blob((40, 44), 4.0, 0.3)
    yield "image", (0.4, 0.55), flat, moved(flat, 2, -1)
    yield "image of noise", (0.4, 0.55), rng.random((30, 20)) < 0.4, rng.random((30, 20)) < 0.4


def packed(region):
    return base64.b64encode(np.packbits(region).tobytes()).decode()


def by_surface_distance(one, other, spacing):
    found = surface_distance.compute_surface_distances(one, other, spacing)
    return {
        "hd95": float(surface_distance.compute_robust_hausdorff(found, 95)),
        "hd50": float(surface_distance.compute_robust_hausdorff(found, 50)),
        "hd": float(surface_distance.compute_robust_hausdorff(found, 100)),
        "nsd": [float(surface_distance.compute_surface_dice_at_tolerance(found, each)) for each in TOLERANCES],
        "directed_means": [float(each) for each in surface_distance.compute_average_surface_distance(found)],
        "areas": [float(found["surfel_areas_gt"].sum()), float(found["surfel_areas_pred"].sum())],
        "dice": float(surface_distance.compute_dice_coefficient(one, other)),
    }


def by_medpy(one, other, spacing):
    return {
        "hd95": float(binary.hd95(one, other, voxelspacing=spacing)),
        "hd": float(binary.hd(one, other, voxelspacing=spacing)),
        "assd": float(binary.assd(one, other, voxelspacing=spacing)),
        "dice": float(binary.dc(one, other)),
        "iou": float(binary.jc(one, other)),
        "volume_error": float(binary.ravd(other, one)),
    }


def by_simpleitk(one, other, spacing):
    images = []
    for region in (one, other):
        image = SimpleITK.GetImageFromArray(region.astype(np.uint8))
        image.SetSpacing(spacing[::-1])
        images.append(image)
    distance, overlap = SimpleITK.HausdorffDistanceImageFilter(), SimpleITK.LabelOverlapMeasuresImageFilter()
    distance.Execute(*images)
    overlap.Execute(*images)
    return {
        "hd": distance.GetHausdorffDistance(),
        "dice": overlap.GetDiceCoefficient(),
        "iou": overlap.GetJaccardCoefficient(),
    }


cases = []
for name, spacing, one, other in pairs():
    cases.append(
        {
            "name": name,
            "shape": one.shape,
            "spacing": spacing,
            "reference": packed(one),
            "answered": packed(other),
            "surface_distance": by_surface_distance(one, other, spacing),
            "medpy": by_medpy(one, other, spacing),
            "simpleitk": by_simpleitk(one, other, spacing),
        }
    )
lines = ",\n".join(f"  {json.dumps(case)}" for case in cases)
text = f'{{\n "tolerances": {json.dumps(TOLERANCES)},\n "cases": [\n{lines}\n ]\n}}\n'
Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")
