"""Stand-ins that do what they are told: a clock, sources, models and sinks."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import av
import numpy as np

from homeroom.detection import Detection
from homeroom.event import Event
from homeroom.geometry import Box
from homeroom.manifest import load_vocabulary
from homeroom.picture import Codec, Frame, Gap, Picture, TimeSource, Unit
from homeroom.ports import Dedup, Detector, ModelInfo, Receipt, Site, SourceStatus
from homeroom.scene import Scene

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """A moment so many seconds into the test."""
    return T0 + timedelta(seconds=seconds)


def person(
    left: float, top: float, right: float, bottom: float, likelihood: float = 0.9, **axes: Mapping[str, float]
) -> Detection:
    """A detection; axes as posture={"seated": 1.0}."""
    return Detection(
        Box(left, top, right, bottom),
        likelihood,
        {"posture": {"seated": 1.0}, "gesture": {"none": 1.0}, **axes},
        "fake",
    )


def raising(left: float, top: float, right: float, bottom: float, likelihood: float = 0.9) -> Detection:
    """A person with a raised hand."""
    return person(left, top, right, bottom, likelihood, gesture={"hand-raised": 0.95, "none": 0.05})


@dataclass
class VirtualClock:
    """Time that passes only by waiting, and then at once."""

    time: datetime = T0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        with self._lock:
            if not event.is_set():
                self.time += timedelta(seconds=max(0.0, seconds))
        return event.is_set()


def png(width: int = 64, height: int = 48) -> bytes:
    """A small PNG of a lively grey."""
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgb24"
    grey = np.random.default_rng(0).integers(64, 192, (height, width, 1), np.uint8)
    frame = av.VideoFrame.from_ndarray(np.repeat(grey, 3, axis=2), "rgb24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@dataclass
class StillSource:
    """A camera that always shows the same grey picture; `count` of them, or without end. Records what was asked."""

    camera: str
    live: bool = True
    count: int | None = None
    step: timedelta = timedelta(seconds=1)
    dues: list[datetime] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    _png: bytes = field(default_factory=png)

    @property
    def info(self) -> Mapping[str, Any]:
        return {"codec": Codec("png", b"", 64, 48), "width": 64, "height": 48, "frame_rate": 1.0}

    @property
    def status(self) -> SourceStatus:
        return SourceStatus()

    def fingerprint(self) -> str:
        return "still"

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        if self.count is not None and len(self.dues) >= self.count:
            return None
        self.dues.append(due)
        return Picture(self.camera, due, Codec("png", b"", 64, 48), (Unit(self._png, due, key=True),))

    def packets(self) -> Iterator[Unit]:
        number = 0
        while not self.closed.is_set() and (self.count is None or number < self.count):
            yield Unit(self._png, T0 + number * self.step, key=True, time_source=TimeSource.CONTAINER)
            number += 1

    def close(self) -> None:
        self.closed.set()


@dataclass
class HungSource(StillSource):
    """A camera that takes the connection and never answers."""

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        self.dues.append(due)
        self.closed.wait()
        return Gap(self.camera, due, due, "hung")

    def packets(self) -> Iterator[Unit]:
        self.closed.wait()
        yield from ()


PROVEN = ModelInfo("Fake", {"xml": "0" * 96}, load_vocabulary().axes)  # real pictures speak for all that it says


@dataclass
class ScriptedModel:
    """A model that finds what a script says for the camera and time of a frame."""

    script: Any = None
    id: str = "fake"
    degraded: str = ""
    info: ModelInfo = PROVEN

    def detector(self) -> Detector:
        return ScriptedDetector(self)


@dataclass
class ScriptedDetector:
    """One thread's detector of a ScriptedModel."""

    owner: ScriptedModel

    @property
    def model(self) -> str:
        return self.owner.id

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        if self.owner.script is None:
            return [() for _ in frames]
        return [self.owner.script(frame.camera, frame.utc) for frame in frames]


@dataclass
class SpySink:
    """Takes everything and keeps it."""

    name: str = "spy"
    dedup: Dedup = "key"
    events: list[Event] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    site: Site | None = None

    def start(self, site: Site) -> None:
        self.site = site

    def describe(self, scene: Scene) -> None:
        self.scenes.append(scene)

    def notify(self, event: Event) -> Receipt:
        self.events.append(event)
        return Receipt()

    def close(self) -> None:
        pass
