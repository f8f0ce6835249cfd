"""The one way anything is written, the one way anything is hashed, and the one way a YAML is read."""

from __future__ import annotations

import contextlib
import copy
import difflib
import functools
import hashlib
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import DmnBenchError, MachineError, Problem, collect

if TYPE_CHECKING:
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)

CHUNK_BYTES = 1 << 20
MAX_REASON = 2_000  # characters of a reason that a device gave, in whatever way
MAX_NAME = 200  # characters of a name that is compared with known ones
YAML_BYTES_AT_MOST = 2 << 20  # tables belong in CSV; a longer YAML is a mistake or an attack
YAML_DEPTH_AT_MOST = 50

Location = tuple[str | int, ...]
Locate = Callable[[Location], str]
"""From keys and indices, outermost first, to "file:line:column" of the deepest of them that exists."""


def write_atomically(path: Path, content: str | bytes | Iterable[str] | Iterable[bytes]) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file or the whole new one, even after power loss.

    Text is UTF-8 and its lines end in a line feed; what is too long to be held at once is given in pieces. The folder
    is made if needed.
    Raises MachineError if the disk is full or the folder cannot be written.
    """
    pieces = [content] if isinstance(content, str | bytes) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                for piece in pieces:
                    stream.write(piece.encode("utf-8") if isinstance(piece, str) else piece)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, 0o644 & ~_umask())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        problem = Problem(key="files.cannot_write", where=str(path), facts={"found": error.strerror or str(error)})
        raise MachineError(problem) from error


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """What the system refuses within (no space, no right, no process) as MachineError that names the folder."""
    try:
        yield
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise MachineError(Problem(key="files.cannot_work_in", where=str(folder), facts=facts)) from error


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the bytes of a file, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def canonical_json(value: object) -> str:
    """JSON that is the same for the same value: keys sorted, no blanks, UTF-8, shortest round-trip numbers.

    Raises ValueError on NaN or infinity: a number that is not one has no place in a record.

    >>> canonical_json({"b": 1.0, "a": [None, "é"]})
    '{"a":[null,"é"],"b":1.0}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def sha256_of_json(value: object) -> str:
    """Hexadecimal SHA-256 of ``canonical_json(value)`` in UTF-8."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def shipped(name: str) -> Path:
    """The folder ``reference_sets``, ``plugins`` or ``configs`` that comes with dmn-bench, installed or in its sources.

    Raises MachineError if it is not there: the installation is not complete.
    """
    here = Path(__file__).parent
    for folder in (here / "_shipped" / name, here.parents[1] / name):
        if folder.is_dir():
            return folder
    raise MachineError(Problem(key="files.not_shipped", where=str(here), facts={"found": name}))


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def is_text(value: str) -> bool:
    """Whether it can be written as UTF-8: an escape may spell half a surrogate pair, which is no character."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def plain_text(value: str, at_most: int) -> str:
    r"""A stranger's text as it can be kept and shown: cut, halves of characters and control characters replaced.

    Tabs and ends of lines stay, the latter as line feeds. ``at_most``: characters of the result; what was cut ends in
    "…".

    >>> plain_text("too \x1b[1mdark", 200), plain_text("abcdef", 4)
    ('too �[1mdark', 'abc…')
    """
    kept = value if len(value) <= at_most else value[: at_most - 1] + "…"
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", kept.replace("\r\n", "\n").replace("\r", "\n"))


def path_as_text(path: PurePath) -> str:
    r"""A path as text that can be written, with "/": bytes of a file name that are no UTF-8 as ``\xff``.

    >>> path_as_text(PurePath("a/\udcff.bin"))
    'a/\\xff.bin'
    """
    return os.fsencode(path.as_posix()).decode("utf-8", errors="backslashreplace")


def read_yaml(path: Path, error: type[DmnBenchError]) -> tuple[object, Locate]:
    """What a YAML 1.2 file says, as JSON-like data, and a function that locates any part of it.

    Keys are text, as written; dates stay the text written. One document in UTF-8. Refused rather than guessed:
    doubled keys, aliases and anchors, tags, a ``%YAML`` directive, NaN and infinity, an empty file.
    Raises ``error`` with every problem at its file:line:column.
    """
    reader, data = _parsed(path.name, _yaml_text(path, error))
    collect(reader.problems, error)
    return copy.deepcopy(data), reader.locate


@functools.lru_cache(maxsize=32)
def _parsed(name: str, text: str) -> tuple[_YamlReader, object]:
    """A document and its reader, once for each text: a protocol is asked for the place of each of its parts."""
    reader = _YamlReader(name)
    return reader, reader.document(text)


def _yaml_text(path: Path, error: type[DmnBenchError]) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(YAML_BYTES_AT_MOST + 1)
    except OSError as refused:
        facts = {"found": refused.strerror or str(refused)}
        raise error(Problem(key="files.cannot_read", where=str(path), facts=facts)) from None
    if len(content) > YAML_BYTES_AT_MOST:
        limit: dict[str, int | str | float] = {"limit": YAML_BYTES_AT_MOST}
        raise error(Problem(key="files.yaml_too_long", where=f"{path.name}:1:1", facts=limit))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as refused:
        before = content[: refused.start]
        line, column = before.count(b"\n") + 1, refused.start - before.rfind(b"\n")
        raise error(Problem(key="files.not_utf8", where=f"{path.name}:{line}:{column}")) from None


