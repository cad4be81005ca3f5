"""What one camera makes of a room: white balance, gamma, dark corners; then blur, grain and compression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..teach.light import worn

DIM = 1.6  # times as often blurred, noisy and compressed where it is dim


def taken(picture: NDArray[np.uint8], rng: np.random.Generator, light: str) -> NDArray[np.uint8]:
    """The picture BGR as some camera would give it; its size stays."""
    return worn(developed(picture, rng), rng, DIM if light == "dim" else 1.0)


def developed(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """With the white balance, gamma and dark corners of some camera."""
    h, w = picture.shape[:2]
    out = picture.astype(np.float32) / 255
    out *= np.exp(rng.normal(0, 0.035, 3)).astype(np.float32)
    out = np.clip(out, 0, 1) ** float(np.exp(rng.normal(0, 0.12)))
    if rng.random() < 0.5:
        y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
        out *= (1 - float(rng.uniform(0, 0.25)) * (x**2 + y**2) / 2).astype(np.float32)[..., None]
    return np.clip(out * 255, 0, 255).astype(np.uint8)


def grained(picture: NDArray[np.uint8], seed: int, spread: float) -> NDArray[np.uint8]:
    """With grain of a spread (of 255) that is another for each seed."""
    noise = np.empty(picture.shape[:2], np.int16)
    cv2.setRNGSeed(seed)
    cv2.randn(noise, 0, spread)
    return np.clip(picture + noise[..., None], 0, 255).astype(np.uint8)
