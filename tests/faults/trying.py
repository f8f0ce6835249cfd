"""Every fault of a module as a test, for as many seeds as are asked for."""

import pytest

from .kit import seeds
from .registry import FAULTS, inflict


def every_fault_of(*modules):
    """A ``pytest_generate_tests`` that gives ``fault`` and ``seed`` to the tests of a file."""

    def generate(metafunc):
        chosen = [each for each in FAULTS.values() if each.inflict.__module__.rpartition(".")[2] in modules]
        assert chosen
        parameters = [
            pytest.param(each, seed, id=f"{each.name}-{seed}", marks=[pytest.mark.slow] if each.slow else [])
            for each in chosen
            for seed in seeds(each.seeds)
        ]
        metafunc.parametrize(("fault", "seed"), parameters)

    return generate


def prove(fault, seed, folder):
    """Inflict it, or skip with the reason why it cannot be done here."""
    reason = fault.needs()
    if reason:
        pytest.skip(reason)
    assert inflict(fault, seed, folder).equal == 1
