"""What an arm can be doing: each function draws once and returns how the arm reaches, given where the trunk ends up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .joints import unit
from .kinds import Array, Desk
from .skeleton import Bones

OPEN = (0.15, 0.1, 0.1, 0.12, 0.15)
LOOSE = (0.3, 0.3, 0.38, 0.45, 0.5)
FIST = (0.75, 0.95, 1.0, 1.0, 1.0)
PEN = (0.5, 0.48, 0.55, 0.8, 0.9)
HOLD = (0.35, 0.4, 0.42, 0.45, 0.5)
POINT = (0.7, 0.05, 0.85, 0.95, 0.95)


@dataclass(frozen=True)
class Trunk:
    """Where the arms hang: head, neck and shoulders (2,3) in metres, and the columns of head and chest."""

    desk: Desk
    bones: Bones
    head: Array
    rotation: Array
    neck: Array
    chest: Array
    shoulder: Array
    hips: Array


@dataclass(frozen=True)
class Reach:
    """A wrist and an elbow wanted (3,), the hand's directions (3,), and how the fingers curl (5,).

    `rests`: the trunk comes down until the elbow stands where it is wanted.
    """

    wrist: Array
    elbow: Array
    fingers: Array
    palm: Array
    grip: tuple[float, ...]
    rests: bool = False


Arm = Callable[[Trunk, int], Reach]  # side: 0 left, 1 right
Rng = np.random.Generator


def sign(side: int) -> float:
    """+1 for the left, -1 for the right."""
    return 1.0 - 2.0 * side


def curl(rng: Rng, grip: tuple[float, ...]) -> tuple[float, ...]:
    """A grip with the small differences between fingers that nobody can hold still."""
    return tuple(float(np.clip(g + rng.normal(0, 0.07), 0, 1)) for g in grip)


def on_desk(rng: Rng, x: float | None = None, y: float | None = None) -> Arm:
    """The forearm on the desk, hand flat, loose or a fist."""
    x = float(rng.uniform(0.02, 0.24)) if x is None else x
    y = float(rng.uniform(0.06, 0.24)) if y is None else y
    inwards, grip, tilt = (
        float(rng.uniform(-0.1, 0.9)),
        curl(rng, [OPEN, LOOSE, LOOSE, FIST][rng.integers(4)]),
        float(rng.uniform(0, 0.9)),
    )

    def reach(t: Trunk, side: int) -> Reach:
        s, d = sign(side), t.desk
        wrist = np.array([s * x, -d.distance - y, d.height + 0.033])
        elbow = np.array([s * 0.32, -d.distance + 0.02, d.height + 0.03])
        return Reach(wrist, elbow, np.array([-s * inwards, -1, -0.06]), np.array([-s * tilt, 0, -1]), grip)

    return reach


def folded_desk(rng: Rng) -> tuple[Arm, Arm]:
    """Arms folded on the desk, one over the other."""
    y, top, grip = float(rng.uniform(0.06, 0.17)), int(rng.integers(2)), curl(rng, LOOSE)

    def reach(t: Trunk, side: int) -> Reach:
        s, d = sign(side), t.desk
        lift = 0.062 if side == top else 0.0
        wrist = np.array([-s * 0.07, -d.distance - y - (0.01 if side == top else 0.04), d.height + 0.034 + lift])
        elbow = np.array([s * 0.28, -d.distance - y + 0.04, d.height + 0.05])
        return Reach(wrist, elbow, np.array([-s, -0.1, -0.15 if lift else 0.0]), np.array([0, -0.2, -1]), grip)

    return reach, reach


def folded_chest(rng: Rng) -> tuple[Arm, Arm]:
    """Arms folded before the chest."""
    top, low, grip = int(rng.integers(2)), float(rng.uniform(-0.29, -0.22)), curl(rng, LOOSE)

    def reach(t: Trunk, side: int) -> Reach:
        s, front = sign(side), 0.165 * t.bones.wide
        wrist = t.neck + t.chest @ np.array(
            [
                -s * (0.1 if side == top else 0.05),
                -front - (0.06 if side == top else 0.0),
                low + (0.02 if side == top else 0.0),
            ]
        )
        elbow = t.neck + t.chest @ np.array([s * 0.25, -0.1, low - 0.02])
        return Reach(wrist, elbow, t.chest @ np.array([-s, 0.2, 0.1]), t.chest @ np.array([0, 1.0, 0.1]), grip)

    return reach, reach


def lap(rng: Rng) -> Arm:
    """The hand on the thigh or between the knees."""
    x, y, grip = float(rng.uniform(0.02, 0.13)), float(rng.uniform(-0.22, -0.12)), curl(rng, LOOSE)

    def reach(t: Trunk, side: int) -> Reach:
        s = sign(side)
        wrist = t.hips + np.array([s * x, y, 0.1])
        return Reach(
            wrist,
            t.hips + np.array([s * 0.3, 0.1, 0.22]),
            np.array([-s * 0.4, -1, -0.15]),
            np.array([-s * 0.2, 0, -1]),
            grip,
        )

    return reach


def hang(rng: Rng) -> Arm:
    """The arm hangs at the side."""
    x, y, grip = float(rng.uniform(0.04, 0.1)), float(rng.uniform(-0.1, 0.06)), curl(rng, LOOSE)

    def reach(t: Trunk, side: int) -> Reach:
        s, length = sign(side), t.bones.upper + t.bones.fore
        return Reach(
            t.shoulder[side] + np.array([s * x, y, -length * 0.98]),
            t.shoulder[side] + np.array([s * 0.2, 0.2, -0.3]),
            np.array([0, -0.1, -1]),
            np.array([-s, 0.3, 0]),
            grip,
        )

    return reach


def hip(rng: Rng) -> Arm:
    """The hand on the hip or in a pocket."""
    grip, z = curl(rng, HOLD), float(rng.uniform(-0.02, 0.1))

    def reach(t: Trunk, side: int) -> Reach:
        s = sign(side)
        return Reach(
            t.hips + np.array([s * 0.19 * t.bones.wide, -0.04, z]),
            t.hips + np.array([s * 0.5, 0.2, 0.25]),
            np.array([-s * 0.3, -0.5, -0.8]),
            np.array([-s, 0.2, 0]),
            grip,
        )

    return reach


def chin(rng: Rng) -> Arm:
    """Chin or cheek in the hand, the elbow on the desk."""
    fist, out, elbow_x = bool(rng.random() < 0.4), float(rng.uniform(0.02, 0.07)), float(rng.uniform(0.08, 0.24))
    grip = curl(rng, FIST if fist else [OPEN, LOOSE][rng.integers(2)])

    def reach(t: Trunk, side: int) -> Reach:
        s, d = sign(side), t.desk
        local = np.array([s * 0.02, -0.085, -0.205]) if fist else np.array([s * out, -0.055, -0.165 + out * 0.4])
        wrist = t.head + t.rotation @ local
        y = float(np.clip(wrist[1] + 0.05, -d.distance - 0.3, -d.distance - 0.04))
        elbow = np.array([s * elbow_x + 0.5 * wrist[0], y, d.height + 0.045])
        up = unit(t.rotation @ np.array([s * (0.15 if fist else 0.3), 0.12, 1]) + unit(wrist - elbow))
        return Reach(wrist, elbow, up, t.rotation @ np.array([-s, 0.5, 0.1]), grip, rests=True)

    return reach


def raised(rng: Rng) -> Arm:
    """The hand is raised: stretched, bent, half-hearted or with a pointing finger."""
    way = str(rng.choice(["stretched", "bent", "low", "wide"], p=[0.4, 0.3, 0.15, 0.15]))
    j = rng.normal(0, 1, 6)
    grip = curl(rng, [OPEN, OPEN, LOOSE, POINT, FIST][rng.integers(5)])

    def reach(t: Trunk, side: int) -> Reach:
        s, sh = sign(side), t.shoulder[side]
        arm = t.bones.upper + t.bones.fore
        if way == "stretched":
            wrist = sh + unit(np.array([s * 0.12 + 0.16 * j[0], -0.15 + 0.16 * j[1], 1.0])) * arm * float(
                np.clip(0.93 + 0.05 * j[2], 0.82, 0.99)
            )
        elif way == "bent":
            wrist = sh + np.array([s * 0.1 + 0.07 * j[0], -0.12 + 0.05 * j[1], 0.3 + 0.05 * j[2]])
        elif way == "low":
            wrist = sh + np.array([s * 0.12 + 0.06 * j[0], -0.16 + 0.04 * j[1], 0.13 + 0.03 * j[2]])
        else:
            wrist = sh + unit(np.array([s * 0.75, -0.15 + 0.1 * j[1], 0.8])) * arm * 0.92
        elbow = sh + np.array([s * 0.3, -0.1, 0.25 if way in ("stretched", "wide") else -0.12])
        return Reach(
            wrist,
            elbow,
            np.array([s * 0.1 + 0.2 * j[3], -0.1 + 0.2 * j[4], 1]),
            np.array([-s * 0.35 + 0.4 * j[5], -1, 0]),
            grip,
        )

    return reach


def at_head(rng: Rng, way: str) -> Arm:
    """The hand at the head without being raised: scratching, at the face, behind the head, at the ear with a phone."""
    j = rng.normal(0, 0.015, 3)
    places = {
        "scratch": ((0.13, 0.03, 0.08), (-0.75, 0.1, 0.6), (-0.7, 0.0, -0.6), LOOSE),
        "face": ((0.075, -0.13, -0.125), (-0.35, 0.2, 0.9), (-0.3, 1.0, 0.2), LOOSE),
        "behind": ((0.12, 0.12, -0.03), (-0.9, 0.35, 0.25), (-0.4, -0.9, 0.0), HOLD),
        "ear": ((0.12, -0.05, -0.12), (-0.15, 0.15, 1.0), (-1.0, 0.2, 0.0), HOLD),
        "hair": ((0.1, -0.09, 0.13), (-0.5, 0.8, 0.2), (-0.2, 0.3, -0.9), OPEN),
        "mouth": ((0.085, -0.19, -0.115), (-0.85, -0.1, 0.45), (-0.2, 1.0, 0.1), HOLD),
    }
    place, fingers, palm, grip = places[way]
    grip = curl(rng, grip)
    wide = way in ("scratch", "behind", "hair")

    def reach(t: Trunk, side: int) -> Reach:
        s = np.array([sign(side), 1.0, 1.0])
        elbow = t.shoulder[side] + (
            np.array([sign(side) * 0.35, -0.08, 0.12]) if wide else np.array([sign(side) * 0.15, -0.2, -0.28])
        )
        return Reach(
            t.head + t.rotation @ (np.array(place) * s + j),
            elbow,
            t.rotation @ (np.array(fingers) * s),
            t.rotation @ (np.array(palm) * s),
            grip,
        )

    return reach


def stretched(rng: Rng) -> Arm:
    """Both arms up and back, yawning: not a raised hand."""
    j, grip = rng.normal(0, 0.03, 3), curl(rng, FIST)

    def reach(t: Trunk, side: int) -> Reach:
        s = sign(side)
        return Reach(
            t.shoulder[side] + np.array([s * 0.16, 0.14, 0.42]) + j,
            t.shoulder[side] + np.array([s * 0.4, 0.1, 0.3]),
            np.array([-s * 0.3, 0.3, 1]),
            np.array([0, 0.3, 1]),
            grip,
        )

    return reach


def held(place: Array, fingers: Array, palm: Array, grip: tuple[float, ...], elbow: Array | None = None) -> Arm:
    """The wrist at a place (3,) given for the left hand; the right hand mirrors it."""

    def reach(t: Trunk, side: int) -> Reach:
        s = np.array([sign(side), 1.0, 1.0])
        out = t.shoulder[side] + np.array([sign(side) * 0.2, 0.0, -0.3]) if elbow is None else np.asarray(elbow) * s
        return Reach(np.asarray(place) * s, out, np.asarray(fingers) * s, np.asarray(palm) * s, grip)

    return reach
