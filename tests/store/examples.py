"""What the tests of this folder share: events, clocks that stand still, a sink that takes notes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from homeroom.event import Emit, Event, Operation, event_id
from homeroom.interval import Coverage, Interval
from homeroom.ports import Dedup, Receipt, Site
from homeroom.scene import Scene

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def begin(
    start: float = 0.0,
    behavior: str = "hand-raised",
    room: str = "4b",
    seat: str | None = "s1",
    camera: str = "front",
    emit: Emit = Emit.EVENT,
) -> Event:
    return Event(
        id=event_id("school", "run", room, seat, behavior, at(start)),
        operation=Operation.INITIALIZED,
        behavior=behavior,
        room=room,
        seat=seat,
        camera=camera,
        utc=at(start),
        start=at(start),
        likelihood=0.75,
        mode="watch",
        model="action-1",
        emit=emit,
        severity="info",
    )


def later(first: Event, utc: float, likelihood: float = 0.5, count: int | None = None) -> Event:
    return replace(first, operation=Operation.CHANGED, utc=at(utc), likelihood=likelihood, count=count)


def end(first: Event, utc: float, reason: str = "") -> Event:
    return replace(first, operation=Operation.DELETED, utc=at(utc), likelihood=0.25, reason=reason)


def interval(start: float, until: float, samples: int = 1, value: str = "reading", seat: str | None = "s1") -> Interval:
    return Interval(
        room="4b",
        seat=seat,
        axis="activity",
        value=value,
        start=at(start),
        end=at(until),
        samples=samples,
        confidence=samples * 0.5,
        count=1,
        mode="watch",
        model="action-1",
        pack="c0ffee",
    )


def observed(start: float, until: float, camera: str = "front") -> Coverage:
    return Coverage("4b", camera, at(start), at(until), "observed")


@dataclass
class StillClock:
    """Shows the time it was set to; a wait lasts until its event is set or someone moves the time on."""

    time: datetime = NOON
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        deadline = self.time + timedelta(seconds=seconds)
        self.waits.append(seconds)
        while not event.wait(0.002):
            if self.time >= deadline:
                return False
        return True

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class NotingSink:
    """Notes each event that it is offered, then does what `answers` say: raise what they yield, or take the event."""

    name: str = "vms"
    dedup: Dedup = "key"
    answers: Iterator[Exception | None] = field(default_factory=lambda: iter(()))
    offered: list[Event] = field(default_factory=list)
    taken: list[Event] = field(default_factory=list)
    _noted: threading.Condition = field(default_factory=threading.Condition)

    def start(self, site: Site) -> None: ...

    def describe(self, scene: Scene) -> None: ...

    def close(self) -> None: ...

    def notify(self, event: Event) -> Receipt:
        with self._noted:
            self.offered.append(event)
            self._noted.notify_all()
        answer = next(self.answers, None)
        if answer is not None:
            raise answer
        self.taken.append(event)
        return Receipt()

    def wait_until(self, true: Callable[[], bool]) -> None:
        with self._noted:
            assert self._noted.wait_for(true, 10), f"only {len(self.offered)} events were offered"


def until(true: Callable[[], bool], seconds: int = 10) -> None:
    """Waits until a condition holds; so many seconds at most."""
    pause = threading.Event()
    for _ in range(500 * seconds):
        if true():
            return
        pause.wait(0.002)
    raise AssertionError("it never came true")
