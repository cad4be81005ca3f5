"""Boxes: from cells to pixels and back, overlap, suppression; and the square that a crop network sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .geometry import STRIDES

Floats = NDArray[np.float32]


def cells(height: int, width: int) -> Floats:
    """Column, row and stride of each cell, [n, 3], over strides 8, 16, 32, rows first."""
    grids = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        grids.append(np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)], 1))
    return np.concatenate(grids).astype(np.float32)


def decoded(people: Floats, height: int, width: int) -> Floats:
    """From [cells, 5] (x, y, log w, log h in strides; score) to left, top, right, bottom in pixels, and score."""
    grid = cells(height, width)
    middle = (people[:, :2] + grid[:, :2]) * grid[:, 2:]
    half = np.exp(np.minimum(people[:, 2:4], 8)) * grid[:, 2:] / 2
    return np.concatenate([middle - half, middle + half, people[:, 4:]], 1)


def kept(boxes: Floats, least: float, overlap: float = 0.5) -> Floats:
    """The best box of each person: hard suppression, best first."""
    boxes = boxes[boxes[:, 4] >= least]
    boxes = boxes[np.argsort(-boxes[:, 4])]
    chosen: list[Floats] = []
    while len(boxes):
        chosen.append(boxes[0])
        boxes = boxes[1:][iou(boxes[:1, :4], boxes[1:, :4])[0] < overlap]
    return np.stack(chosen) if chosen else np.zeros((0, 5), np.float32)


def iou(some: Floats, others: Floats) -> Floats:
    """Intersection over union of every pair, [n, m]."""
    low = np.maximum(some[:, None, :2], others[None, :, :2])
    high = np.minimum(some[:, None, 2:4], others[None, :, 2:4])
    shared = np.prod(np.clip(high - low, 0, None), 2)
    areas = [np.prod(b[:, 2:4] - b[:, :2], 1) for b in (some, others)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-6))
