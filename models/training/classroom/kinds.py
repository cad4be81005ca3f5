"""What a rendered classroom is made of, before anything is built.

Frame of all coordinates: metres, z up, the floor at z = 0; the board hangs on the wall at the lowest y, people face it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..human import Action, Desk, Traits
from ..human.kinds import Color, Split
from .camera import Camera

Pixels = NDArray[np.uint8]
Region = tuple[int, int, int, int]  # of a picture in pixels: left, top, right, bottom


@dataclass(frozen=True)
class Thing:
    """A piece of furniture: its middle on the floor or wall, degrees about z, and what `furniture.MAKE` makes of it."""

    kind: str
    place: tuple[float, float, float]
    turn: float
    size: tuple[float, float, float]
    color: Color
    seed: int = 0


@dataclass(frozen=True)
class Sitter:
    """Somebody at a place: `turn` in degrees about z against facing the board."""

    traits: Traits
    action: Action
    desk: Desk
    place: tuple[float, float]
    turn: float
    seed: int
    seat: str = ""  # its name, in a room whose seats have names


@dataclass(frozen=True)
class Portrait:
    """A person as a picture on a wall: `middle` of the picture, degrees about z it faces, its height, its ground."""

    traits: Traits
    action: Action
    middle: tuple[float, float, float]
    turn: float
    height: float
    ground: Color
    seed: int


@dataclass(frozen=True)
class Lamp:
    """A light that is a rectangle: watts, and where it looks in degrees (0 down, 90 along -y)."""

    place: tuple[float, float, float]
    tilt: float
    turn: float
    size: tuple[float, float]
    watts: float
    color: Color


@dataclass(frozen=True)
class Look:
    """How the renderer makes a picture of it: what differs from split to split in style."""

    samples: int
    denoise: bool
    view: str  # Blender's view transform
    exposure: float  # stops
    sky: Color
    sky_strength: float


@dataclass(frozen=True)
class Shot:
    """One picture to be rendered."""

    seed: int
    split: Split
    camera: Camera
    things: tuple[Thing, ...]
    people: tuple[Sitter, ...]
    portraits: tuple[Portrait, ...]
    lamps: tuple[Lamp, ...]
    look: Look
    groups: Mapping[str, str]
