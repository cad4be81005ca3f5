"""How an action looks on a body: many natural variants of each, hands, elbows and head where desk and props want."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from . import arms as arm
from .joints import about, circle, facing, frame, unit
from .kinds import Action, Array, Desk, Pose, Prop, Traits
from .skeleton import Bones, bones, shoulders, spine

LYING = np.diag([-1.0, -1.0, 1.0])  # a prop that lies before the person: its right, away and up axes


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


def pose(action: Action, traits: Traits, desk: Desk, rng: np.random.Generator) -> Pose:
    """A natural pose for the action. Hands and elbows stay above the desk's top; a trunk leans as far as hands need."""
    b = bones(traits)
    d = Draft(b, desk, rng, action, traits.left_handed, np.zeros(3))
    if action.posture == "standing":
        _stand(d)
    else:
        _sit(d)
    _gaze(d)
    if action.posture == "head-on-desk":
        _lie(d)
    else:
        _DOING[action.activity](d)
    if action.gesture == "hand-raised":
        d.arms[d.hand if rng.random() < (0.3 if d.pen else 0.75) else 1 - d.hand] = arm.raised(rng)
    return _settle(d)


def _sit(d: Draft) -> None:
    rng, s = d.rng, d.bones.trunk / 0.485
    d.hips = np.array(
        [rng.normal(0, 0.02), rng.uniform(-0.04, 0.07), d.desk.seat_height + 0.085 * s * (0.8 + 0.2 * d.bones.wide)]
    )
    d.lean = [rng.normal(7, 6), rng.normal(0, 3), rng.normal(0, 5)]
    d.bend = abs(rng.normal(8, 6))
    d.turn = rng.normal(0, 5)
    apart, ahead = rng.uniform(0.07, 0.2), rng.uniform(0.18, 0.5, 2)
    if d.action.facing == "turned-around":
        way = np.sign(d.action.look[0])
        d.turn = way * (rng.uniform(30, 75) if rng.random() < 0.65 else rng.uniform(120, 178))
        need = max(abs(d.action.look[0]) - abs(d.turn) - 70, 0.0)
        d.lean[2] = way * min(need + rng.uniform(0, 15), 60)
        d.lean[0] = rng.uniform(-2, 10)
    r = about(2, d.turn)
    d.ankles = np.stack([d.hips + r @ np.array([side * apart, -a, 0]) for side, a in zip((1, -1), ahead, strict=True)])
    d.ankles[:, 2] = 0.085
    d.knees = np.stack([d.hips + r @ np.array([side * (apart + 0.08), -1.0, 0.1]) for side in (1, -1)])


def _stand(d: Draft) -> None:
    rng = d.rng
    leg = d.bones.thigh + d.bones.shin
    beside = rng.random() < 0.35
    x = float(rng.choice([-1, 1])) * (d.desk.width / 2 + rng.uniform(0.15, 0.35)) if beside else rng.normal(0, 0.05)
    y = rng.uniform(-0.6, 0.1) if beside else d.edge + rng.uniform(0.13, 0.2)
    d.hips = np.array([x, y, leg * rng.uniform(0.975, 0.995) + 0.08])
    d.lean = [rng.normal(3, 3), rng.normal(0, 3), rng.normal(0, 6)]
    d.bend = abs(rng.normal(5, 4))
    d.turn = (
        rng.normal(0, 12)
        if abs(d.action.look[0]) < 100
        else d.action.look[0] - np.sign(d.action.look[0]) * rng.uniform(0, 60)
    )
    r = about(2, d.turn)
    d.ankles = np.stack(
        [d.hips + r @ np.array([side * rng.uniform(0.07, 0.14), rng.uniform(-0.06, 0.08), 0]) for side in (1, -1)]
    )
    d.ankles[:, 2] = 0.085
    d.knees = np.stack([d.hips + r @ np.array([side * 0.14, -1.0, -0.4]) for side in (1, -1)])


