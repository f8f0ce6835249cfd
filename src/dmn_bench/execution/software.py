"""The distributions whose versions change a request or an answer."""

from __future__ import annotations

from importlib import metadata

DISTRIBUTIONS = (
    "dmn-bench",
    "numpy",
    "pydicom",
    "wfdb",
    "onnxruntime",
    "pillow",
    "pylibjpeg",
    "pylibjpeg-openjpeg",
    "pylibjpeg-rle",
    "pylibjpeg-libjpeg",
    "pyjpegls",
    "python-gdcm",
)


def installed(*further: str) -> dict[str, str]:
    """The version of each of them that is installed, and of ``further`` ones."""
    found = {}
    for name in (*DISTRIBUTIONS, *further):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
