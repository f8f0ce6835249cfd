from . import disk  # noqa: F401 - registers its faults
from .trying import every_fault_of, prove

pytest_generate_tests = every_fault_of("disk")


def test_want_of_room_costs_no_answer_and_no_case(fault, seed, tmp_path):
    prove(fault, seed, tmp_path)
