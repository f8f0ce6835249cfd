"""Codes of findings and the names that reference sets use: a shipped table, and the candidate's own before it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from .dicom_rules import DicomRules, RuleNeeded

TABLE = "finding_codes.csv"


@cache
def shipped_codes() -> Mapping[str, str]:
    """``SCHEME:value`` -> finding.

    >>> shipped_codes()["SCT:27925004"]
    'nodule'
    """
    text = (files(__package__) / TABLE).read_text(encoding="utf-8")
    return {f"{row['scheme']}:{row['code']}": row["finding"] for row in csv.DictReader(text.splitlines())}


def finding_of(code: str, rules: DicomRules) -> str | None:
    """The finding that a code means, None when it is to be left out. Raises RuleNeeded if nobody says."""
    if code in rules.ignore_codes:
        return None
    found = rules.codes.get(code) or shipped_codes().get(code)
    if found is None:
        raise RuleNeeded("objects.codes_unknown", n=1, found=code)
    return found


def is_finding(code: str, rules: DicomRules) -> bool:
    """Whether a code is that of a finding which is not to be left out."""
    return code not in rules.ignore_codes and (code in rules.codes or code in shipped_codes())


def refuse_unknown(codes: Iterable[tuple[str, str]], rules: DicomRules) -> None:
    """Raise RuleNeeded with all codes, given with their meaning, that have no finding and are not to be left out."""
    known = {*rules.ignore_codes, *rules.codes, *shipped_codes()}
    unknown = sorted({f"{code} ({meaning})" if meaning else code for code, meaning in codes if code not in known})
    if unknown:
        raise RuleNeeded("objects.codes_unknown", n=len(unknown), found=", ".join(unknown))
