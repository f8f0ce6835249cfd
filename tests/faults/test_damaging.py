from . import damaging  # noqa: F401 - registers its faults
from .trying import every_fault_of, prove

pytest_generate_tests = every_fault_of("damaging")


def test_what_is_damaged_is_never_counted(fault, seed, tmp_path):
    prove(fault, seed, tmp_path)
