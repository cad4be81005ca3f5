"""The bones of a person: their lengths by height and shape, and where a pose puts every joint.

Proportions: segment lengths as shares of the standing height after Drillis and Contini (1966), sitting heights as in
ISO 7250's tables, rounded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .joints import about, chain, unit
from .kinds import Array, Pose, Traits

BULK = {"slim": 0.9, "medium": 1.0, "heavy": 1.2}


@dataclass(frozen=True)
class Bones:
    """Lengths in metres; `wide` multiplies girths."""

    trunk: float
    neck: float
    shoulder: float
    hip: float
    upper: float
    fore: float
    hand: float
    thigh: float
    shin: float
    head: float  # multiplies the head's size
    wide: float


@dataclass(frozen=True)
class Joints:
    """Places (3,) or pairs (2,3) in metres and the columns (3,3) of the pelvis and the chest."""

    hips: Array
    waist: Array
    neck: Array
    head: Array
    pelvis: Array
    chest: Array
    hip: Array
    knee: Array
    ankle: Array
    shoulder: Array
    elbow: Array
    wrist: Array


def bones(traits: Traits) -> Bones:
    """The bones of a person."""
    s = traits.height / 1.75
    return Bones(
        trunk=0.485 * s,
        neck=0.152 * s + 0.014,
        shoulder=(0.186 - 0.022 * traits.shape) * s * (0.97 + 0.03 * BULK[traits.build]),
        hip=(0.088 + 0.008 * traits.shape) * s,
        upper=0.29 * s,
        fore=0.25 * s,
        hand=0.185 * s,
        thigh=0.43 * s,
        shin=0.425 * s,
        head=0.88 + 0.12 * s - 0.02 * traits.shape,
        wide=BULK[traits.build] * (0.55 + 0.45 * s),
    )


def spine(b: Bones, pose: Pose) -> tuple[Array, Array, Array, Array]:
    """Waist, the neck's base, and the columns of pelvis and chest."""
    forward, side, twist = (float(v) for v in pose.lean)
    pelvis = about(2, pose.turn) @ about(1, 0.3 * side) @ about(0, 0.45 * forward)
    middle = about(2, pose.turn + 0.4 * twist) @ about(1, 0.8 * side) @ about(0, 0.85 * forward)
    chest = about(2, pose.turn + twist) @ about(1, 1.2 * side) @ about(0, 1.15 * forward + pose.bend)
    waist = pose.hips + middle[:, 2] * (0.42 * b.trunk)
    return waist, waist + chest[:, 2] * (0.58 * b.trunk), pelvis, chest


def shoulders(b: Bones, neck: Array, chest: Array, wrists: Array) -> Array:
    """The shoulder joints (2,3): a raised or stretched arm takes its shoulder along."""
    out = []
    for side, wrist in zip((1.0, -1.0), wrists, strict=True):
        rest = neck + chest @ np.array([side * b.shoulder, -0.005, -0.055])
        way = unit(wrist - rest)
        up = max(float(way @ chest[:, 2]), 0.0)
        out.append(
            rest
            + chest[:, 2] * (0.06 * up)
            - chest[:, 0] * (side * 0.03 * up)
            - chest[:, 1] * (0.03 * max(float(-way @ chest[:, 1]), 0.0))
        )
    return np.stack(out)


def joints(b: Bones, pose: Pose) -> Joints:
    """Where the pose puts every joint; bones keep their lengths, and what is out of reach is drawn in."""
    waist, neck, pelvis, chest = spine(b, pose)
    shoulder = shoulders(b, neck, chest, pose.wrists)
    hip = np.stack([pose.hips + pelvis @ np.array([side * b.hip, 0.0, -0.01]) for side in (1.0, -1.0)])
    arms = [chain(shoulder[i], pose.wrists[i], b.upper, b.fore, pose.elbows[i]) for i in (0, 1)]
    legs = [chain(hip[i], pose.ankles[i], b.thigh, b.shin, pose.knees[i]) for i in (0, 1)]
    return Joints(
        hips=pose.hips,
        waist=waist,
        neck=neck,
        head=neck + unit(pose.neck) * b.neck,
        pelvis=pelvis,
        chest=chest,
        hip=hip,
        knee=np.stack([leg[0] for leg in legs]),
        ankle=np.stack([leg[1] for leg in legs]),
        shoulder=shoulder,
        elbow=np.stack([arm[0] for arm in arms]),
        wrist=np.stack([arm[1] for arm in arms]),
    )