def _gaze(d: Draft) -> None:
    yaw, pitch = d.action.look
    share = d.rng.uniform(0.82, 1.0, 2)
    if abs(yaw) > 100:
        share[0] = 1.0
    d.head = facing(yaw * share[0], pitch * share[1], d.rng.normal(0, 6))
    d.eyes = np.array([yaw * (1 - share[0]), pitch * (1 - share[1])]) + d.rng.normal(0, 2, 2)
    d.mouth = np.array([max(d.rng.normal(-0.05, 0.2), 0), d.rng.normal(0.1, 0.3)])
    d.lids = (
        float(np.clip(d.rng.normal(0.95, 0.12) + min(pitch, 0) * 0.004, 0.35, 1.1)) if d.rng.random() > 0.04 else 0.0
    )


def _write(d: Draft) -> None:
    rng, top = d.rng, d.desk.height
    s = arm.sign(d.hand)
    if d.action.posture == "standing" and rng.random() < 0.5:  # a pad in the hand
        pad = d.hips + np.array([0.0, -0.34, 0.33])
        d.prop("paper", tuple(pad), about(2, rng.normal(0, 10)) @ about(0, -30) @ LYING)
        d.arms = [
            arm.held(
                pad + np.array([0.13, 0.06, -0.01]), np.array([-0.6, -0.7, 0.0]), np.array([-0.2, 0, 1.0]), arm.HOLD
            )
        ] * 2
        d.arms[d.hand] = arm.held(
            pad + np.array([0.08, 0.03, 0.055]), np.array([-0.5, -1, -0.3]), np.array([-0.8, -0.1, -0.6]), arm.PEN
        )
        d.pen = True
        return
    if d.action.posture == "standing":
        d.lean[0], d.bend = rng.uniform(35, 55), rng.uniform(8, 20)
    else:
        d.lean[0], d.bend = rng.uniform(8, 32), rng.uniform(8, 26)
        d.lean[1] += rng.normal(0, 5)
    y = d.edge - rng.uniform(0.13, 0.25)
    x = d.hips[0] * 0.6 + rng.normal(0, 0.04)
    slant = rng.normal(12 * s, 12)
    d.prop("notebook" if rng.random() < 0.4 else "paper", (x, y, top + 0.002), about(2, slant) @ LYING)
    line = np.array([x + s * rng.uniform(0.0, 0.09), y + rng.uniform(-0.05, 0.07), top + 0.036])
    tip = arm.held(
        line * np.array([s, 1, 1]) + np.array([0.02, 0.09, 0]),
        np.array([-0.45 + rng.normal(0, 0.15), -1, -0.2]),
        np.array([-0.85, -0.1, -0.6]),
        arm.curl(rng, arm.PEN),
        np.array([0.36, d.edge + 0.02, top + 0.03]),
    )
    other = rng.random()
    o = -s
    if other < 0.55:
        rest = arm.held(
            np.array([(x * o) + rng.uniform(0.06, 0.16), y + rng.uniform(0.02, 0.1), top + 0.034]),
            np.array([-rng.uniform(0.1, 1), -1, -0.08]),
            np.array([-0.15, 0, -1]),
            arm.curl(rng, arm.OPEN),
            np.array([0.36, d.edge, top + 0.03]),
        )
    elif other < 0.72:
        rest = arm.on_desk(rng, rng.uniform(0.0, 0.1), rng.uniform(0.03, 0.09))
    elif other < 0.87:
        rest = arm.chin(rng) if rng.random() < 0.6 else arm.at_head(rng, "scratch")
    else:
        rest = arm.lap(rng)
    d.arms = [tip, tip]
    d.arms[1 - d.hand] = rest
    d.pen = True


