"""Draws a picture of what the demonstration sets hold: ``python reference_sets/make_contact_sheet.py FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pydicom
import wfdb
from numpy.typing import NDArray
from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
FRACTURES = ("e002v1", "e002v2", "e010v1", "e003v2", "e031v1", "e001v2")
CHESTS = ("c002", "c004", "c009", "c021", "c031")
SLICES = ("t001/06", "t005/05", "t010/05", "t015/04", "t020/05")
EYES = ("f001R", "f001L", "f006R", "f012L", "f020R")
STRIPS = ("h001", "h002", "h005")
WIDTH, HEIGHT = 1200, 228
SECONDS = 12.0
PX_PER_MV = 26


def main() -> None:
    """One row for each set."""
    rows = [
        row([radiograph(HERE / "fracture-demo" / "files" / f"{name}.dcm") for name in FRACTURES]),
        row([radiograph(HERE / "nodule-demo" / "files" / f"{name}.dcm") for name in CHESTS]),
        row([radiograph(HERE / "contour-demo" / "files" / f"{name}.dcm") for name in SLICES]),
        row([Image.open(HERE / "fundus-demo" / "files" / f"{name}.jpg") for name in EYES]),
        strips([HERE / "ecg-demo" / "files" / name for name in STRIPS]),
    ]
    Image.fromarray(np.vstack([np.asarray(one) for one in rows])).save(Path(sys.argv[1]), quality=80)


def radiograph(path: Path) -> Image.Image:
    """One DICOM file as a picture, bone bright; a CT in a wide window that shows lungs and heart."""
    dataset = pydicom.dcmread(path)
    if dataset.Modality == "CT":
        return Image.fromarray(np.rint(255 * np.clip(dataset.pixel_array / 1300, 0, 1)).astype(np.uint8)).convert("RGB")
    level = dataset.pixel_array / (2**dataset.BitsStored - 1)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        level = 1 - level
    return Image.fromarray(np.rint(255 * level).astype(np.uint8)).convert("RGB")


def row(pictures: list[Image.Image]) -> Image.Image:
    """Pictures side by side at one height, in the middle of a black strip."""
    sized = [one.resize((round(one.width * HEIGHT / one.height), HEIGHT)) for one in pictures]
    gap = (WIDTH - sum(one.width for one in sized)) // (len(sized) + 1)
    strip, x = Image.new("RGB", (WIDTH, HEIGHT)), gap
    for one in sized:
        strip.paste(one, (x, 0))
        x += one.width + gap
    return strip


def strips(paths: list[Path]) -> Image.Image:
    """The first lead of each record with its reference annotations, on pink paper of 0.2 s and 0.5 mV."""
    each = 130
    paper = Image.new("RGB", (WIDTH, each * len(paths)), (255, 250, 250))
    pen = ImageDraw.Draw(paper)
    for x in np.arange(0, WIDTH, WIDTH / SECONDS / 5):
        pen.line([(x, 0), (x, paper.height)], fill=(246, 214, 214))
    for y in np.arange(0, paper.height, PX_PER_MV / 2):
        pen.line([(0, y), (WIDTH, y)], fill=(246, 214, 214))
    for index, path in enumerate(paths):
        record, beats = wfdb.rdrecord(str(path)), wfdb.rdann(str(path), "atr")
        middle = each * (index + 0.62)
        pen.line(trace(record.p_signal[:, 0], record.fs, middle), fill=(20, 20, 40), width=1)
        for sample, code in zip(beats.sample, beats.symbol, strict=True):
            if sample < SECONDS * record.fs and code != "+":
                pen.text((sample / record.fs * WIDTH / SECONDS - 3, each * index + 4), code, fill=(150, 30, 30))
    return paper


def trace(samples: NDArray[np.float64], sampling_hz: float, middle: float) -> list[tuple[float, float]]:
    """Points of one lead."""
    n = int(SECONDS * sampling_hz)
    return [(float(i / n * WIDTH), float(middle - PX_PER_MV * samples[i])) for i in range(n)]


if __name__ == "__main__":
    main()
