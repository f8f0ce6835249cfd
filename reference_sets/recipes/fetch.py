"""Fetches the public files of a recipe: ``python reference_sets/recipes/fetch.py mitdb FOLDER``.

``NAME.files.csv`` says of each file its address, sha256, size and place. A file that is there and right is not fetched
again, a part of one is continued, and nothing gets its name unless its sha256 is the one stated. Where nobody could
state it, the cell is empty: such files are fetched only with ``--unverified``, and what came is printed. A file without
an address is published behind a form: it is put in its place by hand and verified here.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import http.client
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TextIO

HERE = Path(__file__).resolve().parent
BLOCK_BYTES = 1 << 16
SECONDS_WITHOUT_A_BYTE = 60
PART = ".part"
SCHEMES = ("https://", "http://")


class PublicFile(NamedTuple):
    """One file: where it is published, what it is, where it goes (relative, with "/")."""

    address: str  # "" where it cannot be fetched by a program
    sha256: str  # "" where it could not be stated
    n_bytes: int | None
    path: str


class FetchError(Exception):
    """One file could not be had; its text says where, what was expected and found, and what to do."""


def read_list(path: Path) -> list[PublicFile]:
    """The files of a list. Raises FetchError naming every row that is not sound."""
    problems: list[str] = []
    files: list[PublicFile] = []
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            size, sha256 = row["bytes"], row["sha256"]
            place = PurePosixPath(row["path"])
            is_sound = (
                (row["address"].startswith(SCHEMES) or (not row["address"] and sha256))
                and (not sha256 or (len(sha256) == 64 and set(sha256) <= set("0123456789abcdef")))
                and (not size or size.isdecimal())
                and place.parts
                and not place.is_absolute()
                and ".." not in place.parts
            )
            if is_sound:
                files.append(PublicFile(row["address"], sha256, int(size) if size else None, row["path"]))
            else:
                problems.append(f"{path.name}:{line}: no sound row: {', '.join(map(str, row.values()))}")
    if problems:
        raise FetchError("\n".join(problems))
    return files


def fetch_all(files: Sequence[PublicFile], folder: Path, *, unverified: bool, say: Callable[[str], None]) -> list[str]:
    """Fetch every file that is not there yet; the problems, one text each, [] when all are there and right."""
    problems: list[str] = []
    for number, file in enumerate(files, start=1):
        try:
            outcome = fetch(file, folder, unverified=unverified)
        except FetchError as error:
            problems.append(str(error))
            outcome = "FAILED"
        say(f"[{number}/{len(files)}] {file.path}: {outcome}")
    return problems


def fetch(file: PublicFile, folder: Path, *, unverified: bool = False) -> str:
    """Have one file in the folder; what was done.

    Raises FetchError; then no file has that name but one that was there before.
    """
    target = folder / file.path
    part = target.with_name(target.name + PART)
    if target.exists() and (not file.sha256 or sha256_of(target) == file.sha256):
        return "there" if file.sha256 else f"there, sha256 {sha256_of(target)}, not verified"
    if target.exists():
        raise FetchError(
            f"{target}: sha256 is {sha256_of(target)}, {file.sha256} is expected. Move the file away and fetch again."
        )
    if not file.address:
        raise FetchError(f"{target} is missing. It cannot be fetched: docs/public-sets.md says where to ask for it.")
    if not file.sha256 and not unverified:
        raise FetchError(
            f"{file.path}: its sha256 is not known to this list. Fetch it with --unverified and compare it with what "
            f"the publisher states ({file.address})."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    was_continued = part.exists()
    _receive(file, part)
    found = sha256_of(part)
    if file.sha256 and found != file.sha256 and was_continued:  # the beginning was perhaps another file's
        part.unlink()
        _receive(file, part)
        found = sha256_of(part)
    if file.sha256 and found != file.sha256:
        n_bytes = part.stat().st_size
        part.unlink()
        raise FetchError(
            f"{file.address}: sha256 is {found} ({n_bytes} bytes), {file.sha256} is expected. The publisher changed it "
            "or it was damaged on its way, and it was thrown away. Try again, then tell the authors of the list."
        )
    part.replace(target)
    return "fetched" if file.sha256 else f"fetched, sha256 {found}, not verified"


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _receive(file: PublicFile, part: Path) -> None:
    """The rest of a file after what ``part`` holds. Raises FetchError; what came stays for the next time."""
    held = part.stat().st_size if part.exists() else 0
    expected: str | None = None
    received = 0
    if file.n_bytes is not None and held > file.n_bytes:
        part.unlink()
        held = 0
    if held and held == file.n_bytes:
        return
    request = urllib.request.Request(file.address)  # its scheme was checked
    if held:
        request.add_header("Range", f"bytes={held}-")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_WITHOUT_A_BYTE) as response:
            continues = response.status == http.HTTPStatus.PARTIAL_CONTENT
            expected = response.headers.get("Content-Length")
            received = _copy(response, part, "ab" if continues else "wb")
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and held:
                part.unlink()
                _receive(file, part)
                return
            raise FetchError(
                f"{file.address}: the server answers {error.code} {error.reason}. Try again later."
            ) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"{file.address}: {error or type(error).__name__}. Try again: what came is kept.") from error
    if expected is not None and received < int(expected):
        raise FetchError(
            f"{file.address}: {received} bytes came, {expected} were announced. Try again: what came is kept."
        )


def _copy(response: http.client.HTTPResponse, part: Path, mode: str) -> int:
    received = 0
    with part.open(mode) as stream:
        while block := response.read(BLOCK_BYTES):
            stream.write(block)
            received += len(block)
    return received


def known_names() -> list[str]:
    """Names of the recipes that have a list."""
    return sorted(path.name.removesuffix(".files.csv") for path in HERE.glob("*.files.csv"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the files of a recipe; 0 when all are there and right, 2 otherwise, every problem on standard error."""
    parser = argparse.ArgumentParser(description="Fetch the public files of a recipe and verify each of them.")
    parser.add_argument("name", choices=known_names())
    parser.add_argument("folder", type=Path, help="where they go")
    parser.add_argument("--unverified", action="store_true", help="fetch files too whose sha256 is not known")
    asked = parser.parse_args(arguments)
    try:
        files = read_list(HERE / f"{asked.name}.files.csv")
        problems = fetch_all(
            files, asked.folder, unverified=asked.unverified, say=lambda text: print_line(text, sys.stdout)
        )
    except FetchError as error:
        problems = [str(error)]
    for problem in problems:
        print_line(problem, sys.stderr)
    return 2 if problems else 0


def print_line(text: str, stream: TextIO) -> None:
    """One line on a stream, at once."""
    stream.write(f"{text}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
