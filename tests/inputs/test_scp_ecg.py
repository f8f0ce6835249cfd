import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.inputs import scp_ecg
from dmn_bench.inputs.scp_ecg import ScpEcgReader, register_readers
from dmn_bench.inputs.scp_huffman import decoded, default_table, tables_of, undifferenced
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import ReaderChecks

from .vendor_ecg_factories import (
    EIGHT,
    SECRETS,
    TWELVE,
    an_scp,
    coded_section,
    differences,
    huffman_packed,
    leads_section,
    plain_packed,
    some_samples,
    statements_section,
)

READER = ScpEcgReader()
VALUES = some_samples(n_leads=8)


class TestScpFiles(ReaderChecks):
    def reader(self):
        return READER

    def copy_reader(self):
        return WfdbReader()

    def write(self, folder):
        return an_scp(folder / "cart0815.scp")

    def secrets(self):
        return SECRETS


def key_of(path):
    (key,) = READER.problems(path)
    return key


def steps_of(signals, nanovolts=2500):
    places = [signals.leads.index(lead) for lead in EIGHT]
    return signals.samples[:, places] * 1e6 / nanovolts


# ------------------------------------------------------------------------------------------------------- the waveform


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("pack", [huffman_packed, plain_packed])
def test_every_order_of_differences_coded_or_not_gives_the_same_samples(tmp_path, order, pack):
    sections = {"s6": coded_section(list(VALUES.T), order=order, pack=pack)} | (
        {"s2": None} if pack is plain_packed else {}
    )
    _, signals, decoders = READER.read(an_scp(tmp_path / "e.scp", VALUES, **sections))
    np.testing.assert_allclose(steps_of(signals), VALUES, rtol=0, atol=1e-9)
    assert (signals.leads, signals.sampling_hz) == (TWELVE, 500)
    assert decoders[0].startswith("SCP-ECG section 6 (III, aVR, aVL, aVF computed from I and II) numpy ")
    assert register_readers() == [ScpEcgReader]


def test_scale_and_rate_are_those_of_the_file(tmp_path):
    section = coded_section(list(VALUES.T), nanovolts=4880, interval=4000)
    path = an_scp(tmp_path / "e.scp", VALUES, s6=section)
    signals = READER.read(path)[1]
    assert signals.sampling_hz == 250
    np.testing.assert_allclose(steps_of(signals, 4880), VALUES, rtol=0, atol=1e-9)
    assert READER.header(path)["SamplingFrequency"] == "250"


def own_tables():
    """Two tables: the first knows 0, 1, -1, a switch, and a value of 8 bits added to 100; the second 0 and 16 bits."""

    def code(bits, n_all, mode, base):
        reversed_bits = int(bits[::-1], 2)
        return struct.pack("<BBBhI", len(bits), n_all, mode, base, reversed_bits)

    first = [
        code("0", 1, 1, 0),
        code("10", 2, 1, 1),
        code("110", 3, 1, -1),
        code("1110", 4, 0, 2),
        code("1111", 12, 1, 100),
    ]
    second = [code("0", 1, 0, 1), code("1", 17, 1, 0)]
    return struct.pack("<H", 2) + b"".join(struct.pack("<H", len(table)) + b"".join(table) for table in (first, second))


def test_own_tables_with_switches_and_values_added_to_a_base(tmp_path):
    known = {0: "0", 1: "10", -1: "110"}

    def bits_of(value):
        if value in known:
            return known[value]
        if -28 <= value <= 227:
            return "1111" + f"{(value - 100) & 0xFF:08b}"
        return "1110" + "1" + f"{value & 0xFFFF:016b}" + "0"  # over to the second table and back

    values = VALUES.copy()
    values[3, :] += 900
    section = coded_section(list(values.T), order=1, pack=lambda column: huffman_packed(column, bits_of))
    path = an_scp(tmp_path / "e.scp", values, s2=own_tables(), s6=section)
    np.testing.assert_allclose(steps_of(READER.read(path)[1]), values, rtol=0, atol=1e-9)


