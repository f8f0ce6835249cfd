"""What is installed: parts by kind and name, made from their options, and candidate packages by their manifests."""

from .manifests import Declared, Device, Manifest, load_manifest
from .parts import Part, Provider
from .registry import Catalogue, Row, build_catalogue

__all__ = [
    "Catalogue",
    "Declared",
    "Device",
    "Manifest",
    "Part",
    "Provider",
    "Row",
    "build_catalogue",
    "load_manifest",
]
