"""The shell of a classroom: its size, where people may sit, and what hangs and stands along its walls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import human
from ..human.kinds import Split
from .colors import shade, some
from .kinds import Portrait, Thing
from .style import Style

Place = tuple[float, float, float]  # x, y, degrees against facing the board


@dataclass(frozen=True)
class Room:
    """Metres: `wide` along x about 0, `deep` along y from the board's wall at 0; `aisle` is an x without desks."""

    wide: float
    deep: float
    high: float
    places: tuple[Place, ...]
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
            places.append((x + float(rng.normal(0, 0.05)), max(y, 1.2) + float(rng.normal(0, 0.05)), turn))
    half = max(abs(p[0]) for p in places) + float(rng.uniform(0.9, 2.2))
    deep = max(p[1] for p in places) + float(rng.uniform(0.9, 3.0))
    aisle = min(float(half - 0.5), max(p[0] for p in places) + 0.8)
    return Room(2 * half, deep, float(rng.uniform(2.6, 3.4)), tuple(places), aisle, int(rng.integers(2**31)))


@dataclass(frozen=True)
class Wall:
    """A wall by its middle on the floor, the degrees about z that bring -y into the room, and its width."""

    middle: tuple[float, float]
    turn: float
    wide: float

    def on(self, along: float, high: float, off: float) -> tuple[float, float, float]:
        """A point `along` the wall from its middle, `off` it into the room."""
        c, s = float(np.cos(np.radians(self.turn))), float(np.sin(np.radians(self.turn)))
        return self.middle[0] + c * along + s * off, self.middle[1] + s * along - c * off, high


def walls(split: Split, s: Style, rng: np.random.Generator, space: Room) -> tuple[list[Thing], tuple[Portrait, ...]]:
    """Floor, walls, ceiling, board, windows, posters, cupboards, and pictures of people."""
    w, d, h = space.wide, space.deep, space.high
    things = [
        Thing("floor", (0, d / 2, 0), 0, (w, d, 0.0), shade(s.floors, rng), _seed(rng)),
        Thing("ceiling", (0, d / 2, h), 0, (w, d, 0.0), (0.75, 0.75, 0.73), _seed(rng)),
    ]
    front, back = Wall((0.0, 0.0), 180.0, w), Wall((0.0, d), 0.0, w)
    sides = (Wall((-w / 2, d / 2), 90.0, d), Wall((w / 2, d / 2), -90.0, d))
    color = shade(s.walls, rng)
    things += [
        Thing("wall", wall.on(0, 0, 0), wall.turn, (wall.wide, 0.0, h), color, _seed(rng))
        for wall in (front, back, *sides)
    ]
    board = (min(w * 0.6, float(rng.uniform(2, 4))), 0.0, float(rng.uniform(1.0, 1.25)))
    at = front.on(float(rng.normal(0, 0.3)), 0.9, 0.03)
    things.append(Thing("pane", at, front.turn, board, shade(s.boards, rng), _seed(rng)))
    lit = int(rng.integers(2))
    things += _windows(sides[lit], _seed(rng))
    portraits: list[Portrait] = []
    for wall in (back, sides[1 - lit]):
        _hang(split, s, rng, wall, things, portraits)
    return things, tuple(portraits)


def _windows(wall: Wall, seed: int) -> list[Thing]:
    count = max(int(wall.wide / 2.2), 1)
    size = (wall.wide / count * 0.75, 0.0, 1.35)
    spots = [(k + 0.5) * wall.wide / count - wall.wide / 2 for k in range(count)]
    return [Thing("window", wall.on(u, 0.95, 0.03), wall.turn, size, (1, 1, 1), seed) for u in spots]


def _hang(  # from one end of a wall to its other, so that nothing hangs over something else
    split: Split, s: Style, rng: np.random.Generator, wall: Wall, things: list[Thing], portraits: list[Portrait]
) -> None:
    """Adds posters, cupboards, coats and pictures of people along a wall."""
    u = -wall.wide / 2 + 0.5
    while u < wall.wide / 2 - 0.6:
        pick, gap, color = rng.random(), float(rng.uniform(0.3, 1.4)), some(rng)
        if pick < 0.3:
            size = (float(rng.uniform(0.3, 1.1)), 0.0, float(rng.uniform(0.3, 0.9)))
            at = wall.on(u, float(rng.uniform(1.0, 1.5)), 0.03)
            things.append(Thing("pane", at, wall.turn, size, color, _seed(rng)))
        elif pick < 0.5:
            size = (float(rng.uniform(0.6, 1.2)), 0.4, float(rng.choice([0.8, 1.2, 1.9])))
            things.append(
                Thing("cupboard", wall.on(u + 0.3, 0.0, 0.21), wall.turn, size, shade(s.woods, rng), _seed(rng))
            )
            gap += 0.7
        elif pick < 0.62:
            at = wall.on(u, float(rng.uniform(1.2, 1.5)), 0.09)
            things.append(Thing("coat", at, wall.turn, (0.42, 0.16, 0.75), color, _seed(rng)))
        elif pick < 0.84:
            tall = float(rng.uniform(0.35, 1.3))
            middle = wall.on(u + 0.2, float(rng.uniform(1.2, 1.75)), 0.03)
            who, does = human.traits(rng, split), human.action(rng)
            portraits.append(Portrait(who, does, middle, wall.turn, tall, color, _seed(rng)))
            gap += tall
        u += gap


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
