"""The summary in plain words: cuts of grades, lesions shown, prevalence of the same cut, what is untested."""

import pytest

from dmn_bench.record import Record
from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.plain_figures import natural_frequencies, plain_lines
from dmn_bench.reporting.sections.curves import Curves
from dmn_bench.reporting.sections.summary import Summary
from dmn_bench.vocabulary import Figure, Paragraph

from .records import ITD, A, a_record, figure, share
from .test_detection_section import OF_LESIONS, at
from .test_grading_section import ENDPOINTS, graded, row

OF_EYES = {
    "finding": "dr", "positive_when": ">= 2", "unit": "eye",
    "value": 0.1, "low": 0.08, "high": 0.12, "source": "register",
}  # fmt: skip
EYES = [
    *(row(name, metric) for name in ("grade", "severe", "refer") for metric in ("sensitivity", "specificity")),
    row("grade", "kappa_quadratic", 0.81),
    row("grade", "exact_agreement"),
    row("quality", "sensitivity"),
    row("quality", "specificity"),
]


def of_eyes(declared=OF_EYES, endpoints=ENDPOINTS, estimates=None):
    record = graded(endpoints=endpoints, estimates=estimates or EYES)
    card = {**record.reference_set.card, "findings": [{"name": "dr"}, {"name": "dme"}], "local_prevalence": [declared]}
    return record.model_copy(update={"reference_set": record.reference_set.model_copy(update={"card": card})})


def said(record: Record, language="en"):
    blocks = Summary().blocks(record.model_dump(), A, language)
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


def test_a_prevalence_is_said_again_for_its_own_cut_and_unit_alone():
    text = said(of_eyes())
    assert text.count("local eyes") == 1
    assert "Among 1,000 local eyes, 100 would have the finding “dr” of grade 2 or above (local prevalence 10.0%" in text
    assert "Endpoint “severe”: the set declares a local prevalence of this finding, but not of this cut." in text


@pytest.mark.parametrize(
    ("declared", "key"),
    [
        ({**OF_EYES, "unit": "patient"}, "of another unit"),
        ({**OF_EYES, "positive_when": "> 2"}, "not of this cut"),
        ({key: value for key, value in OF_EYES.items() if key != "positive_when"}, "not of this cut"),
    ],
)
def test_a_prevalence_of_something_else_is_never_carried_over(declared, key):
    found = natural_frequencies(of_eyes(declared), "grade", ITD, Phrases("en"))
    assert key in found
    assert "would have" not in found


def test_ungradable_pictures_and_referral_by_several_findings_have_no_prevalence_of_one_finding():
    endpoints = [{**each, "finding": "dr"} for each in ENDPOINTS]
    for name in ("refer", "quality"):
        assert natural_frequencies(of_eyes(endpoints=endpoints), name, ITD, Phrases("en")) == ""


def test_a_graded_endpoint_says_its_cut_and_counts_units():
    lines = plain_lines(of_eyes(), "grade", ITD, Phrases("en"))
    assert lines[0] == "Cut: positive from grade 2 (moderate non-proliferative) on"
    assert lines[1].startswith("Of the eyes that are positive by the reference, 45 of 50 were flagged and 5 were not")
    assert "(sensitivity 90.0%; 95% CI [80.0,\u00a095.0])" in lines[1]
    assert lines[3].startswith("Exactly the grade of the reference was given to 45 of 50 eyes")
    assert "kappa" not in said(of_eyes())


def test_a_referral_says_every_cut():
    [cut, *_] = plain_lines(of_eyes(), "refer", ITD, Phrases("en"))
    assert cut == "Cut: positive with the finding “dr” of grade 2 or above or the finding “dme” of grade 1 or above"


