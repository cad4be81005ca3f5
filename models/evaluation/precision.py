"""Average precision of people, as COCO computes it: 101 points of recall, IoU .5 and the mean over .5 to .95."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .intervals import FEWEST, NOTHING, Figure, Floats, between
from .matching import Overlaps, matched

THRESHOLDS = tuple(0.5 + 0.05 * step for step in range(10))
RECALLS = np.linspace(0, 1, 101)
RESAMPLES = 200  # a resample costs a sort's worth of sums at ten thresholds


@dataclass(frozen=True, slots=True)
class Ranking:
    """All detections of a set that count, likeliest first: whether right, and whose picture; people per picture."""

    right: NDArray[np.bool_]
    picture: NDArray[np.intp]
    people: Floats  # (pictures,)


def ranked(pictures: Sequence[Overlaps], threshold: float) -> Ranking:
    """The detections of all pictures at one threshold."""
    right, where, likelihoods = [], [], []
    for number, over in enumerate(pictures):
        match = matched(over, threshold)
        kept = [index for index, ignored in enumerate(match.ignored) if not ignored]
        right += [match.people[index] >= 0 for index in kept]
        likelihoods += [over.likelihoods[index] for index in kept]
        where += [number] * len(kept)
    order = np.argsort(-np.array(likelihoods), kind="stable")
    people = np.array([len(over.scored) for over in pictures], np.float64)
    return Ranking(np.array(right, bool)[order], np.array(where, np.intp)[order], people)


def average(ranking: Ranking, drawn: Floats | None = None) -> float:
    """Average precision; `drawn` says how often each picture counts (once each, where it is None). NaN for nobody."""
    counts = np.ones(len(ranking.people)) if drawn is None else drawn
    everybody = float(counts @ ranking.people)
    if not everybody:
        return float("nan")
    weight = counts[ranking.picture]
    right = np.cumsum(weight * ranking.right)
    total = np.cumsum(weight)
    precision = np.divide(right, total, out=np.zeros_like(right), where=total > 0)
    # the best precision that is reached at this recall or beyond
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(right / everybody, RECALLS, side="left")
    reached = at < len(envelope)
    return float(np.where(reached, envelope[np.minimum(at, len(envelope) - 1)], 0.0).mean()) if len(envelope) else 0.0


def average_precision(
    pictures: Sequence[Overlaps], drawn: Floats, thresholds: Sequence[float] = THRESHOLDS
) -> tuple[Figure, Figure]:
    """AP at the first threshold, and the mean over all, with intervals from the first RESAMPLES of `drawn`."""
    rankings = [ranked(pictures, threshold) for threshold in thresholds]
    everybody = sum(len(over.scored) for over in pictures)
    if not everybody:
        return NOTHING, NOTHING
    values = np.array([average(one) for one in rankings])
    if len(pictures) < FEWEST:
        return Figure(float(values[0]), None, None, everybody), Figure(float(values.mean()), None, None, everybody)
    resampled = np.array([[average(one, counts) for one in rankings] for counts in drawn[:RESAMPLES]])
    return (
        between(float(values[0]), resampled[:, 0], everybody),
        between(float(values.mean()), resampled.mean(axis=1), everybody),
    )
