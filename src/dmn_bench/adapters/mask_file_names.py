"""Which case, and which structure, a file is about, by a pattern of its path in the delivered folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

CASE, FILE_NAME, STRUCTURE = "case_id", "file_name", "structure"
_FIELD = re.compile(r"\{([^{}]*)\}")


class About(NamedTuple):
    """A case, by the name that the pattern uses for it, and the vendor's word for a structure, "" without one."""

    case: str
    structure: str


class Pattern:
    """``{case_id}`` or ``{file_name}`` (the case's first file without its ending), with or without ``{structure}``.

    Raises ValueError if it names neither, both, anything else, one twice, or two with nothing between them.
    """

    def __init__(self, text: str) -> None:
        parts = _FIELD.split(text)
        self._fixed, self._fields = parts[::2], parts[1::2]
        named = [name for name in self._fields if name in (CASE, FILE_NAME)]
        others = [name for name in self._fields if name not in (CASE, FILE_NAME, STRUCTURE)]
        if len(named) != 1 or others or self._fields.count(STRUCTURE) > 1:
            raise ValueError(f"pattern holds {{case_id}} or {{file_name}} once, and {{structure}} at most once: {text}")
        if len(self._fields) == 2 and not self._fixed[1]:
            raise ValueError(f"pattern needs something between {{{self._fields[0]}}} and {{{self._fields[1]}}}: {text}")
        self.by_file_name = named == [FILE_NAME]
        self.names_structure = STRUCTURE in self._fields

    def readings(self, path: str) -> Iterator[About]:
        """Everything that a path (with / on every system) may mean; nothing where it does not follow the pattern.

        >>> list(Pattern("{case_id}_{structure}.nii.gz").readings("a_b_heart.nii.gz"))
        [About(case='a', structure='b_heart'), About(case='a_b', structure='heart')]
        >>> list(Pattern("out/{case_id}.png").readings("out/c1.png")), list(Pattern("{case_id}.png").readings("c1.nii"))
        ([About(case='c1', structure='')], [])
        """
        first, last = self._fixed[0], self._fixed[-1]
        if not (path.startswith(first) and path.endswith(last) and len(path) > len(first) + len(last)):
            return
        middle = path[len(first) : len(path) - len(last)]
        if len(self._fields) == 1:
            yield About(middle, "")
            return
        between = self._fixed[1]
        at = middle.find(between, 1)
        while at > 0:
            parts = middle[:at], middle[at + len(between) :]
            case, structure = parts if self._fields[1] == STRUCTURE else parts[::-1]
            if case and structure:
                yield About(case, structure)
            at = middle.find(between, at + 1)


class Sorted(NamedTuple):
    """The files by the case that each is about, with the vendor's word of its structure; and those of no case."""

    of_case: Mapping[str, Mapping[str, str]]  # name of the case -> structure -> path
    unknown: Sequence[str]  # paths that name no case of the set, or no structure that is declared
    unclear: Sequence[str]  # paths that may be about several


def sorted_files(paths: Sequence[str], pattern: Pattern, cases: Mapping[str, str], words: Sequence[str]) -> Sorted:
    """Every path with its case. ``words``: the vendor's structures, () for any; ``cases``: their names."""
    of_case: dict[str, dict[str, str]] = {}
    unknown: list[str] = []
    unclear: list[str] = []
    for path in paths:
        found = [each for each in pattern.readings(path) if each.case in cases]
        if words:
            found = [each for each in found if not each.structure or each.structure in words]
        if len(found) == 1:
            of_case.setdefault(found[0].case, {})[found[0].structure] = path
        else:
            (unclear if found else unknown).append(path)
    return Sorted(of_case, unknown, unclear)
