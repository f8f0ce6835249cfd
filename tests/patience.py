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


def limit_only(monkeypatch: Any, is_to_hang: Callable[[Any], bool]) -> None:
    """Let only requests that are to hang feel the limit of a run of this process; all others have time enough."""
    from dmn_bench.execution.worker import Child

    asked = Child.ask_together

    def ask_together(self: Any, requests: Any) -> Any:
        limited = self._settings
        if not any(is_to_hang(request) for request in requests):
            self._settings = replace(limited, seconds_per_case=max(limited.seconds_per_case, PATIENCE))
        try:
            return asked(self, requests)
        finally:
            self._settings = limited

    monkeypatch.setattr(Child, "ask_together", ask_together)
