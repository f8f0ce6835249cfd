"""Makes coco_rle.json: masks and the text that pycocotools packs them into. Run with pycocotools installed."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pycocotools.mask


def packed(array):
    return pycocotools.mask.encode(np.asfortranarray(array.astype(np.uint8)))["counts"].decode("ascii")


def main():
    rng = np.random.default_rng(5)
    arrays = [
        rng.random((rows, columns)) < share
        for rows, columns, share in [
            (1, 1, 0),
            (1, 1, 1.1),
            (3, 5, 0.5),
            (7, 2, 0.9),
            (12, 11, 0.3),
            (40, 30, 0.02),
            (64, 48, 0.97),
        ]
    ]
    blocks = np.zeros((300, 260), dtype=bool)
    blocks[20:280, 37:110] = True
    blocks[100:103, 50:90] = False
    rows = [
        {
            "size": list(array.shape),
            "rows": ["".join("01"[int(bit)] for bit in row) for row in array],
            "counts": packed(array),
        }
        for array in arrays
    ]
    rows.append(
        {"size": [300, 260], "blocks": [[20, 280, 37, 110, 1], [100, 103, 50, 90, 0]], "counts": packed(blocks)}
    )
    content = {"made_by": f"pycocotools {version('pycocotools')}", "masks": rows}
    Path(__file__).with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
