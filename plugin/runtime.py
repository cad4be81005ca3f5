"""A site at work: joins sources, models, rooms, store and sinks; it is the Site that sinks see."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from os import cpu_count
from typing import Any
from uuid import uuid4

from .behaviors import Vocabulary
from .clock import Clock
from .compute import Job, Pool
from .desk import Desk, freshness
from .errors import HomeroomError
from .event import Event, event_id
from .fetch import Fetcher
from .gate import SEAT, Gate, Tally
from .ledger import Ledger
from .loop import LoopThread
from .metrics import Figures, MetricsServer
from .monitor import Monitor
from .outbox import Outbox
from .ports import CameraInfo, Logged, Model, Place, Sink, Source
from .room import Room, Seat
from .rule import ended
from .scene import Mode, Scene
from .site import CameraSettings, RoomSettings, SiteSettings
from .store import Batch, Store

log = logging.getLogger(__name__)

LET_GO = 3.0  # seconds that all cameras together have to end when the site does
APART = timedelta(milliseconds=20)  # from one watched room's first connection to the next one's
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
        self._models = parts.models
        self._gate = Gate(settings.pack, settings.granularity, settings.grounds, settings.vocabulary)
        self._metrics = MetricsServer(settings.metrics) if settings.metrics else None
        self._sources = {camera.id: parts.make_source(camera) for _, camera in settings.cameras}
        self._store = Store(settings.store)
        self._loop = LoopThread()
        self._outbox = Outbox(self._store, parts.sinks, parts.clock)
        self._ledger = Ledger(self._store, parts.clock, self._outbox.wake)
        self._stopped = threading.Event()
        self._error: Exception | None = None
        self._pool = Pool(parts.models, (cpu_count() or 1) + 1, self._fail, parts.clock)
        self._desks = {room.id: self._desk(room) for room in settings.rooms}
        self._fetchers = [self._fetcher(room, camera) for room, camera in settings.cameras]
        self._monitor = Monitor(
            settings.vocabulary,
            lambda: self._fetchers,
            parts.models,
            settings.store,
            partial(event_id, settings.name, uuid4().hex),
            self._tell,
        )
        self._ticker = threading.Thread(target=self._tick, name="ticker", daemon=True)

    def _epoch(self, room: RoomSettings) -> str:
        """What tells one run's episodes from another's: random for live cameras, the content for recordings."""
        prints = [getattr(self._sources[camera.id], "fingerprint", None) for camera in room.cameras]
        if any(self._sources[camera.id].live for camera in room.cameras) or None in prints:
            return uuid4().hex
        return "+".join(make() for make in prints if make is not None)

    def _desk(self, room: RoomSettings) -> Desk:
        fresh = freshness({camera.id: camera.step for camera in room.cameras})
        return Desk(
            room=Room(room.id, [Seat(seat.id, seat.views) for seat in room.seats], fresh),
            gate=self._gate,
            vocabulary=self._settings.vocabulary,
            ledger=self._ledger,
            sinks=tuple(self._sinks),
            make_id=partial(event_id, self._settings.name, self._epoch(room)),
            describe=self._describe,
            live={camera.id for camera in room.cameras if self._sources[camera.id].live},
        )

    def _fetcher(self, room: RoomSettings, camera: CameraSettings) -> Fetcher:
        source = self._sources[camera.id]
        job = Job(camera, self._desks[room.id], room.model, source.live)
        # live scans are spread over their interval room by room; the cameras of one room look at the same instant
        share = self._settings.rooms.index(room) / len(self._settings.rooms)
        spread = camera.every if camera.mode is Mode.SCAN else len(self._settings.rooms) * APART
        start = datetime.fromisoformat(camera.settings.get("start", "2000-01-01T00:00:00Z"))
        begin = start if start.tzinfo else start.replace(tzinfo=UTC)
        first = self._clock.now() + share * spread if source.live else begin
        return Fetcher(job, source, self._pool, self._clock, first, self._fail)

    def start(self) -> None:
        """Starts everything; what a crash left open is ended first."""
        if self._metrics:
            self._metrics.start(self._figures())
        self._close_episodes()
        self._loop.start()
        for sink in self._sinks.values():
            sink.start(self)
        self._outbox.start()
        self._pool.start()
        for fetcher in self._fetchers:
            fetcher.start()
        self._ticker.start()

    def _close_episodes(self) -> None:
        for event in self._store.current():
            seen = self._store.last_seen(event.room) or event.utc
            self._ledger.commit(Batch(events=(ended(event, seen, "restart"),), sinks=tuple(self._sinks)))

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
        for fetcher in self._fetchers:
            fetcher.close()
        deadline = time.monotonic() + LET_GO
        for fetcher in self._fetchers:
            if not fetcher.join(max(0.0, deadline - time.monotonic())):
                log.warning("%s: its camera does not let go; leaving it behind", fetcher.job.camera.id)
        self._pool.close()
        if self._ticker.is_alive():
            self._ticker.join(LET_GO)
        if self._error is None:
            for desk in self._desks.values():
                desk.close("shutdown")
            self._monitor.close(self._clock.now(), "shutdown")
        self._ledger.close()
        if self._error is None:
            self._outbox.flush(flush)
        self._outbox.close()
        for sink in self._sinks.values():
            sink.close()
        if self._metrics:
            self._metrics.close()
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
                for desk in self._desks.values():
                    desk.tick(self._clock.now())
                self._monitor.tick(self._clock.now())
                self._ledger.tick()
                if self._until_end and all(desk.over for desk in self._desks.values()):
                    self._stopped.set()
        except Exception as error:  # noqa: BLE001  the ticker's outermost loop: see Pool
            self._fail(error)

    def _tell(self, events: list[Event]) -> None:
        """Commits events of the installation."""
        _, allowed = self._gate.events(Tally(), events, self._monitor.make_id, "")
        self._ledger.commit(Batch(tuple(allowed), sinks=tuple(self._sinks)))

    def _figures(self) -> Figures:
        return Figures(
            fetchers=lambda: self._fetchers,
            models=self._models,
            sinks=tuple(self._sinks),
            ledger=self._ledger,
            store=self._store,
            clock=self._clock,
        )

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
        return [self._info(room, camera) for room, camera in self._settings.cameras]

    def _info(self, room: RoomSettings, camera: CameraSettings) -> CameraInfo:
        known: Mapping[str, Any] = self._sources[camera.id].info
        return CameraInfo(
            token=camera.id,
            name=camera.name,
            room=room.id,
            address="" if camera.scheme == "file" else camera.address,
            codec=known["codec"].name if "codec" in known else "",
            width=known.get("width", 0),
            height=known.get("height", 0),
            frame_rate=known.get("frame_rate", 0.0),
        )

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
        return self._ledger.recall(key)

    def remember(self, key: str, value: str | None) -> None:
        """Keeps a sink's memory."""
        self._ledger.commit(Batch(memory={key: value}))