def _read(d: Draft) -> None:
    rng, top = d.rng, d.desk.height
    way = rng.random()
    if d.action.posture == "standing":
        way = 0.55 + 0.2 * rng.random()
    thing = "book" if rng.random() < 0.75 else ("tablet" if rng.random() < 0.3 else "paper")
    if way < 0.5:  # it lies on the desk
        d.lean[0], d.bend = rng.uniform(4, 26), rng.uniform(6, 24)
        x, y = rng.normal(0, 0.04), d.edge - rng.uniform(0.15, 0.25)
        d.prop(thing, (x, y, top + 0.003), about(2, rng.normal(0, 9)) @ LYING)
        flat = [
            arm.held(
                np.array([rng.uniform(0.13, 0.19), y + rng.uniform(0.02, 0.12), top + 0.034]),
                np.array([-rng.uniform(0.2, 0.9), -1, -0.05]),
                np.array([-0.3, 0, -1]),
                arm.curl(rng, arm.LOOSE),
                np.array([0.36, d.edge, top + 0.03]),
            )
            for _ in (0, 1)
        ]
        d.arms = list(flat)
        kind = rng.random()
        if kind < 0.3:
            d.arms[int(rng.integers(2))] = arm.chin(rng)
        elif kind < 0.4:
            d.arms = [arm.chin(rng), arm.chin(rng)]
            d.lean[0] += 8
        elif kind < 0.5:
            d.arms[int(rng.integers(2))] = arm.lap(rng)
        elif kind < 0.6:
            d.arms = list(arm.folded_desk(rng))
        elif kind < 0.75:  # a finger follows the line
            d.arms[d.hand] = arm.held(
                np.array([rng.uniform(0.02, 0.1), y + 0.1, top + 0.036]),
                np.array([-0.2, -1, -0.12]),
                np.array([-0.3, 0, -1]),
                arm.POINT,
                np.array([0.36, d.edge, top + 0.03]),
            )
        return
    tilt = rng.uniform(35, 75)  # held, or standing on the desk
    if d.action.posture == "standing":
        middle = d.hips + about(2, d.turn) @ np.array([0, -0.36, rng.uniform(0.3, 0.42)])
    elif way < 0.8:
        middle = np.array([rng.normal(0, 0.04), d.edge - rng.uniform(0.06, 0.16), top + rng.uniform(0.12, 0.2)])
    else:  # back in the chair, the book against the desk's edge
        d.lean[0], d.bend = rng.uniform(-12, -2), rng.uniform(12, 26)
        middle = np.array([rng.normal(0, 0.04), d.edge - rng.uniform(0.0, 0.06), top + rng.uniform(0.12, 0.16)])
    turn = about(2, d.turn) @ about(0, -tilt) @ LYING
    d.prop(thing, tuple(middle), turn)
    half = 0.155 if thing == "book" else 0.1
    low = rng.uniform(-0.06, 0.0)

    def at(t: arm.Trunk, side: int) -> arm.Reach:
        s = arm.sign(side)
        wrist = middle + turn @ np.array([-s * (half + 0.035), low - 0.085, -0.035])
        return arm.Reach(
            wrist,
            t.shoulder[side] + np.array([s * 0.2, 0, -0.35]),
            turn @ np.array([s * 0.45, 0.85, -0.05]),
            turn @ np.array([s * 0.55, 0.1, 0.8]),
            arm.HOLD,
        )

    d.arms = [at, at]
    if thing != "book" and rng.random() < 0.4:
        d.arms[int(rng.integers(2))] = arm.chin(rng) if d.action.posture == "seated" else arm.hang(rng)


def _listen(d: Draft) -> None:
    rng = d.rng
    if d.action.posture == "standing":
        d.arms = _standing_arms(d)
        return
    if d.action.facing == "turned-around":
        d.arms = _turned_arms(d)
        return
    way = rng.random()
    if way < 0.2:
        d.arms = list(arm.folded_desk(rng))
        d.lean[0] = rng.uniform(8, 24)
    elif way < 0.34:
        d.arms = list(arm.folded_chest(rng))
        d.lean[0] = rng.uniform(-12, 2)
    elif way < 0.5:
        d.arms = [arm.chin(rng), arm.on_desk(rng) if rng.random() < 0.7 else arm.lap(rng)][:: int(rng.choice([-1, 1]))]
        d.lean[0], d.bend = rng.uniform(16, 30), rng.uniform(10, 20)
    elif way < 0.75:
        d.arms = [arm.on_desk(rng), arm.on_desk(rng)]
    elif way < 0.88:
        d.arms = [arm.lap(rng), arm.lap(rng)]
        d.lean[0] = rng.uniform(-10, 4)
    else:
        d.arms = [arm.on_desk(rng), arm.lap(rng) if rng.random() < 0.6 else arm.hang(rng)][:: int(rng.choice([-1, 1]))]
    if rng.random() < 0.4:
        d.prop(
            str(rng.choice(["book", "paper", "notebook"])),
            (rng.normal(0, 0.06), d.edge - rng.uniform(0.26, 0.33), d.desk.height + 0.003),
            about(2, rng.normal(0, 20)) @ LYING,
        )
        d.pen = bool(rng.random() < 0.15 and way > 0.75)


