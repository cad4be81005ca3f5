"""A drawn person as data: how they look and hold themselves, where they sit, and where that puts their arms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tests.drawn.canvas import Color, Points

Hair = Literal["short", "curly", "long", "bald", "bob", "side", "scarf", "cap", "bun", "waves", "crop"]
Arm = Literal["folded", "flat", "lap", "chin", "raised", "bent", "wide", "write", "paper", "book", "open", "hang"]

HAIR: tuple[Hair, ...] = ("short", "curly", "long", "bald", "bob", "side", "scarf", "cap")
HAIR_HELD_OUT: tuple[Hair, ...] = ("bun", "waves", "crop")  # never drawn for training
STAND = 1.7  # how far a body rises when it stands up, in heads

# elbow and wrist in heads: x outward from the body's middle, y down from the desk's rear edge; then what carries the
# wrist when the body rises (the desk or the body), and whether the forearm lies before the desk or behind it
ARMS: dict[Arm, tuple[tuple[float, float], tuple[float, float], bool, bool]] = {
    "folded": ((1.08, -0.08), (0.18, 0.26), False, True),
    "flat": ((1.12, -0.06), (0.62, 0.34), False, True),
    "lap": ((1.12, -0.25), (0.62, 0.5), True, False),
    "chin": ((0.82, 0.12), (0.46, -1.22), True, True),
    "raised": ((1.3, -2.1), (1.2, -3.15), True, True),
    "bent": ((1.62, -1.35), (1.38, -2.5), True, True),
    "wide": ((1.62, -1.95), (2.0, -2.85), True, True),
    "write": ((1.1, -0.02), (0.42, 0.34), False, True),
    "paper": ((1.1, -0.04), (0.55, 0.36), False, True),
    "book": ((1.1, 0.06), (0.6, -0.3), True, True),
    "open": ((1.12, 0.0), (0.72, 0.3), False, True),
    "hang": ((1.12, 0.12), (1.08, 1.15), True, False),
}
RAISED: tuple[Arm, ...] = ("raised", "bent", "wide")


@dataclass(frozen=True, slots=True)
class Look:
    """What a drawn person looks like; colors are BGR. `wide` is the build, 0.85..1.15."""

    skin: Color
    hair: Hair
    hair_color: Color
    top: Color
    second: Color
    legs: Color
    style: Literal["plain", "collar", "hood", "stripes", "jacket", "vneck"] = "plain"
    glasses: bool = False
    beard: bool = False
    wide: float = 1.0


@dataclass(frozen=True, slots=True)
class Pose:
    """How a person holds itself. Shares run 0..1, so that poses can be passed through on the way.

    `left` and `right` are the picture's sides. `raise_left`/`raise_right` carry that arm from its place up to
    `hand`. `activity` places book, paper and pen; `stroke` moves the pen (heads), `sway` the head (heads).
    """

    left: Arm = "folded"
    right: Arm = "folded"
    hand: Arm = "raised"
    raise_left: float = 0.0
    raise_right: float = 0.0
    lift: float = 0.0
    down: float = 0.0
    turned: bool = False
    pitch: float = 0.0
    yaw: float = 0.0
    activity: Literal["reading-up", "reading-flat", "writing", "listening"] = "listening"
    materials: bool = False  # a closed book or a sheet lies on the desk though nobody uses it
    stroke: tuple[float, float] = (0.0, 0.0)
    sway: tuple[float, float] = (0.0, 0.0)
    blink: bool = False


@dataclass(slots=True)
class Extent:
    """Grows around the shapes of one person, in drawing units."""

    low: Points = field(default_factory=lambda: np.full(2, np.inf))
    high: Points = field(default_factory=lambda: np.full(2, -np.inf))

    def add(self, points: Points, floor: float = np.inf) -> None:
        """Takes in the points, none lower in the picture than `floor`."""
        kept = np.minimum(points, [np.inf, floor])
        self.low = np.minimum(self.low, kept.min(0))
        self.high = np.maximum(self.high, kept.max(0))


@dataclass(frozen=True, slots=True)
class Figure:
    """A person at a desk: `x`, `y` the middle of the desk's rear edge, `unit` a head's height (drawing units)."""

    x: float
    y: float
    unit: float
    look: Look
    pose: Pose

    def at(self, x: float, y: float) -> Points:
        """Heads from the desk's rear edge to drawing units."""
        return np.array([self.x + x * self.unit, self.y + y * self.unit])

    def shape(self, points: list[tuple[float, float]]) -> Points:
        """The same for an outline."""
        return np.array([self.x, self.y]) + np.array(points, float) * self.unit

    @property
    def rise(self) -> float:
        """How far the body is above its seated place, in heads; a head on the desk pulls the shoulders down."""
        return STAND * self.pose.lift - 0.42 * self.pose.down

    @property
    def head(self) -> Points:
        """Middle of the head."""
        p = self.pose
        seated = np.array([0.0, -2.02 - STAND * p.lift + 0.12 * p.pitch]) + np.array(p.sway)
        resting = np.array([0.12, -0.34])
        place = seated + (resting - seated) * p.down
        return self.at(float(place[0]), float(place[1]))


def arm_pose(f: Figure, side: int) -> tuple[Arm, float]:
    """Where the arm of a side (-1 or 1) rests, and how far it is raised, 0..1."""
    return (f.pose.left, f.pose.raise_left) if side < 0 else (f.pose.right, f.pose.raise_right)


def before_desk(pose: Pose, side: int) -> bool:
    """Whether the arm of a side is drawn before the desk rather than behind it."""
    arm, up = (pose.left, pose.raise_left) if side < 0 else (pose.right, pose.raise_right)
    return not pose.turned and (ARMS[arm][3] or up > 0.15)


def arm_joints(f: Figure, side: int) -> tuple[Points, Points, Points]:
    """Shoulder, elbow and wrist of one arm (side -1 or 1), in drawing units."""
    pose = f.pose
    arm, share = arm_pose(f, side)

    def place(which: Arm) -> Points:
        elbow, wrist, _, _ = ARMS[which]
        carried = ARMS[which][2]
        rise_elbow = f.rise if carried else 0.45 * f.rise
        rise_wrist = f.rise if carried else 0.0
        return np.array([(side * elbow[0], elbow[1] - rise_elbow), (side * wrist[0], wrist[1] - rise_wrist)])

    base, target = place(arm), place(pose.hand)
    halfway = (base + target) / 2 + np.array([[side * 0.35, 0.0], [side * 0.55, 0.1]])  # the hand swings outward
    joints = (1 - share) ** 2 * base + 2 * share * (1 - share) * halfway + share**2 * target
    if pose.down > 0:
        folded = np.array([(side * 1.3, 0.06), (side * 0.1, 0.24)])
        joints = joints + (folded - joints) * pose.down
    if arm == "write" and share < 0.5:
        joints = joints + np.array([[0.2, 0.2], [1, 1]]) * np.array(pose.stroke)
    shoulder = f.at(side * 0.84 * f.look.wide, -1.06 - f.rise)
    return shoulder, f.at(*joints[0]), f.at(*joints[1])
