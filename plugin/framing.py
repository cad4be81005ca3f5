"""Frames around people: whether what shows somebody hangs on a wall, by the four straight edges around it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import Box

EDGE = 3.0  # luma a pixel, of 255: a frame's edge is 10 and more, noise after smoothing under 2
TILTS = np.array(sorted(np.linspace(-0.2, 0.2, 25), key=abs))  # the least first; a picture on a side wall has some
OUT, IN = 0.6, 0.15  # how far a side may lie outside and inside of a person's box, as shares of its width or height
CHEST = 0.4  # upper share of a box that holds head and chest; a network's box goes on to where it takes legs to be
BEST = 4  # candidates for each side
APART = 3.0  # pixels between two of them
SAMPLES = 33  # along a side

Mask = NDArray[np.bool_]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Line:
    """A side: where it is across, at `along` = 0, and how far it goes across with each pixel along."""

    offset: float
    tilt: float


def framed(view: NDArray[np.uint8], box: Box) -> float:
    """How much there is of the weakest side of the best frame around a person, 0..1.

    `view` is luma, (rows, columns). A frame is four straight edges, each a little tilted at most, that end where they
    meet, around head and chest. Who sits before a door or a window covers a part of its edges.
    """
    smooth = cv2.GaussianBlur(view.astype(np.float32), (0, 0), 1.0)
    across, down = (np.abs(cv2.Sobel(smooth, cv2.CV_32F, *order) / 8) for order in ((1, 0), (0, 1)))
    upright = _wide((across > EDGE) & (across >= down), (1, 3))
    level = _wide((down > EDGE) & (down >= across), (3, 1))
    rows, columns = view.shape
    left, right, top = box.left * columns, box.right * columns, box.top * rows
    wide, tall = right - left, box.height * rows
    chest = top + CHEST * tall
    sides = (
        _lines(upright, (top, chest), (left - OUT * wide, left + IN * wide)),
        _lines(upright, (top, chest), (right - IN * wide, right + OUT * wide)),
        _lines(level.T, (left, right), (top - OUT * tall, top + IN * tall)),
        _lines(level.T, (left, right), (chest, top + (1 + OUT / 2) * tall)),
    )
    return max((_weakest(upright, level, *quad) for quad in product(*sides)), default=0.0)


def _wide(mask: NDArray[np.bool_], by: tuple[int, int]) -> Mask:
    """An edge that is a pixel off still counts."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones(by, np.uint8)) > 0, np.bool_)


def _lines(mask: Mask, along: Range, across: Range) -> list[_Line]:
    """The straight lines with most edge on them between two ends `along` (rows of the mask)."""
    at = np.linspace(*along, SAMPLES)
    middle = (along[0] + along[1]) / 2
    offsets = np.arange(*across)
    where = offsets[:, None, None] + TILTS[None, :, None] * (at - middle)[None, None, :]
    found = _hit(mask, np.broadcast_to(at, where.shape), where).mean(axis=2)
    best = found.max(axis=1)
    tilts = TILTS[found.argmax(axis=1)]
    chosen: list[_Line] = []
    taken: list[float] = []
    for number in np.argsort(-best, kind="stable"):
        if len(chosen) == BEST:
            break
        offset, tilt = float(offsets[number]), float(tilts[number])
        if all(abs(offset - other) >= APART for other in taken):
            taken.append(offset)
            chosen.append(_Line(offset - tilt * middle, tilt))
    return chosen


def _hit(mask: Mask, along: NDArray[np.float64], across: NDArray[np.float64]) -> Mask:
    """Whether there is an edge at points of the mask (rows `along`, columns `across`); outside there is none."""
    row, column = np.rint(along).astype(np.intp), np.rint(across).astype(np.intp)
    inside = (row >= 0) & (row < mask.shape[0]) & (column >= 0) & (column < mask.shape[1])
    found = mask[row.clip(0, mask.shape[0] - 1), column.clip(0, mask.shape[1] - 1)]
    return np.asarray(inside & found, np.bool_)


def _weakest(upright: Mask, level: Mask, left: _Line, right: _Line, top: _Line, bottom: _Line) -> float:
    """Least share of a side, between its corners, that has an edge."""
    a, b, c, d = _corner(left, top), _corner(right, top), _corner(right, bottom), _corner(left, bottom)
    if min(b[0] - a[0], c[0] - d[0], c[1] - b[1], d[1] - a[1]) <= 0:
        return 0.0
    shares = []
    for mask, one, other in ((upright, a, d), (upright, b, c), (level, a, b), (level, d, c)):
        x, y = (np.linspace(one[axis], other[axis], SAMPLES) for axis in (0, 1))
        shares.append(float(_hit(mask, y, x).mean()))
    return min(shares)


def _corner(upright: _Line, level: _Line) -> tuple[float, float]:
    """Where x = offset + tilt y of the one meets y = offset + tilt x of the other: x, y."""
    x = (upright.offset + upright.tilt * level.offset) / (1 - upright.tilt * level.tilt)
    return x, level.offset + level.tilt * x