def _standing_arms(d: Draft) -> list[arm.Arm]:
    rng, way = d.rng, d.rng.random()
    if way < 0.4:
        return [arm.hang(rng), arm.hang(rng)]
    if way < 0.55:
        return list(arm.folded_chest(rng))
    if way < 0.7 and abs(d.hips[0]) < 0.2 and abs(d.turn) < 60:
        d.lean[0] = rng.uniform(12, 30)
        return [arm.on_desk(rng, 0.22, 0.06), arm.on_desk(rng, 0.22, 0.06)]
    return [arm.hip(rng), arm.hip(rng) if rng.random() < 0.5 else arm.hang(rng)][:: int(rng.choice([-1, 1]))]


def _turned_arms(d: Draft) -> list[arm.Arm]:
    rng = d.rng
    r = about(2, d.turn if abs(d.turn) > 100 else np.sign(d.turn) * 150)
    back = d.hips + r @ np.array([0, -0.26, 0.36])

    def on_back(t: arm.Trunk, side: int) -> arm.Reach:
        s = arm.sign(side)
        return arm.Reach(
            back + r @ np.array([s * 0.1, 0, 0.03]),
            t.shoulder[side] + np.array([s * 0.3, 0, -0.2]),
            r @ np.array([-s * 0.6, -0.8, -0.3]),
            np.array([0, 0, -1.0]),
            arm.LOOSE,
        )

    near = 0 if d.turn > 0 else 1
    if abs(d.turn) > 100:
        return [on_back, on_back] if rng.random() < 0.6 else [arm.lap(rng), on_back]
    out: list[arm.Arm] = [arm.lap(rng), arm.lap(rng)]
    out[near] = on_back if rng.random() < 0.7 else arm.hang(rng)
    if rng.random() < 0.5:
        out[1 - near] = arm.on_desk(rng, 0.08, 0.06)
    return out


def _other(d: Draft) -> None:
    """None of the activities: chatting, a phone, drinking, scratching, stretching, or nothing at all."""
    rng, (yaw, pitch) = d.rng, d.action.look
    if d.action.facing == "turned-around":
        d.arms = _turned_arms(d) if d.action.posture == "seated" else _standing_arms(d)
        return
    if pitch < -25:
        lying = d.action.posture == "seated" and rng.random() < 0.6
        place = (
            np.array([0.05, d.edge - 0.05, d.desk.height + 0.1])
            if lying
            else d.hips + np.array([0.04, -0.28, 0.25 if d.action.posture == "standing" else 0.14])
        )
        hold = arm.held(place, np.array([-0.5, -0.7, 0.35]), np.array([-0.6, 0.5, 0.7]), arm.HOLD)
        d.arms = [hold, hold]
        d.in_hand = "phone"
        if rng.random() < 0.4:
            d.arms[1 - d.hand] = arm.lap(rng) if d.action.posture == "seated" else arm.hang(rng)
        return
    if d.action.posture == "standing":
        d.arms = _standing_arms(d)
        if rng.random() < 0.25:
            d.arms[d.hand] = arm.at_head(rng, str(rng.choice(["scratch", "ear", "face"])))
        return
    rest = [arm.on_desk(rng), arm.lap(rng), arm.folded_desk(rng)[0]][int(rng.integers(3))]
    d.arms = [rest, rest]
    if abs(yaw) > 40:  # chatting
        d.lean[2], d.lean[1] = yaw * rng.uniform(0.1, 0.45), np.sign(yaw) * abs(rng.normal(4, 5))
        d.mouth[0] = rng.uniform(0, 0.8)
        if rng.random() < 0.4:
            place = np.array(
                [rng.uniform(0.1, 0.3), d.edge - rng.uniform(0.0, 0.2), d.desk.height + rng.uniform(0.12, 0.3)]
            )
            d.arms[int(rng.integers(2))] = arm.held(
                place, np.array([-0.1, -1, 0.5]), np.array([-0.5, 0.2, 0.8]), arm.OPEN
            )
        return
    way = rng.random()
    if way < 0.16:
        d.arms = [arm.stretched(rng), arm.stretched(rng)]
        d.lean[0], d.mouth[0] = rng.uniform(-18, -4), rng.uniform(0, 1)
    elif way < 0.3:
        d.arms = [arm.at_head(rng, "behind"), arm.at_head(rng, "behind")]
        d.lean[0] = rng.uniform(-16, -4)
    elif way < 0.48:
        d.arms[d.hand] = arm.at_head(rng, "mouth")
        d.in_hand = "cup"
    elif way < 0.9:
        d.arms[int(rng.integers(2))] = arm.at_head(rng, str(rng.choice(["scratch", "face", "hair", "ear"])))


