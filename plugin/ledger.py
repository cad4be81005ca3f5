"""Writes what happens into the store, and keeps it in memory, in order, for as long as the store cannot take it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .clock import Clock
from .errors import Unavailable
from .event import Event
from .interval import Coverage, Interval
from .store import Batch, Store

log = logging.getLogger(__name__)

RETRY = timedelta(seconds=5)  # between tries
SHARE = 20  # and so many times as long as the last one took: who commits must wait for it
MOST = 200_000  # intervals and stretches of coverage, each: some 100 MB; the oldest go first


@dataclass(slots=True)
class _Kept:
    """What waits for the store. Events all; of what is given again as it grows, the newest of each key."""

    tried: datetime
    rest: timedelta = RETRY
    batches: list[Batch] = field(default_factory=list)  # events alone
    intervals: dict[Hashable, Interval] = field(default_factory=dict)
    coverage: dict[Hashable, Coverage] = field(default_factory=dict)
    memory: dict[str, str | None] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Takes another batch."""
        if batch.events:
            self.batches.append(Batch(batch.events, sinks=batch.sinks))
        for run in batch.intervals:
            self.intervals[run.room, run.seat, run.axis, run.value, run.count, run.start] = run
        for stretch in batch.coverage:
            self.coverage[stretch.room, stretch.camera, stretch.state, stretch.start] = stretch
        self.memory |= batch.memory
        for records in (self.intervals, self.coverage):
            while len(records) > MOST:
                del records[next(iter(records))]

    def all(self) -> Iterator[Batch]:
        """All of it, in order."""
        yield from self.batches
        yield Batch((), tuple(self.intervals.values()), tuple(self.coverage.values()), memory=self.memory)

    @property
    def events(self) -> list[Event]:
        """The events, in order."""
        return [event for batch in self.batches for event in batch.events]


def _without_seats(batch: Batch) -> Iterator[Batch]:
    """The batch, its events in order, those that name a seat for no sink."""
    if all(event.seat is None for event in batch.events):
        yield batch
    else:
        for event in batch.events:
            yield Batch((event,), sinks=batch.sinks if event.seat is None else ())


class Ledger:
    """The one way into the store for what must not be lost. Safe from any thread.

    While the disk is full nothing raises: each batch joins what is kept, and all of it goes into the store in one
    transaction once there is space.
    """

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        """`wake` is called, outside its lock, when events were written."""
        self._store, self._clock, self._wake = store, clock, wake
        self._kept: _Kept | None = None
        self._lock = threading.Lock()
        self._written: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many events are in memory alone."""
        with self._lock:
            return len(self._kept.events) if self._kept else 0

    @property
    def written(self) -> Mapping[str, int]:
        """How many messages of events were written, by behavior."""
        with self._lock:
            return dict(self._written)

    def commit(self, batch: Batch) -> None:
        """Writes a batch in one transaction, now or, with all that is kept, when the store takes it again."""
        with self._lock:
            if self._kept is not None:
                self._kept.add(batch)
                wrote = self._again(self._kept)
            else:
                wrote = self._write(batch)
        if wrote:
            self._wake()

    def tick(self) -> None:
        """Tries again what is kept, if it is time."""
        with self._lock:
            wrote = self._kept is not None and self._again(self._kept)
        if wrote:
            self._wake()

    def withhold_seats(self) -> None:
        """Lets no sink have what is in memory alone and names a seat."""
        with self._lock:
            if self._kept is not None:
                self._kept.batches = [one for batch in self._kept.batches for one in _without_seats(batch)]

    def close(self) -> None:
        """Tries for the last time; says what is lost."""
        with self._lock:
            if self._kept is not None:
                self._try(self._kept)
            if self._kept is not None:
                log.error("%d events are lost: the store takes nothing", len(self._kept.events))
        self._wake()

    def recall(self, key: str) -> str | None:
        """What was remembered under `key`, written or not."""
        with self._lock:
            if self._kept is not None and key in self._kept.memory:
                return self._kept.memory[key]
        return self._store.recall(key)

    def _write(self, batch: Batch) -> bool:
        """Whether events were written just now."""
        try:
            self._store.commit(batch)
        except Unavailable as error:
            log.warning("%s; keeping what happens in memory until then", error)
            self._kept = _Kept(self._clock.now())
            self._kept.add(batch)
            return False
        self._written.update(event.behavior for event in batch.events)
        return bool(batch.events)

    def _again(self, kept: _Kept) -> bool:
        return abs(self._clock.now() - kept.tried) >= kept.rest and self._try(kept)

    def _try(self, kept: _Kept) -> bool:
        kept.tried = self._clock.now()
        try:
            self._store.commit(*kept.all())
        except Unavailable:
            kept.rest = max(RETRY, SHARE * (self._clock.now() - kept.tried))
            return False
        self._kept = None
        self._written.update(event.behavior for event in kept.events)
        log.info("the store takes writes again: %d events of the meantime are in it", len(kept.events))
        return bool(kept.events)
