"""Scores an image by its brightness: shows how a script reads a request from a folder and writes its answer to another.

Usage: python predict.py INPUT OUTPUT. Standard library only; any language that reads JSON and bytes can do the same.
"""

import ast
import json
import struct
import sys
from array import array
from pathlib import Path

TYPE_CODES = {"|u1": "B", "<u2": "H"}
EMPTY_IMAGE = 3  # exit code that candidate.yaml declares as rejected_input


def main(source: Path, target: Path) -> int:
    """Answer the one request of a folder; the exit code."""
    request = json.loads((source / "request.json").read_text(encoding="utf-8"))
    scores = []
    for image in request["images"]:
        for name in image["files"]:
            values = grey_values((source / name).read_bytes())
            if max(values) == min(values):
                sys.stderr.write(f"{image['name']} is uniform\n")
                return EMPTY_IMAGE
            scores.append(sum(values) / len(values) / max(values))
    answer = {"status": "answered", "findings": {"fracture": {"score": max(scores)}}}
    (target / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    return 0


def grey_values(npy: bytes) -> array:
    """The pixels of a NumPy file, format version 1.0: magic, length of the header, header, raw values."""
    (length,) = struct.unpack("<H", npy[8:10])
    header = ast.literal_eval(npy[10 : 10 + length].decode("latin-1"))
    values = array(TYPE_CODES[header["descr"]])
    values.frombytes(npy[10 + length :])
    return values


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
