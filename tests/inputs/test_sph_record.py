"""HDF5 recordings of a collection: twelve leads in millivolt, and everything else refused."""

import numpy as np
import pytest

from dmn_bench.errors import InputFileError, MachineError
from dmn_bench.inputs import sph_record
from dmn_bench.inputs.leads import STANDARD_12
from dmn_bench.inputs.sph_record import SphReader
from dmn_bench.inputs.wfdb_record import WfdbReader
from tests.set_factory import worded
from tests.shared_data import shared_data

h5py = pytest.importorskip("h5py")
READER = SphReader()


def a_file(path, **sets):
    with h5py.File(path, "w") as opened:
        for name, values in sets.items():
            opened[name] = values
    return path


def test_millivolts_in_the_usual_order(tmp_path):
    values = np.arange(120, dtype=np.float16).reshape(12, 10) / 8
    values[3, 4] = np.nan
    path = a_file(tmp_path / "a.h5", ecg=values)
    _, signals, decoders = READER.read(path)
    assert np.array_equal(signals.samples, values.T.astype(float), equal_nan=True)
    assert (signals.sampling_hz, signals.leads) == (500, STANDARD_12)
    assert decoders[0].startswith("HDF5 h5py")
    assert READER.header(path)["NumberOfWaveformSamples"] == "10"
    hea, _ = READER.deidentified_copy(path, tmp_path, "copy")
    _, copied, _ = WfdbReader().read(hea)
    assert np.allclose(copied.samples, signals.samples, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize(
    "sets",
    [{}, {"other": np.zeros((12, 5))}, {"ecg": np.zeros((8, 5))}, {"ecg": np.zeros(5)}, {"ecg": np.zeros((12, 0))}],
)
def test_what_is_no_recording_of_the_collection_is_refused(tmp_path, sets):
    path = a_file(tmp_path / "a.h5", **sets)
    assert READER.recognises(path)
    with pytest.raises(InputFileError) as refused:
        READER.read(path)
    assert [key for _, key in worded(refused.value.problems)] == ["ecg_import.not_twelve_leads"]
    assert READER.problems(path) == ("ecg_import.not_twelve_leads",)


def test_a_cut_file_is_damaged_wherever_it_was_cut(tmp_path):
    whole = a_file(tmp_path / "a.h5", ecg=np.ones((12, 400), np.float16)).read_bytes()
    path = tmp_path / "cut.h5"
    for size in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:size])
        with pytest.raises(InputFileError):
            READER.read(path)


def test_without_the_package_it_says_what_to_install(tmp_path, monkeypatch):
    path = a_file(tmp_path / "a.h5", ecg=np.zeros((12, 5)))

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(sph_record.importlib, "import_module", missing)
    with pytest.raises(MachineError) as refused:
        READER.read(path)
    assert [key for _, key in worded(refused.value.problems)] == ["ecg_import.no_h5py"]


def test_real_recordings_hold_what_their_table_says():
    folder = shared_data("ecg/sph")
    lengths = {path.stem: len(READER.read(path)[1].samples) for path in folder.glob("*.h5")}
    assert lengths == {"SPH00001": 5000, "SPH00003": 6500, "SPH00006": 5000, "SPH00008": 5000, "SPH00010": 7500}
