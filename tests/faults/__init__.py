"""Damage done to real runs: after it nothing is lost, nothing counts twice, and the results are the same.

``pytest tests/faults`` does some of it, with DMN_BENCH_FAULT_SEEDS=N each fault N times; ``python -m tests.faults``
prints the table of all of it.
"""
