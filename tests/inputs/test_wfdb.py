import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmn_bench.errors import InputFileError
from dmn_bench.inputs.leads import neutral_leads, standard_lead, usual_leads
from dmn_bench.inputs.wfdb_record import RecordInfo, WfdbReader, read_annotations, record_info, register_readers

from .factories import a_record

with warnings.catch_warnings():  # the library warns when it is imported
    warnings.simplefilter("ignore")
    import wfdb

# … and when it writes annotations.
pytestmark = pytest.mark.filterwarnings("ignore:.*inplace:Warning")
READER = WfdbReader()
SAMPLES = np.array([[0, 200], [100, -400], [50, 0]], dtype=np.int16)


def read(path):
    images, signals, _ = READER.read(path)
    assert images == ()
    return signals


def key_of(path):
    (key,) = READER.problems(path)
    with pytest.raises(InputFileError) as caught:
        READER.read(path)
    assert caught.value.problems[0].key == key
    return key


def test_it_registers_itself():
    assert register_readers() == [WfdbReader]


def test_signals_are_millivolts(tmp_path):
    hea = a_record(tmp_path, SAMPLES)
    assert READER.recognises(hea)
    assert READER.recognises(tmp_path / "r01")
    for path in (hea, tmp_path / "r01"):
        signals = read(path)
        assert signals.samples.tolist() == [[0.0, 1.0], [0.5, -2.0], [0.25, 0.0]]
        assert (signals.sampling_hz, signals.leads) == (360.0, ("MLII", "V1"))
        assert record_info(path) == RecordInfo(3, 360.0, ("MLII", "V1"))
    assert READER.problems(hea) == ()


@pytest.mark.parametrize(
    ("gain", "value"),
    [
        ("200(0)/uV", 0.001),
        ("200(100)/mV", 0.5),
        ("200/V", 1000.0),
        ("200", 1.0),
        ("-200(0)/mV", -1.0),
        ("2e2/mV", 1.0),
    ],
)
def test_units_gain_and_baseline_are_applied(tmp_path, gain, value):
    assert read(a_record(tmp_path, SAMPLES, gain=gain)).samples[0, 1] == pytest.approx(value, rel=1e-12)


def test_the_baseline_is_the_adc_zero_when_not_written(tmp_path):
    hea = a_record(tmp_path, SAMPLES, gain="200/mV")
    hea.write_text(hea.read_text().replace("/mV 16 0", "/mV 16 100"))
    assert read(hea).samples[0, 1] == 0.5


def test_the_mark_of_an_invalid_sample_is_nan(tmp_path):
    samples = SAMPLES.copy()
    samples[1, 0] = -32768
    signals = read(a_record(tmp_path, samples))
    assert np.isnan(signals.samples[1, 0])
    assert np.isfinite(signals.samples).sum() == 5


def test_a_record_line_with_a_file_name_and_a_date_is_read(tmp_path):
    hea = a_record(tmp_path, SAMPLES, line="r01.dat 2 500 3 05-May-2020 14:50:55")
    assert read(hea).samples.tolist() == [[0.0, 1.0], [0.5, -2.0], [0.25, 0.0]]
    assert read(hea).sampling_hz == 500.0


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("r01 2 360 4", "inputs.wfdb_samples_missing"),
        ("r01 2 360 1", "inputs.wfdb_samples_surplus"),
        ("r01 2", "inputs.wfdb_bad_header"),
        ("r01 2 0 3", "inputs.wfdb_bad_header"),
        ("r01 3 360 3", "inputs.wfdb_bad_header"),
        ("r01/2 2 360 3", "inputs.wfdb_bad_header"),
        ("r01 2 360 999999999999", "inputs.too_large"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path, line, key):
    assert key_of(a_record(tmp_path, SAMPLES, line=line)) == key


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("r01.dat", "../r01.dat", "inputs.wfdb_file_outside"),
        ("r01.dat", "/r01.dat", "inputs.wfdb_file_outside"),
        ("r01.dat", "gone.dat", "inputs.wfdb_signal_file_missing"),
        ("/mV", "/mmHg", "inputs.unit_unknown"),
        ("200(0)/mV", "0(0)/mV", "inputs.wfdb_not_calibrated"),
        (".dat 16 ", ".dat 516 ", "inputs.wfdb_damaged"),
        (".dat 16 ", ".dat 17 ", "inputs.wfdb_format_unknown"),
        (".dat 16 ", ".dat 16x4 ", "inputs.wfdb_samples_missing"),
        (".dat 16 ", ".dat 16x0 ", "inputs.wfdb_bad_header"),
        (".dat 16 ", ".dat 16x99999 ", "inputs.wfdb_bad_header"),
        (".dat 16 ", ".dat 16:99999999 ", "inputs.wfdb_bad_header"),
        ("200(0)/mV", "1e999(0)/mV", "inputs.wfdb_bad_header"),
        ("200(0)/mV", "1e-308(0)/mV", "inputs.wfdb_bad_header"),
        ("200(0)/mV", "nan(0)/mV", "inputs.wfdb_bad_header"),
    ],
)
def test_a_signal_line_that_cannot_be_honoured_is_refused(tmp_path, old, new, key):
    hea = a_record(tmp_path, SAMPLES)
    hea.write_text(hea.read_text().replace(old, new))
    assert key_of(hea) == key


