"""Every sentence a user reads, by key and language.

A key is ``room.name``; the sentences of a room lie in ``<language>/<room>.py`` as ``WORDS`` and are loaded when first
asked for. Placeholders are those of ``str.format``; ``{n:#case|cases}`` writes the word that agrees with the number n
and not the number itself (French: 0 and 1 are singular; English: 1 alone is). ``{kind:@}`` writes the kind of a part,
or the form of a value, in words (``forms``).
"""

from __future__ import annotations

import importlib
import string
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from ..vocabulary import Language
from .forms import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..errors import Problem

LANGUAGES: tuple[Language, ...] = get_args(Language)
ROOMS = (
    "adapters",
    "annotations",
    "answers",
    "adapters_programs",
    "catalogue",
    "cli",
    "compare",
    "consensus",
    "doctor",
    "ecg_import",
    "execution",
    "files",
    "gpu_needs",
    "harness",
    "http_device",
    "inputs",
    "lesions",
    "masks",
    "objects",
    "onnx_places",
    "network",
    "pacs",
    "pacs_import",
    "plan",
    "planned",
    "plugin_kit",
    "plugin_new",
    "protocol",
    "refset",
    "report",
    "report_calibration",
    "report_closing",
    "report_detection",
    "report_ecg",
    "report_ecg_lines",
    "report_frame",
    "report_grading",
    "report_noise",
    "report_pictures",
    "report_probes",
    "report_plain",
    "report_readers",
    "report_results",
    "report_segmentation",
    "report_structures",
    "report_timing",
    "report_why",
    "segmentation",
    "statements",
    "signal_strata",
    "tasks",
)


def say(key: str, language: Language, /, **facts: object) -> str:
    """The sentence of a key in a language, its placeholders filled.

    Raises KeyError if the key is unknown, or a placeholder has no fact: both are our own mistakes.

    >>> say("cli.done", "en")
    'Done.'
    """
    return _Agreeing(language).vformat(words(key.partition(".")[0], language)[key], (), facts)


def say_problem(problem: Problem, language: Language) -> str:
    """A problem as one sentence, led by where it is."""
    text = say(problem.key, language, where=problem.where, **problem.facts)
    return f"{problem.where}: {text}" if problem.where else text


@cache
def words(room: str, language: Language) -> Mapping[str, str]:
    """All sentences of one room in one language."""
    found: Mapping[str, str] = importlib.import_module(f"{__name__}.{language}.{room}").WORDS
    return found


class _Agreeing(string.Formatter):
    def __init__(self, language: Language) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "@":
            return in_words(str(value), words("catalogue", self.language))
        if format_spec.startswith("#"):
            singular, _, plural = format_spec[1:].partition("|")
            is_singular = abs(value) < 2 if self.language == "fr" else value == 1
            return singular if is_singular else plural
        return str(super().format_field(value, format_spec))