def test_reference_beats_are_put_back_by_their_fiducial_point(tmp_path):
    """What remains is in steps of 5 uV, the beat in steps of 3 uV: together whole steps of 1 uV."""
    rest = VALUES.astype(int)
    beat = np.stack([np.arange(1, 9) * (lead + 1) for lead in range(8)], axis=1)  # 8 samples, 16 ms
    beats = [(0, 5, 8, 10), (1, 15, 18, 20), (0, 30, 33, 35)]  # kind, first, fiducial, last; from 1
    fiducial = 4
    section_4 = struct.pack("<HHH", 16, fiducial, 3) + b"".join(struct.pack("<HIII", *one) for one in beats)
    section_4 += struct.pack("<6I", *(at for _, first, _, last in beats for at in (first, last)))
    path = an_scp(
        tmp_path / "e.scp",
        rest,
        s3=leads_section(EIGHT, [(1, 40)] * 8, flags=0x65),
        s4=section_4,
        s5=coded_section(list(beat.T), nanovolts=3000),
        s6=coded_section(list(rest.T), nanovolts=5000),
    )
    expected = rest * 5.0
    for kind, first, middle, last in beats:
        for sample in range(first, last + 1):
            place = fiducial + sample - middle  # in the beat, from 1
            if kind == 0 and 1 <= place <= 8:
                expected[sample - 1] += 3 * beat[place - 1]
    np.testing.assert_allclose(steps_of(READER.read(path)[1], 1000), expected, rtol=0, atol=1e-9)
    assert (expected != rest * 5).any(axis=1).sum() == 12
    copy = READER.deidentified_copy(path, tmp_path, "image-1")[0]
    assert np.array_equal(WfdbReader().read(copy)[1].samples, READER.read(path)[1].samples)


def test_leads_recorded_one_after_the_other_are_nan_elsewhere(tmp_path):
    columns = [np.arange(1, 11), np.arange(11, 21)]
    path = an_scp(
        tmp_path / "e.scp",
        VALUES,
        leads=("V1", "V2"),
        s3=leads_section(("V1", "V2"), [(101, 110), (111, 120)]),
        s6=coded_section(columns),
    )
    samples = READER.read(path)[1].samples
    assert samples.shape == (20, 2)
    assert np.isnan(samples[:10, 1]).all()
    assert np.isnan(samples[10:, 0]).all()
    assert samples[:10, 0] == pytest.approx(columns[0] * 0.0025)
    assert samples[10:, 1] == pytest.approx(columns[1] * 0.0025)
    assert READER.header(path)["NumberOfWaveformSamples"] == "20"


def test_twelve_stored_leads_are_taken_as_they_are(tmp_path):
    values = some_samples(n_leads=12)
    _, signals, decoders = READER.read(an_scp(tmp_path / "e.scp", values, leads=TWELVE))
    np.testing.assert_allclose(signals.samples, values * 0.0025, rtol=0, atol=1e-12)
    assert "computed" not in decoders[0]


def section_6(**changes):
    nanovolts, interval = changes.pop("nanovolts", 2500), changes.pop("interval", 2000)
    section = bytearray(coded_section(list(VALUES.T), nanovolts=nanovolts, interval=interval))
    for place, value in changes.pop("bytes_at", {}).items():
        section[place] = value
    return bytes(section)


