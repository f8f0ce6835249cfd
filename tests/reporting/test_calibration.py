"""What a report says of calibration, net benefit and the agreement of readers."""

import re
from xml.etree import ElementTree

import pytest

from dmn_bench.record import CurveRow
from dmn_bench.reporting.drawings.benefit import BenefitPlot, benefit_plot

from .page import text_of
from .records import A, B, a_record, figure
from .shelf import rendered
from .test_rules import plain

DECLARED = {"scores_are": "probability"}
CURVES = [
    CurveRow(
        candidate=A,
        endpoint="exam",
        name="calibration",
        x=[0.1, 0.5, 0.9],
        y=[0.2, 0.4, 0.8],
        low=[0.1, 0.3, 0.6],
        high=[0.3, 0.5, 0.9],
    ),
    CurveRow(
        candidate=A,
        endpoint="exam",
        name="calibration_bins",
        x=[0.2, 0.8],
        y=[0.25, 0.7],
        low=[0.15, 0.55],
        high=[0.4, 0.8],
        sizes=[150, 149],
    ),
    *(
        CurveRow(candidate=A, endpoint="exam", name="net_benefit_of_all", x=[x], y=[y])
        for x, y in ((0.1, 0.09), (0.2, -0.03))
    ),
]


def benefit(at, value, low, high):
    parameters = {**DECLARED, "at_probability": at}
    return figure("net_benefit", value, low, high, scale="ratio", parameters=parameters, method="patient-bootstrap-bca")


def a_calibrated_record(**more):
    estimates = [
        figure("calibration_slope", 0.871, 0.702, 1.044, scale="ratio", parameters=DECLARED, method="wald"),
        figure("ici", 0.0314, 0.0111, 0.0512, scale="ratio", parameters={**DECLARED, "clip": 0.001, "knots": 4}),
        benefit(0.2, 0.121, 0.095, 0.147),
        benefit(0.1, 0.145, 0.12, 0.171),
    ]
    return a_record(**{"estimates": estimates, "curves": CURVES, **more})


@pytest.mark.parametrize(("language", "decimal"), [("en", "."), ("fr", ",")])
def test_measures_stand_beside_their_best_value_and_rest_on_the_answered_units(language, decimal):
    text = plain(text_of(rendered(a_calibrated_record(), A, language)))
    assert re.search(rf"\| 1 \| 0\{decimal}871 \| \[0\{decimal}702.+1\{decimal}044\]", text)
    assert f"0{decimal}031" in text
    title, counted = {
        "en": ("Calibration and net benefit", "the 300 units that the device answered"),
        "fr": ("Calibration et bénéfice net", "300 unités auxquelles le dispositif a répondu"),
    }[language]
    assert title in text
    assert counted in text


def test_the_local_prevalence_and_the_spline_are_named():
    text = plain(text_of(rendered(a_calibrated_record(), A, "en")))
    assert "weighted to the local prevalence of 18.0%" in text
    assert "with 4 knots; probabilities nearer than 0.001" in text
    assert "25.0% | [15.0, 40.0]" in text
    assert "150" in text
    bare = plain(text_of(rendered(a_calibrated_record(card={"local_prevalence": []}), A, "en")))
    assert "calibration and net benefit cannot be estimated" in bare


def test_net_benefit_is_listed_by_threshold_beside_acting_on_everybody_and_nobody():
    text = plain(text_of(rendered(a_calibrated_record(), A, "en")))
    first, second = text.index("10.0% | 0.145 | [0.120, 0.171] | 0.090 | 0"), text.index("20.0% | 0.121")
    assert first < second
    assert "−0.030 | 0" in text


def test_calibration_curves_are_drawn_once_and_not_among_the_roc_curves():
    html = rendered(a_calibrated_record(), A, "en")
    assert html.count("<title>Calibration curve, exam</title>") == 1
    assert html.count("<title>Net benefit, exam</title>") == 1
    assert "calibration_bins" not in html.split("<script")[0]


def test_without_declared_probabilities_there_is_no_section():
    assert "Calibration and net benefit" not in rendered(a_record(), A, "en")
    assert "Calibration and net benefit" not in rendered(a_calibrated_record(), B, "en")


def test_an_estimate_without_a_value_says_why():
    row = figure("calibration_slope", 1, 1, 1, scale="ratio", parameters=DECLARED)
    missing = row.model_copy(
        update={
            "value": None,
            "low": None,
            "high": None,
            "not_estimable": "not_probabilities",
            "not_estimable_facts": {"n": 12},
        }
    )
    text = plain(text_of(rendered(a_calibrated_record(estimates=[missing], curves=[]), A, "en")))
    assert "12 scores lie outside 0 to 1" in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_agreement_of_readers_stands_with_what_it_may_not_be_printed_without(language):
    text = plain(text_of(rendered(a_record(), A, language)))
    decimal = {"en": ".", "fr": ","}[language]
    sign = {"en": "%", "fr": " %"}[language]
    assert f"3 | 596 (298 patients) | 95{decimal}7{sign} | 35{decimal}0{sign}" in text
    line = next(line for line in text.splitlines() if "Fleiss" in line and "|" in line)
    assert f"| 0{decimal}91 |" in line
    assert "4 readings have no place" in text or "4 lectures n’ont pas de place" in text


def test_a_set_without_readings_says_that_agreement_is_unknown():
    record = a_record()
    silent = record.model_copy(update={"reference_set": record.reference_set.model_copy(update={"agreement": []})})
    assert "how far they agree is not known" in text_of(rendered(silent, A, "en"))


@pytest.mark.parametrize("height", [0.001, 0.2, 30.0])
def test_a_drawing_of_net_benefit_stays_within_its_frame(height):
    plot = BenefitPlot(
        title="t",
        description="d",
        probabilities=(0.05, 0.9),
        device=(height, -height / 2),
        low=(height / 2, -height),
        high=(1.2 * height, height / 10),
        everybody=((0.05, height), (0.9, -1000.0)),
        x_label="x",
        y_label="y",
        names=("a", "b", "c"),
        x_tick=str,
        y_tick=str,
    )
    root = ElementTree.fromstring(benefit_plot(plot))
    points = [
        float(part.split(",")[1])
        for line in root.iter("{http://www.w3.org/2000/svg}polyline")
        for part in line.get("points").split()
    ]
    assert all(16 <= y <= 316 for y in points)
    assert len(points) == 3  # acting on everybody is cut off where it leaves the frame
