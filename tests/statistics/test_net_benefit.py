"""Net benefit: golden values, the enriched form, properties and edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.statistics.net_benefit import CalledCounts, net_benefit, net_benefit_of_all


def counts(*numbers):
    return CalledCounts(*(np.array([float(number)]) for number in numbers))


@pytest.mark.parametrize(
    ("at", "device", "everybody"), [(0.05, 0.29298, 0.29825), (0.10, 0.28519, 0.25926), (0.20, 0.26667, 0.16667)]
)
def test_golden_values(at, device, everybody):
    golden = counts(90, 40, 100, 200)
    assert net_benefit(golden, at)[0] == pytest.approx(device, abs=5e-6)
    assert net_benefit(golden, at, prevalence=1 / 3)[0] == pytest.approx(device, abs=5e-6)
    assert net_benefit_of_all(1 / 3, at) == pytest.approx(everybody, abs=5e-6)


def test_the_enriched_form_is_that_of_sensitivity_and_specificity():
    found = net_benefit(counts(90, 40, 100, 200), 0.10, prevalence=0.05)
    assert found[0] == pytest.approx(0.9 * 0.05 - 0.2 * 0.95 / 9)


@given(st.integers(1, 50), st.integers(1, 50), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_acting_on_everybody_is_a_device_that_calls_everybody_and_on_nobody_is_worth_nothing(n1, n0, at, prevalence):
    everybody, nobody = counts(n1, n0, n1, n0), counts(0, 0, n1, n0)
    assert net_benefit(everybody, at)[0] == pytest.approx(net_benefit_of_all(n1 / (n1 + n0), at))
    assert net_benefit(everybody, at, prevalence)[0] == pytest.approx(net_benefit_of_all(prevalence, at))
    assert net_benefit(nobody, at)[0] == 0
    perfect = net_benefit(counts(n1, 0, n1, n0), at, prevalence)[0]
    assert perfect == pytest.approx(prevalence)
    assert perfect >= net_benefit(everybody, at, prevalence)[0]


def test_the_edges():
    assert np.isnan(net_benefit(counts(0, 0, 0, 0), 0.1)).all()
    assert np.isnan(net_benefit(counts(3, 0, 5, 0), 0.1, prevalence=0.2)).all()
    assert net_benefit(counts(3, 0, 5, 0), 0.1) == pytest.approx([0.6])
    for at in (0.0, 1.0, -0.1, float("nan")):
        with pytest.raises(ValueError, match="threshold probability"):
            net_benefit(counts(1, 1, 2, 2), at)
    with pytest.raises(ValueError, match="prevalence"):
        net_benefit(counts(1, 1, 2, 2), 0.1, prevalence=1.2)
