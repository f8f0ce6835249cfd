"""A slow moment of the machine fails no test of properties, and CI draws the same examples every time."""

import re
from pathlib import Path

from hypothesis import HealthCheck, settings

from .repository import ROOT

SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("*.py"))}
LEAST_DEADLINE_MS = 20_000


def test_without_asking_for_others_examples_are_the_same_every_time():
    profile = settings.get_profile("same-examples")
    assert (profile.derandomize, profile.deadline) == (True, None)
    assert HealthCheck.too_slow in profile.suppress_health_check
    assert not settings.get_profile("explore").derandomize
    assert settings.get_profile("explore").deadline is None


def test_no_test_of_properties_may_fail_for_being_slow():
    quick, touchy = [], []
    for path, text in SOURCES.items():
        if path == Path(__file__):
            continue
        deadlines = re.findall(r"deadline=([0-9_]+)", text)
        quick += [path.name for each in deadlines if int(each) < LEAST_DEADLINE_MS]
        silenced = re.findall(r"suppress_health_check=\[([^\]]*)\]", text)
        touchy += [path.name for each in silenced if "HealthCheck.too_slow" not in each]
    assert (quick, touchy) == ([], [])
