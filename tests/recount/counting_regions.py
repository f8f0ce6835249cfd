"""Regions of RT structure sets filled and compared a second time: every pixel centre against every edge of every line.

Shares nothing with the program's reading, filling or arithmetic: pydicom for the numbers in the files, numpy to count.
"""

from collections import defaultdict
from math import ceil

import numpy as np
import pydicom

from . import recount as rc

ON_LINE_MM = 4e-3  # a line that runs this near to a centre, along its row, runs through it: a thousandth of a pixel


class Scan:
    """The voxel centres of one scan."""

    def __init__(self, folder):
        slices = [pydicom.dcmread(path, stop_before_pixels=True) for path in sorted(folder.glob("*.dcm"))]
        slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
        first = slices[0]
        assert [float(v) for v in first.ImageOrientationPatient] == [1, 0, 0, 0, 1, 0]
        x, y, _ = map(float, first.ImagePositionPatient)
        down, across = map(float, first.PixelSpacing)
        self.z = [float(one.ImagePositionPatient[2]) for one in slices]
        self.shape = (len(slices), first.Rows, first.Columns)
        columns, rows = x + across * np.arange(first.Columns), y + down * np.arange(first.Rows)
        self.points = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)


def regions(path, scan):
    """Structure -> [planes, rows, columns]; one that the file names and draws nowhere is empty."""
    file = pydicom.dcmread(path)
    names = {int(roi.ROINumber): str(roi.ROIName) for roi in file.StructureSetROISequence}
    lines = {name: defaultdict(list) for name in names.values()}
    for contours in file.get("ROIContourSequence", ()):
        for one in contours.get("ContourSequence", ()):
            corners = np.array([float(v) for v in one.ContourData]).reshape(-1, 3)
            plane = int(np.argmin([abs(z - corners[0, 2]) for z in scan.z]))
            lines[names[int(contours.ReferencedROINumber)]][plane].append(corners[:, :2])
    found = {}
    for name, planes in lines.items():
        found[name] = np.zeros(scan.shape, bool)
        for plane, drawn in planes.items():
            found[name][plane] = inside(drawn, scan.points).reshape(scan.shape[1:])
    return found


def inside(outlines, points):
    """Points that an odd number of edges lies to the right of, or that an edge runs through."""
    x, y = points[:, :1], points[:, 1:]
    odd, on = np.zeros(len(points), bool), np.zeros(len(points), bool)
    for corners in outlines:
        (x0, y0), (x1, y1) = corners.T, np.roll(corners, -1, axis=0).T
        with np.errstate(divide="ignore", invalid="ignore"):
            meets = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        odd ^= (((y0 > y) != (y1 > y)) & (x < meets)).sum(axis=1) % 2 == 1
        meets = np.where(abs(y1 - y0) < ON_LINE_MM, np.clip(x, np.minimum(x0, x1), np.maximum(x0, x1)), meets)
        is_beside = (np.minimum(y0, y1) <= y + ON_LINE_MM) & (y - ON_LINE_MM <= np.maximum(y0, y1))
        on |= (is_beside & (abs(meets - x) <= ON_LINE_MM)).any(axis=1)
    return odd | on


def majority(drawn):
    """What more than half of the readers have inside."""
    return sum(one.astype(int) for one in drawn) * 2 > len(drawn)


def compared(reference, answered):
    """(Dice, relative error of the volume with its sign) of two regions; the worst where nothing was answered."""
    if answered is None:
        return 0.0, np.inf
    n, k, both = int(reference.sum()), int(answered.sum()), int((reference & answered).sum())
    if n == 0:
        return (1.0, 0.0) if k == 0 else (0.0, np.inf)
    return 2 * both / (n + k), (k - n) / n


def quantile(values, share):
    """The least value up to which that share of them lies; where it is met exactly the mean with the next."""
    ordered, place = sorted(values), share * len(values)
    if abs(place - round(place)) < 1e-9:
        return (ordered[round(place) - 1] + ordered[round(place)]) / 2
    return ordered[ceil(place) - 1]


class Count:
    """Every structure of every scan of a run, once more."""

    def __init__(self, protocol, folder, structure_sets):
        self.folder, (self.endpoint,) = rc.Folder(folder), protocol["endpoints"]
        self.rows = []
        by_structure = defaultdict(lambda: defaultdict(list))
        for row in rc.read_rows(folder / "masks.csv"):
            by_structure[row["case_id"]][row["structure"]].append(folder / row["file"])
        for case in self.folder.cases:
            scan = Scan(folder / case["files"])
            answer = structure_sets / f"RS.{case['case_id']}.dcm"
            answered = regions(answer, scan) if answer.exists() else {}
            read = {}
            for structure in self.endpoint["structures"]:
                files = by_structure[case["case_id"]][structure]
                read.update({file: regions(file, scan) for file in files if file not in read})
                reference = majority([read[file][structure] for file in files])
                self.rows.append((case, structure, *compared(reference, answered.get(structure)), answered != {}))

    def of(self, stratum, *, with_failed=True):
        """The rows of a structure, and of a level where one is named: (case, Dice, volume error, whether answered)."""
        rest = {field: level for field, level in stratum.items() if field != "structure"}
        return [
            (case, dice, volume, answered)
            for case, structure, dice, volume, answered in self.rows
            if structure == stratum["structure"]
            and all(case["levels"][field] == level for field, level in rest.items())
            and (answered or with_failed)
        ]

    def value(self, metric, options, rows):
        """The figure of some rows, None where it would be infinite."""
        summary = options.get("summary", "median")
        if metric == "acceptable_share":
            return sum(dice >= options["limit"] - 1e-12 for _, dice, _, _ in rows) / len(rows)
        values = {
            "dice": [dice for _, dice, _, _ in rows],
            "volume_error": [abs(volume) for *_, volume, _ in rows],
            "volume_bias": [volume for *_, volume, answered in rows if answered],
        }[metric]
        shares = {"median": 0.5, "lower_quartile": 0.25, "worst_decile": 0.1 if metric == "dice" else 0.9}
        found = float(np.mean(values)) if summary == "mean" else quantile(values, shares[summary])
        return found if np.isfinite(found) else None
