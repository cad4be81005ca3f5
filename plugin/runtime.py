"""A site at work: joins sources, models, rooms, store and sinks; it is the Site that sinks see."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from os import cpu_count
from uuid import uuid4

from .behaviors import Vocabulary
from .clock import Clock
from .compute import Pool
from .difference import Difference, difference
from .errors import HomeroomError, Unavailable
from .event import Event, event_id
from .gate import SEAT, Gate, Tally
from .heap import give_back
from .ledger import Ledger
from .loop import LoopThread
from .metrics import Figures, MetricsServer
from .monitor import Monitor
from .observation import LET_GO, RECONFIGURED, Observation, Surroundings
from .ports import CameraInfo, Logged, Model, Observer, Place, Sink
from .rooms import MakeSource, Rooms
from .rule import ended
from .shadow import remarks, shadowed
from .sinks import FLUSH, Sinks
from .site import SiteSettings
from .store import Batch, Store

log = logging.getLogger(__name__)

TICK = 0.5  # seconds between looks for live views that have waited long enough
LINGER = 1.0  # seconds in which clients that pull may hear of the ends of what was told by seat


@dataclass(slots=True)
class Parts:
    """What a runtime is made of; tests put other things in."""

    make_source: MakeSource
    models: Mapping[str, Model]
    sinks: Mapping[str, Sink]
    clock: Clock
    observers: Mapping[str, Observer] = field(default_factory=dict)


@dataclass(slots=True)
class NewParts:
    """What a running site lacks to become another: models and sinks by id, the sinks not started."""

    models: Mapping[str, Model] = field(default_factory=dict)
    sinks: Mapping[str, Sink] = field(default_factory=dict)


MakeParts = Callable[[SiteSettings, Difference], NewParts]


class Runtime:
    """Runs a site from start() to close(). Implements homeroom.ports.Site."""

    def __init__(self, settings: SiteSettings, parts: Parts, *, until_end: bool = False) -> None:
        """Opens the store and makes all parts. Raises BadInput, and Forbidden where the policy pack says no.

        With `until_end` the site stops when all its recordings are over; else its sinks go on serving.
        """
        self._settings = settings
        self._until_end = until_end
        self._clock = parts.clock
        self._make_source = parts.make_source
        self._gate = gate_of(settings)
        self._metrics = MetricsServer(settings.metrics) if settings.metrics else None
        sources = {camera.id: parts.make_source(camera) for _, camera in settings.cameras}
        self._store = Store(settings.store)
        self._loop = LoopThread()
        self._stopped = threading.Event()
        self._error: Exception | None = None
        self._sinks = Sinks(self._store, parts.sinks, parts.clock, self.fail)
        self._ledger = Ledger(self._store, parts.clock, self._sinks.wake)
        self._models = parts.models
        self._pool = Pool(parts.models, (cpu_count() or 1) + 1, self.fail, parts.clock, parts.observers)
        self._rooms = Rooms(settings, sources, self._surroundings(settings, self._gate, parts.models))
        self._monitor = self._made_monitor(settings)
        self._seats = settings.granularity == SEAT
        self._reloading, self._changing, self._monitoring = threading.Lock(), threading.Lock(), threading.Lock()
        self._each_tick: list[Callable[[], None]] = []
        self._ticker = threading.Thread(target=self._tick, name="ticker", daemon=True)

    def _surroundings(self, settings: SiteSettings, gate: Gate, models: Mapping[str, Model]) -> Surroundings:
        used = {id_: models[id_] for id_ in settings.used_models}
        for line in remarks(settings.vocabulary, used, settings.acceptance):
            log.warning("%s", line)
        return Surroundings(
            site=settings.name,
            gate=gate,
            vocabularies={
                id_: shadowed(settings.vocabulary, model, settings.acceptance) for id_, model in used.items()
            },
            sinks=self._sinks.names,
            ledger=self._ledger,
            pool=self._pool,
            clock=self._clock,
            describe=self._sinks.describe,
            failed=self.fail,
        )

    def _made_monitor(self, settings: SiteSettings) -> Monitor:
        return Monitor(
            settings.vocabulary,
            lambda: self._rooms.fetchers,
            lambda: self._models,
            settings.store,
            partial(event_id, settings.name, uuid4().hex),
            self._tell,
        )

    def start(self) -> None:
        """Starts everything; what a crash left open is ended first."""
        give_back()
        if self._metrics:
            self._metrics.start(self._figures())
        self._withhold_seats()
        self._close_episodes()
        self._loop.start()
        self._sinks.start(self)
        self._pool.start()
        self._rooms.start()
        self._ticker.start()

    def _close_episodes(self) -> None:
        for event in self._store.current():
            seen = self._store.last_seen(event.room) or event.utc
            told = self._sinks.names if self._seats or event.seat is None else ()
            self._ledger.commit(Batch(events=(ended(event, seen, "restart"),), sinks=told))

    def _withhold_seats(self) -> None:
        """Under `class` nothing leaves that was told by seat before and has not arrived yet."""
        if not self._seats:
            self._ledger.withhold_seats()
            count = self._store.withhold_seats("granularity is class now", self._clock.now())
            if count:
                log.warning("%d event(s) that name seats had not arrived; under class they stay here", count)

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
        with self._changing:
            self._pool.stop()
            self._rooms.let_go()
            self._pool.close()
            if self._ticker.is_alive():
                self._ticker.join(LET_GO)
            if self._error is None:
                self._rooms.end("shutdown")
                with self._monitoring:
                    self._monitor.close(self._clock.now(), "shutdown")
            self._ledger.close()
            if self._error is None:
                self._sinks.flush(flush)
            self._sinks.close()
            if self._metrics:
                self._metrics.close()
            self._loop.close()
            self._store.close()

    def reload(self, settings: SiteSettings, make: MakeParts) -> Difference:
        """Goes on with other settings, all or nothing; says what was different.

        Everything that can fail comes first: the gate, `make` (models loaded, sinks made), sources, sinks started.
        Raises what it raised (BadInput, Forbidden, Unavailable), and then nothing has changed. Rooms that are the
        same are not touched; one that changed keeps those cameras that are looked at as before. One at a time.
        """
        with self._reloading:
            change = difference(self._settings, settings)
            if change:
                gate = gate_of(settings)
                new = make(settings, change)
                around = self._surroundings(settings, gate, {**self._models, **new.models})
                rooms = self._rooms.prepared(settings, change, around, self._make_source)
                with self._changing:
                    if self._stopped.is_set():
                        raise Unavailable("the site ends")
                    with self._figures_served(settings, change):
                        self._sinks.exchange(change.sinks.removed, new.sinks)
                    try:
                        self._gate = gate
                        self._become(settings, change, rooms, new)
                    except Exception as error:
                        self.fail(error)
                        raise
            return change

    @contextmanager
    def _figures_served(self, settings: SiteSettings, change: Difference) -> Iterator[None]:
        """Figures are served where the new settings say, unless what is done meanwhile fails. Raises BadInput."""
        made = self._metrics
        if change.metrics:
            made = MetricsServer(settings.metrics) if settings.metrics else None
            if made:
                made.start(self._figures())
        gone = made
        try:
            yield
            gone, self._metrics = self._metrics, made
        finally:
            if change.metrics and gone:
                gone.close()

    def _become(self, settings: SiteSettings, change: Difference, rooms: dict[str, Observation], new: NewParts) -> None:
        """What cannot be refused any more: rooms are exchanged, then sinks hear of it."""
        self._models = {**self._models, **new.models}
        self._pool.use(self._models)
        self._settings = settings
        self._seats = self._seats or settings.granularity == SEAT
        self._rooms.exchange(settings, rooms, self._sinks.names)
        self._models = {id_: self._models[id_] for id_ in settings.used_models}
        self._pool.use(self._models)
        if change.vocabulary:
            with self._monitoring:
                self._monitor.close(self._clock.now(), RECONFIGURED)
                self._monitor = self._made_monitor(settings)
        if change.withheld:
            self._sinks.flush(FLUSH)
            self._clock.wait(self._stopped, LINGER)
            self._seats = False
            self._withhold_seats()
        self._sinks.reconfigured()

    def fail(self, error: Exception) -> None:
        """Ends the run with an error that no thread may swallow."""
        if self._error is None:
            self._error = error
            if not isinstance(error, HomeroomError):
                log.error("a thread failed", exc_info=error)
        self._stopped.set()

    def _tick(self) -> None:
        try:
            while not self._clock.wait(self._stopped, TICK):
                self._rooms.tick(self._clock.now())
                with self._monitoring:
                    self._monitor.tick(self._clock.now())
                self._ledger.tick()
                for call in self._each_tick:
                    call()
                if self._until_end and self._rooms.over:
                    self._stopped.set()
        except Exception as error:  # noqa: BLE001  the ticker's outermost loop: see Pool
            self.fail(error)

    def each_tick(self, call: Callable[[], None]) -> None:
        """Has this called every TICK seconds from start() on; it must not block."""
        self._each_tick.append(call)

    def _tell(self, events: list[Event]) -> None:
        """Commits events of the installation."""
        _, allowed = self._gate.events(Tally(), events, self._monitor.make_id, "")
        self._ledger.commit(Batch(tuple(allowed), sinks=self._sinks.names))

    def _figures(self) -> Figures:
        return Figures(
            fetchers=lambda: self._rooms.fetchers,
            models=lambda: self._models,
            sinks=lambda: self._sinks.names,
            ledger=self._ledger,
            store=self._store,
            clock=self._clock,
        )

    # what sinks may ask: homeroom.ports.Site

    @property
    def name(self) -> str:
        """Id of the site."""
        return self._settings.name

    @property
    def cameras(self) -> Sequence[CameraInfo]:
        """Every camera of the site, without credentials."""
        return self._rooms.cameras

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
        return [event for event in self._store.current() if self._seats or event.seat is None]

    def log(self, after: int, limit: int) -> Sequence[Logged]:
        """Up to `limit` events written after sequence number `after`, in order."""
        return self._store.log(after, limit, seats=self._seats)

    def log_end(self) -> int:
        """Sequence number of the newest event."""
        return self._store.log_end()

    def recall(self, key: str) -> str | None:
        """What a sink remembered."""
        return self._ledger.recall(key)

    def remember(self, key: str, value: str | None) -> None:
        """Keeps a sink's memory."""
        self._ledger.commit(Batch(memory={key: value}))


def gate_of(settings: SiteSettings) -> Gate:
    """The gate that these settings ask for. Raises Forbidden where the policy pack says no."""
    return Gate(settings.pack, settings.granularity, settings.grounds, settings.vocabulary, tuple(settings.observers))
