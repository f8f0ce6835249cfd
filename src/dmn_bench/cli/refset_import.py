"""`dmn-bench refset import`: studies of a PACS, recordings or pictures of a folder, become cases of a set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import typer

from ..errors import Problem, ReferenceSetError
from ..vocabulary import Language
from ..wordings import say, say_problem
from . import refset_import_pictures as of_pictures
from .refset_import_files import Asked, import_files
from .showing import progress_display

if TYPE_CHECKING:
    from ..curation.archives import Archive
    from ..curation.importing import ImportSummary


def add_to(group: typer.Typer, language: Language) -> None:
    """Add the command to the group of reference sets."""
    format_help = say("annotations.help.format", language, known=", ".join(get_args(of_pictures.Form)))

    @group.command("import", help=say("pacs_import.help.import", language))
    def import_(  # noqa: PLR0913 - one parameter for each option of the command
        folder: Path = typer.Argument(help=say("cli.help.set_folder", language)),
        dicomweb: str = typer.Option("", metavar="URL", help=say("pacs_import.help.dicomweb", language)),
        dicom_node: str = typer.Option("", metavar="AE@host:port", help=say("pacs_import.help.dicom_node", language)),
        our_ae: str = typer.Option("DMNBENCH", metavar="AE", help=say("pacs_import.help.our_ae", language)),
        listen_port: int = typer.Option(0, help=say("pacs_import.help.listen_port", language)),
        listen_at: str = typer.Option("", metavar="ADDRESS", help=say("pacs_import.help.listen_at", language)),
        listed: Path | None = typer.Option(None, "--list", metavar="CSV", help=say("pacs_import.help.list", language)),
        query: list[str] = typer.Option([], metavar="Keyword=value", help=say("pacs_import.help.query", language)),
        draw: int | None = typer.Option(None, min=1, help=say("pacs_import.help.draw", language)),
        seed: int = typer.Option(20261121, min=0, help=say("pacs_import.help.seed", language)),
        burned_in: bool = typer.Option(False, "--burned-in", help=say("pacs_import.help.burned_in", language)),
        token_variable: str = typer.Option("", metavar="NAME", help=say("pacs_import.help.token_variable", language)),
        ca_file: Path | None = typer.Option(None, help=say("pacs_import.help.ca_file", language)),
        allow_plain_http: bool = typer.Option(
            False, "--allow-plain-http", help=say("pacs_import.help.allow_plain_http", language)
        ),
        files: Path | None = typer.Option(None, metavar="DIR", help=say("ecg_import.help.files", language)),
        finding: list[str] = typer.Option([], metavar="NAME", help=say("ecg_import.help.finding", language)),
        unmentioned: Literal["unverified", "negative"] = typer.Option(
            "unverified", help=say("ecg_import.help.unmentioned", language)
        ),
        accept_unconfirmed: bool = typer.Option(
            False, "--accept-unconfirmed", help=say("ecg_import.help.accept_unconfirmed", language)
        ),
        statements: Path | None = typer.Option(None, metavar="CSV", help=say("ecg_import.help.statements", language)),
        measurements: bool = typer.Option(False, "--measurements", help=say("ecg_import.help.measurements", language)),
        table: Path | None = typer.Option(None, metavar="CSV", help=say("ecg_import.help.table", language)),
        likelihood_at_least: float = typer.Option(50, min=0, max=100, help=say("ecg_import.help.likelihood", language)),
        annotations: str = typer.Option(
            "", metavar="FILE|DIR|ENDING", help=say("annotations.help.annotations", language)
        ),
        hospitals: bool = typer.Option(False, "--hospitals", help=say("ecg_import.help.hospitals", language)),
        holter_table: Path | None = typer.Option(
            None, metavar="CSV", help=say("ecg_import.help.holter_table", language)
        ),
        holter_columns: Path | None = typer.Option(
            None, metavar="CSV", help=say("ecg_import.help.holter_columns", language)
        ),
        form: of_pictures.Form | None = typer.Option(None, "--format", help=format_help),
        categories: Path | None = typer.Option(None, metavar="CSV", help=say("annotations.help.categories", language)),
        pictures: Literal["stored", "upright"] | None = typer.Option(
            None, help=say("annotations.help.pictures", language)
        ),
        corners: of_pictures.Corners | None = typer.Option(None, help=say("annotations.help.corners", language)),
        columns: Path | None = typer.Option(None, metavar="CSV", help=say("annotations.help.columns", language)),
        names: Path | None = typer.Option(None, metavar="FILE", help=say("annotations.help.names", language)),
        reader: str = typer.Option("", metavar="NAME", help=say("annotations.help.reader", language)),
        unlisted: Literal["unverified", "negative", "left-out"] | None = typer.Option(
            None, help=say("annotations.help.unlisted", language)
        ),
    ) -> int:
        asked = Asked(
            files=files,
            findings=tuple(finding),
            negative_if_unmentioned=unmentioned == "negative",
            accept_unconfirmed=accept_unconfirmed,
            statements=statements,
            measurements=measurements,
            table=table,
            likelihood=likelihood_at_least,
            annotations=annotations,
            hospitals=hospitals,
            holter_table=holter_table,
            holter_columns=holter_columns,
            draw=draw,
            seed=seed,
        )
        on_pictures = of_pictures.Asked(
            format=form,
            categories=categories,
            pictures=pictures,
            corners=corners,
            columns=columns,
            names=names,
            reader=reader,
            unlisted=unlisted,
        )
        if asked.is_anything or on_pictures.given():
            if dicomweb or dicom_node or listed is not None or query:
                raise ReferenceSetError(Problem(key="ecg_import.files_or_archive", where="--files"))
            return import_files(folder, asked, on_pictures, language, burned_in=burned_in)
        from ..catalogue import build_catalogue
        from ..curation import importing, selecting

        if bool(dicomweb) == bool(dicom_node) or (listed is None) == (not query):
            raise ReferenceSetError(Problem(key="pacs_import.what_from_where"))
        if listed is not None and draw is not None:
            raise ReferenceSetError(Problem(key="pacs_import.draw_from_a_list", where="--draw"))
        if dicomweb:
            archive = _web(dicomweb, token_variable, ca_file, plain=allow_plain_http)
        else:
            archive = _node(dicom_node, our_ae, listen_port, listen_at)
        if listed is not None:
            selection = selecting.listed(archive, listed)
        else:
            selection = selecting.queried(archive, _filters(query), draw=draw, seed=seed)
        readers = build_catalogue().make_all("reader")
        with progress_display(language) as display:
            summary = importing.import_studies(
                folder,
                archive,
                selection,
                readers=readers,
                burned_in=burned_in,
                on_study=lambda done, total: display.work("importing", done, total),
            )
        _show(summary, folder, language)
        return 2 if summary.problems else 0


def _web(url: str, token_variable: str, ca_file: Path | None, *, plain: bool) -> Archive:
    from ..curation.archives import WebArchive
    from ..inputs.dicomweb import DicomWeb

    certificates = "" if ca_file is None else str(ca_file)
    web = DicomWeb(url=url, token_variable=token_variable, ca_file=certificates, allow_plain_http=plain)
    if problems := web.problems():
        raise ReferenceSetError(*problems)
    return WebArchive(web=web)


def _node(written: str, our_ae: str, port: int, address: str) -> Archive:
    from ..curation.archives import NodeArchive
    from ..inputs.dicom_network import Node

    title, _, place = written.partition("@")
    host, _, number = place.rpartition(":")
    if not (title and host and number.isascii() and number.isdigit() and 0 < int(number) < 65536):
        raise ReferenceSetError(Problem(key="pacs_import.bad_node", where="--dicom-node", facts={"found": written}))
    if not port:
        raise ReferenceSetError(Problem(key="pacs_import.no_listen_port", where="--listen-port"))
    node = Node(host=host, port=int(number), ae_title=title, our_ae_title=our_ae)
    is_here = host in ("localhost", "127.0.0.1", "::1")
    return NodeArchive(node=node, port=port, bind=address or ("127.0.0.1" if is_here else "0.0.0.0"))


def _filters(query: list[str]) -> Mapping[str, str]:
    from ..inputs.dicom_file import is_keyword

    found = dict(part.partition("=")[::2] for part in query)
    bad = [part for part in query if not part.partition("=")[0].isalnum() or not part.partition("=")[2]]
    if bad or len(found) < len(query):
        facts = {"found": ", ".join(bad or query)}
        raise ReferenceSetError(Problem(key="pacs_import.bad_query", where="--query", facts=facts))
    unknown = [keyword for keyword in found if not is_keyword(keyword)]
    if unknown:  # an archive passes over it, and everything matches
        facts = {"found": ", ".join(unknown)}
        raise ReferenceSetError(Problem(key="pacs_import.unknown_keyword", where="--query", facts=facts))
    return found


def _show(summary: ImportSummary, folder: Path, language: Language) -> None:
    for problem in summary.problems:
        typer.echo(say("cli.error", language) + say_problem(problem, language), err=True)
    counts = {"studies": summary.n_studies, "cases": summary.n_cases, "known": summary.n_known}
    typer.echo(say("pacs_import.done", language, **counts, folder=str(folder)))
    for reason, n in sorted(summary.left_out.items()):
        typer.echo(say(f"pacs_import.left_out.{reason}", language, n=n))
    if summary.without_cases:
        typer.echo(say("pacs_import.without_cases", language, n=summary.without_cases))
    if summary.problems:
        typer.echo(say("pacs_import.again", language))
