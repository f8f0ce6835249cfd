"""The tests under every supported Python, without the optional extras, and with the oldest dependencies allowed."""

import nox

nox.options.default_venv_backend = "uv"
PYTHONS = ("3.11", "3.12", "3.13")
TEST_TOOLS = ("hatchling", "hypothesis", "onnx", "playwright", "pytest", "pytest-xdist")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """All tests with the pinned dependencies."""
    session.install("--require-hashes", "-r", "constraints/dev.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHONS[0])
def without_extras(session: nox.Session) -> None:
    """What a plain installation can do: tests that need an extra skip and say which."""
    session.install("-c", "constraints/dev.txt", "-e", ".", *TEST_TOOLS)
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The lower bounds that pyproject.toml promises."""
    session.install("--resolution", "lowest-direct", "-e", ".[test]")
    session.run("pytest", "-n", "2", *session.posargs)
