"""Labelled sets as rendering wrote them: pictures, and what people in them do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .axes import AXES
from .inputs import Refused

UNKNOWN = -1  # of an axis that cannot be told


@dataclass(frozen=True)
class Picture:
    """A picture's file, its people as labels.json holds them, and what holds for the whole picture."""

    path: Path
    people: list[Mapping[str, Any]]
    groups: Mapping[str, str]


def pictures(folder: Path) -> Iterator[Picture]:
    """All pictures of all labels.json at or below a folder, in order of their paths; Refused if not rendered."""
    for labels in sorted(folder.rglob("labels.json")):
        told = json.loads(labels.read_text("utf-8"))
        if told["evidence"] != "rendered":
            raise Refused(f"{labels}: shows real people; labels of real people measure, and never teach")
        for picture in told["pictures"]:
            yield Picture(labels.parent / picture["file"], picture["people"], picture.get("groups", {}))


def axes(person: Mapping[str, Any]) -> list[int]:
    """Number of the value on each of `AXES`; `UNKNOWN` where it is left out.

    `uncertain` is none of the three activities; an axis left out hides itself from the camera.
    """
    told = {axis: "none" if value == "uncertain" else value for axis, value in person.get("axes", {}).items()}
    return [AXES[a].index(told[a]) if told.get(a) in AXES[a] else UNKNOWN for a in AXES]


def head(person: Mapping[str, Any]) -> NDArray[np.float32]:
    """Sine and cosine of yaw and pitch, and 1 where they are known, else 0."""
    pose = person.get("head_pose")
    if pose is None:
        return np.zeros(5, np.float32)
    yaw, pitch = np.radians([pose["yaw"], pose["pitch"]])
    return np.array([np.sin(yaw), np.cos(yaw), np.sin(pitch), np.cos(pitch), 1], np.float32)


def points(person: Mapping[str, Any]) -> NDArray[np.float32]:
    """17 key points: x and y as shares of the picture, and 0 outside or unknown, 1 hidden, 2 visible."""
    return np.array(person.get("keypoints", np.zeros((17, 3))), np.float32)


def distance(person: Mapping[str, Any]) -> str:
    """Far, middle or near, by the height of the box on 1080 lines."""
    lines = (person["box"][3] - person["box"][1]) * 1080
    return "far" if lines < 130 else "middle" if lines < 260 else "near"
