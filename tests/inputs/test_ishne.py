import struct
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.errors import InputFileError
from dmn_bench.hookspecs import StreamingReader
from dmn_bench.inputs.ishne import IshneReader, read_ishne_annotations, register_readers
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import ReaderChecks

from .ecg_factories import SECRETS, altered_everywhere, an_ishne, cut_everywhere, outcome

READER = IshneReader()
STORED = np.random.default_rng(2).integers(-32767, 32768, (1501, 2))


class TestIshneReader(ReaderChecks):
    def reader(self):
        return IshneReader()

    def copy_reader(self):
        return WfdbReader()

    def write(self, folder: Path) -> Path:
        return an_ishne(folder / "Nomfaux.ecg", STORED)

    def secrets(self):
        return SECRETS


def test_it_registers_itself_and_streams():
    assert register_readers() == [IshneReader]
    assert isinstance(READER, StreamingReader)


def test_signals_are_millivolts_and_a_lead_that_is_off_is_missing(tmp_path):
    stored = np.array([[0, 200], [400, -32768], [-400, 32767]])
    signals = READER.read(an_ishne(tmp_path / "a.ecg", stored))[1]
    assert (signals.leads, signals.sampling_hz) == (("II", "V1"), 200.0)
    assert signals.samples[:, 0].tolist() == [0, 1, -1]  # 2.5 uV for each step
    assert signals.samples[[0, 2], 1].tolist() == [1, 163.835]
    assert np.isnan(signals.samples[1, 1])


@pytest.mark.parametrize(("pacemaker", "found"), [(0, "NO"), (2, "YES"), (-9, None)])
def test_the_header_gives_sex_age_recorder_and_pacemaker(tmp_path, pacemaker, found):
    header = READER.header(an_ishne(tmp_path / "a.ecg", STORED, pacemaker=pacemaker))
    assert (header["PatientSex"], header["PatientAge"], header["ManufacturerModelName"]) == ("F", "069Y", "digital")
    assert (header["SamplingFrequency"], header["NumberOfWaveformSamples"]) == ("200", "1501")
    assert header.get("Pacemaker") == found
    assert (header["PatientID"], header["StudyDate"]) == ("H4711", "20200202")
    assert header["AcquisitionDateTime"] == "20200202101112"
    assert not any("Nomfaux" in value or "Prenomtest" in value for value in header.values())


def test_leads_without_a_name_are_called_after_their_place(tmp_path):
    path = an_ishne(tmp_path / "a.ecg", STORED, codes=(1, 99))
    assert READER.read(path)[1].leads == ("lead 1", "lead 2")


def test_samples_may_be_counted_by_lead_or_together(tmp_path):
    by_lead = READER.read(an_ishne(tmp_path / "a.ecg", STORED))[1]
    together = READER.read(an_ishne(tmp_path / "b.ecg", STORED, counted=STORED.size))[1]
    assert np.array_equal(by_lead.samples, together.samples)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"counted": 1600}, "inputs.ishne_cut"),
        ({"counted": 1_000_000_000}, "inputs.ishne_cut"),
        ({"counted": 1400}, "inputs.ishne_surplus"),
        ({"counted": 0}, "inputs.ishne_bad_header"),
        ({"counted": -5}, "inputs.ishne_bad_header"),
        ({"hz": 0}, "inputs.ishne_bad_header"),
        ({"nanovolts": (2500, 0)}, "inputs.ishne_not_calibrated"),
        ({"nanovolts": (2500, -9)}, "inputs.ishne_not_calibrated"),
    ],
)
def test_what_cannot_be_honoured_is_refused(tmp_path, changes, key):
    path = an_ishne(tmp_path / "a.ecg", STORED, **changes)
    assert outcome(READER, path) == key
    assert READER.problems(path) == (key,)


def test_a_header_that_was_changed_is_a_problem_but_readable(tmp_path):
    path = an_ishne(tmp_path / "a.ecg", STORED)
    data = bytearray(path.read_bytes())
    data[300] ^= 1
    path.write_bytes(bytes(data))
    assert READER.problems(path) == ("inputs.ishne_checksum_differs",)
    assert outcome(READER, path) == "read"


