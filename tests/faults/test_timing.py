from . import timing  # noqa: F401 - registers its faults
from .trying import every_fault_of, prove

pytest_generate_tests = every_fault_of("timing")


def test_the_time_of_day_decides_nothing(fault, seed, tmp_path):
    prove(fault, seed, tmp_path)
