"""`dmn-bench doctor`: every row is worded, what is missing says what to do, and what stops every run is an error."""

import dataclasses
import json
import os
import sqlite3

import pytest

from dmn_bench.cli import call, health
from dmn_bench.execution import isolation, resources
from dmn_bench.wordings import LANGUAGES, words

REQUIRED = ["numpy<3,>=2.2", "pyjpegls<2,>=1.5; extra == 'codecs'", "no-such-codec>=1; extra == 'codecs'"]
GROUPS = ["software", "extras", "decoders", "isolation", "machine", "folder"]

BARE = isolation.Machine(
    landlock_abi=0,
    has_seccomp=False,
    user_namespaces=False,
    bubblewrap="/usr/bin/bwrap",
    bubblewrap_version="0.8.0",
    engines=(),
    groups=None,
    sealed=False,
    namespaced=False,
    why_not={1: "no Landlock", 2: "bwrap: no permissions"},
)


@pytest.fixture
def required(monkeypatch):
    def says(*lines):
        monkeypatch.setattr(health.metadata, "requires", lambda name: list(lines))

    says(*REQUIRED)
    return says


def said(capsys, *words):
    code = call(["doctor", *words])
    out, err = capsys.readouterr()
    return code, out, err


def rows(capsys):
    _, out, _ = said(capsys, "--json", "--lang", "en")
    return {(row["group"], row["name"]): row for row in json.loads(out)["findings"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_healthy_machine_is_shown_group_by_group(capsys, required, language, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, "--lang", language)
    assert (code, err) == (0, "")
    places = [out.index(words("doctor", language)[f"doctor.group.{group}"]) for group in GROUPS]
    assert places == sorted(places)
    assert list(tmp_path.iterdir()) == []


def test_an_extra_that_is_not_whole_says_how_it_is_installed(capsys, required):
    row = rows(capsys)["extras", "codecs"]
    assert row["status"] == "missing"
    assert "pip install 'dmn-bench[codecs]'" in row["mend"]
    assert "no-such-codec" in row["mend"]


def test_a_package_that_every_run_needs_and_is_gone_is_an_error(capsys, required):
    required("no-such-package>=1", "numpy>=2")
    code, out, err = said(capsys, "--lang", "en")
    assert code == 5
    assert "BROKEN" in out
    assert "no-such-package" in err


def test_a_temporary_folder_that_cannot_be_written_is_an_error(capsys, required, monkeypatch):
    monkeypatch.setattr(health.tempfile, "gettempdir", lambda: "/proc/nowhere")
    assert said(capsys, "--lang", "en")[0] == 5


def test_the_tier_is_the_one_that_runs_have(capsys, required, monkeypatch):
    assert rows(capsys)["isolation", "tier"]["found"] == str(isolation.machine().tier)
    monkeypatch.setenv(isolation.MOST_TIER, "0")
    assert rows(capsys)["isolation", "tier"]["found"] == "0"


def test_a_machine_without_protections_says_what_would_raise_each(capsys, required, monkeypatch):
    monkeypatch.setattr(isolation, "machine", lambda: BARE)
    found = {name: row for (group, name), row in rows(capsys).items() if group == "isolation"}
    missing = {name for name, row in found.items() if row["status"] == "missing" and row["mend"]}
    assert {"tier", "landlock", "seccomp", "sealed", "namespaces", "engines"} <= missing
    assert "no permissions" in found["namespaces"]["mend"]


def test_a_folder_without_write_ahead_logs_is_told(capsys, required, monkeypatch):
    monkeypatch.setattr(health, "_journal_of", lambda path: "delete")
    assert rows(capsys)["folder", "ledger"]["status"] == "missing"

    def fails(path):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(health, "_journal_of", fails)
    assert "disk I/O error" in rows(capsys)["folder", "writable"]["mend"]


def test_a_container_engine_without_its_service_is_not_ok(capsys, required, monkeypatch, tmp_path):
    for name, script in (("docker", "echo 'Cannot connect.' >&2; exit 1"), ("podman", "exit 0")):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(isolation, "machine", lambda: dataclasses.replace(BARE, engines=("docker", "podman")))
    found = {name: row for (group, name), row in rows(capsys).items() if group == "isolation"}
    assert (found["docker"]["status"], found["podman"]["status"]) == ("missing", "ok")
    assert "does not answer: Cannot connect. Start" in found["docker"]["mend"]


def test_an_installation_that_names_no_extras_says_so(capsys, required):
    required("numpy>=2")
    row = rows(capsys)["extras", "no_extras"]
    assert row["status"] == "missing"
    assert "Install dmn-bench again" in row["mend"]


def test_units_and_decoders_are_worded(capsys, required, monkeypatch):
    monkeypatch.setattr(resources, "available_memory_mb", lambda: 22.04 * 1024)
    _, out, _ = said(capsys, "--json", "--lang", "fr")
    found = {(row["group"], row["name"]): row for row in json.loads(out)["findings"]}
    assert found["machine", "memory"]["found"] == "22,0 Gio"
    assert found["decoders", "1.2.840.10008.1.2.5"]["what"] == "RLE Lossless (1.2.840.10008.1.2.5)"
    assert found["folder", "ledger"]["found"] == "oui (mode wal)"


def test_graphics_processors_are_listed_or_said_to_be_absent(capsys, required, monkeypatch):
    from dmn_bench.execution import gpu

    for found, status in ((("nvidia0", "nvidia1"), "ok"), ((), "missing")):
        monkeypatch.setattr(gpu, "gpu_devices", lambda found=found: found)
        row = rows(capsys)["machine", "gpu"]
        assert (row["status"], row["found"]) == (status, ", ".join(found) or "-")
        assert ("needs.gpu" in row["mend"]) == (status == "missing")
