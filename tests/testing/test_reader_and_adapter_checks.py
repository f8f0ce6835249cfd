"""The checks of readers and adapters: built-in ones hold them, and each broken part fails the check for its fault."""

import sys
import unittest
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from dmn_bench.adapters.predictions import Predictions
from dmn_bench.adapters.python_package import PythonPackage
from dmn_bench.errors import CandidateError
from dmn_bench.hookspecs import CaseKeys
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import AdapterChecks, ReaderChecks
from dmn_bench.vocabulary import Answer, AskedAnswer, Case, Image

from ..inputs import factories
from .packages import a_package

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")


def pixels():
    return (np.arange(12 * 16).reshape(12, 16) % 250).astype(np.uint8)


def checks_of(cls):
    return [name for name in dir(cls) if name.startswith("test_")]


def fails(checks, name):
    """Whether these checks fail by this one."""
    try:
        getattr(checks, name)()
    except unittest.SkipTest:
        return False
    except AssertionError:
        return True
    return False


def failing(checks):
    """The names of the checks that fail."""
    return [name for name in checks_of(type(checks)) if fails(checks, name)]


# ------------------------------------------------------------------------------------------------------- readers


READS_TWICE = "test_reading_twice_gives_the_same_and_changes_nothing"
COPIES = "test_a_copy_for_a_candidate_holds_the_same_content_and_no_secrets"


class DicomChecks(ReaderChecks):
    def reader(self):
        return DicomImageReader()

    def write(self, folder):
        image = factories.an_image(pixels(), PatientName="Doe^Jane", PixelSpacing=[0.5, 0.25])
        return factories.saved(image, folder / "secret-name.dcm")

    def secrets(self):
        return (b"Doe^Jane",)


class RasterChecks(ReaderChecks):
    def reader(self):
        return RasterReader()

    def write(self, folder):
        return factories.a_picture(folder / "secret-name.png", pixels())


class WfdbChecks(ReaderChecks):
    def reader(self):
        return WfdbReader()

    def write(self, folder):
        samples = np.arange(100, dtype=np.int16).reshape(50, 2)
        return factories.a_record(folder, samples, name="s01", comments="# Jane\n")

    def secrets(self):
        return (b"Jane",)


@pytest.mark.parametrize("checks", [DicomChecks, RasterChecks, WfdbChecks])
def test_the_built_in_readers_hold_every_check(checks):
    assert failing(checks()) == []


def broken(**methods):
    """The checks of a reader that is the raster reader with some methods replaced."""
    made = type("Broken", (RasterReader,), methods)

    class Checks(RasterChecks):
        def reader(self):
            return made()

        def secrets(self):
            return (b"IHDR",) if "with_secrets" in methods else ()

    return Checks()


class Unsteady:
    n = 0

    @classmethod
    def read(cls, self, path):
        cls.n += 1
        (image,), signals, used = RasterReader.read(self, path)
        return (replace(image, pixels=image.pixels + cls.n),), signals, used


def read_wrong(self, path):
    (image,), signals, used = RasterReader.read(self, path)
    return (replace(image, photometric="rgb"),), signals, used


def touching(self, path):
    (path.parent / "cache").write_bytes(b"x")
    return RasterReader.header(self, path)


def copied_under_its_name(self, path, folder, name):
    (copy,) = RasterReader.deidentified_copy(self, path, folder, name)
    return [copy.rename(folder / path.name)]


def not_recognising(self, path):
    return path.suffix == ".png"


def raising(self, path):
    if path.read_bytes()[:4] != b"\x89PNG":
        raise ValueError("no picture")
    return RasterReader.read(self, path)


@pytest.mark.parametrize(
    ("methods", "check"),
    [
        ({"name": "Raster"}, "test_it_says_what_it_is"),
        ({"gives": "pictures"}, "test_it_says_what_it_is"),
        ({"recognises": not_recognising}, "test_it_recognises_its_file_by_its_content"),
        ({"problems": lambda self, path: ("inputs.raster_damaged",)}, "test_a_sound_file_has_no_problems"),
        ({"problems": lambda self, path: ()}, "test_a_cut_file_is_refused_and_nothing_else_is_raised"),
        ({"header": lambda self, path: {"Rows": 12}}, "test_a_header_is_text"),
        ({"read": read_wrong}, "test_what_is_read_has_its_form"),
        (
            {"read": lambda self, path: Unsteady.read(self, path)},
            READS_TWICE,
        ),
        ({"header": touching}, READS_TWICE),
        ({"with_secrets": True}, COPIES),
        (
            {"deidentified_copy": copied_under_its_name},
            COPIES,
        ),
    ],
)
def test_a_broken_reader_fails_the_check_that_is_there_for_it(methods, check):
    assert fails(broken(**methods), check)


def test_an_error_of_another_class_on_garbage_is_not_swallowed():
    with pytest.raises(ValueError, match="no picture"):
        broken(read=raising).test_garbage_is_refused()


def test_garbage_that_is_read_fails():
    def read_anything(self, path):
        return (Image(name="image-1", pixels=pixels(), photometric="grey"),), None, ("none",)

    assert fails(broken(read=read_anything), "test_garbage_is_refused")