def test_a_signal_file_that_is_a_link_out_of_the_folder_is_refused(tmp_path):
    hea = a_record(tmp_path / "set", SAMPLES)
    (tmp_path / "set" / "r01.dat").rename(tmp_path / "elsewhere.dat")
    (tmp_path / "set" / "r01.dat").symlink_to(tmp_path / "elsewhere.dat")
    assert key_of(hea) == "inputs.wfdb_file_outside"


@pytest.mark.parametrize("offset", [0, 65536, -65536])
def test_checksums_are_compared_modulo_65536(tmp_path, offset):
    sums = (150 + offset, -200 + offset)
    assert READER.problems(a_record(tmp_path, SAMPLES, checksums=sums)) == ()


def test_a_wrong_checksum_is_a_problem_but_readable(tmp_path):
    hea = a_record(tmp_path, SAMPLES, checksums=(151, -200))
    assert READER.problems(hea) == ("inputs.wfdb_checksum_differs",)
    assert read(hea).samples.shape == (3, 2)


def test_comments_give_age_and_sex_and_nothing_else(tmp_path):
    hea = a_record(tmp_path, SAMPLES, comments="#Age: 83\n# Sex: Female\n#Name: X\n")
    header = READER.header(hea)
    assert (header["PatientAge"], header["PatientSex"], header["SamplingFrequency"]) == ("083Y", "F", "360")
    assert "Name" not in header
    hea = a_record(tmp_path, SAMPLES, comments="#Age: NaN\n#Sex: Unknown\n")
    assert not {"PatientAge", "PatientSex"} & set(READER.header(hea))


def test_the_copy_holds_the_signals_and_nothing_else(tmp_path):
    samples = SAMPLES.copy()
    samples[2, 1] = -32768
    hea = a_record(
        tmp_path,
        samples,
        name="POISON",
        line="POISON 2 360 3 10:11:12 13/12/1999",
        leads=("AVR", "POISON lead"),
        gain="200(-3)/uV",
        comments="# POISON\n",
    )
    copies = READER.deidentified_copy(hea, tmp_path / "out", "record-1")
    assert [copy.name for copy in copies] == ["record-1.hea", "record-1.dat"]
    for copy in copies:
        assert b"POISON" not in copy.read_bytes()
    assert "1999" not in copies[0].read_text()
    before, after = read(hea), read(copies[0])
    assert np.array_equal(before.samples, after.samples, equal_nan=True)
    assert after.leads == ("aVR", "lead-2")
    assert READER.problems(copies[0]) == ()
    witness = wfdb.rdrecord(str(tmp_path / "out" / "record-1"))
    assert np.allclose(witness.p_signal / 1000, after.samples, rtol=1e-12, atol=0, equal_nan=True)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    fmt=st.sampled_from(["16", "24", "32", "80"]),
    n_samples=st.integers(1, 40),
    n_leads=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_every_format_agrees_with_the_library(tmp_path, fmt, n_samples, n_leads, seed):
    rng = np.random.default_rng(seed)
    limit = 120 if fmt == "80" else 2000
    digital = rng.integers(-limit, limit, (n_samples, n_leads))
    wfdb.wrsamp(
        "w",
        fs=250,
        units=["mV"] * n_leads,
        sig_name=[f"V{k}" for k in range(1, n_leads + 1)],
        d_signal=digital,
        fmt=[fmt] * n_leads,
        adc_gain=[100.0] * n_leads,
        baseline=[7] * n_leads,
        write_dir=str(tmp_path),
    )
    signals = read(tmp_path / "w")
    assert np.allclose(signals.samples, (digital - 7) / 100, rtol=0, atol=1e-12)
    assert READER.problems(tmp_path / "w") == ()


