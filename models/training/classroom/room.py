"""The shell of a classroom: its size, where people may sit, and what hangs and stands along its walls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import human
from ..human.kinds import Color, Split
from .kinds import Portrait, Thing
from .style import Style

Place = tuple[float, float, float, str]  # x, y, degrees against facing the board, name


@dataclass(frozen=True)
class Room:
    """Metres: `wide` along x about 0, `deep` along y from the board's wall at 0; `aisle` is an x without desks."""

    wide: float
    deep: float
    high: float
    places: tuple[Place, ...]
    joined: float  # how many desks' width a table has
    aisle: float
    seed: int


def room(s: Style, rng: np.random.Generator, close: bool) -> Room:
    """A room with rows of places; `close`: a few alone, for pictures from near by."""
    layout = str(rng.choice(s.layouts))
    rows = int(rng.integers(1, 3)) if close else int(rng.integers(2, 6))
    columns = int(rng.integers(1, 4)) if close else int(rng.integers(3, 7))
    across, back = float(rng.uniform(*s.column_gap)), float(rng.uniform(*s.row_gap))
    first = float(rng.uniform(1.4, 2.2)) if close else float(rng.uniform(1.9, 3.2))
    places: list[Place] = []
    for r in range(rows):
        for c in range(columns):
            x, y, turn = (c - (columns - 1) / 2) * across, first + r * back, 0.0
            if layout == "double":  # pairs, with an aisle between them
                x = (c // 2) * (1.5 + across) - (columns // 2) * (1.5 + across) / 2 + (c % 2) * 0.78
            elif layout == "fan":
                turn = float(np.clip(-x * rng.uniform(4, 9), -35, 35))
                y += -0.06 * x * x
            elif layout == "groups":
                turn = (-1) ** c * 55.0
                x *= 1.25
            name = f"{chr(65 + r)}{c + 1}"
            places.append((x + float(rng.normal(0, 0.05)), max(y, 1.2) + float(rng.normal(0, 0.05)), turn, name))
    half = max(abs(p[0]) for p in places) + float(rng.uniform(0.9, 2.2))
    deep = max(p[1] for p in places) + float(rng.uniform(0.9, 3.0))
    aisle = min(float(half - 0.5), max(p[0] for p in places) + 0.8)
    return Room(2 * half, deep, float(rng.uniform(2.6, 3.4)), tuple(places), 1.0, aisle, int(rng.integers(2**31)))


def walls(split: Split, s: Style, rng: np.random.Generator, space: Room) -> tuple[list[Thing], tuple[Portrait, ...]]:
    """Floor, walls, ceiling, board, windows, posters, cupboards, and pictures of people."""
    w, d, h = space.wide, space.deep, space.high
    wall, floor = _shade(s.walls, rng), _shade(s.floors, rng)
    seed = [int(n) for n in rng.integers(2**31, size=64)]
    things = [
        Thing("floor", (0, d / 2, 0), 0, (w, d, 0.0), floor, seed[0]),
        Thing("ceiling", (0, d / 2, h), 0, (w, d, 0.0), (0.75, 0.75, 0.73), seed[1]),
    ]
    sides = {  # middle, turn so that the wall's -y looks into the room, width
        "front": ((0.0, 0.0, 0.0), 180.0, w),
        "back": ((0.0, d, 0.0), 0.0, w),
        "left": ((-w / 2, d / 2, 0.0), 90.0, d),
        "right": ((w / 2, d / 2, 0.0), -90.0, d),
    }
    things += [
        Thing("wall", at, turn, (wide, 0.0, h), wall, seed[2 + n]) for n, (at, turn, wide) in enumerate(sides.values())
    ]
    board = (min(w * 0.6, float(rng.uniform(2, 4))), 0.0, float(rng.uniform(1.0, 1.25)))
    things.append(Thing("pane", (float(rng.normal(0, 0.3)), 0.03, 0.9), 180.0, board, _shade(s.boards, rng), seed[6]))
    lit = str(rng.choice(["left", "right"]))
    portraits: list[Portrait] = []
    n = 7
    for side in ("back", "left", "right"):
        (cx, cy, _), turn, wide = sides[side]
        along = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
        inward = np.array([np.sin(np.radians(turn)), -np.cos(np.radians(turn))])

        def on(u: float, z: float, off: float, along=along, inward=inward, cx=cx, cy=cy) -> tuple[float, float, float]:  # type: ignore[no-untyped-def]  # noqa: ANN001
            x, y = np.array([cx, cy]) + along * u + inward * off
            return float(x), float(y), z

        if side == lit:
            count = max(int(wide / 2.2), 1)
            for k in range(count):
                u = (k + 0.5) * wide / count - wide / 2
                things.append(
                    Thing("window", on(u, 0.95, 0.03), turn, (wide / count * 0.75, 0, 1.35), (1, 1, 1), seed[8])
                )
            continue
        u = -wide / 2 + 0.5
        while u < wide / 2 - 0.6 and n < 60:
            n += 1
            pick, gap = rng.random(), float(rng.uniform(0.3, 1.4))
            color = tuple(float(c) for c in rng.uniform(0.05, 0.75) * rng.uniform(0.5, 1, 3))
            if pick < 0.3:
                size = (float(rng.uniform(0.3, 1.1)), 0.0, float(rng.uniform(0.3, 0.9)))
                things.append(Thing("pane", on(u, float(rng.uniform(1.0, 1.5)), 0.03), turn, size, color, seed[n]))
            elif pick < 0.5:
                size = (float(rng.uniform(0.6, 1.2)), 0.4, float(rng.choice([0.8, 1.2, 1.9])))
                things.append(Thing("cupboard", on(u + 0.3, 0.0, 0.21), turn, size, _shade(s.woods, rng), seed[n]))
                gap += 0.7
            elif pick < 0.62:
                things.append(
                    Thing("coat", on(u, float(rng.uniform(1.2, 1.5)), 0.09), turn, (0.42, 0.16, 0.75), color, seed[n])
                )
            elif pick < 0.84:
                tall = float(rng.uniform(0.35, 1.3))
                middle = on(u + 0.2, float(rng.uniform(1.2, 1.75)), 0.03)
                ground = tuple(float(c) for c in rng.uniform(0.1, 0.8) * rng.uniform(0.6, 1, 3))
                portraits.append(
                    Portrait(human.traits(rng, split), human.action(rng), middle, turn, tall, ground, seed[n])
                )
                gap += tall
            u += gap
    return things, tuple(portraits)


def _shade(colors: tuple[Color, ...], rng: np.random.Generator) -> Color:
    base = (
        np.asarray(colors[int(rng.integers(len(colors)))])
        * np.exp(rng.normal(0, 0.12))
        * np.exp(rng.normal(0, 0.05, 3))
    )
    return (float(base[0]), float(base[1]), float(base[2]))
