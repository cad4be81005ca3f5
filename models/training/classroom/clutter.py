"""What lies on desks and around them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..human import Desk
from .colors import some
from .kinds import Thing

At = Callable[[float, float], tuple[float, float]]
SORTS = ("stack", "sheets", "bottle", "case", "laptop", "bag")
SHARES = (0.3, 0.22, 0.14, 0.24, 0.04, 0.06)


def on_desk(rng: np.random.Generator, desk: Desk, at: At, tidy: float) -> list[Thing]:
    """Things at the far edge and the sides of a desk, where no hands are."""
    out = []
    for _ in range(int(rng.poisson(3.2 * (1 - tidy)))):
        kind = str(rng.choice(SORTS, p=SHARES))
        side = float(rng.choice([-1, 1]))
        x = (
            side * float(rng.uniform(0.22, 0.30)) * desk.width / 0.7
            if rng.random() < 0.6
            else float(rng.uniform(-0.3, 0.3))
        )
        y = -desk.distance - desk.depth + float(rng.uniform(0.07, 0.16))
        if kind in ("stack", "sheets") and abs(x) > 0.2:
            y += float(rng.uniform(0, 0.2))
        size = {
            "stack": (0.17, 0.24, 0.1),
            "sheets": (0.21, 0.297, 0.0),
            "bottle": (0.07, 0.07, float(rng.uniform(0.18, 0.28))),
            "case": (float(rng.uniform(0.15, 0.24)), float(rng.uniform(0.05, 0.12)), float(rng.uniform(0.03, 0.08))),
            "bag": (0.24, 0.14, 0.22),
        }.get(kind, (0.3, 0.2, 0.2))
        out.append(
            Thing(kind, (*at(x, y), desk.height), float(rng.normal(0, 40)), size, some(rng), int(rng.integers(2**31)))
        )
    return out


def around(rng: np.random.Generator, desk: Desk, at: At) -> list[Thing]:
    """Bags on the floor, coats over chairs."""
    out = []
    if rng.random() < 0.35:
        spot = at(float(rng.choice([-1, 1]) * rng.uniform(0.3, 0.45)), float(rng.uniform(-0.2, 0.3)))
        out.append(
            Thing(
                "bag",
                (*spot, 0.0),
                float(rng.uniform(0, 180)),
                (0.34, 0.22, 0.42),
                some(rng),
                int(rng.integers(2**31)),
            )
        )
    if rng.random() < 0.15:
        spot = at(0.0, 0.26)
        out.append(
            Thing(
                "coat", (*spot, desk.seat_height + 0.15), 0.0, (0.44, 0.12, 0.55), some(rng), int(rng.integers(2**31))
            )
        )
    return out
