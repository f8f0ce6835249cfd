"""Annotation files of a folder, whatever their format: recognised by what is in them, and read into one form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from ..errors import InputFileError, Problem, ReferenceSetError, collect
from ..inputs.chestxdet_annotations import read_chestxdet
from ..inputs.coco_annotations import read_coco
from ..inputs.cvat_annotations import read_cvat
from ..inputs.dicom_file import is_dicom, open_dicom
from ..inputs.drawn_pictures import Corners, DrawnPicture, Noted, json_in
from ..inputs.labelme_annotations import read_labelme
from ..inputs.lidc_annotations import LidcReading, read_lidc
from ..inputs.result_objects import KINDS
from ..inputs.safe_xml import root_name
from ..inputs.voc_annotations import read_voc
from ..inputs.yolo_annotations import NAMES_FILES, is_label_file, read_names, read_yolo
from ..reference_set.csv_rows import Problems
from .ecg_walk import files_below, shown
from .image_csv import layout_of, needs_corners, read_columns, read_table

Form = Literal["coco", "voc", "yolo", "labelme", "cvat", "csv", "chestx-det", "lidc", "dicom"]
FORMS: tuple[str, ...] = get_args(Form)
_ROOTS: Mapping[str, Form] = {"annotation": "voc", "annotations": "cvat", "LidcReadMessage": "lidc"}
_OBJECTS = ("segmentation", "contours")
ENDINGS: Mapping[str | None, str] = {"voc": ".xml", "labelme": ".json"}
"""Of formats with a file for each picture."""
MOST_DAMAGED = 20  # files that are named


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How annotation files are to be read; "" or None: not stated, and asked for where it matters."""

    form: str = ""
    corners: Corners | None = None
    columns: Path | None = None
    names: Path | None = None


@dataclass(kw_only=True)
class Annotations:
    """What the files hold. ``categories``: those that a file lists, drawn or not. ``files``: their paths."""

    form: Form
    pictures: list[DrawnPicture] = field(default_factory=list)
    readings: list[LidcReading] = field(default_factory=list)
    objects: list[tuple[Path, str]] = field(default_factory=list)  # with the name for messages
    categories: dict[str, None] = field(default_factory=dict)
    files: frozenset[Path] = frozenset()

    @property
    def has_readers(self) -> bool:
        """Whether the files themselves say who drew."""
        return bool(self.readings) or any(drawn.reader for picture in self.pictures for drawn in picture.drawn)


def read_annotations(where: Path, asked: Asked) -> Annotations:
    """Everything in a file, or in the files of a folder that have one format.

    A file of one picture that cannot be read is a fault of that picture. Raises ReferenceSetError if there are no such
    files, or of several formats, if a file of many pictures cannot be read, or if something must be stated first.
    """
    if not where.exists():
        raise _refused(where, "no_annotations")
    problems = Problems()
    top = where if where.is_dir() else where.parent
    paths = list(files_below(where, problems)) if where.is_dir() else [where]
    collect(problems.all(), ReferenceSetError)
    named = {path: shown(path, top) for path in paths}
    form, chosen = _form_of(named, asked)
    found = Annotations(form=form, files=frozenset(path.resolve() for path in chosen))
    if form in ("voc", "chestx-det") and asked.corners is None:
        raise _refused(Path("--corners"), "corners_unstated", form=form)
    _READ[form](found, {path: named[path] for path in chosen}, asked, top)
    for picture in found.pictures:
        found.categories.update(dict.fromkeys(drawn.category for drawn in picture.drawn if not drawn.faults))
    return found


def _form_of(named: Mapping[Path, str], asked: Asked) -> tuple[Form, Sequence[Path]]:
    """The one format of the files, and those that have it.

    Where each picture has a file, one that is not recognised belongs to them too: reading it says what is wrong, and
    nothing is said of its picture. Of other formats a damaged file is refused.
    """
    by_form: dict[Form, list[Path]] = {}
    damaged: list[InputFileError] = []
    unknown: list[Path] = []
    for path in named:
        try:
            form = _recognised(path, named[path])
        except InputFileError as error:
            form = None
            damaged.append(error)
        if form is None:
            unknown.append(path)
        elif not asked.form or form == asked.form:
            by_form.setdefault(form, []).append(path)
    one = next(iter(by_form)) if len(by_form) == 1 else None
    if damaged and one not in ENDINGS:
        raise InputFileError(*(problem for error in damaged[:MOST_DAMAGED] for problem in error.problems))
    if asked.form and one is None:
        raise _refused(Path("--annotations"), "none_of_format", found=asked.form)
    if one is None:
        key = "several_formats" if by_form else "no_format"
        raise _refused(Path("--annotations"), key, found=", ".join(by_form), known=", ".join(FORMS))
    beside = [path for path in unknown if path.suffix.lower() == ENDINGS.get(one)]
    return one, sorted([*by_form[one], *beside])


