"""What holds for every test: on shared machines a slow moment is no failure, and the same tree has the same examples.

Examples of hypothesis follow from the code of each test, so that no rare one refuses a change by chance. Whoever wants
new ones every time, to explore, asks for them: ``python3 tasks.py test --hypothesis-profile=explore``.
"""

import random

from hypothesis import HealthCheck, settings

SLOW_IS_WELL = [HealthCheck.too_slow]

settings.register_profile("same-examples", deadline=None, suppress_health_check=SLOW_IS_WELL, derandomize=True)
settings.register_profile("explore", parent=settings.get_profile("same-examples"), derandomize=False, print_blob=True)
settings.load_profile("same-examples")


def pytest_runtest_setup(item):
    """Whoever shuffles does it alike every time."""
    random.seed(item.nodeid)
