"""What comparing two regions costs beside other programs, and whether all find the same: one organ in a large CT.

``python benchmarks/segmentation.py``: needs surface-distance-based-measures, MedPy and SimpleITK, and about a minute.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from importlib import metadata

import numpy as np

from dmn_bench.statistics.surfaces import (
    overlap,
    percentile_distance,
    pooled_percentile_distance,
    surface_dice,
    surface_distances,
    voxel_distances,
)

SHAPE, SPACING, TOLERANCE = (300, 512, 512), (1.5, 0.8, 0.8), 2.0
Figures = dict[str, float]


def organ(centre: tuple[float, ...], radii: tuple[float, ...]) -> np.ndarray:
    """An ellipsoid with a wavy surface, in mm from the first voxel."""
    z, y, x = (
        (np.arange(size) * side - middle) / radius
        for size, side, middle, radius in zip(SHAPE, SPACING, centre, radii, strict=True)
    )
    z, y, x = z[:, None, None], y[None, :, None], x[None, None, :]
    return z**2 + y**2 + x**2 + 0.05 * np.sin(9 * x) * np.cos(7 * y) <= 1


def ours(one: np.ndarray, other: np.ndarray) -> Figures:
    elements, voxels = surface_distances(one, other, SPACING), voxel_distances(one, other, SPACING)
    return {
        "dice": overlap(one, other).dice,
        "nsd": surface_dice(elements, TOLERANCE),
        "hd95": percentile_distance(elements),
        "hd95_voxels": pooled_percentile_distance(voxels),
        "hd_voxels": percentile_distance(voxels, 1.0),
    }


def ours_elements(one: np.ndarray, other: np.ndarray) -> Figures:
    elements = surface_distances(one, other, SPACING)
    return {"nsd": surface_dice(elements, TOLERANCE), "hd95": percentile_distance(elements)}


def surface_distance_package(one: np.ndarray, other: np.ndarray) -> Figures:
    import surface_distance

    found = surface_distance.compute_surface_distances(one, other, SPACING)
    return {
        "nsd": float(surface_distance.compute_surface_dice_at_tolerance(found, TOLERANCE)),
        "hd95": float(surface_distance.compute_robust_hausdorff(found, 95)),
    }


def ours_voxels(one: np.ndarray, other: np.ndarray) -> Figures:
    return {"hd95_voxels": pooled_percentile_distance(voxel_distances(one, other, SPACING))}


def medpy(one: np.ndarray, other: np.ndarray) -> Figures:
    from medpy.metric import binary

    return {"hd95_voxels": float(binary.hd95(one, other, voxelspacing=SPACING))}


def ours_hausdorff(one: np.ndarray, other: np.ndarray) -> Figures:
    return {"hd_voxels": percentile_distance(voxel_distances(one, other, SPACING), 1.0)}


def simpleitk(one: np.ndarray, other: np.ndarray) -> Figures:
    import SimpleITK

    images = []
    for region in (one, other):
        image = SimpleITK.GetImageFromArray(region.astype(np.uint8))
        image.SetSpacing(SPACING[::-1])
        images.append(image)
    found = SimpleITK.HausdorffDistanceImageFilter()
    found.Execute(*images)
    return {"hd_voxels": found.GetHausdorffDistance()}


JOBS: dict[str, tuple[tuple[str, str, Callable[[np.ndarray, np.ndarray], Figures]], ...]] = {
    "surface Dice and HD95 of surface elements": (
        ("dmn-bench", "dmn-bench", ours_elements),
        ("surface-distance", "surface-distance-based-measures", surface_distance_package),
    ),
    "HD95 of voxels": (("dmn-bench", "dmn-bench", ours_voxels), ("MedPy", "medpy", medpy)),
    "Hausdorff distance of voxels": (
        ("dmn-bench", "dmn-bench", ours_hausdorff),
        ("SimpleITK", "SimpleITK", simpleitk),
    ),
    "all figures of a case": (("dmn-bench", "dmn-bench", ours),),
}


def main() -> None:
    """Print a table of processor seconds, the best of three runs of ours and of one of the others."""
    warnings.simplefilter("ignore")
    one, other = organ((225, 205, 205), (70, 80, 90)), organ((227, 203, 207), (72, 78, 91))
    print(f"two regions of {one.sum():,} and {other.sum():,} voxels in {' x '.join(map(str, SHAPE))}\n")
    print("| job | contestant | version | CPU s | × ours | largest difference |\n|---|---|---|---:|---:|---:|")
    for job, contestants in JOBS.items():
        first: tuple[float, Figures] | None = None
        for name, package, call in contestants:
            seconds, found = timed(call, one, other, 1 if first else 3)
            first = first or (seconds, found)
            apart = max(abs(found[key] - first[1][key]) for key in found)
            version = metadata.version(package)
            print(f"| {job} | {name} | {version} | {seconds:.2f} | {seconds / first[0]:.1f} | {apart:.1g} |")


def timed(
    call: Callable[[np.ndarray, np.ndarray], Figures], one: np.ndarray, other: np.ndarray, runs: int
) -> tuple[float, Figures]:
    best, found = float("inf"), Figures()
    for _ in range(runs):
        began = time.process_time()
        found = call(one, other)
        best = min(best, time.process_time() - began)
    return best, found


if __name__ == "__main__":
    main()
