"""Names of ECG leads: what files write, and the one spelling used in requests."""

from __future__ import annotations

import re
from collections.abc import Sequence

STANDARD_12 = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The usual twelve, in the usual order."""

_OTHERS = (
    "-aVR V3R V4R V5R V6R V7 V8 V9 MLI MLII MLIII MV1 MV2 MV3 MV4 MV5 MV6 MCL1 MCL6 CM1 CM2 CM4 CM5 CC5 ML5 V1-V2 "
    "V2-V3 V4-V5 E-S A-S A-I ES AS AI X Y Z VX VY VZ D1 D2 D3 D4 mod.V1 CH1 CH2 CH3 ECG ECG1 ECG2 ECG3 EKG"
)
_KNOWN = {name.lower(): name for name in (*STANDARD_12, *_OTHERS.split())}
_KNOWN |= {"di": "I", "dii": "II", "diii": "III", "d i": "I", "d ii": "II", "d iii": "III"}  # Brazil, Italy, France
_KNOWN |= {f"v{n}{mark}": f"V{n}R" for n in range(3, 7) for mark in ("-r", " r", "r")}
_DRESSING = re.compile(
    r"^(?:mdc_ecg_lead|mdc_ecg_elec_potl|ecg|ekg|lead|channel|unipolar|derivation|dérivation|ableitung)"
    r"(?:[\s_:.-]+|(?=(?:v\d|av[rlf]|i{1,3})$))"
    r"|\s*\((?:einthoven|goldberger|wilson)\)$|,? *augmented voltage,? *(?:right|left|foot)$",
    re.IGNORECASE,
)


def standard_lead(name: str) -> str | None:
    """The usual spelling of a lead's name; None for a name that is not known.

    A modified lead (MLII) is another lead than the one it imitates and keeps its name.

    >>> standard_lead("AVR"), standard_lead("Lead I (Einthoven)"), standard_lead("MLII"), standard_lead("Jean")
    ('aVR', 'I', 'MLII', None)
    >>> standard_lead("ECG II"), standard_lead("EKG-V1"), standard_lead("DIII"), standard_lead("MDC_ECG_LEAD_AVF")
    ('II', 'V1', 'III', 'aVF')
    """
    plain = name.strip()
    for _ in range(3):  # "ECG Lead II (Einthoven)": one piece after the other
        known = _KNOWN.get(plain.lower())
        if known is not None:
            return known
        plain = _DRESSING.sub("", plain).strip()
    return _KNOWN.get(plain.lower())


def neutral_leads(names: Sequence[str]) -> tuple[str, ...]:
    """Standard spellings; what is no known lead is called "lead-3" after its place, for it may hold a name.

    >>> neutral_leads(["AVL", "Jean"])
    ('aVL', 'lead-2')
    """
    return tuple(standard_lead(name) or f"lead-{place}" for place, name in enumerate(names, start=1))