ONE_LEAD_OF = struct.pack("<BBIIB", 1, 0x0C, 1, 10**9, 1)


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({"s3": None}, "inputs.ecg_waveform_missing"),
        ({"s6": None}, "inputs.ecg_waveform_missing"),
        ({"s6": b"\0\0"}, "inputs.scp_damaged"),
        ({"s3": leads_section((), ())}, "inputs.ecg_waveform_missing"),
        ({"s3": b"\x08\x64" + b"\0" * 20}, "inputs.scp_damaged"),
        ({"s3": leads_section(EIGHT, [(1, 60)] * 8)}, "inputs.ecg_samples_damaged"),
        ({"s3": leads_section(EIGHT, [(0, 39)] * 8)}, "inputs.ecg_counts_differ"),
        ({"s3": leads_section(EIGHT, [(2, 1)] * 8)}, "inputs.ecg_counts_differ"),
        ({"s3": leads_section(EIGHT, [(1, 40)] * 7 + [(9001, 9040)])}, "inputs.ecg_counts_differ"),
        ({"s3": leads_section(EIGHT, [(1, 10**9)] * 8)}, "inputs.too_large"),
        ({"s3": leads_section(EIGHT, [(1, 4_000_000)] * 8)}, "inputs.too_large"),
        ({"s3": leads_section(EIGHT, [(1, 400_000)] * 8)}, "inputs.ecg_samples_damaged"),
        ({"s3": ONE_LEAD_OF}, "inputs.too_large"),
        ({"s3": leads_section(("I", *EIGHT[:7]), [(1, 40)] * 8)}, "inputs.ecg_lead_twice"),
        ({"s3": leads_section(EIGHT, [(1, 40)] * 8, flags=0x65)}, "inputs.ecg_samples_damaged"),
        ({"s6": section_6(nanovolts=0)}, "inputs.ecg_scale_unknown"),
        ({"s6": section_6(interval=0)}, "inputs.ecg_rate_unknown"),
        ({"s6": section_6(bytes_at={4: 3})}, "inputs.ecg_samples_damaged"),
        ({"s6": section_6(bytes_at={5: 1})}, "inputs.scp_bimodal"),
        ({"s6": section_6(bytes_at={6: 0, 7: 0})}, "inputs.ecg_samples_damaged"),
        ({"s6": section_6()[:-20]}, "inputs.ecg_samples_damaged"),
        ({"s2": b"\0\0"}, "inputs.ecg_samples_damaged"),
        ({"s2": struct.pack("<H", 60000)}, "inputs.ecg_samples_damaged"),
        ({"s2": struct.pack("<HH", 1, 1) + struct.pack("<BBBhI", 0, 0, 1, 0, 0)}, "inputs.ecg_samples_damaged"),
        ({"s2": struct.pack("<HH", 1, 1) + struct.pack("<BBBhI", 1, 1, 0, 9, 0)}, "inputs.ecg_samples_damaged"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, sections, key):
    assert key_of(an_scp(tmp_path / "e.scp", VALUES, **sections)) == key


def test_a_switch_for_ever_ends(tmp_path):
    table = struct.pack("<HH", 1, 1) + struct.pack("<BBBhI", 1, 1, 0, 1, 0)  # every bit 0: go to the table you are in
    section = coded_section([np.zeros(40, dtype=int)] * 8, pack=lambda column: b"\0" * 60_000)
    assert key_of(an_scp(tmp_path / "e.scp", VALUES, s2=table, s6=section)) == "inputs.ecg_samples_damaged"


def test_more_samples_than_ten_minutes_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(scp_ecg, "_MOST_CODED", 300)
    assert key_of(an_scp(tmp_path / "e.scp", VALUES)) == "inputs.too_large"


def test_sections_that_lie_elsewhere_are_refused(tmp_path):
    path = an_scp(tmp_path / "e.scp", VALUES)
    whole = path.read_bytes()
    for place, value in ((22 + 30 + 6, 9), (22 + 30 + 2, 9), (22 + 30 + 9, 255)):  # the pointer to section 3
        path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
        assert key_of(path) == "inputs.scp_damaged"


def test_a_wrong_checksum_is_a_problem_but_does_not_stop_reading(tmp_path):
    path = an_scp(tmp_path / "e.scp", VALUES)
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"ELI25")] ^= 1
    path.write_bytes(bytes(whole))
    assert key_of(path) == "inputs.ecg_checksum_differs"
    assert READER.read(path)[1] is not None


# ---------------------------------------------------------------------------------------------------- the decoding


@settings(max_examples=80, deadline=None)
@given(values=st.lists(st.integers(-32768, 32767), min_size=1, max_size=60))
def test_what_was_coded_by_the_default_table_is_decoded(values):
    assert decoded(huffman_packed(values), len(values), [default_table()]).tolist() == values


@settings(max_examples=80, deadline=None)
@given(values=st.lists(st.integers(-32768, 32767), min_size=1, max_size=30), order=st.sampled_from([0, 1, 2]))
def test_differences_are_undone_in_16_bits(values, order):
    stored = (np.array(differences(np.array(values), order)) + 2**15) % 2**16 - 2**15
    assert undifferenced(stored, order).tolist() == values


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=120), data=st.binary(max_size=60), count=st.integers(0, 200))
def test_any_table_and_any_bits_are_decoded_or_refused(body, data, count):
    try:
        values = decoded(data, count, tables_of(body))
    except (ValueError, struct.error):
        return
    assert len(values) == count


