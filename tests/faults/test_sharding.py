from . import sharding  # noqa: F401 - registers its faults
from .trying import every_fault_of, prove

pytest_generate_tests = every_fault_of("sharding")


def test_parts_that_were_killed_and_merged_give_the_results_of_one_run(fault, seed, tmp_path):
    prove(fault, seed, tmp_path)
