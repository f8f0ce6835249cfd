"""The outputs of a model by name, as numbers after what is declared to be applied to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Outputs = Mapping[str, NDArray[Any]]


def named(outputs: Outputs, name: str | None) -> NDArray[Any]:
    """An output by its name, the first by none. Raises ValueError where there is no such output."""
    if name is None:
        return next(iter(outputs.values()))
    if name not in outputs:
        raise ValueError(f"the model has no output {name!r}, it has {', '.join(outputs)}")
    return outputs[name]


def activated(values: NDArray[np.float64], activation: str) -> NDArray[np.float64]:
    """Values after ``none``, ``sigmoid`` or ``softmax`` over the last axis."""
    if activation == "sigmoid":
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))  # no overflow at either end
    if activation == "softmax":
        powers = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
    return values
