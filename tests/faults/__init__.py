"""Damage done to real runs: after it nothing is lost, nothing counts twice, and the results are the same."""
