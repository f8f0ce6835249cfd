import dataclasses
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import InputFileError
from dmn_bench.inputs import recordings
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.edf import EdfReader, read_edf_annotations
from dmn_bench.inputs.ishne import IshneReader
from dmn_bench.inputs.recordings import _packed, annotations_of, endings_beside, has_annotations, recording_info
from dmn_bench.inputs.wfdb_record import WfdbReader, read_annotations
from dmn_bench.vocabulary import Beats, Signals

from .ecg_factories import an_edf, an_ishne
from .factories import a_record, an_ecg, saved

with warnings.catch_warnings():  # the library warns when it is imported
    warnings.simplefilter("ignore")
    import wfdb

# … and when it writes annotations.
pytestmark = pytest.mark.filterwarnings("ignore:.*inplace:Warning")
SAMPLES = np.array([[0, 200], [100, -400], [50, 0]], dtype=np.int16)


class Counted(DicomEcgReader):
    """The reader of DICOM recordings, counting how often it is used."""

    times = 0

    def read(self, path):
        Counted.times += 1
        return super().read(path)

    def header(self, path):
        Counted.times += 1
        return super().header(path)


class Streamed:
    """A format whose header says nothing and whose samples come in pieces."""

    name = "streamed"
    gives = "signals"

    def recognises(self, path):
        return path.suffix == ".str"

    def header(self, path):
        return {}

    def blocks(self, path):
        for n in (5, 3):
            yield Signals(samples=np.zeros((n, 2)), sampling_hz=200.0, leads=("I", "II"))


@pytest.fixture(autouse=True)
def nothing_is_kept_from_another_test(monkeypatch):
    monkeypatch.setattr(recordings, "_INFOS", {})
    monkeypatch.setattr(recordings, "_ANNOTATIONS", {})
    monkeypatch.setattr(recordings, "_ROOM", [recordings.MOST_ANNOTATION_BYTES])


def annotate(folder, name, annotator="atr", **said):
    wfdb.wrann(
        name, annotator, np.array([1, 5, 9]), ["N", "+", "V"], aux_note=["", "(AFIB", ""], write_dir=str(folder), **said
    )


def test_length_and_rate_come_from_any_format(tmp_path):
    hea = a_record(tmp_path, SAMPLES)
    dcm = saved(an_ecg(SAMPLES), tmp_path / "e.dcm")
    (tmp_path / "x.str").touch()
    readers = (WfdbReader(), DicomEcgReader(), Streamed())
    assert recording_info(hea, readers) == (3, 360.0, ("MLII", "V1"))
    assert recording_info(tmp_path / "r01", readers)[:2] == (3, 360.0)
    signals = DicomEcgReader().read(dcm)[1]
    assert recording_info(dcm, readers)[:2] == (3, signals.sampling_hz)
    assert recording_info(tmp_path / "x.str", readers) == (8, 200.0, ("I", "II"))
    with pytest.raises(InputFileError, match="file_missing"):
        recording_info(tmp_path / "absent.hea", readers)


def test_a_file_is_looked_at_once_and_again_when_it_has_changed(tmp_path):
    dcm = saved(an_ecg(SAMPLES), tmp_path / "e.dcm")
    Counted.times = 0
    readers = (Counted(),)
    first = [recording_info(dcm, readers)[0] for _ in range(3)]
    once = Counted.times
    assert (first, once <= 2) == ([3, 3, 3], True)
    saved(an_ecg(np.concatenate([SAMPLES, SAMPLES])), dcm)
    os.utime(dcm, ns=(1, 1))
    assert recording_info(dcm, readers)[0] == 6
    assert Counted.times == 2 * once


def test_annotations_lie_beside_a_recording_of_any_format(tmp_path):
    hea = a_record(tmp_path, SAMPLES)
    annotate(tmp_path, "r01")
    dcm = saved(an_ecg(SAMPLES), tmp_path / "e.dcm")
    annotate(tmp_path, "e", fs=128)
    readers = (WfdbReader(), DicomEcgReader())
    for path in (hea, tmp_path / "r01", dcm, dcm):
        found = annotations_of(path, "atr", readers)
        assert (found.samples.tolist(), found.symbols, found.notes) == ([1, 5, 9], ("N", "+", "V"), ("", "(AFIB", ""))
    assert annotations_of(hea, "atr", readers).sampling_hz is None
    assert annotations_of(dcm, "atr", readers).sampling_hz == 128
    (tmp_path / "e.atr").rename(tmp_path / "e.dcm.atr")
    assert annotations_of(dcm, "atr", readers).sampling_hz == 128
    for annotator in ("qrs", "../r01", ""):
        with pytest.raises(InputFileError, match="annotations_missing"):
            annotations_of(hea, annotator, readers)


