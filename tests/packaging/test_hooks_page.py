"""docs/hooks.md shows every hook, and every class that a hook asks for, exactly as the code has them."""

import ast
import re

import pytest

from dmn_bench import hookspecs
from dmn_bench.catalogue.parts import ALL_HOOKS, PROTOCOLS

from .repository import ROOT, SRC

PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
CLASSES = {
    node.name: node
    for path in sorted((SRC / "hookspecs").glob("*.py"))
    for node in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
HOOKS = {node.name: node for node in CLASSES["Hooks"].body if isinstance(node, ast.FunctionDef)}
SHOWN = [name for name in CLASSES if name != "Hooks"]


def signature(function):
    """A method as one line of the page, with ``...`` for its body."""
    returns = ast.unparse(function.returns)
    return f"def {function.name}({ast.unparse(function.args)}) -> {returns}: ..."


def block(node):
    """A class as the page shows it: its fields and its methods, without docstrings and decorators."""
    bases = f"({', '.join(ast.unparse(base) for base in node.bases)})" if node.bases else ""
    lines = [f"class {node.name}{bases}:"]
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            lines.append(f"    {ast.unparse(each)}")
        if isinstance(each, ast.FunctionDef):
            lines.append(f"    {signature(each)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_stands_on_the_page_with_its_exact_signature(name):
    hook = HOOKS[name]
    hook.args.args = [each for each in hook.args.args if each.arg != "self"]
    assert f"\n{signature(hook)}\n" in PAGE


@pytest.mark.parametrize("name", SHOWN)
def test_every_class_that_a_hook_asks_for_stands_on_the_page_with_its_exact_methods(name):
    expected = block(CLASSES[name])
    assert expected in PAGE, f"docs/hooks.md should hold:\n{expected}"


def test_the_page_shows_no_hook_that_does_not_exist():
    assert set(re.findall(r"register_\w+", PAGE)) <= set(HOOKS)
    assert set(re.findall(r"^class (\w+)", PAGE, re.MULTILINE)) <= {*SHOWN, "Sensitivity"}


def test_the_catalogue_knows_every_hook():
    assert set(ALL_HOOKS) == set(HOOKS)
    assert set(PROTOCOLS) == set(hookspecs.PART_KINDS)


if __name__ == "__main__":  # prints the blocks, to paste them into the page
    for shown in SHOWN:
        print(block(CLASSES[shown]))  # noqa: T201
