"""Angles, rotations and the two-bone chain: the arithmetic of a skeleton."""

from __future__ import annotations

import numpy as np

from .kinds import Array


def about(axis: int, degrees: float) -> Array:
    """The rotation (3,3) by `degrees` about axis 0, 1 or 2, right-handed."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    m = np.eye(3)
    m[i, i], m[i, j], m[j, i], m[j, j] = c, -s, s, c
    return m


def facing(yaw: float, pitch: float, roll: float = 0.0) -> Array:
    """The columns (left, back, up) of a head that looks `yaw` degrees to its left, `pitch` up, and tilts left."""
    return about(2, yaw) @ about(0, -pitch) @ about(1, roll)


def unit(v: Array) -> Array:
    """The vector, or the vectors along the last axis, at length one."""
    v = np.asarray(v, float)
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def frame(forward: Array, up: Array) -> Array:
    """Columns (left, back, up): back against `forward`, up as near to `up` as that allows."""
    back = -unit(forward)
    left = unit(np.cross(back, up))
    return np.stack([left, back, np.cross(left, back)], 1)


def grasp(fingers: Array, palm: Array) -> Array:
    """The columns of a hand's frame: across the palm, along the fingers, out of its back."""
    return np.stack([np.cross(palm, fingers), fingers, -palm], 1)


def chain(root: Array, tip: Array, upper: float, lower: float, wanted: Array) -> tuple[Array, Array]:
    """The middle joint and the tip of two bones from `root`, bent towards `wanted`; a tip out of reach is drawn in."""
    line = tip - root
    length = float(np.linalg.norm(line))
    reach = np.clip(length, abs(upper - lower) + 1e-3, (upper + lower) * 0.999)
    axis = line / max(length, 1e-9)
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    out = np.sqrt(max(upper**2 - along**2, 0.0))
    side = wanted - root
    side = side - axis * (side @ axis)
    if float(np.linalg.norm(side)) < 1e-6:
        side = np.cross(axis, (0.3, 0.5, 0.8))
    return root + axis * along + unit(side) * out, root + axis * reach


def circle(root: Array, tip: Array, upper: float, lower: float, count: int = 48) -> Array:
    """The places (count,3) that the middle joint of a two-bone chain can take."""
    axis = unit(tip - root)
    first = unit(np.cross(axis, (0.31, 0.59, 0.74)))
    second = np.cross(axis, first)
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    return np.stack([chain(root, tip, upper, lower, root + way)[0] for way in ring])
