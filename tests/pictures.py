"""Luma of made and real rooms, and what can happen to a camera that looks at one. Values 0..255 as float arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from homeroom.picture import Frame
from tests.fakes import T0

Luma = NDArray[np.float64]
NOISE = 1.5  # grey levels: a calm sensor in good light


def room(width: int = 320, height: int = 180) -> Luma:
    """A drawn room: a wall that darkens to one side, windows, a board, rows of desks."""
    wall = np.tile(np.linspace(190.0, 120.0, width), (height, 1))
    wall[height // 2 :] -= 40
    chance = np.random.default_rng(4)
    for column in range(3):
        cv2.rectangle(wall, (10 + column * 34, 12), (34 + column * 34, 60), 240.0, -1)
    cv2.rectangle(wall, (150, 20), (290, 70), 45.0, -1)
    for row in range(4):
        for column in range(6):
            left, top = 12 + column * 52 + row * 3, 92 + row * 22
            cv2.rectangle(wall, (left, top), (left + 34, top + 12), float(chance.integers(50, 220)), -1)
            cv2.line(wall, (left, top + 12), (left, top + 20), 20.0, 1)
    return wall


@cache
def sensor(shape: tuple[int, ...]) -> Luma:
    """The noise of one picture, of deviation 1; rolled on for each next one."""
    return np.random.default_rng(1).normal(0, 1, shape)


def frame(luma: Luma, noise: float = NOISE, seed: int = 0, utc: datetime = T0) -> Frame:
    """A full-range frame of it with a sensor's noise."""
    height, width = luma.shape
    seen = luma + noise * np.roll(sensor(luma.shape), 7 * seed + 1) if noise else luma
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    return Frame("front", utc, np.clip(seen, 0, 255).astype(np.uint8), grey, grey, full_range=True)


def hand(luma: Luma) -> Luma:
    """A hand on the lens: nearly even, lighter where it glows."""
    height, width = luma.shape
    return 65.0 * np.linspace(0.6, 1.3, width)[None, :] * np.linspace(0.7, 1.2, height)[:, None]


def blurred(luma: Luma) -> Luma:
    """Out of focus by a Gaussian of 2 % of the width."""
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), luma.shape[1] / 50), np.float64)


def moved(luma: Luma, *, right: float = 0.0, turned: float = 0.0) -> Luma:
    """The camera moved aside by a share of the width, or turned by degrees."""
    height, width = luma.shape
    by = cv2.getRotationMatrix2D((width / 2, height / 2), turned, 1.0)
    by[0, 2] += right * width
    return np.asarray(cv2.warpAffine(luma, by, (width, height), borderMode=cv2.BORDER_REFLECT), np.float64)


def lit(luma: Luma, left: float, right: float) -> Luma:
    """Other light: so much of the present one at the left, so much at the right."""
    return np.asarray(luma * np.linspace(left, right, luma.shape[1])[None, :], np.float64)


def standing(luma: Luma) -> Luma:
    """Somebody near the camera, over the middle third."""
    height, width = luma.shape
    made = luma.copy()
    made[height // 5 :, width // 3 : 2 * width // 3] = 52
    return made


TAMPERED: Mapping[str, Callable[[Luma], Luma]] = {
    "taped": lambda luma: np.full_like(luma, 70.0),
    "hand": hand,
    "out of focus": blurred,
    "moved aside": lambda luma: moved(luma, right=0.25),
    "turned by 45 degrees": lambda luma: moved(luma, turned=45),
    "upside down": lambda luma: moved(luma, turned=180),
}
HARMLESS: Mapping[str, Callable[[Luma], Luma]] = {
    "as it was": lambda luma: luma,
    "light halved": lambda luma: lit(luma, 0.5, 0.5),
    "light quartered": lambda luma: lit(luma, 0.25, 0.25),
    "more light": lambda luma: lit(luma, 1.6, 1.6),
    "light from the left": lambda luma: lit(luma, 1.5, 0.2),
    "light from the right": lambda luma: lit(luma, 0.3, 1.5),
    "somebody in front": standing,
}
DARK: Mapping[str, Callable[[Luma], Luma]] = {
    "black": np.zeros_like,
    "night": lambda luma: luma * 0.05,
}
