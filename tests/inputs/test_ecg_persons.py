"""Every reader whose files name persons says them, and its header does not."""

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.hookspecs import NamingReader

from .ecg_factories import an_edf, an_ishne
from .vendor_ecg_factories import a_muse, a_philips, an_aecg, an_scp

STORED = np.random.default_rng(8).integers(-900, 900, (4, 500))
READERS = {reader.name: reader for reader in build_catalogue().make_all("reader")}


@pytest.mark.parametrize(
    ("name", "ending", "make", "names"),
    [
        ("edf", "edf", lambda path: an_edf(path, STORED), ("Nomfaux", "Prenomtest", "H4711")),
        ("ishne", "ecg", lambda path: an_ishne(path, STORED.reshape(-1, 2)), ("Nomfaux", "Prenomtest", "H4711")),
        ("muse-xml", "xml", a_muse, ("QUIXANO", "DULCINEA", "77123")),
        ("philips-xml", "xml", a_philips, ("QUIXANO", "DULCINEA", "77123")),
        ("hl7-aecg", "xml", an_aecg, ("QUIXANO", "DULCINEA", "77123")),
        ("scp-ecg", "scp", an_scp, ("QUIXANO", "77123")),
    ],
)
def test_persons_are_said_and_the_header_is_silent(tmp_path, name, ending, make, names):
    path, reader = tmp_path / f"a.{ending}", READERS[name]
    make(path)
    assert reader.recognises(path)
    assert isinstance(reader, NamingReader)
    said = " ".join(reader.persons(path))
    assert [each for each in names if each not in said] == []
    header = " ".join(text for keyword, text in reader.header(path).items() if keyword != "PatientID")
    assert [each for each in names if each in header] == []