def _lie(d: Draft) -> None:
    """Head on the desk or on the arms: on a cheek, face down or on the chin."""
    rng, top = d.rng, d.desk.height
    way = str(rng.choice(["folded", "ring", "pillow", "lap", "chin"], p=[0.38, 0.2, 0.17, 0.12, 0.13]))
    under = {"folded": 0.085, "ring": 0.015, "pillow": 0.06, "lap": 0.005, "chin": 0.075}[way]
    size = d.bones.head
    if way == "chin":
        d.head = facing(rng.normal(0, 22), rng.normal(-4, 6), rng.normal(0, 9))
        height = 0.112 * size
    else:
        roll = rng.normal(0, 18) if rng.random() < 0.35 else np.sign(d.action.look[0]) * rng.uniform(50, 92)
        d.head = about(2, rng.normal(0, 12)) @ about(0, rng.uniform(68, 88)) @ about(2, roll)
        height = (0.095 - 0.018 * abs(np.sin(np.radians(roll)))) * size
    d.lids = 0.0 if rng.random() < 0.7 else 1.0
    middle = np.array([d.hips[0] + rng.normal(0, 0.05), d.edge - rng.uniform(0.1, 0.2), top + under + height])
    d.bend = rng.uniform(18, 38)
    d.lean[1], d.lean[2] = rng.normal(0, 3), rng.normal(0, 4)
    best = 9.0
    for y in np.linspace(-0.14, 0.1, 7):
        for lean in np.linspace(5, 75, 29):
            hips = np.array([d.hips[0], y, d.hips[2]])
            _, neck, _, _ = spine(
                d.bones,
                replace(_BARE, hips=hips, turn=d.turn, lean=np.array([lean, d.lean[1], d.lean[2]]), bend=d.bend),
            )
            miss = (
                abs(float(np.linalg.norm(middle - neck)) - d.bones.neck)
                + 0.2 * max(middle[2] + 0.01 - neck[2], 0)
                + 0.03 * abs(y)
            )
            if miss < best:
                best, found = miss, (hips, lean, unit(middle - neck))
    d.hips, d.lean[0], d.neck = found
    x, y = middle[:2]
    over = int(rng.integers(2))

    def folded(_: arm.Trunk, side: int) -> arm.Reach:
        s = arm.sign(side)
        lift = 0.06 if side == over else 0.0
        wrist = np.array([x - s * 0.09, y - 0.03 - (0.0 if lift else 0.04), top + 0.034 + lift])
        return arm.Reach(
            wrist,
            np.array([x + s * 0.3, y + 0.06, top + 0.05]),
            np.array([-s, -0.1, -0.12]),
            np.array([0, 0, -1.0]),
            arm.LOOSE,
        )

    ring = arm.held(
        np.array([0.05, y - 0.17, top + 0.034]),
        np.array([-1, -0.1, 0]),
        np.array([0, 0, -1.0]),
        arm.LOOSE,
        np.array([0.33, y + 0.02, top + 0.05]),
    )
    pillow = arm.held(
        np.array([0.06, y - 0.2, top + 0.034]),
        np.array([0.1, -1, 0]),
        np.array([-0.3, 0, -1.0]),
        arm.LOOSE,
        np.array([0.2, y + 0.1, top + 0.04]),
    )
    d.arms = {
        "folded": [folded, folded],
        "chin": [folded, folded],
        "ring": [ring, ring],
        "pillow": [pillow, arm.on_desk(rng, 0.24, 0.1)][:: int(rng.choice([-1, 1]))],
        "lap": [arm.lap(rng), arm.lap(rng)],
    }[way]
    if rng.random() < 0.12:
        d.arms[int(rng.integers(2))] = arm.hang(rng)
    if rng.random() < 0.35:
        d.prop(
            str(rng.choice(["book", "notebook", "paper"])),
            (x + rng.normal(0, 0.06), max(y - 0.05, d.edge - d.desk.depth + 0.12), top + 0.002),
            about(2, rng.normal(0, 25)) @ LYING,
        )


