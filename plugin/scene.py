"""What was found in one picture: detections, and the scene that they make up (ONVIF's tt:Frame)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .geometry import Box

Distribution = Mapping[str, float]  # value -> probability; what is missing to 1 counts as "uncertain"


class Mode(StrEnum):
    """How a camera is looked at."""

    SCAN = "scan"  # one picture every so many seconds, nothing else decoded
    WATCH = "watch"  # continuously, at a chosen rate


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Head direction in degrees, 0 = towards the camera, as in ONVIF fc:PoseAngles."""

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


@dataclass(frozen=True, slots=True)
class SceneObject:
    """A detection in a scene. `object_id` counts within the scene's camera and names nobody."""

    object_id: int
    detection: Detection


@dataclass(frozen=True, slots=True)
class Scene:
    """All that was found in one picture of one camera. `utc` is the time of the picture."""

    camera: str
    utc: datetime
    mode: Mode
    objects: tuple[SceneObject, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # behavior -> people; what `class` lets pass
