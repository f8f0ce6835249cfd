import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.inputs.signal_quality import (
    COLUMNS,
    columns_of_blocks,
    dominant_rhythm,
    heart_rate,
    lead_set,
    signal_columns,
    signal_quality,
)
from dmn_bench.vocabulary import Beats, Signals

HZ = 500
T = np.arange(60 * HZ) / HZ


def tone(hz, size=1.0, seconds=60):
    return size * np.sin(2 * np.pi * hz * T[: seconds * HZ])


def recording(*columns, hz=float(HZ), leads=None):
    names = leads or tuple(f"V{k}" for k in range(1, len(columns) + 1))
    return Signals(samples=np.column_stack(columns), sampling_hz=hz, leads=names)


def of(*tones):
    return signal_quality(recording(sum(tones)))[0]


def an_ecg(seconds=60, hz=HZ, per_minute=70, seed=0):
    """QRS complexes of 80 ms with T waves, 5 uV of noise: what a clean recording is like."""
    t = np.arange(seconds * hz) / hz
    values = np.random.default_rng(seed).normal(0, 0.005, len(t))
    for beat in np.arange(0.4, seconds, 60 / per_minute):
        values += 1.2 * np.exp(-(((t - beat) / 0.016) ** 2)) - 0.3 * np.exp(-(((t - beat - 0.04) / 0.012) ** 2))
        values += 0.25 * np.exp(-(((t - beat - 0.28) / 0.05) ** 2))
    return values


def beats(*items, hz=None):
    """(second, symbol, note) at 100 samples per second."""
    return Beats(
        samples=np.array([round(second * 100) for second, *_ in items], dtype=np.int64),
        symbols=tuple(symbol for _, symbol, *_ in items),
        subtypes=(0,) * len(items),
        notes=tuple(rest[0] if rest else "" for _, _, *rest in items),
        sampling_hz=hz,
    )


# Powers of tones are the squares of their sizes: every number here is had with a pencil.
@pytest.mark.parametrize(
    ("tones", "quality"),
    [
        ([tone(10)], 1),
        ([tone(10), tone(30)], 1),  # pSQI 1/2: the lowest that is accepted
        ([tone(10), tone(30, 2**0.5)], 2 / 9),  # pSQI 1/3: (1/3 - 2/7) / (1/2 - 2/7)
        ([tone(10), tone(30, 1.5)], (4 / 13 - 2 / 7) / (3 / 14)),
        ([tone(10), tone(30, 2)], 0),  # pSQI 1/5, below that of white noise
        ([tone(30)], 0),
        ([tone(10), tone(0.5)], 1 / 2),  # basSQI 1/2
        ([tone(10), tone(0.5, 3)], 1 / 10),
        ([tone(10), tone(50)], 1 / 2),
        ([tone(10), tone(60, 3)], 1 / 10),
        ([tone(10), tone(50), tone(60)], 2 / 3),  # the larger of the two hums, a third
        ([tone(10), tone(0.5), tone(50)], 1 / 4),
        ([tone(0.3)], 0),
    ],
)
def test_the_index_by_hand(tones, quality):
    assert of(*tones) == pytest.approx(quality, abs=2e-3)


def test_an_offset_and_a_gain_change_nothing():
    clean = an_ecg()
    assert of(clean * 7 + 1000) == pytest.approx(of(clean), abs=1e-9)


def test_missing_flat_and_clipped_samples_count_by_their_share():
    missing = tone(10)
    missing[: 15 * HZ] = np.nan  # a quarter: one stretch and a half
    assert of(missing) == pytest.approx(0.75, abs=0.01)
    flat = tone(10)
    flat[: 30 * HZ] = 0.3
    assert of(flat) == pytest.approx(0.5, abs=0.01)
    assert of(0 * T) == 0
    assert of(np.full(len(T), np.nan)) == 0
    clipped = np.clip(tone(10), -0.5, 0.5)  # two thirds of each period at a limit: 33 ms at a time
    assert of(clipped) == pytest.approx(1 / 3, abs=0.05)
    assert of(np.clip(an_ecg(), None, 1.19)) == pytest.approx(of(an_ecg()), abs=0.02)  # a rounded peak is no clipping


