from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmn_bench.inputs.csv_ecg import CsvEcgReader, register_readers
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing import ReaderChecks

from .ecg_factories import altered_everywhere, cut_everywhere, outcome

READER = CsvEcgReader()
TOP = "# sampling_hz: 500\n# unit: uV\n"
LONG = "# Name: Prenomtest Nomfaux\n# born 1950\n# unit: uV\n# n_samples: 400\ntime_ms;AVR;Nomfaux\n" + "".join(
    f"{2 * k};{k % 37},5;{-k}\n" for k in range(400)
)


def written(folder, text, name="a.csv"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(folder, text):
    path = written(folder, text)
    assert READER.recognises(path)
    return READER.read(path)[1]


class TestCsvEcgReader(ReaderChecks):
    def reader(self):
        return CsvEcgReader()

    def copy_reader(self):
        return WfdbReader()

    def write(self, folder: Path) -> Path:
        return written(folder, LONG, "Nomfaux.csv")

    def secrets(self):
        return (b"Nomfaux", b"Prenomtest", b"1950")


def test_it_registers_itself():
    assert register_readers() == [CsvEcgReader]


@pytest.mark.parametrize(
    "text",
    [
        TOP + "I,AVR\n1000,-20\n1.5,\n",
        TOP + "I;AVR\n1000;-20\n1,5;\n",
        TOP + "I\tAVR\r\n1000\t-20\r\n1.5\tNaN\r\n",
        "\ufeff" + TOP + '"I","aVR"\n1000,-20\n1.5,nan\n',
        "# leads: I,aVR\n" + TOP + "1000,-20\n1.5, \n",
        "# sampling_hz = 500\nI (uV),aVR [mV]\n1000,-0.02\n1.5,\n",
        "# unit: uV\ntime_s,I,aVR\n0,1000,-20\n0.002,1.5,\n",
        "# unit: uV\nTime (ms),I,aVR\n80,1000,-20\n82,1.5,\n",
        TOP + "sample,I,aVR\n0,1000,-20\n1,1.5,\n",
    ],
)
def test_the_same_samples_in_every_dress(tmp_path, text):
    signals = read(tmp_path, text)
    assert (signals.leads, signals.sampling_hz) == (("I", "aVR"), 500.0)
    assert signals.samples[:, 0].tolist() == [1.0, 0.0015]
    assert signals.samples[0, 1] == -0.02
    assert np.isnan(signals.samples[1, 1])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"sampling_hz": 250, "unit": "mV", "leads": ["I", "V1"], "sex": "F", "age_years": 45}'),
        ("a.yaml", "sampling_hz: 250\nunit: mV\nleads: [I, V1]\nsex: F\nage_years: 45\n"),
    ],
)
def test_facts_may_stand_in_a_file_beside(tmp_path, name, text):
    side = written(tmp_path, text, name)
    path = written(tmp_path, "1,2\n3,4\n")
    assert READER.recognises(path)
    signals = READER.read(path)[1]
    assert (signals.leads, signals.sampling_hz, signals.samples.tolist()) == (("I", "V1"), 250.0, [[1, 2], [3, 4]])
    header = READER.header(path)
    assert (header["PatientSex"], header["PatientAge"], header["NumberOfWaveformSamples"]) == ("F", "045Y", "2")
    assert tuple(READER.files(path)) == (path, side)