def test_format_212_packs_two_samples_into_three_bytes(tmp_path):
    values = [-5, 2047, 100, -2047, 7, 0]
    packed = bytearray()
    for low, high in zip(values[::2], values[1::2], strict=True):
        a, b = low & 0xFFF, high & 0xFFF
        packed += bytes([a & 0xFF, (a >> 8) | ((b >> 8) << 4), b & 0xFF])
    hea = a_record(tmp_path, SAMPLES)
    hea.write_text("r01 2 360 3\nr01.dat 212 1(0)/mV 12 0 -5 102 0 I\nr01.dat 212 1(0)/mV 12 0 2047 0 0 II\n")
    (tmp_path / "r01.dat").write_bytes(bytes(packed))
    assert read(hea).samples.tolist() == [[-5, 2047], [100, -2047], [7, 0]]
    assert READER.problems(hea) == ()


def test_annotations_come_with_subtypes_and_clean_notes(tmp_path):
    hea = a_record(tmp_path, SAMPLES)
    wfdb.wrann(
        "r01",
        "atr",
        np.array([1, 5, 9, 12]),
        ["N", "+", "~", "V"],
        subtype=np.array([0, 0, 3, 0]),
        aux_note=["", "(AFIB\0", "None", ""],
        write_dir=str(tmp_path),
    )
    for path in (hea, tmp_path / "r01"):
        beats = read_annotations(path, "atr")
        assert beats.samples.tolist() == [1, 5, 9, 12]
        assert beats.symbols == ("N", "+", "~", "V")
        assert beats.subtypes == (0, 0, 3, 0)
        assert beats.notes == ("", "(AFIB", "", "")
        assert beats.sampling_hz is None


def test_annotations_may_state_their_own_rate(tmp_path):
    hea = a_record(tmp_path, SAMPLES)
    wfdb.wrann("r01", "qrs", np.array([1, 5]), ["N", "N"], fs=128, write_dir=str(tmp_path))
    beats = read_annotations(hea, "qrs")
    assert (beats.samples.tolist(), beats.sampling_hz) == ([1, 5], 128.0)


def test_an_annotator_without_file_is_missing(tmp_path):
    hea = a_record(tmp_path, SAMPLES)
    for annotator in ("atr", "../x", ""):
        with pytest.raises(InputFileError, match="annotations_missing"):
            read_annotations(hea, annotator)


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("AVL", "aVL"),
        ("avf", "aVF"),
        ("Lead V3 (Wilson)", "V3"),
        ("ECG I", "I"),
        ("MLII", "MLII"),
        ("Prenomtest Nomfaux", None),
    ],
)
def test_lead_names_have_one_spelling(written, standard):
    assert standard_lead(written) == standard


def test_unknown_leads_are_called_after_their_place():
    assert neutral_leads(["I", "someone"]) == ("I", "lead-2")


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        (("D1", "D2", "D3", "aVR", "aVL", "aVF", "C1"), ("I", "II", "III", "aVR", "aVL", "aVF", "C1")),
        (("V5", "d2", "Lead D1"), ("V5", "II", "I")),
        (("D1", "D2", "D3"), ("D1", "D2", "D3")),
        (("D1", "MLII"), ("D1", "MLII")),
        (("D1", "D4", "V1"), ("D1", "D4", "V1")),
        (("I", "II", "D1", "V1"), ("I", "II", "D1", "V1")),
        (("Nomtest", "D2", "V1"), ("Nomtest", "II", "V1")),
        ((), ()),
    ],
)
def test_limb_leads_of_french_devices_are_known_by_the_leads_beside_them(written, usual):
    assert usual_leads(written) == usual
    assert usual_leads(usual) == usual
    neutral = tuple(lead if standard_lead(lead) else f"lead-{place}" for place, lead in enumerate(usual, 1))
    assert neutral_leads(written) == neutral_leads(neutral) == neutral
