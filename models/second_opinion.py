"""A second net that is asked where the first one claims something worth an alarm.

It is another one, that errs on other people: the first sees what shows of somebody, the second knows hands and
heads on desks from real classrooms. It costs a second inference, in pictures with a claim alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeroom.bleed import suppress_bleed
from homeroom.detection import Detection
from homeroom.picture import Frame
from homeroom.ports import Detector, Recognizer

from .around import Around
from .fusion import Pool, fused


@dataclass(frozen=True, slots=True)
class Claims:
    """From what probability a value is worth a second opinion: axis -> value -> probability."""

    above: Mapping[str, Mapping[str, float]]

    def among(self, detections: Sequence[Detection]) -> bool:
        """Whether somebody is claimed to do any of it."""
        return any(
            one.axes.get(axis, {}).get(value, 0.0) >= least
            for one in detections
            for axis, values in self.above.items()
            for value, least in values.items()
        )


class SecondOpinion:
    """A detector that asks another one about the pictures in which it claims something."""

    def __init__(self, inner: Detector, other: Detector, claims: Claims, pool: Pool) -> None:
        self._inner = inner
        self._other = other
        self._claims = claims
        self._pool = pool

    @property
    def model(self) -> str:
        """Id of the model."""
        return self._inner.model

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        """Detections for each frame, likeliest first; in pictures with a claim what both nets say of each person."""
        return [self._judged(frame) for frame in frames]

    def _judged(self, frame: Frame) -> Sequence[Detection]:
        (own,) = self._inner.detect([frame])
        if not self._claims.among(own):
            return own
        (others,) = self._other.detect([frame])
        return fused(own, suppress_bleed(others), self._pool)


def asking(inner: Recognizer, other: Recognizer, settings: Mapping[str, Any]) -> Recognizer:
    """A model whose detectors ask another model's; `settings` are the model manifest's `second_opinion`."""
    claims = Claims(settings["claims"])
    pool = Pool(settings["weight"], settings["floor"], settings["alone"], settings["claims"])
    return Around(inner, lambda detector: SecondOpinion(detector, other.detector(), claims, pool), other)