def _recognised(path: Path, name: str) -> Form | None:
    """The format of a file, None if it is none of ours. Raises InputFileError if it is called JSON and is none."""
    ending = path.suffix.lower()
    if ending == ".json":
        return _json_form(path, name)
    if ending == ".xml":
        return _ROOTS.get(root_name(path))
    if ending in (".csv", ".tsv"):
        return "csv"
    if ending == ".txt":
        return "yolo" if is_label_file(path) else None
    if is_dicom(path):
        return "dicom" if _is_object(path) else None
    return None


def _json_form(path: Path, name: str) -> Form | None:
    value = json_in(path, name, Noted()).value
    if isinstance(value, dict):
        return "coco" if "images" in value else ("labelme" if "shapes" in value else None)
    is_list = isinstance(value, list) and value and isinstance(value[0], dict) and "syms" in value[0]
    return "chestx-det" if is_list else None


def _is_object(path: Path) -> bool:
    try:
        return KINDS.get(str(open_dicom(path, pixels=False).get("SOPClassUID") or "")) in _OBJECTS
    except InputFileError:  # whoever reads the images of the folder says so
        return False


Files = Mapping[Path, str]


def _coco(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    for path, name in files.items():
        pictures, categories = read_coco(path, name)
        found.pictures += pictures
        found.categories.update(dict.fromkeys(categories))


def _voc(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    corners = asked.corners or "edges"
    found.pictures += _one_by_one(files, lambda path, name: read_voc(path, name, corners))


def _labelme(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    found.pictures += _one_by_one(files, read_labelme)


def _yolo(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    listed = [top / name for name in NAMES_FILES] + [top.parent / name for name in NAMES_FILES]
    path = asked.names or next((each for each in listed if each.is_file()), None)
    if path is None:
        raise _refused(Path("--names"), "names_unstated", known=", ".join(NAMES_FILES))
    names = read_names(path, path.name)
    found.categories.update(dict.fromkeys(names))
    found.pictures += _one_by_one(files, lambda file, name: read_yolo(file, name, names))


def _cvat(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    for path, name in files.items():
        found.pictures += read_cvat(path, name)


def _chestxdet(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    for path, name in files.items():
        found.pictures += read_chestxdet(path, name, asked.corners or "edges")


def _csv(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    from .ecg_foreign import foreign_rows

    for path, name in files.items():
        layout = layout_of(foreign_rows(path)[0]) if asked.columns is None else read_columns(asked.columns)
        if layout is None:
            raise _refused(Path(name), "columns_unstated")
        if needs_corners(layout) and asked.corners is None:
            raise _refused(Path("--corners"), "corners_unstated", form="csv")
        found.pictures += read_table(path, layout, asked.corners or "edges")


def _lidc(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    found.readings += [read_lidc(path, name) for path, name in files.items()]
    every = (marked.category for each in found.readings for of in each.readers.values() for marked in of)
    found.categories.update(dict.fromkeys(every))


def _dicom(found: Annotations, files: Files, asked: Asked, top: Path) -> None:
    found.objects += files.items()


_READ: Mapping[Form, Callable[[Annotations, Files, Asked, Path], None]] = {
    "coco": _coco,
    "voc": _voc,
    "yolo": _yolo,
    "labelme": _labelme,
    "cvat": _cvat,
    "csv": _csv,
    "chestx-det": _chestxdet,
    "lidc": _lidc,
    "dicom": _dicom,
}


def _one_by_one(files: Files, read: Callable[[Path, str], DrawnPicture]) -> Iterator[DrawnPicture]:
    for path, name in files.items():
        try:
            yield read(path, name)
        except InputFileError as error:  # nothing may be said of its picture, least of all that nothing is there
            faults = tuple(Problem(key=each.key, where=name, facts=each.facts) for each in error.problems)
            yield DrawnPicture(names=(path.stem,), where=name, faults=faults)


def _refused(where: Path, key: str, **facts: str) -> ReferenceSetError:
    return ReferenceSetError(Problem(key=f"annotations.{key}", where=str(where), facts=facts))
