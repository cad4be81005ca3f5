"""A site at work: joins sources, models, rooms, store and sinks; it is the Site that sinks see."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import cpu_count

from .behaviors import Vocabulary
from .clock import Clock
from .compute import Pool
from .errors import HomeroomError
from .event import Event
from .gate import SEAT, Gate
from .loop import LoopThread
from .observation import Observation, Surroundings, let_go
from .outbox import Outbox
from .ports import CameraInfo, Logged, Model, Place, Sink, Source
from .rule import ended
from .scene import Scene
from .site import CameraSettings, SiteSettings
from .store import Batch, Store

log = logging.getLogger(__name__)

TICK = 0.5  # seconds between looks for live views that have waited long enough

MakeSource = Callable[[CameraSettings], Source]


@dataclass(slots=True)
class Parts:
    """What a runtime is made of; tests put other things in."""

    make_source: MakeSource
    models: Mapping[str, Model]
    sinks: Mapping[str, Sink]
    clock: Clock


class Runtime:
    """Runs a site from start() to close(). Implements homeroom.ports.Site."""

    def __init__(self, settings: SiteSettings, parts: Parts, *, until_end: bool = False) -> None:
        """Opens the store and makes all parts. Raises BadInput, and Forbidden where the policy pack says no.

        With `until_end` the site stops when all its recordings are over; else its sinks go on serving.
        """
        self._settings = settings
        self._until_end = until_end
        self._clock = parts.clock
        self._sinks = parts.sinks
        self._gate = Gate(settings.pack, settings.granularity, settings.grounds, settings.vocabulary)
        sources = {camera.id: parts.make_source(camera) for _, camera in settings.cameras}
        self._store = Store(settings.store)
        self._loop = LoopThread()
        self._outbox = Outbox(self._store, parts.sinks, parts.clock)
        self._stopped = threading.Event()
        self._error: Exception | None = None
        self._pool = Pool(parts.models, (cpu_count() or 1) + 1, self._fail)
        around = Surroundings(
            site=settings.name,
            gate=self._gate,
            vocabulary=settings.vocabulary,
            sinks=tuple(parts.sinks),
            store=self._store,
            pool=self._pool,
            clock=parts.clock,
            describe=self._describe,
            wake=self._outbox.wake,
            failed=self._fail,
        )
        self._rooms = {
            room.id: Observation(
                room, around, {camera.id: sources[camera.id] for camera in room.cameras}, at / len(settings.rooms)
            )
            for at, room in enumerate(settings.rooms)
        }
        self._ticker = threading.Thread(target=self._tick, name="ticker", daemon=True)

    def start(self) -> None:
        """Starts everything; what a crash left open is ended first."""
        self._close_episodes()
        self._loop.start()
        for sink in self._sinks.values():
            sink.start(self)
        self._outbox.start()
        self._pool.start()
        for room in self._rooms.values():
            room.start()
        self._ticker.start()

    def _close_episodes(self) -> None:
        for event in self._store.current():
            seen = self._store.last_seen(event.room) or event.utc
            self._store.commit(Batch(events=(ended(event, seen, "restart"),), sinks=tuple(self._sinks)))

    def wait(self, seconds: float | None = None) -> None:
        """Waits until stop(), a failure (which it raises) or the seconds are over."""
        self._stopped.wait(seconds)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Ends wait(); safe from a signal handler."""
        self._stopped.set()

    def close(self, flush: float = 5.0) -> None:
        """Stops fetching, ends what goes on, gives the sinks `flush` seconds to take it, and closes the store."""
        self._stopped.set()
        self._pool.stop()
        let_go([fetcher for room in self._rooms.values() for fetcher in room.fetchers.values()])
        self._pool.close()
        if self._error is None:
            for room in self._rooms.values():
                room.desk.close("shutdown")
            self._outbox.wake()
            self._outbox.flush(flush)
        self._outbox.close()
        for sink in self._sinks.values():
            sink.close()
        self._loop.close()
        self._store.close()

    def _fail(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
            if not isinstance(error, HomeroomError):
                log.error("a thread failed", exc_info=error)
        self._stopped.set()

    def _tick(self) -> None:
        try:
            while not self._clock.wait(self._stopped, TICK):
                for room in self._rooms.values():
                    room.desk.tick(self._clock.now())
                if self._until_end and all(room.desk.over for room in self._rooms.values()):
                    self._stopped.set()
        except Exception as error:  # noqa: BLE001  the ticker's outermost loop: see Pool
            self._fail(error)

    def _describe(self, scene: Scene) -> None:
        for sink in self._sinks.values():
            sink.describe(scene)

    # what sinks may ask: homeroom.ports.Site

    @property
    def name(self) -> str:
        """Id of the site."""
        return self._settings.name

    @property
    def cameras(self) -> Sequence[CameraInfo]:
        """Every camera of the site, without credentials."""
        return [camera for room in self._rooms.values() for camera in room.cameras]

    @property
    def places(self) -> Sequence[Place]:
        """Every place that an event can name."""
        if self._settings.granularity == SEAT:
            return [
                Place(room.id, seat.id, next(iter(seat.views))) for room in self._settings.rooms for seat in room.seats
            ]
        return [Place(room.id, None, room.cameras[0].id) for room in self._settings.rooms]

    @property
    def behaviors(self) -> Vocabulary:
        """The vocabulary of behaviors in force."""
        return self._settings.vocabulary

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The one event loop."""
        return self._loop.loop

    def now(self) -> datetime:
        """Host UTC."""
        return self._clock.now()

    def current(self) -> Sequence[Event]:
        """The last message of each episode that goes on now."""
        return self._store.current()

    def log(self, after: int, limit: int) -> Sequence[Logged]:
        """Up to `limit` events written after sequence number `after`, in order."""
        return self._store.log(after, limit)

    def log_end(self) -> int:
        """Sequence number of the newest event."""
        return self._store.log_end()

    def recall(self, key: str) -> str | None:
        """What a sink remembered."""
        return self._store.recall(key)

    def remember(self, key: str, value: str | None) -> None:
        """Keeps a sink's memory."""
        self._store.remember(key, value)
