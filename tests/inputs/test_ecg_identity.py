"""A name, a number, a date and free text in every field of every format: a candidate sees none of it in any form."""

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.inputs.requests import load_case
from dmn_bench.vocabulary import Case

from .ecg_factories import an_edf, an_ishne
from .factories import an_ecg, saved

SECRETS = ("Nomfaux", "Prenomtest", "H4711", "1950", "19500301", "1947", "Nomtest", "fainted")
STORED = np.random.default_rng(8).integers(-900, 900, (4, 500))
READERS = build_catalogue().make_all("reader")


def an_edf_file(folder):
    notes = [f"+{second}\x14\x14\0+{second}.5\x14Prenomtest fainted\x14\0".encode() for second in range(4)]
    return an_edf(folder / "Nomfaux.edf", STORED, notes=notes, labels=("ECG Nomfaux", "ECG V1"))


def an_ishne_file(folder):
    return an_ishne(folder / "Nomfaux.ecg", STORED.reshape(-1, 2))


def a_table(folder):
    path = folder / "Nomfaux.csv"
    rows = "".join(f"{a};{b}\n" for a, b in STORED.reshape(-1, 2))
    path.write_text("# Prenomtest Nomfaux, H4711, born 1950\n# unit: uV\n# sampling_hz: 500\nII;Nomtest\n" + rows)
    return path


def a_dicom_file(folder):
    dataset = an_ecg(STORED.reshape(-1, 2).astype(np.int16), leads=("II", "Nomtest"))
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Nomfaux^Prenomtest", "H4711", "19500301"
    dataset.InstitutionName, dataset.StudyDescription, dataset.ContentDate = "Nomtest", "fainted", "19470301"
    dataset.WaveformSequence[0].ChannelDefinitionSequence[0].ChannelLabel = "Prenomtest 1947"
    dataset.WaveformSequence[0].MultiplexGroupLabel = "RHYTHM"
    return saved(dataset, folder / "Nomfaux.dcm")


@pytest.mark.parametrize("receives", ["array", "wfdb", "file"])
@pytest.mark.parametrize("make", [an_edf_file, an_ishne_file, a_table, a_dicom_file])
def test_nobody_is_seen(tmp_path, make, receives):
    folder, scratch = tmp_path / "set", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    path = make(folder)
    assert any(secret.encode() in path.read_bytes() for secret in SECRETS)
    case = Case(case_id="c", patient_id="p", exam_id="e", laterality="", files=(path.name,), strata={})
    request, _ = load_case(case, folder, receives=receives, readers=READERS, request_id="r", scratch=scratch)
    seen = [file.read_bytes() for file in request.files] + [str(file.name).encode() for file in request.files]
    if request.signals is not None:
        seen += [lead.encode() for lead in request.signals.leads]
        assert request.signals.samples.shape == (1000, 2)
    assert seen
    assert not [secret for secret in SECRETS for part in seen if secret.encode() in part]