_DOING = {"writing": _write, "reading": _read, "listening": _listen, None: _other}
_ZERO = np.zeros((2, 3))
_BARE = Pose(
    np.zeros(3),
    0.0,
    np.zeros(3),
    0.0,
    np.array([0.0, 0.0, 1.0]),
    np.eye(3),
    np.zeros(2),
    _ZERO,
    _ZERO,
    _ZERO,
    _ZERO,
    np.zeros((2, 5)),
    _ZERO,
    _ZERO,
)


def _trunk(d: Draft) -> tuple[arm.Trunk, Pose]:
    bare = replace(_BARE, hips=d.hips, turn=d.turn, lean=np.array(d.lean), bend=d.bend, head=d.head)
    _, neck, _, chest = spine(d.bones, bare)
    forward = d.head @ np.array([0, -1.0, 0])
    down = max(-float(forward[2]), 0.0)
    flat = unit(np.array([forward[0], forward[1], 0.0]) * 0.5 - chest[:, 1] * [1, 1, 0])
    way = unit(0.5 * chest[:, 2] + np.array([0, 0, 0.55]) + flat * (0.16 + 0.38 * down)) if d.neck is None else d.neck
    head = neck + way * d.bones.neck
    sh = shoulders(d.bones, neck, chest, neck + np.array([[0.3, -0.2, -0.4], [-0.3, -0.2, -0.4]]))
    return arm.Trunk(d.desk, d.bones, head, d.head, neck, chest, sh, d.hips), replace(bare, neck=way)


def _settle(d: Draft) -> Pose:
    """Leans the trunk until both hands reach, then turns each elbow to where neither desk nor trunk is in its way."""
    length = d.bones.upper + d.bones.fore
    for _ in range(12):
        trunk, bare = _trunk(d)
        reaches = [d.arms[side](trunk, side) for side in (0, 1)]
        far = max(float(np.linalg.norm(r.wrist - trunk.shoulder[i])) - length for i, r in enumerate(reaches))
        high = max((float(np.linalg.norm(r.wrist - r.elbow)) - d.bones.fore for r in reaches if r.rests), default=0.0)
        down = d.lean[0] + d.bend
        if d.action.posture != "seated" or ((far <= 0 or down > 70) and (high <= 0.01 or down > 46)):
            break
        d.lean[0] += 4.0
        d.bend += 0.6
    wrists = np.stack([r.wrist for r in reaches])
    sh = shoulders(d.bones, trunk.neck, trunk.chest, wrists)
    for i in (0, 1):
        way = wrists[i] - sh[i]
        wrists[i] = sh[i] + way * min(1.0, 0.985 * length / max(float(np.linalg.norm(way)), 1e-6))
        if _over(d.desk, wrists[i]):
            wrists[i, 2] = max(wrists[i, 2], d.desk.height + 0.033)
    elbows = np.stack([_elbow(d, trunk, sh[i], wrists[i], reaches[i].elbow) for i in (0, 1)])
    fingers = unit(np.stack([r.fingers for r in reaches]))
    palms = np.stack([r.palm for r in reaches])
    palms = unit(palms - fingers * np.sum(palms * fingers, 1, keepdims=True))
    grips = np.array([r.grip for r in reaches], float)
    if d.pen or d.in_hand:
        d.props.append(_held(d, wrists[d.hand], fingers[d.hand], palms[d.hand]))
    return replace(
        bare,
        eyes=d.eyes,
        wrists=wrists,
        elbows=elbows,
        fingers=fingers,
        palms=palms,
        grips=grips,
        ankles=d.ankles,
        knees=d.knees,
        lids=d.lids,
        mouth=d.mouth,
        props=tuple(d.props),
    )


def _over(desk: Desk, p: Array) -> bool:
    """Whether a point lies within the desk's outline and not deep below its top."""
    return bool(
        -desk.distance - desk.depth < p[1] < -desk.distance + 0.03
        and abs(p[0]) < desk.width / 2
        and p[2] > desk.height - 0.12
    )


