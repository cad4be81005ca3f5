"""Lamps on the ceiling, the day outside, and how bright a room is."""

from __future__ import annotations

import numpy as np

from ..human.kinds import Color
from .kinds import Lamp
from .room import Room

LEVEL = {"bright": 1.0, "dim": 0.28, "backlit": 0.4}


def sky(rng: np.random.Generator, light: str) -> tuple[Color, float]:
    """Color and strength of the light that is everywhere."""
    warm = rng.normal(0, 0.045)
    return (float(1 + warm), 1.0, float(1 - warm)), float(LEVEL[light] * rng.uniform(0.35, 0.85))


def lamps(rng: np.random.Generator, space: Room, light: str) -> tuple[Lamp, ...]:
    """Panels on the ceiling; windows that shine; backlit: one that shines from behind the class towards the camera."""
    warm = rng.normal(0, 0.05)
    tint = (float(1 + warm), 1.0, float(1 - warm))
    out = []
    rows, columns = max(int(space.deep / 2.6), 1), max(int(space.wide / 3), 1)
    each = float(rng.uniform(10, 18)) * space.wide * space.deep / (rows * columns) * LEVEL[light]
    for r in range(rows):
        for c in range(columns):
            if rng.random() < 0.15:
                continue
            x, y = (c + 0.5) * space.wide / columns - space.wide / 2, (r + 0.5) * space.deep / rows
            out.append(Lamp((x, y, space.high - 0.04), 0.0, 0.0, (1.2, 0.3), each, tint))
    if light != "dim" or rng.random() < 0.4:
        side = float(rng.choice([-1, 1]))
        watts = float(rng.uniform(60, 260)) * (1.0 if light == "bright" else 0.35)
        at = (side * (space.wide / 2 - 0.06), space.deep * float(rng.uniform(0.3, 0.7)), 1.6)
        out.append(Lamp(at, 90.0, -90.0 * side, (space.deep * 0.6, 1.3), watts, (0.92, 0.97, 1.0)))
    if light == "backlit":
        at = (float(rng.uniform(-0.3, 0.3)) * space.wide, space.deep - 0.06, 1.7)
        out.append(Lamp(at, 90.0, 0.0, (space.wide * 0.5, 1.3), float(rng.uniform(250, 700)), (0.95, 0.98, 1.0)))
    return tuple(out)
