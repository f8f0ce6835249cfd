"""Writes a plan under the `plan` key of a protocol and leaves every other line of the file as it is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Problem, ProtocolError
from ..files import read_yaml, write_atomically
from ..protocol import read_lock

KEY = "plan"


def check_unlocked(path: Path) -> None:
    """Raises ProtocolError if the protocol is locked: its plan was fixed with it."""
    if read_lock(path) is not None:
        raise ProtocolError(Problem(key="plan.locked", where=str(path)))


def store_plan(path: Path, plan: Mapping[str, Any]) -> None:
    """Put ``plan`` under the protocol's key ``plan``; other keys that the plan has already, it keeps.

    Comments and layout outside ``plan`` stay byte for byte. The result is read back before it is written.
    Raises ProtocolError if the protocol is locked, cannot be read, or is not written line by line (block style).
    """
    check_unlocked(path)
    data, _ = read_yaml(path, ProtocolError)
    before = dict(data) if isinstance(data, dict) else {}
    kept = before.get(KEY) or {}
    wanted = {**before, KEY: {**(kept if isinstance(kept, dict) else {}), **plan}}
    text = path.read_bytes().decode("utf-8-sig")
    changed = spliced(text, wanted[KEY])
    if changed is None or _as_data(changed) != wanted:
        raise ProtocolError(Problem(key="plan.not_line_by_line", where=str(path)))
    write_atomically(path, changed)


def spliced(text: str, plan: Mapping[str, Any]) -> str | None:
    r"""The YAML text with its top-level ``plan`` replaced or appended; None where its keys do not start lines.

    >>> print(spliced("id: a\nplan: {n: 1}  # old\n\n# rules\nacceptance: []\n", {"n": 2}), end="")
    id: a
    plan:
      n: 2
    <BLANKLINE>
    # rules
    acceptance: []
    """
    from ruamel.yaml import YAML

    root = YAML(pure=True).compose(text)
    if root is None or root.id != "mapping" or root.flow_style:
        return None
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    starts = [(key.start_mark.line, key.value) for key, _ in root.value]
    first = next((line for line, name in starts if name == KEY), len(lines))
    after = min((line for line, _ in starts if line > first), default=len(lines))
    # blank lines and comments in the first column belong to what follows
    while after > first and (not lines[after - 1].strip() or lines[after - 1].startswith("#")):
        after -= 1
    return "".join([*lines[:first], _dumped({KEY: plan}), *lines[after:]])


def _dumped(value: Mapping[str, Any]) -> str:
    from ruamel.yaml import YAML

    writer = YAML(pure=True)
    writer.width = 118
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(_laid_out(value, 0), stream)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def _laid_out(value: Any, depth: int) -> Any:
    """Keys of the plan start lines, entries of its lists too; an entry without a list of its own is one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if not isinstance(value, dict | list):
        return value
    made: Any = CommentedMap() if isinstance(value, dict) else CommentedSeq()
    if isinstance(value, dict):
        made.update({key: _laid_out(one, depth + 1) for key, one in value.items()})
    else:
        made.extend(_laid_out(one, depth + 1) for one in value)
    inner = value.values() if isinstance(value, dict) else value
    holds_more = any(isinstance(one, list if isinstance(value, dict) else dict) for one in inner)
    if depth >= 2 and not holds_more:
        made.fa.set_flow_style()
    return made


def _as_data(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)
