"""The outbox: in order per camera, at least once, patient with sinks that cannot and rid of what they will not."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import repeat
from pathlib import Path

import pytest

from homeroom.clock import SystemClock
from homeroom.errors import Rejected, Temporary, Unavailable
from homeroom.event import Event
from homeroom.outbox import MOST_SECONDS, Courier, Outbox, pause
from homeroom.ports import Receipt
from homeroom.reader import Waiting
from homeroom.store import Batch, Store

from .examples import NOON, NotingSink, StillClock, begin, until

OPEN = threading.Event()  # never set: a courier that is not told to stop


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.db") as opened:
        yield opened


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def put(store: Store, *cameras: str, sinks: tuple[str, ...] = ("vms",)) -> list[Event]:
    """Commits an event of each camera."""
    first = store.log_end()
    events = [begin(first + number, camera=camera) for number, camera in enumerate(cameras)]
    store.commit(Batch(tuple(events), sinks=sinks))
    return events


def courier(store: Store, sink: NotingSink, clock: StillClock) -> Courier:
    return Courier(store, "vms", sink, clock, random.Random(1))


def test_events_arrive_once_and_in_the_order_of_their_camera(store: Store, clock: StillClock) -> None:
    events = put(store, *"aabacbbca")
    sink = NotingSink()
    assert courier(store, sink, clock).deliver(OPEN) == MOST_SECONDS
    for camera in "abc":
        assert [one for one in sink.taken if one.camera == camera] == [one for one in events if one.camera == camera]
    assert len(sink.offered) == len(events)
    assert store.waiting() == {}


def test_an_event_that_cannot_be_taken_holds_back_its_camera_alone(store: Store, clock: StillClock) -> None:
    a1, b1, a2, b2 = put(store, *"abab")
    sink = NotingSink(answers=iter([Temporary("busy")]))
    waiter = courier(store, sink, clock)
    seconds = waiter.deliver(OPEN)
    assert 1 <= seconds <= 2
    assert sink.taken == [b1, b2]
    clock.advance(seconds - 0.01)
    waiter.deliver(OPEN)
    assert sink.taken == [b1, b2]
    clock.advance(0.02)
    assert waiter.deliver(OPEN) == MOST_SECONDS
    assert sink.taken == [b1, b2, a1, a2]


def test_pauses_double_up_to_a_minute_and_attempts_are_counted(store: Store, clock: StillClock) -> None:
    put(store, "a")
    sink = NotingSink(answers=iter([Temporary("busy")] * 12))
    waiter = courier(store, sink, clock)
    pauses = []
    for attempts in range(1, 13):
        pauses.append(waiter.deliver(OPEN))
        waiting = store.next_for("vms", "a")
        assert waiting
        assert waiting.attempts == attempts
        clock.advance(pauses[-1])
    assert all(min(60, 2**n) / 2 <= seconds <= min(60, 2**n) for n, seconds in enumerate(pauses, start=1))
    waiter.deliver(OPEN)
    assert len(sink.taken) == 1
    put(store, "a")
    sink.answers = iter([Temporary("busy")])
    assert waiter.deliver(OPEN) <= 2  # what arrived in between begins the count anew


def test_pauses_differ_by_chance_within_their_bounds() -> None:
    chance = random.Random(5)
    assert len({pause(3, chance) for _ in range(20)}) == 20
    assert all(1 <= pause(tries, chance) <= MOST_SECONDS for tries in (1, 5, 7, 1000, 10**9))


def test_a_clock_that_is_set_back_does_not_hold_anything_up(store: Store, clock: StillClock) -> None:
    put(store, "a")
    sink = NotingSink(answers=iter([Temporary("busy")]))
    waiter = courier(store, sink, clock)
    waiter.deliver(OPEN)
    clock.advance(-7200)
    waiter.deliver(OPEN)
    assert len(sink.taken) == 1


def test_a_refused_event_becomes_a_dead_letter_and_the_next_one_follows(
    store: Store, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = put(store, "a", "a")
    sink = NotingSink(answers=iter([Rejected("no such camera")]))
    with caplog.at_level(logging.WARNING):
        courier(store, sink, clock).deliver(OPEN)
    assert sink.taken == [second]
    (letter,) = store.dead_letters()
    assert (letter.sink, letter.event, letter.reason, letter.utc) == ("vms", first, "no such camera", NOON)
    assert "no such camera" in caplog.text
    assert str(first.id) in caplog.text


def test_a_crash_between_arrival_and_its_note_repeats_the_event(tmp_path: Path, clock: StillClock) -> None:
    sink = NotingSink()

    class Crash(BaseException): ...

    class CrashingStore(Store):
        def delivered(self, waiting: Waiting) -> None:
            raise Crash

    with CrashingStore(tmp_path / "store.db") as crashing:
        (event,) = put(crashing, "a")
        with pytest.raises(Crash):
            courier(crashing, sink, clock).deliver(OPEN)
    with Store(tmp_path / "store.db") as store:
        courier(store, sink, clock).deliver(OPEN)
    assert [one.id for one in sink.taken] == [event.id, event.id]


def test_each_sink_gets_every_event_in_a_thread_of_its_own(store: Store) -> None:
    nx, milestone = NotingSink("nx"), NotingSink("milestone")
    events = put(store, *"aa", sinks=("nx", "milestone"))
    outbox = Outbox(store, {"nx": nx, "milestone": milestone}, SystemClock())
    assert outbox.waiting() == {"nx": 2, "milestone": 2}
    outbox.start()
    with closing(outbox):
        assert outbox.flush(10)
        events += put(store, *"ba", sinks=("nx", "milestone"))
        outbox.wake()
        nx.wait_until(lambda: len(nx.offered) == 4)
        assert outbox.flush(10)
        assert outbox.waiting() == {"nx": 0, "milestone": 0}
    assert sorted(nx.taken, key=events.index) == sorted(milestone.taken, key=events.index) == events


def test_a_sink_that_hangs_holds_up_no_other_and_no_commit(store: Store) -> None:
    free = threading.Event()

    class Hanging(NotingSink):
        def notify(self, event: Event) -> Receipt:
            free.wait(20)
            return super().notify(event)

    hanging, quick = Hanging("slow"), NotingSink("quick")
    outbox = Outbox(store, {"slow": hanging, "quick": quick}, SystemClock())
    outbox.start()
    with closing(outbox):
        put(store, *"abc", sinks=("slow", "quick"))
        outbox.wake()
        quick.wait_until(lambda: len(quick.offered) == 3)
        assert not outbox.flush(0.05)
        assert outbox.waiting()["slow"] == 3
        free.set()
        assert outbox.flush(10)


def test_an_unexpected_error_is_logged_by_its_class_and_tried_again(
    store: Store, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    sink = NotingSink(answers=iter([KeyError("password=hunter2")]))
    a, b = put(store, "a", "b")
    outbox = Outbox(store, {"vms": sink}, clock, random.Random(1))
    with caplog.at_level(logging.WARNING), closing(outbox):
        outbox.start()
        sink.wait_until(lambda: len(sink.offered) == 2)  # the other camera's goes through
        until(lambda: sink.taken == [b] and clock.waits[-1:] != [0.0])
        clock.advance(2)
        until(lambda: store.waiting() == {})
    assert sink.taken == [b, a]
    assert "KeyError at " in caplog.text
    assert "hunter2" not in caplog.text


def test_a_store_that_fails_does_not_end_the_delivery(
    tmp_path: Path, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([Unavailable("the disk is full"), None])

    class FailingStore(Store):
        def pending(self, sink: str) -> list[str]:
            failure = next(failures, None)
            if failure:
                raise failure
            return super().pending(sink)

    sink = NotingSink()
    with FailingStore(tmp_path / "store.db") as store:
        put(store, "a")
        outbox = Outbox(store, {"vms": sink}, clock)
        with caplog.at_level(logging.ERROR), closing(outbox):
            outbox.start()
            until(lambda: clock.waits == [MOST_SECONDS])
            assert "the disk is full" in caplog.text
            outbox.wake()
            sink.wait_until(lambda: len(sink.offered) == 1)


def test_closing_stops_in_the_middle_of_a_long_queue_and_keeps_the_rest(store: Store) -> None:
    put(store, *"a" * 50)
    sink = NotingSink()
    outbox = Outbox(store, {"vms": sink}, SystemClock())

    def close_at_the_tenth() -> Iterator[None]:
        yield from repeat(None, 9)
        outbox._deliveries["vms"].stop()
        yield

    sink.answers = close_at_the_tenth()
    outbox.start()
    until(lambda: len(sink.taken) == 10 and not outbox._deliveries["vms"]._thread.is_alive())
    outbox.close()
    assert outbox.waiting() == {"vms": 40}


def test_closing_does_not_wait_for_a_retry(store: Store) -> None:
    put(store, "a")
    sink = NotingSink(answers=repeat(Temporary("down")))
    outbox = Outbox(store, {"vms": sink}, SystemClock())
    outbox.start()
    sink.wait_until(lambda: len(sink.offered) == 1)
    outbox.close()
    assert not outbox._deliveries["vms"]._thread.is_alive()
    assert outbox.waiting() == {"vms": 1}


def test_events_of_a_sink_that_is_gone_are_told_of(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    put(store, "a", sinks=("gone",))
    outbox = Outbox(store, {}, SystemClock())
    with caplog.at_level(logging.WARNING), closing(outbox):
        outbox.start()
        assert outbox.flush(1)
    assert "gone" in caplog.text
