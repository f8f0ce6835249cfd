"""FHIR resources by what they refer to: which imaging study or case an Observation is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .result_json import Node

DICOM_UID = "urn:dicom:uid"
OID = "urn:oid:"
ACCESSION = "ACSN"  # of the table of identifier types, v2-0203
SUBJECTS = ("derivedFrom", "focus", "partOf", "basedOn")  # of an Observation, beside its reports
OF_A_REPORT = ("imagingStudy", "study", "basedOn")  # R4, R5, both


class Resource(NamedTuple):
    """A resource and the Bundle, or else the file or line, that it came in: references mean those beside it first."""

    node: Node
    scope: str

    @property
    def kind(self) -> str:
        """Its type: "Observation"."""
        return self.node.at("resourceType").text()

    @property
    def name(self) -> str:
        """How it is referred to: "Observation/o1", "Observation/—" where it has no id."""
        return f"{self.kind}/{self.node.at('id').text() or '—'}"


class Resources:
    """The resources of all files. ``kind``: of ids that are looked for; ``identifier_system``: that of case ids."""

    def __init__(self, kind: str, identifier_system: str | None) -> None:
        self._kind = kind
        self._identifier_system = identifier_system
        self._all: list[Resource] = []
        self._named: dict[str, list[Resource]] = {}
        self._reports_of: dict[int, list[Resource]] = {}  # id of an Observation's node -> its reports

    def take(self, root: Node) -> None:
        """Take in a Bundle, a list of resources or one resource; what is none of these is a problem."""
        if isinstance(root.value, list):
            for node in root.objects():
                self.take(node)
            return
        kind = root.at("resourceType").text() if isinstance(root.value, dict) else ""
        if kind == "Bundle":
            for entry in root.at("entry").objects():
                if "resource" in entry:
                    self._take_one(Resource(entry.at("resource"), root.where), entry.at("fullUrl").text())
        elif kind:
            self._take_one(Resource(root, root.where), "")
        else:
            root.note("answers.fhir_no_resource")

    def link(self) -> None:
        """Find the Observations that reports name as their results; a report that names none is a problem."""
        for report in self._all:
            if report.kind != "DiagnosticReport":
                continue
            references = [*report.node.at("result").objects()]
            if not references:
                report.node.note("answers.fhir_report_without_results")
            for reference in references:
                found = self._found(reference.at("reference").text(), report)
                if found is None:
                    reference.note("answers.fhir_result_missing")
                else:
                    self._reports_of.setdefault(id(found.node.value), []).append(report)

    def observations(self) -> list[Resource]:
        """Every Observation, in the order of the files."""
        return [resource for resource in self._all if resource.kind == "Observation"]

    def reports_of(self, observation: Resource) -> list[Resource]:
        """The reports that name an Observation as a result."""
        return self._reports_of.get(id(observation.node.value), [])

    def ids_of(self, observation: Resource) -> set[str]:
        """The ids of the kind looked for that an Observation, or else a report of which it is a result, refers to."""
        found = set(self._ids_through(observation, SUBJECTS))
        for report in () if found else self.reports_of(observation):
            found |= set(self._ids_through(report, OF_A_REPORT))
        return found

    def _take_one(self, resource: Resource, full_url: str) -> None:
        self._all.append(resource)
        for name in {resource.name, full_url} - {""}:
            named = self._named.setdefault(name, [])
            if any(other.scope == resource.scope for other in named) and not name.endswith("/—"):
                resource.node.faults.add("answers.fhir_doubled", resource.node.where, found=name)
            named.append(resource)

    def _ids_through(self, resource: Resource, members: tuple[str, ...]) -> Iterator[str]:
        yield from self._own_ids(resource)
        for key in members:
            for reference in _listed(resource.node.at(key)):
                yield from self._identified(reference.at("identifier"), is_study=True)
                target = self._found(reference.at("reference").text(), resource)
                if target is not None:
                    yield from self._own_ids(target)

    def _found(self, reference: str, by: Resource) -> Resource | None:
        """The resource that a reference means: contained, in the same Bundle, or the only one of the name."""
        if reference.startswith("#"):
            inner = [node for node in by.node.at("contained").objects() if node.at("id").text() == reference[1:]]
            return Resource(inner[0], by.scope) if len(inner) == 1 else None
        short = "/".join(reference.partition("/_history/")[0].split("/")[-2:])
        named = self._named.get(reference) or self._named.get(short) or []
        beside = [resource for resource in named if resource.scope == by.scope] or named
        return beside[0] if len(beside) == 1 else None

    def _own_ids(self, resource: Resource) -> Iterator[str]:
        """The ids that a resource carries itself."""
        node, kind = resource.node, resource.kind
        for identifier in _listed(node.at("identifier")):
            yield from self._identified(identifier, is_study=kind == "ImagingStudy")
        if kind == "ImagingSelection" and self._kind == "study_instance_uid" and "studyUid" in node:
            yield node.at("studyUid").text().removeprefix(OID)
        if kind == "ImagingSelection" and self._kind == "sop_instance_uid":
            yield from (each.at("uid").text().removeprefix(OID) for each in node.at("instance").objects())

    def _identified(self, identifier: Node, *, is_study: bool) -> Iterator[str]:
        value, system = identifier.at("value").text(), identifier.at("system").text()
        if not value:
            return
        if self._kind in ("study_instance_uid", "sop_instance_uid"):
            if system == DICOM_UID and is_study:
                yield value.removeprefix(OID)
        elif self._kind == "accession_number":
            if ACCESSION in codes_of(identifier.at("type")):
                yield value
        elif system == self._identifier_system:
            yield value


def codes_of(concept: Node) -> list[str]:
    """The codes of a CodeableConcept, each alone and as system|code; a list of concepts gives those of all."""
    found: list[str] = []
    for each in _listed(concept):
        for coding in each.at("coding").objects():
            code, system = coding.at("code").text(), coding.at("system").text()
            found += [f"{system}|{code}", code] if system and code else [code] if code else []
    return found


def _listed(node: Node) -> list[Node]:
    """A list, or the one that stands for it, as entries that are objects."""
    return [node] if isinstance(node.value, dict) else [*node.objects()]