# ------------------------------------------------------------------------------------------------------ adapters

TABLE = "case_id,finding,score\ncase-1,fracture,0.25\ncase-2,fracture,0.75\n"


def a_key(name):
    case = Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=("a.png",), strata={})
    return CaseKeys(case=case, sop_instance_uids={})


class TableChecks(AdapterChecks):
    def adapter(self):
        return Predictions(path="results.csv")

    def write_package(self, folder):
        (folder / "results.csv").write_text(TABLE, encoding="utf-8")

    def keys(self):
        return [a_key("case-1"), a_key("case-2")]


class ProgramChecks(AdapterChecks):
    def adapter(self):
        return PythonPackage(entry="product:Candidate")

    def write_package(self, folder):
        a_package(folder)


def test_the_adapter_of_tables_holds_every_check():
    assert failing(TableChecks()) == []


@LINUX
def test_the_adapter_of_python_packages_holds_every_check():
    assert failing(ProgramChecks()) == []


def of_table(**methods):
    made = type("Broken", (Predictions,), methods)

    class Checks(TableChecks):
        def adapter(self):
            return made(path="results.csv")

    return Checks()


def of_program(package=None, **methods):
    made = type("Broken", (PythonPackage,), methods)

    class Checks(ProgramChecks):
        def adapter(self):
            return made(entry="product:Candidate")

        def write_package(self, folder):
            a_package(folder, **(package or {}))

    return Checks()


def by_position(self, cases, base):
    return [
        AskedAnswer(answer=replace(each.answer, case_id=key.case.case_id))
        for key, each in zip(cases, Predictions.answers(self, sorted(cases, key=str), base), strict=True)
    ]


def first_only(self, cases, base):
    return list(Predictions.answers(self, cases, base))[:1]


def forgiving(self, cases, base):
    for key in cases:
        try:
            yield next(iter(Predictions.answers(self, [key], base)))
        except CandidateError:
            yield AskedAnswer(answer=Answer(case_id=key.case.case_id, status="abstained"))


@pytest.mark.parametrize(
    ("methods", "check"),
    [
        ({"name": "Tables"}, "test_it_says_what_it_is"),
        ({"program": lambda self, base, options: None}, "test_it_says_what_it_is"),
        ({"identity": lambda self, base: {}}, "test_identity_is_bound_to_every_file"),
        ({"identity": lambda self, base: {"results.csv": "0" * 64}}, "test_identity_is_bound_to_every_file"),
        ({"identity": lambda self, base: {"results.csv": "0"}}, "test_identity_is_bound_to_every_file"),
        ({"answers": first_only}, "test_every_case_has_one_answer_in_the_order_asked"),
        ({"answers": by_position}, "test_every_case_has_one_answer_in_the_order_asked"),
        ({"answers": forgiving}, "test_silence_is_a_failure"),
        ({"answers": forgiving}, "test_an_id_that_names_no_case_stops_everything"),
        ({"answers": forgiving}, "test_a_package_that_is_not_there_is_the_vendors_to_mend"),
    ],
)
def test_a_broken_adapter_of_files_fails_the_check_that_is_there_for_it(methods, check):
    assert fails(of_table(**methods), check)


def changed(**fields):
    return {"program": lambda self, base, options: replace(PythonPackage.program(self, base, options), **fields)}


@dataclass(frozen=True, kw_only=True)
class OtherForm(PythonPackage):
    name: ClassVar[str] = "python"

    def __post_init__(self):
        object.__setattr__(self, "receives", "pictures")


@pytest.mark.parametrize(
    ("methods", "check"),
    [
        (changed(options={"when": {1, 2}}), "test_a_program_can_be_started_from_what_it_says"),
        (changed(entry="product"), "test_a_program_can_be_started_from_what_it_says"),
        (changed(batch=0), "test_a_program_can_be_started_from_what_it_says"),
        (changed(hosts=("somewhere",)), "test_a_program_can_be_started_from_what_it_says"),
        (
            changed(readable=(Path("product.py"),)),
            "test_a_program_can_be_started_from_what_it_says",
        ),
    ],
)
@LINUX
def test_a_broken_adapter_of_programs_fails_the_check_that_is_there_for_it(methods, check):
    checks = of_program(**methods)
    with pytest.raises(AssertionError):
        getattr(checks, check)()


def test_an_adapter_that_receives_what_nobody_sends_fails():
    class Checks(ProgramChecks):
        def adapter(self):
            return OtherForm(entry="product:Candidate")

    with pytest.raises(AssertionError, match="receives"):
        Checks().test_it_says_what_it_is()


@LINUX
@pytest.mark.parametrize(
    ("package", "words"),
    [({"wrong": "raise ValueError('lost')"}, "lost"), ({"wrong": "score += self.n"}, "depends on the order")],
)
def test_a_program_that_fails_or_depends_on_the_order_fails(package, words):
    with pytest.raises(AssertionError, match=words):
        of_program(package=package).test_every_request_is_answered_whatever_the_order()
