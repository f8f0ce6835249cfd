"""Fenced blocks of the documentation and the marks above them.

A mark is an HTML comment on the line before a block, which no reader sees:

``<!-- run -->``                    the block is run: each ``$ `` line of a console block, or a whole Python script
``<!-- run, exit: 2 -->``           likewise, and the last command leaves with this exit code
``<!-- run, answers: a | b -->``    likewise, and these lines are typed when it asks
``<!-- file: wrist/a.csv -->``      the block is written to this file before the next one is run
``<!-- no-run: reason -->``         the block is shown only

What a console block shows besides its commands is looked for in their output, blanks apart; ``…`` stands for anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = (
    "tutorial",
    "candidates",
    "reference-sets",
    "protocols",
    "running",
    "statistics",
    "security",
    "glossary",
    "vendor-kit",
)
"""Pages of which every block must carry a mark."""

PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
OUR_PAGES = [ROOT / "docs" / f"{name}.md" for name in OURS]

_FENCE = re.compile(r"^```([\w-]*)[^\n]*\n(.*?)^```[ ]*$", re.DOTALL | re.MULTILINE)
_OPTION = re.compile(r"\b(exit|answers): (\d+(?=,|$)|.*)")  # the answers may hold commas and come last
_MARK = re.compile(r"<!--\s*(run|file|no-run)\b(.*?)-->\s*\Z", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block. ``mark``: run, file, no-run, or "" without one; ``said``: what the mark says after its name."""

    page: Path
    line: int
    language: str
    text: str
    mark: str = ""
    said: str = ""
    options: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """Page and line, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found, before = [], 0
    for fence in _FENCE.finditer(text):
        mark = _MARK.search(text[before : fence.start()])
        before = fence.end()
        name, said = (mark[1], mark[2].strip(" ,:\n")) if mark else ("", "")
        found.append(
            Block(
                page=page,
                line=text.count("\n", 0, fence.start()) + 1,
                language=fence[1],
                text=fence[2],
                mark=name,
                said=said,
                options=dict(_OPTION.findall(said)) if name == "run" else {},
            )
        )
    return found


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """(command, lines that its output must show) of a console block; a trailing backslash continues a command."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if found and found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (found[-1][0][:-1].rstrip() + " " + line.strip(), [])
        elif line.startswith("$ "):
            found.append((re.sub(r"\s+#.*$", "", line[2:]), []))
        elif line.strip():
            if not found:
                raise ValueError(f"{block.where}: output before the first command")
            found[-1][1].append(line)
    return found


def shows(output: str, line: str) -> bool:
    """Whether some line of the output holds the line, blanks apart and ``…`` for anything.

    >>> shows("a   met  23/30 [57.7, 90.1]", "a met … [57.7, 90.1]")
    True
    """
    parts = [r"\s+".join(re.escape(word) for word in part.split()) for part in line.split("…")]
    return re.search(".*?".join(parts).replace(r"\s+", r"[^\S\n]+"), output) is not None
