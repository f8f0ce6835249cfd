from . import changing  # noqa: F401 - registers its faults
from .trying import every_fault_of, prove

pytest_generate_tests = every_fault_of("changing")


def test_no_result_holds_what_was_changed(fault, seed, tmp_path):
    prove(fault, seed, tmp_path)
