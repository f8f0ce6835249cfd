"""Small series and volumes with masks on their voxels: 3 planes of 4 rows and 6 columns, 3 x 2 x 0.5 mm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness.set_loading import format_readers
from dmn_bench.hookspecs import VoxelGrid
from dmn_bench.inputs.voxel_grids import case_grid
from dmn_bench.vocabulary import Case

from .factories import an_image, saved
from .result_factories import FRAME

SHAPE = (3, 4, 6)
SPACING = (3.0, 2.0, 0.5)
FIRST = (10.0, 20.0, 0.0)  # place of the first voxel
FLAT = [1, 0, 0, 0, 1, 0]
READERS = format_readers(build_catalogue())


def uid(plane: int) -> str:
    return f"1.2.3.1.{plane}"


def a_series(folder: Path, depths: Sequence[float] = (0.0, 3.0, 6.0), **attributes: object) -> Path:
    """A folder with one slice of 4 x 6 pixels at each depth; the files are named against their order."""
    for place, depth in enumerate(depths):
        facts = {
            "Modality": "CT",
            "SOPInstanceUID": uid(place),
            "SeriesInstanceUID": "1.2.3.8",
            "FrameOfReferenceUID": FRAME,
            "ImagePositionPatient": [10, 20, depth],
            "ImageOrientationPatient": FLAT,
            "PixelSpacing": [2, 0.5],
            **attributes,
        }
        made = an_image(np.full(SHAPE[1:], place, dtype=np.uint16), **facts)
        saved(made, folder / f"{9 - place}.dcm")
    return folder


def lattice(shape: Sequence[int] = SHAPE, spacing: Sequence[float] = SPACING, first: Sequence[float] = FIRST):
    """[4, 4]: index (column, row, plane) to mm (LPS)."""
    found = np.diag([spacing[2], spacing[1], spacing[0], 1.0])
    found[:3, 3] = first
    return found


def a_nifti(path: Path, values: np.ndarray, *, affine: np.ndarray | None = None, axes: str = "LPS", **header: object):
    """``values`` [planes, rows, columns] on a lattice (LPS), stored with its axes towards ``axes``."""
    nibabel = pytest.importorskip("nibabel")
    to_ras = np.diag([-1.0, -1.0, 1.0, 1.0])
    image = nibabel.Nifti1Image(
        np.asarray(values).transpose(2, 1, 0), to_ras @ (lattice() if affine is None else affine)
    )
    turn = nibabel.orientations.ornt_transform(
        nibabel.io_orientation(image.affine), nibabel.orientations.axcodes2ornt(axes)
    )
    image = image.as_reoriented(turn)
    image.set_sform(image.affine, code=header.pop("sform_code", 1))
    image.set_qform(image.affine, code=header.pop("qform_code", 1))
    for name, value in header.items():
        image.header[name] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(image, path)
    return path


def a_case(*files: str, case_id: str = "c1") -> Case:
    return Case(case_id=case_id, patient_id=case_id, exam_id=case_id, laterality="", files=files, strata={})


def grid_of(root: Path, *files: str) -> VoxelGrid:
    return case_grid(a_case(*files), root, READERS)


def some_region(seed: int = 1, shape: Sequence[int] = SHAPE) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < 0.4
