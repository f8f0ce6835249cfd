"""A candidate made of the program of this folder, asked about a few small images."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dmn_bench.adapters.command import Command
from dmn_bench.execution.asking import ask
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.questions import Questions
from dmn_bench.vocabulary import Case, Image, Origin, Request
from tests.patience import PATIENCE

SQUARE = Path(__file__).with_name("programs") / "square.py"
LEVELS = (200, 13, 50)  # the brightest pixel of each case; 13 is where a program shows its behaviour
ODD = "c1"
ALL = {f"c{i}": level for i, level in enumerate(LEVELS)}
WITHOUT_ODD = {name: level for name, level in ALL.items() if name != ODD}


def is_odd(request):
    """Whether a request is about the case in which a program shows its behaviour."""
    return request.request_id == f"r-{ODD}"


def a_request(request_id="r1", *, level=200, files=()):
    """What the shim hands to a runner."""
    request = {"request_id": request_id}
    if files:
        return {**request, "files": [str(path) for path in files]}
    pixels = np.zeros((6, 5), np.uint8)
    pixels[2, 2] = level
    image = {"name": "image-1", "pixels": pixels, "photometric": "grey", "spacing_mm": [0.2, 0.1]}
    image |= {"spacing_source": "PixelSpacing", "n_frames": 1, "modality": "DX", "view": "PA", "laterality": "L"}
    return {**request, "images": [{**image, "bits_stored": 8}]}


def a_package(folder):
    """A candidate package with the program."""
    folder.mkdir(exist_ok=True)
    (folder / "candidate.yaml").write_text("format: dmn-bench/candidate/1\nid: square\nadapter: command\n")
    (folder / "square.py").write_text(SQUARE.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def a_command(behaviour="", **options):
    words = ("{python}", "{candidate}/square.py", "{input}", "{output}", behaviour)
    return Command(command=words, python=sys.executable, **options)


def load_files(files):
    """A request that carries copies of files."""

    def load(case, folder):
        origin = Origin(case_id=case.case_id, images={"image-1": "a.dcm"}, sop_instance_uids={})
        return Request(request_id=f"r-{case.case_id}", files=files), origin

    return load


def load(case, folder):
    level = LEVELS[int(case.case_id[1:]) % len(LEVELS)]
    pixels = np.zeros((6, 5), np.uint8)
    pixels[2, 2] = level
    images = (Image(name="image-1", pixels=pixels, photometric="grey", bits_stored=8),)
    origin = Origin(case_id=case.case_id, images={"image-1": "a.png"}, sop_instance_uids={})
    return Request(request_id=f"r-{case.case_id}", images=images), origin


@dataclass
class Run:
    """One candidate asked about the cases, in their order: after the odd one comes another."""

    folder: Path
    adapter: object
    settings: dict = field(default_factory=dict)
    workers: int = 1
    n: int = len(LEVELS)
    files: tuple = ()

    def ask(self):
        base = a_package(self.folder / "package")
        settings = ExecutionSettings(**{"seconds_per_case": PATIENCE, "attempts": 1, **self.settings})
        put = load_files(self.files) if self.files else load
        questions = Questions(program=self.adapter.program(base, {}), load=put, settings=settings)
        cases = [
            Case(case_id=f"c{i}", patient_id=f"c{i}", exam_id=f"c{i}", laterality="", files=("a.png",), strata={})
            for i in range(self.n)
        ]
        with Ledger(self.folder / "ledger.sqlite", "asked") as ledger:
            crew = LocalCrew(questions, self.workers)
            ask(cases, engine=crew, ledger=ledger, on_answer=lambda _: None, in_given_order=True)
            self.asked = tuple(ledger.answers().values())
            self.answers = {name: asked.answer for name, asked in ledger.answers().items()}
            self.failed_attempts = ledger.failed_attempts()
        return self

    @property
    def scores(self):
        found = {}
        for name, answer in self.answers.items():
            if answer.findings:
                found[name] = round(answer.findings["square"].score * 255)
        return found
