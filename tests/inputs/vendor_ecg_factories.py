"""The smallest legal ECG files of manufacturers' formats, made on the spot; an argument takes what matters to a test.

The encoders here (LZW, Huffman, differences) are the inverse of what the readers decode and share no code with them.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
SECRETS = (b"QUIXANO", b"DULCINEA", b"77123", b"1931", b"19310507", b"ToBoso")


def some_samples(n_samples: int = 40, n_leads: int = 8, seed: int = 3) -> np.ndarray:
    """int16 [samples, leads]: walks of a few steps each, as an ECG is; the limb leads of twelve fit each other."""
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.integers(-9, 10, (n_samples, n_leads)), axis=0).astype(np.int16)
    if n_leads == 12:
        one, two = values[:, 0].astype(int), values[:, 1].astype(int)
        limbs = (two - one, -((one + two) // 2), (2 * one - two) // 2, (2 * two - one) // 2)
        values[:, 2:6] = np.stack(limbs, axis=1) + rng.integers(-1, 2, (n_samples, 4))
    return values


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


# ----------------------------------------------------------------------------------------------------------- GE MUSE


def a_muse_lead(name: str, values: np.ndarray, **changes: object) -> str:
    data = values.astype("<i2").tobytes()
    fields: Mapping[str, object] = {
        "LeadByteCountTotal": len(data),
        "LeadTimeOffset": 0,
        "LeadSampleCountTotal": len(values),
        "LeadAmplitudeUnitsPerBit": 4.88,
        "LeadAmplitudeUnits": "MICROVOLTS",
        "LeadHighLimit": 32767,
        "LeadLowLimit": -32768,
        "LeadID": name,
        "LeadOffsetFirstSample": 0,
        "LeadSampleSize": 2,
        "LeadDataCRC32": zlib.crc32(data),
        "WaveFormData": "\n" + base64.encodebytes(data).decode(),
        **changes,
    }
    return "<LeadData>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in fields.items()) + "</LeadData>"


def a_muse_wave(
    samples: np.ndarray, leads: Sequence[str], kind: str = "Rhythm", lead: Mapping[str, object] | None = None, **changes
) -> str:
    fields = {"WaveformType": kind, "NumberofLeads": len(leads), "SampleBase": 500, "SampleExponent": 0, **changes}
    parts = "".join(a_muse_lead(name, samples[:, at], **(lead or {})) for at, name in enumerate(leads))
    return "<Waveform>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in fields.items()) + parts + "</Waveform>"


def a_diagnosis(place: str, *lines: str) -> str:
    parts = "".join(
        f"<DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>{line}</StmtText></DiagnosisStatement>"
        for line in lines
    )
    return f"<{place}><Modality>RESTING</Modality>{parts}</{place}>"


def a_muse(
    path: Path,
    samples: np.ndarray | None = None,
    *,
    leads: Sequence[str] = EIGHT,
    status: str = "Unconfirmed",
    diagnoses: str = "",
    waves: str | None = None,
    prolog: str = '<!DOCTYPE RestingECG SYSTEM "restecg.dtd">',
    lead: Mapping[str, object] | None = None,
    **wave: object,
) -> Path:
    """``samples``: [samples, leads] in steps of 4.88 microvolt."""
    values = some_samples(n_leads=len(leads)) if samples is None else samples
    body = a_muse_wave(values[:3], leads, kind="Median") + a_muse_wave(values, leads, lead=lead, **wave)
    return written(
        path,
        f"""<?xml version="1.0" encoding="ISO-8859-1"?>
{prolog}
<RestingECG><PatientDemographics><PatientID>77123</PatientID><PatientAge>57</PatientAge><AgeUnits>YEARS</AgeUnits>
<DateofBirth>05-07-1931</DateofBirth><Gender>FEMALE</Gender><PatientLastName>QUIXANO</PatientLastName>
<PatientFirstName>DULCINEA</PatientFirstName></PatientDemographics>
<TestDemographics><DataType>RESTING</DataType><SiteName>ToBoso</SiteName><AcquisitionDevice>MAC55</AcquisitionDevice>
<Status>{status}</Status><AcquisitionTime>07:05:09</AcquisitionTime><AcquisitionDate>03-02-1989</AcquisitionDate>
</TestDemographics><RestingECGMeasurements><VentricularRate>61</VentricularRate><PRInterval>0</PRInterval>
<QRSDuration>88</QRSDuration><QTInterval>402</QTInterval><QTCorrected>411</QTCorrected><PAxis></PAxis><RAxis>-12</RAxis>
<TAxis>31</TAxis></RestingECGMeasurements>{diagnoses}{body if waves is None else waves}</RestingECG>""",
        "latin-1",
    )


# ---------------------------------------------------------------------------------------------------------- HL7 aECG


def a_sequence(name: str, values: Sequence[int], origin: str = "0", scale: str = "2.5", unit: str = "uV") -> str:
    return f"""<component><sequence><code code="MDC_ECG_LEAD_{name.upper()}"/><value xsi:type="SLIST_PQ">
