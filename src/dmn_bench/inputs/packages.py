"""Versions of the packages that decode: looked up once, since each look reads a file."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def package_version(package: str) -> str:
    """The installed version. Raises PackageNotFoundError where there is none."""
    return version(package)
