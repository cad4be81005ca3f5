"""Delivers what the store keeps for each sink: in order per camera, at least once, again and again until it arrives."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from traceback import extract_tb

from .clock import Clock
from .errors import HomeroomError, Rejected, Temporary, Unavailable
from .ports import Sink
from .reader import Waiting
from .store import Store

FIRST_SECONDS = 1.0  # the shortest pause before another try
MOST_SECONDS = 60.0  # the longest
FULL_SECONDS = 5.0  # between tries to note what became of events, while the disk is full
_log = logging.getLogger(__name__)


def pause(tries: int, chance: random.Random) -> float:
    """Seconds to wait after so many tries in vain (1 or more): twice as long each time, anywhere in its upper half."""
    longest = min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(tries, 30))
    return chance.uniform(max(FIRST_SECONDS, longest / 2), longest)


@dataclass(frozen=True, slots=True)
class _Retry:
    tries: int
    due: datetime


class Courier:
    """Delivers one sink's events. Used by one thread.

    An event that the sink cannot take now holds back the later ones of its camera, and those alone.
    """

    def __init__(self, store: Store, name: str, sink: Sink, clock: Clock, chance: random.Random) -> None:
        self._store, self._name, self._sink, self._clock, self._chance = store, name, sink, clock, chance
        self._retries: dict[str, _Retry] = {}
        self._at_hand: Waiting | None = None
        self._unwritten: list[Callable[[], None]] = []  # what became of events, where the store could not note it
        self._done: dict[str, int] = {}  # by camera, the place in the outbox of the last event that is settled

    def deliver(self, closing: threading.Event) -> float:
        """Delivers all that is due, the cameras in turn, until `closing`; seconds until something is due again."""
        self._write_down()
        moved = True
        while moved and not closing.is_set():
            moved = False
            for camera in self._store.pending(self._name):
                moved |= not closing.is_set() and self._deliver_next(camera)
        rests = [self._rest(camera) for camera in self._retries] + [FULL_SECONDS] * bool(self._unwritten)
        return min(rests, default=MOST_SECONDS)

    def surprised(self, error: Exception) -> float:
        """Treats an error that no sink may raise as Temporary; seconds until the next look."""
        waiting, self._at_hand = self._at_hand, None
        if isinstance(error, HomeroomError):
            what = str(error)
        else:  # the text of an unknown error may hold an address with its password: class and place must do
            last = extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} at {last.filename}:{last.lineno}"
        _log.error("delivering to sink %s failed unexpectedly: %s", self._name, what)
        if waiting is None:  # the store itself failed
            return MOST_SECONDS
        self._put_off(waiting)
        with suppress(HomeroomError):  # the count is for people; the next try does not need it
            self._store.failed(waiting)
        return 0.0

    def _deliver_next(self, camera: str) -> bool:
        """Whether one of the camera's events is off the outbox now."""
        if self._rest(camera) > 0:
            return False
        waiting = self._store.next_for(self._name, camera, self._done.get(camera, 0))
        if waiting is None:
            return False
        self._at_hand = waiting
        try:
            self._sink.notify(waiting.event)
        except Temporary as error:
            self._put_off(waiting)
            if not waiting.attempts:
                _log.warning("sink %s cannot take an event of %s now: %s", self._name, camera, error)
            self._at_hand = None
            with suppress(Unavailable):  # the count is for people; the next try does not need it
                self._store.failed(waiting)
            return False
        except Rejected as error:
            _log.warning("sink %s refuses event %s of %s for good: %s", self._name, waiting.event.id, camera, error)
            self._unwritten.append(partial(self._store.dead_letter, waiting, str(error), self._clock.now()))
        else:
            self._unwritten.append(partial(self._store.delivered, waiting))
        self._done[camera] = waiting.seq
        self._write_down()
        self._at_hand = None
        self._retries.pop(camera, None)
        return True

    def _write_down(self) -> None:
        """Notes in the store what became of events. A full disk keeps none of them from going on to the next."""
        with suppress(Unavailable):
            while self._unwritten:
                self._unwritten[0]()
                del self._unwritten[0]

    def _rest(self, camera: str) -> float:
        """Seconds until the camera is due again; 0 if it is."""
        retry = self._retries.get(camera)
        left = (retry.due - self._clock.now()).total_seconds() if retry else 0.0
        return left if 0 < left <= MOST_SECONDS else 0.0  # more than that is left only where the clock was set back

    def _put_off(self, waiting: Waiting) -> None:
        old = self._retries.get(waiting.camera)
        tries = old.tries + 1 if old else 1
        due = self._clock.now() + timedelta(seconds=pause(tries, self._chance))
        self._retries[waiting.camera] = _Retry(tries, due)


