from pathlib import Path

import numpy as np
import pytest

from dmn_bench.errors import InputFileError
from dmn_bench.hookspecs import StreamingReader
from dmn_bench.inputs.edf import EdfReader, read_edf_annotations, register_readers
from dmn_bench.inputs.edf_header import looks_like_edf, notes_of_record
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import ReaderChecks

from .ecg_factories import SECRETS, altered_everywhere, an_edf, cut_everywhere, outcome

READER = EdfReader()
RNG = np.random.default_rng(1)
STORED = RNG.integers(-32768, 32768, (4, 500))


def read(path):
    return READER.read(path)[1]


class TestEdfReader(ReaderChecks):
    def reader(self):
        return EdfReader()

    def copy_reader(self):
        return WfdbReader()

    def write(self, folder: Path) -> Path:
        return an_edf(folder / "Nomfaux.edf", STORED)

    def secrets(self):
        return SECRETS


def test_it_registers_itself_and_streams():
    assert register_readers() == [EdfReader]
    assert isinstance(READER, StreamingReader)


def test_signals_are_millivolts_in_the_order_of_the_file(tmp_path):
    stored = np.zeros((1, 500), dtype=int)
    stored[0, :3] = [0, 1000, -1000]
    stored[0, 250:252] = [32767, -32768]
    signals = read(an_edf(tmp_path / "a.edf", stored))
    assert (signals.leads, signals.sampling_hz, signals.samples.shape) == (("II", "V1"), 250.0, (250, 2))
    assert signals.samples[:3, 0].tolist() == pytest.approx([0, 0.1, -0.1], abs=1e-9)  # 0.1 uV for each step
    assert signals.samples[:2, 1].tolist() == pytest.approx([5, -5], abs=1e-9)  # limits of the amplifier are values


def test_the_header_gives_number_sex_age_day_and_device_and_no_name(tmp_path):
    header = READER.header(an_edf(tmp_path / "a.edf", STORED))
    assert header == {
        "PatientID": "H4711",
        "StudyDate": "20200202",
        "AcquisitionDateTime": "20200202101112",
        "PatientSex": "F",
        "PatientAge": "069Y",
        "ManufacturerModelName": "Holter 9",
        "SamplingFrequency": "250",
        "NumberOfWaveformSamples": "1000",
        "NumberOfWaveformChannels": "2",
    }
    plain = READER.header(an_edf(tmp_path / "b.edf", STORED, kind="EDF"))
    assert "PatientSex" not in plain  # free text in EDF, words of fixed meaning in EDF+ alone


@pytest.mark.parametrize("patient", ["X X X X", "", "H4711 F 31-FEB-1950 X", "H4711 Q 01-MAR-2050 X"])
def test_a_patient_who_is_not_described_has_neither_sex_nor_age(tmp_path, patient):
    header = READER.header(an_edf(tmp_path / "a.edf", STORED, patient=patient))
    assert "PatientAge" not in header
    assert header.get("PatientSex", "") in ("", "F")


def test_bdf_has_three_bytes(tmp_path):
    stored = RNG.integers(-(2**23), 2**23, (2, 500))
    signals = read(an_edf(tmp_path / "a.bdf", stored, kind="BDF+C", limits=(("-8388608", "8388607"), ("-5", "5"))))
    assert signals.samples[:, 0].tolist() == pytest.approx(stored[:, :250].ravel() / 1000, abs=1e-9)


def test_pauses_of_edf_plus_d_are_missing_samples(tmp_path):
    notes = [b"+7\x14\x14\0", b"+8\x14\x14\0", b"+20\x14\x14\0+20.5\x14V\x14\0", b"+21\x14\x14\0"]
    path = an_edf(tmp_path / "a.edf", STORED, kind="EDF+D", notes=notes)
    signals = read(path)
    whole = read(an_edf(tmp_path / "b.edf", STORED))
    assert len(signals.samples) == 15 * 250  # from second 7 to second 22
    assert np.isnan(signals.samples[500:3250]).all()
    there = np.concatenate([signals.samples[:500], signals.samples[3250:]])
    assert np.array_equal(there, whole.samples)
    assert read_edf_annotations(path).samples.tolist() == [3375]  # 13.5 s after the first sample
    assert READER.header(path)["NumberOfWaveformSamples"] == "3750"
    copy = READER.deidentified_copy(path, tmp_path / "out", "record-1")[0]
    assert np.array_equal(WfdbReader().read(copy)[1].samples, signals.samples, equal_nan=True)


def test_the_pieces_are_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("dmn_bench.inputs.edf._BLOCK_BYTES", 1200)
    notes = [b"+0\x14\x14\0", b"+1\x14\x14\0", b"+3\x14\x14\0", b"+4\x14\x14\0"]
    path = an_edf(tmp_path / "a.edf", STORED, kind="EDF+D", notes=notes)
    pieces = list(READER.blocks(path))
    assert len(pieces) > 3
    whole = np.concatenate([piece.samples for piece in pieces])
    assert np.array_equal(whole, read(path).samples, equal_nan=True)


@pytest.mark.parametrize(
    ("kind", "times"),
    [("EDF+C", ["+0", "+1", "+9", "+10"]), ("EDF+D", ["+0", "+0.5", "+2", "+3"]), ("EDF+D", ["+3", "+2", "+1", "+0"])],
)
def test_times_that_contradict_are_refused(tmp_path, kind, times):
    notes = [f"{time}\x14\x14\0".encode() for time in times]
    assert outcome(READER, an_edf(tmp_path / "a.edf", STORED, kind=kind, notes=notes)) == "inputs.edf_bad_times"


