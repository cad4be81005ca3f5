"""A disk that is really full: nothing is lost, doubled or out of order, and everything goes on meanwhile."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.errors import Rejected, Temporary, Unavailable
from homeroom.event import Event
from homeroom.ledger import MOST, RETRY, Ledger
from homeroom.outbox import FULL_SECONDS, Courier
from homeroom.store import Batch, Store

from .disks import SmallDisk, small_disk
from .examples import NotingSink, StillClock, begin, end, interval, observed

OPEN = threading.Event()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def store(disk: SmallDisk) -> Iterator[Store]:
    with Store(disk.path / "store.db") as opened:
        yield opened


class Woken:
    """Counts how often the outbox was woken."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


def logged(store: Store) -> list[Event]:
    return [one.event for one in store.log(0, 10_000)]


def lesson(first: int, count: int) -> list[Event]:
    return [one for second in range(first, first + count) for one in (begin(second), end(begin(second), second + 0.5))]


def test_what_a_full_disk_does_not_take_is_written_at_once_when_there_is_space(
    disk: SmallDisk, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    clock, woken = StillClock(), Woken()
    ledger = Ledger(store, clock, woken)
    ledger.commit(Batch((begin(-5),), sinks=("vms",)))
    disk.fill()
    events = lesson(0, 200)
    with caplog.at_level(logging.INFO):
        for number, event in enumerate(events):
            grown = (interval(0, number + 1, samples=number + 1),)
            ledger.commit(Batch((event,), grown, (observed(0, number + 1),), ("vms",)))
            clock.advance(0.1)
        assert (len(logged(store)), ledger.waiting, woken.count) == (1, 400, 1)
        ledger.tick()
        assert ledger.waiting == 400, "the disk is still full"
        disk.free()
        ledger.tick()
        assert ledger.waiting == 400, "not again so soon"
        clock.advance(RETRY.total_seconds())
        ledger.tick()
    assert (ledger.waiting, woken.count) == (0, 2)
    assert logged(store) == [begin(-5), *events]
    assert [(one.samples, one.end) for one in store.intervals("4b")] == [(400, interval(0, 400).end)]
    assert [one.end for one in store.coverage("4b")] == [observed(0, 400).end]
    assert store.waiting() == {"vms": 401}
    assert ledger.written == {"hand-raised": 401}
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2, said
    assert "free some space; keeping what happens in memory until then" in said[0]


def test_the_next_commit_tries_again_too_and_keeps_the_order(disk: SmallDisk, store: Store) -> None:
    clock = StillClock()
    ledger = Ledger(store, clock, Woken())
    disk.fill()
    ledger.commit(Batch((begin(0), begin(1))))
    disk.free()
    clock.advance(RETRY.total_seconds())
    ledger.commit(Batch((begin(2),)))
    assert logged(store) == [begin(0), begin(1), begin(2)]


def test_what_sinks_remember_is_known_before_it_is_written(disk: SmallDisk, store: Store) -> None:
    ledger = Ledger(store, StillClock(), Woken())
    ledger.commit(Batch(memory={"a": "1", "b": "1"}))
    disk.fill()
    ledger.commit(Batch(memory={"a": "2" * 9000, "b": None}))
    assert (ledger.recall("a"), ledger.recall("b"), ledger.recall("c")) == ("2" * 9000, None, None)
    assert store.recall("a") == "1"
    disk.free()
    ledger.close()
    assert (store.recall("a"), store.recall("b")) == ("2" * 9000, None)


def test_what_a_disk_takes_until_the_end_is_told_as_lost(
    disk: SmallDisk, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(store, StillClock(), Woken())
    disk.fill()
    ledger.commit(Batch(tuple(lesson(0, 100))))
    with caplog.at_level(logging.ERROR):
        ledger.close()
    assert "200 events are lost" in caplog.text


def test_the_memory_for_records_is_bounded_and_events_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(Store):
        def __init__(self) -> None: ...
        def commit(self, *batches: Batch) -> list[object]:  # type: ignore[override]
            raise Unavailable("full")

    assert MOST > 100_000
    monkeypatch.setattr("homeroom.ledger.MOST", 10)
    ledger = Ledger(Full(), StillClock(), Woken())
    for second in range(50):
        ledger.commit(Batch((begin(second),), (interval(second, second + 1),), (observed(second, second + 1),)))
    assert ledger.waiting == 50
    assert ledger._kept is not None
    assert [one.start for one in ledger._kept.intervals.values()] == [interval(s, s).start for s in range(40, 50)]
    assert len(ledger._kept.coverage) == 10


class SlowlyFull(Store):
    """A store that takes ten seconds to say that it is full, and counts how often it does."""

    def __init__(self, clock: StillClock) -> None:
        self.clock, self.tries = clock, 0

    def commit(self, *batches: Batch) -> list[object]:  # type: ignore[override]
        self.tries += 1
        self.clock.advance(10)
        raise Unavailable("full")


def test_tries_that_take_long_are_made_seldom_since_others_wait_for_them() -> None:
    clock = StillClock()
    full = SlowlyFull(clock)
    ledger = Ledger(full, clock, Woken())
    for second in range(1000):
        ledger.commit(Batch((begin(second),)))
        clock.advance(1)
    assert full.tries <= 1 + 1 + 1000 // 190


def courier(store: Store, sink: NotingSink, clock: StillClock) -> Courier:
    return Courier(store, "vms", sink, clock, random.Random(1))


def test_events_of_the_outbox_arrive_once_though_their_arrival_cannot_be_noted(disk: SmallDisk, store: Store) -> None:
    events = [replace(one, camera=camera) for one, camera in zip(lesson(0, 20), "ab" * 20, strict=True)]
    store.commit(Batch(tuple(events), sinks=("vms",)))
    clock, sink = StillClock(), NotingSink()
    waiter = courier(store, sink, clock)
    disk.fill()
    assert waiter.deliver(OPEN) == FULL_SECONDS
    for camera in "ab":
        assert [one for one in sink.taken if one.camera == camera] == [one for one in events if one.camera == camera]
    assert store.waiting() == {"vms": 40}, "the disk is full"
    waiter.deliver(OPEN)
    assert len(sink.offered) == 40, "none is offered again"
    disk.free()
    waiter.deliver(OPEN)
    assert store.waiting() == {}
    assert len(sink.offered) == 40


def test_refusals_and_failures_on_a_full_disk_are_noted_later(disk: SmallDisk, store: Store) -> None:
    store.commit(Batch((begin(0), begin(1), begin(2)), sinks=("vms",)))
    clock = StillClock()
    sink = NotingSink(answers=iter([Temporary("busy"), Rejected("no such camera")]))
    waiter = courier(store, sink, clock)
    disk.fill()
    clock.advance(waiter.deliver(OPEN))
    waiter.deliver(OPEN)
    assert sink.taken == [begin(1), begin(2)]
    disk.free()
    waiter.deliver(OPEN)
    assert [one.event for one in store.dead_letters()] == [begin(0)]
    assert (store.waiting(), store.refused()) == ({}, {"vms": 1})


def test_a_crash_on_a_full_disk_repeats_what_arrived_under_the_same_id(disk: SmallDisk) -> None:
    with Store(disk.path / "store.db") as store:
        store.commit(Batch((begin(0),), sinks=("vms",)))
        disk.fill()
        before = NotingSink()
        courier(store, before, StillClock()).deliver(OPEN)
    disk.free()
    with Store(disk.path / "store.db") as store:
        after = NotingSink()
        courier(store, after, StillClock()).deliver(OPEN)
        assert before.taken == after.taken == [begin(0)]
        assert store.waiting() == {}


def test_the_oldest_event_that_waits_is_known(store: Store) -> None:
    store.commit(Batch((begin(3),), sinks=("vms",)), Batch((begin(5),), sinks=("vms", "nx")))
    assert store.oldest() == {"vms": begin(3).utc, "nx": begin(5).utc}


def test_what_names_a_seat_and_is_in_memory_alone_reaches_no_sink_once_seats_are_withheld(
    disk: SmallDisk, store: Store
) -> None:
    clock = StillClock()
    ledger = Ledger(store, clock, Woken())
    disk.fill()
    seat, room = begin(1), replace(begin(2), seat=None)
    ledger.commit(Batch((seat, room), sinks=("vms",)))
    assert ledger.waiting == 2
    ledger.withhold_seats()
    disk.free()
    clock.time += RETRY
    ledger.tick()
    assert ledger.waiting == 0
    assert logged(store) == [seat, room]
    first = store.next_for("vms", room.camera)
    assert first is not None
    assert first.event == room
