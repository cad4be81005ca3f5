"""What was found in one picture: the scene that its detections make up (ONVIF's tt:Frame)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .bleed import suppress_bleed
from .detection import Detection
from .geometry import Polygon, contains
from .quality import Quality


class Mode(StrEnum):
    """How a camera is looked at."""

    SCAN = "scan"  # one picture every so many seconds, nothing else decoded
    WATCH = "watch"  # continuously, at a chosen rate


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
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # observer -> value -> people
    quality: Quality | None = None  # for the camera's health alone: the gate takes it off


def make_scene(
    camera: str, utc: datetime, mode: Mode, detections: Sequence[Detection], exclude: Sequence[Polygon] = ()
) -> Scene:
    """The scene of one picture: detections in excluded areas left out, neighbours' arms given back to their owners."""
    kept = [one for one in detections if not any(contains(polygon, one.box.center) for polygon in exclude)]
    return Scene(
        camera, utc, mode, tuple(SceneObject(number, one) for number, one in enumerate(suppress_bleed(kept), start=1))
    )
