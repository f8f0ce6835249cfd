"""Real ECG files of manufacturers' formats: sample by sample against other programs and against a plain parse."""

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.inputs.hl7_aecg import Hl7AecgReader
from dmn_bench.inputs.muse_xml import MuseXmlReader
from dmn_bench.inputs.philips_xml import PhilipsXmlReader
from dmn_bench.inputs.scp_ecg import ScpEcgReader
from dmn_bench.inputs.wfdb_record import WfdbReader
from tests.shared_data import shared_data

WITNESS = json.loads((Path(__file__).parents[1] / "witnesses" / "ecg_formats.json").read_text())
READERS = {
    "aecg": Hl7AecgReader(),
    "muse_xml": MuseXmlReader(),
    "philips_xml": PhilipsXmlReader(),
    "scp": ScpEcgReader(),
}
FILES = {
    "aecg/fda_minimum_aecg.xml": (13, 1),
    "aecg/fda_subject1_0.xml": (5000, 12),
    "aecg/hl7_Example_aECG.xml": (5000, 12),
    "aecg/liryc_hl7aecg_example.xml": (1000, 12),
    "muse_xml/braveheart_example1.xml": (5000, 12),
    "muse_xml/braveheart_example2.xml": (5000, 12),
    "philips_xml/sierra_129DYPRG_1_03.xml": (5264, 12),  # 5500 with the calibration pulse behind the recording
    "philips_xml/sierra_ad4d3d80_1_04_orig.xml": (5300, 12),
    "scp/ecgtoolkit_Example.scp": (5000, 12),
}


def reader_of(name):
    return READERS[name.partition("/")[0]]


def read(name):
    return reader_of(name).read(shared_data(f"ecg/formats/{name}"))[1]


def lead_of(signals, name):
    return signals.samples[:, signals.leads.index(name)]


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_recognised_by_one_reader_and_has_no_problems(name):
    path = shared_data(f"ecg/formats/{name}")
    assert [reader for reader in READERS.values() if reader.recognises(path)] == [reader_of(name)]
    assert reader_of(name).problems(path) == ()
    signals = read(name)
    assert signals.samples.shape == FILES[name]
    assert not np.isnan(signals.samples).any()


@pytest.mark.parametrize("name", FILES)
def test_every_lead_is_what_other_programs_read(name):
    signals = read(name)
    for leads in WITNESS[Path(name).name].values():
        for lead, (n_samples, hz, fingerprint) in leads.items():
            nanovolts = np.rint(lead_of(signals, lead) * 1e6).astype("<i8")
            if name.startswith("philips_xml"):  # what was cut off: nothing, 1 mV for 0.2 s, nothing
                tail = np.zeros(5500 - len(nanovolts), dtype="<i8")
                tail[5350 - len(nanovolts) : 5450 - len(nanovolts)] = 1_000_000
                nanovolts = np.concatenate([nanovolts, tail])
            assert (len(nanovolts), signals.sampling_hz) == (n_samples, hz)
            assert hashlib.sha256(nanovolts.tobytes()).hexdigest() == fingerprint, lead


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("muse_xml")])
def test_muse_is_what_a_plain_parse_finds(name):
    text = shared_data(f"ecg/formats/{name}").read_text("latin-1")
    rhythm = text.partition("<WaveformType>Rhythm<")[2]
    leads = re.findall(r"<LeadID>(\w+)</LeadID>.*?<WaveFormData>(.*?)</WaveFormData>", rhythm, re.S)
    plain = {lead: np.frombuffer(base64.b64decode(data), "<i2") * 0.00488 for lead, data in leads}
    assert len(plain) == 8
    one, two = plain["I"], plain["II"]
    plain |= {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    signals = read(name)
    for lead, samples in plain.items():
        np.testing.assert_allclose(lead_of(signals, lead), samples, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("aecg")])
def test_aecg_is_what_a_plain_parse_finds(name):
    text = shared_data(f"ecg/formats/{name}").read_text()
    rhythm = text.partition("REPRESENTATIVE_BEAT")[0]
    leads = re.findall(
        r'MDC_ECG_LEAD_(\w+)"[^<]*/?>.*?<scale value="([\d.]+)" unit="uV".*?<digits>(.*?)<', rhythm, re.S
    )
    plain = {lead.upper(): np.array(digits.split(), float) * float(scale) / 1000 for lead, scale, digits in leads}
    signals = read(name)
    assert sorted(plain) == sorted(lead.upper() for lead in signals.leads)
    for lead in signals.leads:
        np.testing.assert_allclose(lead_of(signals, lead), plain[lead.upper()], rtol=0, atol=1e-12)


