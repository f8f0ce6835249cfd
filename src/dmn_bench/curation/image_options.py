"""What is wanted of a folder of pictures and their annotation files, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..errors import Problem
from .image_annotations import Asked
from .image_meanings import Categories
from .image_pictures import PictureTable
from .image_places import Pictures
from .image_rows import Value

Unlisted = Literal["unverified", "negative", "left-out"]


@dataclass(frozen=True, kw_only=True)
class ImageOptions:
    """What is wanted. ``findings``: of the card, () for all. ``reader``: who drew, "" for the reference itself.

    ``unmentioned``: what a finding is on a picture that an annotation file lists, where it is not drawn; ``unlisted``:
    on one that no file names. ``draw``: so many exams, drawn by ``seed``.
    """

    annotations: Path | None = None
    asked: Asked = field(default_factory=Asked)
    findings: tuple[str, ...] = ()
    categories: Categories = field(default_factory=Categories)
    pictures: Pictures | None = None
    reader: str = ""
    unmentioned: Value = "unverified"
    unlisted: Unlisted = "unverified"
    table: PictureTable | None = None
    draw: int | None = None
    seed: int = 0
    burned_in: bool = False


@dataclass(frozen=True, kw_only=True)
class ImageSummary:
    """What an import did, and what the set holds after it.

    ``left_out``: by reason. ``counts``: what happened to things drawn: twice, cut, as_pixels, slices_missing,
    not_there, stayed (known, named by no file), table_stayed (known, of which the table says something else).
    ``unnamed``: names in annotation files of which the folder has no picture. ``unmapped``: category -> (things drawn,
    pictures). ``truth``: finding -> value -> rows of truth.csv; ``readings``: likewise, of every reader.
    """

    form: str = ""
    n_pictures: int = 0
    n_known: int = 0
    n_added_to: int = 0  # known ones to which something was added
    n_lesions: int = 0
    n_masks: int = 0
    n_without_patient: int = 0
    n_unlisted: int = 0
    targets: tuple[str, ...] = ()  # the findings that the annotations can state
    not_images: tuple[str, ...] = ()  # names of files
    is_all_placed: bool = True  # everything that was drawn has its picture; else no unlisted one is negative
    lost: tuple[tuple[str, str, str], ...] = ()  # strata of attributes that copies lack: name, keyword, column instead
    unfound: tuple[str, ...] = ()  # categories of the keeper's table that no annotation file has
    left_out: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    unnamed: tuple[str, ...] = ()
    unmapped: dict[str, tuple[int, int]] = field(default_factory=dict)
    truth: dict[str, Counter[str]] = field(default_factory=dict)
    readings: dict[str, Counter[str]] = field(default_factory=dict)
    readers: tuple[str, ...] = ()
    beside: Path = Path()
    problems: tuple[Problem, ...] = ()
