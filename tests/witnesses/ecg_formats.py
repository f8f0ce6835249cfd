"""Makes ecg_formats.json: what two other programs read from real files of manufacturers' formats, lead by lead.

Run it with the packages ecgdatakit 2.0.3 and sierraecg 0.4.0 installed: python ecg_formats.py FOLDER, where FOLDER is
the folder `ecg/formats` of the real data. Each lead is written as its length, its rate and the sha256 of its samples as
whole nanovolts, 64 bits, little endian.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import ecgdatakit
import numpy as np
import sierraecg

FOLDERS = ("aecg", "muse_xml", "philips_xml", "scp")
PHILIPS_MICROVOLT = 5  # resolution stated in both files


def fingerprint(nanovolts: np.ndarray) -> str:
    return hashlib.sha256(np.rint(nanovolts).astype("<i8").tobytes()).hexdigest()


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    found: dict[str, dict[str, dict[str, list[object]]]] = {}
    for path in sorted(file for name in FOLDERS for file in (folder / name).iterdir()):
        record = ecgdatakit.FileParser().parse(str(path))
        found[path.name] = {
            "ecgdatakit": {
                lead.label: [len(lead.samples), lead.sampling_rate, fingerprint(np.asarray(lead.samples) * 1e6)]
                for lead in record.leads
            }
        }
        if path.parent.name == "philips_xml":
            found[path.name]["sierraecg"] = {
                lead.label: [
                    len(lead.samples),
                    lead.sampling_freq,
                    fingerprint(lead.samples.astype(float) * PHILIPS_MICROVOLT * 1000),
                ]
                for lead in sierraecg.read_file(str(path)).leads
            }
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
