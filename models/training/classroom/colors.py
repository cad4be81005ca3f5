"""Colors of things, linear RGB: shades of a palette, or any."""

from __future__ import annotations

import numpy as np

from ..human.kinds import Color


def shade(palette: tuple[Color, ...], rng: np.random.Generator) -> Color:
    """One of a palette, a little lighter or darker, a little off."""
    base = np.asarray(palette[int(rng.integers(len(palette)))])
    return _color(base * np.exp(rng.normal(0, 0.12)) * np.exp(rng.normal(0, 0.05, 3)))


def some(rng: np.random.Generator) -> Color:
    """Any color that is not loud."""
    return _color(rng.uniform(0.03, 0.7) * rng.uniform(0.4, 1, 3))


def _color(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Color:
    red, green, blue = (float(v) for v in values)
    return red, green, blue
