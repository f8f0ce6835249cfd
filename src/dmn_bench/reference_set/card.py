"""The card of a reference set, ``reference_set.yaml``: what the set says of itself."""

from __future__ import annotations

import bisect
import datetime
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ..errors import ReferenceSetError
from ..files import validate
from ..vocabulary import NOT_RECORDED, Language
from .consensus import ConsensusRule
from .lesion_sizes import LesionMeasure
from .prevalence import lowest_positive

CARD = "reference_set.yaml"
FORMAT = "dmn-bench/reference-set/1"

Text = Annotated[str, Field(min_length=1, max_length=2000)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]  # a prevalence of none or all leaves nothing to predict

_AGE = re.compile(r"(\d{3})([DWMY])")
_DAYS_PER_YEAR = 365.25
_YEARS = {"D": 1 / _DAYS_PER_YEAR, "W": 7 / _DAYS_PER_YEAR, "M": 1 / 12, "Y": 1.0}


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Finding(_Part):
    """One thing that is looked for. ``code``: "SCHEME:code" of a terminology, as in "SCT:125605004".

    ``unit``: UCUM code in which truth.csv states its numbers; none for labels and grades.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    code: Text | None = None
    unit: Annotated[str, Field(pattern=r"^[!-~]{1,32}$")] | None = None
    title: dict[Language, Text] = {}


class LocalPrevalence(_Part):
    """Share of units with the finding where the device will be used, with its bounds and where it was read.

    ``positive_when``: from which grade on a graded finding was counted, ">= 2". ``unit``: what was counted, where an
    eye, an exam and a patient differ; none: the share is taken for every unit.
    """

    finding: Text
    positive_when: Annotated[str, Field(pattern=r"^\s*(>=|>)\s*\d{1,4}\s*$")] | None = None
    unit: Literal["patient", "exam", "eye", "case"] | None = None
    value: OpenShare
    low: OpenShare | None = None
    high: OpenShare | None = None
    source: Text

    @model_validator(mode="after")
    def _bounds_hold_the_value(self) -> LocalPrevalence:
        low, high = (self.value if bound is None else bound for bound in (self.low, self.high))
        if not low <= self.value <= high:
            raise PydanticCustomError("refset.prevalence_bounds", "low <= value <= high", {"found": self.finding})
        return self

    @property
    def of_what(self) -> str:
        """What it is the share of: two entries that say the same here contradict each other."""
        lowest = lowest_positive(self.positive_when)
        pieces = (self.finding, "" if lowest is None else f">= {lowest}", self.unit or "")
        return " ".join(piece for piece in pieces if piece)


class Incorporation(_Part):
    """Whose output the truth was edited from: agreement of that device with this truth is not its performance.

    ``unchanged``: of ``records``, those that were confirmed word for word.
    """

    what: Literal["machine_statement", "machine_measurement"]
    records: Annotated[int, Field(ge=1)]
    unchanged: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _is_a_share(self) -> Incorporation:
        if self.unchanged > self.records:
            facts = {"found": self.unchanged, "records": self.records}
            raise PydanticCustomError("refset.more_unchanged_than_records", "unchanged <= records", facts)
        return self


class ReferenceStandard(_Part):
    """How the truth was made. ``wfdb_annotator``: file ending of the reference annotations of WFDB records.

    ``consensus``: by which rule the readings of several become the reference. ``from_reports``: the labels were taken
    from reports and not read for the set. ``adjudicated_only_disagreements_with_device``: a case was adjudicated where
    reader and device differed, and nowhere else.
    """

    method: Text
    rule: Text | None = None
    readers: Annotated[int, Field(ge=0)] | None = None
    blinded_to_device: bool | None = None
    wfdb_annotator: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,16}$")] | None = None
    incorporates: tuple[Incorporation, ...] = ()
    consensus: ConsensusRule = ConsensusRule()
    from_reports: bool = False
    adjudicated_only_disagreements_with_device: bool = False


class _Levels(_Part):
    """How values become levels, and how people call the stratum and its levels.

    ``edges``: ascending numbers that cut the values into half-open levels; ``levels``: the only values allowed;
    neither: every value is a level. ``unit``: of the edges, as it is printed. ``level_titles``: level -> its title.
    """

    edges: Annotated[tuple[float, ...], Field(min_length=1)] | None = None
    levels: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    title: dict[Language, Text] = {}
    unit: Annotated[str, Field(pattern=r"^[^\s](?:.{0,30}[^\s])?$")] | None = None
    level_titles: dict[Text, dict[Language, Text]] = {}

    @model_validator(mode="after")
    def _cuts_one_way(self) -> Self:
        if self.edges is not None and self.levels is not None:
            raise PydanticCustomError("refset.stratum_edges_and_levels", "edges or levels", {})
        if self.edges is not None and not _ascend(self.edges):
            raise PydanticCustomError("refset.stratum_edges_ascend", "edges ascend", {})
        if self.unit is not None and self.edges is None:
            raise PydanticCustomError("refset.stratum_unit", "edges", {"found": self.unit})
        known = self.ordered_levels()
        unknown = [level for level in self.level_titles if known and level not in (*known, NOT_RECORDED)]
        if unknown:
            facts = {"found": ", ".join(unknown), "known": ", ".join(known)}
            raise PydanticCustomError("refset.stratum_level_title", "a level", facts)
        return self

    def level(self, value: str) -> str | None:
        """The level of a raw value, NOT_RECORDED for an empty one, None if the value is not allowed.

        With edges (a, b, c) the levels are "<a", "[a, b)", "[b, c)" and ">=c"; a DICOM age such as "045Y" is years.

        >>> [Stratum(column="age", edges=(0, 18, 65)).level(v) for v in ("17.9", "18", "90", "-1", "", "old")]
        ['[0, 18)', '[18, 65)', '>=65', '<0', 'not recorded', None]
        """
        if not value:
            return NOT_RECORDED
        if self.levels is not None:
            return value if value in self.levels else None
        if self.edges is None:
            return value
        number = self._number(value)
        return None if number is None else self.level_of(number)

    def level_of(self, number: float) -> str:
        """The level of a number between the edges; the number itself where there are none.

        >>> LesionStratum.model_validate({"from": "area_px", "edges": (1024.0,)}).level_of(1024.0)
        '>=1024'
        """
        if self.edges is None:
            return f"{number:g}"
        return self._names(self.edges)[bisect.bisect_right(self.edges, number)]

    def ordered_levels(self) -> tuple[str, ...]:
        """Every possible level in its natural order, without NOT_RECORDED; () when any value is a level."""
        return self._names(self.edges) if self.edges is not None else self.levels or ()

    def _number(self, value: str) -> float | None:
        return as_number(value)

    @staticmethod
    def _names(edges: tuple[float, ...]) -> tuple[str, ...]:
        text = [f"{edge:g}" if float(f"{edge:g}") == edge else repr(edge) for edge in edges]
        between = (f"[{low}, {high})" for low, high in itertools.pairwise(text))
        return (f"<{text[0]}", *between, f">={text[-1]}")


class Stratum(_Levels):
    """Where a stratum's value comes from: one of ``column`` (of cases.csv) and ``dicom`` (an attribute's keyword)."""

    column: Text | None = None
    dicom: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{1,63}$")] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.column is None) == (self.dicom is None):
            raise PydanticCustomError("refset.stratum_source", "one of column and dicom", {})
        return self

    def _number(self, value: str) -> float | None:
        if self.dicom == "PatientAge":  # an age without its unit is not an age: "24" may be months
            age = _AGE.fullmatch(value)
            return int(age[1]) * _YEARS[age[2]] if age else None
        return super()._number(value)


class LesionStratum(_Levels):
    """Where a lesion's level comes from: one of ``column`` (of lesions.csv) and ``from`` (measured on its geometry).

    A measure is a number, so that it needs edges. What each of them is: ``lesion_sizes``.
    """

    column: Text | None = None
    measure: Annotated[LesionMeasure | None, Field(alias="from")] = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.column is None) == (self.measure is None):
            raise PydanticCustomError("lesions.stratum_source", "one of column and from", {})
        if self.measure is not None and self.edges is None:
            raise PydanticCustomError("lesions.stratum_edges", "edges", {"found": self.measure})
        return self


class DataProtection(_Part):
    """The legal route under which the set exists, chosen by a person who is named."""

    route: Literal["etude_interne", "mr004", "eds", "not_applicable"]
    register_ref: Text | None = None
    decided_by: Text | None = None
    date: datetime.date | None = None

    @model_validator(mode="after")
    def _somebody_decided(self) -> DataProtection:
        if self.route != "not_applicable" and (self.decided_by is None or self.date is None):
            raise PydanticCustomError("refset.data_protection_decided", "decided_by and date", {"found": self.route})
        return self


class ReidentificationReview(_Part):
    """The last look at whether a person could be recognised in the set, and when the next is due.

    ``images_without_burned_in_text``: whoever is ``reviewed_by`` attests that no words are burned into any image.
    """

    date: datetime.date
    method: Text
    next_due: datetime.date
    reviewed_by: Text | None = None
    images_without_burned_in_text: bool = False

    @model_validator(mode="after")
    def _somebody_attests(self) -> ReidentificationReview:
        if self.images_without_burned_in_text and self.reviewed_by is None:
            raise PydanticCustomError("refset.review_by_nobody", "reviewed_by")
        return self


class Card(_Part):
    """The whole card. A public set is a technical test, never a local validation."""

    format: Literal["dmn-bench/reference-set/1"]
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$")]
    title: Annotated[dict[Language, Text], Field(min_length=1)]
    modality: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,15}$")]
    findings: tuple[Finding, ...]  # none: the set delineates structures alone
    sampling: Literal["consecutive", "random", "enriched", "convenience"]
    local_prevalence: tuple[LocalPrevalence, ...] = ()
    reference_standard: ReferenceStandard
    strata: dict[Text, Stratum] = {}
    lesion_strata: dict[Text, LesionStratum] = {}
    structure_titles: dict[Text, dict[Language, Text]] = {}
    public: bool = False
    data_protection: DataProtection
    reidentification_review: ReidentificationReview | None = None

    @property
    def images_without_burned_in_text(self) -> bool:
        """Whether a named person attests that no words are burned into the images."""
        return self.reidentification_review is not None and self.reidentification_review.images_without_burned_in_text

    @model_validator(mode="after")
    def _names_agree(self) -> Card:
        names = [finding.name for finding in self.findings]
        doubled = _doubled(names)
        if doubled:
            raise PydanticCustomError("refset.finding_doubled", "findings differ", {"found": doubled})
        prevalences = [each.finding for each in self.local_prevalence]
        unknown = sorted(set(prevalences) - set(names))
        if unknown:
            facts = {"found": ", ".join(unknown), "known": ", ".join(names)}
            raise PydanticCustomError("refset.prevalence_of_unknown_finding", "finding known", facts)
        doubled = _doubled(each.of_what for each in self.local_prevalence)
        if doubled:
            raise PydanticCustomError("refset.prevalence_doubled", "one prevalence a finding", {"found": doubled})
        both = ", ".join(name for name in self.lesion_strata if name in self.strata)
        if both:
            raise PydanticCustomError("lesions.stratum_twice", "strata or lesion_strata", {"found": both})
        return self

    def called(self, name: str, language: Language) -> str:
        """The title of a finding or structure, or of a stratum with its unit, and its name: "Weight, kg (weight)"."""
        finding = {one.name: one.title for one in self.findings}
        stratum: Stratum | LesionStratum | None = self.strata.get(name) or self.lesion_strata.get(name)
        of_kind = (self.structure_titles.get(name), finding.get(name), None if stratum is None else stratum.title)
        title = next((titles[language] for titles in of_kind if titles and language in titles), "")
        title = "" if title.casefold() == name.casefold() else title
        pieces = [piece for piece in (title, "" if stratum is None else stratum.unit or "") if piece]
        return f"{', '.join(pieces)} ({name})" if pieces else name

    def level_called(self, field: str, level: str, language: Language) -> str:
        """The title of a level of a stratum and the level itself: "without (0)"."""
        stratum: Stratum | LesionStratum | None = self.strata.get(field) or self.lesion_strata.get(field)
        title = "" if stratum is None else stratum.level_titles.get(level, {}).get(language, "")
        return f"{title} ({level})" if title else level

    @property
    def finding_names(self) -> tuple[str, ...]:
        """Names of the findings, in the order of the card."""
        return tuple(finding.name for finding in self.findings)


def read_card(root: Path) -> Card:
    """The card of the set in the folder ``root``. Raises ReferenceSetError with every problem at its place."""
    return validate(Card, root / CARD, ReferenceSetError)


def as_number(text: str) -> float | None:
    """A finite number written in digits with a decimal point, else None; "nan", "1_0" and "٣" are no numbers.

    >>> as_number("-1.5e3"), as_number("1,5"), as_number("inf")
    (-1500.0, None, None)
    """
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _ascend(edges: tuple[float, ...]) -> bool:
    return all(low < high for low, high in itertools.pairwise(edges))


def _doubled(names: Iterable[str]) -> str:
    return ", ".join(sorted(name for name, n in Counter(names).items() if n > 1))
