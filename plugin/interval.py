"""What is said of a place over time: intervals along each axis, and the coverage that says what was seen at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` to `end` the `axis` of a place had this `value`.

    `seat` is None where the interval speaks of the room; `count` is the number of people in it: 1 for a seat.
    `samples` pictures stand behind it and `confidence` is the sum of their probabilities.
    `pack` is the hash of the policy pack in force, `lesson` the timetable's id of the lesson, if one goes on.
    """

    room: str
    seat: str | None
    axis: str
    value: str
    start: datetime
    end: datetime
    samples: int
    confidence: float
    count: int
    mode: str
    model: str
    pack: str
    lesson: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """From `start` to `end` a camera of a room was observed, or was not and why."""

    room: str
    camera: str
    start: datetime
    end: datetime
    state: Literal["observed", "gap"]
    reason: str = ""
