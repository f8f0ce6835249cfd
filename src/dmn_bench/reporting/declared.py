"""What the vendor declared of a device, read from the record as text with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..record import CandidatePart, Record


class Declaration(NamedTuple):
    """A declared value with where it was declared; both "" when nothing was."""

    value: str
    source: str


NOTHING = Declaration("", "")


def the_candidate(record: Record, candidate: str) -> CandidatePart | None:
    """The part of the record on one candidate."""
    return next((part for part in record.candidates if part.id == candidate), None)


def declaration(device: Mapping[str, Any], part: str, name: str) -> Declaration:
    """A field of ``device.yaml``: a text, or {value, source}; NOTHING when absent or empty.

    >>> declaration({"identity": {"version": {"value": "2.1", "source": "label"}}}, "identity", "version")
    Declaration(value='2.1', source='label')
    """
    holder = device.get(part)
    found = holder.get(name) if isinstance(holder, Mapping) else None
    if isinstance(found, Mapping):
        return Declaration(_text(found.get("value")), _text(found.get("source")))
    return Declaration(_text(found), "") if _text(found) else NOTHING


def product_name(part: CandidatePart | None, candidate: str) -> str:
    """Trade name and version where declared, else the candidate's id."""
    if part is None:
        return candidate
    name, version = (declaration(part.device, "identity", field).value for field in ("trade_name", "version"))
    return " ".join(piece for piece in (name or candidate, version) if piece)


def _text(value: object) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    return str(value)
