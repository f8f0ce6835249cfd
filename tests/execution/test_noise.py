"""Noise of a stated ratio: by hand, by its own spectrum, the same for each seed; nothing else of a question changes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.errors import InputFileError
from dmn_bench.execution.noise import (
    NoiseStress,
    can_be_stressed,
    gain,
    generated,
    noise_power,
    noise_times,
    noisy,
    signal_power,
)
from dmn_bench.inputs.signal_copy import write_wfdb
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import Beats, Case, Origin, Request, Signals

HZ, SECONDS, HEIGHT = 200.0, 60, 1.5
KINDS = ("baseline_wander", "muscle", "electrode_motion", "mains")
CASE = Case(case_id="c1", patient_id="p1", exam_id="c1", laterality="", files=(), strata={})
QRS = np.arange(100, int(SECONDS * HZ) - 100, 160)


def a_recording(leads=2):
    """Triangular beats of 1.5 mV on a flat line."""
    samples = np.zeros((int(SECONDS * HZ), leads))
    for at in QRS:
        samples[at - 4 : at + 5] += HEIGHT * (1 - np.abs(np.arange(-4, 5)) / 4)[:, None]
    return Signals(samples=samples, sampling_hz=HZ, leads=tuple(f"V{n + 1}" for n in range(leads)))


def annotated(symbols=None, samples=QRS):
    return Beats(samples=np.asarray(samples), symbols=tuple(symbols or "N" * len(samples)))


def stress(kind="muscle", snr_db=6.0, seed=1, beats=None, **timing):
    timing = {"clean_s": 10.0, "noise_s": 20.0, "pause_s": 10.0, **timing}
    return NoiseStress(kind=kind, snr_db=snr_db, seed=seed, beats=lambda _: beats or annotated(),
                       sampling_hz=lambda _: HZ, **timing)  # fmt: skip


def asked(stressed, signals=None, case=CASE):
    recording = signals or a_recording()

    def load(case, scratch):
        return Request(request_id="r", signals=recording), Origin(case_id=case.case_id, images={}, sop_instance_uids={})

    request, _ = noisy(load, stressed)(case, None)
    return request.signals


def added(stressed, signals=None, case=CASE):
    recording = signals or a_recording()
    return asked(stressed, recording, case).samples - recording.samples


def test_the_signal_is_as_strong_as_a_sine_of_the_height_of_its_beats():
    assert signal_power(a_recording().samples[:, 0], QRS, HZ) == pytest.approx(HEIGHT**2 / 8)


def test_extreme_beats_do_not_count():
    lead = a_recording().samples[:, 0]
    lead[QRS[0]] += 50  # one of 74, within the highest 5 %
    assert signal_power(lead, QRS, HZ) == pytest.approx(HEIGHT**2 / 8)


def test_too_few_or_missing_beats_have_no_strength():
    lead = a_recording().samples[:, 0]
    assert signal_power(lead, QRS[:9], HZ) is None
    assert signal_power(np.full_like(lead, np.nan), QRS, HZ) is None
    assert signal_power(lead, np.array([]), HZ) is None
    assert signal_power(lead, np.array([-5, 10**9]), HZ) is None


def test_the_power_of_a_sine_is_half_its_squared_height():
    t = np.arange(int(30 * HZ)) / HZ
    assert noise_power(3 * np.sin(2 * math.pi * 5 * t) + 7, HZ) == pytest.approx(4.5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("snr_db", [24.0, 0.0, -6.0])
def test_what_is_added_has_the_stated_ratio(kind, snr_db):
    noise = added(stress(kind, snr_db, clean_s=0, noise_s=1000, pause_s=0))
    for lead in range(2):
        ratio = 10 * math.log10(HEIGHT**2 / 8 / noise_power(noise[:, lead], HZ))
        assert ratio == pytest.approx(snr_db, abs=1e-6)


@given(st.floats(1e-6, 1e3), st.floats(1e-6, 1e3), st.floats(-60, 60))
def test_the_gain_gives_the_ratio_back(signal, noise, snr_db):
    found = gain(signal, noise, snr_db)
    assert 10 * math.log10(signal / (noise * found**2)) == pytest.approx(snr_db, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "band"), [("baseline_wander", (0.05, 0.5)), ("muscle", (18, 100)), ("mains", (49, 51))]
)
def test_the_power_lies_in_the_band_of_its_kind(kind, band):
    noise = generated(kind, int(600 * HZ), HZ, np.random.default_rng(2))
    power = np.abs(np.fft.rfft(noise)) ** 2
    frequencies = np.fft.rfftfreq(noise.size, 1 / HZ)
    inside = power[(frequencies >= band[0]) & (frequencies <= band[1])].sum()
    assert inside / power.sum() > 0.95


def test_electrode_motion_jumps_and_dies_away():
    noise = generated("electrode_motion", int(600 * HZ), HZ, np.random.default_rng(2))
    steps = np.abs(np.diff(noise))
    assert steps.max() > 8 * np.median(steps)


def test_noise_comes_after_the_clean_start_and_pauses():
    noise = added(stress())
    loud = noise_times(len(noise), HZ, 10.0, 20.0, 10.0)
    assert not noise[~loud].any()
    assert (noise[loud] != 0).mean() > 0.99
    assert (int(loud.argmax()), int(loud.sum())) == (2000, 40 * 200)


def test_at_every_ratio_it_is_the_same_noise():
    weak, strong = added(stress(snr_db=24.0)), added(stress(snr_db=4.0))
    assert strong == pytest.approx(10 * weak)


def test_seed_case_kind_and_lead_each_have_their_own_noise():
    first = added(stress())
    assert np.array_equal(first, added(stress()))
    other_case = Case(case_id="c2", patient_id="p1", exam_id="c2", laterality="", files=(), strata={})
    for other in (added(stress(seed=2)), added(stress("mains")), added(stress(), case=other_case), first[:, ::-1]):
        assert not np.allclose(first, other)


def test_what_is_invalid_stays_so_and_no_lead_stays_clean():
    recording = a_recording(3)
    recording.samples[3000:3500, 0] = np.nan
    recording.samples[:, 1] = 0.0  # nothing to measure there
    recording.samples[::7, 2] = np.nan  # no beat is whole
    found = asked(stress(clean_s=0, noise_s=1000, pause_s=0), recording).samples
    assert np.array_equal(np.isnan(found), np.isnan(recording.samples))
    assert (np.nanstd(found - recording.samples, axis=0) > 0.1).all()


def test_a_record_without_strength_is_said_to_have_none():
    with pytest.raises(InputFileError) as caught:
        asked(stress(beats=annotated(symbols="V" * len(QRS))))
    assert caught.value.problems[0].key == "execution.no_signal_strength"
    assert not can_be_stressed(annotated(symbols="V" * len(QRS)))
    assert can_be_stressed(annotated())


def test_beats_of_another_clock_are_brought_to_that_of_the_signals():
    twice = Beats(samples=QRS * 2, symbols=tuple("N" * len(QRS)), sampling_hz=2 * HZ)
    assert np.array_equal(added(stress(beats=twice)), added(stress()))


def test_copies_on_disk_get_the_same_noise_as_arrays(tmp_path):
    recording = a_recording()

    def load(case, scratch):
        files = write_wfdb(recording, scratch, "record-1")
        return Request(request_id="r", files=files), Origin(case_id="c1", images={}, sop_instance_uids={})

    request, _ = noisy(load, stress())(CASE, tmp_path)
    _, copied, _ = WfdbReader().read(next(path for path in request.files if path.suffix == ".hea"))
    assert copied.samples == pytest.approx(asked(stress()).samples, abs=1e-6)
    assert copied.leads == recording.leads


@settings(max_examples=30)
@given(st.integers(0, 3000), st.sampled_from(KINDS))
def test_any_length_has_finite_noise(n, kind):
    noise = generated(kind, n, HZ, np.random.default_rng(0))
    assert noise.shape == (n,)
    assert np.isfinite(noise).all()
