"""Every real record at hand, sample by sample as another reader reads it."""

import shutil
import warnings

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness.set_loading import format_readers
from dmn_bench.inputs.leads import neutral_leads
from dmn_bench.inputs.requests import case_files, load_files
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import Case

from ..shared_data import shared_data

with warnings.catch_warnings():  # the library warns when it is imported
    warnings.simplefilter("ignore")
    import wfdb

READER = WfdbReader()
MILLIVOLTS = {"mv": 1.0, "uv": 1e-3}
COLLECTIONS = {  # records with signals
    "ecg/mitdb": 23,
    "ecg/vfdb": 4,
    "ecg/ptbxl": 282,
    "ecg/cpsc2021": 9,
    "ecg/cinc2021": 108,
}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_real_record_is_read_as_the_library_reads_it(collection, tmp_path):
    headers = sorted(shared_data(collection).rglob("*.hea"))
    assert len(headers) == COLLECTIONS[collection]
    for hea in headers:
        assert READER.problems(hea) == (), hea.name
        signals = READER.read(hea)[1]
        library = wfdb.rdrecord(str(readable(hea, tmp_path)))
        factors = [MILLIVOLTS[unit.lower()] for unit in library.units]
        assert np.allclose(library.p_signal * factors, signals.samples, rtol=1e-12, atol=1e-12, equal_nan=True)
        assert (signals.sampling_hz, signals.leads) == (library.fs, tuple(library.sig_name)), hea.name


def readable(hea, folder):
    """The record as the library can parse it: it refuses a record line that names a file and a date by its month."""
    lines = hea.read_text(encoding="utf-8").splitlines()
    if "-" not in lines[0]:
        return hea.with_suffix("")
    copy = folder / hea.name
    first = " ".join(lines[0].split()[:4]).replace(".mat", "")
    copy.write_text("\n".join([first, *lines[1:]]) + "\n", encoding="utf-8")
    shutil.copyfile(hea.with_suffix(".mat"), folder / f"{hea.stem}.mat")
    return copy.with_suffix("")


@pytest.mark.parametrize("record", ["mitdb/201", "vfdb/418", "cpsc2021/data_21_7"])
def test_a_copy_of_a_real_record_holds_its_digital_values(record, tmp_path):
    path = shared_data(f"ecg/{record}.hea")
    hea, _ = READER.deidentified_copy(path, tmp_path, "record-1")
    stored = [wfdb.rdrecord(str(each.with_suffix("")), physical=False).d_signal for each in (path, hea)]
    assert np.array_equal(stored[0], stored[1])
    assert np.array_equal(READER.read(hea)[1].samples, READER.read(path)[1].samples, equal_nan=True)


def test_a_real_record_is_the_same_in_flac(tmp_path):
    path = shared_data("ecg/ptbxl/records500")
    hea = min(path.rglob("*.hea"))
    plain = wfdb.rdrecord(str(hea.with_suffix("")), physical=False)
    n_leads = 8  # as many channels as a FLAC file has
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wfdb.wrsamp(
            "flac",
            fs=plain.fs,
            units=plain.units[:n_leads],
            sig_name=plain.sig_name[:n_leads],
            d_signal=plain.d_signal[:, :n_leads],
            fmt=["516"] * n_leads,
            adc_gain=plain.adc_gain[:n_leads],
            baseline=plain.baseline[:n_leads],
            write_dir=str(tmp_path),
        )
    found, expected = READER.read(tmp_path / "flac")[1], READER.read(hea)[1]
    assert np.array_equal(found.samples, expected.samples[:, :n_leads])
    assert (tmp_path / "flac.dat").stat().st_size < 2 * found.samples.size


def test_every_real_file_of_another_format_is_given_as_wfdb(tmp_path):
    readers = format_readers(build_catalogue())
    given = {}
    for number, path in enumerate(sorted(each for each in shared_data("ecg/formats").rglob("*") if each.is_file())):
        found = [reader for reader in readers if reader.gives == "signals" and reader.recognises(path)]
        if not found or found[0].problems(path):
            continue
        case = Case(case_id="c", patient_id="c", exam_id="c", laterality="", files=(path.name,), strata={})
        files, scratch = case_files(case, path.parent, readers), tmp_path / str(number)
        request, _ = load_files(case, files, receives="wfdb", request_id="q", scratch=scratch)
        copy, original = READER.read(request.files[0])[1], found[0].read(path)[1]
        assert np.allclose(copy.samples, original.samples, rtol=1e-12, atol=0.51e-6, equal_nan=True), path.name
        assert copy.leads == neutral_leads(original.leads), path.name
        assert copy.sampling_hz == original.sampling_hz, path.name
        given.setdefault(found[0].name, []).append(path.name)
    assert len(given["dicom-ecg"]) == 1
    assert {"muse-xml", "philips-xml", "hl7-aecg"} <= set(given)
