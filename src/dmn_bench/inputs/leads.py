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
_LIMB = {"D1": "I", "D2": "II", "D3": "III"}
_OF_TWELVE = frozenset({*STANDARD_12[3:], "-aVR"})
_DRESSING = re.compile(
    r"^(?:mdc_ecg_lead|mdc_ecg_elec_potl|ecg|ekg|lead|channel|unipolar|derivation|dérivation|ableitung)"
    r"(?:[\s_:.-]+|(?=(?:v\d|av[rlf]|i{1,3})$))"
    r"|\s*\((?:einthoven|goldberger|wilson)\)$|,? *augmented voltage,? *(?:right|left|foot)$",
    re.IGNORECASE,
)


def standard_lead(name: str) -> str | None:
    """The usual spelling of a lead's name; None for a name that is not known.

    A modified lead (MLII) is another lead than the one it imitates and keeps its name.

    >>> standard_lead("AVR"), standard_lead("Lead I (Einthoven)"), standard_lead("MLII"), standard_lead("Nomtest")
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


def usual_leads(names: Sequence[str]) -> tuple[str, ...]:
    """Standard spellings where they are known, else as written; here a recording's leads are looked at together.

    D1, D2 and D3 are how French and Spanish devices write I, II and III. They are these beside an augmented or a chest
    lead (aVR, V1 ...), unless a channel D4, or a lead I, II or III, is there as well. Alone they stay what they are,
    the derivations of a recorder that numbers its own.

    >>> usual_leads(["D1", "D2", "AVL", "Nomtest"]), usual_leads(["D1", "D2", "D3"])
    (('I', 'II', 'aVL', 'Nomtest'), ('D1', 'D2', 'D3'))
    """
    known = [standard_lead(name) for name in names]
    is_limb = not _OF_TWELVE.isdisjoint(known) and {"D4", *_LIMB.values()}.isdisjoint(known)
    found = (_LIMB.get(lead, lead) if is_limb and lead else lead for lead in known)
    return tuple(lead or name for lead, name in zip(found, names, strict=True))


def neutral_leads(names: Sequence[str]) -> tuple[str, ...]:
    """Spellings of ``usual_leads``; what is no known lead is called "lead-3" after its place, for it may hold a name.

    >>> neutral_leads(["AVL", "Nomtest"])
    ('aVL', 'lead-2')
    """
    usual = zip(usual_leads(names), names, strict=True)
    return tuple(lead if standard_lead(name) else f"lead-{place}" for place, (lead, name) in enumerate(usual, start=1))
