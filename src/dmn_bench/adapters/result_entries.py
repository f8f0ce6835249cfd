"""What result files of any form have in common: options, and entries heard by the same rules as rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ..errors import CandidateError, Problem
from ..files import path_as_text, sha256_of
from ..hookspecs import CaseKeys
from ..vocabulary import Answer, AskedAnswer, Contour, Mask, Status
from .prediction_answers import Answers, note_unknown_ids, note_whole_file_problems
from .prediction_ids import ID_KINDS, IdRule, Named, id_rule
from .prediction_layout import Layout
from .prediction_rows import Heard, RowReader
from .prediction_rules import LabelWord, Rules
from .prediction_tables import Cell, Faults, Row
from .turned_pictures import UPRIGHT

ScoreUnit = Literal["fraction", "percent", "any"]
TOP_OF: Mapping[ScoreUnit, float] = {"fraction": 1.0, "percent": 100.0}
OF_AN_IMAGE = (
    "sop_instance_uid",
    "file_name",
    "source_file",
)  # ids that name an image, so that every image of a case is needed

PLAIN_COLUMNS = ("case_id", "finding", "score", "label", "status", "reason")
IN_MM = ("x_mm", "y_mm", "z_mm", "diameter_mm", "width_mm", "height_mm", "depth_mm")
MARK_COLUMNS = ("image", "frame", *IN_MM, "diameter", "outline", "x", "y", "width", "height")
COLUMNS = (*PLAIN_COLUMNS, *MARK_COLUMNS)
PLAIN = Layout(id_place=0, named={name: COLUMNS.index(name) for name in PLAIN_COLUMNS[1:]}, titles=COLUMNS)
WITH_MARKS = Layout(
    id_place=0,
    named={name: COLUMNS.index(name) for name in COLUMNS[1:-4]},
    box=tuple(COLUMNS.index(name) for name in COLUMNS[-4:]),
    titles=COLUMNS,
)


class _EntryRow(Row):
    """An entry as a row; ``name`` is its whole place."""

    __slots__ = ()

    @property
    def where(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class ResultFiles:
    """Options that the adapters of result files share. ``path``: from the folder of the protocol or candidate."""

    path: str | tuple[str, ...]
    encoding: str = "utf-8"
    id: Mapping[str, str | int] = field(default_factory=dict)  # {is, pad, strip_suffix}
    score_unit: ScoreUnit = "fraction"  # 0 to 1, 0 to 100 or any scale: a score outside stops the reading
    higher_is: Literal["positive", "negative"] = "positive"  # negative: scores are multiplied by -1
    combine_images: Literal["refuse", "highest"] = "refuse"  # scores for several images of one case
    cases_not_in_set: Literal["refuse", "ignore"] = "refuse"

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """Every case's answer, in the order given; see ``FileAdapter.answers``."""
        faults = Faults()
        rule = id_rule({**self.default_id(), **self.id})
        if rule is None or rule.column is not None:
            faults.add(
                "answers.id_option", ", ".join(self.paths()), found=str(dict(self.id)), known=", ".join(ID_KINDS)
            )
        self.check(faults)
        faults.stop_if_any()
        entries = Entries(cases, self.rules(), rule or IdRule(), self.score_unit, faults)
        self.read_into(entries, base, faults)
        return [AskedAnswer(answer=answer) for answer in entries.answers(cases)]

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file read, by relative path."""
        return {name: sha256_of(path) for name, path in self.files(base)}

    def paths(self) -> Sequence[str]:
        """What the option ``path`` names."""
        return (self.path,) if isinstance(self.path, str) else self.path

    def files(self, base: Path) -> Sequence[tuple[str, Path]]:
        """Every file read, by its relative path; raises CandidateError naming the first that is missing."""
        return [(name, existing(base, name)) for name in self.paths()]

    def default_id(self) -> Mapping[str, str | int]:
        """What the option ``id`` is completed by."""
        return {}

    def check(self, faults: Faults) -> None:
        """Note options that contradict each other."""

    def rules(self) -> Rules:
        """The options as rules of reading, without findings."""
        return Rules(
            decimal=".",
            labels={},
            statuses={},
            empty_words=(),
            wide_values="score",
            units={},
            finding=None,
            findings={},
            ignore_findings=(),
            sign=-1.0 if self.higher_is == "negative" else 1.0,
            boxes="xywh",
            normalised=False,
            all_listed=False,
            score_from_marks=False,
            score_without_marks=0.0,
            combine_images=self.combine_images == "highest",
            ignore_unknown_ids=self.cases_not_in_set == "ignore",
        )

    def read_into(self, entries: Entries, base: Path, faults: Faults) -> None:
        """Read the files and tell ``entries`` everything they say."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class MarkFiles(ResultFiles):
    """Options of result files that hold marks."""

    no_marks: Literal["failed", "negative"] = "failed"  # negative: a listed case without marks was found without any
    score_from_marks: Literal["none", "highest"] = "none"  # highest: of the best mark, as the score of the case
    score_without_marks: float = 0.0  # its score when it has none; not above any mark's

    def rules(self) -> Rules:
        """See ``ResultFiles``."""
        wanted = self.score_from_marks == "highest"
        return replace(super().rules(), score_from_marks=wanted, score_without_marks=self.score_without_marks)


