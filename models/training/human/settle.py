"""From what arms want to a pose: the trunk leans until hands reach, elbows turn to where nothing is in their way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import arms as arm
from .draft import Draft, trunk_of
from .joints import circle, frame, grasp, unit
from .kinds import Array, Desk, Pose, Prop
from .skeleton import shoulders


def settle(d: Draft) -> Pose:
    """Leans the trunk until both hands reach, then turns each elbow to where neither desk nor trunk is in its way."""
    length = d.bones.upper + d.bones.fore
    for _ in range(12):
        trunk, bare = trunk_of(d)
        reaches = [d.arms[side](trunk, side) for side in (0, 1)]
        far = max(float(np.linalg.norm(r.wrist - trunk.shoulder[i])) - length for i, r in enumerate(reaches))
        high = max((float(np.linalg.norm(r.wrist - r.elbow)) - d.bones.fore for r in reaches if r.rests), default=0.0)
        above = trunk.head[2] - d.desk.height  # a head that is too low would lie on the desk
        if d.action.posture != "seated":
            break
        if above < 0.3 and d.lean[0] > 2.0:
            d.lean[0] -= 5.0
            d.bend *= 0.8
        elif (far > 0.0 and above > 0.3) or (high > 0.01 and above > 0.35):
            d.lean[0] += 4.0
            d.bend += 0.6
        else:
            break
    wrists = np.stack([r.wrist for r in reaches])
    sh = shoulders(d.bones, trunk.neck, trunk.chest, wrists)
    for i in (0, 1):
        way = wrists[i] - sh[i]
        wrists[i] = sh[i] + way * min(1.0, 0.985 * length / max(float(np.linalg.norm(way)), 1e-6))
        if over(d.desk, wrists[i]):
            wrists[i, 2] = max(wrists[i, 2], d.desk.height + 0.033)
    elbows = np.stack([_elbow(d, trunk, sh[i], wrists[i], reaches[i].elbow) for i in (0, 1)])
    fingers = unit(np.stack([r.fingers for r in reaches]))
    palms = np.stack([r.palm for r in reaches])
    palms = unit(palms - fingers * np.sum(palms * fingers, 1, keepdims=True))
    grips = np.array([r.grip for r in reaches], float)
    if d.pen or d.in_hand:
        d.props.append(in_hand(d, wrists[d.hand], fingers[d.hand], palms[d.hand]))
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


def over(desk: Desk, p: Array) -> bool:
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


def in_hand(d: Draft, wrist: Array, fingers: Array, palm: Array) -> Prop:
    """A thing in the writing hand."""
    s = arm.sign(d.hand)
    thumb = s * np.cross(palm, fingers)
    seed = int(d.rng.integers(1 << 30))
    if d.in_hand == "phone":
        place, turn = wrist + fingers * 0.1 + palm * 0.028, np.stack([np.cross(fingers, palm), fingers, palm], 1)
    elif d.in_hand == "cup":
        place, turn = wrist + fingers * 0.085 + palm * 0.05, frame(-palm, thumb)
    else:
        place = wrist + fingers * 0.125 + palm * 0.05 + thumb * 0.012  # the pen's tip
        if over(d.desk, place) and d.action.activity == "writing":
            place[2] = d.desk.height + 0.004
        back = unit(wrist + fingers * 0.055 + thumb * 0.055 - palm * 0.012 - place)
        turn = frame(np.cross(back, (0.3, 0.5, 0.1)), back)
    hand = grasp(fingers, palm)
    return Prop(d.in_hand or "pen", hand.T @ (place - wrist), hand.T @ turn, seed, d.hand)
