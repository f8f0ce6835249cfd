"""The objects that a device made for one case, read into one answer as a candidate would write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputFileError
from ..hookspecs import KnownImage
from ..wordings import say_problem
from .dicom_cases import CasesOfSet
from .dicom_matching import every_code, speaking_for
from .dicom_questions import refuse_undeclared
from .dicom_rules import DicomRules, ResultError, RuleNeeded, TextRule
from .dicom_statements import Hearing
from .finding_codes import refuse_unknown

if TYPE_CHECKING:
    from ..inputs.result_content import ResultObject

__all__ = [
    "DicomRules",
    "KnownImage",
    "ResultError",
    "RuleNeeded",
    "TextRule",
    "answer_from_objects",
    "answer_from_results",
]


def answer_from_objects(paths: Sequence[Path], known: Sequence[KnownImage], rules: DicomRules) -> dict[str, object]:
    """What the objects in these files say of one case, as a candidate would answer.

    ``known``: every image of the case, under the names that the answer is to use; an object may refer to them by UID
    alone. Raises ResultError if the case fails: a file cannot be read, nothing was said, something was said twice or
    of an unknown instance, or a rule is missing.
    """
    from ..inputs.result_objects import is_directory, read_result

    results, faults = [], []
    for path in paths:
        try:
            if not is_directory(path):
                results.append(read_result(path))
        except InputFileError as error:
            faults += [say_problem(replace(problem, where=path.name), "en") for problem in error.problems]
    if faults:
        raise ResultError("objects cannot be read: " + " ".join(faults))
    return answer_from_results(results, known, rules)


def answer_from_results(
    results: Sequence[ResultObject],
    known: Sequence[KnownImage],
    rules: DicomRules,
    cases: CasesOfSet | None = None,
    place: int = 0,
) -> dict[str, object]:
    """``answer_from_objects`` for objects that were read, of the case at ``place`` among those of a set."""
    speaking = speaking_for(results, cases or CasesOfSet([known]), place, rules)
    refuse_unknown(every_code(speaking.results, rules), rules)
    refuse_undeclared(speaking.results, rules)
    hearing = Hearing(known, rules, speaking)
    for result in speaking.results:
        try:
            hearing.hear(result)
        except RuleNeeded:
            raise
        except ResultError as error:
            raise ResultError(f"{_WORDS[result.kind]}: {error.reason}") from error
    return hearing.answer()


_WORDS = {
    "measurements": "measurement report",
    "cad": "CAD report",
    "text": "text report",
    "graphics": "presentation state",
    "segmentation": "segmentation",
    "contours": "structure set",
}
