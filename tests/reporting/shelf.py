"""All built-in report sections, found by looking at the shelf itself."""

import importlib
import pkgutil

import dmn_bench.reporting.sections as shelf

from .strips import texts


def all_sections():
    """One instance of every section class that the shelf registers."""
    modules = [importlib.import_module(f"{shelf.__name__}.{one.name}") for one in pkgutil.iter_modules(shelf.__path__)]
    return [section() for module in modules for section in module.register_report_sections()]


def rendered(record, candidate, language, figures=None):
    """The whole report of one candidate as HTML; ``figures``: its pictures by path, None for all as recorded."""
    from dmn_bench.reporting import render_report, view_for

    view = view_for(record, candidate, texts(record) if figures is None else figures)
    return render_report(view, candidate, language, all_sections())
