"""The numbered rules of the report, each as a test on the text that a reader sees."""

import json
import re

import pytest

from dmn_bench.record import Record
from dmn_bench.reporting import forbidden_words, render_report, summary_rows, typed, view_for, write_reports
from dmn_bench.reporting.phrases import Phrases, beside
from dmn_bench.reporting.sections.cover import status_key
from dmn_bench.vocabulary import Heading, Paragraph
from dmn_bench.wordings import words
from dmn_bench.wordings.numbers import NARROW_SPACE, NO_BREAK_SPACE

from .page import read_page, text_of
from .records import AS_USED, EVALUABLE, ITD, A, B, a_record, device, rule, share
from .shelf import all_sections, rendered

LANGUAGES = ("en", "fr")
ROOMS = ("report", "report_closing", "report_frame", "report_results")


def plain(text):
    """Text with ordinary spaces in place of all special ones."""
    return text.replace(NARROW_SPACE, " ").replace(NO_BREAK_SPACE, " ")


def cells(html):
    """Every table row of the page as a list of cells."""
    return [line.split(" | ") for line in read_page(html).lines if " | " in line]


# ------------------------------------------------------------------------------------------- claims (R-01 .. R-07)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_generated_text_claims_what_a_measurement_cannot(language):
    assert forbidden_words(text_of(rendered(a_record(), A, language)), language) == []


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Dispositif certifié et approuvé.", "fr", ["certifié", "approuvé"]),
        ("Une mesure, certes ; à coup sûr.", "fr", ["sûr"]),
        ("Certificat n° 12 ; garantie humaine", "fr", []),
        ("validé par la HAS, conforme HAS", "fr", ["validé par la HAS", "conforme HAS"]),
        ("Certified, safe and approved", "en", ["Certified", "safe", "approved"]),
        ("Unsafe reading of a certificate", "en", []),
    ],
)
def test_the_linter_finds_the_word_and_not_its_neighbours(text, language, found):
    assert forbidden_words(text, language) == found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fixed_wordings_are_exempt_only_as_a_whole(language):
    fixed = words("report_frame", language)["report_frame.fixed_not_a_certification"]
    assert forbidden_words(fixed, language) == []
    assert forbidden_words(fixed.partition(".")[2].replace("Not a", "This is a"), language) != []


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_only_fixed_wordings_hold_forbidden_words(room, language):
    guilty = [
        key for key, text in words(room, language).items() if ".fixed_" not in key and forbidden_words(text, language)
    ]
    assert guilty == []


def test_a_claim_in_the_vendors_own_text_is_pointed_out():
    claiming = device() | {"intended_use": {"purpose": "Dispositif certifié."}}
    text = text_of(rendered(a_record(devices={A: claiming, B: {}}), A, "fr"))
    assert "Dispositif certifié." in text
    assert "emploient des mots que ce rapport n’emploie pas" in text


def test_performance_is_always_called_observed():
    assert "Performance observée dans ces conditions, sur ce jeu, avec cette version" in text_of(
        rendered(a_record(), A, "fr")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_accuracy_comes_last_and_never_in_the_summary(language):
    page = text_of(rendered(a_record(), A, language))
    summary = page.split("## 2.")[0].split("## 1.")[1]
    name = words("report", language)["report.metric.accuracy"]
    assert name in page
    assert name not in summary
    rows = [row[0] for row in cells(rendered(a_record(), A, language))]
    assert rows.index(name) > rows.index(words("report", language)["report.metric.failure_rate"])


@pytest.mark.parametrize(
    ("card", "declared", "status"),
    [
        ({"public": True}, device(), "report_frame.status_public"),
        ({"public": False}, device(), "report_frame.status_local"),
        ({"public": False}, {}, "report_frame.status_no_ce"),
    ],
)
def test_the_status_follows_from_the_facts(card, declared, status):
    assert status_key(a_record(card=card, devices={A: declared, B: {}}), A) == status


def test_a_verdict_is_one_of_three_states_with_its_rule_and_never_by_colour_alone():
    html = rendered(a_record(), A, "fr")
    text = plain(text_of(html))
    for state in ("satisfaite", "non satisfaite", "non concluante"):
        assert f"Règle d’acceptation du protocole : {state}." in text
    assert "Règle « specificity » : Spécificité, critère « exam », ensemble du jeu, au moins 70 %" in text
    for mark in ("✓ satisfaite", "✕ non satisfaite", "? non concluante"):
        assert mark in text
    for word in ("réussi", "échoué", "passed", "failed the"):
        assert word not in text


def test_the_bound_printed_in_a_verdict_never_equals_the_limit_it_misses():
    phrases = Phrases("en")
    assert beside(0.84996, 0.85, "share", phrases, 100) == ("84.996%", "85%")
    assert beside(0.824, 0.8, "share", phrases, 100) == ("82.4%", "80%")
    assert beside(1.0, 0.95, "share", phrases, 30) == ("100%", "95%")


def test_a_rule_without_an_interval_says_why():
    row = rule("x", 5, 7, 0.9, "inconclusive", "too_few").model_copy(
        update={"value": None, "low": None, "high": None, "method": None, "reason": "not_estimable:one_class"}
    )
    text = text_of(rendered(a_record(acceptance=[row]), A, "en"))
    assert "only one reference class" in text


# --------------------------------------------------------------------------------------------- counting (R-11 .. R-16)


def test_the_flow_accounts_for_every_eligible_case_with_who_caused_its_absence():
    rows = {row[0]: row[1:] for row in cells(rendered(a_record(), A, "en")) if len(row) == 6}
    assert rows["Eligible"] == ["–", "104", "206", "3", "313"]
    assert rows["Technical failure"] == ["device", "2", "4", "0", "6"]
    assert rows["Not sent to the device"] == ["site", "0", "2", "0", "2"]
    assert rows["Unreadable by the test program"] == ["test program", "0", "1", "0", "1"]
    lost = ("Indeterminate (doubtful) result", "Abstention (input quality gate)", "Input refused as not supported")
    names = (
        "Excluded",
        "Evaluable result",
        "Technical failure",
        "Not sent to the device",
        "Unreadable by the test program",
    )
    assert sum(int(rows[name][-1]) for name in (*names, *lost)) == int(rows["Eligible"][-1])


def test_the_three_analyses_stand_side_by_side_with_the_primary_first():
    lines = plain(text_of(rendered(a_record(), A, "en")))
    assert "Measure | Intention to diagnose | Evaluable results only | As used (mapping of the protocol)" in lines
    side = lines.split("The analyses side by side")[1]
    block = side[side.index("Sensitivity") : side.index("Specificity")]
    assert [piece in block for piece in ("88.0%", "88/100", "92.6%", "88/95", "93.0%", "93/100")] == [True] * 6


def test_observed_predictive_values_of_an_enriched_set_are_not_printed():
    name = words("report", "en")["report.metric.ppv"]
    enriched = text_of(rendered(a_record(card={"sampling": "enriched"}), A, "en"))
    consecutive = text_of(rendered(a_record(card={"sampling": "consecutive"}), A, "en"))
    assert name not in enriched
    assert "66.2%" not in enriched
    assert name in consecutive
    assert words("report", "en")["report.metric.ppv_local"] in enriched


def test_natural_frequencies_add_up_and_name_the_source_of_the_prevalence():
    text = plain(text_of(rendered(a_record(), A, "en")))
    assert (
        "Among 1,000 local exams, 180 would have the finding “fracture” "
        "(local prevalence 18.0%, source: activity report)" in text
    )
    assert "would flag 158 of these 180 and miss 22 (between 13 and 36, 95% interval)" in text
    assert "of the 820 others it would flag 184 wrongly" in text


def test_no_natural_frequencies_without_a_local_prevalence():
    assert "1,000 local" not in text_of(rendered(a_record(card={"local_prevalence": []}), A, "en"))


# ----------------------------------------------------------------------------------------------- strata (R-22 .. R-24)


def test_empty_missing_small_and_imprecise_strata_are_printed_as_such():
    text = plain(text_of(rendered(a_record(), A, "fr")))
    strata = text.split("Résultats par strate")[2]
    assert "moins de 18 | 0 | 0 | 0 | Aucun cas testé : performance inconnue" in strata
    assert "18 à < 40" in strata
    assert "Effectif insuffisant (n = 7) : aucune conclusion" in strata
    assert re.search(r"40 à < 65 \| 93 \| 18 \| 75 \| 89 %\n  \[67 ; 97\]\n  16/18\n  imprécis", strata)
    assert "non renseigné" in strata
    assert "plusieurs valeurs" in strata
    assert "65 et plus" in strata


def test_a_stratum_too_small_prints_no_estimate_in_its_row_or_its_drawing():
    html = rendered(a_record(), A, "en")
    row = next(row for row in cells(html) if row[0] == "18 to < 40" and len(row) == 7)
    assert row[4].startswith("Insufficient sample")
    assert "%" not in row[4]
    assert "71%" not in plain(text_of(html)).split("Results by stratum")[2].split("## 13.")[0]


def test_greyed_rows_are_marked_for_the_eye_and_in_words():
    html = rendered(a_record(estimates=[share("sensitivity", 9, 12)]), A, "en")
    assert 'class="muted"' in html
    assert "imprecise" in text_of(html)


def test_heterogeneity_comes_with_the_adjusted_p_and_the_reading_of_it():
    text = plain(text_of(rendered(a_record(), A, "en")))
    assert (
        "Sensitivity | Device manufacturer | 2 | Q on effective counts | 12.10 | 1 | p < 0.001 | p = 0.001 | 92%"
        in text
    )
    assert "“No difference shown” is not “no difference”" in text


# ---------------------------------------------------------------------------------------------- numbers (R-32 .. R-35)


def test_every_proportion_has_its_counts_estimate_interval_and_method():
    rows = {row[0]: row for row in cells(rendered(a_record(), A, "en")) if len(row) == 7}
    assert [plain(cell) for cell in rows["Sensitivity"]] == [
        "Sensitivity", "88/100", "88.0%", "[80.2, 93.0]", "Wilson", "100", "100",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", "30/30 ; IC 95 % [88,6 ; 100], Wilson"), ("en", "30/30; 95% CI [88.6, 100], Wilson")],
)
def test_a_perfect_score_is_written_with_its_interval(language, expected):
    text = plain(text_of(rendered(a_record(estimates=[share("sensitivity", 30, 30)]), A, language)))
    assert expected in text


def test_percentages_below_thirty_have_no_decimals():
    text = plain(text_of(rendered(a_record(estimates=[share("sensitivity", 18, 20)]), A, "en")))
    assert "90% (18/20; 95% CI [70, 97], Wilson)" in text


def test_french_sets_narrow_spaces_and_a_decimal_comma():
    text = text_of(rendered(a_record(), A, "fr"))
    assert f"88,0{NARROW_SPACE}%" in text
    assert f"[80,2{NARROW_SPACE};{NO_BREAK_SPACE}93,0]" in text
    ours = "\n".join(line for line in text.splitlines() if "wrist" not in line)
    assert re.findall(r"[^|\s] [;!?%](?:\s|$)", ours) == []
    assert not re.search(r"\d\.\d+%", ours)


def test_an_estimate_of_an_extension_is_shown_under_its_own_name_and_reason():
    row = share("vendor_metric", 1, 2, not_estimable="strange_reason", not_estimable_facts={})
    text = text_of(rendered(a_record(estimates=[row]), A, "en"))
    assert "vendor_metric" in text
    assert "[strange_reason]" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_sentence_that_its_facts_fill(language):
    phrases = Phrases(language)
    names = [key.rpartition(".")[2] for key in words("report", language) if key.startswith("report.reason.")]
    assert {"one_class", "no_denominator", "too_few", "one_patient", "degenerate", "zero_cell"} <= set(names)
    for name in names:
        assert "{" not in phrases.reason(name, {"n": 3, "minimum": 10, "missed": 2, "missing": 2, "infinite": 1})


# -------------------------------------------------------------------------- one report per candidate


def test_a_report_holds_nothing_of_any_other_candidate():
    record = a_record()
    html = rendered(record, A, "en")
    other = rendered(record, B, "en")
    assert B not in html
    for number in ("67/100", "67.0%", "0.4321", "eeeeeeee"):
        assert number in other, "the other report shows it"
        assert number not in html


def test_a_section_cannot_reach_another_candidate_through_its_mapping():
    marked = a_record().model_copy(deep=True)
    view = json.dumps(view_for(marked, A))
    assert f'"{B}"' not in view
    assert B not in view


def test_the_view_keeps_the_hash_of_the_whole_results():
    record = a_record()
    assert view_for(record, A).record.results_sha256 == record.results_sha256


def test_the_same_record_gives_the_same_bytes():
    assert rendered(a_record(), A, "fr") == rendered(a_record(), A, "fr")


def test_a_section_may_be_handed_a_plain_mapping():
    record = a_record()
    dumped = view_for(record, A).record.model_dump(mode="json")
    assert isinstance(typed(dumped), Record)
    for section in all_sections():
        assert list(section.blocks(dumped, A, "en")) == list(section.blocks(view_for(record, A), A, "en"))


def test_reports_are_written_one_per_candidate_and_language(tmp_path):
    paths = write_reports(a_record(), tmp_path, languages=("en", "fr"), sections=all_sections())
    assert [path.name for path in paths] == [
        "report.vendor-a.en.html", "report.vendor-a.fr.html", "report.vendor-b.en.html", "report.vendor-b.fr.html",
    ]  # fmt: skip
    only = write_reports(a_record(), tmp_path, languages=("fr",), sections=all_sections(), candidates=[B])
    assert [path.name for path in only] == ["report.vendor-b.fr.html"]


def test_an_unknown_candidate_is_named_with_those_that_exist(tmp_path):
    from dmn_bench.errors import ProtocolError

    with pytest.raises(ProtocolError) as raised:
        write_reports(a_record(), tmp_path, languages=("en",), sections=all_sections(), candidates=["nobody"])
    assert raised.value.problems[0].facts["known"] == f"{A}, {B}"
    assert list(tmp_path.iterdir()) == []


def test_sections_of_an_extension_are_printed_in_their_place():
    class Weather:
        name = "weather"
        order = 95

        def blocks(self, record, candidate, language):
            return [Heading(text="Weather"), Paragraph(text=f"Sunny for {candidate}")]

    html = render_report(view_for(a_record(), A), A, "en", [*all_sections(), Weather()])
    names = [text for level, text in read_page(html).headings if level == 2]
    assert names.index("11. Flow of cases") < names.index("12. Weather") < names.index("13. Main results")


# ------------------------------------------------------------------------------------------------------- odd records


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_record_still_gives_a_report(language):
    empty = {name: [] for name in ("flow", "estimates", "acceptance", "heterogeneity", "tables", "curves", "errors")}
    record = a_record(**empty, errors_left_out={}, devices={A: {}, B: {}})
    record = record.model_copy(
        update={
            "protocol": record.protocol.model_copy(
                update={"content": {}, "locked_at": None, "locked_before_answers": None}
            ),
            "reference_set": record.reference_set.model_copy(update={"card": {}, "composition": []}),
        }
    )
    text = text_of(rendered(record, A, language))
    assert words("report", language)["report.not_declared"] in text
    assert words("report_results", language)["report_results.no_rules"] in text


def test_the_terminal_summary_shows_every_verdict_the_main_estimates_and_the_failures():
    verdicts, estimates, failures = summary_rows(a_record(), "en")
    assert len(verdicts.rows) == 10
    assert verdicts.rows[0][:3] == ("✓ met", A, "specificity")
    assert estimates.rows[4][:5] == (A, "exam", "Failure rate", "15/300", "5.0%")
    assert failures.rows[0] == (A, "exam", "303", "6", "3", "0", "6", "2", "1")
    assert all(len(row) == len(grid.header) for grid in (verdicts, estimates, failures) for row in grid.rows)
    assert {row.analysis for row in a_record().results.estimates} == {ITD, EVALUABLE, AS_USED}


def test_levels_are_worded_by_their_field():
    phrases = Phrases("fr")
    assert phrases.level("F", "sex") == "femmes"
    assert phrases.level("F", "lead_set") == "F"
    assert phrases.level("not recorded", "anything") == "non renseigné"
    assert phrases.level("[18, 40)", "age") == "18 à < 40"
    assert phrases.level("[65, +)", "age") == phrases.level(">=65", "age") == "65 et plus"
    assert plain(phrases.level("[0.5, 1.25)", "size")) == "0,5 à < 1,25"
    assert phrases.level("[not a band]", "x") == "[not a band]"
