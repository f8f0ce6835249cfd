"""What one candidate's report may see: the record without the other candidates, and how sections read it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ..record import Observed, ProtocolPart, Record, Results
from .figures import FigureText

EVERY_CANDIDATE = "*"


class CandidateView(dict[str, object]):
    """A record as a mapping (``model_dump(mode="json")``) with its typed form and its pictures beside it."""

    def __init__(self, record: Record, figures: Mapping[str, FigureText] | None = None) -> None:
        super().__init__(record.model_dump(mode="json"))
        self.record = record
        self.figures: Mapping[str, FigureText] = figures or {}


def typed(record: Mapping[str, object]) -> Record:
    """The typed record behind the mapping that a section is handed. Raises pydantic.ValidationError if it is none."""
    return record.record if isinstance(record, CandidateView) else Record.model_validate(record)


def figures_of(record: Mapping[str, object]) -> Mapping[str, FigureText]:
    """The pictures behind the mapping that a section is handed, by path; {} where nobody has read them."""
    return record.figures if isinstance(record, CandidateView) else {}


def view_for(record: Record, candidate: str, figures: Mapping[str, FigureText] | None = None) -> CandidateView:
    """The record with nothing left in it of any other candidate: no number, no name, no file.

    Comparisons are left out altogether: they hold two candidates and belong to the buyer's comparison document.
    ``results_sha256`` stays that of the whole record, so that every report of a run names the same results.
    ``figures``: pictures of the record by path; those of others are not handed on.
    """
    results = _results_for(record.results, candidate, {part.id for part in record.candidates} - {candidate})
    mine = {one.path for one in results.figures}
    return CandidateView(
        record.model_copy(
            update={
                "candidates": [part for part in record.candidates if part.id == candidate],
                "protocol": _protocol_for(record.protocol, candidate),
                "results": results,
                "observed": _observed_for(record.observed, candidate),
            }
        ),
        {path: text for path, text in (figures or {}).items() if path in mine},
    )


def _protocol_for(protocol: ProtocolPart, candidate: str) -> ProtocolPart:
    content: dict[str, Any] = dict(protocol.content)
    content.pop("comparisons", None)
    if isinstance(content.get("candidates"), list):
        content["candidates"] = [one for one in content["candidates"] if one.get("id") == candidate]
    if isinstance(content.get("acceptance"), list):
        content["acceptance"] = [
            rule
            for rule in content["acceptance"]
            if rule.get("candidate", EVERY_CANDIDATE) in (EVERY_CANDIDATE, candidate)
        ]
    if isinstance(content.get("endpoints"), list):
        content["endpoints"] = [
            _endpoint_for(endpoint, candidate)
            for endpoint in content["endpoints"]
            if not endpoint.get("candidates") or candidate in endpoint["candidates"]
        ]
    plan = content.get("plan")
    if isinstance(plan, Mapping) and isinstance(plan.get("rules"), list):
        content["plan"] = {**plan, "rules": [rule for rule in plan["rules"] if _may_show(rule, candidate)]}
    amendments = [{key: value for key, value in one.items() if key != "content"} for one in protocol.amendments]
    return protocol.model_copy(update={"content": content, "amendments": amendments})


def _may_show(rule: object, candidate: str) -> bool:
    """Whether a planned rule is about this candidate or all; what a hand wrote in another form is left out."""
    return isinstance(rule, Mapping) and rule.get("candidate", EVERY_CANDIDATE) in (EVERY_CANDIDATE, candidate)


def _endpoint_for(endpoint: Mapping[str, Any], candidate: str) -> dict[str, Any]:
    named = dict(endpoint)
    if named.get("candidates"):
        named["candidates"] = [candidate]
    return named


def _results_for(results: Results, candidate: str, others: set[str]) -> Results:
    def mine(rows: list[Any]) -> list[Any]:
        return [row for row in rows if row.candidate == candidate]

    return results.model_copy(
        update={
            "flow": mine(results.flow),
            "estimates": mine(results.estimates),
            "acceptance": mine(results.acceptance),
            "comparisons": [],
            "heterogeneity": mine(results.heterogeneity),
            "tables": mine(results.tables),
            "curves": mine(results.curves),
            "errors": mine(results.errors),
            "probes": mine(results.probes),
            "noise_stress": mine(results.noise_stress),
            "reference_rules": mine(results.reference_rules),
            "readers": [row for row in results.readers if row.candidate in ("", candidate)],
            "errors_left_out": {
                key: n for key, n in results.errors_left_out.items() if key.rpartition("/")[0] == candidate
            },
            "figures": [one for one in results.figures if not others & set(PurePosixPath(one.path).parts)],
            "figures_left_out": {
                key: n for key, n in results.figures_left_out.items() if key.rpartition("/")[0] == candidate
            },
        }
    )


def _observed_for(observed: Observed, candidate: str) -> Observed:
    return observed.model_copy(
        update={
            "isolation": {key: value for key, value in observed.isolation.items() if key == candidate},
            "timing": [row for row in observed.timing if row.candidate == candidate],
            "n_repeated": {key: n for key, n in observed.n_repeated.items() if key == candidate},
            "attempts": [one for one in observed.attempts if one.get("candidate") == candidate],
        }
    )