<origin value="{origin}" unit="{unit}"/><scale value="{scale}" unit="{unit}"/>
<digits>{" ".join(str(value) for value in values)}</digits></value></sequence></component>"""


def a_sequence_set(*sequences: str, head: str = "19890302070509.000", increment: str = "0.002", unit: str = "s") -> str:
    return f"""<component><sequenceSet><component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">
<head value="{head}"/><increment value="{increment}" unit="{unit}"/></value></sequence></component>
{"".join(sequences)}</sequenceSet></component>"""


def an_annotation(code: str, value: str, inner: str = "") -> str:
    return f'<component><annotation><code code="{code}"/>{value}{inner}</annotation></component>'


def a_quantity(code: str, value: float, unit: str) -> str:
    return an_annotation(code, f'<value xsi:type="PQ" value="{value}" unit="{unit}"/>')


def an_annotation_set(*annotations: str, author: str = "") -> str:
    who = f"<author><assignedEntity><assignedAuthorType>{author}</assignedAuthorType></assignedEntity></author>"
    inside = (who if author else "") + "".join(annotations)
    return f"<subjectOf><annotationSet>{inside}</annotationSet></subjectOf>"


def a_series(*sets: str, code: str = "RHYTHM", more: str = "") -> str:
    return f"""<component><series><code code="{code}"/><effectiveTime><low value="19890302070509"/></effectiveTime>
<author><seriesAuthor><manufacturedSeriesDevice><manufacturerModelName>ELI</manufacturerModelName>
</manufacturedSeriesDevice><manufacturerOrganization><name>Windmill</name></manufacturerOrganization></seriesAuthor>
</author>{"".join(sets)}{more}</series></component>"""


def an_aecg(path: Path, *series: str, samples: np.ndarray | None = None, leads: Sequence[str] = TWELVE) -> Path:
    """``samples``: [samples, leads] in steps of 2.5 microvolt, unless whole ``series`` are given."""
    values = some_samples(n_leads=len(leads)) if samples is None else samples
    sequences = [a_sequence(name, values[:, at]) for at, name in enumerate(leads)]
    body = "".join(series) or a_series(a_sequence_set(*sequences))
    return written(
        path,
        f"""<?xml version="1.0" encoding="UTF-8"?>
<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" type="Observation">
<id root="77123"/><effectiveTime><center value="19890302070509"/></effectiveTime>
<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject><id extension="77123"/>
<subjectDemographicPerson><name>QUIXANO DULCINEA</name><administrativeGenderCode code="F"/>
<birthTime value="19310507"/></subjectDemographicPerson></trialSubject></subject></subjectAssignment></componentOf>
</timepointEvent></componentOf>{body}</AnnotatedECG>""",
    )


# ----------------------------------------------------------------------------------------------------------- Philips


def a_philips(
    path: Path,
    samples: np.ndarray | None = None,
    *,
    leads: Sequence[str] = TWELVE,
    version: str = "1.04",
    compression: str = "XLI",
    data: bytes | None = None,
    interpretation: str | None = None,
    encoding: str = "utf-8",
    **waves: object,
) -> Path:
    """``samples``: [samples, leads] in steps of 5 microvolt. Version 1.03 keeps rate and leads elsewhere than 1.04."""
    values = some_samples(n_leads=len(leads)) if samples is None else samples
    packed = xli_packed(values, leads) if compression else values.T.astype("<i2").tobytes()
    is_old = version == "1.03"
    attributes: dict[str, object] = {
        "dataencoding": "Base64",
        "durationperchannel": len(values) * 2,
        "compressmethod" if is_old else "compression": compression or "Uncompressed",
    }
    if not is_old:
        attributes |= {"numberofleads": len(leads), "leadlabels": " ".join(leads), "samplespersecond": 500}
    attributes |= waves
    stated = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    said = a_philips_interpretation() if interpretation is None else interpretation
    return written(
        path,
        f"""<?xml version="1.0"?>
