"""A whole picture from its seed: the room, who sits where and does what, the lamps, and the camera."""

from __future__ import annotations

import numpy as np

from .. import human
from .camera import Camera
from .clutter import around, on_desk
from .colors import shade
from .kinds import Look, Shot, Sitter, Thing
from .light import lamps, sky
from .room import Room, room, walls
from .style import Style, split_of, style

SIZES = ((704, 396), (704, 396), (640, 480), (1280, 720))  # of pictures, evenly
TEACHER = 0.3  # share of pictures with somebody who stands before the class
EMPTY = 0.04  # share of pictures without anybody
CLOSE = 0.25  # share of pictures of a few people at a small distance


def shot(seed: int) -> Shot:
    """The plan of a picture; it follows from the seed alone."""
    split = split_of(seed)
    s, rng = style(split), np.random.default_rng(seed)
    close = rng.random() < CLOSE
    space = room(s, rng, close)
    people, things = _class(seed, s, rng, space)
    groups = {"light": str(rng.choice(["bright", "dim", "backlit"], p=[0.46, 0.3, 0.24]))}
    if rng.random() < EMPTY:
        people = []
    elif rng.random() < TEACHER:
        people.append(_teacher(seed, rng, space))
    furniture, portraits = walls(split, s, rng, space)
    camera = _camera(s, rng, space, people)
    look = Look(
        int(rng.choice(s.samples)),
        bool(rng.random() < s.denoise),
        str(rng.choice(s.views)),
        float(rng.normal(0, s.exposure)),
        *sky(rng, groups["light"]),
    )
    hung = lamps(rng, space, groups["light"])
    return Shot(seed, split, camera, (*furniture, *things), tuple(people), portraits, hung, look, groups)


def _class(seed: int, s: Style, rng: np.random.Generator, space: Room) -> tuple[list[Sitter], list[Thing]]:
    """People at desks, and their desks, chairs and clutter."""
    people: list[Sitter] = []
    things: list[Thing] = []
    wood, seat_color = shade(s.woods, rng), shade(s.chairs, rng)
    filled = rng.uniform(0.55, 1.0)
    wide, deep = float(rng.uniform(0.6, 0.8)), float(rng.uniform(0.45, 0.6))
    high = float(rng.uniform(0.70, 0.78))
    tidy = rng.random()
    for number, (x, y, turn) in enumerate(space.places):
        desk = human.Desk(high, float(rng.uniform(0.29, 0.40)), deep, wide, high - float(rng.uniform(0.26, 0.30)))
        at = Frame(x, y, turn)
        table = at(0, -desk.distance - deep / 2)
        things.append(Thing("desk", (*table, 0.0), turn, (wide, deep, high), wood, space.seed))
        things += on_desk(rng, desk, at, tidy) + around(rng, desk, at)
        here = rng.random() < filled
        action = human.action(rng) if here else None
        away = action is None or action.posture == "standing"
        back = at(float(rng.normal(0, 0.04)), float(rng.uniform(0.25, 0.5)) if away else 0.02)
        chair = turn + float(rng.normal(0, 14 if away else 4))
        things.append(Thing("chair", (*back, 0.0), chair, (0.4, 0.38, desk.seat_height), seat_color, space.seed + 1))
        if action is not None:
            traits = human.traits(rng, split_of(seed))
            people.append(Sitter(traits, action, desk, (x, y), turn, seed * 64 + number))
    return people, things


class Frame:
    """From metres at a place (x to the sitter's left, y behind them) to metres in the room."""

    def __init__(self, x: float, y: float, turn: float) -> None:
        self._at, self._c, self._s = (x, y), float(np.cos(np.radians(turn))), float(np.sin(np.radians(turn)))

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        """Metres in the room."""
        return self._at[0] + self._c * x - self._s * y, self._at[1] + self._s * x + self._c * y


def _teacher(seed: int, rng: np.random.Generator, space: Room) -> Sitter:
    """Somebody who stands at the board or between the rows, facing the class or the board."""
    traits = human.traits(rng, split_of(seed))
    front = rng.random() < 0.75
    x = float(rng.uniform(-space.wide / 2 + 0.8, space.wide / 2 - 0.8))
    y = float(rng.uniform(0.5, 1.2)) if front else float(rng.uniform(1.2, space.deep - 0.6))
    turn = float(rng.normal(180, 40)) if front and rng.random() < 0.7 else float(rng.uniform(-180, 180))
    if not front:
        x = space.aisle
    action = human.Action("standing", None, "none", "front", (float(rng.uniform(-30, 30)), float(rng.normal(-5, 10))))
    return Sitter(traits, action, human.Desk(), (x, y), turn, seed * 64 + 63)


def _camera(s: Style, rng: np.random.Generator, space: Room, people: list[Sitter]) -> Camera:
    """Most hang in front of the class; some at its sides, a few behind it."""
    width, height = SIZES[int(rng.integers(len(SIZES)))]
    up = min(float(rng.uniform(*s.camera_height)), space.high - 0.2)
    where = str(rng.choice(["front", "corner", "side", "back"], p=[0.45, 0.36, 0.14, 0.05]))
    half = space.wide / 2 - 0.15
    at = {
        "front": (float(rng.uniform(-0.5, 0.5) * half), 0.15),
        "corner": (float(rng.choice([-1, 1])) * half, float(rng.uniform(0.15, 0.8))),
        "side": (float(rng.choice([-1, 1])) * half, float(rng.uniform(0.2, 0.6) * space.deep)),
        "back": (float(rng.uniform(-1, 1) * half), space.deep - 0.15),
    }[where]
    spots = np.array([p.place for p in people] or [(0.0, space.deep / 2)])
    some = spots[rng.integers(len(spots), size=min(len(spots), 3))].mean(0)
    target = 0.5 * spots.mean(0) + 0.5 * some
    view = float(rng.uniform(*s.view))
    aim = (float(target[0]), float(target[1]), float(rng.uniform(0.75, 1.05)))
    return Camera((*at, up), aim, view, width, height, float(rng.normal(0, 1.5)))
