"""From probabilities of a model's classes to distributions over the axes that behaviors live on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeroom.detection import Distribution

HEADS: Mapping[str, Any] = {  # JSON Schema of a decoder's `heads`
    "description": "Outputs with class logits, in the order of `classes`; a softmax runs over each.",
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["output", "classes"],
        "properties": {"output": {"type": "string"}, "classes": {"type": "integer", "minimum": 2}},
    },
}


def softmax(logits: NDArray[np.float64], scale: float = 1.0) -> NDArray[np.float64]:
    """Probabilities (n, classes) from finite logits multiplied by `scale`."""
    powers = np.exp(scale * (logits - logits.max(axis=1, keepdims=True)))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


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
