"""The smallest legal EDF and ISHNE files, written from their specifications by a program of its own.

Every free field of them holds a name, an id or a date, so that nothing of it may be seen in a copy.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dmn_bench.errors import DmnBenchError
from dmn_bench.wordings import say_problem

SECRETS = (b"Nomfaux", b"Prenomtest", b"H4711", b"1950", b"1947", b"Nomtest", b"fainted")


def an_edf(
    path: Path,
    stored: np.ndarray,
    *,
    labels: Sequence[str] = ("ECG II", "EKG-V1"),
    units: Sequence[str] = ("uV", "mV"),
    limits: Sequence[tuple[str, str]] = (("-3276.8", "3276.7"), ("-5", "5")),
    per_record: Sequence[int] = (250, 250),
    seconds: str = "1",
    kind: str = "EDF+C",
    notes: Sequence[bytes] | None = None,
    **changed: str,
) -> Path:
    """``stored``: [records, samples of a record], as in the file without annotations; two bytes each, three for BDF.

    ``notes``: the annotation signal of each record; by default the times of records that follow each other.
    ``changed``: fields of the header: patient, recording, reserved, n_records, header_bytes.
    """
    family, n_records = kind[:3], len(stored)
    width, low, high = (3, -8388608, 8388607) if family == "BDF" else (2, -32768, 32767)
    signals = [
        (label, unit, *limit, str(low), str(high), n)
        for label, unit, limit, n in zip(labels, units, limits, per_record, strict=True)
    ]
    note_samples = 60
    if "+" in kind:
        signals.append((f"{family} Annotations", "", "-1", "1", str(low), str(high), note_samples))
        if notes is None:
            notes = [f"+{record * float(seconds):g}\x14\x14\0".encode() for record in range(n_records)]
    fields = {
        "patient": "H4711 F 01-MAR-1950 Prenomtest_Nomfaux",
        "recording": "Startdate 02-FEB-2020 H4711 Nomtest Holter_9",
        "reserved": kind if "+" in kind else "",
        "n_records": str(n_records),
        "header_bytes": str(256 * (len(signals) + 1)),
        **changed,
    }
    start = b"\xffBIOSEMI" if family == "BDF" else b"0".ljust(8)
    start += fields["patient"].encode().ljust(80) + fields["recording"].encode().ljust(80) + b"02.02.20" + b"10.11.12"
    for text, n in (("header_bytes", 8), ("reserved", 44), ("n_records", 8)):
        start += fields[text].encode().ljust(n)
    start += seconds.encode().ljust(8) + str(len(signals)).encode().ljust(4)
    for place, n in ((0, 16), (None, 80), (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (None, 80), (6, 8), (None, 32)):
        for signal in signals:
            text = "Prenomtest Nomfaux 1947" if place is None else str(signal[place])
            start += text.encode().ljust(n)
    body = b""
    for record in range(n_records):
        values = stored[record].astype("<i4").tobytes()
        body += b"".join(values[k : k + width] for k in range(0, len(values), 4))
        if notes is not None and "+" in kind:
            body += notes[record].ljust(note_samples * width, b"\0")
    path.write_bytes(start + body)
    return path


def an_ishne(
    path: Path,
    stored: np.ndarray,
    *,
    codes: Sequence[int] = (6, 11),
    nanovolts: Sequence[int] = (2500, 5000),
    hz: int = 200,
    pacemaker: int = 0,
    counted: int | None = None,
    beats: Sequence[tuple[bytes, int]] | None = None,
    first: int = 40,
) -> Path:
    """``stored``: int16 [samples, leads]. ``beats``: labels and steps make an annotation file of it instead."""
    comment = b"Prenomtest Nomfaux fainted at noon"
    n = len(codes)
    block = struct.pack("<iiiih", len(comment), len(stored) if counted is None else counted, 522, 522 + len(comment), 1)
    block += b"Prenomtest".ljust(40, b"\0") + b"Nomfaux".ljust(40, b"\0") + b"H4711".ljust(20, b"\0")
    block += struct.pack("<hh", 2, 1) + struct.pack("<9h", 1, 3, 1950, 2, 2, 2020, 2, 2, 2020)
    block += struct.pack("<3h", 10, 11, 12) + struct.pack("<h", n)
    for values in (codes, (1,) * n, nanovolts):
        block += struct.pack("<12h", *values, *(-9,) * (12 - n))
    block += struct.pack("<h", pacemaker) + b"digital".ljust(40, b"\0") + struct.pack("<h", hz)
    block += b"Nomtest".ljust(80, b"\0") + b"Nomtest 1947".ljust(80, b"\0") + b"H4711".ljust(88, b"\0") + comment
    start = b"ISHNE1.0" if beats is None else b"ANN  1.0"
    body = stored.astype("<i2").tobytes()
    if beats is not None:
        body = struct.pack("<I", first) + b"".join(label + b" " + struct.pack("<H", step) for label, step in beats)
    path.write_bytes(start + struct.pack("<H", binascii.crc_hqx(block, 0xFFFF)) + block + body)
    return path


def outcome(reader: object, path: Path) -> str:
    """Either "read" or the key of the refusal; anything else than a refusal in both languages fails the test."""
    try:
        reader.recognises(path)
        dict(reader.header(path))
        images, signals, _ = reader.read(path)
    except DmnBenchError as error:
        for language in ("en", "fr"):  # raises if a placeholder has no fact
            say_problem(error.problems[0], language)
        return error.problems[0].key
    assert not images
    assert signals.samples.ndim == 2
    return "read"


def cut_everywhere(reader: object, path: Path, n: int = 60) -> None:
    """No part of a file is read as the whole."""
    whole = path.read_bytes()
    for share in np.linspace(0, 0.995, n):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert outcome(reader, path) != "read", f"cut at {share:.1%}"
    path.write_bytes(whole)


def altered_everywhere(reader: object, path: Path, header_bytes: int, n: int = 120) -> None:
    """Bytes changed at random, half of them in the header: read or refused, nothing else."""
    rng = np.random.default_rng(20)
    whole = path.read_bytes()
    for _ in range(n):
        altered = bytearray(whole)
        for _ in range(rng.integers(1, 6)):
            end = len(altered) if rng.random() < 0.5 else min(header_bytes, len(altered))
            altered[rng.integers(end)] = rng.integers(256)
        path.write_bytes(bytes(altered))
        outcome(reader, path)
        reader.problems(path)
    path.write_bytes(whole)