def test_the_pieces_are_the_whole_and_so_is_the_copy(tmp_path, monkeypatch):
    stored = STORED.copy()
    stored[700:710, 1] = -32768
    path = an_ishne(tmp_path / "a.ecg", stored)
    whole = READER.read(path)[1].samples
    monkeypatch.setattr("dmn_bench.inputs.ishne._BLOCK_ROWS", 400)
    pieces = [piece.samples for piece in READER.blocks(path)]
    assert len(pieces) == 4
    assert np.array_equal(np.concatenate(pieces), whole, equal_nan=True)
    copy = READER.deidentified_copy(path, tmp_path / "out", "record-1")[0]
    assert np.array_equal(WfdbReader().read(copy)[1].samples, whole, equal_nan=True)


def test_annotations_are_found_beside_the_recording(tmp_path):
    recording = an_ishne(tmp_path / "a.ecg", STORED)
    beats = [(b"N", 160), (b"V", 100), (b"C", 5), (b"S", 200), (b"P", 150), (b"X", 7), (b"U", 9), (b"B", 65000)]
    an_ishne(tmp_path / "a.ann", STORED, beats=beats)
    for path in (recording, tmp_path / "a.ann"):
        found = read_ishne_annotations(path)
        assert found.samples.tolist() == [40, 200, 300, 505, 655, 662, 671, 65671]
        assert found.symbols == ("Q", "N", "V", "S", "/", "|", "Q", "B")
        assert found.sampling_hz == 200.0
        assert len(found.subtypes) == len(found.notes) == 8
    assert not READER.recognises(tmp_path / "a.ann")


def test_a_first_label_of_the_first_place_stands_alone(tmp_path):
    an_ishne(tmp_path / "a.ann", STORED, beats=[(b"N", 0), (b"V", 10)])
    found = read_ishne_annotations(tmp_path / "a.ann")
    assert (found.samples.tolist(), found.symbols) == ([40, 50], ("N", "V"))


def test_no_annotation_but_the_first_place_is_one_beat(tmp_path):
    an_ishne(tmp_path / "a.ann", STORED, beats=[])
    assert read_ishne_annotations(tmp_path / "a.ann").symbols == ("Q",)


@pytest.mark.parametrize("label", [b"!", b"z", b"\0"])
def test_labels_after_which_places_are_unknown_are_refused(tmp_path, label):
    an_ishne(tmp_path / "a.ann", STORED, beats=[(b"N", 9), (label, 10)])
    with pytest.raises(InputFileError, match="annotations_damaged"):
        read_ishne_annotations(tmp_path / "a.ann")


def test_missing_and_cut_annotations_are_refused(tmp_path):
    with pytest.raises(InputFileError, match="annotations_missing"):
        read_ishne_annotations(tmp_path / "a.ecg")
    path = an_ishne(tmp_path / "a.ann", STORED, beats=[(b"N", 9)] * 20)
    whole = path.read_bytes()
    for n_bytes in (0, 100, 521, 540, len(whole) - 1, len(whole) - 3):
        path.write_bytes(whole[:n_bytes])
        with pytest.raises(InputFileError, match="annotations_damaged"):
            read_ishne_annotations(path)


def test_altered_annotations_never_crash(tmp_path):
    path = an_ishne(tmp_path / "a.ann", STORED, beats=[(b"N", 9)] * 20)
    whole, rng = path.read_bytes(), np.random.default_rng(3)
    for _ in range(120):
        altered = bytearray(whole)
        altered[rng.integers(len(whole))] = rng.integers(256)
        path.write_bytes(bytes(altered))
        try:
            found = read_ishne_annotations(path)
        except InputFileError:
            continue
        assert (np.diff(found.samples) >= 0).all()


def test_offsets_outside_the_file_are_refused(tmp_path):
    path = an_ishne(tmp_path / "a.ecg", STORED)
    data = bytearray(path.read_bytes())
    for begin in (-1, 0, 521, 2**31 - 1):
        data[22:26] = struct.pack("<i", begin)
        path.write_bytes(bytes(data))
        assert outcome(READER, path) == "inputs.ishne_bad_header"


def test_cut_files_are_refused(tmp_path):
    cut_everywhere(READER, an_ishne(tmp_path / "a.ecg", STORED))


def test_altered_bytes_never_crash(tmp_path):
    altered_everywhere(READER, an_ishne(tmp_path / "a.ecg", STORED), 560)
