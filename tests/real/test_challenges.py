"""The scores of the official programs of the PhysioNet challenges 2020 and 2021, on real labels, cell by cell."""

import dataclasses
import json
import math

import numpy as np
import pytest

from dmn_bench.adapters.challenge_csv import ChallengeCsv
from dmn_bench.inputs.ecg_statements import code_names
from dmn_bench.metrics.challenges import Cinc2020FBeta, Cinc2020GBeta, Cinc2020Score, Cinc2021Score, challenge_weights
from dmn_bench.metrics.classification import F1
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.metrics.statements import ExactMatch, MacroAveragePrecision, MacroF1, MacroRocArea
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.statements import Statements
from tests.adapters.kit import keys
from tests.shared_data import shared_data

from ..tasks.factories import a_case, a_unit, by_case, context
from ..tasks.test_statements import stating

KINDS = ("perfect", "sinus", "noisy", "noisy_reordered_missing")


@pytest.fixture(scope="module")
def oracle():
    return json.loads(shared_data("ecg/oracle/challenges/scores.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def stated():
    """Findings of each record, from its header."""
    found = {}
    for header in sorted(shared_data("ecg/oracle/challenges/labels").glob("*.hea")):
        (line,) = (line for line in header.read_text(encoding="utf-8").splitlines() if line.startswith("#Dx"))
        codes = line.partition(":")[2].split(",")
        found[header.stem] = {name for code in codes for name in code_names("SCT", code)}
    return found


def judged(year, kind, stated):
    """The judgements of the answers of one kind on the classes of a challenge."""
    names = challenge_weights(f"cinc{year}_weights.csv").names
    folder = shared_data(f"ecg/oracle/challenges/outputs{'' if year == 2021 else year}_{kind}")
    # A code of 2021 that the challenge of 2020 does not score, of a finding that it does score under another code.
    left_out = () if year == 2021 else ("733534002",)
    adapter = ChallengeCsv(folder=folder.name, reading="challenge", ignore_findings=left_out)
    cases = [keys(name, files=(f"{name}.hea",)) for name in stated]
    answers = [asked.answer for asked in adapter.answers(cases, folder.parent)]
    units = [a_unit(name, None, cases=(a_case(name),)) for name in stated]
    truth = {
        unit: {name: "positive" if name in there else "negative" for name in names} for unit, there in stated.items()
    }
    given = dataclasses.replace(context(units), references=stating(truth))
    return Statements(statements=names).judge(units, by_case(*answers), given)


def value(metric, judgements, rows=None):
    weights = None if rows is None else np.array([rows], dtype=float)
    return float(metric.value(totals(metric.columns(judgements), weights))[0])


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_of_2021_are_those_of_its_program(oracle, stated, kind):
    found, expected = judged(2021, kind, stated), oracle[f"2021/{kind}"]
    assert value(MacroRocArea(), found) == pytest.approx(expected["auroc"], abs=1e-12)
    assert value(MacroAveragePrecision(), found) == pytest.approx(expected["auprc"], abs=1e-12)
    assert value(ExactMatch(), found) == pytest.approx(expected["accuracy"], abs=1e-12)
    assert value(MacroF1(), found) == pytest.approx(expected["f_measure"], abs=1e-12)
    assert value(Cinc2021Score(), found) == pytest.approx(expected["challenge_metric"], abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_of_each_class_of_2021_are_those_of_its_program(oracle, stated, kind):
    found, expected = judged(2021, kind, stated), oracle[f"2021/{kind}"]
    for place, codes in enumerate(expected["classes"]):
        (name,) = {name for code in codes.split("|") for name in code_names("SCT", code)}
        rows = [each == name for each in found.row_strata["statement"]]
        for metric, key in (
            (RocArea(), "auroc_classes"),
            (MacroAveragePrecision(), "auprc_classes"),
            (F1(), "f_classes"),
        ):
            number = value(metric, found, rows)
            official = expected[key][place]
            if official is None:
                assert math.isnan(number), (name, key)
            else:
                assert number == pytest.approx(official, abs=1e-12), (name, key)


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_of_2020_are_those_of_its_program(oracle, stated, kind):
    found = judged(2020, kind, stated)
    _, auroc, auprc, _, _, accuracy, f_measure, _, f_beta, g_beta, score = oracle[f"2020/{kind}"]
    assert value(MacroRocArea(), found) == pytest.approx(auroc, abs=1e-12)
    assert value(MacroAveragePrecision(), found) == pytest.approx(auprc, abs=1e-12)
    assert value(ExactMatch(), found) == pytest.approx(accuracy, abs=1e-12)
    assert value(MacroF1(), found) == pytest.approx(f_measure, abs=1e-12)
    assert value(Cinc2020FBeta(), found) == pytest.approx(f_beta, abs=1e-12)
    assert value(Cinc2020GBeta(), found) == pytest.approx(g_beta, abs=1e-12)
    assert value(Cinc2020Score(), found) == pytest.approx(score, abs=1e-12)
