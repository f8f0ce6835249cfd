"""A small job for the faults: pictures, DICOM images and recordings, and a candidate that counts how it is asked."""

import atexit
import functools
import json
import os
import shutil
import sqlite3
import tempfile
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dmn_bench import reference_set
from dmn_bench.files import canonical_json
from tests.inputs.factories import a_picture, a_record, an_image, saved

N_CASES = 120
RAISES, DIES, ABSTAINS, NO_NUMBER, REJECTS, HANGS = 7, 19, 31, 43, 55, 67  # cases with which the candidate has trouble
TROUBLED = {RAISES: "failed", DIES: "failed", ABSTAINS: "abstained", NO_NUMBER: "failed", REJECTS: "rejected_input"}
ATTEMPTS = 2
SECONDS_PER_CASE = 2.0  # in a job that hangs or is held up; elsewhere long enough for a busy machine

CARD = """\
format: dmn-bench/reference-set/1
id: faults
version: 1.0.0
title: {en: Faults, fr: Pannes}
modality: DX
findings: [{name: square}]
sampling: consecutive
reference_standard: {method: drawn, readers: 2, blinded_to_device: true}
strata:
  sex: {column: sex, levels: [F, M]}
data_protection: {route: not_applicable}
"""
PROTOCOL = """\
format: dmn-bench/protocol/1
id: faults
reference_set: set
candidates:
  - {id: live, package: candidate, operating_points: {square: {score_at_least: 0.5}}}
endpoints:
  - name: exam
    task: classification
    finding: square
    unit: exam
    metrics: [sensitivity, specificity, auc, failure_rate]
strata: [sex]
statistics: {resamples: 200, seed: 7}
acceptance:
  - {id: se, candidate: live, endpoint: exam, metric: sensitivity, at_least: 0.5}
"""
MANIFEST = """\
format: dmn-bench/candidate/1
id: faults-live
adapter: python
entry: faults_live:Candidate
receives: {image: %s}
"""
CANDIDATE = f"""\
import os
import time
from pathlib import Path

LOG = Path(__file__).parents[1] / "asked.log"  # beside the package: not part of what is hashed


class Candidate:
    def __init__(self, options):
        self.log = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def answer(self, request):
        if "files" in request:
            with open(request["files"][0], "rb") as stream:
                pixels = stream.read()[-256:]  # of the last element
            number, level = pixels[15 * 16], pixels[6 * 16 + 6]
        elif "signals" in request:
            number, level = (round(float(value) * 200) for value in request["signals"][:2, 0])
        else:
            pixels = request["images"][0]["pixels"]
            number, level = int(pixels[15, 0]), int(pixels[6, 6])
        os.write(self.log, b"%d %d %s\\n" % (number, os.getpid(), request["request_id"].encode()))
        time.sleep(0.006)
        if number == {RAISES}:
            raise ValueError("cannot see anything")
        if number == {DIES}:
            os._exit(3)
        if number == {ABSTAINS}:
            return {{"status": "abstained", "reason": "too dark"}}
        if number == {NO_NUMBER}:
            return {{"status": "answered", "findings": {{"square": {{"score": float("nan")}}}}}}
        if number == {REJECTS}:
            return {{"status": "rejected_input"}}
        if number == {HANGS} and HANGS:
            time.sleep(1000)
        return {{"status": "answered", "findings": {{"square": {{"score": level / 255}}}}}}
"""


def case_id(number):
    return f"c{number:03d}"


def level_of(number):
    """What the candidate sees: mostly brighter in disease, no two answers alike in their neighbourhood."""
    return (150 if number % 2 == 0 else 60) + (37 * number) % 90 - 20


