"""Files of the set written again with something else to see."""

from .kit import level_of, write_case


def other_pixels(job, number):
    """The file of a case as it would be if the case looked the opposite way; as readable as before."""
    write_case(job.set / "files", number, 250 - level_of(number))
