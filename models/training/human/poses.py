"""How an action looks on a body: seat or stand, gaze, what the hands do, and all of it settled."""

from __future__ import annotations

import numpy as np

from . import arms as arm
from .activities import idle, listen, read, write
from .asleep import lie
from .draft import Draft
from .joints import about, facing
from .kinds import Action, Desk, Pose, Traits
from .settle import settle
from .skeleton import bones

_DOING = {"writing": write, "reading": read, "listening": listen, None: idle}


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
        lie(d)
    else:
        _DOING[action.activity](d)
    if action.gesture == "hand-raised":
        d.arms[d.hand if rng.random() < (0.3 if d.pen else 0.75) else 1 - d.hand] = arm.raised(rng)
    return settle(d)


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
