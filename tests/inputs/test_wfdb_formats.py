"""Every signal format, several segments, shifts and rates: what we read is what wfdb-python reads."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmn_bench.errors import InputFileError
from dmn_bench.inputs import wfdb_signals
from dmn_bench.inputs.wfdb_record import WfdbReader, record_info

with warnings.catch_warnings():  # the library warns when it is imported
    warnings.simplefilter("ignore")
    import wfdb

# … and when it writes records.
pytestmark = pytest.mark.filterwarnings("ignore:.*inplace:Warning")
READER = WfdbReader()
LIMITS = {"8": 60, "80": 127, "508": 127, "310": 511, "311": 511, "212": 2047, "24": 2**23 - 1, "524": 2**23 - 1}
LIMITS |= {"32": 2**31 - 1, **dict.fromkeys(("16", "61", "160", "516"), 2**15 - 1)}
BY_LIBRARY = ("80", "16", "24", "32", "508", "516", "524")  # which wfdb-python writes
BY_HAND = ("8", "61", "160", "212", "310", "311")


def packed(values, fmt):
    """A signal file in the formats that the library does not write, by the words of signal(5)."""
    if fmt == "8":
        return np.diff(values, axis=0, prepend=0).astype("i1").tobytes()
    flat = values.reshape(-1)
    if fmt in ("61", "160"):
        return flat.astype(">i2").tobytes() if fmt == "61" else (flat + 32768).astype("<u2").tobytes()
    bits = 12 if fmt == "212" else 10
    size = 2 if fmt == "212" else 3
    full = np.concatenate([flat, np.zeros(-len(flat) % size, dtype=flat.dtype)]) & ((1 << bits) - 1)
    data = bytearray()
    for group in full.reshape(-1, size).tolist():
        if fmt == "212":
            a, b = group
            data += bytes([a & 0xFF, a >> 8 | (b >> 8) << 4, b & 0xFF])
        elif fmt == "310":
            a, b, c = group
            data += (a << 1 | (c & 0x1F) << 11).to_bytes(2, "little") + (b << 1 | (c >> 5) << 11).to_bytes(2, "little")
        else:
            a, b, c = group
            data += (a | b << 10 | c << 20).to_bytes(4, "little")
    return bytes(data)


def a_record(folder, values, fmt, *, name="w", extra="", leads=None):
    """A record of ``values`` [samples, leads]; ``extra``: written behind the format (x4, :2, +8)."""
    n_leads = values.shape[1]
    names = leads or [f"V{k}" for k in range(1, n_leads + 1)]
    if fmt in BY_LIBRARY and not extra:
        wfdb.wrsamp(
            name,
            fs=250,
            units=["mV"] * n_leads,
            sig_name=list(names),
            d_signal=values,
            fmt=[fmt] * n_leads,
            adc_gain=[100.0] * n_leads,
            baseline=[7] * n_leads,
            write_dir=str(folder),
        )
        return folder / name
    lines = [f"{name} {n_leads} 250 {len(values)}"]
    for lead, label in enumerate(names):
        column = values[:, lead]
        first = 0 if fmt == "8" else int(column[0])
        lines.append(
            f"{name}.dat {fmt}{extra} 100(7)/mV 12 0 {first} {int(column.astype(object).sum()) % 65536} 0 {label}"
        )
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")
    (folder / f"{name}.dat").write_bytes(packed(values, fmt))
    return folder / name


def read(path):
    return READER.read(path)[1]


def witness(path, **options):
    return wfdb.rdrecord(str(path), **options)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    fmt=st.sampled_from([*BY_LIBRARY, *BY_HAND]),
    n_samples=st.integers(1, 50),
    n_leads=st.integers(1, 5),
    seed=st.integers(0, 999),
    frames=st.sampled_from([1, 7, 1 << 16]),
)
def test_every_format_agrees_with_the_library_however_it_is_cut(tmp_path, fmt, n_samples, n_leads, seed, frames):
    limit = LIMITS[fmt]
    values = np.random.default_rng(seed).integers(-limit, limit, (n_samples, n_leads), endpoint=True)
    path = a_record(tmp_path, values, fmt)
    before = wfdb_signals.FRAMES_PER_BLOCK
    wfdb_signals.FRAMES_PER_BLOCK = frames
    try:
        signals = read(path)
    finally:
        wfdb_signals.FRAMES_PER_BLOCK = before
    assert np.array_equal(signals.samples, (values - 7.0) / 100)
    assert READER.problems(path) == ()
    library = witness(path, physical=False).d_signal
    assert np.array_equal(library, values)


@pytest.mark.parametrize("fmt", [fmt for fmt in LIMITS if fmt != "8"])
def test_the_lowest_value_of_a_format_is_no_value(tmp_path, fmt):
    values = np.array([[1], [-LIMITS[fmt] - 1], [-LIMITS[fmt]]])
    path = a_record(tmp_path, values, fmt)
    assert np.isnan(read(path).samples[:, 0]).tolist() == [False, True, False]
    assert np.isnan(witness(path).p_signal[:, 0]).tolist() == [False, True, False]
    assert READER.problems(path) == ()


@pytest.mark.parametrize("fmt", [*BY_LIBRARY, *BY_HAND])
def test_a_copy_has_the_digital_values_of_any_format(tmp_path, fmt):
    values = np.random.default_rng(2).integers(-50, 50, (301, 2))
    path = a_record(tmp_path, values, fmt)
    hea, _ = READER.deidentified_copy(path, tmp_path / "out", "record-1")
    assert np.array_equal(witness(hea.with_suffix(""), physical=False).d_signal, values)
    assert np.array_equal(read(hea).samples, read(path).samples)


@pytest.mark.parametrize("fmt", ["16", "212", "310", "8"])
def test_shifted_signals_are_brought_back_and_end_without_value(tmp_path, fmt):
    values = np.random.default_rng(4).integers(-50, 50, (20, 2))
    path = a_record(tmp_path, values, "212" if fmt == "16" else fmt, extra=":0")
    text = (tmp_path / "w.hea").read_text()
    second = text.splitlines()[2]
    (tmp_path / "w.hea").write_text(text.replace(second, second.replace(":0", ":3")))
    found = read(path).samples
    assert np.array_equal(found[:, 0], (values[:, 0] - 7) / 100)
    assert np.array_equal(found[:17, 1], (values[3:, 1] - 7) / 100)
    assert np.isnan(found[17:, 1]).all()
    if fmt != "8":
        assert np.allclose(found, witness(path).p_signal, equal_nan=True, rtol=0, atol=1e-12)


def test_a_file_may_hold_the_frames_that_a_shift_needs(tmp_path):
    values = np.arange(46).reshape(23, 2)
    path = a_record(tmp_path, values, "61", extra=":3")
    hea = tmp_path / "w.hea"
    hea.write_text(hea.read_text().replace("250 23", "250 20"))
    assert np.array_equal(read(path).samples, (values[3:] - 7) / 100)
    hea.write_text(hea.read_text().replace("250 20", "250 19"))
    assert READER.problems(path) == ("inputs.wfdb_samples_surplus",)


@pytest.mark.parametrize("fmt", ["16", "61", "212", "311", "8"])
def test_samples_of_a_frame_are_samples_of_a_higher_rate(tmp_path, fmt):
    frames = np.random.default_rng(5).integers(-20, 20, (30, 4))  # 4 samples of one signal in each frame
    (tmp_path / "w.hea").write_text(f"w 1 100 30\nw.dat {fmt}x4 100(7)/mV 12 0 0 0 0 II\n")
    stored = frames.reshape(-1, 1) if fmt == "8" else frames
    (tmp_path / "w.dat").write_bytes(stored.astype("<i2").tobytes() if fmt == "16" else packed(stored, fmt))
    signals = read(tmp_path / "w")
    assert signals.sampling_hz == 400.0
    assert np.array_equal(signals.samples[:, 0], (frames.reshape(-1) - 7) / 100)
    library = witness(tmp_path / "w", smooth_frames=False)
    assert np.allclose(library.e_p_signal[0], signals.samples[:, 0], rtol=0, atol=1e-12)
    assert record_info(tmp_path / "w")[:2] == (30, 100.0)  # annotations are counted in frames


def test_a_lead_of_a_lower_rate_repeats_its_samples_and_other_signals_are_left_out(tmp_path):
    frames = np.array([[1, 2, 10, 90], [3, 4, 20, 91]], dtype="<i2")
    (tmp_path / "w.dat").write_bytes(frames.tobytes())
    lines = ["w 3 125 2", "w.dat 16x2 1(0)/mV 16 0 0 0 0 II", "w.dat 16 1(0)/mV 16 0 0 0 0 V5"]
    (tmp_path / "w.hea").write_text("\n".join([*lines, "w.dat 16 1(0)/mmHg 16 0 0 0 0 ABP"]) + "\n")
    signals = read(tmp_path / "w")
    assert (signals.leads, signals.sampling_hz) == (("II", "V5"), 250.0)
    assert signals.samples.tolist() == [[1, 10], [2, 10], [3, 20], [4, 20]]
    assert READER.header(tmp_path / "w")["NumberOfWaveformChannels"] == "2"


def test_rates_that_are_no_multiples_are_refused(tmp_path):
    (tmp_path / "w.dat").write_bytes(b"\0" * 20)
    (tmp_path / "w.hea").write_text("w 2 125 2\nw.dat 16x3 1/mV\nw.dat 16x2 1/mV\n")
    assert READER.problems(tmp_path / "w") == ("inputs.wfdb_several_rates",)


def test_a_signal_of_pressure_by_the_name_of_a_lead_is_refused(tmp_path):
    (tmp_path / "w.dat").write_bytes(b"\0" * 8)
    (tmp_path / "w.hea").write_text("w 2 125 2\nw.dat 16 1/mV 16 0 0 0 0 II\nw.dat 16 1/mmHg 16 0 0 0 0 V5\n")
    assert READER.problems(tmp_path / "w") == ("inputs.unit_unknown",)


def test_the_length_follows_from_the_file_where_the_header_leaves_it_out(tmp_path):
    values = np.random.default_rng(4).integers(-50, 50, (21, 2))
    for fmt in ("212", "16", "516"):
        path = a_record(tmp_path, values, fmt)
        hea = tmp_path / "w.hea"
        hea.write_text(hea.read_text().replace("250 21", "250"))
        assert np.array_equal(read(path).samples, (values - 7) / 100)
        assert record_info(path)[:2] == (21, 250.0)


@pytest.mark.parametrize(("fmt", "channels"), [("508", 1), ("516", 8), ("524", 3)])
def test_flac_with_several_samples_in_a_frame_agrees_with_the_library(tmp_path, fmt, channels):
    values = np.random.default_rng(6).integers(-100, 100, (24, channels))
    path = a_record(tmp_path, values, fmt)
    hea = tmp_path / "w.hea"
    hea.write_text(hea.read_text().replace("250 24", "250 12").replace(f" {fmt} ", f" {fmt}x2 "))
    signals = read(path)
    library = witness(path, smooth_frames=False).e_p_signal
    assert np.allclose(np.stack(library, axis=1), signals.samples, rtol=0, atol=1e-12)
    assert np.array_equal(signals.samples, (values - 7) / 100)


def test_flac_that_lies_is_refused(tmp_path):
    values = np.random.default_rng(6).integers(-100, 100, (500, 2))
    path = a_record(tmp_path, values, "516")
    hea, dat = tmp_path / "w.hea", tmp_path / "w.dat"
    text, data = hea.read_text(), dat.read_bytes()
    for old, new, key in [
        ("250 500", "250 501", "inputs.wfdb_samples_missing"),
        ("250 500", "250 499", "inputs.wfdb_samples_surplus"),
        (" 516 ", " 508 ", "inputs.wfdb_damaged"),
    ]:
        hea.write_text(text.replace(old, new))
        assert READER.problems(path) == (key,)
    hea.write_text(text)
    for damaged in (data[:-20], b"RIFF" + data[4:], b""):
        dat.write_bytes(damaged)
        with pytest.raises(InputFileError):
            read(path)
    one = text.replace("250 500", "250 1000").splitlines()
    hea.write_text("\n".join(["w 1 250 1000", one[1]]) + "\n")
    dat.write_bytes(data)
    assert READER.problems(path) == ("inputs.wfdb_damaged",)


def test_a_signal_of_format_0_has_no_value(tmp_path):
    a_record(tmp_path, np.array([[5], [6]]), "16")
    hea = tmp_path / "w.hea"
    lines = hea.read_text().splitlines()
    hea.write_text("\n".join([lines[0].replace("w 1", "w 2"), lines[1], "~ 0 200/mV 0 0 0 0 0 V2"]) + "\n")
    samples = read(tmp_path / "w").samples
    assert samples[:, 0].tolist() == [-0.02, -0.01]
    assert np.isnan(samples[:, 1]).all()


# ------------------------------------------------------------------------------------------------------- segments


def fixed_layout(folder):
    parts = [np.random.default_rng(k).integers(-50, 50, (n, 2)) for k, n in enumerate((10, 7, 5))]
    for k, (values, fmt) in enumerate(zip(parts, ("16", "212", "516"), strict=True)):
        a_record(folder, values, fmt, name=f"s{k}", leads=("II", "V5"))
    (folder / "m.hea").write_text("m/4 2 250 25\ns0 10\n~ 3\ns1 7\ns2 5\n")
    return parts


def test_segments_of_one_layout_follow_each_other_and_a_gap_has_no_value(tmp_path):
    parts = fixed_layout(tmp_path)
    signals = read(tmp_path / "m")
    gap = np.full((3, 2), np.nan)
    expected = np.concatenate([(parts[0] - 7) / 100, gap, (parts[1] - 7) / 100, (parts[2] - 7) / 100])
    assert np.array_equal(signals.samples, expected, equal_nan=True)
    assert (signals.leads, signals.sampling_hz) == (("II", "V5"), 250.0)
    assert READER.problems(tmp_path / "m.hea") == ()
    assert READER.header(tmp_path / "m")["NumberOfWaveformSamples"] == "25"
    names = [file.name for file in READER.files(tmp_path / "m")]
    assert names == ["m.hea", "s0.hea", "s0.dat", "s1.hea", "s1.dat", "s2.hea", "s2.dat"]
    copied, _ = READER.deidentified_copy(tmp_path / "m", tmp_path / "out", "r")
    assert np.array_equal(read(copied).samples, expected, equal_nan=True)


def test_segments_without_a_gap_agree_with_the_library(tmp_path):
    fixed_layout(tmp_path)
    (tmp_path / "m.hea").write_text("m/3 2 250 22\ns0 10\ns1 7\ns2 5\n")
    assert np.allclose(read(tmp_path / "m").samples, witness(tmp_path / "m").p_signal, rtol=0, atol=1e-12)


def test_leads_of_segments_are_joined_by_their_names_whatever_their_order(tmp_path):
    one, two = (np.random.default_rng(k).integers(-50, 50, (n, 2)) for k, n in enumerate((10, 7)))
    a_record(tmp_path, one, "16", name="s0", leads=("I", "aVR"))
    a_record(tmp_path, two, "16", name="s1", leads=("AVR", "I"))
    (tmp_path / "m.hea").write_text("m/2 2 250 17\ns0 10\ns1 7\n")
    signals = read(tmp_path / "m")
    assert signals.leads == ("I", "aVR")
    assert np.array_equal(signals.samples, (np.concatenate([one, two[:, ::-1]]) - 7) / 100)
    assert READER.problems(tmp_path / "m") == ()


@pytest.mark.parametrize(("first", "second"), [(("I", "II"), ("I", "III")), (("ECG", "II"), ("II", "ECG2"))])
def test_segments_of_other_leads_are_refused(tmp_path, first, second):
    a_record(tmp_path, np.ones((10, 2), dtype=int), "16", name="s0", leads=first)
    a_record(tmp_path, np.ones((7, 2), dtype=int), "16", name="s1", leads=second)
    (tmp_path / "m.hea").write_text("m/2 2 250 17\ns0 10\ns1 7\n")
    assert READER.problems(tmp_path / "m") == ("inputs.wfdb_other_leads",)
    with pytest.raises(InputFileError, match="wfdb_other_leads"):
        read(tmp_path / "m")


def test_leads_that_share_a_name_must_stand_in_one_order(tmp_path):
    (tmp_path / "m.hea").write_text("m/2 3 250 17\ns0 10\ns1 7\n")
    for second, problems in ((("A1", "A2", "II"), ()), (("II", "A1", "A2"), ("inputs.wfdb_other_leads",))):
        for name, n_samples, leads in (("s0", 10, ("A1", "A2", "II")), ("s1", 7, second)):
            a_record(tmp_path, np.ones((n_samples, 3), dtype=int), "16", name=name, leads=leads)
            hea = tmp_path / f"{name}.hea"
            hea.write_text(hea.read_text().replace("A1", "ECG").replace("A2", "ECG"))
        assert READER.problems(tmp_path / "m") == problems


def test_segments_of_a_varying_layout_agree_with_the_library(tmp_path):
    a_record(tmp_path, np.random.default_rng(1).integers(-50, 50, (10, 2)), "16", name="s1", leads=("II", "V5"))
    a_record(tmp_path, np.random.default_rng(2).integers(-50, 50, (8, 2)), "16", name="s2", leads=("V5", "III"))
    hea = tmp_path / "s2.hea"
    hea.write_text(hea.read_text().replace("100.0(7)/mV", "250.0(3)/mV"))
    layout = ["m_layout 3 250 0", *(f"~ 0 100(7)/mV 12 0 0 0 0 {lead}" for lead in ("II", "III", "V5"))]
    (tmp_path / "m_layout.hea").write_text("\n".join(layout) + "\n")
    (tmp_path / "m.hea").write_text("m/4 3 250 23\nm_layout 0\ns1 10\n~ 5\ns2 8\n")
    signals = read(tmp_path / "m")
    assert signals.leads == ("II", "III", "V5")
    assert np.isnan(signals.samples).sum() == 10 + 15 + 8
    library = witness(tmp_path / "m", m2s=True)
    order = [library.sig_name.index(lead) for lead in signals.leads]
    assert np.allclose(library.p_signal[:, order], signals.samples, rtol=0, atol=1e-12, equal_nan=True)
    copied, _ = READER.deidentified_copy(tmp_path / "m", tmp_path / "out", "r")
    found = read(copied).samples
    assert np.allclose(found, signals.samples, rtol=0, atol=1e-6, equal_nan=True)
    assert READER.problems(tmp_path / "m") == ()


@pytest.mark.parametrize(
    ("master", "key"),
    [
        ("m/1 2 250 22\nm 22\n", "inputs.wfdb_bad_header"),
        ("m/2 2 250 10\nm2 0\ns0 10\n", "inputs.wfdb_bad_header"),
        ("m/2 2 250 22\ns0 10\ns1 12\n", "inputs.wfdb_bad_header"),
        ("m/2 2 250 99\ns0 10\ns1 7\n", "inputs.wfdb_bad_header"),
        ("m/2 2 250 17\ns0 10\n", "inputs.wfdb_bad_header"),
        ("m/1 3 250 10\ns0 10\n", "inputs.wfdb_bad_header"),
        ("m/1 2 250 10\n~ 10\n", "inputs.wfdb_bad_header"),
        ("m/1 2 360 10\ns0 10\n", "inputs.wfdb_several_rates"),
        ("m/1 2 250 10\n../s0 10\n", "inputs.wfdb_file_outside"),
        ("m/1 2 250 10\nnone 10\n", "inputs.wfdb_signal_file_missing"),
        ("m/2 2 250 9999999999\ns0 10\n~ 9999999989\n", "inputs.too_large"),
    ],
)
def test_segments_that_do_not_fit_are_refused(tmp_path, master, key):
    fixed_layout(tmp_path)
    (tmp_path / "m2.hea").write_text("m2/1 2 250 10\nm 10\n")
    (tmp_path / "m.hea").write_text(master)
    assert READER.problems(tmp_path / "m") == (key,)
    with pytest.raises(InputFileError):
        read(tmp_path / "m")


def test_a_segment_that_is_a_link_out_of_the_folder_is_refused(tmp_path):
    inside = tmp_path / "set"
    inside.mkdir()
    fixed_layout(inside)
    (inside / "s1.hea").rename(tmp_path / "s1.hea")
    (inside / "s1.hea").symlink_to(tmp_path / "s1.hea")
    assert READER.problems(inside / "m") == ("inputs.wfdb_file_outside",)


def test_a_checksum_of_a_segment_is_compared(tmp_path):
    fixed_layout(tmp_path)
    data = bytearray((tmp_path / "s0.dat").read_bytes())
    data[0] ^= 1
    (tmp_path / "s0.dat").write_bytes(bytes(data))
    assert READER.problems(tmp_path / "m") == ("inputs.wfdb_checksum_differs",)
    assert read(tmp_path / "m").samples.shape == (25, 2)


def test_a_recording_comes_in_blocks_that_make_the_whole(tmp_path, monkeypatch):
    fixed_layout(tmp_path)
    whole = read(tmp_path / "m")
    monkeypatch.setattr("dmn_bench.inputs.wfdb_signals.FRAMES_PER_BLOCK", 4)
    monkeypatch.setattr("dmn_bench.inputs.wfdb_layout.FRAMES_PER_BLOCK", 4)
    blocks = list(READER.blocks(tmp_path / "m"))
    assert max(len(block.samples) for block in blocks) == 4
    assert np.array_equal(np.concatenate([block.samples for block in blocks]), whole.samples, equal_nan=True)
    assert all(a.leads == b.leads for a, b in itertools.pairwise(blocks))


def test_a_recording_too_long_for_memory_is_sound_and_says_what_to_do(tmp_path, monkeypatch):
    fixed_layout(tmp_path)
    monkeypatch.setattr("dmn_bench.inputs.wfdb_record.MOST_DECODED_BYTES", 25 * 2 * 8 - 1)
    with pytest.raises(InputFileError) as caught:
        read(tmp_path / "m")
    assert caught.value.problems[0].key == "inputs.recording_too_long"
    assert READER.problems(tmp_path / "m") == ()
    assert READER.deidentified_copy(tmp_path / "m", tmp_path / "out", "r")[0].is_file()
