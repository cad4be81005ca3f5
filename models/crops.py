"""Squares around people, cut out of a frame for a network that looks at one person each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from homeroom.geometry import Box
from homeroom.picture import Frame, Plane, halved

from .letterbox import COLORLESS, GREY

MARGIN = 1.2  # side of a square in longer sides of the box
ALIASING = 0.5  # below this scale linear interpolation leaves pixels out

# From luma and chroma to blue, green, red (ITU-R BT.601): studio range, and full range as in JPEG.
STUDIO = np.array([[1.164383, 2.017232, 0.0], [1.164383, -0.391762, -0.812968], [1.164383, 0.0, 1.596027]])
FULL = np.array([[1.0, 1.772, 0.0], [1.0, -0.344136, -0.714136], [1.0, 0.0, 1.402]])
BLACK = 16  # luma of black in studio range


@dataclass(frozen=True, slots=True)
class Square:
    """A square of a frame, in pixels; it may reach beyond the frame."""

    left: float
    top: float
    side: float

    @property
    def halved(self) -> Square:
        """The same square in planes of half the size."""
        return Square(self.left / 2, self.top / 2, self.side / 2)


def square(box: Box, frame: Frame) -> Square:
    """The square around a box: its middle the same, its side 1.2 times the longer side of the box."""
    x, y = box.center
    side = MARGIN * max(box.width * frame.width, box.height * frame.height)
    return Square(x * frame.width - side / 2, y * frame.height - side / 2, side)


def cut(frame: Frame, where: Square, size: int) -> NDArray[np.uint8]:
    """The square as (size, size, 3) blue, green, red; grey where it lies outside of the frame.

    Chroma is brought to the full size before colours are mixed, so that small crops keep theirs.
    """
    half = where.halved
    planes = [_scaled(frame.y, where, size, GREY)]
    planes += [_scaled(plane, half, size, COLORLESS) for plane in (frame.u, frame.v)]
    matrix, black = (FULL, 0) if frame.full_range else (STUDIO, BLACK)
    offset = -matrix @ (black, COLORLESS, COLORLESS)
    return np.asarray(cv2.transform(cv2.merge(planes), np.column_stack([matrix, offset])), np.uint8)


def _scaled(plane: Plane, where: Square, size: int, outside: int) -> Plane:
    """The square of one plane as (size, size), middles of pixels onto middles of pixels."""
    scale, left, top = size / where.side, where.left, where.top
    if scale < ALIASING:
        x, y = max(0, int(left)), max(0, int(top))
        plane = plane[y : int(np.ceil(top + where.side)) + 1, x : int(np.ceil(left + where.side)) + 1]
        left, top = left - x, top - y
        while scale < ALIASING and min(plane.shape) >= 2:
            plane, scale, left, top = halved(plane), 2 * scale, left / 2, top / 2
    matrix = np.array([[scale, 0, (scale - 1) / 2 - left * scale], [0, scale, (scale - 1) / 2 - top * scale]])
    seen = cv2.warpAffine(plane, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=outside)
    return np.asarray(seen, np.uint8)