def test_a_rate_follows_from_times_that_were_rounded(tmp_path):
    times = "".join(f"{k / 360:.3f},{k}\n" for k in range(3600))
    assert read(tmp_path, "# unit: uV\ntime_s,II\n" + times).sampling_hz == 360.0
    odd = "".join(f"{k * 2.8:.1f},{k}\n" for k in range(3600))
    assert read(tmp_path, "# unit: uV\ntime_ms,II\n" + odd).sampling_hz == pytest.approx(1000 / 2.8, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("# sampling_hz: 500\nI,II\n1,2\n", "inputs.csv_no_unit"),
        ("# sampling_hz: 500\nI (mV),II\n1,2\n", "inputs.csv_no_unit"),
        ("# unit: mmHg\n# sampling_hz: 500\nI,II\n1,2\n", "inputs.unit_unknown"),
        ("# unit: uV\n# unit: mV\n# sampling_hz: 500\nI,II\n1,2\n", "inputs.unit_unknown"),
        ("# unit: uV\nI,II\n1,2\n", "inputs.csv_no_rate"),
        ("# unit: uV\n# sampling_hz: 0\nI,II\n1,2\n", "inputs.csv_bad_facts"),
        ("# unit: uV\n# sampling_hz: fast\nI,II\n1,2\n", "inputs.csv_bad_facts"),
        ("# unit: uV\n# sampling_hz: 1\n# sampling_hz: 2\nI,II\n1,2\n", "inputs.csv_bad_facts"),
        (TOP + "# sex: female\nI,II\n1,2\n", "inputs.csv_bad_facts"),
        ("# unit: uV\ntime,I\n0,1\n2,2\n", "inputs.csv_time_without_unit"),
        ("# unit: uV\ntime_s,I\n0,1\n0.002,2\n0.006,2\n", "inputs.csv_uneven_time"),
        ("# unit: uV\ntime_s,I\n0,1\n0,2\n0,2\n", "inputs.csv_uneven_time"),
        ("# unit: uV\ntime_s,I\n0,1\n", "inputs.csv_uneven_time"),
        ("# unit: uV\ntime_s,I\n0,1\n,2\n", "inputs.csv_uneven_time"),
        (TOP + "time_s,I\n0,1\n0.004,2\n0.008,2\n", "inputs.csv_rate_contradicts"),
        (TOP + "sample,I\n0,1\n2,2\n", "inputs.csv_bad_index"),
        (TOP + "I,II\n1,2\n3,x\n", "inputs.csv_bad_number"),
        (TOP + "I,II\n1,2\n3,inf\n", "inputs.csv_bad_number"),
        (TOP + "I,II\n1,2\n3,0x1\n", "inputs.csv_bad_number"),
        (TOP + "I;II\n1;2,5\n3;1.5\n", "inputs.csv_bad_number"),
        (TOP + "I,II\n1,2\n3\n", "inputs.csv_rows_differ"),
        (TOP + "I,II\n1,2\n3,4,5\n", "inputs.csv_rows_differ"),
        (TOP + "# leads: I\n1,2\n3,4\n", "inputs.csv_rows_differ"),
        (TOP + "I,II\n1,2\n3,4", "inputs.csv_cut"),
        (TOP + "# n_samples: 3\nI,II\n1,2\n3,4\n", "inputs.csv_cut"),
        (TOP + "# n_samples: 1000000000\nI,II\n1,2\n3,4\n", "inputs.csv_cut"),
    ],
)
def test_nothing_is_guessed(tmp_path, text, key):
    path = written(tmp_path, text)
    assert READER.recognises(path)
    assert outcome(READER, path) == key
    assert READER.problems(path) == (key,)


@pytest.mark.parametrize(
    "text", ['{"rate": 500, "unit": "mV"}', "[1]", "{", "unit: [", '{"unit": "mV", "n_samples": 2.5}']
)
def test_a_file_beside_that_makes_no_sense_is_named(tmp_path, text):
    written(tmp_path, text, "a.yaml")
    assert outcome(READER, written(tmp_path, TOP + "1,2\n3,4\n")) == "inputs.csv_bad_facts"


@pytest.mark.parametrize(
    "text",
    [
        "case_id,patient_id,files\nc1,p1,files/a.dcm\n",
        "case_id,finding,value\n1,2,3\n4,5,6\n",
        "x,y,z\n1,2,3\n4,5,6\n",
        "1,2,3\n4,5,6\n",
        "record,I,II\nr1,1,2\n",
        "I,II\nfirst,second\n",
        "# unit: uV\n# sampling_hz: 5\nhello world\n",
        "",
        "\n\n",
        "time_s,value\n0,1\n1,2\n",
    ],
)
def test_other_tables_are_not_taken_for_recordings(tmp_path, text):
    assert not READER.recognises(written(tmp_path, text))
    assert outcome(READER, tmp_path / "a.csv") != "read" or text.startswith("1,2")


def test_a_table_of_another_ending_or_of_bytes_is_nobodys(tmp_path):
    assert not READER.recognises(written(tmp_path, TOP + "1,2\n", "a.dat"))
    assert not READER.recognises(written(tmp_path, b"# unit: uV\n\0\0\n"))
    assert not READER.recognises(written(tmp_path, b"\xff\xfe1\0,\0"))
    assert not READER.recognises(tmp_path)


@settings(
    max_examples=30, deadline=60_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    values=st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)), min_size=1, max_size=30),
    decimals=st.integers(0, 3),
    mark=st.sampled_from([",", ";", "\t"]),
)
def test_what_is_written_in_digits_is_read_and_copied_to_the_last_one(tmp_path, values, decimals, mark):
    cells = [[f"{value / 10**decimals:.{decimals}f}" for value in row] for row in values]
    text = "\n".join(mark.join(row) for row in cells) + "\n"
    if mark == ";":
        text = text.replace(".", ",")
    path = written(tmp_path, TOP + text)
    found = READER.read(path)[1].samples
    expected = np.array([[int(value) / (10**decimals * 1000) for value in row] for row in values])
    assert np.array_equal(found, expected)
    copy = READER.deidentified_copy(path, tmp_path / "out", "r")[0]
    assert np.array_equal(WfdbReader().read(copy)[1].samples, found)


def test_cut_files_are_refused(tmp_path):
    cut_everywhere(READER, written(tmp_path, LONG))


def test_altered_bytes_never_crash(tmp_path):
    altered_everywhere(READER, written(tmp_path, LONG), 120)
