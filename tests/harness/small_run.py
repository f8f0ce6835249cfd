"""A reference set of a few dozen small pictures, a Python candidate and an output file, written to a folder."""

import textwrap

import numpy as np
from PIL import Image

from dmn_bench import reference_set

N_PATIENTS = 30
CARD = """\
format: dmn-bench/reference-set/1
id: squares
version: 1.0.0
title: {en: Squares, fr: Carrés}
modality: DX
findings: [{name: square}]
sampling: consecutive
local_prevalence: [{finding: square, value: 0.2, low: 0.1, high: 0.3, source: counted}]
reference_standard: {method: drawn, readers: 2, blinded_to_device: true}
strata:
  sex: {column: sex, levels: [F, M]}
  age: {column: age, edges: [18, 65]}
data_protection: {route: not_applicable}
"""
PROTOCOL = """\
format: dmn-bench/protocol/1
id: squares
reference_set: set
candidates:
  - {id: live, package: candidate, operating_points: {square: {score_at_least: 0.5}}}
  - id: file
    adapter: predictions
    options: {path: answers.csv}
    labels: {positive: [p], negative: [n], indeterminate: [d]}
endpoints:
  - name: exam
    task: classification
    finding: square
    unit: exam
    metrics: [sensitivity, specificity, auc, ppv_local, ppv, failure_rate, f1]
strata: [sex, age, [sex, age]]
statistics: {resamples: 200, seed: 7}
acceptance:
  - {id: se, candidate: "*", endpoint: exam, metric: sensitivity, at_least: 0.5}
execution: {seconds_per_case: 20}
"""
CANDIDATE = """\
import os


class Candidate:
    def __init__(self, options):
        self.calls = options.get("calls")

    def answer(self, request):
        if self.calls:
            with open(self.calls, "a") as stream:
                stream.write(request["request_id"] + "\\n")
        level = float(request["images"][0]["pixels"].max()) / 255
        if level < 0.02:
            os._exit(3)
        return {"status": "answered", "findings": {"square": {"score": level}}}
"""


def held(folder):
    """Have every child of the candidate wait in its eighth case, as long as there is the file whose path this returns.

    Only a candidate that is not sealed sees it.
    """
    hold, code = folder / "hold", folder / "candidate" / "squares_live.py"
    hold.touch()
    waits = (
        f"        self.n = getattr(self, 'n', 0) + 1\n        while self.n > 7 and os.path.exists({str(hold)!r}):\n"
        "            __import__('time').sleep(0.05)\n        level ="
    )
    code.write_text(code.read_text(encoding="utf-8").replace("        level =", waits), encoding="utf-8")
    return hold


def is_positive(patient):
    return patient % 2 == 0


def unsealed(path):
    """Let a protocol run without isolation; the tests that need it set the variable MOST_TIER to 0, too."""
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("seconds_per_case: 20", "seconds_per_case: 20, isolation: at-least-0"), encoding="utf-8"
    )


def write(folder, *, calls=None):
    """The set, the candidate, the answers and the protocol; the path of the protocol.

    Two exams for each patient, one view each. The live candidate answers with the brightness of the square: 200 of 255
    in disease, 50 in health, but for patient 1 (bright though healthy) and patient 2 (nearly black: it crashes). The
    file has no row for the exams of patient 4, a doubt for patient 6, and is right elsewhere. ``calls``: a file in
    which the candidate notes what it is asked, which only one that is not sealed can: see ``unsealed``.
    """
    files = folder / "set" / "files"
    files.mkdir(parents=True)
    cases, truth, answers = ["case_id,patient_id,exam_id,laterality,files,sex,age"], [], ["case_id,finding,label"]
    for patient in range(N_PATIENTS):
        for exam in "ab":
            name = f"c{patient:02d}{exam}"
            level = 200 if is_positive(patient) or patient == 1 else 50
            pixels = np.zeros((16, 16), np.uint8)
            pixels[4:9, 4:9] = 0 if patient == 2 else level
            pixels[15, :2] = patient, exam == "b"  # no two files alike
            Image.fromarray(pixels).save(files / f"{name}.png")
            sex, age = ("" if patient == 3 else "FM"[patient % 3 == 0]), 10 + 2 * patient
            cases.append(f"{name},p{patient:02d},{name},,files/{name}.png,{sex},{age}")
            truth.append(f",{name},,square,{'positive' if is_positive(patient) else 'negative'},,")
            if patient != 4:
                label = "d" if patient == 6 else "p" if is_positive(patient) else "n"
                answers.append(f"{name},square,{label}")
    root = folder / "set"
    (root / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    (root / "cases.csv").write_text("\n".join(cases) + "\n", encoding="utf-8")
    header = "case_id,exam_id,patient_id,finding,value,evidence,read_at"
    (root / "truth.csv").write_text("\n".join([header, *truth]) + "\n", encoding="utf-8")
    (folder / "answers.csv").write_text("\n".join(answers) + "\n", encoding="utf-8")
    package = folder / "candidate"
    package.mkdir()
    options = "{}" if calls is None else f"{{calls: {str(calls)!r}}}"
    manifest = f"""\
        format: dmn-bench/candidate/1
        id: squares-live
        adapter: python
        entry: squares_live:Candidate
        receives: {{image: array}}
        options: {options}
        """
    (package / "candidate.yaml").write_text(textwrap.dedent(manifest), encoding="utf-8")
    (package / "squares_live.py").write_text(CANDIDATE, encoding="utf-8")
    path = folder / "squares.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    if calls is not None:
        unsealed(path)
    reference_set.lock(root)
    return path
