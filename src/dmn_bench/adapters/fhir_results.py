"""Adapter ``fhir``: Observations and DiagnosticReports (FHIR R4 and R5, JSON) of an AI about imaging studies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal

from ..files import plain_text
from ..hookspecs import FileAdapter, LiveAdapter, hookimpl
from .fhir_resources import Resource, Resources, codes_of
from .prediction_ids import Named
from .prediction_rules import DeviceStatus, LabelWord, Rules
from .prediction_tables import SHOWN_CHARACTERS, Faults
from .result_entries import Entries, ResultFiles, files_below, labels_of
from .result_json import Node, read_json, read_json_lines

Side = Literal["L", "R", "B"]
Found = tuple[Node, str]  # what has the value, and the finding that it is a value of
WITHDRAWN = ("entered-in-error", "cancelled")
STATUSES = ("registered", "preliminary", "final", "amended", "corrected", "appended", "unknown", *WITHDRAWN)
UCUM = "http://unitsofmeasure.org"
UNITS: Mapping[str, Sequence[str]] = {"fraction": ("1", "{score}", "{probability}"), "percent": ("%",)}
SIDES: Mapping[str, Side] = {"7771000": "L", "24028007": "R", "51440002": "B"}  # SNOMED CT: left, right, right and left
WORDS = ("valueCodeableConcept", "valueString", "valueBoolean")
LINES = (".ndjson", ".jsonl")


@dataclass(frozen=True, kw_only=True)
class FhirResults(ResultFiles):
    """Reads Bundles, single resources, lists of them and NDJSON: one Observation for each study and finding."""

    name: ClassVar[str] = "fhir"

    codes: Mapping[str, str]  # code, or system|code, of what was observed -> finding
    ignore_codes: tuple[str, ...] = ()
    score_codes: tuple[str, ...] = ()  # components that hold the score of the finding observed
    labels: Mapping[LabelWord, tuple[str, ...]] = field(default_factory=dict)  # our label or status -> codes or texts
    interpretation: Literal["ignore", "label"] = "ignore"  # label: Observation.interpretation says it, by ``labels``
    absent: Mapping[str, DeviceStatus] = field(default_factory=dict)  # code of dataAbsentReason -> our status
    statuses: tuple[str, ...] = ("preliminary", "final", "amended", "corrected")  # of Observations that count
    identifier_system: str | None = None  # for ``id: {is: case_id}``: the system of the identifiers that hold it
    sides: Mapping[str, Side] = field(default_factory=lambda: dict(SIDES))  # code in bodySite -> side

    def default_id(self) -> Mapping[str, str | int]:
        """Observations are about studies."""
        return {"is": "study_instance_uid"}

    def check(self, faults: Faults) -> None:
        """See ``ResultFiles``."""
        where = ", ".join(self.paths())
        if not self.codes:
            faults.add("answers.nothing_mapped", where, option="codes")
        kind = self.id.get("is", "study_instance_uid")
        if (kind == "case_id") != (self.identifier_system is not None) or kind == "file_name":
            faults.add("answers.fhir_id", where)
        for status in self.statuses:
            if status not in STATUSES or status in WITHDRAWN:
                known = ", ".join(each for each in STATUSES if each not in WITHDRAWN)
                faults.add("answers.fhir_status_option", where, found=status, known=known)
        if self.interpretation == "label" and not self.labels:
            faults.add("answers.nothing_mapped", where, option="labels")
        labels_of(self.labels, faults, where)

    def rules(self) -> Rules:
        """See ``ResultFiles``."""
        return replace(super().rules(), labels=self.labels)

    def files(self, base: Path) -> Sequence[tuple[str, Path]]:
        """See ``ResultFiles``."""
        return [each for name in self.paths() for each in files_below(base, name, (".json", *LINES))]

    def read_into(self, entries: Entries, base: Path, faults: Faults) -> None:
        """See ``ResultFiles``."""
        resources = Resources(str(self.id.get("is", "study_instance_uid")), self.identifier_system)
        for name, path in self.files(base):
            lines = path.suffix.lower() in LINES
            read = read_json_lines if lines else _whole_file
            for root in read(path, name, self.encoding, faults):
                resources.take(root)
        resources.link()
        faults.stop_if_any()
        aside: list[tuple[Named, str, str]] = []
        answered: set[str] = set()
        for observation in resources.observations():
            findings = self._findings(observation.node)
            named = self._cases(observation, resources, entries) if findings else ()
            why = self._why_aside(observation, resources)
            if why:
                aside += [(each, observation.node.where, why) for each in named]
                continue
            answered |= {each.case_id for each in named}
            if findings:
                self._note_modifiers(observation, resources)
            for each in named:
                self._observation(observation.node, findings, each, entries)
        _set_aside(aside, answered, entries)

    def _why_aside(self, observation: Resource, resources: Resources) -> str:
        """Why an Observation does not count: its own status, or that of every report of it; "" where it does."""
        said: list[str] = []
        for each in (observation, *resources.reports_of(observation)):
            status = each.node.at("status")
            if status.text() not in STATUSES:
                status.note("answers.fhir_status")
            said.append(f"{each.name} {status.text()}")
        if observation.node.at("status").text() not in self.statuses:
            return said[0]
        reports = [report.node.at("status").text() for report in resources.reports_of(observation)]
        return "; ".join(said[1:]) if reports and all(status in WITHDRAWN for status in reports) else ""

    def _note_modifiers(self, observation: Resource, resources: Resources) -> None:
        """Note extensions that change what an Observation, its components or its reports mean: none is understood."""
        reports = (report.node for report in resources.reports_of(observation))
        for node in (observation.node, *observation.node.at("component").objects(), *reports):
            for extension in node.at("modifierExtension").objects():
                found = plain_text(extension.at("url").text() or "—", SHOWN_CHARACTERS)
                node.faults.add("answers.fhir_modifier", extension.where, found=found)

    def _cases(self, observation: Resource, resources: Resources, entries: Entries) -> Sequence[Named]:
        """The cases that an Observation is about: those of its study, on its side."""
        node = observation.node
        ids = resources.ids_of(observation)
        if len(ids) != 1:
            key = "answers.fhir_no_subject" if not ids else "answers.fhir_several_subjects"
            node.faults.add(key, node.where, found=", ".join(sorted(ids)) or "—")
            return ()
        return self._on_its_side(node, entries.cases_of(ids.pop(), node.where), entries)

    def _on_its_side(self, node: Node, found: Sequence[Named], entries: Entries) -> Sequence[Named]:
        """The cases whose laterality is that of the body site; where none is, each of them has a wrong answer."""
        site = node.at("bodySite")
        qualifiers = [each.at("valueCodeableConcept") for each in site.at("extension").objects()]
        codes = [code for concept in (site, *qualifiers) for code in codes_of(concept)]
        said = {self.sides[code] for code in codes if code in self.sides}
        if len(said) != 1 or not found:
            return found
        side = said.pop()
        of = {named: entries.keys[named.case_id].case.laterality for named in found}
        agreeing = [named for named in found if side == "B" or of[named] in ("", "B", side)]
        if not agreeing:
            for named in found:
                entries.fail(named, f"laterality {side} of a case that is {of[named]} ({node.where})")
        return agreeing

    def _findings(self, node: Node) -> list[Found]:
        """(what has the value, finding) of an Observation and its components."""
        own = self._finding(node)
        found = [] if own is None else [(node, own)]
        for part in node.at("component").objects():
            if own is not None and any(code in self.score_codes for code in codes_of(part.at("code"))):
                continue
            finding = self._finding(part, is_part=True)
            if finding is not None:
                found.append((part, finding))
        return found

    def _finding(self, node: Node, *, is_part: bool = False) -> str | None:
        """The finding that a code names; None where it is left out or, with a problem noted, unknown."""
        codes = codes_of(node.at("code"))
        ours = {self.codes[code] for code in codes if code in self.codes}
        if len(ours) == 1:
            return ours.pop()
        if not ours and any(code in self.ignore_codes for code in codes):
            return None
        if not ours and not is_part and self._findings_of_parts(node):
            return None
        known = ", ".join([*self.codes, *self.ignore_codes])
        found = ", ".join(code for code in codes if "|" in code) or ", ".join(codes) or "—"
        node.faults.add("answers.fhir_code", node.where, found=plain_text(found, SHOWN_CHARACTERS), known=known)
        return None

    def _findings_of_parts(self, node: Node) -> bool:
        """Whether an Observation is only the frame of components that name findings."""
        parts = [codes_of(part.at("code")) for part in node.at("component").objects()]
        return not _values(node) and any(code in self.codes for codes in parts for code in codes)

    def _observation(self, node: Node, findings: Sequence[Found], named: Named, entries: Entries) -> None:
        for part, finding in findings:
            scores = [*self._score_parts(node)] if part is node else []
            self._value(part, finding, scores, named, entries)

    def _score_parts(self, node: Node) -> Iterator[Node]:
        for part in node.at("component").objects():
            if any(code in self.score_codes for code in codes_of(part.at("code"))):
                yield part

    def _value(self, node: Node, finding: str, scores: Sequence[Node], named: Named, entries: Entries) -> None:
        """The value of an Observation or component, with its score apart where a component holds it."""
        values = [*_values(node), *(value for part in scores for value in _values(part))]
        quantities = [value for kind, value in values if kind == "valueQuantity"]
        words = [word for kind, value in values if kind in WORDS for word in self._words(kind, value)]
        if self.interpretation == "label":
            for each in node.at("interpretation").objects():
                words += self._words("valueCodeableConcept", each)
        other = [value for kind, value in values if kind not in (*WORDS, "valueQuantity")]
        for value in other:
            value.note("answers.fhir_value_kind")
        if len(quantities) > 1 or len({self._label(word) for word in words}) > 1:
            entries.fail(named, f"two answers: several values of {finding} ({node.where})")
            return
        if (quantities or words) and any("dataAbsentReason" in each for each in (node, *scores)):
            entries.fail(named, f"two answers: a value of {finding} and a reason why it is absent ({node.where})")
            return
        score = self._quantity(quantities[0]) if quantities else None
        word = words[0] if words else None
        if score is not None or word is not None:
            entries.say(named, node.where, finding=finding, score=score, label=word)
        elif not values:
            self._absence(node, finding, named, entries)

    def _quantity(self, value: Node) -> float | None:
        """A score in the unit that was declared; a problem is noted where it is in another one."""
        if "comparator" in value:
            value.at("comparator").note("answers.fhir_comparator")
        units = UNITS.get(self.score_unit)
        unit, system = value.at("code").text(), value.at("system").text()
        if units is not None and (unit not in units or system not in ("", UCUM)):
            found = unit or value.at("unit").text() or "—"
            value.faults.add("answers.fhir_unit", value.where, found=found, known=" | ".join(units))
        number = value.at("value").number()
        if number is None and "value" not in value:
            value.at("value").note("answers.expected_number")
        return number

    def _words(self, kind: str, value: Node) -> list[str]:
        """The codes and texts of ``labels`` that a value has; a problem is noted where it has none."""
        if kind == "valueBoolean":
            texts: Sequence[str] = ("true" if value.value is True else "false",)
        elif kind == "valueString":
            texts = (value.text(),)
        else:
            texts = (*codes_of(value), value.at("text").text())
        known = {word for words in self.labels.values() for word in words}
        found = [text for text in texts if text in known]
        if not found:
            shown = plain_text(", ".join(text for text in texts if text) or "—", SHOWN_CHARACTERS)
            value.faults.add("answers.fhir_word", value.where, found=shown, known=", ".join(sorted(known)) or "—")
        return found

    def _label(self, word: str) -> str:
        """What a code or text of ``labels`` means."""
        return next(label for label, words in self.labels.items() if word in words)

    def _absence(self, node: Node, finding: str, named: Named, entries: Entries) -> None:
        """No value: by the reason that is given for it, else no output."""
        reason = node.at("dataAbsentReason")
        codes = codes_of(reason)
        if not codes:
            entries.say(named, node.where, finding=finding, status="failed", reason="no output")
            return
        status = next((self.absent[code] for code in codes if code in self.absent), None)
        if status is None:
            found, known = ", ".join(codes), ", ".join(self.absent) or "—"
            reason.faults.add("answers.fhir_absent", reason.where, found=found, known=known)
            return
        why = reason.at("text").text() or codes[-1]
        entries.say(named, node.where, finding=finding, status=status, reason=why)


def _values(node: Node) -> list[tuple[str, Node]]:
    """The members value[x] of a resource that are there."""
    members = node.value if isinstance(node.value, dict) else {}
    return [(key, node.at(key)) for key in members if key.startswith("value") and key in node]


def _whole_file(path: Path, name: str, encoding: str, faults: Faults) -> Iterator[Node]:
    yield read_json(path, name, encoding, faults)


def _set_aside(aside: Sequence[tuple[Named, str, str]], answered: set[str], entries: Entries) -> None:
    """Observations that do not count are told with the answer of their case; where they are all, there is none."""
    for named, where, why in aside:
        if named.case_id in answered:
            entries.remark(named, why)
        else:
            entries.decline(named, where, "failed", why)


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of FHIR resources."""
    return [FhirResults]
