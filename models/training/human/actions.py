"""What people do, in a balanced mix, with the combinations that a classroom knows.

Nobody is drawn as doing "none of the activities" whom a picture cannot tell from a listener: they chat, look down, or
their hands are busy.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .chance import drawn
from .kinds import Action, Activity, Gesture, Posture

MIX = {
    "writing": 0.17,
    "reading": 0.17,
    "listening": 0.16,
    "raised": 0.13,
    "standing": 0.12,
    "head-on-desk": 0.09,
    "turned-around": 0.07,
    "other": 0.09,
}
ACTIVITIES: Mapping[str, Activity] = {"writing": "writing", "reading": "reading", "listening": "listening"}
RAISED: Mapping[Activity | None, float] = {None: 0.07, "listening": 0.71, "writing": 0.11, "reading": 0.11}
STANDING: Mapping[Activity | None, float] = {None: 0.38, "listening": 0.4, "reading": 0.17, "writing": 0.05}


def look(rng: np.random.Generator, activity: Activity | None) -> tuple[float, float]:
    """Where somebody with this activity looks: yaw and pitch in degrees."""
    if activity == "writing":
        return float(rng.normal(0, 12)), float(np.clip(rng.normal(-46, 9), -68, -25))
    if activity == "reading":
        return float(rng.normal(0, 12)), float(np.clip(rng.normal(-38, 10), -62, -14))
    if activity == "listening":
        return float(np.clip(rng.normal(0, 18), -38, 38)), float(np.clip(rng.normal(2, 7), -15, 20))
    way = rng.random()
    if way < 0.4:  # to a neighbour
        return float(rng.choice([-1, 1]) * rng.uniform(48, 88)), float(rng.normal(-3, 8))
    if way < 0.7:  # down to a phone, the lap, the bag
        return float(rng.normal(0, 15)), float(rng.uniform(-55, -28))
    # ahead; that they do nothing their hands show
    return float(np.clip(rng.normal(0, 30), -38, 38)), float(np.clip(rng.normal(0, 12), -24, 24))


def action(rng: np.random.Generator) -> Action:
    """One draw of the mix."""
    kind = drawn(rng, MIX)
    activity: Activity | None = None
    posture: Posture = "seated"
    gesture: Gesture = "none"
    if kind in ACTIVITIES:
        activity = ACTIVITIES[kind]
    elif kind == "raised":
        activity = drawn(rng, RAISED)
        gesture = "hand-raised"
    elif kind == "standing":
        posture = "standing"
        activity = drawn(rng, STANDING)
        gesture = "hand-raised" if rng.random() < 0.2 and activity != "writing" else "none"
    elif kind == "head-on-desk":
        return Action("head-on-desk", None, "none", "front", (float(rng.normal(0, 40)), float(rng.uniform(-85, -20))))
    elif kind == "turned-around":
        standing = rng.random() < 0.15
        gesture = "hand-raised" if rng.random() < 0.08 else "none"
        yaw = float(rng.choice([-1, 1]) * rng.uniform(130, 180))
        return Action(
            "standing" if standing else "seated", activity, gesture, "turned-around", (yaw, float(rng.normal(-3, 8)))
        )
    yaw, pitch = look(rng, activity)
    if gesture == "hand-raised" and activity is None:  # of one hand's use, only chatting shows that nobody listens
        yaw, pitch = float(rng.choice([-1, 1]) * rng.uniform(48, 85)), float(rng.normal(0, 8))
    return Action(posture, activity, gesture, "front", (yaw, pitch))
