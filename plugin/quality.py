"""How good a picture is to look at: light, contrast, sharpness, and a sketch by which two pictures are compared."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from .picture import Frame, Plane

SKETCH = (32, 18)  # columns, rows: enough to tell a view from another, too few to tell a person from another


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one picture's luma, all 0..1 where 1 is full scale (255, or 16..235 stretched to it).

    `brightness` is the mean, `contrast` the standard deviation (0.5 at most), `sharpness` the mean absolute
    Laplacian of the sketch's four-fold enlargement (0 for a covered lens). `sketch` is the luma as (18, 32) uint8.
    """

    brightness: float
    contrast: float
    sharpness: float
    sketch: NDArray[np.uint8] = field(repr=False, compare=False)

    def difference(self, other: Quality) -> float:
        """Mean absolute difference of the two sketches, each less its own mean, 0..1: a change of light alone is 0."""
        mine, theirs = (one.sketch.astype(np.float32) - float(one.sketch.mean()) for one in (self, other))
        return float(np.abs(mine - theirs).mean()) / 255


def measure(frame: Frame) -> Quality:
    """Looks at a frame's luma; a fraction of a millisecond for any size."""
    columns, rows = SKETCH
    small = _shrunk(frame, columns * 4, rows * 4)
    sketch = np.asarray(cv2.resize(small, SKETCH, interpolation=cv2.INTER_AREA), np.uint8)
    edges = cv2.Laplacian(small, cv2.CV_32F)
    return Quality(
        brightness=float(small.mean()) / 255,
        contrast=float(small.std()) / 255,
        sharpness=float(np.abs(edges).mean()) / 255,
        sketch=sketch,
    )


def _shrunk(frame: Frame, width: int, height: int) -> Plane:
    """The luma at full range, scaled down over a few pixels each, since an average over all of them costs too much."""
    step_x, step_y = max(1, frame.width // (width * 2)), max(1, frame.height // (height * 2))
    small = cv2.resize(frame.y[::step_y, ::step_x], (width, height), interpolation=cv2.INTER_AREA)
    if not frame.full_range:  # ITU-R BT.601: luma 16..235
        small = cv2.convertScaleAbs(cv2.subtract(small, 16), alpha=255 / 219)  # type: ignore[call-overload]
    return np.asarray(small, np.uint8)
