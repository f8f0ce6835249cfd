"""Which picture of a folder each thing in annotation files was drawn on; what no picture or several may be, said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..errors import Fact, Problem
from ..inputs.drawn_pictures import DrawnPicture, word
from ..inputs.lidc_annotations import CATEGORIES, LidcReading
from .ecg_walk import cell
from .image_annotations import Annotations
from .image_pictures import Index, Picture
from .image_volumes import DrawnObject, pictures_of, read_objects

CHARACTERS = 120  # of a name that is shown


@dataclass(kw_only=True)
class Matched:
    """What was drawn on each picture, by its name. ``unnamed``: what names no picture of the folder.

    ``unclear``: pictures that a name may mean, and nobody knows. ``is_all_placed``: whether everything that was drawn
    has its picture. ``categories``: all that the files know.
    """

    drawn_on: dict[str, list[DrawnPicture]] = field(default_factory=dict)
    read_on: dict[str, list[LidcReading]] = field(default_factory=dict)
    objects_on: dict[str, list[DrawnObject]] = field(default_factory=dict)
    unnamed: list[str] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)
    is_all_placed: bool = True
    categories: dict[str, None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def is_listed(self, picture: Picture) -> bool:
        """Whether an annotation file names a picture."""
        return any(picture.name in of for of in (self.drawn_on, self.read_on, self.objects_on))


def matched(stated: Annotations, pictures: Sequence[Picture]) -> Matched:
    """Find the picture of everything that annotation files hold."""
    found, index = Matched(categories=dict(stated.categories)), Index(pictures)
    _of_pictures(found, stated.pictures, index)
    for read in stated.readings:
        series = index.find(read.series_uid) if read.series_uid else ()
        if len(series) == 1:
            found.read_on.setdefault(series[0].name, []).append(read)
        else:
            found.unnamed.append(read.where)
    if stated.readings:
        found.categories.update(dict.fromkeys(CATEGORIES))
    objects, wrong = read_objects(stated.objects)
    found.problems += wrong
    found.objects_on = pictures_of(objects, pictures)
    placed = {id(each) for of in found.objects_on.values() for each in of}
    found.unnamed += [each.where for each in objects if id(each) not in placed]
    found.is_all_placed = found.is_all_placed and not wrong and len(placed) == len(objects)
    found.categories.update(dict.fromkeys(_structures(objects)))
    return found


def _of_pictures(found: Matched, stated: Sequence[DrawnPicture], index: Index) -> None:
    others: list[tuple[DrawnPicture, list[Picture]]] = []
    for drawn in stated:
        named = [of for name in drawn.names if (of := index.find(name))]
        alone = {of[0].name: of[0] for of in named if len(of) == 1}
        elsewhere = [picture for name in drawn.names for picture in index.elsewhere(name)]
        if any(picture.name in alone for picture in elsewhere) or not named:
            others.append((drawn, elsewhere))
        elif len(alone) == 1:
            found.drawn_on.setdefault(next(iter(alone)), []).append(drawn)
        else:  # its own name and the one within it may name different pictures
            key = "names_differ" if alone else "name_ambiguous"
            facts: dict[str, Fact] = {} if alone else {"n": len(named[0])}
            _unclear(found, key, drawn, [picture for of in named for picture in of], facts)
    for drawn, elsewhere in others:
        if is_open := [picture for picture in elsewhere if picture.name not in found.drawn_on]:
            _unclear(
                found, "other_folder", drawn, is_open, {"other": cell(is_open[0].name.removeprefix("./"))[:CHARACTERS]}
            )
            continue
        found.unnamed.append(cell(drawn.names[0])[:CHARACTERS] if drawn.names else drawn.where)
        if drawn.drawn or drawn.faults:
            found.is_all_placed = False


def _unclear(
    found: Matched, key: str, drawn: DrawnPicture, pictures: Sequence[Picture], facts: dict[str, Fact]
) -> None:
    said = {"found": ", ".join(map(cell, drawn.names))[:CHARACTERS], **facts}
    found.problems.append(Problem(key=f"annotations.{key}", where=drawn.where, facts=said))
    found.unclear |= {picture.name for picture in pictures}


def _structures(objects: Sequence[DrawnObject]) -> Iterator[str]:
    for each in objects:
        for number, structure in enumerate(each.structures, start=1):
            yield word(structure.name) or str(number)