def test_a_holter_file_has_annotations_of_its_own_format_or_of_wfdb(tmp_path):
    stored = np.zeros((4, 500), dtype=int)
    notes = [f"+{record}\x14\x14\0".encode() for record in range(4)]
    notes[1] += b"+1.5\x14N\x14\0"
    an_edf(tmp_path / "h.edf", stored, notes=notes)
    an_ishne(tmp_path / "i.ecg", np.zeros((4000, 2), dtype=int))
    an_ishne(tmp_path / "i.ann", np.zeros((0, 2), dtype=int), beats=[(b"N", 0), (b"V", 150)], first=200)
    readers = (WfdbReader(), EdfReader(), IshneReader())
    assert recording_info(tmp_path / "h.edf", readers)[:2] == (1000, 250.0)
    assert recording_info(tmp_path / "i.ecg", readers)[:2] == (4000, 200.0)
    for name in ("h", "i"):
        annotate(tmp_path, name)
    for name in ("h.edf", "i.ecg"):
        assert annotations_of(tmp_path / name, "atr", readers).symbols == ("N", "+", "V")
    assert all(has_annotations(tmp_path / name, "atr", readers) for name in ("h.edf", "i.ecg"))
    assert has_annotations(tmp_path / "i.ecg", "ann", readers)
    assert has_annotations(tmp_path / "h.edf", "edf", readers)
    assert not any(has_annotations(tmp_path / "h.edf", name, readers) for name in ("qrs", "ann", "../h"))
    assert set(endings_beside(tmp_path / "h.edf")) == {"atr"}
    own = annotations_of(tmp_path / "i.ecg", "ann", readers)
    assert (own.samples.tolist(), own.symbols) == ([200, 350], ("N", "V"))
    within = annotations_of(tmp_path / "h.edf", "edf", readers)
    assert plain(within) == plain(read_edf_annotations(tmp_path / "h.edf"))
    assert len(within.samples) == 1


def test_annotations_are_parsed_once_for_their_bytes(tmp_path, monkeypatch):
    hea = a_record(tmp_path, SAMPLES)
    annotate(tmp_path, "r01")
    parsed = []

    def counted(path, annotator):
        parsed.append(path)
        return read_annotations(path, annotator)

    monkeypatch.setattr(recordings, "read_annotations", counted)
    found = [annotations_of(hea, "atr", (WfdbReader(),)) for _ in range(4)]
    assert len(parsed) == 1
    assert all(plain(one) == plain(found[0]) for one in found)
    annotate(tmp_path, "r01", fs=100)
    assert annotations_of(hea, "atr", (WfdbReader(),)).sampling_hz == 100
    assert len(parsed) == 2


def test_what_does_not_fit_is_parsed_again_and_what_was_kept_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "_ROOM", [1500])
    for name in ("r01", "r02"):
        a_record(tmp_path, SAMPLES, name=name)
        annotate(tmp_path, name, fs=100 if name == "r01" else 200)
    rates = [
        annotations_of(tmp_path / name, "atr", (WfdbReader(),)).sampling_hz for name in ("r01", "r02", "r01", "r02")
    ]
    assert rates == [100, 200, 100, 200]
    assert len(recordings._ANNOTATIONS) == 1


@given(
    symbols=st.lists(st.sampled_from(["N", "V", "+", "~", "|"]), max_size=30),
    notes=st.booleans(),
    subtypes=st.booleans(),
    hz=st.none() | st.just(128.0),
)
def test_what_is_kept_comes_back_as_it_was(symbols, notes, subtypes, hz):
    beats = Beats(
        samples=np.arange(len(symbols)) * 100,
        symbols=tuple(symbols),
        subtypes=tuple(range(len(symbols))) if subtypes else (),
        notes=tuple("(AFIB" if symbol == "+" else "" for symbol in symbols) if notes else (),
        sampling_hz=hz,
    )
    assert plain(_packed(beats).beats()) == plain(beats)


def plain(beats):
    return {**dataclasses.asdict(beats), "samples": beats.samples.tolist()}


LONG = """
import resource, sys, tempfile
from pathlib import Path
from dmn_bench.inputs.requests import case_files, load_files
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import Case, SignalForm

root, readers = Path(sys.argv[1]), (WfdbReader(),)
case = Case(case_id="c", patient_id="c", exam_id="c", laterality="", files=("long.hea",), strata={})
form = SignalForm(leads=("III", "V5"), sampling_hz=125) if sys.argv[2] == "form" else None
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with tempfile.TemporaryDirectory() as scratch:
    files = case_files(case, root, readers)
    load_files(case, files, receives="wfdb", request_id="r", scratch=Path(scratch), form=form)
assert not readers[0].problems(root / "long.hea")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["as-recorded", "form"])
def test_a_long_recording_takes_no_more_memory_than_a_short_one(tmp_path, form):
    taken = []
    for hours in (2, 10):
        folder = tmp_path / str(hours)
        folder.mkdir()
        hour = (np.random.default_rng(1).normal(size=(250 * 3600, 3)) * 200).astype("<i2")
        with (folder / "long.dat").open("wb") as stream:
            for _ in range(hours):
                stream.write(hour.tobytes())
        lines = [
            f"long.dat 16 200(0)/mV 16 0 0 {int(hour[:, k].sum(dtype=int)) * hours % 65536} 0 {lead}"
            for k, lead in enumerate(("I", "II", "V5"))
        ]
        (folder / "long.hea").write_text("\n".join([f"long 3 250 {len(hour) * hours}", *lines]) + "\n")
        done = subprocess.run(
            [sys.executable, "-c", LONG, str(folder), form], capture_output=True, text=True, check=True
        )
        taken.append(int(done.stdout))
    assert taken[1] < 200  # MiB; the samples are 216 MB
    assert taken[1] < taken[0] + 40
