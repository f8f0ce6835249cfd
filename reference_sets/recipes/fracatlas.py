"""FracAtlas: radiographs of limbs with fractures drawn. It names no patients, and some of its pictures are cut."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from building import RecipeError, begin, command, label, place_file, read_table, write_table

NAME = "fracatlas"
REGIONS = ("hand", "leg", "hip", "shoulder")
VIEWS = ("frontal", "lateral", "oblique")
STRATA = ("body_region", "view", "hardware", "multiscan")
END_OF_JPEG = b"\xff\xd9"
LESIONS = ("case_id", "lesion_id", "finding", "x", "y", "width", "height", "outline", "weight", "ignore")
OUTLINES = ("annotations/coco_fracture_masks.json", "annotations/COCO JSON/COCO_fracture_masks.json")


def build(source: Path, target: Path, *, keep_cut: bool = False) -> None:
    """One case for each row of dataset.csv whose picture is in ``images``, fractures as outlines where they are there.

    Outlines come from ``annotations/coco_fracture_masks.json``; without it boxes from ``annotations/pascal_voc``.
    Pictures that the publishers cut off before their end are excluded in sampling.csv, unless ``keep_cut``.
    Raises RecipeError if no picture is there, or a fracture that the table counts has no annotation file.
    """
    there = [row for row in read_table(source / "dataset.csv") if (source / "images" / row["image_id"]).is_file()]
    if not there:
        raise RecipeError(f"{source / 'images'} holds no picture that dataset.csv names.")
    rows = [row for row in there if keep_cut or END_OF_JPEG in (source / "images" / row["image_id"]).read_bytes()]
    fractured = [row for row in rows if row["fractured"] == "1"]
    outlines = _outlines(source)
    lacking = [
        row["image_id"]
        for row in fractured
        if row["image_id"] not in outlines and not _annotation(source, row).is_file()
    ]
    if lacking:
        raise RecipeError(f"annotations/pascal_voc lacks {len(lacking)} files: {', '.join(lacking[:10])} …")
    begin(NAME, target)
    for row in rows:
        place_file(source / "images" / row["image_id"], target / "files" / row["image_id"])
    columns = ("case_id", "patient_id", "exam_id", "laterality", "files", *STRATA)
    write_table(target / "cases.csv", columns, [_case(row) for row in rows])
    truth = [{"case_id": _stem(row), "finding": "fracture", "value": label(row["fractured"] == "1")} for row in rows]
    write_table(target / "truth.csv", ("case_id", "finding", "value"), truth)
    drawn = [
        lesion for row in fractured for lesion in outlines.get(row["image_id"]) or _boxes(row, _annotation(source, row))
    ]
    write_table(target / "lesions.csv", LESIONS, drawn)
    kept = {row["image_id"] for row in rows}
    excluded = {"status": "excluded", "reason": "the published picture is cut off before its end"}
    sampling = [
        {"unit_id": _stem(row), **({"status": "drawn"} if row["image_id"] in kept else excluded)} for row in there
    ]
    write_table(target / "sampling.csv", ("unit_id", "status", "reason"), sampling)


def _case(row: Mapping[str, str]) -> dict[str, str]:
    regions = [name for name in REGIONS if row[name] == "1"]
    views = [name for name in VIEWS if row[name] == "1"]
    return {
        "case_id": _stem(row),
        "files": f"files/{row['image_id']}",
        "body_region": "several" if len(regions) > 1 or row["mixed"] == "1" else "".join(regions),
        "view": "several" if len(views) > 1 else "".join(views),
        "hardware": "yes" if row["hardware"] == "1" else "no",
        "multiscan": "yes" if row["multiscan"] == "1" else "no",
    }


def _boxes(row: Mapping[str, str], annotation: Path) -> list[dict[str, str]]:
    """Pascal VOC boxes; their edges are taken as px from 0."""
    found = []
    for number, item in enumerate(ElementTree.parse(annotation).getroot().iter("bndbox"), start=1):
        edge = {name: float(item.findtext(name, "")) for name in ("xmin", "ymin", "xmax", "ymax")}
        found.append(
            {
                "case_id": _stem(row),
                "lesion_id": str(number),
                "finding": "fracture",
                "x": f"{edge['xmin']:g}",
                "y": f"{edge['ymin']:g}",
                "width": f"{edge['xmax'] - edge['xmin']:g}",
                "height": f"{edge['ymax'] - edge['ymin']:g}",
                "weight": "1",
                "ignore": "no",
            }
        )
    return found


def _outlines(source: Path) -> dict[str, list[dict[str, str]]]:
    """Name of the picture -> its fractures; {} without the file of outlines. Each is one polygon, corners in px."""
    path = next((source / name for name in OUTLINES if (source / name).is_file()), None)
    if path is None:
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in content["images"]}
    found: dict[str, list[dict[str, str]]] = {}
    for each in content["annotations"]:
        name = names[each["image_id"]]
        if len(each["segmentation"]) != 1:
            raise RecipeError(f"{path.name}: a fracture of {name} has {len(each['segmentation'])} outlines, not one.")
        same = found.setdefault(name, [])
        place = {"case_id": name.rpartition(".")[0], "lesion_id": str(len(same) + 1), "finding": "fracture"}
        outline = " ".join(map(str, each["segmentation"][0]))
        same.append({**place, "outline": outline, "weight": "1", "ignore": "no"})
    return found


def _annotation(source: Path, row: Mapping[str, str]) -> Path:
    return source / "annotations" / "pascal_voc" / f"{_stem(row)}.xml"


def _stem(row: Mapping[str, str]) -> str:
    return row["image_id"].rpartition(".")[0]


if __name__ == "__main__":
    sys.exit(command(NAME, build))
