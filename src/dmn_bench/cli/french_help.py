"""French for what the command-line library says by itself and cannot translate: headings, usage, its own errors."""

from __future__ import annotations

from collections.abc import Sequence

import typer.core
from typer._click.core import Context
from typer._click.formatting import HelpFormatter

PHRASES = {
    "Commands": "Commandes",
    "required": "obligatoire",
    "default: {default}": "par défaut : {default}",
    "No such command {name!r}.": "la commande {name!r} n’existe pas.",
    "Missing command.": "il manque une commande.",
    "Show this message and exit.": "Afficher cette aide.",
}
USAGE = "Utilisation : "


class FrenchFormatter(HelpFormatter):
    """Help pages with a French usage line and help option."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, USAGE if prefix is None else prefix)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """The list of options."""
        super().write_dl([(name, PHRASES.get(about, about)) for name, about in rows], col_max, col_spacing)


def speak_french() -> None:
    """Make the library speak French in this process, which prints in one language only."""
    vars(typer.core)["_"] = lambda text: PHRASES.get(text, text)
    Context.formatter_class = FrenchFormatter


def speak_english() -> None:
    """The library's own words again (a process that runs several commands, as tests do)."""
    vars(typer.core)["_"] = lambda text: text
    Context.formatter_class = HelpFormatter