<restingecgdata xmlns="http://www3.medical.philips.com"><documentinfo><documenttype>PhilipsECG</documenttype>
<documentversion>{version}</documentversion></documentinfo>
<dataacquisition date="1989-03-02" time="07:05:09"><machine machineid="1">PageWriter</machine><acquirer>
<institutionname>ToBoso</institutionname></acquirer><signalcharacteristics><samplingrate>500</samplingrate>
<{"signalresolution" if is_old else "resolution"}>5</{"signalresolution" if is_old else "resolution"}>
<signalbandwidth>0.05-150</signalbandwidth><acquisitiontype>STD-12</acquisitiontype><bitspersample>16</bitspersample>
<signaloffset>0</signaloffset><signalsigned>True</signalsigned>
<numberchannelsallocated>{len(leads)}</numberchannelsallocated></signalcharacteristics></dataacquisition>
<patient><generalpatientdata><patientid>77123</patientid><name><lastname>QUIXANO</lastname><firstname>DULCINEA</firstname>
</name><age><dateofbirth>1931-05-07</dateofbirth></age><sex>Female</sex></generalpatientdata></patient>
<interpretations>{said}</interpretations><waveforms><parsedwaveforms {stated}>
{base64.encodebytes(packed if data is None else data).decode()}</parsedwaveforms></waveforms></restingecgdata>""",
        encoding,
    )


def a_philips_interpretation(
    *statements: tuple[str, str], line: str = "Unconfirmed diagnosis", day: str = "1989-03-02", inner: str = ""
) -> str:
    parts = "".join(
        f"<statement><statementcode>{code}</statementcode><leftstatement>{text}</leftstatement>"
        "<rightstatement>rate&lt; 50</rightstatement></statement>"
        for code, text in statements
    )
    return f"""<interpretation date="{day}" time="07:05:09">{inner}<globalmeasurements><heartrate>61</heartrate>
