"""What reading, writing, listening and none of them look like: many natural variants of each."""

from __future__ import annotations

import numpy as np

from . import arms as arm
from .draft import LYING, Draft
from .joints import about


def write(d: Draft) -> None:
    """Writes: pen in hand, hand and gaze on the paper."""
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


def read(d: Draft) -> None:
    """Reads: a book, tablet or sheet that lies, stands or is held."""
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


def listen(d: Draft) -> None:
    """Listens: upright or leaning, arms folded, on the desk, in the lap, or chin in hand."""
    rng = d.rng
    if d.action.posture == "standing":
        d.arms = standing_arms(d)
        return
    if d.action.facing == "turned-around":
        d.arms = turned_arms(d)
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


def standing_arms(d: Draft) -> list[arm.Arm]:
    """What arms do on somebody who stands."""
    rng, way = d.rng, d.rng.random()
    if way < 0.4:
        return [arm.hang(rng), arm.hang(rng)]
    if way < 0.55:
        return list(arm.folded_chest(rng))
    if way < 0.7 and abs(d.hips[0]) < 0.2 and abs(d.turn) < 60:
        d.lean[0] = rng.uniform(12, 30)
        return [arm.on_desk(rng, 0.22, 0.06), arm.on_desk(rng, 0.22, 0.06)]
    return [arm.hip(rng), arm.hip(rng) if rng.random() < 0.5 else arm.hang(rng)][:: int(rng.choice([-1, 1]))]


def turned_arms(d: Draft) -> list[arm.Arm]:
    """What arms do on somebody who has turned around."""
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


def idle(d: Draft) -> None:
    """None of the activities: chatting, a phone, drinking, scratching or stretching."""
    rng, (yaw, pitch) = d.rng, d.action.look
    if d.action.facing == "turned-around":
        d.arms = turned_arms(d) if d.action.posture == "seated" else standing_arms(d)
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
        d.arms = standing_arms(d)
        if abs(yaw) < 40:
            _busy(d)
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
    else:
        _busy(d)


def _busy(d: Draft) -> None:
    """One hand scratches the head, is in the hair, or holds a phone to the ear: none of them raised."""
    way = str(d.rng.choice(["scratch", "hair", "ear"]))
    d.arms[d.hand] = arm.at_head(d.rng, way)
    d.in_hand = "phone" if way == "ear" else ""
