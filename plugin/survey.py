"""A survey: one camera looked at for a while, with what is needed to judge where it hangs and to find its seats."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import cv2
import numpy as np

from .clock import Clock, SystemClock
from .decode import Decoder
from .detection import Detection
from .errors import Unavailable, Undecodable, Unfinished
from .fetch import PASSING, sampled
from .geometry import Polygon
from .picture import Codec, Frame, Gap, Picture, Plane, Unit
from .ports import Detector, Source
from .quality import Quality, measure
from .scene import Mode, make_scene
from .site import CameraSettings

SCALE = (680, 400)  # columns, rows of the action networks' input: what is smaller than a pixel there, none of them sees
MOST_VIEWS = 48  # luma pictures kept to tell what moves: 13 MB at SCALE
MOST_PICTURES = 1000
AGAIN = 1.0  # seconds until a live camera that broke off is tried again

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Look:
    """One picture of a survey; `detections` leave out what the camera's excluded areas hold."""

    utc: datetime
    width: int
    height: int
    quality: Quality
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What one camera showed, in order of time; at least one look.

    `views` is the luma of some looks, thinned out evenly, as (n, 400, 680) uint8, and `viewed` says of which looks.
    `picture` is the one with most people in it. `rate` is how many pictures a second the camera sends, 0.0 where they
    were asked for one by one. `gaps` are reasons why nothing was seen for a while.
    """

    camera: CameraSettings
    model: str
    looks: tuple[Look, ...]
    picture: Frame
    views: Plane = field(repr=False)
    viewed: tuple[int, ...] = ()
    rate: float = 0.0
    gaps: tuple[str, ...] = ()


@dataclass(slots=True)
class _Pace:
    """Counts the units that come in, and so learns how many pictures a second the camera sends."""

    count: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def watch(self, units: Iterator[Unit]) -> Iterator[Unit]:
        for unit in units:
            self.count += 1
            self.first = min(self.first or unit.utc, unit.utc)
            self.last = max(self.last or unit.utc, unit.utc)
            yield unit

    @property
    def span(self) -> timedelta:
        return self.last - self.first if self.first and self.last else timedelta(0)

    @property
    def rate(self) -> float:
        return (self.count - 1) / self.span.total_seconds() if self.span else 0.0


@dataclass(slots=True)
class _Notes:
    """What a survey keeps while it goes on: bounded, however long that is."""

    exclude: tuple[Polygon, ...]
    looks: list[Look] = field(default_factory=list)
    best: Frame | None = None
    views: list[tuple[int, Plane]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    _most: int = -1
    _stride: int = 1

    def add(self, frame: Frame, found: list[Detection]) -> None:
        scene = make_scene(frame.camera, frame.utc, Mode.WATCH, found, self.exclude)
        people = tuple(one.detection for one in scene.objects)
        number = len(self.looks)
        self.looks.append(Look(frame.utc, frame.width, frame.height, measure(frame), people))
        if len(people) > self._most:
            self._most, self.best = len(people), frame
        if number % self._stride == 0:
            small = cv2.resize(frame.y, SCALE, interpolation=cv2.INTER_AREA)
            self.views.append((number, np.asarray(small, np.uint8)))
        if len(self.views) > MOST_VIEWS:
            self.views, self._stride = self.views[::2], self._stride * 2

    def gap(self, reason: str) -> None:
        if len(self.gaps) < MOST_PICTURES:
            self.gaps.append(reason)


def survey(
    camera: CameraSettings,
    source: Source,
    detector: Detector,
    seconds: float,
    pictures: int,
    told: Told | None = None,
    *,
    clock: Clock | None = None,
    stop: threading.Event | None = None,
) -> Survey:
    """Looks at a camera for `seconds`, at up to `pictures` pictures spread over them.

    A live camera is watched or scanned as its `mode` says, by the clock; a recording goes by its own time stamps, and
    a shorter one is looked at more closely. `told` hears after each picture how many of `pictures` there are. `stop`
    ends it early. Raises Unavailable, with the camera's own reason, where not one picture came.
    """
    notes, wanted = _Notes(camera.exclude), min(pictures, MOST_PICTURES)
    looking = Looking(camera, source, seconds, wanted, clock or SystemClock(), stop or threading.Event())
    for item in looking.frames():
        if isinstance(item, Gap):
            notes.gap(item.reason)
            continue
        notes.add(item, list(detector.detect([item])[0]))
        if told is not None:
            told(len(notes.looks), wanted)
        if len(notes.looks) >= wanted:
            break
    if notes.best is None:
        raise Unavailable(notes.gaps[-1] if notes.gaps else f"{camera.id}: no picture came within {seconds:g} s")
    return Survey(
        camera,
        detector.model,
        tuple(notes.looks),
        notes.best,
        np.stack([view for _, view in notes.views]),
        tuple(number for number, _ in notes.views),
        looking.pace.rate,
        tuple(notes.gaps),
    )


@dataclass(slots=True)
class Looking:
    """How a survey comes by its pictures: up to `pictures` of them, spread over `seconds`; `stop` ends it early."""

    camera: CameraSettings
    source: Source
    seconds: float
    pictures: int
    clock: Clock
    stop: threading.Event
    pace: _Pace = field(default_factory=_Pace)

    def frames(self) -> Iterator[Frame | Gap]:
        """Decoded pictures, and why there was none, until the time is over."""
        decoder = Decoder()
        for item in islice(self.items(), 2 * MOST_PICTURES):
            if isinstance(item, Gap):
                yield item
                continue
            try:
                yield decoder.decode(item)
            except Unfinished:  # B-frames: the next units show it
                continue
            except Undecodable as error:  # goes on by itself, from a key unit
                yield Gap(self.camera.id, item.utc, item.utc, str(error))

    def items(self) -> Iterator[Picture | Gap]:
        """Pictures and gaps, until the time is over."""
        if not self.source.live:
            return self._recorded()
        return self._scanned() if self.camera.mode is Mode.SCAN else self._watched()

    def _codec(self) -> Codec:
        codec: Codec = self.source.info["codec"]
        return codec

    def _recorded(self) -> Iterator[Picture]:
        """Read once for its length, which costs no decoding, then for its pictures."""
        limit = timedelta(seconds=self.seconds)
        with closing(self.source.packets()) as units:  # type: ignore[type-var]  # a generator, as all of them are
            for _ in self.pace.watch(units):
                if self.pace.span > limit or self.stop.is_set():
                    break
        begin = self.pace.first
        step = max(min(self.pace.span, limit) / self.pictures, timedelta(milliseconds=1))
        with closing(self.source.packets()) as units:  # type: ignore[type-var]
            for picture in sampled(units, self.camera.id, self._codec, step):
                if self.stop.is_set() or begin is None or picture.utc - begin > limit:
                    return
                yield picture

    def _scanned(self) -> Iterator[Picture | Gap]:
        due, step = self.clock.now(), timedelta(seconds=self.seconds / self.pictures)
        end = due + timedelta(seconds=self.seconds)
        while due < end:
            try:
                item = self.source.fetch(due, self.camera.timeout)
            except PASSING as error:
                item = Gap(self.camera.id, due, self.clock.now(), str(error))
            if item is None:
                return
            yield item
            due = max(due + step, self.clock.now())
            if self.clock.wait(self.stop, (due - self.clock.now()).total_seconds()):
                return

    def _watched(self) -> Iterator[Picture | Gap]:
        began, step = self.clock.now(), timedelta(seconds=self.seconds / self.pictures)
        end = began + timedelta(seconds=self.seconds)
        while not self.stop.is_set() and self.clock.now() < end:
            try:
                units = self.pace.watch(self.source.packets())
                for picture in sampled(units, self.camera.id, self._codec, step):
                    yield picture
                    if self.stop.is_set() or self.clock.now() >= end:
                        return
            except PASSING as error:
                yield Gap(self.camera.id, began, self.clock.now(), str(error))
            else:
                return
            self.clock.wait(self.stop, AGAIN)
