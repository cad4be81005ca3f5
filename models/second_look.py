"""A second look at a claim, from one step farther away.

An SSD judges people of each size with another head, and a head that errs on one person's look errs in every frame.
So where a net claims a value worth an alarm, it looks again at the picture made smaller by one step of its anchors,
where its next head judges, and the claim stands as far as both looks make it. It costs one more inference, in
pictures with a claim alone. People whom the second look does not find keep what the first one said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from homeroom.detection import Detection
from homeroom.geometry import Box
from homeroom.picture import Frame, Plane
from homeroom.ports import Detector, Recognizer

from .around import Around

SAME = 0.4  # intersection over union from which two looks see the same person


@dataclass(frozen=True, slots=True)
class Claim:
    """What is looked at twice: `value` on `axis` with a probability of `above` or more. `scale` shrinks the picture."""

    axis: str
    value: str
    above: float
    scale: float

    def of(self, detection: Detection) -> float:
        """How strongly a detection makes the claim."""
        return detection.axes.get(self.axis, {}).get(self.value, 0.0)


def _smaller(plane: Plane, scale: float) -> Plane:
    """The plane shrunk about its middle; its edge is repeated outward to the old size."""
    height, width = plane.shape
    size = max(1, round(width * scale)), max(1, round(height * scale))
    inner = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    top, left = (height - inner.shape[0]) // 2, (width - inner.shape[1]) // 2
    bottom, right = height - inner.shape[0] - top, width - inner.shape[1] - left
    return np.asarray(cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REPLICATE), np.uint8)


def farther(frame: Frame, scale: float) -> Frame:
    """The frame as a camera farther away would see it."""
    return replace(frame, y=_smaller(frame.y, scale), u=_smaller(frame.u, scale), v=_smaller(frame.v, scale))


def nearer(box: Box, scale: float) -> Box:
    """Where a box of the farther frame lies in the frame itself."""
    edges = (0.5 + (edge - 0.5) / scale for edge in (box.left, box.top, box.right, box.bottom))
    return Box(*edges)


class SecondLook:
    """A detector that looks again where the one inside claims something."""

    def __init__(self, inner: Detector, claim: Claim) -> None:
        self._inner = inner
        self._claim = claim

    @property
    def model(self) -> str:
        """Id of the model."""
        return self._inner.model

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        """Detections for each frame, likeliest first; claims hold as far as both looks make them."""
        return [self._look(frame) for frame in frames]

    def _look(self, frame: Frame) -> Sequence[Detection]:
        (first,) = self._inner.detect([frame])
        if not any(self._claim.of(one) >= self._claim.above for one in first):
            return first
        (again,) = self._inner.detect([farther(frame, self._claim.scale)])
        second = [replace(one, box=nearer(one.box, self._claim.scale)) for one in again]
        return [self._agreed(one, second) if self._claim.of(one) >= self._claim.above else one for one in first]

    def _agreed(self, first: Detection, second: Sequence[Detection]) -> Detection:
        match = max(second, key=lambda one: one.box.iou(first.box), default=None)
        if match is None or match.box.iou(first.box) < SAME or self._claim.of(match) >= self._claim.of(first):
            return first
        return replace(first, axes=match.axes)


def looking_twice(inner: Recognizer, settings: Mapping[str, Any]) -> Recognizer:
    """A model whose detectors look twice at a claim; `settings` are the model manifest's `second_look`."""
    claim = Claim(settings["axis"], settings["value"], settings["above"], settings["scale"])
    return Around(inner, lambda detector: SecondLook(detector, claim))
