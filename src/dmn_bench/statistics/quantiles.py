"""Two-sided quantiles of the normal and the t distribution, and the check of a confidence level."""

from __future__ import annotations

from scipy.special import ndtri, stdtrit


def tail(confidence: float) -> float:
    """Probability left out at each end of a two-sided interval.

    Raises ValueError unless 0 < confidence < 1.

    >>> round(tail(0.95), 6)
    0.025
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    return (1 - confidence) / 2


def normal_quantile(confidence: float) -> float:
    """Standard normal deviate of a two-sided interval.

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return float(-ndtri(tail(confidence)))


def t_quantile(degrees_of_freedom: float, confidence: float) -> float:
    """Student deviate of a two-sided interval.

    Raises ValueError if ``degrees_of_freedom`` is not positive.

    >>> round(t_quantile(49, 0.95), 6)
    2.009575
    """
    if not degrees_of_freedom > 0:
        raise ValueError(f"degrees of freedom must be positive, not {degrees_of_freedom}")
    return float(-stdtrit(degrees_of_freedom, tail(confidence)))
