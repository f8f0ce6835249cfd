"""How a library's trouble with a file becomes one InputFileError: no warning leaks, nothing crashes."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import Fact, InputFileError, Problem

# What pydicom, wfdb, Pillow and NumPy have been seen to raise on damaged files; a fault of ours outside these shows.
LIBRARY_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

MOST_DECODED_BYTES = 2 << 30
"""No file may ask for more memory than this when decoded: 2 GiB."""


def fault(path: Path, key: str, **facts: Fact) -> InputFileError:
    """One thing wrong with one file, ready to be raised."""
    return InputFileError(Problem(key=f"inputs.{key}", where=str(path), facts=facts))


@contextmanager
def reading(path: Path, key: str, faults: tuple[type[Exception], ...] = LIBRARY_FAULTS) -> Iterator[None]:
    """What a library raises inside, of the kinds in ``faults``, becomes InputFileError; its warnings are silenced.

    Only the kind of the library's error goes into the facts: its text may quote the file, and so a patient. The error
    itself stays reachable as ``__cause__``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except faults as error:
            raise fault(path, key, found=type(error).__name__) from error


def keys_of(check: Callable[[], object]) -> Sequence[str]:
    """The wording keys of what ``check`` raises about the file, () when it raises nothing.

    A MachineError goes through: a missing decoder says nothing about the file.
    """
    try:
        check()
    except InputFileError as error:
        return tuple(problem.key for problem in error.problems)
    return ()
