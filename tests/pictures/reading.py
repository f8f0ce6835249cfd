"""Reads a drawing back: the points of its traces in millimetres, its words, its marks."""

import re
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg):
    """The drawing as XML, which it must be, strictly."""
    return ElementTree.fromstring(svg)


def words(svg):
    """Every word drawn, in order."""
    return [one.text for one in parsed(svg).iter(f"{SVG}text")]


def traces(svg):
    """Of each lead its lines, each as (x, y) in millimetres."""
    found = []
    for group in parsed(svg).iter(f"{SVG}g"):
        scale = float(re.fullmatch(r"scale\((.*)\)", group.get("transform"))[1])
        paths = [path.get("d") for path in group.iter(f"{SVG}path") if path.get("stroke-width") == "28"]
        found.append([line for path in paths for line in _lines(path, scale)])
    return found


def _lines(path, scale):
    lines = []
    for piece in path.split("M")[1:]:
        start, _, steps = piece.partition("l")
        x, y = _numbers(start)
        points = [(x * scale, y * scale)]
        numbers = _numbers(steps)
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x * scale, y * scale))
        lines.append(points)
    return lines


def _numbers(text):
    return [int(number) for number in re.findall(r"-?\d+", text)]
