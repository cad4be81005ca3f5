"""Boxes and polygons in picture coordinates: 0..1, origin top left, x to the right, y down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Polygon = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle; edges as shares of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width as a share of the picture's width."""
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        """Height as a share of the picture's height."""
        return max(0.0, self.bottom - self.top)

    @property
    def area(self) -> float:
        """Share of the picture that the box covers."""
        return self.width * self.height

    @property
    def center(self) -> Point:
        """Middle of the box."""
        return ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def clipped(self) -> Box:
        """The part of the box that lies inside the picture."""
        return Box(
            min(max(self.left, 0.0), 1.0),
            min(max(self.top, 0.0), 1.0),
            min(max(self.right, 0.0), 1.0),
            min(max(self.bottom, 0.0), 1.0),
        )

    def intersection(self, other: Box) -> float:
        """Area that both boxes cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        both = self.intersection(other)
        union = self.area + other.area - both
        return both / union if union > 0 else 0.0

    def widened(self, share: float) -> Box:
        """The box made wider by `share` of its width on each side."""
        by = self.width * share
        return Box(self.left - by, self.top, self.right + by, self.bottom)


def around(box: Box) -> Polygon:
    """The box as a polygon."""
    return ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether the point lies inside the polygon (even-odd rule)."""
    x, y = point
    inside = False
    x1, y1 = polygon[-1]
    for x2, y2 in polygon:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
        x1, y1 = x2, y2
    return inside


def area(polygon: Sequence[Point]) -> float:
    """Area of a polygon that does not cross itself (shoelace formula)."""
    total = 0.0
    x1, y1 = polygon[-1]
    for x2, y2 in polygon:
        total += x1 * y2 - x2 * y1
        x1, y1 = x2, y2
    return abs(total) / 2


def clip(polygon: Sequence[Point], box: Box) -> Polygon:
    """The part of a polygon inside a box (Sutherland-Hodgman, 1974)."""
    points = tuple(polygon)
    for axis, edge, keep_above in (
        (0, box.left, True),
        (0, box.right, False),
        (1, box.top, True),
        (1, box.bottom, False),
    ):
        kept: list[Point] = []
        for previous, current in zip((points[-1:] + points[:-1]), points, strict=True):
            before = (previous[axis] >= edge) == keep_above or previous[axis] == edge
            after = (current[axis] >= edge) == keep_above or current[axis] == edge
            if before != after:
                share = (edge - previous[axis]) / (current[axis] - previous[axis])
                kept.append(
                    (
                        previous[0] + share * (current[0] - previous[0]),
                        previous[1] + share * (current[1] - previous[1]),
                    )
                )
            if after:
                kept.append(current)
        points = tuple(kept)
        if not points:
            return ()
    return points


def share_inside(box: Box, polygon: Sequence[Point]) -> float:
    """Share of the box that lies inside the polygon, 0..1."""
    if box.area <= 0:
        return 0.0
    inside = clip(polygon, box)
    return area(inside) / box.area if len(inside) > 2 else 0.0
