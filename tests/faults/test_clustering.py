from . import clustering  # noqa: F401 - registers its faults
from .trying import every_fault_of, prove

pytest_generate_tests = every_fault_of("clustering")


def test_a_cluster_that_loses_a_part_of_itself_gives_the_same_results(fault, seed, tmp_path):
    prove(fault, seed, tmp_path)
