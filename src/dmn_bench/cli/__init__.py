"""Words typed at a terminal: the commands, their language, their exit codes. What is heavy loads in a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import DmnBenchError, Interrupted, Problem, ProtocolError
from ..vocabulary import Language
from ..wordings import LANGUAGES, say, say_problem

if TYPE_CHECKING:
    import typer

COMMANDS = (
    "demo",
    "run",
    "status",
    "merge",
    "report",
    "compare",
    "protocol",
    "plan",
    "refset",
    "answers",
    "plugin",
    "schema",
    "doctor",
)

STOPPED_BY_TYPER = 130  # what it makes of a KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code: 0 done, 2 input, 3 plugin, 4 stopped, 5 machine."""
    from .stopping import heed, ignore

    heed()
    code = call(list(sys.argv[1:] if arguments is None else arguments))
    ignore()
    sys.exit(code)


def call(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; errors are worded on standard error, all of them together."""
    try:
        language = chosen_language(arguments)
        return _run(build_app(language), list(arguments), language)
    except DmnBenchError as error:
        return _show(error, _environment_language())


def build_app(language: Language) -> typer.Typer:
    """The command line in one language."""
    import importlib

    import typer

    from .french_help import speak_english, speak_french

    (speak_french if language == "fr" else speak_english)()
    app = typer.Typer(help=say("cli.help", language), add_completion=False, rich_markup_mode=None, no_args_is_help=True)

    @app.callback()
    def common(lang: str = typer.Option(None, "--lang", metavar="fr|en", help=say("cli.help.lang", language))) -> None:
        pass

    for name in COMMANDS:
        importlib.import_module(f"{__name__}.{name}").add_to(app, language)
    return app


def chosen_language(arguments: Sequence[str]) -> Language:
    """The language of ``--lang``, wherever it stands, else that of the environment, else English.

    Raises ProtocolError if ``--lang`` names none of ours.
    """
    for index, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name == "--lang":
            asked = value or (arguments[index + 1] if index + 1 < len(arguments) else "")
            for known in LANGUAGES:
                if asked == known:
                    return known
            facts = {"found": asked, "known": ", ".join(LANGUAGES)}
            raise ProtocolError(Problem(key="cli.unknown_language", facts=facts))
    return _environment_language()


def _environment_language() -> Language:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    return "en"


def _run(app: typer.Typer, arguments: list[str], language: Language) -> int:
    import typer
    from typer.exceptions import TyperException
    from typer.main import get_command

    command = get_command(app)
    try:
        result = command.main(_language_first(arguments), prog_name="dmn-bench", standalone_mode=False)
    except DmnBenchError as error:
        return _show(error, language)
    except typer.Abort:  # the end of input, or Ctrl-C, at a question
        return _show(Interrupted(Problem(key="cli.aborted")), language)
    except KeyboardInterrupt:
        return _show(Interrupted(Problem(key="cli.interrupted")), language)
    except TyperException as error:
        return _show_usage(error, language)
    if result == STOPPED_BY_TYPER:
        return _show(Interrupted(Problem(key="cli.interrupted")), language)
    return result if isinstance(result, int) else 0


def _language_first(arguments: list[str]) -> list[str]:
    """``--lang`` is accepted after the command too: it is moved to where the parser expects it."""
    moved: list[str] = []
    rest: list[str] = []
    index = 0
    while index < len(arguments):
        if arguments[index] == "--lang":
            moved += arguments[index : index + 2]
            index += 2
            continue
        (moved if arguments[index].startswith("--lang=") else rest).append(arguments[index])
        index += 1
    return moved + rest


def _show(error: DmnBenchError, language: Language) -> int:
    from typer import echo

    lines = dict.fromkeys(say_problem(problem, language) for problem in error.problems)
    for line in lines:
        echo(line, err=True)
    if len(lines) > 1:
        echo(say("cli.n_problems", language, n=len(lines)), err=True)
    for note in getattr(error, "__notes__", ()):
        echo(note, err=True)
    return error.exit_code


def _show_usage(error: Exception, language: Language) -> int:
    from typer import echo

    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        echo(str(error))
        return 0
    if context is not None:
        echo(context.get_usage(), err=True)
    parameter = getattr(error, "param", None)
    facts = {
        "found": getattr(error, "option_name", None) or (parameter.name if parameter else "") or "",
        "message": (getattr(error, "message", "") or "").replace(". Did you mean", say("cli.did_you_mean", language)),
        "command": context.command_path if context is not None else "dmn-bench",
    }
    key = {"MissingParameter": "cli.missing", "NoSuchOption": "cli.no_such_option", "BadParameter": "cli.bad_value"}
    echo(say(key.get(type(error).__name__, "cli.usage"), language, **facts), err=True)
    return 2
