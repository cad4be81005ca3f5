"""What a rendered person is made of: who they are, what they do, how they hold themselves, and the meshes of it.

Frame of all coordinates: metres, z up, the origin on the floor under the middle of the seat; the person faces -y (the
board), so +x is their left. The near edge of the desk lies at y = -distance. Pairs are (left, right) of the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Color = tuple[float, float, float]  # linear RGB, 0..1

Posture = Literal["seated", "standing", "head-on-desk"]
Activity = Literal["reading", "writing", "listening"]
Gesture = Literal["hand-raised", "none"]
Facing = Literal["front", "turned-around"]
Material = Literal["skin", "hair", "cloth", "leather", "glass", "paper", "plastic", "eye"]
Split = Literal["train", "val", "calibration", "holdout"]


@dataclass(frozen=True)
class Desk:
    """A desk and its seat, in metres; `distance` from the seat's middle to the desk's near edge."""

    height: float = 0.73
    distance: float = 0.34
    depth: float = 0.5
    width: float = 0.7
    seat_height: float = 0.45


@dataclass(frozen=True)
class Action:
    """What a person does: a value per axis of manifests/behaviors.json (None: none of the activities).

    `look` is yaw and pitch of the gaze in degrees against straight ahead: yaw positive to the person's left, pitch
    positive upwards.
    """

    posture: Posture = "seated"
    activity: Activity | None = "listening"
    gesture: Gesture = "none"
    facing: Facing = "front"
    look: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Traits:
    """Who a person is. `shape` runs from 0 (a man's proportions) to 1 (a woman's); colors are linear RGB."""

    skin: Literal["light", "medium", "dark"]
    build: Literal["slim", "medium", "heavy"]
    glasses: Literal["yes", "no"]
    covering: Literal["none", "scarf", "cap", "turban"]
    wrap: str  # the covering's style, of wear.STYLES; empty without one
    seed: int  # of all noise of this person's surface
    height: float  # metres, standing
    shape: float
    age: float  # 0 youth .. 1 elderly
    tone: Color
    hair: str  # a style of hair.STYLES
    hair_color: Color
    beard: Literal["none", "stubble", "full", "moustache"]
    eye_color: Color
    frame: str  # a style of glasses.STYLES
    top: str  # a cut of clothes.CUTS
    sleeve: Literal["short", "rolled", "long"]
    pattern: str  # one of patterns.PATTERNS
    colors: tuple[Color, Color, Color]  # of the top: ground, figure, trim
    legs: Color
    shoes: Color
    cover_color: Color
    left_handed: bool
    face: tuple[float, ...]  # ten numbers about 0 (spread 1): proportions of the face


@dataclass(frozen=True)
class Prop:
    """A thing that belongs to a person: its middle (3,) and the columns (3,3) of its right, away and up axes.

    What a hand (0 left, 1 right) holds is placed in that hand's frame (`joints.grasp`), from its wrist.
    """

    kind: str
    place: Array
    turn: Array
    seed: int = 0
    hand: int | None = None


@dataclass(frozen=True)
class Pose:
    """How a person holds itself, continuous in every number, so that two poses blend."""

    hips: Array  # (3,) middle between the hip joints
    turn: float  # degrees, of the hips about z, positive to the left
    lean: Array  # (3,) degrees: of the trunk forward, to the left, and the chest's twist to the left
    bend: float  # degrees the upper spine bends on
    neck: Array  # (3,) unit vector from the neck's base to the head's middle
    head: Array  # (3,3) columns: the head's left, back and up
    eyes: Array  # (2,) degrees: gaze to the left and upwards, against the head
    wrists: Array  # (2,3)
    elbows: Array  # (2,3) wanted: the solver keeps the bones' lengths
    fingers: Array  # (2,3) unit vectors from the wrist to the knuckles
    palms: Array  # (2,3) unit vectors out of the palms
    grips: Array  # (2,5) 0 straight .. 1 closed, thumb to little finger
    ankles: Array  # (2,3)
    knees: Array  # (2,3) wanted
    mouth: Array  # (2,) open 0..1, smile -1..1
    lids: float = 1.0  # 0 closed .. 1 open
    props: tuple[Prop, ...] = ()


@dataclass(frozen=True)
class Part:
    """A mesh of one material: vertices (n,3) float32, faces (m,3) int32, colors (n,3) float32 linear RGB."""

    name: str
    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    colors: NDArray[np.float32]
    material: Material


@dataclass(frozen=True)
class Body:
    """A person ready to render, and the truth about them. `keypoints` (17,3) are in COCO's order."""

    parts: tuple[Part, ...]
    keypoints: Array
    head: Array
    head_rotation: Array
    action: Action
    traits: Traits
