"""Masks of COCO results: their run lengths as the runs of our masks."""

from __future__ import annotations

from ..inputs.coco_runs import MaskError, box_of_mask_runs, one_outline, runs_of_columns, unpacked
from .result_json import Node

__all__ = ["MaskError", "box_of_mask_runs", "mask_runs", "one_outline", "unpacked"]


def mask_runs(node: Node) -> tuple[int, int, tuple[int, ...]]:
    """Rows, columns and runs (row by row, see ``Mask``) of a segmentation {size: [rows, columns], counts}.

    Raises MaskError if the counts do not add up to the size, or there is none: an invalid output, the device's own.
    """
    return runs_of_columns(node.at("size").value, node.at("counts").value)
