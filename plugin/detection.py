"""One person found in one picture, and what a model says of what they visibly do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .geometry import Box

Distribution = Mapping[str, float]  # value -> probability; what is missing to 1 counts as "uncertain"


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Head direction in degrees, 0 = towards the camera, as in ONVIF fc:PoseAngles.

    Yaw is positive where the face turns to the picture's right, pitch where it looks up, roll clockwise in the picture.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Detection:
    """One person found by one model. `axes` maps axis -> value -> probability (see behaviors.Vocabulary)."""

    box: Box
    likelihood: float
    axes: Mapping[str, Distribution]
    model: str
    head_pose: HeadPose | None = None