def test_a_clean_recording_is_better_than_any_noise():
    rng = np.random.default_rng(5)
    assert of(an_ecg()) > 0.8
    assert of(rng.normal(size=len(T))) < 0.1
    assert of(np.cumsum(rng.normal(size=len(T)))) < 0.1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 99), kind=st.sampled_from(["white", "baseline", "hum 50", "hum 60"]))
def test_more_noise_is_never_better(seed, kind):
    clean = an_ecg(40, seed=seed)
    rng = np.random.default_rng(seed + 1000)
    t = T[: len(clean)]
    noise = {
        "white": rng.normal(size=len(t)),
        "baseline": np.sin(2 * np.pi * rng.uniform(0.05, 0.5) * t + rng.uniform(0, 6)),
        "hum 50": np.sin(2 * np.pi * 50 * t),
        "hum 60": np.sin(2 * np.pi * 60 * t),
    }[kind]
    found = [of(clean + size * noise) for size in (0, 0.1, 0.3, 1, 3)]
    # Noise alone has an index by chance: in ten seconds the share of its power in the QRS band is known to 0.03.
    assert all(later <= earlier + 0.05 for earlier, later in itertools.pairwise(found)), found
    assert found[-1] < 0.35 < found[0]


def test_a_recording_has_the_mean_of_its_leads():
    signals = recording(tone(10), tone(30), tone(10) + tone(0.5))
    leads = signal_quality(signals)
    assert leads == pytest.approx((1, 0, 0.5), abs=2e-3)
    assert signal_columns(signals)["signal_quality"] == "0.50"


@pytest.mark.parametrize("n", [2 * HZ, 9 * HZ + 7, 10 * HZ, 14 * HZ, 16 * HZ])
def test_short_and_odd_lengths_have_an_index(n):
    assert of(tone(10)[:n]) == pytest.approx(1, abs=0.02)


def test_what_is_too_short_or_too_slow_has_none():
    assert signal_quality(recording(tone(10)[: 2 * HZ - 1])) is None
    slow = recording(tone(1), hz=79.0)
    assert signal_quality(slow) is None
    assert signal_columns(slow)["signal_quality"] == ""


def test_rates_below_the_hum_are_taken_without_it():
    t = np.arange(3000) / 100
    assert signal_quality(recording(np.sin(2 * np.pi * 10 * t), hz=100.0))[0] == pytest.approx(1, abs=2e-3)


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(1, 30 * HZ), max_size=6))
def test_pieces_of_any_length_give_the_same(cuts):
    signals = recording(an_ecg(31), tone(10)[: 31 * HZ])
    edges = [0, *sorted(cuts), len(signals.samples)]
    pieces = [replace(signals, samples=signals.samples[a:b]) for a, b in itertools.pairwise(edges)]
    assert columns_of_blocks(pieces) == signal_columns(signals)


def test_a_day_is_measured_in_pieces_and_in_little_time():
    piece = Signals(samples=np.tile(an_ecg(60, 200), (2, 1)).T.copy(), sampling_hz=200.0, leads=("II", "V1"))
    found = columns_of_blocks(piece for _ in range(60))
    assert (found["recording_seconds"], found["recording_hz"]) == ("3600", "200")
    assert float(found["signal_quality"]) > 0.8


def test_no_piece_is_no_recording():
    with pytest.raises(ValueError, match="piece"):
        columns_of_blocks([])


def test_columns_are_text_and_empty_where_nothing_is_known():
    found = signal_columns(recording(tone(10), leads=("II",)))
    assert tuple(found) == COLUMNS
    assert found == {
        "recording_hz": "500",
        "recording_seconds": "60",
        "lead_set": "II",
        "heart_rate": "",
        "rhythm": "",
        "paced": "",
        "signal_quality": "1.00",
    }


