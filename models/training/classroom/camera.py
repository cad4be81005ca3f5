"""A pinhole camera: from metres in the room to pixels, and a head's direction as it sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..human.joints import unit
from ..human.kinds import Array


@dataclass(frozen=True)
class Camera:
    """Where it hangs and what it looks at, in metres; `view` is the horizontal angle of view in degrees."""

    place: tuple[float, float, float]
    aim: tuple[float, float, float]
    view: float
    width: int
    height: int
    roll: float = 0.0  # degrees

    @property
    def axes(self) -> Array:
        """Columns (3,3): the picture's right, its up, and backwards, away from what is seen."""
        ahead = unit(np.subtract(self.aim, self.place))
        right = unit(np.cross(ahead, (0.0, 0.0, 1.0)))
        up = np.cross(right, ahead)
        c, s = np.cos(np.radians(self.roll)), np.sin(np.radians(self.roll))
        return np.stack([c * right + s * up, c * up - s * right, -ahead], 1)

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.width / 2 / float(np.tan(np.radians(self.view) / 2))

    def project(self, points: Array) -> tuple[Array, Array]:
        """Pixels (n,2) from the picture's top left, and metres before the camera (n,); behind it they mean nothing."""
        at = (np.asarray(points, float).reshape(-1, 3) - self.place) @ self.axes
        away = -at[:, 2]
        safe = np.where(np.abs(away) < 1e-6, 1e-6, away)
        x = self.width / 2 + at[:, 0] / safe * self.focal
        y = self.height / 2 - at[:, 1] / safe * self.focal
        return np.stack([x, y], 1), away

    def head_pose(self, head: Array, rotation: Array) -> tuple[float, float, float]:
        """Yaw, pitch and roll in degrees of a head, seen from here: 0 is a face towards the camera.

        `rotation` (3,3) has the head's left, back and up as columns. Yaw is positive where the face turns to the
        picture's right, pitch where it looks up, roll clockwise in the picture.
        """
        right, up, _ = self.axes.T
        to_us = unit(np.subtract(self.place, head))
        across = unit(right - (right @ to_us) * to_us)
        above = np.cross(to_us, across)
        if above @ up < 0:
            above = -above
        face, crown = -rotation[:, 1], rotation[:, 2]
        yaw = np.degrees(np.arctan2(face @ across, face @ to_us))
        pitch = np.degrees(np.arcsin(np.clip(face @ above, -1, 1)))
        return float(yaw), float(pitch), float(np.degrees(np.arctan2(crown @ across, crown @ above)))
