"""What cameras do to pictures: exposure, colour, blur, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # height x width x BGR


def tinted(picture: Picture, rng: np.random.Generator, strength: float = 1.0) -> Picture:
    """Another gamma, gain, contrast, white balance and saturation; now and then grey, or colours turned about."""
    gamma = np.exp(rng.normal(0, 0.35 * strength))
    gain = np.exp(rng.normal(0, 0.2 * strength))
    lift = rng.normal(0, 0.06 * strength)
    balance = np.exp(rng.normal(0, 0.1 * strength, 3))
    steps = np.arange(256, dtype=np.float32) / 255
    curves = [np.clip((steps**gamma * gain * b + lift) * 255, 0, 255).astype(np.uint8) for b in balance]
    out = cv2.LUT(picture, np.stack(curves, 1)[None])
    choice = rng.random()
    if choice < 0.12:
        out = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    elif choice < 0.6:
        hsv = cv2.cvtColor(out, cv2.COLOR_BGR2HSV)
        turn = rng.normal(0, 8 * strength) if rng.random() < 0.7 else rng.uniform(0, 180)
        hsv[..., 0] = (hsv[..., 0].astype(np.float32) + turn) % 180
        hsv[..., 1] = np.clip(hsv[..., 1] * np.exp(rng.normal(0, 0.35 * strength)), 0, 255)
        out = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    return np.asarray(out, np.uint8)


def worn(picture: Picture, rng: np.random.Generator, strength: float = 1.0) -> Picture:
    """Blurred, small and enlarged again, noisy, compressed: each now and then."""
    out = picture
    height, width = out.shape[:2]
    if rng.random() < 0.3 * strength:
        scale = rng.uniform(0.35, 0.9)
        size = (max(8, int(width * scale)), max(8, int(height * scale)))
        out = cv2.resize(cv2.resize(out, size, interpolation=cv2.INTER_AREA), (width, height))
    if rng.random() < 0.25 * strength:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 1.4))
    if rng.random() < 0.1 * strength:
        out = cv2.addWeighted(out, 2.0, cv2.GaussianBlur(out, (0, 0), 1.2), -1.0, 0)
    if rng.random() < 0.35 * strength:
        noise = np.empty(out.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(noise, 0, float(rng.uniform(1, 12)))
        out = np.clip(out.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.35 * strength:
        _, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 92))])
        out = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.asarray(out, np.uint8)
