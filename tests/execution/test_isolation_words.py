"""Words of what is in force: each is worded in both languages, none promises what was not applied."""

import pytest

from dmn_bench.execution.isolation import Machine, is_exempt, missing_for, tier_for, tier_of
from dmn_bench.execution.isolation_order import Means, words_for
from dmn_bench.hookspecs import ChildProgram
from dmn_bench.reporting.sections.execution import OF_HOSTS
from dmn_bench.wordings import LANGUAGES, words

BARE = {
    "landlock_abi": 0,
    "has_seccomp": False,
    "user_namespaces": False,
    "bubblewrap": None,
    "bubblewrap_version": "",
    "engines": (),
    "groups": None,
    "sealed": False,
    "namespaced": False,
    "why_not": {},
}
SEALED = {**BARE, "landlock_abi": 7, "has_seccomp": True, "sealed": True}
NAMESPACED = {**SEALED, "bubblewrap": "/usr/bin/bwrap", "namespaced": True}


def program(**fields):
    return ChildProgram(entry="a:B", import_paths=(), options={}, **fields)


PROGRAMS = [
    program(),
    program(gpu=True, environment=("TOKEN",)),
    program(hosts=("a.example:1", "localhost:2")),
    program(where="elsewhere", hosts=("a.example:1", "127.0.0.1:2"), listens=(11112,)),
    program(where="container", engine_protections=("network_blocked",)),
    program(where="container"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("each", PROGRAMS)
@pytest.mark.parametrize("tier", [0, 1, 2, 3])
@pytest.mark.parametrize("abi", [1, 4, 7])
def test_every_word_has_a_sentence(language, each, tier, abi):
    known = words("report_frame", language)
    for word in words_for(each, Means(tier=tier, landlock_abi=abi), network=each.hosts):
        kind, colon, _ = word.partition(":")
        assert f"report_frame.isolation{'_host' if colon else ''}.{kind}" in known, word
        assert not colon or kind in OF_HOSTS


@pytest.mark.parametrize(
    ("has", "fields", "expected"),
    [
        (BARE, {}, 0),
        (SEALED, {}, 1),
        (NAMESPACED, {}, 2),
        (NAMESPACED, {"listens": (11112,)}, 1),
        (NAMESPACED, {"where": "elsewhere"}, 1),
        (NAMESPACED, {"where": "container"}, 0),
        (BARE, {"where": "container", "engine_protections": ("network_blocked",)}, 3),
    ],
)
def test_the_tier_is_that_of_what_is_there(has, fields, expected):
    assert tier_for(program(**fields), Machine(**has)) == expected


def test_a_tier_may_be_forbidden_but_never_raised(monkeypatch):
    monkeypatch.setenv("DMN_BENCH_MOST_TIER", "1")
    assert tier_for(program(), Machine(**NAMESPACED)) == 1
    monkeypatch.setenv("DMN_BENCH_MOST_TIER", "2")
    assert tier_for(program(), Machine(**SEALED)) == 1
    monkeypatch.setenv("DMN_BENCH_MOST_TIER", "all")
    assert tier_for(program(), Machine(**SEALED)) == 1


def test_only_a_device_elsewhere_is_exempt():
    assert [is_exempt(each) for each in PROGRAMS] == [False, False, False, True, False, False]


@pytest.mark.parametrize(("found", "tier"), [(("tier-1", "own_process"), 1), (("tier-2", "tier-1"), 1), ((), 0)])
def test_the_weakest_tier_counts_where_several_were_in_force(found, tier):
    assert tier_of(found) == tier


def test_what_is_missing_is_named():
    assert missing_for(1, Machine(**BARE)) == ("Landlock", "seccomp")
    assert missing_for(2, Machine(**SEALED)) == ("bubblewrap",)
    assert missing_for(2, Machine(**NAMESPACED)) == ()
    refused = {**NAMESPACED, "namespaced": False, "why_not": {2: "no permissions"}}
    assert missing_for(2, Machine(**refused)) == ("bubblewrap: no permissions",)


def test_images_that_leave_the_machine_are_told_from_those_that_stay():
    found = words_for(PROGRAMS[3], Means(tier=1, landlock_abi=7), network=("a.example:1", "127.0.0.1:2"))
    assert found[-2:] == ("images_sent:a.example:1", "images_sent_here:127.0.0.1:2")
    assert "device_elsewhere" in found