@functools.cache
def _template(*, hangs, copies):
    folder = Path(tempfile.mkdtemp(prefix="dmn-bench-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = folder / "set" / "files"
    files.mkdir(parents=True)
    cases, truth = ["case_id,patient_id,exam_id,laterality,files,sex"], []
    for number in range(N_CASES):
        name = case_id(number)
        written, sex = write_case(files, number, level_of(number), as_dicom=copies), "FM"[number % 3 == 0]
        cases.append(f"{name},p{number // 2:02d},{name},,files/{written},{sex}")
        truth.append(f"{name},square,{'positive' if number % 2 == 0 else 'negative'}")
    root = folder / "set"
    (root / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    (root / "cases.csv").write_text("\n".join(cases) + "\n", encoding="utf-8")
    (root / "truth.csv").write_text("\n".join(["case_id,finding,value", *truth]) + "\n", encoding="utf-8")
    package = folder / "candidate"
    package.mkdir()
    (package / "candidate.yaml").write_text(MANIFEST % ("dicom" if copies else "array"), encoding="utf-8")
    (package / "faults_live.py").write_text(f"HANGS = {hangs}\n" + CANDIDATE, encoding="utf-8")
    seconds = SECONDS_PER_CASE if hangs else 60
    execution = f"execution: {{isolation: at-least-0, seconds_per_case: {seconds}, attempts: {ATTEMPTS}}}\n"
    (folder / "faults.yaml").write_text(textwrap.dedent(PROTOCOL) + execution, encoding="utf-8")
    reference_set.lock(root)
    return folder


def write_case(files, number, level, *, as_dicom=False):
    """One file of the set with the number of its case in its pixels or samples; its name in the table."""
    if number % 8 == 5 and not as_dicom:
        samples = np.zeros((40, 1), np.int16)
        samples[:2, 0] = number, level
        a_record(files, samples, name=f"r{number}", gain="200(0)/mV", leads=("MLII",))
        return f"r{number}"
    pixels = np.zeros((16, 16), np.uint8)
    pixels[4:9, 4:9] = level
    pixels[15, 0] = number
    if number % 8 == 3 or as_dicom:
        saved(an_image(pixels), files / f"i{number}.dcm")
        return f"i{number}.dcm"
    a_picture(files / f"i{number}.png", pixels)
    return f"i{number}.png"


@dataclass
class Job:
    """One folder with everything of one run: protocol, set, candidate, run folder, temporary folder, logs."""

    folder: Path
    hangs: bool = False  # one case takes longer than is allowed
    copies: bool = False  # the candidate gets copies of DICOM files instead of arrays
    workers: int = 2
    run_name: str = "run"
    answers_dir: Path | None = None
    marks: list = field(default_factory=list)  # (answers on disk, lines of the log) after each interruption

    def __post_init__(self):
        if not self.folder.exists():
            shutil.copytree(_template(hangs=self.hangs, copies=self.copies), self.folder)
            self.scratch.mkdir()

    @property
    def protocol(self):
        return self.folder / "faults.yaml"

    @property
    def set(self):
        return self.folder / "set"

    @property
    def run_dir(self):
        return self.folder / self.run_name

    @property
    def scratch(self):
        return self.folder / "tmp"

    @property
    def log(self):
        return self.folder / "asked.log"

    @property
    def answers(self):
        return self.answers_dir or self.run_dir.parent / "answers"

    def ledger(self):
        """The file of answers, or None before there is one."""
        return next(iter(sorted(self.answers.glob("*.sqlite"))), None)

    def questions(self):
        """(number of the case, process) of every question the candidate was asked, in order."""
        if not self.log.exists():
            return []
        lines = self.log.read_text().splitlines()
        return [tuple(int(word) for word in line.split()[:2]) for line in lines]

    def n_questions(self):
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def kept(self):
        """case_id -> answer as JSON, of everything that is durably in the ledger, read from a copy of its files."""
        path = self.ledger()
        if path is None:
            return {}
        with tempfile.TemporaryDirectory() as folder:
            for name in (path.name, f"{path.name}-wal"):
                if (path.parent / name).exists():
                    shutil.copyfile(path.parent / name, Path(folder) / name)
            connection = sqlite3.connect(Path(folder) / path.name)
            try:
                return dict(connection.execute("SELECT case_id, answer FROM answers"))
            except sqlite3.OperationalError:  # killed before there were tables
                return {}
            finally:
                connection.close()

    def mark(self):
        """Remember what is on disk now, to prove later that none of it was lost or asked again."""
        self.marks.append((self.kept(), self.n_questions()))

    def results(self):
        return json.loads((self.run_dir / "record.json").read_text(encoding="utf-8"))

    def asked_again(self):
        """Cases that were asked more often than their attempts on an undisturbed run."""
        expected = dict.fromkeys(range(N_CASES), 1) | dict.fromkeys((RAISES, DIES, NO_NUMBER), ATTEMPTS)
        if self.hangs:
            expected[HANGS] = ATTEMPTS
        counted = Counter(number for number, _ in self.questions())
        return {number for number, n in counted.items() if n > expected[number]}

    def lost(self):
        """Cases whose answer was on disk when the run was interrupted and is not, or is another, now."""
        now = self.kept()
        return {case for kept, _ in self.marks for case, answer in kept.items() if now.get(case) != answer}

    def asked_though_kept(self):
        """Cases that were asked once more after an interruption though their answer was on disk."""
        questions = self.questions()
        return {case_id(n) for kept, begin in self.marks for n, _ in questions[begin:] if case_id(n) in kept}

    def counted_twice(self):
        """Cases that stand in the answers of the run more than once."""
        lines = (self.run_dir / "answers.live.jsonl").read_text(encoding="utf-8").splitlines()
        counted = Counter(json.loads(line)["case_id"] for line in lines)
        return {case for case, n in counted.items() if n > 1}


@dataclass(frozen=True)
class Undisturbed:
    """The results of the same job when nobody disturbs it."""

    sha256: str
    results: str  # canonical JSON

    def differs_from(self, job):
        record = job.results()
        same = record["results_sha256"] == self.sha256 and canonical_json(record["results"]) == self.results
        return "" if same else f"results {record['results_sha256'][:12]}, expected {self.sha256[:12]}"


@functools.cache
def undisturbed(*, hangs=False, copies=False):
    """The results of the undisturbed run, made once; what the candidate was asked in it is checked."""
    from .processes import Harness

    folder = Path(tempfile.mkdtemp(prefix="dmn-bench-undisturbed-")) / "job"
    job = Job(folder, hangs=hangs, copies=copies)
    with Harness(job) as harness:
        harness.must_finish()
    assert not job.asked_again()
    assert {number for number, _ in job.questions()} == set(range(N_CASES))
    _check_statuses(job)
    record = job.results()
    found = Undisturbed(record["results_sha256"], canonical_json(record["results"]))
    shutil.rmtree(folder.parent)
    return found


def _check_statuses(job):
    lines = (job.run_dir / "answers.live.jsonl").read_text(encoding="utf-8").splitlines()
    statuses = {each["case_id"]: each["status"] for each in map(json.loads, lines)}
    expected = {case_id(number): TROUBLED.get(number, "answered") for number in range(N_CASES)}
    if job.hangs:
        expected[case_id(HANGS)] = "failed"
    assert statuses == expected


def seeds(default):
    """The seeds of a test: ``default`` of them, or as many as DMN_BENCH_FAULT_SEEDS says."""
    return range(int(os.environ.get("DMN_BENCH_FAULT_SEEDS") or default))
