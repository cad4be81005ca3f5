"""The colors of a top: its pattern over the cloth's own coordinates, plackets, necklines and prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .kinds import Array, Traits
from .noise import noise


def paint(traits: Traits, rest: Array, local: Array, body: Array, down: list[Array], end: float) -> Array:
    """The colors (n,3) of a top's vertices.

    `rest` (n,3): cloth coordinates in metres (x around, z along); `local` (n,3): in the chest's frame from the neck;
    `body` (n,): on the trunk; `down`: how far down each arm a vertex lies, in bones; `end`: where sleeves end.
    """
    ground, figure, trim = (np.asarray(c) for c in traits.colors)
    rng = np.random.default_rng(traits.seed + 100)
    share = _figure(traits, rng, rest, local, body)
    color = ground * (1 - share[:, None]) + figure * share[:, None]
    chest = body & (local[:, 1] < -0.02)
    x, z = local[:, 0], local[:, 2]
    if traits.top in ("shirt", "polo"):
        placket = chest & (np.abs(x) < 0.014) & (z > (-0.9 if traits.top == "shirt" else -0.2))
        color = np.where(placket[:, None], color * 0.86, color)
        button = chest & (np.abs(x) < 0.007) & (np.abs((z / 0.08) % 1 - 0.5) < 0.08)
        color = np.where(button[:, None], np.array([0.5, 0.5, 0.47]), color)
    if traits.top in ("jacket", "cardigan"):
        half = 0.02 + np.clip(z + 0.42, 0, 0.5) * (0.12 if traits.top == "jacket" else 0.2)
        inner = chest & (np.abs(x) < half)
        color = np.where(inner[:, None], trim, color)
        color = np.where((chest & (np.abs(np.abs(x) - half) < 0.010))[:, None], ground * 0.55, color)
    if traits.top == "vneck":
        inside = chest & (np.abs(x) < 0.075 + z * 0.55) & (z > -0.14)
        color = np.where(inside[:, None], np.asarray(traits.tone) if rng.random() < 0.5 else trim, color)
    if traits.top == "hood":
        cords = chest & (np.abs(np.abs(x) - 0.035) < 0.005) & (z > -0.19)
        color = np.where(cords[:, None], np.maximum(trim, 0.3), color)
        pocket = chest & (np.abs(np.abs(x) - 0.1 - (z + 0.4) * 0.4) < 0.006) & (z < -0.3)
        color = np.where(pocket[:, None], color * 0.5, color)
    if traits.pattern == "raglan":
        sleeve = ~body & (np.minimum(down[0], down[1]) < end + 9)
        color = np.where(sleeve[:, None], figure, color)
    return np.asarray(color)


@dataclass(frozen=True)
class Cloth:
    """Where the vertices of a top lie on its cloth (n,): around and along it in metres, and the chest's x, y, z."""

    around: Array
    along: Array
    rest: Array
    local: Array
    body: Array
    size: float  # of a repeat, in metres
    seed: int
    rng: np.random.Generator


def _figure(traits: Traits, rng: np.random.Generator, rest: Array, local: Array, body: Array) -> Array:
    x, y, z = rest.T
    around = np.where(body, np.arctan2(x, -y + 1e-6) * 0.15, x)
    make = FIGURES.get(traits.pattern)
    cloth = Cloth(around, z, rest, local, body, float(rng.uniform(0.05, 0.1)), traits.seed, rng)
    return np.zeros(len(rest)) if make is None else np.asarray(make(cloth), float)


def _stripes(c: Cloth) -> Array:
    return np.sin(c.along * 2 * np.pi / c.size) > c.rng.uniform(-0.3, 0.6)


def _check(c: Cloth) -> Array:
    return 0.42 * (1.0 * (np.sin(c.along * 2 * np.pi / c.size) > 0.2) + (np.sin(c.around * 2 * np.pi / c.size) > 0.2))


def _melange(c: Cloth) -> Array:
    return np.clip(0.35 + 0.4 * noise(c.rest, c.seed + 7, 0.014, 9), 0, 0.9)


def _block(c: Cloth) -> Array:
    return c.along < c.rng.uniform(-0.3, -0.16)


def _print(c: Cloth) -> Array:
    """Lines of a text or a blob before the chest."""
    x, z = c.local[:, 0] - c.rng.normal(0, 0.01), c.local[:, 2] - c.rng.uniform(-0.24, -0.17)
    wide, high = c.rng.uniform(0.05, 0.11), c.rng.uniform(0.03, 0.09)
    inside = (np.abs(x) < wide) & (np.abs(z) < high) & c.body & (c.local[:, 1] < 0)
    if c.rng.random() < 0.5:
        return inside & (np.abs((z / 0.03) % 1 - 0.5) < 0.3)
    return inside & ((x / wide) ** 2 + (z / high) ** 2 < 1) & (noise(c.local, c.seed, 0.04) > -0.2)


def _dots(c: Cloth) -> Array:
    return np.hypot((c.around / c.size) % 1 - 0.5, (c.along / c.size) % 1 - 0.5) < 0.27


def _zigzag(c: Cloth) -> Array:
    return ((c.along + np.abs((c.around / c.size) % 1 - 0.5) * c.size * 0.8) / c.size) % 1 < 0.45


def _pinstripes(c: Cloth) -> Array:
    return 0.7 * ((c.around / 0.035) % 1 < 0.3)


FIGURES: dict[str, Callable[[Cloth], Array]] = {
    "stripes": _stripes,
    "check": _check,
    "melange": _melange,
    "block": _block,
    "print": _print,
    "dots": _dots,
    "zigzag": _zigzag,
    "pinstripes": _pinstripes,
}