class Entries:
    """Hears what files say entry by entry, and makes one answer of it for each case; see ``RowReader``."""

    def __init__(
        self, cases: Sequence[CaseKeys], rules: Rules, rule: IdRule, score_unit: ScoreUnit, faults: Faults
    ) -> None:
        self.keys: Mapping[str, CaseKeys] = {keys.case.case_id: keys for keys in cases}
        self.rules, self.faults = rules, faults
        self.score_unit: ScoreUnit = score_unit
        self._rule = rule
        self._reader = RowReader(cases, rules, rule, faults)
        self._plain = self._reader.begin(PLAIN)
        self._with_marks = self._reader.begin(WITH_MARKS)
        self._reader.hearing.has_marks = False
        self._seen: dict[str, set[str]] = {}  # case -> images that the files speak of
        self._masks: dict[str, list[Mask]] = {}
        self._contours: dict[str, list[Contour]] = {}
        self._without_marks: set[str] = set()
        self.has_structures = False  # the files have a place for masks and contours

    def with_marks(self) -> None:
        """Say that the files have a place for marks."""
        self._reader.hearing.has_marks = True

    def cases_of(self, text: str, where: str) -> Sequence[Named]:
        """What an id names, () when nothing; an unknown or ambiguous id is kept and stops the scoring."""
        return self._reader.cases_of(text, where)

    def say(self, named: Named, where: str, **said: Cell) -> None:
        """Take in one entry about a case or image: ``said`` holds cells of ``COLUMNS``, none for a case only listed."""
        self._check_score(said.get("score"), where)
        self._see(named)
        cells = dict.fromkeys(COLUMNS) | {"case_id": named.case_id, "image": named.image} | said
        row = _EntryRow(where, 0, tuple(cells.values()))
        has_marks = self._reader.hearing.has_marks
        layout, marks = (WITH_MARKS, self._with_marks) if has_marks else (PLAIN, self._plain)
        self._reader.hear(row, layout, named, marks)

    def say_region(self, named: Named, where: str, mask: Mask, said: Mapping[str, Cell]) -> None:
        """Take in one entry that is a mark with the pixels of its region."""
        before = len(self._heard(named.case_id).marks)
        self.say(named, where, **said)
        heard = self._heard(named.case_id)
        if len(heard.marks) == before + 1:
            last = heard.marks[-1]
            region = replace(mask, structure=last.finding, image=last.image, frame=last.frame)
            heard.marks = (*heard.marks[:-1], replace(last, mask=region))

    def decline(self, named: Named, where: str, status: Status, reason: str) -> None:
        """Take in that the device did not answer a case."""
        self.say(named, where, status=status, reason=reason or None)

    def fail(self, named: Named, reason: str) -> None:
        """Take in that what is said of a case cannot be used: the device's own fault."""
        self._see(named)
        heard = self._heard(named.case_id)
        heard.invalid = heard.invalid or reason

    def remark(self, named: Named, reason: str) -> None:
        """Keep a reason with a case, whatever becomes of it."""
        heard = self._heard(named.case_id)
        if reason not in heard.reasons:
            heard.reasons += (reason,)

    def without_marks(self, named: Named) -> None:
        """Take in that a case has no list of marks, which is not an empty one: it was not said what was found."""
        self._see(named)
        self._without_marks.add(named.case_id)

    def draw(self, named: Named, structure: Mask | Contour) -> None:
        """Take in a mask or contour of a case or image."""
        self._see(named)
        self._heard(named.case_id)
        if isinstance(structure, Mask):
            self._masks.setdefault(named.case_id, []).append(structure)
        else:
            self._contours.setdefault(named.case_id, []).append(structure)

    def image_size(self, named: Named) -> tuple[int, int] | None:
        """Columns and rows of the image named, or of the only one of its case; None where they are not known."""
        keys = self.keys[named.case_id]
        path = named.image if named.image is not None else next(iter(keys.case.files), "")
        return (keys.image_sizes or {}).get(path)

    def picture_turn(self, named: Named) -> int:
        """The orientation mark of the image named, or of the only one of its case; 1 where it is stored upright.

        What names the hospital's files is about them, and not about the upright copies that an import made of them.
        """
        keys = self.keys[named.case_id]
        path = named.image if named.image is not None else next(iter(keys.case.files), "")
        if self._rule.kind == "source_file" and path in (keys.source_turns or {}):
            return (keys.source_turns or {})[path]
        return (keys.picture_turns or {}).get(path, UPRIGHT)

    def one_image(self, named: Named) -> str | None:
        """The image named, or the only one of its case; None where a case of several is named."""
        files = tuple(self.keys[named.case_id].case.files)
        return named.image if named.image is not None or len(files) != 1 else files[0]

    def image_to_name(self, named: Named) -> str | None:
        """The image as an answer names it: only where the case has several."""
        return named.image if len(self.keys[named.case_id].case.files) != 1 else None

    def answers(self, cases: Sequence[CaseKeys]) -> list[Answer]:
        """One answer for each case, in their order. Raises CandidateError with everything noted."""
        hearing = self._reader.hearing
        for case_id, heard in hearing.heard.items():
            missing = self._images_not_seen(case_id)
            if missing and not heard.statuses:
                n = len(self.keys[case_id].case.files)
                heard.invalid = heard.invalid or f"no output for {missing} of {n} images"
        heard_of = set(hearing.heard)
        note_unknown_ids(hearing, self.rules, cases, self._rule, self.faults)
        note_whole_file_problems(hearing, self.rules, self.faults)
        self.faults.stop_if_any()
        maker = Answers(hearing, self.rules, self.faults)
        made = [self._with_structures(self._as_marked(maker.of(keys)), heard_of) for keys in cases]
        self.faults.stop_if_any()
        return made

    def _as_marked(self, answer: Answer) -> Answer:
        if answer.case_id not in self._without_marks or answer.marks != ():
            return answer
        if not (answer.findings or answer.grades or answer.finding_statuses):
            return Answer(case_id=answer.case_id, status="failed", reason="no output")
        return replace(answer, marks=None)

    def _with_structures(self, answer: Answer, heard_of: set[str]) -> Answer:
        case_id = answer.case_id
        if self.has_structures and case_id in heard_of and (answer.status, answer.reason) == ("failed", "no output"):
            answer = Answer(case_id=case_id, status="answered")  # it was looked at, and drawn on or not
        if not self.has_structures or answer.status != "answered":
            return answer
        masks, contours = self._masks.get(case_id, ()), self._contours.get(case_id, ())
        return replace(answer, masks=tuple(masks), contours=tuple(contours))

    def _heard(self, case_id: str) -> Heard:
        return self._reader.hearing.heard.setdefault(case_id, Heard())

    def _see(self, named: Named) -> None:
        if named.image is not None:
            self._seen.setdefault(named.case_id, set()).add(named.image)

    def _images_not_seen(self, case_id: str) -> int:
        """How many images of a case the files are silent about, although they say what is on each image."""
        says_what_is_on_images = self._reader.hearing.has_marks or self.has_structures
        if self._rule.kind not in OF_AN_IMAGE or not says_what_is_on_images:
            return 0
        keys = self.keys[case_id]
        of_kind = (
            keys.case.files if self._rule.kind != "source_file" else filter(None, (keys.source_files or {}).values())
        )
        return len(set(of_kind) - self._seen.get(case_id, set()))

    def _check_score(self, score: Cell, where: str) -> None:
        top = TOP_OF.get(self.score_unit)
        if top is None or not isinstance(score, int | float) or abs(score) == float("inf") or score != score:
            return
        if not 0 <= score <= top:
            self.faults.add("answers.score_outside", where, found=score, limit=top, unit=self.score_unit)


def existing(base: Path, name: str) -> Path:
    """The path of a file or folder that an option names. Raises CandidateError if it is not there."""
    path = base / name
    if not path.exists():
        raise CandidateError(Problem(key="adapters.file_missing", where=name))
    return path


def files_below(base: Path, name: str, suffixes: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """A file, or the files of a folder and its subfolders with one of ``suffixes``, by relative path, in order."""
    path = existing(base, name)
    if path.is_file():
        yield name, path
        return
    for found in sorted(path.rglob("*")):
        if found.is_file() and found.suffix.lower() in suffixes:
            yield f"{name.rstrip('/')}/{path_as_text(found.relative_to(path))}", found


def labels_of(labels: Mapping[LabelWord, Sequence[str]], faults: Faults, where: str) -> None:
    """Note every word that has two meanings."""
    words = [word for theirs in labels.values() for word in theirs]
    for word in sorted({word for word in words if words.count(word) > 1}):
        faults.add("adapters.label_word_twice", where, found=word)
