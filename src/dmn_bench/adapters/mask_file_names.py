"""Which case, image and structure a file is about, by a pattern of its path in the delivered folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

CASE, FILE_NAME, SOURCE, IMAGE, STRUCTURE = "case_id", "file_name", "source_file", "image", "structure"
OF_CASES = (CASE, FILE_NAME, SOURCE)
_FIELD = re.compile(r"\{([^{}]*)\}")


class About(NamedTuple):
    """A case and an image by the names that the pattern uses, and the vendor's word for a structure; "" without one."""

    case: str
    structure: str = ""
    image: str = ""


class Pattern:
    """What names the case, ``{image}`` and ``{structure}``.

    A case is named by ``{case_id}``, ``{file_name}`` (its first file without its ending) or ``{source_file}`` (the
    same of the hospital's, of a series its folder). ``{image}`` (the file of an image without its ending) stands
    beside ``{case_id}`` or alone, ``{structure}`` beside any of them. Raises ValueError if none or several of the first
    three stand there without need, anything else does, one twice, or two with nothing between them.
    """

    def __init__(self, text: str) -> None:
        parts = _FIELD.split(text)
        self._fixed, self._fields = parts[::2], parts[1::2]
        named = [name for name in self._fields if name in OF_CASES]
        known = (*OF_CASES, IMAGE, STRUCTURE)
        doubled = len(set(self._fields)) < len(self._fields)
        self.by_file_name, self.by_source_file = named == [FILE_NAME], named == [SOURCE]
        self.names_structure, self.names_image = STRUCTURE in self._fields, IMAGE in self._fields
        is_one = len(named) == 1 and (not self.names_image or named == [CASE])
        if doubled or not set(self._fields) <= set(known) or not (is_one or (self.names_image and not named)):
            raise ValueError(
                "pattern holds {case_id}, {file_name} or {source_file} once, or {image} alone or beside {case_id}, and "
                f"{{structure}} at most once: {text}"
            )
        self.names_case = bool(named)
        if not all(self._fixed[1:-1]):
            fields = ", ".join(f"{{{name}}}" for name in self._fields)
            raise ValueError(f"pattern needs something between {fields}: {text}")

    def readings(self, path: str) -> Iterator[About]:
        """Everything that a path (with / on every system) may mean; nothing where it does not follow the pattern.

        >>> list(Pattern("{case_id}_{structure}.nii.gz").readings("a_b_heart.nii.gz"))
        [About(case='a', structure='b_heart', image=''), About(case='a_b', structure='heart', image='')]
        >>> list(Pattern("out/{case_id}/{image}.png").readings("out/c1/cc.png"))
        [About(case='c1', structure='', image='cc')]
        >>> list(Pattern("{case_id}.png").readings("c1.nii"))
        []
        """
        first, last = self._fixed[0], self._fixed[-1]
        if not (path.startswith(first) and path.endswith(last) and len(path) > len(first) + len(last)):
            return
        for words in _split(path[len(first) : len(path) - len(last)], self._fixed[1:-1]):
            found = dict(zip(self._fields, words, strict=True))
            case = next((found[name] for name in OF_CASES if name in found), "")
            yield About(case, found.get(STRUCTURE, ""), found.get(IMAGE, ""))


def _split(text: str, between: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every way to cut a text at these separators, in order, with something before, between and after them."""
    if not between:
        if text:
            yield (text,)
        return
    at = text.find(between[0], 1)
    while at > 0:
        for rest in _split(text[at + len(between[0]) :], between[1:]):
            yield (text[:at], *rest)
        at = text.find(between[0], at + 1)


Target = tuple[str, str]
"""The names of a case and of an image, "" for what the pattern does not name."""


class Sorted(NamedTuple):
    """The files by what each is about, with the vendor's word of its structure; and those of no case."""

    of: Mapping[Target, Mapping[str, str]]  # target -> structure -> path
    unknown: Sequence[str]  # paths that name no case or image of the set, or no structure that is declared
    unclear: Sequence[str]  # paths that may be about several


def sorted_files(paths: Sequence[str], pattern: Pattern, targets: Collection[Target], words: Sequence[str]) -> Sorted:
    """Every path with its case and image. ``words``: the vendor's structures, () for any."""
    of: dict[Target, dict[str, str]] = {}
    unknown: list[str] = []
    unclear: list[str] = []
    for path in paths:
        found = [each for each in pattern.readings(path) if (each.case, each.image) in targets]
        if words:
            found = [each for each in found if not each.structure or each.structure in words]
        if len(found) == 1:
            of.setdefault((found[0].case, found[0].image), {})[found[0].structure] = path
        else:
            (unclear if found else unknown).append(path)
    return Sorted(of, unknown, unclear)