class _Delivery:
    """One sink's thread. `moved` is set whenever it has done what it could."""

    def __init__(self, courier: Courier, name: str, clock: Clock, moved: threading.Event) -> None:
        self._courier, self._clock, self._moved = courier, clock, moved
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"homeroom-outbox-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Begins to end; join() waits for it."""
        self._closing.set()
        self._wake.set()

    def join(self, timeout: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._thread.is_alive():
            _log.warning("%s does not end: its sink hangs; leaving it behind", self._thread.name)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            try:
                seconds = self._courier.deliver(self._closing)
            except Exception as error:  # noqa: BLE001  the courier's outermost loop: whatever a sink does, it goes on
                if self._closing.is_set():
                    return
                seconds = self._courier.surprised(error)
            self._moved.set()
            if not self._closing.is_set():
                self._clock.wait(self._wake, seconds)


class Outbox:
    """One thread per sink that delivers what the store keeps for it."""

    def __init__(
        self, store: Store, sinks: Mapping[str, Sink], clock: Clock, chance: random.Random | None = None
    ) -> None:
        """Takes started sinks by the names under which batches are committed. `chance` spreads the pauses."""
        self._chance = chance or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._store, self._clock = store, clock
        self._moved = threading.Event()
        self._flushing = threading.Lock()
        # replaced, never changed: others read it at any time
        self._deliveries: Mapping[str, _Delivery] = {name: self._delivery(name, sink) for name, sink in sinks.items()}

    def _delivery(self, name: str, sink: Sink) -> _Delivery:
        courier = Courier(self._store, name, sink, self._clock, random.Random(self._chance.random()))  # noqa: S311
        return _Delivery(courier, name, self._clock, self._moved)

    def start(self) -> None:
        """Begins to deliver, first of all what an earlier run left behind."""
        self.report()
        for delivery in self._deliveries.values():
            delivery.start()

    def report(self) -> None:
        """Says how many events wait for sinks that are not there."""
        for sink, count in sorted(self._store.waiting().items()):
            if sink not in self._deliveries:
                told = "1 event waits" if count == 1 else f"{count} events wait"
                _log.warning("%s for the sink %s, which the site does not have, until it is back", told, sink)

    def add(self, name: str, sink: Sink) -> None:
        """Begins to deliver to one more sink, which is started, first of all what waited for it."""
        delivery = self._delivery(name, sink)
        self._deliveries = {**self._deliveries, name: delivery}
        delivery.start()

    def remove(self, name: str, timeout: float = 5.0) -> None:
        """Delivers to this sink no more; what waits for it stays until one of its name is added."""
        delivery = self._deliveries[name]
        self._deliveries = {other: one for other, one in self._deliveries.items() if other != name}
        delivery.stop()
        delivery.join(timeout)

    def wake(self) -> None:
        """Says that something was committed. Never blocks."""
        for delivery in self._deliveries.values():
            delivery.wake()

    def waiting(self) -> dict[str, int]:
        """How many events wait for each sink."""
        counts = self._store.waiting()
        return {name: counts.get(name, 0) for name in self._deliveries}

    def flush(self, timeout: float, names: Iterable[str] | None = None) -> bool:
        """Waits up to `timeout` seconds until nothing waits for these sinks, or any; whether that came true."""
        end = self._clock.now() + timedelta(seconds=timeout)
        wanted = tuple(self._deliveries if names is None else names)
        self.wake()
        with self._flushing:
            while True:
                self._moved.clear()
                if not any(self._store.pending(name) for name in wanted):
                    return True
                left = (end - self._clock.now()).total_seconds()
                if left <= 0:
                    return False
                self._clock.wait(self._moved, left)

    def close(self, timeout: float = 5.0) -> None:
        """Stops delivering; what still waits is delivered by the next run. Leaves a hanging sink behind."""
        self._moved.set()
        for delivery in self._deliveries.values():
            delivery.stop()
        for delivery in self._deliveries.values():
            delivery.join(timeout)
