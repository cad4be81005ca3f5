"""People out of a detector that tells one box per cell, as YOLOX (Ge et al., 2021) does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.picture import Frame

from .letterbox import Letterbox, shown
from .nms import Floats, soft_nms

MOST = 200  # candidates that go into suppression; bounds the time
STRETCH = 8.0  # largest log of a box's side in cells: beyond any picture
COLUMNS = 6  # x, y, width, height, objectness, probability of a person; what follows is other classes


def cells(box: Letterbox, strides: Sequence[int]) -> Floats:
    """Column, row and stride in pixels of each cell, (n, 3): one grid a stride, rows first."""
    grids = []
    for stride in strides:
        rows, columns = np.mgrid[: box.height // stride, : box.width // stride]
        grids.append(np.column_stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)]))
    return np.concatenate(grids).astype(np.float64)


class PeopleDecoder:
    """Reads the people out of a detector's output [1, n, 6 or more]."""

    def __init__(self, box: Letterbox, strides: Sequence[int], floor: float, sigma: float) -> None:
        """`strides`, if any: boxes are offsets from cells and logs of sizes, both in cells; else pixels of the input.

        `floor` is the least likelihood, `sigma` that of soft suppression.
        """
        self._box = box
        self._cells = cells(box, strides) if strides else None
        self._floor = floor
        self._sigma = sigma

    def check(self, shape: Sequence[int], label: str) -> None:
        """Raises BadInput when an output of that shape cannot be the manifest's."""
        wanted = len(self._cells) if self._cells is not None else None
        if len(shape) == 3 and shape[0] == 1 and shape[2] >= COLUMNS and wanted in (None, shape[1]):
            return
        rows = "n" if wanted is None else wanted
        raise BadInput(
            f"{label}: its people should have shape [1, {rows}, {COLUMNS} or more], the file has {list(shape)};"
            " take the files that the manifest names"
        )

    def __call__(self, output: NDArray[np.float32], frame: Frame) -> list[tuple[Box, float]]:
        """The part of each person's box inside the frame, with likelihood, likeliest first.

        Rows with a number that is not finite are left out.
        """
        scores = output[0, :, 4] * output[0, :, 5]
        chosen = np.flatnonzero((scores >= self._floor) & (scores < np.inf))
        if not len(chosen):
            return []
        chosen = chosen[np.argsort(-scores[chosen], kind="stable")[:MOST]]
        rows = output[0, chosen, :4].astype(np.float64)
        if self._cells is not None:
            rows = _placed(rows, self._cells[chosen])
        finite = np.isfinite(rows).all(axis=1)
        boxes = self._box.boxes(rows[finite], frame)
        likelihoods = np.minimum(scores[chosen][finite], 1.0).astype(np.float64)
        kept = soft_nms(boxes, likelihoods, self._sigma, self._floor)
        found = [(shown(boxes[index]), score) for index, score in kept]
        return [(box, score) for box, score in found if box.area > 0]


def _placed(rows: Floats, at: Floats) -> Floats:
    """From offsets and logs of sizes in cells to pixels of the input."""
    middles = (rows[:, :2] + at[:, :2]) * at[:, 2:]
    sizes = np.exp(np.minimum(rows[:, 2:], STRETCH)) * at[:, 2:]
    return np.hstack([middles, sizes])