def validate(model: type[Model], path: Path, error: type[DmnBenchError]) -> Model:
    """The YAML file as a pydantic model, checked as strictly as JSON (a text is a text, a list may become a tuple).

    A validator of the model that knows better raises ``PydanticCustomError`` with a wording key (``room.name``) as its
    type and the facts as its context.
    Raises ``error`` with every problem at its file:line:column, an unknown key with the nearest known one.
    """
    from pydantic import ValidationError

    data, locate = read_yaml(path, error)
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as invalid:
        found = {
            (p.where, p.key, tuple(p.facts.items())): p
            for p in (_schema_problem(each, model, locate) for each in invalid.errors(include_url=False))
        }
        raise error(*found.values()) from None


def unknown_name(key: str, name: str, known: Iterable[str], where: str) -> Problem:
    """The problem ``key`` (facts: found, known, and nearest) of a name that is not one of ``known``.

    The key is ``<key>_nearest`` where one of the known names is close enough to be what was meant.

    >>> unknown_name("files.key_unknown", "sampelling", ["sampling"], "a.yaml:3:1").key
    'files.key_unknown_nearest'
    """
    names = sorted(set(known))
    nearest = difflib.get_close_matches(name[:MAX_NAME], names, n=1)  # which takes seconds for a name of a megabyte
    facts = {"found": plain_text(name, MAX_NAME), "known": ", ".join(names) or "—"}
    if nearest:
        return Problem(key=f"{key}_nearest", where=where, facts={**facts, "nearest": nearest[0]})
    return Problem(key=key, where=where, facts=facts)


_CORE = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset(_CORE + name for name in ("str", "timestamp", "merge", "value"))
_OTHER_TAGS = frozenset(_CORE + name for name in ("null", "bool", "int", "float", "seq", "map"))


class _YamlReader:
    """One YAML file: its data, the place of each part, and what is wrong with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.places: dict[Location, tuple[int, int]] = {}

    def locate(self, location: Location) -> str:
        """The place of the deepest known part; what pydantic adds to a location (names of union members) is skipped."""
        known: Location = ()
        for part in location:
            if (*known, part) in self.places:
                known = (*known, part)
        line, column = self.places.get(known, (0, 0))
        return f"{self.name}:{line + 1}:{column + 1}"

    def document(self, text: str) -> object:
        """The data; None with ``problems`` noted where there are any."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            if not self._allowed(YAML(typ="safe", pure=True).parse(text)):
                return None
            return self._convert(YAML(typ="safe", pure=True).compose(text), ())
        except (YAMLError, ValueError) as error:
            # ValueError: ruamel lets a malformed %YAML directive or escape through to int() and chr()
            mark = getattr(error, "problem_mark", None)
            found = getattr(error, "problem", None) or str(error).splitlines()[0]
            self._add("files.yaml_syntax", (mark.line, mark.column) if mark else (0, 0), found=found)
            return None

    def _allowed(self, events: Iterable[Any]) -> bool:
        """Whether the stream may be composed: looked at event by event, before anything is built or expanded."""
        depth = documents = 0
        for event in events:
            kind = type(event).__name__
            place = (event.start_mark.line, event.start_mark.column)
            if kind == "DocumentStartEvent":
                documents += 1
                if event.version is not None or documents > 1:
                    self._add("files.yaml_one_document", place)
            elif getattr(event, "anchor", None) is not None:
                self._add("files.yaml_alias", place, found=str(event.anchor))
            depth += (kind in ("MappingStartEvent", "SequenceStartEvent")) - (
                kind in ("MappingEndEvent", "SequenceEndEvent")
            )
            if depth > YAML_DEPTH_AT_MOST:
                self._add("files.yaml_too_deep", place, limit=YAML_DEPTH_AT_MOST)
                return False
        if not documents:
            self._add("files.yaml_empty", (0, 0))
        return not self.problems

    def _convert(self, node: Any, location: Location) -> object:
        place = (node.start_mark.line, node.start_mark.column)
        self.places.setdefault(location, place)
        kind = node.id
        if node.tag not in _TEXT_TAGS | _OTHER_TAGS:
            self._add("files.yaml_tag", place, found=node.tag)
            return None
        if kind == "sequence":
            return [self._convert(child, (*location, index)) for index, child in enumerate(node.value)]
        if kind == "mapping":
            return self._mapping(node, location)
        return self._scalar(node, place)

    def _mapping(self, node: Any, location: Location) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            place = (key.start_mark.line, key.start_mark.column)
            if key.id != "scalar" or not is_text(key.value):
                self._add("files.yaml_key", place)
            elif key.value in found:
                self._add("files.yaml_doubled_key", place, found=key.value)
            else:
                self.places[(*location, key.value)] = place
                found[key.value] = self._convert(value, (*location, key.value))
        return found

    def _scalar(self, node: Any, place: tuple[int, int]) -> object:
        kind, text = node.tag.removeprefix(_CORE), str(node.value)
        try:
            if node.tag in _TEXT_TAGS and is_text(text):
                return text
            if kind == "null":
                return None
            if kind == "bool":
                return {"true": True, "false": False}[text.lower()]
            number = _NUMBERS[kind](text.replace("_", ""))
        except (ValueError, KeyError):
            number = math.nan
        if math.isfinite(number):
            return number
        self._add("files.yaml_value", place, found=text[:40].encode("ascii", "replace").decode("ascii"))
        return None

    def _add(self, key: str, place: tuple[int, int], **facts: str | int) -> None:
        where = f"{self.name}:{place[0] + 1}:{place[1] + 1}"
        self.problems.append(Problem(key=key, where=where, facts=facts))


