"""Ribbons of hair: locks that fall from a head, ponytails, buns, braids and beards."""

from __future__ import annotations

import numpy as np

from .field import Field
from .head import MIDDLE, Face, Skull, bearded, rays
from .joints import unit
from .kinds import Array, Part, Traits
from .mesh import grid_faces, part


def strands(
    roots: Array,
    ways: Array,
    lengths: Array,
    widths: Array,
    *,
    down: Array,
    weight: float,
    curl: float,
    solid: list[tuple[Field, float]],
    rng: np.random.Generator,
    color: Array,
    steps: int = 8,
    hug: float = 9.0,
) -> Part:
    """Ribbons (n of them, steps x 3 vertices) from roots (n,3) along ways, pulled down, kept out of solid fields."""
    n = len(roots)
    path = np.zeros((steps, n, 3))
    path[0] = roots
    way = ways.copy()
    phase = rng.uniform(0, 2 * np.pi, n)
    for i in range(1, steps):
        step = lengths / (steps - 1)
        wind = (
            curl
            * 0.5
            * np.stack([np.sin(phase + i * 1.7), np.cos(phase * 1.3 + i * 1.9), np.sin(phase * 0.7 + i * 1.4)], 1)
        )
        way = unit(way + down * (weight * step * 60)[:, None] + wind + rng.normal(0, 0.05, (n, 3)))
        p = path[i - 1] + way * step[:, None]
        for f, gap in solid:
            d = f(p.astype(np.float32)).astype(float)
            low = (d < gap) | (d > gap + hug)
            if low.any():
                e = 1e-3
                grad = unit(
                    np.stack([f((p[low] + np.eye(3)[k] * e).astype(np.float32)) - d[low] for k in range(3)], 1).astype(
                        float
                    )
                    + 1e-9
                )
                p[low] += grad * np.where(d[low] < gap, gap - d[low], 0.6 * (gap + hug - d[low]))[:, None]
        way = unit(p - path[i - 1])
        path[i] = p
    along = unit(np.gradient(path, axis=0))
    outward = unit(path - (MIDDLE + np.array([0, 0.01, 0.01])))
    across = unit(np.cross(along, outward))
    taper = (
        np.interp(np.linspace(0, 1, steps), [0, 0.15, 0.6, 1], [0.6, 1.0, 0.85, 0.12])[:, None, None]
        * widths[None, :, None]
    )
    ridge = np.cross(across, along) * taper * 0.35
    ribbon = np.stack([path - across * taper, path + ridge, path + across * taper], 2)  # steps, n, 3, xyz
    index = np.arange(steps * n * 3).reshape(steps, n, 3)
    q = np.stack([index[:-1, :, :-1], index[:-1, :, 1:], index[1:, :, 1:], index[1:, :, :-1]], -1).reshape(-1, 4)
    faces = np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]])
    tint = (
        rng.normal(1.0, 0.11, n).clip(0.6, 1.4)[None, :, None, None]
        * np.array([0.88, 1.08, 0.88])[None, None, :, None]
        * np.linspace(0.85, 1.12, steps)[:, None, None, None]
    )
    return part("locks", ribbon.reshape(-1, 3), faces, (tint * color).reshape(-1, 3), "hair")


def knot(traits: Traits, kind: str, down: Array, obstacle: Field | None, rng: np.random.Generator) -> list[Part]:
    """A bun, a ponytail or two braids."""
    color = np.asarray(traits.hair_color)
    solid = [] if obstacle is None else [(obstacle, 0.01)]
    if kind == "bun":
        high = rng.uniform(0.02, 0.13)
        middle = np.array([0, 0.115 - max(high - 0.05, 0) * 0.5, high])
        ways = unit(rng.normal(size=(90, 3)))
        roots = middle + ways * 0.028
        turn = unit(np.cross(ways, unit([0.2, 1.0, 0.3])))
        ball = Field(0.01)
        ball.ellipsoid(middle, (0.034, 0.03, 0.034))
        return [
            strands(
                roots,
                turn,
                np.full(90, 0.06),
                np.full(90, 0.009),
                down=down,
                weight=0.0,
                curl=0.15,
                solid=[(ball, 0.0)],
                rng=rng,
                color=color,
                steps=6,
            ),
            _lump(middle, 0.03, color),
        ]
    if kind == "tail":
        base = np.array([0, 0.112, float(rng.uniform(0.01, 0.09))])
        roots = base + rng.normal(0, 0.009, (90, 3))
        return [
            strands(
                roots,
                unit(np.tile([0, 1.0, 0.15], (90, 1)) + rng.normal(0, 0.12, (90, 3))),
                np.full(90, float(rng.uniform(0.2, 0.32))) * rng.uniform(0.8, 1.1, 90),
                np.full(90, 0.007),
                down=down,
                weight=0.22,
                curl=0.06,
                solid=solid,
                rng=rng,
                color=color,
                steps=10,
            ),
            _lump(base, 0.018, color),
        ]
    out = []
    for s in (1, -1):
        base = np.array([s * 0.068, 0.055, -0.035])
        roots = base + rng.normal(0, 0.006, (40, 3))
        out.append(
            strands(
                roots,
                unit(np.tile([s * 0.4, 0.1, -0.8], (40, 1))),
                np.full(40, 0.27),
                np.full(40, 0.008),
                down=down,
                weight=0.3,
                curl=0.32,
                solid=solid,
                rng=rng,
                color=color,
                steps=16,
            )
        )
    return out


def _lump(middle: Array, radius: float, color: Array) -> Part:
    ways = rays(14, 18).reshape(-1, 3)
    return part("knot", middle + ways * radius, grid_faces(14, 18, closed=True), color * 0.7, "hair")


def beard(traits: Traits, shape: Face, base: Skull, down: Array, rng: np.random.Generator) -> Part:
    """A full beard."""
    p = base.points
    ready = np.flatnonzero(bearded(traits, shape, p) > 0.5)
    count = 520
    pick = rng.choice(ready, count)
    ways_out = unit(unit(p[pick] - MIDDLE) * 0.5 + [0, -0.2, -0.8] + rng.normal(0, 0.2, (count, 3)))
    return strands(
        p[pick],
        ways_out,
        rng.uniform(0.008, 0.02, count),
        np.full(count, 0.0022),
        down=down,
        weight=0.1,
        curl=0.2,
        solid=[],
        rng=rng,
        color=np.asarray(traits.hair_color),
        steps=4,
    )
