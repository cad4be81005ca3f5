"""One of several, by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def one(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


def drawn(rng: np.random.Generator, weights: Mapping[T, float]) -> T:
    """One of the keys, as likely as its share of the weights."""
    options, p = list(weights), np.array(list(weights.values()))
    return options[int(rng.choice(len(options), p=p / p.sum()))]