def test_a_pause_of_years_is_refused_and_not_filled(tmp_path):
    notes = [b"+0\x14\x14\0", b"+1\x14\x14\0", b"+99999999999\x14\x14\0", b"+99999999999999999999999\x14\x14\0"]
    path = an_edf(tmp_path / "a.edf", STORED, kind="EDF+D", notes=notes)
    assert outcome(READER, path) == "inputs.edf_bad_times"


def test_a_record_without_its_time_is_refused(tmp_path):
    path = an_edf(tmp_path / "a.edf", STORED, kind="EDF+D", notes=[b"", b"", b"", b""])
    assert outcome(READER, path) == "inputs.edf_bad_times"


def test_the_times_of_records_may_be_rounded(tmp_path):
    notes = [b"+0\x14\x14\0", b"+1.003\x14\x14\0", b"+1.999\x14\x14\0", b"+3.002\x14\x14\0"]
    assert len(read(an_edf(tmp_path / "a.edf", STORED, kind="EDF+D", notes=notes)).samples) == 1000


def test_beats_and_rhythms_are_read_where_their_codes_stand_alone(tmp_path):
    notes = [
        b"+0\x14\x14\0+0.5\x14N\x14\0+0.2\x14(AFIB\x14\0",
        b"+1\x14\x14\0+1.5\x151\x14V\x14Prenomtest Nomfaux fainted\x14\0",
        b"+2\x14\x14\0",
        b"+3\x14\x14\0",
    ]
    beats = read_edf_annotations(an_edf(tmp_path / "a.edf", STORED, notes=notes))
    assert beats.samples.tolist() == [50, 125, 375]
    assert beats.symbols == ("+", "N", "V")
    assert beats.notes == ("(AFIB", "", "")
    with pytest.raises(InputFileError, match="annotations_missing"):
        read_edf_annotations(an_edf(tmp_path / "b.edf", STORED))


def test_an_annotation_has_onset_duration_and_texts():
    found = list(notes_of_record(b"+1\x14\x14\0+2.25\x150.5\x14a\x14b\x14\0\0\0"))
    assert [(float(each.onset_s), each.text) for each in found] == [(1, ""), (2.25, "a"), (2.25, "b")]
    assert float(found[1].duration_s) == 0.5


def test_other_kinds_of_signals_are_left_out_and_named(tmp_path):
    path = an_edf(
        tmp_path / "a.edf",
        RNG.integers(-9, 9, (2, 450)),
        labels=("EEG C3", "SpO2", "ECG"),
        units=("uV", "%", "mV"),
        limits=(("-1", "1"), ("0", "100"), ("-5", "5")),
        per_record=(150, 50, 250),
    )
    assert read(path).leads == ("ECG",)
    assert READER.left_out(path) == ("EEG C3", "SpO2")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"units": ("uV", "")}, "inputs.unit_unknown"),
        ({"labels": ("EEG 1", "EMG chin")}, "inputs.edf_no_voltage"),
        ({"labels": ("air", "oil"), "units": ("C", "kPa")}, "inputs.edf_no_voltage"),
        ({"per_record": (100, 400)}, "inputs.edf_several_rates"),
        ({"n_records": "-1"}, "inputs.edf_not_finished"),
        ({"n_records": "5"}, "inputs.edf_cut"),
        ({"n_records": "99999999"}, "inputs.edf_cut"),
        ({"n_records": "3"}, "inputs.edf_surplus"),
        ({"n_records": "0"}, "inputs.edf_bad_header"),
        ({"header_bytes": "512"}, "inputs.edf_bad_header"),
        ({"seconds": "0"}, "inputs.edf_bad_header"),
        ({"seconds": "nan"}, "inputs.edf_bad_header"),
        ({"seconds": "1e999999"}, "inputs.edf_bad_header"),
        ({"limits": (("1", "1"), ("-5", "5"))}, "inputs.edf_bad_header"),
        ({"limits": (("", "1"), ("-5", "5"))}, "inputs.edf_bad_header"),
    ],
)
def test_what_cannot_be_honoured_is_refused(tmp_path, changes, key):
    path = an_edf(tmp_path / "a.edf", STORED, **changes)
    assert outcome(READER, path) == key
    assert READER.problems(path) == (key,)


def test_inverted_limits_turn_the_signal_over(tmp_path):
    upright = read(an_edf(tmp_path / "a.edf", STORED)).samples[:, 1]
    inverted = an_edf(tmp_path / "b.edf", STORED, limits=(("-3276.8", "3276.7"), ("5", "-5")))
    assert np.allclose(read(inverted).samples[:, 1], -upright, rtol=0, atol=1e-9)


def test_limits_that_no_whole_baseline_fits_are_read_to_a_hundredth_of_a_step(tmp_path):
    limits = (("-3.1415", "2.7183"), ("-0.77771", "5.12349"))
    path = an_edf(tmp_path / "a.edf", STORED, units=("mV", "mV"), limits=limits)
    for lead, (low, high) in enumerate(limits):
        step = (float(high) - float(low)) / 65535
        exact = float(low) + (STORED[:, 250 * lead : 250 * lead + 250].ravel() + 32768) * step
        assert np.abs(read(path).samples[:, lead] - exact).max() < step / 100


def test_a_table_is_no_edf():
    assert not looks_like_edf(b"0       " + b"x" * 300)
    assert not looks_like_edf(b"")


def test_cut_files_are_refused(tmp_path):
    cut_everywhere(READER, an_edf(tmp_path / "a.edf", STORED))


@pytest.mark.parametrize("kind", ["EDF", "EDF+C", "EDF+D", "BDF"])
def test_altered_bytes_never_crash(tmp_path, kind):
    altered_everywhere(READER, an_edf(tmp_path / "a.edf", STORED, kind=kind), 1024, 120 if kind == "EDF+D" else 40)
