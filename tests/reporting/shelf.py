"""All built-in report sections, found by looking at the shelf itself."""

import importlib
import pkgutil

import dmn_bench.reporting.sections as shelf


def all_sections():
    """One instance of every section class that the shelf registers."""
    modules = [importlib.import_module(f"{shelf.__name__}.{one.name}") for one in pkgutil.iter_modules(shelf.__path__)]
    return [section() for module in modules for section in module.register_report_sections()]


def rendered(record, candidate, language):
    """The whole report of one candidate as HTML."""
    from dmn_bench.reporting import render_report, view_for

    return render_report(view_for(record, candidate), candidate, language, all_sections())
