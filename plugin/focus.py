"""How wide the edges of a picture are: out of focus, a dirty dome, or a stream of too few pixels, as one length."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .picture import Plane

AGAIN = 1.5  # pixels of Gaussian blur that edges are compared under
QUIET = 0.7  # pixels of blur first of all, so that noise makes no edges
STEEP = 8.0  # Sobel's sum, of luma 0..255; less is no edge
FEW = 50  # edge pixels; with fewer there is nothing to measure

Floats = NDArray[np.float32]


def edge_width(luma: Plane) -> float | None:
    """Blur of the picture's sharper edges as a Gaussian's sigma in pixels; None where it has no edges.

    An edge is blurred once more and loses steepness, the less the wider it was: R = sqrt(s^2 + a^2) / s, so
    s = a / sqrt(R^2 - 1) for added blur a (Zhuo and Sim, 2011, "Defocus map estimation from a single image", eq. 6).
    The lower quartile over edges, since some things are soft in the sharpest picture.
    """
    view = _blurred(luma.astype(np.float32), QUIET)
    steep, softer = _gradient(view), _gradient(_blurred(view, AGAIN))
    ridge = steep >= cv2.dilate(steep, np.ones((3, 3), np.uint8)) - 1e-3
    edges = ridge & (steep >= STEEP) & (steep >= np.quantile(steep, 0.95))
    if edges.sum() < FEW:
        return None
    ratio = steep[edges] / np.maximum(softer[edges], 1e-6)
    width = AGAIN / np.sqrt(np.maximum(ratio**2 - 1, 1e-2))
    return float(np.quantile(np.sqrt(np.maximum(width**2 - QUIET**2, 0)), 0.25))


def _blurred(view: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(view, (0, 0), sigma), np.float32)


def _gradient(view: Floats) -> Floats:
    return np.asarray(np.hypot(cv2.Sobel(view, cv2.CV_32F, 1, 0), cv2.Sobel(view, cv2.CV_32F, 0, 1)), np.float32)
