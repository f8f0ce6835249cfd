"""Whether a package was checked before it was delivered, and is still the one that was checked."""

from __future__ import annotations

from typing import Any

from ..catalogue.packages import PLUGIN_CHECK
from ..catalogue.plugin_check import differences_now, read_plugin_check
from ..errors import CandidateError
from .planned_candidates import Candidate


def pre_test(candidate: Candidate) -> dict[str, Any] | None:
    """What ``plugin-check.json`` in the candidate's package says, and whether the files match; None without a package.

    ``state``: "absent", "unreadable" (or changed after it was written), "matches" or "differs".
    """
    if candidate.entry.package is None:
        return None
    path = candidate.base / PLUGIN_CHECK
    if not path.is_file():
        return {"state": "absent"}
    try:
        checked = read_plugin_check(path)
    except CandidateError:
        return {"state": "unreadable"}
    found = differences_now(checked, candidate.base, candidate.files)
    outcomes = [check.outcome for check in checked.checks]
    return {
        "state": "differs" if found else "matches",
        "n_differences": len(found),
        "passed": outcomes.count("passed"),
        "failed": outcomes.count("failed"),
        "not_applicable": outcomes.count("not_applicable"),
        "suite": checked.suite,
        "dmn_bench": checked.dmn_bench,
        "sha256": checked.sha256,
    }
