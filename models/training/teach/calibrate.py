"""Stage `calibrate`: one temperature per axis, so that a network is right as often as it says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .axes import AXES
from .labels import UNKNOWN

LEAST = 20  # labelled people, below which an axis stays as it is
STEPS = np.exp(np.linspace(np.log(0.25), np.log(6.0), 120))  # temperatures that are tried


def temperatures(
    answers: Mapping[str, NDArray[np.float32]], axes: NDArray[np.int64], person: NDArray[np.float32]
) -> dict[str, float]:
    """By output: by what to divide logits so that the labels are likeliest (Guo et al., ICML 2017)."""
    found = {}
    for column, axis in enumerate(AXES):
        known = axes[:, column] != UNKNOWN
        found[axis] = _best(answers[axis][known], axes[known, column]) if known.sum() >= LEAST else 1.0
    sides = np.concatenate([np.zeros_like(answers["person"]), answers["person"]], 1)  # a softmax of 0 and x: sigmoid
    found["person"] = _best(sides, person.astype(np.int64)) if len(person) >= LEAST else 1.0
    return found


def _best(logits: NDArray[np.float32], wanted: NDArray[np.int64]) -> float:
    return float(min(STEPS, key=lambda t: surprise(logits / t, wanted)))


def surprise(logits: NDArray[np.float32], wanted: NDArray[np.int64]) -> float:
    """Mean negative log likelihood of the right values."""
    logits = logits.astype(np.float64)
    top = logits.max(1, keepdims=True)
    whole = top[:, 0] + np.log(np.exp(logits - top).sum(1))
    return float((whole - logits[np.arange(len(wanted)), wanted]).mean())
