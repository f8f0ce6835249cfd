"""Folders of extensions and candidate packages, made with only what a test cares about."""

import itertools
from pathlib import Path

_numbers = itertools.count()

METRIC = '''
class {cls}:
    """{doc}"""

    name = {name!r}
    tasks = ("classification",)
    scale = "share"
    better = "higher"

    def columns(self, judgements):
        raise NotImplementedError

    def value(self, totals):
        raise NotImplementedError
'''
HEAD = "from dmn_bench.hookspecs import hookimpl\n"


def a_metric(name: str = "own_metric", doc: str = "A metric of our own.", cls: str = "Own") -> str:
    """The source of a complete metric."""
    return METRIC.format(name=name, doc=doc, cls=cls)


def a_hook(returned: str = "[Own]", name: str = "register_metrics", mark: str = "@hookimpl") -> str:
    """The source of a hook."""
    return f"\n\n{mark}\ndef {name}():\n    return {returned}\n"


def an_extension(folder: Path, source: str, *, project: str = "our-metrics", module: str | None = None) -> Path:
    """A folder with one module and a pyproject.toml whose entry point names it."""
    module = module or f"extension_{next(_numbers)}"
    folder.mkdir(parents=True)
    (folder / f"{module}.py").write_text(HEAD + source, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{project}"\nversion = "1.2"\n[project.entry-points.dmn_bench]\nmetrics = "{module}"\n',
        encoding="utf-8",
    )
    return folder


def a_candidate(folder: Path, *, more: str = "", **keys: str) -> Path:
    """A folder with a candidate.yaml and a module that must never be imported."""
    said = {"format": "dmn-bench/candidate/1", "id": "vendor-x", "adapter": "python", "entry": "vendor_x:Candidate"}
    folder.mkdir(parents=True)
    lines = [f"{key}: {value}" for key, value in {**said, **keys}.items()]
    (folder / "candidate.yaml").write_text("\n".join(lines) + "\n" + more, encoding="utf-8")
    (folder / "vendor_x.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    return folder
