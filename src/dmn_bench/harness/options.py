"""How a run is carried out, and how far it is: nothing here changes a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..errors import Problem

Item = TypeVar("Item")


class Shard(NamedTuple):
    """Part ``k`` of ``n``, from 1: what one job of several asks, on machines that do not know of each other."""

    k: int
    n: int

    def of(self, cases: Sequence[Item]) -> Sequence[Item]:
        """Every n-th case, by its place in cases.csv, so that the parts are of equal size.

        >>> Shard(2, 3).of("abcdefgh")
        'beh'
        """
        return cases[self.k - 1 :: self.n]

    def __str__(self) -> str:
        return f"{self.k}/{self.n}"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """Where a run is kept and who works for it.

    ``answers_dir``: None for ``answers`` beside the run, or within it for a shard. ``workers``: children of a candidate
    on this machine, None for as many as processors and memory allow. ``scheduler``: address of a Dask scheduler whose
    workers put the questions instead; ``send_files``: they get the files with the questions, having no shared folder.
    """

    run_dir: Path
    answers_dir: Path | None = None
    workers: int | None = None
    resume: bool = False
    shard: Shard | None = None
    scheduler: str | None = None
    send_files: bool = False

    @property
    def answers_folder(self) -> Path:
        """Where the ledgers are."""
        beside = self.run_dir.parent if self.shard is None else self.run_dir
        return self.answers_dir or beside / "answers"


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far the asking of one candidate is; ``notice``: something that the user should know now."""

    candidate: str
    done: int
    total: int
    failed: int
    notice: Problem | None = None
