"""Ordinal scales by name: their grades, mildest first, in words; and the maps from one onto another. Data only.

Grades are whole numbers. What a scale has beside its order (BI-RADS 0 and 6, Lung-RADS 0, ETDRS level 90) is no grade
here: a reference that could not be graded is ``indeterminate`` in truth.csv, and a device that gives none abstained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Title(NamedTuple):
    """What a scale or a grade is called."""

    en: str
    fr: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrdinalScale:
    """One scale: its titles, its grades in ascending order, mildest first, and where it is defined."""

    title: Title
    grades: Mapping[int, Title]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleMap:
    """The grade of a coarser scale for every grade of a finer one, in the same order."""

    grades: Mapping[int, int]
    source: str


SCALES: Mapping[str, OrdinalScale] = {
    "icdr": OrdinalScale(
        title=Title("International Clinical Diabetic Retinopathy severity scale", "Échelle internationale ICDR"),
        grades={
            0: Title("no apparent retinopathy", "pas de rétinopathie apparente"),
            1: Title("mild non-proliferative", "non proliférante minime"),
            2: Title("moderate non-proliferative", "non proliférante modérée"),
            3: Title("severe non-proliferative", "non proliférante sévère"),
            4: Title("proliferative", "proliférante"),
        },
        source="Wilkinson et al. 2003, Ophthalmology 110:1677",
    ),
    "etdrs": OrdinalScale(
        title=Title("ETDRS retinopathy severity levels, one eye", "Niveaux de sévérité ETDRS, un œil"),
        grades={
            10: Title("retinopathy absent", "pas de rétinopathie"),
            20: Title("microaneurysms only", "microanévrismes seuls"),
            35: Title("mild non-proliferative", "non proliférante minime"),
            43: Title("moderate non-proliferative", "non proliférante modérée"),
            47: Title("moderately severe", "modérément sévère"),
            53: Title("severe non-proliferative", "non proliférante sévère"),
            61: Title("mild proliferative", "proliférante minime"),
            65: Title("moderate proliferative", "proliférante modérée"),
            71: Title("high-risk proliferative", "proliférante à haut risque"),
            75: Title("high-risk, further advanced", "à haut risque, plus avancée"),
            81: Title("advanced, macula attached", "avancée, macula à plat"),
            85: Title("advanced, macula detached", "avancée, macula décollée"),
        },
        source="ETDRS report 12, 1991, Ophthalmology 98:823",
    ),
    "dme": OrdinalScale(
        title=Title("Diabetic macular oedema by its place", "Œdème maculaire diabétique selon le siège"),
        grades={
            0: Title("none", "absent"),
            1: Title("centre not involved", "sans atteinte du centre"),
            2: Title("centre involved", "atteinte du centre"),
        },
        source="Wong et al. 2018, Ophthalmology 125:1608",
    ),
    "dme_risk": OrdinalScale(
        title=Title("Risk of macular oedema by hard exudates", "Risque d’œdème maculaire selon les exsudats"),
        grades={
            0: Title("no visible hard exudate", "aucun exsudat visible"),
            1: Title("farther than one disc diameter from the macula", "à plus d’un diamètre papillaire de la macula"),
            2: Title("within one disc diameter of the macula", "à un diamètre papillaire de la macula ou moins"),
        },
        source="Decencière et al. 2014, Image Anal Stereol 33:231; Porwal et al. 2018, Data 3:25",
    ),
    "birads": OrdinalScale(
        title=Title("BI-RADS final assessment, 1 to 5", "Évaluation finale BI-RADS, de 1 à 5"),
        grades={
            1: Title("negative", "normal"),
            2: Title("benign", "bénin"),
            3: Title("probably benign", "probablement bénin"),
            4: Title("suspicious", "suspect"),
            5: Title("highly suggestive of malignancy", "évocateur de malignité"),
        },
        source="D’Orsi et al. 2013, ACR BI-RADS Atlas, 5th edition",
    ),
    "breast_density": OrdinalScale(
        title=Title("BI-RADS breast composition, a to d as 1 to 4", "Densité mammaire BI-RADS, de a à d, soit 1 à 4"),
        grades={
            1: Title("almost entirely fatty", "presque entièrement graisseux"),
            2: Title("scattered fibroglandular density", "densités fibroglandulaires éparses"),
            3: Title("heterogeneously dense", "densité hétérogène"),
            4: Title("extremely dense", "extrêmement dense"),
        },
        source="D’Orsi et al. 2013, ACR BI-RADS Atlas, 5th edition",
    ),
    "kellgren_lawrence": OrdinalScale(
        title=Title("Kellgren–Lawrence grades of osteoarthritis", "Stades d’arthrose de Kellgren et Lawrence"),
        grades={
            0: Title("none", "absente"),
            1: Title("doubtful", "douteuse"),
            2: Title("minimal", "minime"),
            3: Title("moderate", "modérée"),
            4: Title("severe", "sévère"),
        },
        source="Kellgren & Lawrence 1957, Ann Rheum Dis 16:494",
    ),
    "lung_rads": OrdinalScale(
        title=Title("Lung-RADS categories 1 to 4", "Catégories Lung-RADS, de 1 à 4"),
        grades={
            1: Title("negative", "normal"),
            2: Title("benign", "bénin"),
            3: Title("probably benign", "probablement bénin"),
            4: Title("suspicious (4A, 4B and 4X)", "suspect (4A, 4B et 4X)"),
        },
        source="ACR Lung-RADS v2022",
    ),
    "pi_rads": OrdinalScale(
        title=Title("PI-RADS assessment of the prostate", "Score PI-RADS de la prostate"),
        grades={
            1: Title("cancer very unlikely", "cancer très peu probable"),
            2: Title("cancer unlikely", "cancer peu probable"),
            3: Title("equivocal", "équivoque"),
            4: Title("cancer likely", "cancer probable"),
            5: Title("cancer very likely", "cancer très probable"),
        },
        source="Turkbey et al. 2019, Eur Urol 76:340",
    ),
    "ti_rads": OrdinalScale(
        title=Title("ACR TI-RADS of thyroid nodules", "ACR TI-RADS des nodules thyroïdiens"),
        grades={
            1: Title("benign", "bénin"),
            2: Title("not suspicious", "non suspect"),
            3: Title("mildly suspicious", "peu suspect"),
            4: Title("moderately suspicious", "moyennement suspect"),
            5: Title("highly suspicious", "très suspect"),
        },
        source="Tessler et al. 2017, J Am Coll Radiol 14:587",
    ),
}

MAPS: Mapping[tuple[str, str], ScaleMap] = {
    ("etdrs", "icdr"): ScaleMap(
        grades={10: 0, 20: 1, 35: 2, 43: 2, 47: 2, 53: 3, 61: 4, 65: 4, 71: 4, 75: 4, 81: 4, 85: 4},
        source="Wilkinson et al. 2003, Ophthalmology 110:1677",
    ),
}
"""From which scale to which: those alone that leave no doubt about any grade."""