def _elbow(d: Draft, trunk: arm.Trunk, shoulder: Array, wrist: Array, wanted: Array) -> Array:
    ring = circle(shoulder, wrist, d.bones.upper, d.bones.fore)
    cost = np.linalg.norm(ring - wanted, axis=1)
    desk = d.desk
    for t in (0.0, 0.3, 0.6, 0.85):
        p = ring + (wrist - ring) * t
        inside = (
            (p[:, 1] < -desk.distance + 0.03)
            & (p[:, 1] > -desk.distance - desk.depth)
            & (np.abs(p[:, 0]) < desk.width / 2 + 0.05)
        )
        if wrist[2] > desk.height - 0.02:
            cost += inside * np.maximum(desk.height + 0.043 - 0.01 * t - p[:, 2], 0) * 40
        axis = trunk.neck - trunk.hips
        q = np.clip((p - trunk.hips) @ axis / float(axis @ axis), 0, 0.95)
        near = np.linalg.norm(p - trunk.hips - q[:, None] * axis, axis=1)
        cost += np.maximum(0.165 * d.bones.wide - near, 0) * 12
    return ring[int(cost.argmin())]


def _held(d: Draft, wrist: Array, fingers: Array, palm: Array) -> Prop:
    """A thing in the writing hand."""
    s = arm.sign(d.hand)
    thumb = s * np.cross(palm, fingers)
    seed = int(d.rng.integers(1 << 30))
    if d.in_hand == "phone":
        return Prop(
            "phone", wrist + fingers * 0.1 + palm * 0.028, np.stack([np.cross(fingers, -palm), fingers, palm], 1), seed
        )
    if d.in_hand == "cup":
        return Prop("cup", wrist + fingers * 0.085 + palm * 0.05, frame(-palm, thumb)[:, [0, 1, 2]], seed)
    tip = wrist + fingers * 0.125 + palm * 0.05 + thumb * 0.012
    if _over(d.desk, tip) and d.action.activity == "writing":
        tip[2] = d.desk.height + 0.004
    back = unit(wrist + fingers * 0.055 + thumb * 0.055 - palm * 0.012 - tip)
    return Prop("pen", tip, frame(np.cross(back, (0.3, 0.5, 0.1)), back), seed)


def blend(a: Pose, b: Pose, t: float) -> Pose:
    """The pose a share t of the way from a to b: places straight, directions normed, the head on the shortest arc.

    Things that both hold move along; others change hands half-way.
    """

    def mix(x: Array, y: Array) -> Array:
        return np.asarray(x) * (1 - t) + np.asarray(y) * t

    def arc(x: Array, y: Array) -> Array:
        return np.asarray(Slerp([0, 1], Rotation.from_matrix(np.stack([x, y])))(t).as_matrix())

    near = a if t < 0.5 else b
    others = list((b if t < 0.5 else a).props)
    props = []
    for p in near.props:
        twin = next((q for q in others if q.kind == p.kind and q.seed == p.seed), None) or next(
            (q for q in others if q.kind == p.kind), None
        )
        if twin is None:
            props.append(p)
        else:
            others.remove(twin)
            first, last = (p, twin) if near is a else (twin, p)
            props.append(
                replace(
                    p,
                    place=mix(first.place, last.place),
                    turn=arc(first.turn, last.turn),
                    seed=a.seed if isinstance(a, Prop) else first.seed,
                )
            )
    around = (b.turn - a.turn + 180) % 360 - 180
    return Pose(
        mix(a.hips, b.hips), a.turn + around * t, mix(a.lean, b.lean), float(mix(a.bend, b.bend)), unit(mix(a.neck, b.neck)), arc(a.head, b.head), mix(a.eyes, b.eyes),
        mix(a.wrists, b.wrists), mix(a.elbows, b.elbows), unit(mix(a.fingers, b.fingers) + 1e-6), unit(mix(a.palms, b.palms) + 1e-6), mix(a.grips, b.grips),
        mix(a.ankles, b.ankles), mix(a.knees, b.knees), float(mix(a.lids, b.lids)), mix(a.mouth, b.mouth), tuple(props),
    )  # fmt: skip
