"""What recordings are like, entered into cases.csv as strata before a set is locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DmnBenchError, InputFileError, Problem, ReferenceSetError, collect
from ..files import write_atomically
from ..hookspecs import Reader, StreamingReader
from ..inputs.recordings import annotations_of
from ..inputs.requests import file_path, find_reader
from ..inputs.signal_quality import COLUMNS, columns_of_blocks
from ..reference_set.card import Card, read_card
from ..reference_set.csv_rows import Problems, Table
from ..reference_set.lock import LOCK, read_lock
from ..reference_set.rows import SHAPES
from ..vocabulary import Beats, Signals
from .importing import alone, csv_text

SAVED_EVERY = 25  # cases
_EDGES: Mapping[str, str] = {
    "recording_seconds": "[60, 3600]",
    "heart_rate": "[50, 100]",
    "signal_quality": "[0.5, 0.8]",
}
"""Where the numbers among COLUMNS are cut in the lines for the card; a keeper may cut elsewhere."""

Row = dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalSummary:
    """What was entered. ``n_known``: cases that had their columns already; ``n_other``: cases without a recording.

    ``filled``: those of COLUMNS that have a value in some case. ``problems``: cases that could not be read, left empty.
    """

    n_described: int
    n_known: int
    n_other: int
    filled: tuple[str, ...]
    problems: tuple[Problem, ...]


def add_signal_columns(
    root: Path,
    *,
    readers: Sequence[Reader],
    again: bool = False,
    on_case: Callable[[int, int], None] = lambda *_: None,
) -> SignalSummary:
    """Describe every recording of the set in ``root`` and enter COLUMNS into its cases.csv; ``on_case``: (done, all).

    The table is written anew, whole, now and then and at the end: what was cut short goes on where it stopped. Cases
    with ``recording_hz`` count as described, unless ``again``. What cannot be known leaves a cell as it was.
    Raises ReferenceSetError if the set is locked in its present version or cases.csv cannot be read, MachineError if
    another command is changing the set.
    """
    card = read_card(root)
    if (root / LOCK).exists() and read_lock(root).get("version") == card.version:
        facts = {"found": card.version}
        raise ReferenceSetError(Problem(key="signal_strata.set_is_locked", where=str(root), facts=facts))
    with alone(root):
        return _Work(root, card, readers, again=again).done(on_case)


class _Work:
    def __init__(self, root: Path, card: Card, readers: Sequence[Reader], *, again: bool) -> None:
        self.root, self.readers, self.again = root, readers, again
        self.annotator = card.reference_standard.wfdb_annotator
        self.columns, self.rows = _read(root)
        self.problems: list[Problem] = []
        self.n_described = self.n_known = self.n_other = 0

    def done(self, on_case: Callable[[int, int], None]) -> SignalSummary:
        """Go through all rows; what is entered is saved even if the user stops."""
        unsaved = 0
        try:
            for place, row in enumerate(self.rows, start=1):
                unsaved += self._took(row)
                if unsaved >= SAVED_EVERY:
                    self._save()
                    unsaved = 0
                on_case(place, len(self.rows))
        finally:
            if unsaved:
                self._save()
        return SignalSummary(
            n_described=self.n_described,
            n_known=self.n_known,
            n_other=self.n_other,
            filled=tuple(column for column in COLUMNS if any(row.get(column) for row in self.rows)),
            problems=tuple(self.problems),
        )

    def _took(self, row: Row) -> bool:
        """Whether anything was entered."""
        if row.get("recording_hz") and not self.again:
            self.n_known += 1
            return False
        try:
            found = self._described(row)
        except DmnBenchError as error:
            if not isinstance(error, InputFileError | ReferenceSetError):
                raise  # the machine's or an extension's: not of this file
            facts = {"case": row["case_id"]}
            self.problems += [Problem(key=p.key, where=p.where, facts={**facts, **p.facts}) for p in error.problems]
            return False
        if found is None:
            self.n_other += 1
            return False
        row.update({column: value for column, value in found.items() if value})
        self.n_described += 1
        return True

    def _described(self, row: Row) -> Mapping[str, str] | None:
        """The columns of one case; None if none of its files is a recording."""
        recordings = []
        for written in filter(None, (part.strip() for part in row["files"].split(";"))):
            path = file_path(written, self.root)
            reader = find_reader(path, self.readers)
            if reader.gives == "signals":
                recordings.append((path, reader))
        if not recordings:
            return None
        if len(recordings) > 1:
            raise ReferenceSetError(Problem(key="inputs.several_recordings", where=row["case_id"]))
        path, reader = recordings[0]
        header = reader.header(path)
        return columns_of_blocks(_blocks(path, reader), self._beats(path), header=header)

    def _beats(self, path: Path) -> Beats | None:
        """The reference annotations; None where the set has none or not for this recording."""
        if self.annotator is None:
            return None
        try:
            return annotations_of(path, self.annotator, self.readers)
        except InputFileError as error:
            if all(problem.key == "inputs.annotations_missing" for problem in error.problems):
                return None
            raise

    def _save(self) -> None:
        columns = [*self.columns, *(column for column in COLUMNS if column not in self.columns)]
        write_atomically(self.root / "cases.csv", csv_text(columns, self.rows))


def _read(root: Path) -> tuple[tuple[str, ...], list[Row]]:
    problems = Problems()
    table = Table(root / "cases.csv", SHAPES["cases.csv"], problems)
    rows = [dict(row) for _, row in table.rows()]
    collect(problems.all(), ReferenceSetError)
    return table.columns, rows


def _blocks(path: Path, reader: Reader) -> Iterator[Signals]:
    if isinstance(reader, StreamingReader):
        yield from reader.blocks(path)
        return
    signals = reader.read(path)[1]
    if signals is not None:
        yield signals


def card_lines(filled: Sequence[str]) -> str:
    """The lines that make these columns strata, to be put into the card.

    >>> print(card_lines(["lead_set", "heart_rate"]))
    strata:
      lead_set: {column: lead_set}
      heart_rate: {column: heart_rate, edges: [50, 100]}
    """
    lines = ["strata:"]
    for column in filled:
        edges = f", edges: {_EDGES[column]}" if column in _EDGES else ""
        lines.append(f"  {column}: {{column: {column}{edges}}}")
    return "\n".join(lines)
