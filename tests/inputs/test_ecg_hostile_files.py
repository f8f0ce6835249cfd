"""Cut, altered and random files of manufacturers' ECG formats: read or refused with a sentence, in bounded time."""

import base64

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmn_bench.inputs.hl7_aecg import Hl7AecgReader
from dmn_bench.inputs.muse_xml import MuseXmlReader
from dmn_bench.inputs.philips_xml import PhilipsXmlReader
from dmn_bench.inputs.scp_ecg import ScpEcgReader

from .test_hostile_files import outcome
from .vendor_ecg_factories import (
    TWELVE,
    a_diagnosis,
    a_muse,
    a_philips,
    a_philips_interpretation,
    an_aecg,
    an_scp,
    statements_section,
    xli_packed,
)

MAKERS = {
    "hl7-aecg": (an_aecg, Hl7AecgReader()),
    "muse-xml": (lambda path: a_muse(path, diagnoses=a_diagnosis("Diagnosis", "Sinus rhythm")), MuseXmlReader()),
    "philips-xml": (
        lambda path: a_philips(path, interpretation=a_philips_interpretation(("SR", "Sinus rhythm"))),
        PhilipsXmlReader(),
    ),
    "scp-ecg": (lambda path: an_scp(path, s8=statements_section(0, b"Sinus rhythm\0")), ScpEcgReader()),
}


@pytest.fixture(params=MAKERS, ids=list(MAKERS))
def legal(request, tmp_path):
    make, reader = MAKERS[request.param]
    return make(tmp_path / "e.bin"), reader


def said(reader, path):
    """The outcome of reading; the report and the copy must end as well: in a refusal or in what they give."""
    found = outcome(reader, path)
    if found == "read":
        reader.report(path)
        assert len(reader.deidentified_copy(path, path.parent, "image-1")) == 2
        assert np.isfinite(reader.read(path)[1].sampling_hz)
    return found


def test_the_legal_file_is_read_by_its_reader_alone(legal):
    path, reader = legal
    assert said(reader, path) == "read"
    assert [other.name for _, other in MAKERS.values() if other.recognises(path)] == [reader.name]


def test_a_cut_file_is_never_filled_up(legal):
    path, reader = legal
    whole = path.read_bytes()
    for share in np.linspace(0, 0.995, 60):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert said(reader, path) != "read", f"cut at {share:.0%}"


def test_an_empty_and_a_random_file_are_refused(legal):
    path, reader = legal
    rng = np.random.default_rng(5)
    start = path.read_bytes()[:200]
    for data in (b"", b"\0" * 4096, rng.bytes(4096), start + rng.bytes(4096), b"\xff\xfe" + start):
        path.write_bytes(data)
        assert said(reader, path) != "read"


@settings(
    max_examples=80, deadline=60_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_altered_bytes_never_crash(legal, data):
    path, reader = legal
    original = path.with_name("original")
    if not original.exists():  # once for each format: hypothesis runs all examples on one fixture
        original.write_bytes(path.read_bytes())
    altered = bytearray(original.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(altered) - 1))
        # Digits for bytes of XML, so that it stays well formed and something else than the parser is asked.
        values = st.sampled_from(b"0123456789-.eE<>&") if data.draw(st.booleans()) else st.integers(0, 255)
        altered[at] = data.draw(values)
    path.write_bytes(bytes(altered))
    said(reader, path)


@settings(
    max_examples=60, deadline=60_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_altered_xli_data_never_crash(tmp_path, data):
    packed = bytearray(xli_packed(np.ones((40, 12), dtype=int), TWELVE))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    path = a_philips(tmp_path / "e.xml", np.ones((40, 12), dtype=int), data=bytes(packed))
    said(PhilipsXmlReader(), path)


@pytest.mark.parametrize("name", ["hl7-aecg", "muse-xml", "philips-xml"])
def test_a_bomb_of_entities_is_refused_by_the_reader_of_the_format(name, tmp_path):
    make, reader = MAKERS[name]
    path = make(tmp_path / "e.xml")
    root = {"hl7-aecg": "AnnotatedECG", "muse-xml": "RestingECG", "philips-xml": "restingecgdata"}[name]
    laughs = "".join(f"<!ENTITY l{k} '" + f"&l{k - 1};" * 10 + "'>" for k in range(1, 12))
    bomb = f"<!DOCTYPE {root} [<!ENTITY l0 'lol'>{laughs}]>".encode()
    text = path.read_bytes().replace(b'<!DOCTYPE RestingECG SYSTEM "restecg.dtd">', b"")
    path.write_bytes(text.replace(f"<{root}".encode(), bomb + f"<{root}".encode(), 1))
    assert reader.recognises(path)
    assert said(reader, path) == "inputs.xml_forbidden"
    depth = f"<{root}>".encode() * 5000
    path.write_bytes(depth)
    assert said(reader, path) == "inputs.xml_excessive"


def test_a_huge_text_is_refused_by_its_count_and_not_decoded(tmp_path):
    data = base64.b64encode(b"\0" * 3_000_000).decode()
    assert said(MuseXmlReader(), a_muse(tmp_path / "e.xml", lead={"WaveFormData": data})) == "inputs.ecg_counts_differ"
