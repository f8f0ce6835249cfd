"""Pictures of errors in images for records made from nothing: drawn from generated pixels, with their hashes."""

import hashlib
from functools import cache

import numpy as np

from dmn_bench.pictures.grey_range import GreyRange
from dmn_bench.pictures.image_marks import ImageMark, rectangle
from dmn_bench.pictures.image_thumb import Scene, thumb
from dmn_bench.record import FigureFile, ImageView, PicturedError
from dmn_bench.reporting.figures import FigureText


@cache
def drawn():
    """A missed lesion beside a mark that lies elsewhere."""
    plane = (np.indices((300, 260)).sum(axis=0) % 256).astype(np.uint8)
    marks = [
        ImageMark(side="reference", outlines=(rectangle(100, 120, 30, 20),), label="R"),
        ImageMark(side="device", outlines=(rectangle(60, 150, 30, 30),), label="D 0.83"),
    ]
    scene = Scene(
        plane=plane,
        grey=GreyRange(window="as_stored"),
        marks=marks,
        box=(100, 120, 30, 20),
        has_corners=True,
        spacing_mm=(0.4, 0.4),
        is_clean=True,
    )
    return thumb(scene, title="missed_lesion c007", description="missed_lesion").svg


VIEW = ImageView(
    image=2,
    frame=41,
    box=[100, 120, 30, 20],
    is_one_place=True,
    is_reduced=False,
    window="lung",
    low=-1350,
    high=150,
    unit="HU",
    bar_mm=20,
    spacing_mm=[0.4, 0.4],
    spacing_source="ImagerPixelSpacing",
    n_left_out=1,
    signs=["bar", "corners", "device", "overview", "reference"],
)


def pictures(candidate, *, error=None, view=None):
    """One picture of a candidate as a record lists it; ``error``, ``view``: what differs from a missed lesion."""
    stated = {
        "endpoint": "lesion",
        "kind": "missed_lesion",
        "case_id": "c007",
        "in_case": 24.5,
        "here": 24.5,
        "about": "L1",
        "reference": "positive",
        "answer": "negative",
    }
    pictured = PicturedError(
        candidate=candidate, view=VIEW.model_copy(update=view or {}), **{**stated, **(error or {})}
    )
    sha256 = hashlib.sha256(drawn().encode()).hexdigest()
    return [FigureFile(path=f"figures/{candidate}/lesion.missed_lesion.1.svg", sha256=sha256, error=pictured)]


def texts(record):
    """All pictures of a record as they would be read from the folder of its run."""
    return {one.path: FigureText(state="as_recorded", svg=drawn()) for one in record.results.figures}
