"""Where heads are turned: towards the board or aside, down or not, and by how many degrees the model errs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from homeroom.detection import HeadPose

from .intervals import Figure, Floats, bootstrapped, wilson
from .matching import Match
from .outcome import Outcome

ASIDE = 35.0  # degrees of yaw from which a head is turned aside
DOWN = -25.0  # degrees of pitch below which it looks down


def aside(pose: HeadPose) -> bool:
    """Whether the head is turned aside."""
    return abs(pose.yaw) > ASIDE


def down(pose: HeadPose) -> bool:
    """Whether it looks down."""
    return pose.pitch < DOWN


def apart(one: float, other: float) -> float:
    """Degrees between two angles, 0..180."""
    return abs((one - other + 180) % 360 - 180)


def heads(outcomes: Sequence[Outcome], matches: Sequence[Match], drawn: Floats) -> dict[str, Any]:
    """Figures over people found whose head pose is labelled; empty where none is.

    A model that tells no pose of somebody neither claims nor finds anything there.
    """
    pairs = [
        (number, truth, outcome.detections[found].head_pose)
        for number, (outcome, match) in enumerate(zip(outcomes, matches, strict=True))
        for index, found in match.pairs
        if (truth := outcome.picture.people[index].head_pose) is not None
    ]
    if not pairs:
        return {}
    sums = np.zeros((len(outcomes), 3))  # claims, degrees of yaw, degrees of pitch
    for number, truth, pose in pairs:
        if pose is not None:
            sums[number] += (1, apart(pose.yaw, truth.yaw), apart(pose.pitch, truth.pitch))
    told = int(sums[:, 0].sum())
    each = [(truth, pose) for _, truth, pose in pairs]
    return {
        "coverage": wilson(told, len(pairs)),
        "yaw_mae": bootstrapped(sums, lambda made: _mean(made, 1), told, drawn),
        "pitch_mae": bootstrapped(sums, lambda made: _mean(made, 2), told, drawn),
        "aside": _told([(aside(truth), pose is not None and aside(pose)) for truth, pose in each]),
        "down": _told([(down(truth), pose is not None and down(pose)) for truth, pose in each]),
    }


def _mean(sums: Floats, column: int) -> Floats:
    made = np.divide(sums[:, column], sums[:, 0], out=np.full(len(sums), np.nan), where=sums[:, 0] > 0)
    return np.asarray(made, np.float64)


def _told(pairs: Sequence[tuple[bool, bool]]) -> dict[str, Figure]:
    right = sum(truth and said for truth, said in pairs)
    return {
        "precision": wilson(right, sum(said for _, said in pairs)),
        "recall": wilson(right, sum(truth for truth, _ in pairs)),
    }