def _whole_number(text: str) -> float:
    number = int(text, 0) if text.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else int(text, 10)
    if abs(number) >= 1 << 63:
        raise ValueError(text[:40])
    return number


_NUMBERS: Mapping[str, Callable[[str], float]] = {"int": _whole_number, "float": float}


_EXPECTED = {  # start of pydantic's error type -> what was expected there
    "string_type": "files.expected_text",
    "int_": "files.expected_whole_number",
    "float_": "files.expected_number",
    "decimal_": "files.expected_number",
    "bool_": "files.expected_yes_no",
    "list_": "files.expected_list",
    "tuple_": "files.expected_list",
    "dict_": "files.expected_mapping",
    "model_": "files.expected_mapping",
    "dataclass_": "files.expected_mapping",
    "date_": "files.expected_date",
}
_LIMITS = {
    "greater_than": ("files.must_be_above", "gt"),
    "greater_than_equal": ("files.must_be_at_least", "ge"),
    "less_than": ("files.must_be_below", "lt"),
    "less_than_equal": ("files.must_be_at_most", "le"),
    "too_short": ("files.too_few_entries", "min_length"),
    "too_long": ("files.too_many_entries", "max_length"),
    "string_too_short": ("files.text_too_short", "min_length"),
    "string_too_long": ("files.text_too_long", "max_length"),
    "string_pattern_mismatch": ("files.text_form", "pattern"),
}


def _schema_problem(found: Mapping[str, Any], model: type[BaseModel], locate: Locate) -> Problem:
    """One of pydantic's errors as a problem."""
    kind, location, context = str(found["type"]), tuple(found["loc"]), found.get("ctx", {})
    where, name = locate(location), ".".join(str(part) for part in location) or "—"
    value = json.dumps(found["input"], ensure_ascii=False, default=str)[:80]
    if "." in kind:
        return Problem(key=kind, where=where, facts=context)
    if kind == "missing":
        return Problem(key="files.key_missing", where=where, facts={"found": name})
    if kind == "extra_forbidden":
        known = _known_keys(model.model_json_schema(), location[:-1])
        return unknown_name("files.key_unknown", str(location[-1]), known, where)
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        allowed = str(context.get("expected") or context.get("expected_tags") or "")
        allowed = allowed.replace(" or ", ", ").replace("'", "")
        facts = {"key": name, "found": value, "known": allowed}
        return Problem(key="files.value_not_allowed", where=where, facts=facts)
    if kind in _LIMITS:
        key, limit = _LIMITS[kind]
        return Problem(key=key, where=where, facts={"key": name, "found": value, "limit": context[limit]})
    expected = "files.value_empty" if found["input"] is None else _expectation(kind)
    if expected:
        return Problem(key=expected, where=where, facts={"key": name, "found": value})
    return Problem(
        key="files.value_wrong", where=where, facts={"key": name, "found": value, "reason": str(found["msg"])}
    )


def _expectation(kind: str) -> str:
    """The sentence about a value of another type than expected; "" for other errors."""
    return next((key for start, key in _EXPECTED.items() if kind.startswith(start)), "")


def _known_keys(schema: Mapping[str, Any], location: Sequence[str | int]) -> set[str]:
    """The keys that a JSON Schema knows at a location; parts that it does not know (union members) are stepped over."""
    definitions = schema.get("$defs", {})

    def expand(nodes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for node in nodes:
            if "$ref" in node:
                found += expand([definitions[node["$ref"].rpartition("/")[2]]])
            elif "anyOf" in node or "oneOf" in node:
                found += expand(node.get("anyOf") or node["oneOf"])
            else:
                found.append(node)
        return found

    nodes = expand([schema])
    for part in location:
        inner = [node["properties"][part] for node in nodes if part in node.get("properties", {})]
        inner = inner or [node[key] for node in nodes for key in ("items", "additionalProperties") if node.get(key)]
        nodes = expand(each for each in inner if isinstance(each, Mapping)) or nodes
    return {name for node in nodes for name in node.get("properties", {})}


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