# ----------------------------------------------------------------------------------------------------- what is stated


def test_the_header_says_who_when_and_what_but_no_name_nor_birthday(tmp_path):
    assert dict(READER.header(an_scp(tmp_path / "e.scp"))) == {
        "Modality": "ECG",
        "PatientID": "77123",
        "PatientSex": "F",
        "PatientAge": "057Y",
        "StudyDate": "19890302",
        "AcquisitionDateTime": "19890302070509",
        "Manufacturer": "Mortara Instruments",
        "ManufacturerModelName": "ELI25",
        "FilterLowFrequency": "0.05",
        "FilterHighFrequency": "150",
        "SamplingFrequency": "500",
        "NumberOfWaveformSamples": "40",
        "NumberOfWaveformChannels": "12",
    }


def test_a_damaged_section_1_says_less_and_stops_nothing(tmp_path):
    path = an_scp(tmp_path / "e.scp", s1=b"\x02\xff\x7f77123\0")
    assert "PatientID" not in READER.header(path)
    assert READER.problems(path) == ()


def said(path):
    report = READER.report(path)
    return report.is_confirmed, [(one.source, one.text, one.code, one.scheme) for one in report.statements]


def test_statements_of_text_and_of_codes_say_who_made_them(tmp_path):
    machine = statements_section(0, b"Fibrillation auriculaire\0", "Confirmé par DULCINEA\0".encode("latin-1"), b"\0")
    confirmed = statements_section(1, b"\x01NORM\0SR\0", b"\x02Sinus rhythm\0", b"\x03(1&2)\0")
    assert said(an_scp(tmp_path / "a.scp", s8=machine, s11=confirmed)) == (
        True,
        [
            ("machine", "Fibrillation auriculaire", "", ""),
            ("confirmed", "NORM", "NORM", "SCPECG"),
            ("confirmed", "SR", "SR", "SCPECG"),
            ("confirmed", "Sinus rhythm", "", ""),
        ],
    )
    assert said(an_scp(tmp_path / "b.scp", s8=machine))[0] is False
    overread = statements_section(2, b"Sinus rhythm\0")
    assert said(an_scp(tmp_path / "c.scp", s8=overread)) == (False, [("unknown", "Sinus rhythm", "", "")])
    assert said(an_scp(tmp_path / "d.scp", s8=statements_section(1))) == (None, [])
    assert said(an_scp(tmp_path / "e.scp", s8=overread[:-4])) == (False, [])


def section_7(beats, *, rr=0, n_spikes=0, tail=b""):
    parts = b"".join(struct.pack("<5H3h", *beat) for beat in beats)
    return struct.pack("<BBHH", len(beats), n_spikes, rr, 0) + parts + b"\0" * (10 * n_spikes) + tail


def test_measurements_follow_from_onsets_and_ends(tmp_path):
    undefined = 29999
    beats = [(100, 210, 260, 350, 660, 44, -61, 999), (undefined,) * 5 + (1, 2, 3)]
    tail = struct.pack("<H3B3HB", 3, 0, 0, 0, 61, undefined, 411, 1)
    path = an_scp(tmp_path / "a.scp", s7=section_7(beats, rr=1000, n_spikes=2, tail=tail))
    assert {name: one.value for name, one in READER.report(path).measurements.items()} == {
        "heart_rate": 61,
        "pr_interval": 160,
        "qrs_duration": 90,
        "qt_interval": 400,
        "qtc_interval": 411,
        "p_axis": 44,
        "qrs_axis": -61,
    }
    path = an_scp(tmp_path / "b.scp", s7=section_7([(undefined, undefined, 260, 350, 200, 999, 999, 999)], rr=800))
    assert {name: one.value for name, one in READER.report(path).measurements.items()} == {
        "heart_rate": 75,
        "qrs_duration": 90,
    }
    assert READER.report(an_scp(tmp_path / "c.scp", s7=b"\x09\0\0\0")).measurements == {}
