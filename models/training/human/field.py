"""Signed distance fields of round cones and ellipsoids, smoothly joined, and the surface of such a field.

Formulas: capsule of linearly changing radius, ellipsoid by the first-order bound k0 (k0 - 1) / k1, and the quadratic
polynomial smooth minimum, all as collected by Inigo Quilez (https://iquilezles.org/articles/distfunctions/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom
from skimage.measure import marching_cubes

from .kinds import Array

Points = NDArray[np.float32]
Distance = Callable[[Points], NDArray[np.float32]]
COARSE = 4  # fine cells along the side of a coarse one


@dataclass
class Field:
    """Shapes joined in the order in which they were added, each with the radius `blend` of its joint, and a label."""

    blend: float = 0.03
    shapes: list[tuple[Distance, float, int]] = field(default_factory=list)

    def cone(self, a: Array, b: Array, ra: float, rb: float, *, label: int = 0, blend: float | None = None) -> None:
        """Adds a round cone from a to b (metres)."""
        start = np.asarray(a, np.float32)
        axis = np.asarray(b, np.float32) - start
        square = max(float(axis @ axis), 1e-9)

        def distance(p: Points) -> NDArray[np.float32]:
            q = p - start
            t = np.clip(q @ axis / square, 0.0, 1.0)
            q -= t[:, None] * axis
            return np.sqrt(np.einsum("ij,ij->i", q, q)) - (ra + t * (rb - ra))

        self.shapes.append((distance, self.blend if blend is None else blend, label))

    def ellipsoid(
        self,
        center: Array,
        radii: tuple[float, float, float],
        turn: Array | None = None,
        *,
        label: int = 0,
        blend: float | None = None,
    ) -> None:
        """Adds an ellipsoid whose axes are the columns of `turn`."""
        middle = np.asarray(center, np.float32)
        axes = np.eye(3, dtype=np.float32) if turn is None else np.asarray(turn, np.float32)
        inverse = (1.0 / np.asarray(radii)).astype(np.float32)

        def distance(p: Points) -> NDArray[np.float32]:
            q = ((p - middle) @ axes) * inverse
            k0 = np.sqrt(np.einsum("ij,ij->i", q, q)) + 1e-6
            q *= inverse
            k1 = np.sqrt(np.einsum("ij,ij->i", q, q)) + 1e-6
            return k0 * (k0 - 1.0) / k1

        self.shapes.append((distance, self.blend if blend is None else blend, label))

    def __call__(self, p: Points) -> NDArray[np.float32]:
        """The distance of points (n,3), negative inside. A shape with a negative blend is carved out."""
        total: NDArray[np.float32] | None = None
        for shape, k, _ in self.shapes:
            d = shape(p)
            if total is None:
                total = d
            elif k < 0:
                h = np.maximum(-k - np.abs(total + d), 0.0)
                total = np.maximum(total, -d) + h * h * (0.25 / -k)
            else:
                h = np.maximum(k - np.abs(total - d), 0.0)
                total = np.minimum(total, d) - h * h * (0.25 / k)
        if total is None:
            raise ValueError("an empty field has no surface")
        return total

    def nearest(self, p: Points, count: int) -> NDArray[np.float32]:
        """For each label below `count` the distance (count, n) of its nearest shape."""
        out = np.full((count, len(p)), np.inf, np.float32)
        for shape, _, label in self.shapes:
            out[label] = np.minimum(out[label], shape(p))
        return out


def surface(distance: Distance, low: Array, high: Array, step: float) -> tuple[Points, NDArray[np.int32]]:
    """Vertices (n,3) and faces (m,3), wound outwards, of the zero set within a box, on a grid of `step` metres.

    The field is evaluated on a grid `COARSE` times wider first, and finely only near the surface.
    """
    cells = np.ceil((np.asarray(high) - low) / (step * COARSE)).astype(int)
    wide = [
        np.arange(n + 1, dtype=np.float32) * np.float32(step * COARSE) + np.float32(o)
        for n, o in zip(cells, low, strict=True)
    ]
    grid = np.stack(np.meshgrid(*wide, indexing="ij"), -1)
    coarse = distance(grid.reshape(-1, 3)).reshape(grid.shape[:3])
    shape = tuple(int(n) * COARSE + 1 for n in cells)
    fine = zoom(coarse, [s / c for s, c in zip(shape, coarse.shape, strict=True)], order=1, grid_mode=False)
    near = np.abs(fine) < step * COARSE
    index = np.argwhere(near)
    fine[near] = distance((index * step + low).astype(np.float32))
    least = np.float32(0.15 * step)  # a corner on the surface would make slivers, whose normals are chance
    fine = np.where(np.abs(fine) < least, np.copysign(least, fine), fine)
    vertices, faces, _, _ = marching_cubes(fine, 0.0)
    return (vertices * step + low).astype(np.float32), faces.astype(np.int32)


def box(points: Array, margin: float) -> tuple[Array, Array]:
    """The corners of the box around points (n,3), widened by `margin` metres."""
    return points.min(0) - margin, points.max(0) + margin