def test_reference_beats_give_rate_rhythm_and_pacing():
    signals = recording(tone(10))
    found = signal_columns(signals, beats((0, "+", "(AFIB"), (1, "N"), (1.5, "~"), (2, "V"), (31, "N"), hz=100.0))
    assert (found["heart_rate"], found["rhythm"], found["paced"]) == ("4", "AFIB", "no")
    paced = signal_columns(signals, beats((1, "N"), (2, "/"), hz=100.0), header={"Pacemaker": "NO"})
    assert (paced["heart_rate"], paced["rhythm"], paced["paced"]) == ("60", "", "yes")


@pytest.mark.parametrize(("said", "paced"), [("YES", "yes"), ("NO", "no"), ("", ""), ("perhaps", "")])
def test_the_file_says_of_a_pacemaker_where_no_beat_does(said, paced):
    for reference in (None, beats((0, "+", "(N"))):
        assert signal_columns(recording(tone(10)), reference, header={"Pacemaker": said})["paced"] == paced


@pytest.mark.parametrize(
    ("marks", "rhythm"),
    [
        ([], ""),
        ([(0, "+", "(N"), (20, "+", "(AFIB")], "AFIB"),
        ([(0, "+", "(N"), (40, "+", "(AFIB")], "N"),
        ([(50, "+", "(AFIB")], "AFIB"),  # what lies before the first mark has no rhythm
        ([(0, "+", "(N"), (5, "+", "(AFIB"), (10, "+", "(NOISE"), (31, "+", "(N")], "N"),
        ([(0, "+", "(N"), (5, "+", "(AFIB"), (10, "+", "(NOISE"), (40, "+", "(N")], "AFIB"),
        ([(0, "+", "(VF"), (10, "+", "(N"), (35, "+", "(VFL")], "VFIB"),
        ([(0, "+", "(N"), (30, "+", "(AFIB")], "N"),  # as long: the first
        ([(0, "+", ""), (0, "N", "(AFIB"), (0, "+", "hello")], ""),
    ],
)
def test_the_rhythm_that_lasts_longest(marks, rhythm):
    assert dominant_rhythm(beats(*marks, hz=100.0), 500.0, 60.0) == rhythm


@pytest.mark.parametrize(
    ("marks", "rate"),
    [([], None), ([(1, "N")], None), ([(1, "N"), (1, "V")], None), ([(1, "+"), (2, "N"), (3, "N"), (4, "|")], 60)],
)
def test_a_rate_needs_two_beats(marks, rate):
    assert heart_rate(beats(*marks), 100.0, 60.0) == rate


@pytest.mark.parametrize(
    ("leads", "word"),
    [
        (("V6", "V5", "V4", "V3", "V2", "V1", "AVF", "AVL", "AVR", "III", "II", "I"), "12"),
        (("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"), "8"),
        (("I", "II"), "I,II"),
        (("MLII", "V1"), "MLII,V1"),
        (("Prenomtest", "II"), "lead-1,II"),
        (("-aVR",), "aVR inverted"),
        (("I",) * 12, ",".join(["I"] * 12)),
        (tuple(f"V{k}" for k in range(15)), "15 leads"),
    ],
)
def test_leads_in_a_word(leads, word):
    assert lead_set(leads) == word


def test_a_rhythm_that_is_none_of_wfdb_is_called_other_whatever_its_note_holds():
    named = beats((0, "+", "(EXAMPLE Person 12/03/1950"), (2, "+", "(AFIB"), hz=100.0)
    assert dominant_rhythm(named, 100.0, 2.5) == "other"


def test_annotations_beyond_the_end_are_not_of_the_recording():
    marks = beats((0, "N", ""), (1, "N", ""), (2, "N", ""), (10**7, "N", ""), (10**7, "+", "(AFIB"), hz=100.0)
    assert heart_rate(marks, 100.0, 10.0) == 60.0
    assert dominant_rhythm(marks, 100.0, 10.0) == ""
