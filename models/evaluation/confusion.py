"""Confusion: how often each value was taken for which, and precision, recall and F1 made of it.

Counts stand in one array (pictures, axes, truths, said). Truths are an axis' values, then UNCERTAIN (visibly none of
them), then NOBODY; said are the values, then UNCERTAIN, then MISSED. Axes with fewer values than the longest leave the
places between empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeroom.behaviors import UNCERTAIN

from .claims import MISSED, NOBODY, Claim
from .intervals import Figure, Floats, bootstrapped, wilson


@dataclass(frozen=True, slots=True)
class Values:
    """The axes and values that are scored, in the order in which arrays hold them."""

    axes: Mapping[str, Sequence[str]]

    @property
    def most(self) -> int:
        """Values of the longest axis."""
        return max(map(len, self.axes.values()))

    def row(self, axis: str, truth: str) -> int:
        """Where a truth stands."""
        if truth == NOBODY:
            return self.most + 1
        return self.most if truth == UNCERTAIN else self.axes[axis].index(truth)

    def column(self, axis: str, said: str) -> int:
        """Where what was said stands; a value that the vocabulary lacks counts as uncertain."""
        if said == MISSED:
            return self.most + 1
        return self.axes[axis].index(said) if said in self.axes[axis] else self.most

    def counts(self, made: Iterable[Claim], pictures: int) -> Floats:
        """The claims as counts (pictures, axes, truths, said)."""
        order = {axis: number for number, axis in enumerate(self.axes)}
        places = [
            (one.picture, order[one.axis], self.row(one.axis, one.truth), self.column(one.axis, one.said))
            for one in made
        ]
        counts = np.zeros((pictures, len(self.axes), self.most + 2, self.most + 2))
        if places:
            np.add.at(counts, tuple(np.array(places).T), 1)
        return counts


def of_found(counts: Floats) -> Floats:
    """Counts of people who were found, alone."""
    kept = counts.copy()
    kept[..., -1, :] = 0
    kept[..., -1] = 0
    return kept


def f1(sums: Floats, axis: int, value: int) -> Floats:
    """F1 of one value, of sums (rows, axes, truths, said); NaN where it is neither true nor said."""
    both = sums[:, axis, value, value]
    all_ = sums[:, axis, value, :].sum(axis=1) + sums[:, axis, :, value].sum(axis=1)
    return np.asarray(np.divide(2 * both, all_, out=np.full(len(sums), np.nan), where=all_ > 0), np.float64)


def macro_f1(sums: Floats, pairs: Sequence[tuple[int, int]]) -> Floats:
    """The mean F1 of (axis, value) pairs; NaN where none can be told."""
    each = np.array([f1(sums, axis, value) for axis, value in pairs]).reshape(len(pairs), len(sums))
    known = np.isfinite(each)
    total = np.where(known, each, 0).sum(axis=0)
    number = known.sum(axis=0)
    return np.asarray(np.divide(total, number, out=np.full(len(sums), np.nan), where=number > 0), np.float64)


def present(counts: Floats, values: Values, least: int = 1) -> list[tuple[int, int]]:
    """The (axis, value) pairs that are true of at least so many people: those of which a mean can speak."""
    return [
        (number, index)
        for number, names in enumerate(values.axes.values())
        for index in range(len(names))
        if counts[:, number, index, :].sum() >= least
    ]


def mean_figure(counts: Floats, pairs: Sequence[tuple[int, int]], drawn: Floats) -> Figure:
    """Macro-F1 over pairs, with its interval."""
    n = int(counts[:, :, :-1, :].sum())
    return bootstrapped(counts, lambda sums: macro_f1(sums, pairs), n, drawn)


def scores(counts: Floats, values: Values, drawn: Floats) -> dict[str, Any]:
    """Per axis and over all: precision, recall and F1 of each value, macro-F1, accuracy and coverage.

    Macro-F1 is the mean over the values that occur. `coverage` is the share of people with a value of whom anything was
    said but uncertain; `accuracy` the share that was right, uncertain being right where it is the truth alone.
    """
    pairs = present(counts, values)
    sums: NDArray[np.int64] = counts.sum(axis=0).astype(np.int64)
    axes = {
        axis: {
            **{value: _value(counts, sums[number], number, index, drawn) for index, value in enumerate(names)},
            "macro_f1": mean_figure(counts[:, number : number + 1], [(0, i) for a, i in pairs if a == number], drawn),
            **_shares(sums[number : number + 1], values.most),
        }
        for number, (axis, names) in enumerate(values.axes.items())
    }
    return {"macro_f1": mean_figure(counts, pairs, drawn), **_shares(sums, values.most), "axes": axes}


def _value(counts: Floats, sums: NDArray[np.int64], axis: int, value: int, drawn: Floats) -> dict[str, Figure]:
    right, true, told = int(sums[value, value]), int(sums[value].sum()), int(sums[:, value].sum())
    return {
        "precision": wilson(right, told),
        "recall": wilson(right, true),
        "f1": bootstrapped(counts, lambda made: f1(made, axis, value), true, drawn),
    }


def _shares(sums: NDArray[np.int64], most: int) -> dict[str, Figure]:
    people = sums[:, : most + 1, :]
    right = int(np.einsum("avv->", people[:, :, : most + 1]))
    told = people[:, :most]
    return {
        "accuracy": wilson(right, int(people.sum())),
        "coverage": wilson(int(told[:, :, :most].sum()), int(told.sum())),
    }


def matrices(counts: Floats, values: Values) -> dict[str, Any]:
    """The confusion matrices, by axis: names of rows (truths) and columns (said), and counts."""
    sums = counts.sum(axis=0).astype(int)
    made = {}
    for number, (axis, names) in enumerate(values.axes.items()):
        said = [*range(len(names)), values.most, values.most + 1]
        rows = [row for row in said if row != values.most or sums[number][row].any()]
        truth = {**dict(enumerate(names)), values.most: UNCERTAIN, values.most + 1: NOBODY}
        made[axis] = {
            "truth": [truth[row] for row in rows],
            "said": [*names, UNCERTAIN, MISSED],
            "counts": sums[number][np.ix_(rows, said)].tolist(),
        }
    return made
