import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmn_bench.inputs import signal_copy
from dmn_bench.inputs.signal_copy import CopiedSignals, rename_record, write_blocks, write_wfdb
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import Signals

with warnings.catch_warnings():  # the library warns when it is imported
    warnings.simplefilter("ignore")
    import wfdb


def a_signal(samples, leads=("I", "II")):
    return Signals(samples=np.asarray(samples, dtype=np.float64), sampling_hz=500.0, leads=leads)


def witness(folder, name="record-1"):
    return wfdb.rdrecord(str(folder / name))


def test_digital_values_are_copied_as_they_are(tmp_path):
    digital = np.array([[0, -5], [2**31 - 1, 7], [3, 9]])
    samples = (digital - [3, 0]) / [204.8, 1000.0]
    samples[2, 1] = np.nan
    files = write_wfdb(a_signal(samples), tmp_path, "record-1", digital=digital, gains=[204.8, 1000], baselines=[3, 0])
    assert [file.name for file in files] == ["record-1.hea", "record-1.dat"]
    stored = wfdb.rdrecord(str(tmp_path / "record-1"), physical=False).d_signal
    assert stored.tolist() == [[0, -5], [2**31 - 1, 7], [3, -(2**31)]]
    assert np.allclose(witness(tmp_path).p_signal, samples, rtol=1e-12, atol=0, equal_nan=True)
    again = WfdbReader().read(files[0])[1]
    assert np.array_equal(again.samples, samples, equal_nan=True)
    assert WfdbReader().problems(files[0]) == ()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    values=st.lists(st.floats(-2000, 2000) | st.just(float("nan")), min_size=1, max_size=40),
)
def test_millivolts_without_digital_values_are_off_by_half_a_nanovolt_at_most(tmp_path, values):
    samples = np.array(values).reshape(-1, 1)
    write_wfdb(a_signal(samples, ("I",)), tmp_path, "record-1")
    found = witness(tmp_path).p_signal
    assert np.array_equal(np.isnan(found), np.isnan(samples))
    assert np.nanmax(np.abs(found - samples), initial=0) <= 0.5001e-6


def test_a_value_that_needs_it_has_a_coarser_gain_and_the_other_leads_do_not(tmp_path):
    hea, _ = write_wfdb(a_signal([[3000.0, 1e-6]]), tmp_path, "record-1")
    assert witness(tmp_path).p_signal.tolist() == [[3000.0, 1e-6]]
    assert "100000.0(0)/mV" in hea.read_text()


def test_what_is_no_number_and_what_does_not_fit_is_marked_invalid(tmp_path):
    write_wfdb(a_signal([[np.inf, 1.0]]), tmp_path, "record-1")
    assert np.isnan(witness(tmp_path).p_signal).tolist() == [[True, False]]
    digital = np.array([[2**40, 1]])
    write_wfdb(a_signal([[5.0, 1.0]]), tmp_path, "record-1", digital=digital, gains=[1.0, 1.0])
    assert np.isnan(witness(tmp_path).p_signal).tolist() == [[True, False]]


def test_a_copy_says_nothing_but_signals(tmp_path):
    hea, _ = write_wfdb(a_signal([[0.0, 0.0]], ("avr", "Prenomtest Nomfaux")), tmp_path, "record-1")
    assert hea.read_text().splitlines() == [
        "record-1 2 500.0 1",
        "record-1.dat 32 1000000.0(0)/mV 32 0 0 0 0 aVR",
        "record-1.dat 32 1000000.0(0)/mV 32 0 0 0 0 lead-2",
    ]


def test_blocks_make_the_same_record_as_the_whole(tmp_path, monkeypatch):
    samples = np.random.default_rng(1).normal(size=(1000, 2))
    whole = write_wfdb(a_signal(samples), tmp_path / "whole", "r")
    monkeypatch.setattr(signal_copy, "ROWS_PER_BLOCK", 17)
    parts = write_wfdb(a_signal(samples), tmp_path / "parts", "r")
    assert [file.read_bytes() for file in whole] == [file.read_bytes() for file in parts]


@pytest.mark.parametrize(
    "wrong",
    [
        {"digital": np.zeros((2, 2), int), "gains": [1.0, 1.0]},
        {"digital": np.zeros((1, 2), int)},
        {"digital": np.zeros((1, 2), int), "gains": [1.0]},
        {"digital": np.zeros((1, 2), int), "gains": [1.0, 0.0]},
        {"digital": np.zeros((1, 2), int), "gains": [1.0, float("nan")]},
        {"digital": np.zeros((1, 2), int), "gains": [1.0, 1.0], "baselines": [0]},
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match=r"than|zero"):
        write_wfdb(a_signal([[0.0, 0.0]]), tmp_path, "r", **wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_record_takes_another_name(tmp_path):
    hea, dat = write_wfdb(a_signal([[0.25, 0.5]]), tmp_path, "record-1")
    rename_record(hea, "ab12")
    hea.rename(tmp_path / "ab12.hea")
    dat.rename(tmp_path / "ab12.dat")
    assert witness(tmp_path, "ab12").p_signal.tolist() == [[0.25, 0.5]]


def test_no_block_at_all_is_an_empty_record(tmp_path):
    about = CopiedSignals(sampling_hz=1.0, leads=("I",), gains=(1.0,), baselines=(0,), units=("mV",))
    hea, dat = write_blocks(iter(()), about, tmp_path, "r")
    assert dat.read_bytes() == b""
    assert hea.read_text().splitlines()[0] == "r 1 1.0 0"
