"""How values are written where the unit, the decimals or the language are easily wrong."""

import pytest

from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.select import statement_title
from dmn_bench.wordings import words

from .records import a_record


def a_row(**changes):
    row = a_record().results.estimates[0]
    return row.model_copy(update={"measured_in": "", "not_estimable": None, **changes})


def said(text):
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_differences_of_percentages_are_points():
    row = a_row(metric="burden_bias", scale="measured", measured_in="%", value=-1.28, low=-3.1, high=0.5)
    assert [said(Phrases(one).estimate(row)) for one in ("en", "fr")] == ["−1.28 points", "−1,28 points"]


@pytest.mark.parametrize(
    ("metric", "english", "french"),
    [
        ("duration_sensitivity", "10/20 s", "10/20 s"),
        ("false_episodes_per_hour", "10/20 h", "10/20 h"),
        ("false_episodes_per_day", "10/20 d", "10/20 j"),
        ("sensitivity", "10/20", "10/20"),
    ],
)
def test_times_have_their_unit(metric, english, french):
    row = a_row(metric=metric, numerator=10, denominator=20)
    assert [said(Phrases(one).counts(row)) for one in ("en", "fr")] == [english, french]


def test_averages_of_few_recordings_have_a_decimal_and_challenge_scores_three():
    few = {"value": 0.904, "low": 0.9, "high": 0.911, "own_n": 23}
    average = a_row(metric="average_qrs_sensitivity", scale="share", **few)
    gross = a_row(metric="sensitivity", scale="share", **few)
    score = a_row(metric="cinc2021_score", scale="agreement", value=0.6492, low=0.61, high=0.7)
    phrases = Phrases("en")
    assert (said(phrases.estimate(average)), said(phrases.interval(average))) == ("90.4%", "[90.0, 91.1]")
    assert said(phrases.estimate(gross)) == "90%"
    assert (said(phrases.estimate(score)), said(phrases.interval(score))) == ("0.649", "[0.610, 0.700]")


def test_options_are_words_and_no_lists_of_a_program():
    found = Phrases("fr").metric("macro_f1", {"classes": ["atrial_fibrillation", "MI"]})
    assert "Fibrillation auriculaire, " in found
    assert "[" not in found
    assert "lower" not in Phrases("fr").metric("limits_of_agreement", {"limit": "lower"})


def test_the_levels_of_statements_are_their_titles():
    assert Phrases("fr").stratum({"statement": "atrial_fibrillation"}).endswith("Fibrillation auriculaire")


def test_a_set_without_scores_was_tested_all_the_same():
    none = {"value": None, "not_estimable": "one_class", "n_units": 0, "own_n": 0}
    phrases = Phrases("en")
    assert phrases.estimate(a_row(metric="macro_auc", stratum=None, **none)).startswith("No case with a score")
    assert phrases.estimate(a_row(metric="macro_auc", stratum={"sex": "F"}, **none)).startswith("No case tested")
    assert phrases.estimate(a_row(metric="sensitivity", stratum=None, **none)).startswith("No case tested")


def test_measurements_have_titles_too():
    assert [statement_title("qrs_axis", one) for one in ("en", "fr")] == ["QRS axis", "Axe du QRS"]
    assert statement_title("a_finding_of_the_site", "fr") == "a_finding_of_the_site"


def test_strata_and_levels_are_called_as_the_card_calls_them_with_their_unit():
    hardware = {"title": {"fr": "Matériel d’ostéosynthèse"}, "level_titles": {"0": {"fr": "sans"}}}
    weight = {"title": {"fr": "Poids"}, "unit": "kg", "edges": [50]}
    area = {"title": {"fr": "Grandeur"}, "from": "area_px", "edges": [1024]}
    card = {"strata": {"hardware": hardware, "weight": weight}, "lesion_strata": {"area": area}}
    french, english = Phrases("fr", card), Phrases("en", card)
    assert said(french.stratum({"hardware": "0"})) == "Matériel d’ostéosynthèse : sans"
    assert said(french.stratum({"hardware": "1"})) == "Matériel d’ostéosynthèse : 1"
    assert said(french.stratum({"weight": "<50"})) == "Poids (kg) : moins de 50"
    assert french.field("area").startswith("Grandeur (")
    assert "px²" in french.field("area")
    assert said(english.stratum({"hardware": "0"})) == "hardware: 0"


@pytest.mark.parametrize(
    ("level", "shown"),
    [(0.95, "95 %"), (0.975, "97,5 %"), (1 - 0.05 / 3, "98,33 %"), (1 - 0.05 / 2000, "99,9975 %"), (None, "95 %")],
)
def test_a_shared_confidence_level_has_two_decimals_and_is_never_rounded_to_certainty(level, shown):
    assert said(Phrases("fr").confidence(level)) == shown


def test_a_sample_that_is_enough_for_the_protocol_and_not_for_an_interval_says_what_it_takes():
    few = {"value": None, "low": None, "high": None, "not_estimable": "too_few"}
    facts = {"n": 13, "minimum": 13}
    row = a_row(**few, own_n=13, n_units=13, imprecise=True, not_estimable_facts=facts)
    assert said(Phrases("fr").estimate(row)) == (
        "Effectif insuffisant pour un intervalle de cette mesure (n = 13 ; il faut l’équivalent d’au moins 13 unités "
        "indépendantes) : aucune conclusion"
    )
    wide = a_row(**few, own_n=1200, n_units=1200, imprecise=False, not_estimable_facts={"n": 1200, "minimum": 1500})
    assert "(n = 1,200; it takes the equivalent of at least 1,500" in said(Phrases("en").estimate(wide))
    below = a_row(**few, own_n=5, n_units=5, imprecise=False, not_estimable_facts={"n": 5, "minimum": 10})
    assert said(Phrases("en").estimate(below)) == "Insufficient sample (n = 5): no conclusion"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_is_a_sentence_even_where_a_record_has_none_of_its_facts(language):
    known = [
        key.removeprefix("report.reason.") for key in words("report", language) if key.startswith("report.reason.")
    ]
    assert "segmentation_infinite" in known
    for reason in known:
        told = Phrases(language).reason(reason, {"n": 12})
        assert told
        assert "{" not in told
    assert "?" in Phrases(language).reason("segmentation_infinite", {"n": 12})
    assert "?" not in Phrases(language).reason("segmentation_infinite", {"n": 12, "infinite": 10})
