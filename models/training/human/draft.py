"""A pose in the making, and where the trunk of one puts head, neck and shoulders."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from . import arms as arm
from .joints import unit
from .kinds import Action, Array, Desk, Pose, Prop
from .skeleton import Bones, shoulders, spine

LYING = np.diag([-1.0, -1.0, 1.0])  # a prop that lies before the person: its right, away and up axes


_ZERO = np.zeros((2, 3))


BARE = Pose(
    hips=np.zeros(3),
    turn=0.0,
    lean=np.zeros(3),
    bend=0.0,
    neck=np.array([0.0, 0.0, 1.0]),
    head=np.eye(3),
    eyes=np.zeros(2),
    wrists=_ZERO,
    elbows=_ZERO,
    fingers=_ZERO,
    palms=_ZERO,
    grips=np.zeros((2, 5)),
    ankles=_ZERO,
    knees=_ZERO,
    mouth=np.zeros(2),
)


@dataclass
class Draft:
    """A pose in the making."""

    bones: Bones
    desk: Desk
    rng: np.random.Generator
    action: Action
    left_handed: bool
    hips: Array
    turn: float = 0.0
    lean: list[float] = field(default_factory=lambda: [8.0, 0.0, 0.0])
    bend: float = 8.0
    head: Array = field(default_factory=lambda: np.eye(3))
    eyes: Array = field(default_factory=lambda: np.zeros(2))
    neck: Array | None = None
    arms: list[arm.Arm] = field(default_factory=list)
    ankles: Array = field(default_factory=lambda: np.zeros((2, 3)))
    knees: Array = field(default_factory=lambda: np.zeros((2, 3)))
    lids: float = 1.0
    mouth: Array = field(default_factory=lambda: np.zeros(2))
    props: list[Prop] = field(default_factory=list)
    pen: bool = False  # in the writing hand
    in_hand: str = ""  # what else the writing hand holds

    @property
    def hand(self) -> int:
        """The writing hand: 0 left, 1 right."""
        return 0 if self.left_handed else 1

    @property
    def edge(self) -> float:
        """The y of the desk's near edge."""
        return -self.desk.distance

    def prop(self, kind: str, place: tuple[float, float, float], turn: Array = LYING) -> None:
        """Lays a thing down."""
        self.props.append(Prop(kind, np.asarray(place, float), turn, int(self.rng.integers(1 << 30))))


def trunk_of(d: Draft) -> tuple[arm.Trunk, Pose]:
    """Where the draft's trunk puts what arms need, and the pose as far as it is known."""
    bare = replace(BARE, hips=d.hips, turn=d.turn, lean=np.array(d.lean), bend=d.bend, head=d.head)
    _, neck, _, chest = spine(d.bones, bare)
    forward = d.head @ np.array([0, -1.0, 0])
    down = max(-float(forward[2]), 0.0)
    flat = unit(np.array([forward[0], forward[1], 0.0]) * 0.5 - chest[:, 1] * [1, 1, 0])
    way = unit(0.5 * chest[:, 2] + np.array([0, 0, 0.55]) + flat * (0.16 + 0.38 * down)) if d.neck is None else d.neck
    head = neck + way * d.bones.neck
    sh = shoulders(d.bones, neck, chest, neck + np.array([[0.3, -0.2, -0.4], [-0.3, -0.2, -0.4]]))
    return arm.Trunk(d.desk, d.bones, head, d.head, neck, chest, sh, d.hips), replace(bare, neck=way)
