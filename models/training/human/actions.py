"""What people do, in a balanced mix, with the combinations that a classroom knows.

Nobody is drawn as doing "none of the activities" whom a picture cannot tell from a listener: they chat, look down, or
their hands are busy.
"""

from __future__ import annotations

import numpy as np

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
    return float(np.clip(rng.normal(0, 30), -38, 38)), float(
        np.clip(rng.normal(0, 12), -24, 24)
    )  # and the hands show it


def action(rng: np.random.Generator) -> Action:
    """One draw of the mix."""
    kind = str(rng.choice(list(MIX), p=list(MIX.values())))
    activity: Activity | None = None
    posture: Posture = "seated"
    gesture: Gesture = "none"
    if kind in ("writing", "reading", "listening"):
        activity = kind  # type: ignore[assignment]
    elif kind == "raised":
        activity = [None, "listening", "writing", "reading"][int(rng.choice(4, p=[0.07, 0.71, 0.11, 0.11]))]  # type: ignore[assignment]
        gesture = "hand-raised"
    elif kind == "standing":
        posture = "standing"
        activity = [None, "listening", "reading", "writing"][int(rng.choice(4, p=[0.38, 0.4, 0.17, 0.05]))]  # type: ignore[assignment]
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
    if (
        gesture == "hand-raised" and activity is None
    ):  # with the other hand free, only chatting shows that nobody listens
        yaw, pitch = float(rng.choice([-1, 1]) * rng.uniform(48, 85)), float(rng.normal(0, 8))
    return Action(posture, activity, gesture, "front", (yaw, pitch))
