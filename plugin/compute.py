"""Computing, apart from fetching: cores + 1 workers, each with its own infer request, take the oldest due first.

Of a live camera only the newest picture waits; what it replaces is counted. Of a recording nothing is ever dropped:
its fetcher waits until its turn comes.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import cv2

from .clock import Clock, SystemClock
from .decode import Decoder
from .desk import Desk
from .errors import Undecodable, Unfinished
from .picture import Gap, Picture
from .ports import Detector, Model, Observer
from .quality import measure
from .scene import Mode, Scene, make_scene
from .site import CameraSettings

log = logging.getLogger(__name__)

LET_GO = 5.0  # seconds that the workers have to finish what they compute
MAX_UNITS = 600  # 10 s at 60 pictures/s: more than that unseen is a gap
MAX_BYTES = 32 * 1024 * 1024
OVERLOADED = "overloaded"
MEASURE_EVERY = timedelta(seconds=1)  # of picture time: what is told of a camera's sight lasts ten seconds and more
OBSERVE_EVERY = timedelta(seconds=10)  # of picture time: totals tell how a class is, not how somebody's moment was

Item = Picture | Gap


@dataclass(slots=True)
class Job:
    """One camera in the pool. Its pictures are computed in order, by one worker at a time."""

    camera: CameraSettings
    desk: Desk
    model: str
    live: bool
    decoder: Decoder = field(default_factory=Decoder)  # while watching; scans are decoded by whatever worker takes them
    waiting: list[tuple[Item, datetime]] = field(default_factory=list)
    busy: bool = False
    lost: bool = False  # the decoder must find a key unit before it can go on
    dismissed: bool = False  # nothing more is taken
    replaced: int = 0  # pictures that a newer one made worthless
    computed: int = 0
    gaps: int = 0
    lag: float = 0.0  # seconds from the time of the last picture to when it was computed; of live cameras
    measured: datetime | None = None  # time of the last picture whose quality was measured
    observed: datetime | None = None  # time of the last picture that the observers looked at
    doing: datetime | None = None  # time of the picture that is computed now
    lock: threading.Lock = field(default_factory=threading.Lock)  # who holds it keeps views from the desk

    def put(self, view: Scene | Gap, horizon: datetime) -> None:
        """Brings a view to the desk, whichever it is now."""
        with self.lock:
            self.desk.put(view, horizon)

    def finish(self) -> None:
        """Tells the desk that the source has ended."""
        with self.lock:
            self.desk.finish(self.camera.id)


def joined(older: Picture, newer: Picture) -> Item:
    """What a live camera's two waiting pictures come to: the newer one, with all that it builds on."""
    if newer.fresh:
        return newer
    units = older.units + newer.units
    if len(units) > MAX_UNITS or sum(len(unit.data) for unit in units) > MAX_BYTES:
        return Gap(older.camera, older.utc, newer.utc, OVERLOADED)
    return replace(newer, units=units, fresh=older.fresh)


def from_key(picture: Picture) -> Picture | None:
    """The picture from its first key unit on, for a decoder that lost its thread; None where it has none."""
    for at, unit in enumerate(picture.units):
        if unit.key:
            return replace(picture, units=picture.units[at:], fresh=True)
    return None


