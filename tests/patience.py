"""How tests deal with time: what must succeed has time enough on a machine that stands still, and nobody sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

PATIENCE = 60.0  # seconds, for what must succeed
SHORT = 0.2  # seconds, for what is never to come


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What ``condition`` returns as soon as it is true, or what it returned last."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def limit_only(monkeypatch: Any, is_to_hang: Callable[[Any], bool], *, seconds: float) -> None:
    """Give requests that are to hang so many seconds each in a run of this process, whatever all others have."""
    from dmn_bench.execution.worker import Child

    asked = Child.ask_together

    def ask_together(self: Any, requests: Any) -> Any:
        usual = self._settings
        if any(is_to_hang(request) for request in requests):
            self._settings = replace(usual, seconds_per_case=seconds)
        try:
            return asked(self, requests)
        finally:
            self._settings = usual

    monkeypatch.setattr(Child, "ask_together", ask_together)
