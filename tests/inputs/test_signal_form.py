import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from dmn_bench.errors import InputFileError, RejectedInputError
from dmn_bench.inputs import signal_form
from dmn_bench.inputs.leads import STANDARD_12
from dmn_bench.inputs.signal_form import check_length, exact_ratio, shaped, shaped_blocks
from dmn_bench.vocabulary import SignalForm, Signals

NAN = float("nan")


def a_signal(samples, leads=("I", "II"), hz=250.0):
    return Signals(samples=np.asarray(samples, dtype=np.float64), sampling_hz=hz, leads=leads)


def a_wave(n, hz, frequency=3.0):
    return np.sin(2 * np.pi * frequency * np.arange(n) / hz).reshape(-1, 1)


def why_rejected(signals, form):
    with pytest.raises(RejectedInputError) as caught:
        shaped(signals, form)
    (problem,) = caught.value.problems
    return problem


def test_nothing_declared_changes_nothing_but_the_spelling_of_leads():
    found = shaped(a_signal([[1, 2]], ("AVR", "Nomtest")), SignalForm())
    assert (found.samples.tolist(), found.sampling_hz, found.leads) == ([[1.0, 2.0]], 250.0, ("aVR", "lead-2"))


def test_leads_come_in_the_order_asked_for_whatever_their_spelling():
    signals = a_signal([[1, 2, 3]], ("Lead I (Einthoven)", "mdc_ecg_lead_V1", "AVF"))
    found = shaped(signals, SignalForm(leads=("avf", "V1")))
    assert (found.leads, found.samples.tolist()) == (("aVF", "V1"), [[3.0, 2.0]])


def test_limb_leads_written_as_in_france_are_found_and_computed_from():
    signals = a_signal([[1, 2, 3]], ("D1", "D2", "V1"))
    assert shaped(signals, SignalForm(leads=("I", "III", "V1"))).samples.tolist() == [[1.0, 1.0, 3.0]]
    assert shaped(signals, SignalForm(leads=("D2", "V1"))).leads == ("II", "V1")


def test_limb_leads_are_computed_by_the_definitions_of_einthoven_and_goldberger():
    one, two = 0.3, 0.7
    found = shaped(a_signal([[one, two]]), SignalForm(leads=("III", "aVR", "aVL", "aVF")))
    left, right, foot = one * 2 / 3, 0.0, 0.0  # any potentials of the limbs with I = L - R and II = F - R
    right, left, foot = -(one + two) / 3, one - (one + two) / 3, two - (one + two) / 3
    by_hand = [foot - left, right - (left + foot) / 2, left - (right + foot) / 2, foot - (left + right) / 2]
    assert found.samples[0] == pytest.approx(by_hand, abs=1e-15)


def test_a_limb_lead_that_was_recorded_is_given_as_recorded():
    found = shaped(a_signal([[1, 2, 9]], ("I", "II", "III")), SignalForm(leads=("III",)))
    assert found.samples.tolist() == [[9.0]]


def test_eight_leads_become_twelve():
    eight = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
    found = shaped(a_signal([range(8)], eight), SignalForm(leads=STANDARD_12))
    assert found.leads == STANDARD_12
    assert found.samples.tolist() == [[0.0, 1.0, 1.0, -0.5, -0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]]


def test_a_name_twice_means_the_first_and_the_second_lead_of_that_name():
    signals = a_signal([[1, 2]], ("ECG", "ECG"))
    assert shaped(signals, SignalForm(leads=("ECG", "ECG"))).samples.tolist() == [[1.0, 2.0]]
    assert shaped(signals, SignalForm(leads=("ECG",))).samples.tolist() == [[1.0]]
    assert why_rejected(signals, SignalForm(leads=("ECG",) * 3)).key == "inputs.form_lead_absent"


@pytest.mark.parametrize(
    ("leads", "wanted"), [(("I", "II"), "V1"), (("MLII", "V1"), "II"), (("I", "III"), "aVF"), (("II", "V1"), "III")]
)
def test_a_lead_that_cannot_be_had_is_rejected_and_named(leads, wanted):
    problem = why_rejected(a_signal([[1, 2]], leads), SignalForm(leads=(wanted,)))
    assert (problem.key, problem.facts["expected"]) == ("inputs.form_lead_absent", wanted)


def test_a_rejection_says_no_name_that_a_file_wrote_for_a_lead():
    problem = why_rejected(a_signal([[1, 2]], ("Prenomtest Nomfaux", "II")), SignalForm(leads=("V1",)))
    assert problem.facts["found"] == "lead-1, II"


def test_microvolts_are_a_thousand_to_the_millivolt():
    assert shaped(a_signal([[0.5, -1]]), SignalForm(unit="uV")).samples.tolist() == [[500.0, -1000.0]]


@pytest.mark.parametrize(
    ("form", "key"),
    [
        (SignalForm(least_seconds=2.001), "inputs.form_too_short"),
        (SignalForm(most_seconds=1.999), "inputs.form_too_long"),
        (SignalForm(least_seconds=2.0, most_seconds=2.0), None),
    ],
)
def test_a_length_that_is_not_taken_is_rejected(form, key):
    signals = a_signal(np.zeros((500, 2)))
    if key is None:
        assert shaped(signals, form).samples.shape == (500, 2)
    else:
        assert why_rejected(signals, form).key == key


