"""What every recipe does alike: reads tables, writes tables, places files, names paths, obeys the command line."""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import os
import shutil
import string
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLUGINS = HERE.parents[1] / "plugins"  # beside reference_sets, in the repository as in the wheel

Row = Mapping[str, object]
Build = Callable[[Path, Path], None]


class RecipeError(Exception):
    """The folder of public files is not what the recipe needs. Its text names every problem."""


def read_table(
    path: Path, names: Mapping[str, Sequence[str]] | None = None, delimiter: str = ","
) -> list[dict[str, str]]:
    """Rows of a CSV (also .gz) with the columns of ``names`` renamed: our name -> what publishers call it.

    Raises RecipeError if the file is missing, or has none of the names of a column.
    """
    if not path.is_file():
        raise RecipeError(f"{path.name} is missing in {path.parent}. Fetch the public files first (fetch.py).")
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter)
    titles = [title.strip() for title in reader.fieldnames or ()]
    reader.fieldnames = titles
    found = {ours: next((title for title in theirs if title in titles), "") for ours, theirs in (names or {}).items()}
    missing = [f"{' / '.join((names or {})[ours])}" for ours, title in found.items() if not title]
    if missing:
        raise RecipeError(f"{path.name} has no column {'; '.join(missing)}. Its columns are {', '.join(titles)}.")
    return [{**row, **{ours: row[title] for ours, title in found.items()}} for row in reader]


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """A CSV of the named columns; a row may leave columns out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def place_file(source: Path, target: Path) -> None:
    """The file under its new name: a second name of the same bytes where the disk can, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def begin(name: str, target: Path) -> None:
    """The folder of the set with its card, ``NAME.card.yaml``.

    Raises RecipeError if the folder is there and is not empty: a reference set is never written over.
    """
    if target.exists() and any(target.iterdir()):
        raise RecipeError(f"{target} is not empty. Name a new folder for the set.")
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / f"{name}.card.yaml", target / "reference_set.yaml")


def protocol_text(name: str, target: Path, folder: Path, *, source: Path, models: Path | None = None) -> str:
    """``NAME.protocol.yaml`` for a protocol kept in ``folder``, its paths as seen from there.

    ``target``: the set; ``source``: the public files; ``models``: folder of the ONNX files, by default ``source``.
    """
    template = string.Template((HERE / f"{name}.protocol.yaml").read_text(encoding="utf-8"))
    paths = {"reference_set": target, "files": source, "models": models or source, "plugins": PLUGINS}
    return template.substitute({word: relative(path, folder) for word, path in paths.items()})


def relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with "/"."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def command(name: str, build: Build, arguments: Sequence[str] | None = None) -> int:
    """``python NAME.py FILES SET [--protocol FILE]``: build the set, write the protocol beside it; the exit code."""
    parser = argparse.ArgumentParser(description=f"Make the reference set {name} of public files.")
    parser.add_argument("files", type=Path, help="folder of the public files, as fetch.py leaves it")
    parser.add_argument("set", type=Path, help="folder of the reference set, new or empty")
    parser.add_argument("--protocol", type=Path, help="where the protocol is written; by default SET.yaml")
    parser.add_argument("--models", type=Path, help="folder of the ONNX files, where the protocol needs one")
    asked = parser.parse_args(arguments)
    protocol = asked.protocol or asked.set.with_name(f"{asked.set.name}.yaml")
    try:
        build(asked.files, asked.set)
    except RecipeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    protocol.parent.mkdir(parents=True, exist_ok=True)
    text = protocol_text(name, asked.set, protocol.parent, source=asked.files, models=asked.models)
    protocol.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write(
        f"{asked.set}: {count(asked.set)} cases. Now: dmn-bench refset lock {asked.set} && dmn-bench run {protocol}\n"
    )
    return 0


def count(target: Path) -> int:
    """Number of cases of a set."""
    return len(read_table(target / "cases.csv"))


def label(positive: bool) -> str:
    """The word of truth.csv for a yes or no."""
    return "positive" if positive else "negative"