class Pool:
    """The workers. `failed` is told of an error that no worker may swallow, such as a full disk."""

    def __init__(
        self,
        models: Mapping[str, Model],
        workers: int,
        failed: Callable[[Exception], None],
        clock: Clock | None = None,
        observers: Mapping[str, Observer] | None = None,
    ) -> None:
        self._models = models
        self._observers = observers or {}
        self._clock = clock or SystemClock()
        self._failed = failed
        self._changed = threading.Condition()
        self._due: list[tuple[datetime, int, Job]] = []
        self._count = 0
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._run, name=f"compute-{number}", daemon=True) for number in range(workers)
        ]

    def start(self) -> None:
        """Starts the workers."""
        cv2.setNumThreads(
            1
        )  # the workers are what runs in parallel; OpenCV's own threads cost a frame 0.25 ms of waking
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job, item: Item, horizon: datetime) -> None:
        """Hands in what was fetched; `horizon` as in Desk.put. Waits only for recordings."""
        with self._changed:
            if not job.live:
                self._changed.wait_for(lambda: job.dismissed or self._free(job))
            if self._stopped or job.dismissed:
                return
            idle = not (job.waiting or job.busy)
            self._put(job, item, horizon)
            if idle:
                self._enqueue(job)

    @staticmethod
    def _put(job: Job, item: Item, horizon: datetime) -> None:
        last = job.waiting[-1][0] if job.waiting else None
        if isinstance(last, Picture) and isinstance(item, Picture):
            job.replaced += 1
            item = joined(last, item)
            job.lost = job.lost or isinstance(item, Gap)
            job.waiting.pop()
        elif isinstance(last, Gap) and isinstance(item, Gap) and last.reason == item.reason:
            item = replace(item, start=last.start)
            job.waiting.pop()
        job.waiting.append((item, horizon))

    def _enqueue(self, job: Job) -> None:
        self._count += 1
        heapq.heappush(self._due, (job.waiting[0][0].utc, self._count, job))
        self._changed.notify_all()

    def lag(self, job: Job, now: datetime) -> float:
        """Seconds by which a live camera's pictures are looked at late: the last one, or one that is not done yet."""
        with self._changed:
            undone = [job.doing] if job.doing else [item.utc for item, _ in job.waiting if isinstance(item, Picture)]
            return max([job.lag, *((now - utc).total_seconds() for utc in undone)])

    def drain(self, job: Job) -> None:
        """Waits until all that was handed in for this camera is computed."""
        with self._changed:
            self._changed.wait_for(lambda: job.dismissed or self._free(job))

    def _free(self, job: Job) -> bool:
        """Whether all that was handed in for this camera is computed."""
        return self._stopped or not (job.waiting or job.busy)

    def dismiss(self, job: Job, timeout: float) -> None:
        """Takes nothing more of this camera; what was handed in has `timeout` seconds to be computed."""
        with self._changed:
            job.dismissed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._free(job), timeout)
            self._due = [due for due in self._due if due[2] is not job]
            heapq.heapify(self._due)
            job.waiting.clear()

    def use(self, models: Mapping[str, Model]) -> None:
        """Goes on with these models; each worker makes its detector of a new one when it first needs it."""
        self._models = models

    def close(self) -> None:
        """Stops the workers; each finishes what it computes now. One that a device holds is left behind."""
        self.stop()
        deadline = time.monotonic() + LET_GO
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("%s does not let go; leaving it behind", thread.name)

    def stop(self) -> None:
        """Takes nothing more; whoever waits to hand in goes on."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            held = {name: (model, model.detector()) for name, model in self._models.items()}
            decoder = Decoder()
            while (taken := self._take()) is not None:
                job, item, horizon = taken
                view = (
                    item
                    if isinstance(item, Gap)
                    else look(job, item, self._detector(held, job.model), decoder, self._observers)
                )
                if view is not None:
                    # what a source or a decoder shows may be older than it was asked for, and so may the next
                    job.put(view, min(horizon, view.utc))
                self._done(job, view)
        except Exception as error:  # noqa: BLE001  a worker's outermost loop: the program ends, not the worker alone
            self._failed(error)

    def _detector(self, held: dict[str, tuple[Model, Detector]], name: str) -> Detector:
        """A worker's detector of the model that has this name now; those of models that went are let go."""
        models = self._models
        if name not in held or held[name][0] is not models[name]:
            for gone in held.keys() - models.keys():
                del held[gone]
            held[name] = models[name], models[name].detector()
        return held[name][1]

    def _take(self) -> tuple[Job, Item, datetime] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or bool(self._due))
            if self._stopped:
                return None
            job = heapq.heappop(self._due)[2]
            job.busy = True
            item, horizon = job.waiting.pop(0)
            job.doing = item.utc if isinstance(item, Picture) else None
            return job, item, horizon

    def _done(self, job: Job, view: Scene | Gap | None) -> None:
        with self._changed:
            job.busy, job.doing = False, None
            if isinstance(view, Scene):
                job.lag = max(0.0, (self._clock.now() - view.utc).total_seconds())
            job.gaps += isinstance(view, Gap)
            if job.waiting:
                self._enqueue(job)
            self._changed.notify_all()


def look(
    job: Job,
    picture: Picture,
    detector: Detector,
    decoder: Decoder,
    observers: Mapping[str, Observer] | None = None,
) -> Scene | Gap | None:
    """Decodes a picture and finds what it shows; a Gap where it does not decode.

    None where a key unit must come first, or more units, as with B-frames. A scan's picture stands alone and goes to
    the worker's `decoder`: one per camera would hold 10 MB each at 1080p.
    """
    if job.lost:
        resumed = from_key(picture)
        if resumed is None:
            return None
        picture, job.lost = resumed, False
    try:
        frame = (job.decoder if job.camera.mode is Mode.WATCH else decoder).decode(picture)
    except Unfinished:
        return None
    except Undecodable as error:
        job.lost = job.camera.mode is Mode.WATCH
        log.debug("%s: %s", job.camera.id, error)
        return Gap(job.camera.id, picture.utc, picture.utc, f"undecodable: {error}")
    job.computed += 1
    detections = detector.detect([frame])[0]
    scene = make_scene(job.camera.id, frame.utc, job.camera.mode, detections, job.camera.exclude)
    if observers and (job.observed is None or abs(frame.utc - job.observed) >= OBSERVE_EVERY):
        job.observed = frame.utc
        people = [one.detection for one in scene.objects]
        scene = replace(scene, totals={id_: one.totals(frame, people) for id_, one in observers.items()})
    if job.measured is not None and abs(frame.utc - job.measured) < MEASURE_EVERY:
        return scene
    job.measured = frame.utc
    return replace(scene, quality=measure(frame))
