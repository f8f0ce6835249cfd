"""Conformance checks for authors: subclass one in a pytest module, give it your part or your package, run pytest.

    class TestMyMetric(MetricChecks):
        def metric(self):
            return MyMetric()

        def judgements(self):
            return [Classification(finding="nodule").judge(units, answers, context)]

    class TestOurPackage(CandidateChecks):
        package = Path(__file__).parents[1]

Nothing here needs pytest itself: a check is a method ``test_…`` that raises AssertionError.
"""

from .adapter_checks import AdapterChecks
from .candidate_checks import CandidateChecks
from .reader_checks import ReaderChecks
from .scoring_parts import NON_ANSWERS, MetricChecks, TaskChecks, analysis

__all__ = ["NON_ANSWERS", "AdapterChecks", "CandidateChecks", "MetricChecks", "ReaderChecks", "TaskChecks", "analysis"]
