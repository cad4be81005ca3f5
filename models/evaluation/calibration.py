"""Calibration: whether of what a model is 80 % sure, 80 % is right.

Expected calibration error over 15 bins of equal width (C. Guo et al., On Calibration of Modern Neural Networks, ICML
2017, eq. 3): the mean over claims of the distance between a bin's mean confidence and its share of right ones. A
claim's confidence is the probability of its likeliest value; where the model abstains it still counts, so that doubt is
held to its word as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .claims import Claim
from .confusion import Values
from .intervals import Figure, Floats, bootstrapped

BINS = 15


def binned(made: Iterable[Claim], values: Values, pictures: int) -> Floats:
    """Sums (pictures, axes, bins, 3): claims, confidence, right ones."""
    order = {axis: number for number, axis in enumerate(values.axes)}
    sums = np.zeros((pictures, len(values.axes), BINS, 3))
    for one in made:
        if one.confidence is not None:
            within = min(BINS - 1, int(one.confidence * BINS))
            sums[one.picture, order[one.axis], within] += (1, one.confidence, one.right)
    return sums


def error(sums: Floats) -> Floats:
    """Expected calibration error of sums (rows, bins, 3); NaN where there is no claim."""
    claims = sums[..., 0].sum(axis=1)
    apart = np.abs(sums[..., 1] - sums[..., 2]).sum(axis=1)
    return np.asarray(np.divide(apart, claims, out=np.full(len(sums), np.nan), where=claims > 0), np.float64)


def calibration(sums: Floats, values: Values, drawn: Floats) -> tuple[dict[str, Figure], dict[str, Any]]:
    """The error over all and per axis with intervals; and the bins for a reliability plot.

    A resample adds noise to each bin and so leans upward; the interval is no narrower for it.
    """
    whole = sums.sum(axis=1)
    errors = {axis: _figure(sums[:, number], drawn) for number, axis in enumerate(values.axes)}
    bins = {axis: _rows(sums[:, number].sum(axis=0)) for number, axis in enumerate(values.axes)}
    return {"all": _figure(whole, drawn), **errors}, {"all": _rows(whole.sum(axis=0)), **bins}


def _figure(sums: Floats, drawn: Floats) -> Figure:
    return bootstrapped(sums, error, int(sums[..., 0].sum()), drawn)


def _rows(sums: Floats) -> list[dict[str, float]]:
    """The bins that hold claims: how many, how sure, how right."""
    return [
        {"from": round(number / BINS, 4), "n": int(n), "confidence": round(sure / n, 4), "right": round(right / n, 4)}
        for number, (n, sure, right) in enumerate(sums.tolist())
        if n
    ]
