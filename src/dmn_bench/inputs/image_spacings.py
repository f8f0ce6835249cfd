"""How far pixels of an image are apart within its plane, read from the header of its file alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ..errors import InputFileError, ReferenceSetError
from ..hookspecs import Reader
from ..reference_set.lesion_spacings import ImageSpacing, SpacingOf
from ..vocabulary import Case
from .dicom_file import open_dicom, parsing
from .dicom_image import pixel_spacing
from .dicom_series import series_files
from .nifti_file import open_nifti
from .requests import CaseFile, case_files


def spacings(root: Path, readers: Sequence[Reader]) -> SpacingOf:
    """What gives the spacing of any image of a set, each opened once.

    An image is named by its path, by that of a slice in its folder, or by a SOP Instance UID. It has none where it
    cannot be read, is not there, or states none above 0: whoever opens it says why.
    """
    cases: dict[str, Case] = {}

    @cache
    def of_image(case_id: str, image: str | None) -> ImageSpacing | None:
        try:
            return image_spacing(cases[case_id], image, root, readers)
        except (InputFileError, ReferenceSetError):
            return None

    def spacing_of(case: Case, image: str | None) -> ImageSpacing | None:
        cases[case.case_id] = case
        return of_image(case.case_id, image)

    return spacing_of


def image_spacing(case: Case, image: str | None, root: Path, readers: Sequence[Reader]) -> ImageSpacing | None:
    """The spacing of one image, as the header of its file states it; of a series that of the slice, or of its first.

    Raises ReferenceSetError or InputFileError if the files of the case cannot be read.
    """
    images = [file for file in case_files(case, root, readers) if file.reader.gives == "images"]
    for file in images if image is not None or len(images) == 1 else ():
        path = _named(file, image)
        if path is not None:
            return _stated(file.reader.name, path)
    return None


def _named(file: CaseFile, image: str | None) -> Path | None:
    """The file to read of an entry of ``Case.files``; None where the name is that of another."""
    members = series_files(file.path) if file.path.is_dir() else (file.path,)
    if image is None or image == file.written:
        return members[0]
    folder = file.written.rstrip("/")
    for path in members:
        is_named = image == f"{folder}/{path.name}" and file.path.is_dir()
        if is_named or file.reader.header(path).get("SOPInstanceUID") == image:
            return path
    return None


def _stated(reader: str, path: Path) -> ImageSpacing | None:
    if reader == "nifti":
        _, rows, columns = open_nifti(path).spacing_mm
        return ImageSpacing((rows, columns), "file")
    if reader != "dicom-image":
        return None
    dataset = open_dicom(path, pixels=False)
    with parsing(path, "dicom_bad_spacing"):
        spacing, source = pixel_spacing(dataset)
    return None if spacing is None or source is None else ImageSpacing(spacing, source)
