"""What a model found in one labelled picture, and the run that brings a whole set's pictures before it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from homeroom.detection import Detection
from homeroom.picture import Frame
from homeroom.ports import Detector

from .labels import LabelledPicture


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled picture with what was found in it. `wall` and `cpu` are the seconds that the detector took.

    `cpu` is that of the whole process, all threads together. `width` and `height` are the picture's, in pixels.
    """

    picture: LabelledPicture
    detections: tuple[Detection, ...]
    width: int
    height: int
    wall: float = 0.0
    cpu: float = 0.0


def looked(
    shown: Iterable[tuple[LabelledPicture, Frame]],
    detector: Detector,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Each picture through the detector, one at a time; `told` hears how many are done.

    The first picture is looked at twice and timed the second time: what a network does once is no latency.
    """
    for number, (picture, frame) in enumerate(shown):
        if not number:
            detector.detect([frame])
        wall, cpu = time.perf_counter(), time.process_time()
        found = detector.detect([frame])[0]
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        yield Outcome(picture, tuple(found), frame.width, frame.height, wall, cpu)
        told(number + 1)
