"""What a camera does to a picture: blur, grain, a lens that darkens the corners, white balance, JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def worn(picture: NDArray[np.uint8], rng: np.random.Generator, light: str) -> NDArray[np.uint8]:
    """The picture BGR as some camera would give it; its size stays."""
    h, w = picture.shape[:2]
    out = picture.astype(np.float32) / 255
    out *= np.exp(rng.normal(0, 0.035, 3)).astype(np.float32)
    out = np.clip(out, 0, 1) ** float(np.exp(rng.normal(0, 0.12)))
    if rng.random() < 0.5:
        y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
        out *= (1 - float(rng.uniform(0, 0.25)) * (x**2 + y**2) / 2).astype(np.float32)[..., None]
    if rng.random() < 0.6:
        out = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.3, 1.1)))
    elif rng.random() < 0.4:
        soft = cv2.GaussianBlur(out, (0, 0), 1.2)
        out = out + float(rng.uniform(0.2, 0.8)) * (out - soft)
    grain = float(abs(rng.normal(0, 0.012 if light != "dim" else 0.03)))
    coarse = rng.normal(0, grain, (h, w, 3)).astype(np.float32)
    out = out + (cv2.GaussianBlur(coarse, (0, 0), 0.7) * 1.6 if rng.random() < 0.5 else coarse)
    return np.clip(out * 255, 0, 255).astype(np.uint8)
