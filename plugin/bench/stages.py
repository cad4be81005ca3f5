"""Our stages at work, and the same work at its limit: what the rounds of `homeroom bench` compare.

Each is made once, then asked for rounds: a function from seconds to a Reading.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from os import cpu_count
from typing import Any, cast

import av
import cv2
import numpy as np

from homeroom.compute import Job, Pool
from homeroom.decode import Decoder
from homeroom.desk import Desk, View
from homeroom.picture import Picture, Plane, Unit
from homeroom.ports import Model
from homeroom.scene import Mode
from homeroom.site import CameraSettings

from .figures import Reading
from .meter import Meter
from .video import Stream

Round = Callable[[float], Reading]

STREAMS = 8  # cameras at once: enough that every worker always finds something due
WARM = 0.4  # seconds before a round counts: requests are made, caches filled
WORKERS = (cpu_count() or 1) + 1  # as Runtime has them
Size = tuple[int, int]  # width and height of what a network is fed


def camera(mode: Mode, id_: str = "bench") -> CameraSettings:
    """The settings of a camera that is looked at in this way."""
    return CameraSettings(id_, id_, "", "file", mode, timedelta(seconds=2), 25, 10, (), {})


def counted(counts: Sequence[Callable[[], int]], seconds: float) -> Reading:
    """What was counted in `seconds`, once the warming up is over."""
    time.sleep(WARM)
    before = sum(one() for one in counts)
    meter = Meter.start()
    time.sleep(seconds)
    return meter.read(max(1, sum(one() for one in counts) - before))


@contextmanager
def threads(works: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Runs functions in threads of their own; waits for all at the end, when the caller has told them to stop."""
    made = [threading.Thread(target=work, daemon=True) for work in works]
    for one in made:
        one.start()
    yield
    for one in made:
        one.join()


@dataclass(slots=True)
class Loop:
    """Does the same again and again until told to stop, and counts."""

    work: Callable[[], int]
    stop: threading.Event
    done: int = 0

    def __call__(self) -> None:
        """Loops."""
        while not self.stop.is_set():
            self.done += self.work()


def looped(works: Sequence[Callable[[], int]], seconds: float) -> Reading:
    """Loops of works in threads of their own, for a round. A work says how many units it did."""
    stop = threading.Event()
    loops = [Loop(work, stop) for work in works]
    with threads(loops):
        try:
            return counted([lambda one=one: one.done for one in loops], seconds)  # type: ignore[misc]
        finally:
            stop.set()


def inference(model: Model, stream: Stream, feed: Size) -> Round:
    """Our inference stage alone: pictures of the net's size in memory, cores + 1 workers with requests of their own."""
    first = stream.keys[0]
    frame = Decoder().decode(Picture("bench", first.utc, stream.codec, (first,)))
    y, u, v = parts(frame.i420(*feed), feed)
    small = replace(frame, y=y, u=u, v=v)
    detectors = [model.detector() for _ in range(WORKERS)]

    def one(number: int) -> Callable[[], int]:
        return lambda: len(detectors[number].detect([small]))

    return lambda seconds: looped([one(number) for number in range(WORKERS)], seconds)


def parts(planes: Plane, feed: Size) -> tuple[Plane, Plane, Plane]:
    """Views of the three planes of an I420 array (height * 3 / 2, width)."""
    width, height = feed
    u, v = planes[height:].reshape(2, height // 2, width // 2)
    return planes[:height], u, v


def decode_limit(stream: Stream, feed: Size, *, keys: bool) -> Round:
    """The least that decoding and scaling to I420 takes: PyAV's own decoders, one kept per core, and no more."""
    units = stream.keys if keys else stream.units

    def one() -> Callable[[], int]:
        context = cast("Any", av.CodecContext.create("h264", "r"))
        context.thread_type, context.thread_count, context.extradata = "NONE", 1, stream.codec.extradata
        out = parts(np.empty((feed[1] * 3 // 2, feed[0]), np.uint8), feed)
        turn = count()

        def work() -> int:
            at = next(turn) % len(units)
            if at == 0 or keys:
                context.flush_buffers()
            frames = context.decode(av.Packet(units[at].data))
            for shown in frames:
                scaled(shown, out)
            return len(frames)

        return work

    works = [one() for _ in range(cpu_count() or 1)]
    return lambda seconds: looped(works, seconds)


def scaled(shown: av.VideoFrame, out: Sequence[Plane]) -> None:
    """Scales a decoded I420 frame's planes, as they lie."""
    for plane, to in zip(shown.planes, out, strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        cv2.resize(rows[: plane.height, : plane.width], to.shape[::-1], dst=to, interpolation=cv2.INTER_LINEAR)


@dataclass(slots=True)
class Counter:
    """Stands where a room's desk stands, and counts the scenes."""

    scenes: int = 0
    objects: int = 0
    trouble: list[str] = field(default_factory=list)

    def put(self, view: View, horizon: datetime) -> None:  # noqa: ARG002  a desk's signature
        """Counts a scene; keeps why there is none."""
        objects = getattr(view, "objects", None)
        if objects is None:
            self.trouble.append(getattr(view, "reason", ""))
        else:
            self.scenes += 1
            self.objects += len(objects)


def pipeline(model: Model, stream: Stream, *, keys: bool) -> Round:
    """Our Pool at work: encoded pictures from memory to scenes, eight cameras, key frames alone or every frame.

    It begins behind the source and ends before the room: decode, I420, network, suppression, scene.
    """
    mode = Mode.SCAN if keys else Mode.WATCH

    def round_(seconds: float) -> Reading:
        failed: list[Exception] = []
        pool = Pool({model.id: model}, WORKERS, failed.append)
        stop = threading.Event()
        desks = [Counter() for _ in range(STREAMS)]
        jobs = [Job(camera(mode), cast("Desk", desk), model.id, live=False) for desk in desks]

        def feed(job: Job) -> None:
            for picture in endless(stream, keys=keys):
                if stop.is_set():
                    return
                pool.submit(job, picture, picture.utc)

        pool.start()
        with threads([lambda job=job: feed(job) for job in jobs]):  # type: ignore[misc]
            try:
                return counted([lambda desk=desk: desk.scenes for desk in desks], seconds)  # type: ignore[misc]
            finally:
                stop.set()
                pool.close()
                trouble = [str(one) for one in failed] + [one for desk in desks for one in desk.trouble]
                if trouble:
                    raise RuntimeError(trouble[0])

    return round_


def endless(stream: Stream, *, keys: bool) -> Iterator[Picture]:
    """A stream's pictures over and over, their times going on; of every frame only the first of each turn is fresh."""
    for turn in count():
        for unit in stream.keys if keys else stream.units:
            moved = Unit(unit.data, unit.utc + turn * stream.length, unit.key)
            fresh = keys or unit is stream.units[0]
            yield Picture("bench", moved.utc, stream.codec, (moved,), fresh)


def naive(network: Any, path: str) -> Round:
    """What one writes first: OpenCV reads and scales, numpy makes floats, the network is called.

    `network` is compiled with OpenVINO's defaults; its results are left unread, in the peer's favor.
    """
    capture = cv2.VideoCapture(path)
    nchw = network.inputs[0].shape[1] == 3
    height, width = tuple(network.inputs[0].shape)[2:] if nchw else tuple(network.inputs[0].shape)[1:3]

    def work() -> int:
        good, picture = capture.read()
        if not good:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            return 0
        pixels = cv2.resize(picture, (width, height)).astype(np.float32)
        network([pixels.transpose(2, 0, 1)[None] if nchw else pixels[None]])
        return 1

    return lambda seconds: looped([work], seconds)
