"""Conformance checks for authors: subclass one in a pytest module, give it your part or your package, run pytest.

    class TestMyMetric(MetricChecks):
        def metric(self):
            return MyMetric()

        def judgements(self):
            return [Classification(finding="nodule").judge(units, answers, context)]

Nothing here needs pytest itself: a check is a method ``test_…`` that raises AssertionError.
"""

from .scoring_parts import NON_ANSWERS, MetricChecks, TaskChecks, analysis

__all__ = ["NON_ANSWERS", "MetricChecks", "TaskChecks", "analysis"]
