"""Where the film plays: a room of twelve seats, two cameras, and who sits where."""

from __future__ import annotations

import numpy as np

from .. import human
from .camera import Camera
from .clutter import around, on_desk
from .colors import shade
from .kinds import Look, Shot, Sitter, Thing
from .lesson import DOES, LESSON, steps
from .light import lamps, sky
from .plan import Frame
from .room import Room, walls
from .style import split_of, style

SEED = 3_900_000  # of the hold-out: nobody and nothing in the film was taught
ROWS, COLUMNS = "ABC", 4
SIZE = (1920, 1080)


def room() -> Room:
    """Three rows of four desks."""
    places = tuple((1.45 * (c - 1.5), 3.1 + 1.4 * r, 0.0) for r in range(len(ROWS)) for c in range(COLUMNS))
    return Room(7.6, 7.2, 2.9, places, 0.0, SEED)


def cameras(size: tuple[int, int] = SIZE) -> dict[str, Camera]:
    """Both cameras, by the ids that the site manifest gives them; pictures of `size` pixels."""
    return {
        "front": Camera((-0.7, 0.15, 2.6), (0.0, 3.9, 0.6), 78.0, *size),
        "corner": Camera((3.6, 0.3, 2.5), (-0.1, 3.9, 0.5), 67.0, *size),
    }


def stage() -> Shot:
    """The room with everybody as the film begins; its camera is the first."""
    split = split_of(SEED)
    s, rng, space = style(split), np.random.default_rng(SEED), room()
    people: list[Sitter] = []
    things: list[Thing] = []
    wood, chair = shade(s.woods, rng), shade(s.chairs, rng)
    names = (f"{row}{number}" for row in ROWS for number in range(1, COLUMNS + 1))
    for seat, (x, y, turn) in zip(names, space.places, strict=True):
        desk = human.Desk(0.74, float(rng.uniform(0.31, 0.35)), 0.5, 0.72, 0.46)
        at = Frame(x, y, turn)
        things.append(Thing("desk", (*at(0, -desk.distance - 0.25), 0.0), turn, (0.72, 0.5, 0.74), wood, SEED))
        things += on_desk(rng, desk, at, 0.7) + around(rng, desk, at)
        back = at(0.0, 0.05 if seat in LESSON else -0.1)
        things.append(Thing("chair", (*back, 0.0), turn, (0.4, 0.38, desk.seat_height), chair, SEED + 1))
        traits = human.traits(rng, split)
        if seat in LESSON:
            action = DOES[LESSON[seat][0][1]]
            people.append(Sitter(traits, action, desk, (x, y), turn, steps(seat, SEED)[0].seed, seat))
    furniture, portraits = walls(split, s, rng, space)
    day, strength = sky(rng, "bright")
    look = Look(3, denoise=True, view="AgX", exposure=-0.35, sky=day, sky_strength=strength)
    hung = lamps(rng, space, "bright")
    shown = (*furniture, *things), tuple(people), portraits, hung, look
    return Shot(SEED, split, cameras()["front"], *shown, {"light": "bright"})