def test_samples_without_value_are_kept_or_refused_in_the_leads_asked_for():
    signals = a_signal([[1, NAN], [2, 3]])
    assert np.isnan(shaped(signals, SignalForm()).samples).tolist() == [[False, True], [False, False]]
    assert why_rejected(signals, SignalForm(invalid="refuse")).key == "inputs.form_invalid_samples"
    assert shaped(signals, SignalForm(invalid="refuse", leads=("I",))).samples.tolist() == [[1.0], [2.0]]
    assert why_rejected(signals, SignalForm(invalid="refuse", leads=("III",))).key == "inputs.form_invalid_samples"


@pytest.mark.parametrize(
    ("source", "target"), [(360, 250), (500, 100), (100, 500), (257, 128), (333.5, 250), (128, 360)]
)
def test_a_wave_keeps_its_place_and_size_at_another_rate(source, target):
    n = 20 * int(source)
    found = shaped(a_signal(a_wave(n, source), ("I",), source), SignalForm(sampling_hz=target))
    assert found.sampling_hz == target
    assert len(found.samples) == -(-n * Fraction(repr(float(target))) // Fraction(repr(float(source))))
    inner = slice(int(target), -int(target))
    assert np.abs(found.samples - a_wave(len(found.samples), target))[inner].max() < 2e-3


@pytest.mark.parametrize(("source", "target"), [(360, 250), (500, 100), (100, 500)])
def test_without_gaps_it_is_what_scipy_gives_for_the_whole(source, target):
    samples = np.random.default_rng(3).normal(size=(5 * source, 2))
    ratio = Fraction(target, source)
    witness = resample_poly(samples, ratio.numerator, ratio.denominator, axis=0, padtype="edge")
    found = shaped(a_signal(samples, hz=source), SignalForm(sampling_hz=target)).samples
    assert np.allclose(found, witness, rtol=0, atol=1e-12)


def test_a_constant_stays_constant_up_to_both_ends():
    found = shaped(a_signal(np.full((700, 2), 1.25), hz=360.0), SignalForm(sampling_hz=250.0)).samples
    assert np.abs(found - 1.25).max() < 2e-3


def test_a_gap_stays_a_gap_and_what_is_beside_it_stays_as_it_was():
    wave = a_wave(3600, 360.0)
    broken = wave.copy()
    broken[1000:1360] = NAN
    whole = shaped(a_signal(wave, ("I",), 360.0), SignalForm(sampling_hz=250.0)).samples[:, 0]
    found = shaped(a_signal(broken, ("I",), 360.0), SignalForm(sampling_hz=250.0)).samples[:, 0]
    at = np.arange(len(found)) / 250.0
    beside = (np.floor(at * 360 + 1e-9) >= 1000) & (np.floor(at * 360 + 1e-9) < 1360)
    beside |= (np.ceil(at * 360 - 1e-9) >= 1000) & (np.ceil(at * 360 - 1e-9) < 1360)
    assert np.array_equal(np.isnan(found), beside)
    assert np.nanmax(np.abs(found - whole)) < 0.06
    far = np.abs(at - 1180 / 360) > 0.5 + 11 / 250
    assert np.abs(found - whole)[far].max() < 1e-12


def test_a_single_missing_sample_is_bridged_for_the_filter_and_missing_around_it():
    wave = a_wave(3600, 360.0)
    wave[1800] = NAN
    found = shaped(a_signal(wave, ("I",), 360.0), SignalForm(sampling_hz=250.0)).samples
    assert np.isnan(found).sum() == 1  # 1800 / 360 s is sample 1250 itself
    exact = a_wave(len(found), 250.0)
    assert np.nanmax(np.abs(found - exact)[250:-250]) < 2e-3


def test_a_lead_without_any_value_has_none_at_any_rate():
    found = shaped(a_signal(np.full((500, 2), NAN)), SignalForm(sampling_hz=100.0))
    assert found.samples.shape == (200, 2)
    assert np.isnan(found.samples).all()


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 4000), max_size=6),
    gaps=st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 400)), max_size=5),
    rates=st.sampled_from([(360.0, 250.0), (250.0, 360.0), (500.0, 100.0), (128.0, 250.0), (200.0, 200.0)]),
)
def test_however_a_recording_is_cut_into_pieces_it_is_the_same(cuts, gaps, rates):
    source, target = rates
    samples = np.random.default_rng(1).normal(size=(4000, 2))
    for start, length in gaps:
        samples[start : start + length, start % 2] = NAN
    form = SignalForm(leads=("II", "III"), sampling_hz=target)
    whole = shaped(a_signal(samples, hz=source), form)
    edges = [0, *sorted(cuts), 4000]
    pieces = (a_signal(samples[a:b], hz=source) for a, b in itertools.pairwise(edges))
    before = signal_form._BLOCK
    signal_form._BLOCK = 64
    try:
        parts = list(shaped_blocks(pieces, form))
    finally:
        signal_form._BLOCK = before
    found = np.concatenate([part.samples for part in parts])
    assert np.allclose(found, whole.samples, rtol=0, atol=1e-12, equal_nan=True)
    assert {(part.sampling_hz, part.leads) for part in parts} == {(target, ("II", "III"))}


def test_rates_are_compared_as_they_are_written():
    assert exact_ratio(333.33, 250) == Fraction(25_000, 33_333)
    assert exact_ratio(0.1, 0.3) == 3
    with pytest.raises(InputFileError) as caught:
        exact_ratio(499.98712, 500)
    assert caught.value.problems[0].key == "inputs.form_rates"


def test_a_length_is_not_missed_by_rounding():
    check_length(3 * 0.1, SignalForm(least_seconds=0.3, most_seconds=0.3))
