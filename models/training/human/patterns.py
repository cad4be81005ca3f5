"""The colors of a top: its pattern over the cloth's own coordinates, plackets, necklines and prints."""

from __future__ import annotations

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
    n = len(rest)
    share = _figure(traits, rng, rest, local, body, n)
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


def _figure(traits: Traits, rng: np.random.Generator, rest: Array, local: Array, body: Array, n: int) -> Array:
    x, y, z = rest[:, 0], rest[:, 1], rest[:, 2]
    around = np.where(body, np.arctan2(x, -y + 1e-6) * 0.15, x)
    size = float(rng.uniform(0.05, 0.1))
    kind = traits.pattern
    if kind == "stripes":
        return (np.sin(z * 2 * np.pi / size) > rng.uniform(-0.3, 0.6)).astype(float)
    if kind == "check":
        bands = (np.sin(z * 2 * np.pi / size) > 0.2).astype(float) + (np.sin(around * 2 * np.pi / size) > 0.2)
        return np.asarray(bands * 0.42)
    if kind == "melange":
        return np.clip(0.35 + 0.4 * noise(rest, traits.seed + 7, 0.014, 9), 0, 0.9)
    if kind == "block":
        return (z < rng.uniform(-0.3, -0.16)).astype(float)
    if kind == "print":
        middle = np.array([rng.normal(0, 0.01), rng.uniform(-0.24, -0.17)])
        q = np.stack([local[:, 0], local[:, 2]], 1) - middle
        wide, high = rng.uniform(0.05, 0.11), rng.uniform(0.03, 0.09)
        inside = (np.abs(q[:, 0]) < wide) & (np.abs(q[:, 1]) < high) & body & (local[:, 1] < 0)
        if rng.random() < 0.5:
            return (inside & (np.abs((q[:, 1] / 0.03) % 1 - 0.5) < 0.3)).astype(float)
        return (
            inside & ((q[:, 0] / wide) ** 2 + (q[:, 1] / high) ** 2 < 1) & (noise(local, traits.seed, 0.04) > -0.2)
        ).astype(float)
    if kind == "dots":
        cell = np.stack([(around / size) % 1 - 0.5, (z / size) % 1 - 0.5], 1)
        return (np.linalg.norm(cell, axis=1) < 0.27).astype(float)
    if kind == "zigzag":
        return (((z + np.abs((around / size) % 1 - 0.5) * size * 0.8) / size) % 1 < 0.45).astype(float)
    if kind == "pinstripes":
        return 0.7 * (((around / 0.035) % 1) < 0.3).astype(float)
    return np.zeros(n)
