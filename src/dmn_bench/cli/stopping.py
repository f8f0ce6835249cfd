"""Ctrl-C and SIGTERM: both end a command the same way, with a sentence and the exit code of something unfinished."""

from __future__ import annotations

import signal
import threading
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)  # the second is sent by batch systems and at shutdown


class Stopped(KeyboardInterrupt):
    """The user, or the system, wants the command to end.

    Not KeyboardInterrupt itself: where that passes through code that is made at run time, as dataclasses are, Python
    remembers it and ends by the signal instead of our exit code.
    """


def heed() -> None:
    """From now on these signals raise Stopped in the main thread."""

    def stop(_: int, __: FrameType | None) -> None:
        raise Stopped

    _all_do(stop)


def ignore() -> None:
    """From now on they change nothing: what was to be done is done, and only the exit code is left to give."""
    _all_do(signal.SIG_IGN)


def _all_do(handler: signal._HANDLER) -> None:
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            signal.signal(number, handler)
