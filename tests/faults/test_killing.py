from . import killing  # noqa: F401 - registers its faults
from .trying import every_fault_of, prove

pytest_generate_tests = every_fault_of("killing")


def test_nothing_is_lost_nor_counted_twice_and_the_results_are_equal(fault, seed, tmp_path):
    prove(fault, seed, tmp_path)
