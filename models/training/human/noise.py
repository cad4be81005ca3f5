"""Noise and folds as sums of sines with random directions: cheap, smooth, the same for the same seed."""

from __future__ import annotations

import numpy as np

from .kinds import Array


def noise(p: Array, seed: int, scale: float, waves: int = 5) -> Array:
    """Values (n,) of spread about 0.5 at points (n,3), with features of about `scale` metres."""
    rng = np.random.default_rng(seed)
    k = rng.normal(size=(waves, 3)) * (2.2 / scale)
    phase = rng.uniform(0, 2 * np.pi, waves)
    return np.sin(p @ k.T + phase).sum(1) / waves * (waves**0.5) * 0.7


def folds(p: Array, seed: int, scale: float, along: Array) -> Array:
    """Creases (n,) in about -1..1 at points (n,3): broad ridges `scale` metres apart, narrow valleys, and wider sags.

    `along` (3,) is the direction across the creases. They wander, and here and there the cloth lies flat.
    """
    across = p @ np.asarray(along) * (2 * np.pi)
    bent = across / scale + 2.2 * noise(p, seed, scale * 2.2)
    wide = across / (scale * 2.1) + 2.0 * noise(p, seed + 1, scale * 3.5)
    deep = np.clip(0.45 + 0.75 * noise(p, seed + 2, scale * 2.6), 0.0, 1.1)
    return 0.95 * deep * (2.9 * np.sqrt(np.sin(bent * 0.5) ** 2 + 0.15) - 2.17) + 0.55 * np.sin(wide)
