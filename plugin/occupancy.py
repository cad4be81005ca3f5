"""Tells by who comes and goes which seats of two cameras are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from .places import Place
from .survey import Survey

SHARED = 8  # looks that both cameras had at the same time; fewer tell nothing
SMOOTH = 10  # parts of the time over which presence is averaged, since a person is missed now and then
CHANGES = 0.25  # standard deviation of presence: somebody came or went; misses alone stay below
ALIKE = 0.8  # correlation of presence from which two seats may be one
AHEAD = 0.3  # by how much it must be better than any other pair of either seat

Floats = NDArray[np.float64]


def same_seats(one: Survey, these: Mapping[str, Place], other: Survey, those: Sequence[Place]) -> dict[int, str]:
    """For places (by number) of the other camera the seat of the one that is the same, where it is beyond doubt.

    Seats that are taken all the time, or by people who came together, are alike: nothing is said of them.
    """
    pairs = shared(one, other)
    if len(pairs) < SHARED or not these or not those:
        return {}
    names = list(these)
    here = _presence([these[name] for name in names], [pair[0] for pair in pairs])
    there = _presence(those, [pair[1] for pair in pairs])
    alike = np.array([[_correlation(a, b) for b in there] for a in here])
    found: dict[int, str] = {}
    for row, name in enumerate(names):
        column = int(np.argmax(alike[row]))
        best = alike[row, column]
        rivals = np.concatenate([np.delete(alike[row], column), np.delete(alike[:, column], row)])
        if best >= ALIKE and best - max(rivals, default=-1.0) >= AHEAD:
            found[column] = name
    return found


def shared(one: Survey, other: Survey) -> list[tuple[int, int]]:
    """Numbers of looks that both cameras had at about the same time."""
    theirs = np.array([_seconds(look.utc, one.looks[0].utc) for look in other.looks])
    mine = [_seconds(look.utc, one.looks[0].utc) for look in one.looks]
    near = max(float(np.median(np.diff(sorted(side)))) if len(side) > 1 else 0.0 for side in (theirs.tolist(), mine))
    nearest = [(number, int(np.argmin(np.abs(theirs - at)))) for number, at in enumerate(mine)]
    return [(number, match) for number, match in nearest if abs(theirs[match] - mine[number]) <= near]


def _seconds(utc: datetime, since: datetime) -> float:
    return (utc - since) / timedelta(seconds=1)


def _presence(places: Sequence[Place], looks: Sequence[int]) -> list[Floats]:
    """For each place how much somebody was there, 0..1, averaged over a tenth of the time."""
    width = max(3, len(looks) // SMOOTH)
    kernel = np.ones(width)
    around = np.convolve(np.ones(len(looks)), kernel, "same")
    seen = [np.array([number in place.seen for number in looks], float) for place in places]
    return [np.convolve(one, kernel, "same") / around for one in seen]


def _correlation(a: Floats, b: Floats) -> float:
    if min(a.std(), b.std()) < CHANGES:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