<print>Failed</print><qrsdur>88</qrsdur><qtint>402</qtint><qtcb>411</qtcb><pfrontaxis>5</pfrontaxis>
<qrsfrontaxis>-12</qrsfrontaxis><tfrontaxis>Indeterminate</tfrontaxis></globalmeasurements>
<mdsignatureline>{line}</mdsignatureline><severity code="AB">- ABNORMAL ECG -</severity>{parts}</interpretation>"""


def xli_packed(samples: np.ndarray, leads: Sequence[str], spare: int = 1) -> bytes:
    """XLI chunks of the leads, and of ``spare`` further channels that are all 0."""
    values = samples.astype(int).copy()
    if tuple(leads[:6]) == TWELVE[:6]:
        one, two, three, right, left, foot = (values[:, at].copy() for at in range(6))
        values[:, 2] = two - one - three
        values[:, 3] = -right - (one + two) // 2
        values[:, 4] = (one - three) // 2 - left
        values[:, 5] = (two + three) // 2 - foot
    channels = [*values.T, *([np.zeros(len(values), dtype=int)] * spare)]
    return b"".join(_xli_chunk(channel) for channel in channels)


def _xli_chunk(values: np.ndarray) -> bytes:
    """Two values as they are, then for each the second difference of the value AFTER it, turned round and biased."""
    turned = [2 * int(b) - int(a) - int(c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    start = ((turned[0] if turned else 0) + 2**15) % 2**16 - 2**15
    stored = [int(value) for value in values[:2]] + [one + 64 for one in turned[1:]] + ([64] if turned else [])
    words = [one & 0xFFFF for one in stored]
    packed = lzw_packed(bytes(word >> 8 for word in words) + bytes(word & 0xFF for word in words))
    return struct.pack("<ihh", len(packed), 1, start) + packed


def lzw_packed(data: bytes, bits: int = 10) -> bytes:
    strings = {bytes([value]): value for value in range(256)}
    codes: list[int] = []
    held = b""
    for value in data:
        longer = held + bytes([value])
        if longer in strings:
            held = longer
            continue
        codes.append(strings[held])
        if len(strings) < (1 << bits) - 1:
            strings[longer] = len(strings)
        held = bytes([value])
    codes.append(strings[held])
    text = "".join(f"{code:0{bits}b}" for code in codes)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))


# ----------------------------------------------------------------------------------------------------------- SCP-ECG

SCP_LEADS = {"I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64} | {f"V{k}": k + 2 for k in range(1, 7)}


def huffman_bits(value: int) -> str:
    """A value by the default table."""
    if value == 0:
        return "0"
    if abs(value) <= 8:
        return "1" * abs(value) + "0" + ("1" if value < 0 else "0")
    if -128 <= value < 128:
        return "1111111110" + f"{value & 0xFF:08b}"
    return "1111111111" + f"{value & 0xFFFF:016b}"


def huffman_packed(values: Sequence[int], bits_of=huffman_bits) -> bytes:
    text = "".join(bits_of(int(value)) for value in values)
    text += "1" * (-len(text) % 8)
    return bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))


def plain_packed(values: Sequence[int]) -> bytes:
    return np.array(values).astype("<i2").tobytes()


def differences(values: np.ndarray, order: int) -> list[int]:
    whole = [int(value) for value in values]
    if order == 0:
        return whole
    if order == 1:
        return whole[:1] + [b - a for a, b in itertools.pairwise(whole)]
    second = [c - 2 * b + a for a, b, c in zip(whole, whole[1:], whole[2:], strict=False)]
    return whole[:2] + second


def coded_section(
    columns: Sequence[np.ndarray], *, nanovolts: int = 2500, interval: int = 2000, order: int = 2, pack=huffman_packed
) -> bytes:
    parts = [pack(differences(column, order)) for column in columns]
    sizes = struct.pack(f"<{len(parts)}H", *(len(part) for part in parts))
    return struct.pack("<HHBB", nanovolts, interval, order, 0) + sizes + b"".join(parts)


def leads_section(leads: Sequence[str], spans: Sequence[tuple[int, int]], flags: int = 0x64) -> bytes:
    entries = (struct.pack("<IIB", *span, SCP_LEADS[lead]) for lead, span in zip(leads, spans, strict=True))
    return struct.pack("<BB", len(leads), flags) + b"".join(entries)


def patient_section() -> bytes:
    machine = b"\0" * 7 + bytes([8]) + b"ELI25\0" + bytes([13, 0xA0, 0, 0, 0, 0]) + b"\0" * 16 + b"\0" * 5
    fields = {
        0: b"QUIXANO\0",
        1: b"DULCINEA\0",
        2: b"77123\0",
        5: struct.pack("<HBB", 1931, 5, 7),
        8: b"\x02",
        14: machine,
        25: struct.pack("<HBB", 1989, 3, 2),
        26: bytes([7, 5, 9]),
        27: struct.pack("<H", 5),
        28: struct.pack("<H", 150),
    }
    return b"".join(struct.pack("<BH", tag, len(value)) + value for tag, value in fields.items()) + b"\xff\0\0"


def statements_section(flag: int, *lines: bytes) -> bytes:
    """Of section 8; a line of section 11 begins with its kind."""
    parts = b"".join(struct.pack("<BH", at, len(line)) + line for at, line in enumerate(lines, 1))
    return struct.pack("<BHBBBBB", flag, 1989, 3, 2, 7, 5, 9) + bytes([len(lines)]) + parts


def an_scp(
    path: Path, samples: np.ndarray | None = None, *, leads: Sequence[str] = EIGHT, **sections: bytes | None
) -> Path:
    """``samples``: [samples, leads] in steps of 2.5 microvolt; ``s6`` … replace a section, None takes it out."""
    values = some_samples(n_leads=len(leads)) if samples is None else samples
    bodies: dict[int, bytes | None] = {
        1: patient_section(),
        2: struct.pack("<H", 19999),
        3: leads_section(leads, [(1, len(values))] * len(leads)),
        6: coded_section(list(values.T)),
        **{int(name[1:]): body for name, body in sections.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(scp_bytes({number: body for number, body in sorted(bodies.items()) if body is not None}))
    return path


def scp_bytes(bodies: Mapping[int, bytes]) -> bytes:
    n_pointers = 12
    place = 6 + 16 + 10 * n_pointers
    pointers = [struct.pack("<HII", 0, 16 + 10 * n_pointers, 7)]
    sections = []
    for number in range(1, n_pointers):
        body = bodies.get(number)
        if body is None:
            pointers.append(struct.pack("<HII", number, 0, 0))
            continue
        section = _section(number, body + b"\0" * (len(body) % 2))
        pointers.append(struct.pack("<HII", number, len(section), place + 1))
        sections.append(section)
        place += len(section)
    whole = struct.pack("<I", place) + _section(0, b"".join(pointers), b"SCPECG") + b"".join(sections)
    return struct.pack("<H", binascii.crc_hqx(whole, 0xFFFF)) + whole


def _section(number: int, body: bytes, reserved: bytes = b"\0" * 6) -> bytes:
    rest = struct.pack("<HIBB6s", number, len(body) + 16, 13, 13, reserved) + body
    return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest
