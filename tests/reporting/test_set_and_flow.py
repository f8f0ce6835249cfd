"""What the report says of the set and of the way into it: structures are no anomalies, and who was kept out."""

import re

import pytest

from dmn_bench.record import CompositionRow
from dmn_bench.reporting.sections.flow import Flow
from dmn_bench.reporting.sections.reference import ReferenceSetSection
from dmn_bench.reporting.sections.summary import Summary
from dmn_bench.vocabulary import Facts, Figure, Grid, Paragraph

from .declared import A
from .records import a_record, flow, rule, share

CARD = {"findings": [{"name": "heart", "title": {"en": "Heart", "fr": "Cœur"}}, {"name": "tumour"}, {"name": "cast"}]}
SIZES = {"n_cases": 24, "n_exams": 24, "n_patients": 20}
COUNTS = {"heart": {"missing": 24}, "tumour": {"negative": 3, "positive": 21}, "cast": {"missing": 24}}


def of_set(**stated):
    positive = flow("positive", unit="case", eligible=20, answered=19, failed=1)
    record = a_record(card=CARD, flow=[positive, flow("negative", unit="case", eligible=4, answered=4)])
    whole = CompositionRow(field="", level="", n_cases=24, n_patients=20, references=COUNTS)
    refset = record.reference_set.model_copy(update={**SIZES, "composition": [whole], **stated})
    return record.model_copy(update={"reference_set": refset})


def blocks(section, record, language):
    return section().blocks(record.model_dump(mode="json"), A, language)


def plain(text):
    return re.sub(r"[\s\u202f\xa0]+", " ", text)


def only(kind, found):
    return [block for block in found if isinstance(block, kind)]


def set_section(record, language):
    found = blocks(ReferenceSetSection, record, language)
    return {name: plain(value) for name, value in only(Facts, found)[0].items}, only(Grid, found)[0]


def test_a_structure_that_readers_drew_is_no_finding_without_a_reference():
    facts, grid = set_section(of_set(structures={"heart": 24, "tumour": 1}), "fr")
    assert facts["Anomalies recherchées"] == "tumour, cast"
    drawn = "Structures délimitées ou dites absentes par la référence"
    assert facts[drawn] == "Cœur (heart) : 24 cas tumour : 1 cas"
    header = [plain(name) for name in grid.header]
    assert not any("Cœur" in name for name in header)
    assert "cast : sans référence" in header, "a finding nobody drew or stated has none"
    assert "tumour : référence positive" in header, "a structure that has a truth too keeps its columns"
    assert [row[1:] for row in grid.rows if row[0] == "ensemble du jeu"] == [("24", "20", "3", "21", "24")]


def test_a_set_of_structures_alone_names_no_findings():
    record = of_set(structures={"heart": 1})
    card = {**record.reference_set.card, "findings": [{"name": "heart"}]}
    record = record.model_copy(update={"reference_set": record.reference_set.model_copy(update={"card": card})})
    facts, _ = set_section(record, "en")
    assert facts["Structures that the reference delineates, or says are absent"] == "heart: 1 case"
    assert "Findings" not in facts


def flow_section(language="fr", **stated):
    found = blocks(Flow, of_set(**stated), language)
    rows = {row[0]: row[1:] for row in only(Grid, found)[0].rows}
    svg = plain(re.sub(r"<[^>]+>", " ", only(Figure, found)[0].svg))
    return rows, svg, [plain(block.text) for block in only(Paragraph, found)], only(Grid, found)[0].header


@pytest.mark.parametrize(
    ("language", "eligible", "excluded", "why", "column"),
    [
        ("fr", "Éligibles", "Exclus", "image illisible : 2", "hors du jeu"),
        ("en", "Eligible", "Excluded", "unreadable picture: 2", "not in the set"),
    ],
)
def test_what_an_import_excluded_was_eligible_and_is_counted_with_its_reason(language, eligible, excluded, why, column):
    kept_out = {"the picture cannot be read": 2, "metal": 1}
    rows, svg, said, header = flow_section(language, exclusions=kept_out, sampled_unit="exam")
    assert header[2:] == (header[2], header[3], column, "Total")
    assert rows[eligible] == ("–", "20", "4", "3", "27")
    assert rows[excluded] == ("–", "0", "0", "3", "3")
    assert [rows[name][3] for name in list(rows)[2:]] == ["0"] * (len(rows) - 2)
    assert re.search(r"n = 27", svg)
    assert re.search(r"\(n = 3\)", svg)
    assert why in svg
    assert re.search(r"metal\s*: 1", svg)
    assert not any("metal" in text for text in said), "not said twice"


@pytest.mark.parametrize(("sampled_unit", "counted_in"), [("patient", "patients"), ("", "unités de l’échantillonnage")])
def test_exclusions_counted_in_other_units_stand_beside_the_flow_and_not_in_it(sampled_unit, counted_in):
    rows, _, said, _ = flow_section(exclusions={"the picture cannot be read": 2}, sampled_unit=sampled_unit)
    assert rows["Éligibles"] == ("–", "20", "4", "24")
    (told,) = [text for text in said if "exclus du jeu" in text]
    assert f"(comptés en {counted_in})" in told
    assert "image illisible : 2" in told
    assert "tirés" not in told


def test_an_endpoint_of_some_cases_does_not_take_the_exclusions_of_all():
    rows, _, said, _ = flow_section(exclusions={"metal": 2}, sampled_unit="case", n_cases=30, n_exams=30)
    assert rows["Éligibles"] == ("–", "20", "4", "24")
    assert any("metal : 2" in text for text in said)


def test_without_exclusions_nothing_is_said_of_them():
    rows, _, said, header = flow_section(sampled_unit="case", exclusions={})
    assert rows["Exclus"] == ("–", "0", "0", "0")
    assert "hors du jeu" not in header
    assert not any("exclus" in text for text in said)


def summary_of(language="en", **results):
    record = a_record(**results)
    return [plain(block.text) for block in only(Paragraph, blocks(Summary, record, language))]


FLOWS = [
    flow("positive", eligible=68, answered=58, indeterminate=5, failed=5),
    flow("negative", eligible=44, answered=38, indeterminate=2, failed=3, abstained=1),
    flow("indeterminate", eligible=1, answered=0, excluded={"reference_indeterminate": 1}),
]


def rate(k, n, **more):
    return share("failure_rate", k, n, better="lower", **more)


@pytest.mark.parametrize(
    ("language", "why", "doubt", "without"),
    [
        (
            "fr",
            "pour 16 des 112 examens qui lui ont été soumis (résultat douteux : 7 ; abstention : 1 ; "
            "échec technique : 8 ; critère « exam »).",
            "Un résultat douteux n’est pas un échec.",
            "1 des 113 examens n’a pas de référence utilisable et ne compte que dans le taux d’échec.",
        ),
        (
            "en",
            "for 16 of 112 exams it was handed (doubtful result: 7; abstention: 1; technical failure: 8; "
            "endpoint “exam”).",
            "A doubtful result is no failure.",
            "1 of 113 exams has no reference that can be used and counts in the failure rate alone.",
        ),
    ],
)
def test_the_summary_says_why_two_numbers_of_missing_results_differ(language, why, doubt, without):
    told = summary_of(language, flow=FLOWS, estimates=[rate(9, 113)])
    (text,) = [text for text in told if "113" in text]
    assert why in text
    assert doubt in text
    assert text.endswith(without)


def test_without_doubts_and_with_a_reference_everywhere_there_is_nothing_to_add():
    flows = [flow("positive", eligible=68, answered=60, failed=8)]
    (text,) = [text for text in summary_of(flow=flows, estimates=[rate(8, 68)]) if "8 of 68" in text]
    assert "doubtful" not in text
    assert "no reference" not in text
    doubts = [flow("positive", eligible=68, answered=60, indeterminate=8)]
    as_failures = rate(8, 68)
    (text,) = [text for text in summary_of(flow=doubts, estimates=[as_failures]) if "8 of 68" in text]
    assert "is no failure" not in text


def test_the_summary_gives_the_figures_that_rules_are_about():
    measures = [
        share(name, 90 - n, 100) for n, name in enumerate(("sensitivity", "specificity", "ppv", "npv", "kappa"))
    ]
    about = rule("few", 87, 100, 0.9, "inconclusive", "interval_contains_limit", metric="npv")
    plain_set = {"card": {"sampling": "consecutive"}, "flow": FLOWS, "estimates": measures}
    (text,) = [text for text in summary_of(**plain_set, acceptance=[about]) if "90/100" in text]
    assert "87/100" in text
    assert "88/100" not in text, "no rule is about it"
    assert text.count("90/100") == 1
    (text,) = [text for text in summary_of(**plain_set, acceptance=[]) if "90/100" in text]
    assert "87/100" not in text


def test_a_prevalence_says_from_which_grade_on_and_of_what_and_columns_of_grades_are_named():
    stated = {"finding": "dr", "value": 0.12, "positive_when": ">= 2", "unit": "eye", "source": "register"}
    record = of_set()
    whole = CompositionRow(field="", level="", n_cases=24, n_patients=20, references={"dr": {"0": 20, "1": 4}})
    card = {**record.reference_set.card, "findings": [{"name": "dr"}], "local_prevalence": [stated]}
    refset = record.reference_set.model_copy(update={"card": card, "composition": [whole]})
    record = record.model_copy(update={"reference_set": refset})
    facts, grid = set_section(record, "fr")
    assert facts["Prévalence locale déclarée"] == "dr (à partir du grade 2, yeux) : 12,0 % (register)"
    assert grid.header[3:] == ("grade 0", "grade 1")
