"""Anti-aliased shapes on a picture, in units of a 1600x900 drawing; what the drawn classrooms are made with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Color = tuple[float, float, float]  # BGR, 0..255
Points = NDArray[np.float64]  # (n, 2), x and y in drawing units

WIDTH, HEIGHT = 1600, 900
_SHIFT = 5  # bits of a pixel's fraction that cv2 draws with


def shade(color: Color, by: float) -> Color:
    """The color made darker (by < 1) or lighter (by > 1), each channel kept in 0..255."""
    if by <= 1:
        return (color[0] * by, color[1] * by, color[2] * by)
    return mix(color, (255, 255, 255), min(1.0, by - 1))


def mix(one: Color, other: Color, share: float) -> Color:
    """`share` of the other color in the one, 0..1."""
    b, g, r = (a + (c - a) * share for a, c in zip(one, other, strict=True))
    return (b, g, r)


@cache
def _circle(count: int) -> Points:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn)], 1)


def ellipse_points(center: ArrayLike, radii: ArrayLike, angle: float = 0.0, count: int = 40) -> Points:
    """Outline of an ellipse turned by `angle` degrees."""
    outline = _circle(count) * np.asarray(radii, float)
    if angle:
        a = math.radians(angle)
        outline = outline @ np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    return np.asarray(outline + np.asarray(center, float))


def smooth(points: ArrayLike, rounds: int = 3) -> Points:
    """A closed polygon with its corners cut round (Chaikin, 1974)."""
    outline = np.asarray(points, float)
    for _ in range(rounds):
        following = np.roll(outline, -1, axis=0)
        outline = np.stack([0.75 * outline + 0.25 * following, 0.25 * outline + 0.75 * following], 1).reshape(-1, 2)
    return outline


def limb(start: ArrayLike, end: ArrayLike, thick: float, thin: float, count: int = 20) -> Points:
    """Outline of a round-ended limb, `thick` and `thin` being its half widths at start and end."""
    circle = _circle(count)
    ends = np.concatenate([circle * thick + np.asarray(start, float), circle * thin + np.asarray(end, float)])
    hull: Points = cv2.convexHull(ends.astype(np.float32)).reshape(-1, 2).astype(np.float64)
    return hull


class Canvas:
    """A BGR picture (uint8) seen through a view: drawing units times `zoom`, moved by `shift` (drawing units)."""

    def __init__(self, width: int, height: int, zoom: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> None:
        self.image = np.zeros((height, width, 3), np.uint8)
        self._scale = np.array([width / WIDTH, height / HEIGHT]) * zoom
        self._offset = np.array([width, height]) / 2 - self._scale * (np.array([WIDTH, HEIGHT]) / 2 - np.array(shift))

    def to_pixels(self, points: ArrayLike) -> Points:
        """Drawing units to pixels."""
        return np.asarray(np.asarray(points, float).reshape(-1, 2) * self._scale + self._offset)

    def polygon(self, points: ArrayLike, color: Color, alpha: float = 1.0) -> None:
        """A filled polygon, laid over with opacity `alpha`."""
        pixels = self.to_pixels(points)
        fixed = np.round((pixels - 0.5) * (1 << _SHIFT)).astype(np.int32)
        if alpha >= 1:
            cv2.fillPoly(self.image, [fixed], color, cv2.LINE_AA, _SHIFT)
            return
        height, width = self.image.shape[:2]
        left, top = np.clip(np.floor(pixels.min(0)).astype(int) - 1, 0, (width, height))
        right, bottom = np.clip(np.ceil(pixels.max(0)).astype(int) + 1, 0, (width, height))
        if left >= right or top >= bottom:
            return
        below = self.image[top:bottom, left:right]
        above = below.copy()
        cv2.fillPoly(above, [fixed - np.array([left, top], np.int32) * (1 << _SHIFT)], color, cv2.LINE_AA, _SHIFT)
        cv2.addWeighted(above, alpha, below, 1 - alpha, 0, dst=below)

    def rectangle(self, left: float, top: float, right: float, bottom: float, color: Color, alpha: float = 1.0) -> None:
        """A filled upright rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], color, alpha)

    def ellipse(
        self, center: ArrayLike, radii: ArrayLike, color: Color, angle: float = 0.0, alpha: float = 1.0
    ) -> None:
        """A filled ellipse turned by `angle` degrees."""
        self.polygon(ellipse_points(center, radii, angle), color, alpha)

    def stroke(self, points: Sequence[ArrayLike], color: Color, width: float, alpha: float = 1.0) -> None:
        """A line through the points, `width` units wide, with round ends and joints."""
        for start, end in pairwise(points):
            self.polygon(limb(start, end, width / 2, width / 2, 12), color, alpha)

    def gradient(self, top: float, bottom: float, upper: Color, lower: Color) -> None:
        """Fills the rows between two heights (drawing units) with a vertical change of color."""
        first, last = (round(float(y)) for y in self.to_pixels([(0, top), (0, bottom)])[:, 1])
        rows = np.arange(max(0, first), min(self.image.shape[0], last))
        if not len(rows):
            return
        share = ((rows - first) / max(1, last - first))[:, None, None]
        self.image[rows] = np.asarray(upper) + (np.asarray(lower) - np.asarray(upper)) * share
