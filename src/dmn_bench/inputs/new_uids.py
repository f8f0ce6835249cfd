"""The UIDs and numbers of de-identified copies: random, and grouped as the originals were within one request."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


def new_uid() -> str:
    """A random UID under 2.25, from the machine's source of randomness."""
    from pydicom.uid import generate_uid

    return str(generate_uid(prefix=None))


def new_number() -> str:
    """A random number in 16 characters, as a hospital gives to a patient or an examination; it says nothing."""
    return secrets.token_hex(8).upper()


@dataclass(kw_only=True)
class NewUids:
    """One new study of a new patient; series and frames of reference are new too, shared where the originals share one.

    An original that states none shares with nothing but what is written with it in one go (``fallback``).
    """

    study: str = field(default_factory=new_uid)
    patient: str = field(default_factory=new_number)
    examination: str = field(default_factory=new_number)
    _given: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str, original: str, fallback: str) -> str:
        """The new UID for an original one of a kind (series, frame of reference)."""
        return self._given.setdefault((kind, original or fallback), new_uid())

    def next_number(self, series: str) -> int:
        """The number, from 1, of a further object in a new series."""
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return self._numbers[series]


_CURRENT: ContextVar[NewUids | None] = ContextVar("uids of the request being written", default=None)


@contextmanager
def one_study() -> Iterator[None]:
    """All copies written inside, by this thread, are of one new study of one new patient."""
    token = _CURRENT.set(NewUids())
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_uids() -> NewUids:
    """Those of the study being written; outside of ``one_study`` each copy is a study of its own."""
    return _CURRENT.get() or NewUids()
