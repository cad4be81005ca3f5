"""From probabilities of a model's classes to distributions over the axes that behaviors live on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from homeroom.detection import Distribution


class AxisMap:
    """Adds up, per axis and value, the probabilities of the classes that prove it; the rest to 1 is uncertain."""

    def __init__(self, classes: Sequence[Mapping[str, str]]) -> None:
        """`classes`: for each class in the output's order, axis -> value."""
        pairs = sorted({pair for one in classes for pair in one.items()})
        self._pairs = tuple(pairs)
        self._proves = np.array(
            [[axis in one and one[axis] == value for axis, value in pairs] for one in classes], float
        )

    def __call__(self, probabilities: NDArray[np.float64]) -> list[dict[str, Distribution]]:
        """For each row of (people, classes): axis -> value -> probability."""
        rows: list[list[float]] = (probabilities @ self._proves).tolist()
        return [self._axes(row) for row in rows]

    def _axes(self, row: Sequence[float]) -> dict[str, Distribution]:
        axes: dict[str, dict[str, float]] = {}
        for (axis, value), probability in zip(self._pairs, row, strict=True):
            axes.setdefault(axis, {})[value] = min(1.0, probability)
        return dict(axes)