def test_a_figure_without_a_value_says_why():
    few = row("grade", "sensitivity", None, low=None, high=None, method=None, not_estimable="too_few", own_n=2.0)
    lines = plain_lines(of_eyes(estimates=[few]), "grade", ITD, Phrases("fr"))
    assert lines[1].startswith("Sensibilité\u202f:\u00a0Effectif insuffisant")


def test_lesions_and_false_marks_are_counted_in_words():
    estimates = [
        at(1.0, 0.85, **OF_LESIONS),
        share("false_positives_per_image", 20, 129, **OF_LESIONS),
        share("lesion_sensitivity", 39, 75, **OF_LESIONS),
    ]
    record = a_record(estimates=estimates)
    lines = plain_lines(record, "lesion", ITD, Phrases("fr"))
    assert lines[0].startswith("Le dispositif a montré 39 des 75 lésions\u202f; 36 n’ont pas été montrées")
    assert lines[1].startswith("Fausses marques\u202f: 20 sur 129 images")
    assert all("Wilson" not in line for line in lines)


def test_the_mean_of_seven_rates_is_said_where_it_is_asked_for_with_the_rate_nearest_to_one():
    parameters = {"interpolation": "linear"}
    mean = figure("cpm_luna16", 0.858, 0.824, 0.882, scale="share", parameters=parameters, **OF_LESIONS)
    estimates = [*(at(rate, value, **OF_LESIONS) for rate, value in ((0.125, 0.7), (1.0, 0.89), (8.0, 0.95))), mean]
    lines = [line.replace("\u202f", " ").replace("\xa0", " ") for line in
             plain_lines(a_record(estimates=estimates), "lesion", ITD, Phrases("fr"))]  # fmt: skip
    assert [line.partition(" : ")[0] for line in lines] == [
        "Sensibilité moyenne à sept taux (LUNA16) (segments de droite entre les seuils)",
        "Sensibilité par lésion (à 1 faux positif par image)",
    ]
    assert lines[0].endswith("85,8 % (IC 95 % [82,4 ; 88,2])")


def test_one_is_singular():
    record = a_record(estimates=[share("lesion_sensitivity", 74, 75, **OF_LESIONS)])
    [line] = plain_lines(record, "lesion", ITD, Phrases("fr"))
    assert "1 n’a pas été montrée (" in line


@pytest.mark.parametrize(
    ("rate", "language", "said"),
    [
        (0.125, "fr", "à 0,125 faux positif par image"),
        (1, "fr", "à 1 faux positif par image"),
        (1.5, "fr", "à 1,5 faux positif par image"),
        (2, "fr", "à 2 faux positifs par image"),
        (0.5, "en", "at 0.5 false positives per image"),
        (1, "en", "at 1 false positive per image"),
    ],
)
def test_rates_agree_with_their_number(rate, language, said):
    assert Phrases(language).metric("lesion_sensitivity", {"at_false_positives_per_image": rate}).endswith(f"({said})")


def test_units_of_several_levels_and_what_more_cases_would_not_help_are_not_called_unknown():
    empty = {"value": None, "low": None, "high": None, "method": None}
    estimates = [
        share("sensitivity", 45, 50),
        share("sensitivity", 1, 2, stratum={"camera": "several values"}, not_estimable="too_few", **empty),
        share("sensitivity", 1, 2, stratum={"camera": "B"}, not_estimable="too_few", **empty),
        share("sensitivity", 1, 2, stratum={"size": "small"}, not_estimable="not_applicable", **empty),
    ]
    text = said(a_record(estimates=estimates))
    assert "Performance unknown, for lack of cases, in: Camera:\u00a0B." in text


def test_an_area_that_nobody_asked_for_is_not_called_inestimable():
    record = a_record(estimates=[share("sensitivity", 45, 50), share("specificity", 45, 50)])
    figures = [block for block in Curves().blocks(record.model_dump(), A, "en") if isinstance(block, Figure)]
    assert "the protocol does not ask for the area under it" in figures[0].caption
    assert not any("not estimable" in each.caption for each in figures)