def test_one_recording_in_two_formats_is_one_recording():
    scp, aecg = read("scp/ecgtoolkit_Example.scp"), read("aecg/hl7_Example_aECG.xml")
    assert scp.leads == aecg.leads
    np.testing.assert_allclose(scp.samples, aecg.samples, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", [name for name, shape in FILES.items() if shape[1] == 12])
def test_limb_leads_fit_each_other_within_the_steps_of_the_file(name):
    signals = read(name)
    one, two = lead_of(signals, "I"), lead_of(signals, "II")
    if name == "aecg/liryc_hl7aecg_example.xml":  # its waveforms are made up: each lead the same saw at another height
        assert np.abs(lead_of(signals, "III") - (two - one)).max() > 0.05
        return
    step = {"aecg": 0.0025, "scp": 0.0025, "muse_xml": 0.00488, "philips_xml": 0.005}[name.partition("/")[0]]
    for lead, expected in {"III": two - one, "aVR": -(one + two) / 2, "aVF": two - one / 2}.items():
        assert np.abs(lead_of(signals, lead) - expected).max() <= 2 * step + 1e-9, lead


@pytest.mark.parametrize("name", FILES)
def test_the_copy_is_read_alike_and_says_nothing_of_the_patient(name, tmp_path):
    reader, path = reader_of(name), shared_data(f"ecg/formats/{name}")
    hea, dat = reader.deidentified_copy(path, tmp_path, "image-1")
    copied = WfdbReader().read(hea)[1]
    assert np.array_equal(copied.samples, read(name).samples)
    assert copied.leads == read(name).leads
    header = hea.read_text()
    stated = dict(reader.header(path))
    assert not [stated[key] for key in ("PatientID", "StudyDate") if stated.get(key) and stated[key] in header]
    assert dat.stat().st_size == 4 * read(name).samples.size


def test_headers_say_who_when_and_what():
    path = shared_data("ecg/formats/philips_xml/sierra_ad4d3d80_1_04_orig.xml")  # UTF-16
    header = PhilipsXmlReader().header(path)
    assert (header["PatientSex"], header["PatientAge"], header["StudyDate"]) == ("F", "032Y", "20081223")
    assert header["ManufacturerModelName"] == "PageWriter Touch"
    header = ScpEcgReader().header(shared_data("ecg/formats/scp/ecgtoolkit_Example.scp"))
    assert (header["PatientSex"], header["PatientAge"], header["StudyDate"]) == ("M", "049Y", "20021122")
    header = Hl7AecgReader().header(shared_data("ecg/formats/aecg/fda_subject1_0.xml"))
    assert (header["PatientID"], header["FilterHighFrequency"]) == ("subject1", "150")


def test_reports_of_real_files():
    report = PhilipsXmlReader().report(shared_data("ecg/formats/philips_xml/sierra_ad4d3d80_1_04_orig.xml"))
    assert report.is_confirmed is True
    assert [(one.source, one.code) for one in report.statements] == [
        ("machine", "SB"),
        ("confirmed", "SB"),
        ("confirmed", "NPTA"),
        ("confirmed", "ON"),
    ]
    assert not [one for one in report.statements if "Masoudi" in one.text]
    report = PhilipsXmlReader().report(shared_data("ecg/formats/philips_xml/sierra_129DYPRG_1_03.xml"))
    assert report.is_confirmed is False
    assert [one.text for one in report.statements][:2] == [
        "Sinus bradycardia",
        "Nonspecific intraventricular conduction delay",
    ]
    report = Hl7AecgReader().report(shared_data("ecg/formats/aecg/liryc_hl7aecg_example.xml"))
    assert (report.is_confirmed, report.statements[0].text) == (False, "Rythme sinusal avec ESA")
    report = MuseXmlReader().report(shared_data("ecg/formats/muse_xml/braveheart_example2.xml"))
    assert {name: one.value for name, one in report.measurements.items()} == {
        "heart_rate": 65,
        "pr_interval": 184,
        "qrs_duration": 100,
        "qt_interval": 420,
        "qtc_interval": 437,
        "p_axis": 42,
        "qrs_axis": -2,
        "t_axis": 12,
    }


def test_one_report_in_two_formats_has_the_same_measurements():
    scp = ScpEcgReader().report(shared_data("ecg/formats/scp/ecgtoolkit_Example.scp"))
    aecg = Hl7AecgReader().report(shared_data("ecg/formats/aecg/hl7_Example_aECG.xml"))
    assert scp.measurements == aecg.measurements
    assert len(scp.measurements) == 7
