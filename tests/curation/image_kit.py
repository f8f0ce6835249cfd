"""What tests of an import of pictures share: a set, three pictures, annotation files, and what became of them."""

import csv
import dataclasses
import json

import numpy as np
from PIL import Image as PillowImage

from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.check import check
from dmn_bench.curation.image_import import import_pictures
from dmn_bench.curation.image_meanings import Categories, Meant
from dmn_bench.curation.image_options import ImageOptions
from tests.inputs.factories import a_picture
from tests.set_factory import card_with, worded

READERS = build_catalogue().make_all("reader")
ROWS, COLUMNS = 40, 60
PRECISE = ImageOptions(
    categories=Categories(meant={"fx": (Meant("fracture", "lesion"),)}, is_stated=True), unmentioned="negative"
)


def a_root(folder, **changes):
    folder.mkdir()
    (folder / "reference_set.yaml").write_text(card_with(strata="{}", **changes))
    return folder


def three_pictures(folder):
    folder.mkdir()
    for place, name in enumerate(("a", "b", "c")):
        a_picture(folder / f"{name}.png", np.full((ROWS, COLUMNS), place, np.uint8))
    return folder


def imported(root, folder, annotations, options=PRECISE, **changes):
    options = dataclasses.replace(options, annotations=annotations, **changes)
    return import_pictures(root, folder, options, readers=READERS)


def rows(root, name):
    return list(csv.DictReader((root / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


def drawn(root):
    source = {row["case_id"]: row["source_file"].removeprefix("./") for row in rows(root, "identity")}
    return [{**row, "source": source[row["case_id"]]} for row in rows(root, "lesions")]


def pixels(root, name):
    with PillowImage.open(root / name) as picture:
        return np.array(picture)


def truth(root):
    source = {row["case_id"]: row["source_file"].removeprefix("./") for row in rows(root, "identity")}
    return {source[row["case_id"]]: row["value"] for row in rows(root, "truth")}


def keys(summary):
    return [key for _, key in worded(summary.problems)]


def is_sound(root):
    report = check(root, READERS)
    assert report.errors == ()
    return [problem.key for problem in report.warnings]


def coco(path, *annotations, size=(COLUMNS, ROWS), names=("a.png", "b.png")):
    images = [
        {"id": 7 * place, "file_name": name, "width": size[0], "height": size[1]}
        for place, name in enumerate(names, start=1)
    ]
    listed = [{"id": 100 + n, "image_id": 7, "category_id": 1, **each} for n, each in enumerate(annotations)]
    categories = [{"id": 1, "name": "fx"}, {"id": 2, "name": "cast"}]
    path.write_text(json.dumps({"images": images, "annotations": listed, "categories": categories}))
    return path
