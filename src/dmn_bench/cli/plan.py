"""`dmn-bench plan`: how many cases an answer needs, and what the cases at hand can and cannot show."""

from __future__ import annotations

from pathlib import Path

import typer

from ..errors import Problem, ProtocolError
from ..vocabulary import Language
from ..wordings import say
from .plan_options import Help, Made

SEED = 20261121  # that of a protocol which names none


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help=say("plan.help", language), no_args_is_help=True)
    app.add_typer(group, name="plan")
    _add_precision(group, language)
    _add_goal(group, language)
    _add_pairs(group, language)
    _add_calibration(group, language)
    _add_protocol(group, language)


def _add_precision(group: typer.Typer, language: Language) -> None:
    o = Help(language)
    strata, out_file = o.several("stratum"), o.out()

    @group.command("precision", help=say("plan.help.precision", language))
    def precision(  # noqa: PLR0913 - one for each option
        sensitivity: str | None = o.text("sensitivity"),
        specificity: str | None = o.text("specificity"),
        auc: str | None = o.text("auc"),
        half_width: str = o.text("half-width", "…"),
        prevalence: str | None = o.text("prevalence"),
        units_per_patient: str = o.text("units-per-patient", "1"),
        icc: str | None = o.text("icc"),
        non_answers: str = o.text("non-answers", "0"),
        stratum: list[str] = strata,
        confidence: str = o.text("confidence", "0.95"),
        out: Path | None = out_file,
    ) -> None:
        from .plan_sizes import precision_plan

        _show(precision_plan({**locals(), "power": "0.8"}, language), out, language)


def _add_goal(group: typer.Typer, language: Language) -> None:
    o = Help(language)
    strata, out_file = o.several("stratum"), o.out()

    @group.command("goal", help=say("plan.help.goal_command", language))
    def goal(  # noqa: PLR0913 - one for each option
        true: str = o.text("true", "…"),
        goal: str = o.text("goal", "…"),
        power: str = o.text("power", "0.8"),
        prevalence: str | None = o.text("prevalence"),
        units_per_patient: str = o.text("units-per-patient", "1"),
        icc: str | None = o.text("icc"),
        non_answers: str = o.text("non-answers", "0"),
        stratum: list[str] = strata,
        confidence: str = o.text("confidence", "0.95"),
        out: Path | None = out_file,
    ) -> None:
        from .plan_sizes import goal_plan

        _show(goal_plan(dict(locals()), language), out, language)


def _add_pairs(group: typer.Typer, language: Language) -> None:
    o = Help(language)
    strata, out_file = o.several("stratum"), o.out()

    @group.command("non-inferiority", help=say("plan.help.non_inferiority", language))
    def non_inferiority(  # noqa: PLR0913 - one for each option
        margin: str = o.text("margin", "…"),
        only_new: str = o.text("only-new", "…"),
        only_reference: str = o.text("only-reference", "…"),
        power: str = o.text("power", "0.8"),
        seed: int = typer.Option(SEED, "--seed", min=0, help=say("plan.help.seed", language)),
        prevalence: str | None = o.text("prevalence"),
        units_per_patient: str = o.text("units-per-patient", "1"),
        icc: str | None = o.text("icc"),
        non_answers: str = o.text("non-answers", "0"),
        stratum: list[str] = strata,
        confidence: str = o.text("confidence", "0.95"),
        out: Path | None = out_file,
    ) -> None:
        from .plan_pairs import non_inferiority_plan

        _show(non_inferiority_plan(dict(locals()), language), out, language)

    @group.command("superiority", help=say("plan.help.superiority", language))
    def superiority(  # noqa: PLR0913 - one for each option
        only_new: str = o.text("only-new", "…"),
        only_reference: str = o.text("only-reference", "…"),
        power: str = o.text("power", "0.8"),
        prevalence: str | None = o.text("prevalence"),
        units_per_patient: str = o.text("units-per-patient", "1"),
        icc: str | None = o.text("icc"),
        non_answers: str = o.text("non-answers", "0"),
        stratum: list[str] = strata,
        confidence: str = o.text("confidence", "0.95"),
        out: Path | None = out_file,
    ) -> None:
        from .plan_pairs import superiority_plan

        _show(superiority_plan(dict(locals()), language), out, language)


def _add_calibration(group: typer.Typer, language: Language) -> None:
    o = Help(language)

    @group.command("calibration", help=say("plan.help.calibration", language))
    def calibration(prevalence: str = o.text("prevalence", "…")) -> None:
        from .plan_sizes import calibration_plan

        _show(calibration_plan(prevalence, language), None, language)


def _add_protocol(group: typer.Typer, language: Language) -> None:
    o = Help(language)
    hoped_for, truths, out_file = o.several("expected"), o.several("true", "number"), o.out()

    @group.command("protocol", help=say("plan.help.protocol", language))
    def protocol(  # noqa: PLR0913 - one for each option
        path: Path = typer.Argument(metavar="PROTOCOL", help=say("cli.help.protocol_file", language)),
        reference_set: Path | None = typer.Option(None, "--set", help=say("plan.help.set", language)),
        expected: list[str] = hoped_for,
        true: list[str] = truths,
        icc: str = o.text("icc", "1"),
        power: str = o.text("power", "0.8"),
        write: bool = typer.Option(False, "--write", help=say("plan.help.write", language)),
        out: Path | None = out_file,
    ) -> None:
        from .plan_file import check_unlocked, store_plan
        from .plan_protocol import assumed, protocol_plan

        assumptions = assumed({"expected": expected, "true": true, "icc": icc, "power": power, "out": out})
        if write:
            check_unlocked(path)
        made, content = protocol_plan(path, assumptions, reference_set, language)
        _show(made, out, language)
        if write:
            store_plan(path, content)
            typer.echo(say("plan.say.stored", language, path=str(path)))


def _show(made: Made, out: Path | None, language: Language) -> None:
    """Print the tables and the sentences; draw where it was asked for."""
    from .showing import show_grid

    for grid in made.grids:
        show_grid(grid)
    for sentence in made.sentences:
        typer.echo(sentence)
    if out is not None:
        _draw(made, out, language)
        typer.echo(say("plan.say.drawn", language, path=str(out)))


def _draw(made: Made, out: Path, language: Language) -> None:
    from ..files import write_atomically
    from ..reporting.plan import plan_figure, plan_page

    if not made.panels:
        raise ProtocolError(Problem(key="planned.nothing_to_draw", where="--out"))
    figure = plan_figure(made.panels, language)
    if out.suffix.lower() == ".svg":
        write_atomically(out, figure.svg)
    else:
        page = plan_page(made.sentences, made.grids, figure, subtitle=made.subtitle, language=language)
        write_atomically(out, page)
