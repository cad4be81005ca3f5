"""Figures with 95 % intervals: Wilson's for shares, the bootstrap over pictures for what is made of several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z = 1.959964  # the normal distribution's 97.5 % point
SEED = 20261125
RESAMPLES = 1000
FEWEST = 8  # pictures, under which resampling them tells nothing of others
CHUNK = 100  # resamples computed at once: bounds memory with many pictures


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, its 95 % interval, and how many observations it rests on. None: there was nothing to measure."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, four decimals."""
        return {key: round(one, 4) if isinstance(one, float) else one for key, one in asdict(self).items()}


NOTHING = Figure(None, None, None, 0)


def wilson(right: int, n: int) -> Figure:
    """The share right/n with its score interval (E. B. Wilson, JASA 22, 1927, p. 209-212)."""
    if not n:
        return NOTHING
    share = right / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return Figure(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)), n)


def weights(pictures: int, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """How often each picture is drawn in each resample, with replacement: (resamples, pictures).

    Pictures are drawn, not people: those of one picture are seen by one camera in one light, and are not independent
    (B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, ch. 8 and 13.3: percentile interval).
    """
    if not pictures:
        return np.zeros((resamples, 0))
    drawn = np.random.default_rng(seed).multinomial(pictures, np.full(pictures, 1 / pictures), resamples)
    return np.asarray(drawn, np.float64)


def bootstrapped(counts: Floats, of: Callable[[Floats], Floats], n: int, drawn: Floats) -> Figure:
    """A figure of sums of counts, with its percentile interval.

    `counts` are (pictures, ...) and add up over pictures; `of` makes (rows,) figures of (rows, ...) sums, NaN where
    there is none; `drawn` are the weights. The interval holds the estimate, however skewed the resamples are;
    there is none for less than FEWEST pictures.
    """
    value = float(of(counts.sum(axis=0)[None])[0])
    if not np.isfinite(value):
        return Figure(None, None, None, n)
    if len(counts) < FEWEST:
        return Figure(value, None, None, n)
    flat = counts.reshape(len(counts), -1)
    found = np.concatenate(
        [
            of((drawn[start : start + CHUNK] @ flat).reshape(-1, *counts.shape[1:]))
            for start in range(0, len(drawn), CHUNK)
        ]
    )
    return between(value, found, n)


def between(value: float, found: Floats, n: int) -> Figure:
    """The estimate between the 2.5 % and 97.5 % points of its resamples.

    None where all of them are alike, as with a model that is right each time: that is no certainty.
    """
    found = found[np.isfinite(found)]
    low, high = np.percentile(found, (2.5, 97.5)).tolist() if len(found) else (value, value)
    low, high = min(value, low), max(value, high)
    return Figure(value, low, high, n) if high - low > 1e-9 else Figure(value, None, None, n)
