"""Soft non-maximum suppression: a likely box casts doubt on those that it overlaps (Bodla et al., 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def overlaps(boxes: Floats) -> Floats:
    """Intersection over union, (n, n), of boxes (n, 4) as left, top, right, bottom; 0 where nothing is covered."""
    left, top, right, bottom = boxes.T[:, :, None]
    width = np.minimum(right, right.T) - np.maximum(left, left.T)
    height = np.minimum(bottom, bottom.T) - np.maximum(top, top.T)
    both = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    area = (right - left) * (bottom - top)
    union = area + area.T - both
    shares: Floats = np.divide(both, union, out=np.zeros_like(both), where=union > 0)
    return shares


def soft_nms(boxes: Floats, scores: Floats, sigma: float, floor: float) -> list[tuple[int, float]]:
    """Index and remaining score of the boxes (n, 4) that keep at least `floor`, likeliest first.

    A box that overlaps a likelier one by IoU o has its score multiplied by exp(-o^2 / sigma). Everything is finite.
    """
    doubts = np.exp(-(overlaps(boxes) ** 2) / max(sigma, 1e-6))
    left = scores.astype(np.float64)
    kept: list[tuple[int, float]] = []
    for _ in range(len(left)):
        best = int(left.argmax())
        score = float(left[best])
        if score < floor or score <= 0:
            break
        kept.append((best, score))
        left *= doubts[best]
        left[best] = -1.0
    return kept
