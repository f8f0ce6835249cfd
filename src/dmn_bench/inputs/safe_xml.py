"""XML from strangers as a tree: no declarations, no entities of its own, nothing fetched, bounded size and depth.

The parser is Python's own (expat) behind handlers that refuse; the tree is that of ``xml.etree``. Names come without
namespace or prefix, as vendors use them loosely.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from .faults import LIBRARY_FAULTS, fault, reading

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_BYTES = 64 << 20  # of a file: a resting ECG takes 5 MB at most
MOST_DEPTH = 100
MOST_ELEMENTS = 1_000_000
MOST_ATTRIBUTES = 64  # of one element
MOST_ATTRIBUTE_CHARACTERS = 1 << 16  # of one element
_START_BYTES = 1 << 16
_BLOCK = 1 << 16


class _Known(Exception):
    """The name of the root element is known."""


def root_name(path: Path) -> str:
    """The name of the root element, "" if the file does not begin as XML does; nothing after it is looked at."""
    found: list[str] = []

    def begins(name: str, *_: object) -> None:
        found.append(_local(name))
        raise _Known

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = begins  # before any declaration inside it is
    parser.StartElementHandler = begins
    try:
        with path.open("rb") as stream:
            parser.Parse(stream.read(_START_BYTES), False)
    except _Known:
        return found[0]
    except (expat.ExpatError, *LIBRARY_FAULTS):
        return ""
    return ""


def read_xml(path: Path, *, attribute_characters: int = MOST_ATTRIBUTE_CHARACTERS) -> Element:
    """The root of the tree; text and attributes as written, entities other than XML's own five refused.

    A document type that only names a DTD is passed over, as MUSE writes one; the DTD is never fetched.
    Raises InputFileError if the file is no well-formed XML, declares anything, or exceeds the limits of this module.
    """
    with reading(path, "xml_damaged", (expat.ExpatError, *LIBRARY_FAULTS)):
        if path.stat().st_size > MOST_BYTES:
            raise fault(path, "too_large")
        building = _Building(path, attribute_characters)
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                building.parser.Parse(block, False)
        building.parser.Parse(b"", True)
        return building.tree.close()


class _Building:
    """One parse: hands elements to a tree builder and refuses the rest."""

    def __init__(self, path: Path, attribute_characters: int) -> None:
        from xml.etree.ElementTree import TreeBuilder

        self.tree = TreeBuilder()
        self._path, self._depth, self._elements = path, 0, 0
        self._attribute_characters = attribute_characters
        parser = self.parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.tree.data
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._refuse
        parser.ElementDeclHandler = self._refuse
        parser.AttlistDeclHandler = self._refuse
        parser.NotationDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.SkippedEntityHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MOST_DEPTH or self._elements > MOST_ELEMENTS or len(attributes) > MOST_ATTRIBUTES:
            raise fault(self._path, "xml_excessive")
        if sum(len(text) for item in attributes.items() for text in item) > self._attribute_characters:
            raise fault(self._path, "xml_excessive")
        # An attribute without prefix wins over one of the same name with one: its name is the format's own.
        ordered = sorted(attributes.items(), key=lambda item: ":" not in item[0])
        self.tree.start(_local(name), {_local(key): value for key, value in ordered})

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.tree.end(_local(name))

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_internal_subset: int) -> None:
        if has_internal_subset:
            raise fault(self._path, "xml_forbidden")

    def _refuse(self, *_: object) -> int:
        raise fault(self._path, "xml_forbidden")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


# -------------------------------------------------------------------------------------------------- looking things up


def text_at(element: Element, *paths: str) -> str:
    """The text of the first of these paths that has any, without the blanks around it; "" if none has."""
    for path in paths:
        found = (element.findtext(path) or "").strip()
        if found:
            return found
    return ""


def value_at(element: Element, path: str, attribute: str = "value") -> str:
    """An attribute of the first element at a path, without the blanks around it; "" if there is none."""
    found = element.find(path)
    return "" if found is None else (found.get(attribute) or "").strip()


def texts_below(root: Element, *tags: str, ending: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Every text and attribute in elements of these tags, and texts of elements whose tags end so, in lower case."""
    inside = [part for each in root.iter() if each.tag.lower() in tags for part in each.iter()]
    found = [text for part in inside for text in (part.text or "", *part.attrib.values())]
    found += [each.text or "" for each in root.iter() if ending and each.tag.lower().endswith(ending)]
    return tuple(filter(None, found))
