"""How good a picture is to look at: light, contrast, sharpness, a sketch of the view, prints that tell a repeat."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from .picture import Frame, Plane

SKETCH = (32, 18)  # columns, rows: enough to tell a view from another, too few to tell a person from another
SAMPLES = 8  # pixels a side that stand for each cell of the sketch in its print
_WEIGHTS = np.random.default_rng(0).integers(0, 2**32, (SAMPLES, SAMPLES), np.uint32) | 1  # odd: each pixel counts
FAINT = 1e-3  # less contrast than a quarter of a grey level tells nothing of sharpness


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one picture's luma, all 0..1 where 1 is full scale (255, or 16..235 stretched to it).

    `brightness` is the mean, `contrast` the standard deviation (0.5 at most), `sharpness` the mean absolute
    Laplacian of the sketch's four-fold enlargement (0 for a covered lens). `sketch` is the luma as (18, 32) uint8;
    `prints` are check sums of pixels in each of its cells, (18, 32) uint32: sensor noise alone changes them all.
    """

    brightness: float
    contrast: float
    sharpness: float
    sketch: NDArray[np.uint8] = field(repr=False, compare=False)
    prints: NDArray[np.uint32] = field(repr=False, compare=False)

    @property
    def detail(self) -> float:
        """Sharpness over contrast: what focus gives and more or less light does not change."""
        return self.sharpness / max(self.contrast, FAINT)

    def edges(self) -> NDArray[np.float32]:
        """Where the sketch gets lighter and darker, as one vector (1152,) of length 1; of length 0 for a flat one.

        Two views' cosine is 1 for the same view in any even light, about 0 for another.
        """
        down, across = np.gradient(self.sketch.astype(np.float32))
        both = np.concatenate([down.ravel(), across.ravel()])
        length = float(np.linalg.norm(both))
        return np.asarray(both / length if length else both, np.float32)

    def repeated(self, other: Quality) -> float:
        """The share of cells whose pixels are exactly those of the other picture, 0..1."""
        return float((self.prints == other.prints).mean())


def measure(frame: Frame) -> Quality:
    """Looks at a frame's luma; under a millisecond for any size."""
    columns, rows = SKETCH
    small = _shrunk(frame, columns * 4, rows * 4)
    edges = cv2.Laplacian(small, cv2.CV_32F)
    return Quality(
        brightness=float(small.mean()) / 255,
        contrast=float(small.std()) / 255,
        sharpness=float(np.abs(edges).mean()) / 255,
        sketch=np.asarray(cv2.resize(small, SKETCH, interpolation=cv2.INTER_AREA), np.uint8),
        prints=_prints(frame.y),
    )


def _prints(luma: Plane) -> NDArray[np.uint32]:
    """Check sums over pixels as they are, since an average over many would hide the noise that proves a new picture."""
    columns, rows = SKETCH
    down = np.linspace(0, luma.shape[0] - 1, rows * SAMPLES).astype(np.intp)
    across = np.linspace(0, luma.shape[1] - 1, columns * SAMPLES).astype(np.intp)
    cells = luma[np.ix_(down, across)].reshape(rows, SAMPLES, columns, SAMPLES)
    return np.asarray(np.einsum("ricj,ij->rc", cells.astype(np.uint32), _WEIGHTS), np.uint32)


def _shrunk(frame: Frame, width: int, height: int) -> Plane:
    """The luma at full range, scaled down over a few pixels each, since an average over all of them costs too much."""
    step_x, step_y = max(1, frame.width // (width * 2)), max(1, frame.height // (height * 2))
    small = cv2.resize(frame.y[::step_y, ::step_x], (width, height), interpolation=cv2.INTER_AREA)
    if not frame.full_range:  # ITU-R BT.601: luma 16..235
        small = cv2.convertScaleAbs(cv2.subtract(small, 16), alpha=255 / 219)  # type: ignore[call-overload]
    return np.asarray(small, np.uint8)
