"""Fetching, apart from computing: one cheap thread waits for each camera, so a hung one costs nobody else anything."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .clock import Clock
from .compute import Job, Pool
from .errors import Unavailable, Undecodable
from .picture import Codec, Gap, Picture, Unit
from .ports import Source
from .scene import Mode
from .timeline import Timeline

log = logging.getLogger(__name__)

BACKOFF = (1.0, 30.0)  # seconds: the first pause after a failure, and the longest
PASSING = (Unavailable, Undecodable)  # what a live camera may get over by itself


@dataclass(slots=True)
class Backoff:
    """Pauses that double up to a limit, each cut by up to half at random: cameras shall not come back in step."""

    jitter: random.Random
    limits: tuple[float, float] = BACKOFF
    _next: float = 0.0

    def pause(self) -> float:
        """Seconds to wait before the next try."""
        now = max(self._next, self.limits[0])
        self._next = min(now * 2, self.limits[1])
        return now * (1 - self.jitter.random() / 2)

    def reset(self) -> None:
        """It worked: begin anew."""
        self._next = 0.0


def sampled(units: Iterable[Unit], camera: str, codec: Callable[[], Codec], step: timedelta) -> Iterator[Picture]:
    """Pictures every `step` out of a stream of units, each with the units that lead up to it.

    A key unit makes all units before it needless, so that a slow rate decodes little. `codec` tells that of the last
    unit; where it changes, the decoder begins anew.
    """
    held: list[Unit] = []
    fresh = True
    due: datetime | None = None
    encoded: Codec | None = None
    for unit in units:
        if unit.key and (held or codec() != encoded):
            held, fresh, encoded = [], True, codec()
        held.append(unit)
        if due is None or unit.utc < due - 2 * step:
            due = unit.utc  # the first one, or the clock was set back: look at once, not when it has caught up
        if unit.utc >= due:
            yield Picture(camera, unit.utc, codec(), tuple(held), fresh, unit.time_source)
            held, fresh = [], False
            due = max(due + step, unit.utc + step / 2)


def moved(picture: Picture, by: timedelta) -> Picture:
    """The picture with all its times moved."""
    if not by:
        return picture
    return replace(
        picture, utc=picture.utc + by, units=tuple(replace(unit, utc=unit.utc + by) for unit in picture.units)
    )


@dataclass(slots=True)
class Fetcher:
    """Looks at one camera until told to stop. `first` is when a live camera's first scan or its watching is due."""

    job: Job
    source: Source
    pool: Pool
    clock: Clock
    first: datetime
    failed: Callable[[Exception], None]
    stop: threading.Event = field(default_factory=threading.Event)
    offline: bool = False
    _last: datetime | None = None
    _timeline: Timeline = field(init=False)
    _backoff: Backoff = field(default_factory=lambda: Backoff(random.Random()))  # noqa: S311  jitter, not a secret
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        camera = self.job.camera
        # a scan takes the next key picture, which may come as late as the timeout; that is no gap
        slack = timedelta(seconds=camera.timeout) if camera.mode is Mode.SCAN else timedelta(0)
        self._timeline = Timeline(camera.id, camera.step + slack)

    def start(self) -> None:
        """Starts the camera's thread."""
        self._thread = threading.Thread(target=self._run, name=f"fetch-{self.job.camera.id}", daemon=True)
        self._thread.start()

    def follow(self, earlier: Fetcher) -> None:
        """Goes on from where another fetcher of the same live camera was: what was not seen in between is a gap."""
        if earlier._last is not None:
            self._last = earlier._last
            self._timeline.place(earlier._last)

    def close(self) -> None:
        """Ends the thread soon; join() waits for it."""
        self.stop.set()
        self.source.close()

    def join(self, timeout: float) -> bool:
        """Waits for the thread; whether it ended."""
        if self._thread is not None:
            self._thread.join(timeout)
            return not self._thread.is_alive()
        return True

    def _run(self) -> None:
        try:
            if self.job.camera.mode is Mode.SCAN:
                self._scan()
            else:
                self._watch()
            if not self.stop.is_set():
                self.pool.drain(self.job)
                self.job.finish()
        except Exception as error:  # noqa: BLE001  a thread's outermost loop: the program ends, not the thread alone
            if not self.stop.is_set():
                self.failed(error)

    def _scan(self) -> None:
        camera, due = self.job.camera, self.first
        while not self.stop.is_set():
            if self.source.live:
                due = min(due, self.clock.now() + camera.every)  # a clock set back must not stop the looking
                if self.clock.wait(self.stop, (due - self.clock.now()).total_seconds()):
                    return
            result = self._fetched(due)
            if result is None or self.stop.is_set():
                return
            due = self._next(due + camera.every, camera.every)
            if isinstance(result, Picture):
                self._hand_in(result, due)
            else:
                self._report(result)

    def _fetched(self, due: datetime) -> Picture | Gap | None:
        """One picture. What a live camera may get over is a gap; a recording that cannot be read ends the run."""
        try:
            return self.source.fetch(due, self.job.camera.timeout)
        except PASSING as error:
            if not self.source.live:
                raise
            return Gap(self.job.camera.id, due, max(due, self.clock.now()), str(error))

    def _next(self, due: datetime, every: timedelta) -> datetime:
        """The next scan on the camera's own grid; those that a slow camera made it miss are left out."""
        missed = (self.clock.now() - due) // every if self.source.live else 0
        return due + max(0, missed) * every

    def _watch(self) -> None:
        camera = self.job.camera
        if self.source.live:
            self.clock.wait(self.stop, (self.first - self.clock.now()).total_seconds())
        while not self.stop.is_set():
            began = self.clock.now()
            try:
                for picture in sampled(self.source.packets(), camera.id, self._codec, camera.step):
                    self._hand_in(picture)
                    if self.stop.is_set():
                        return
            except PASSING as error:
                if not self.source.live:
                    raise
                self._pause(began, str(error))
            else:
                return

    def _pause(self, began: datetime, reason: str) -> None:
        if not self.stop.is_set():
            self._report(Gap(self.job.camera.id, self._last or began, self.clock.now(), reason))
        self.clock.wait(self.stop, self._backoff.pause())

    def _hand_in(self, picture: Picture, horizon: datetime | None = None) -> None:
        """Puts a live camera's picture on its timeline, which never runs backward; a jump becomes a gap."""
        if self.source.live:
            placed, gap = self._timeline.place(picture.utc)
            if gap is not None and gap.end > gap.start:
                self.pool.submit(self.job, gap, gap.end)
            picture = moved(picture, placed - picture.utc)
        self._note(picture)
        self.pool.submit(self.job, picture, horizon or picture.utc)

    def _report(self, gap: Gap) -> None:
        """Hands in a gap. The timeline goes on from its end, so that it is not told twice."""
        if gap.end > gap.start:
            self._timeline.place(gap.end)
            self._note(gap)
            self.pool.submit(self.job, gap, gap.end)

    def _codec(self) -> Codec:
        codec: Codec = self.source.info["codec"]
        return codec

    def _note(self, result: Picture | Gap) -> None:
        """Keeps the last known time, and says once when the camera goes and when it comes back."""
        camera = self.job.camera.id
        self._last = result.utc
        if isinstance(result, Picture):
            self._backoff.reset()
            if self.offline:
                log.info("%s: is back", camera)
        elif not self.offline:
            log.warning("%s: %s", camera, result.reason)
        self.offline = isinstance(result, Gap)
