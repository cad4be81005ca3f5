"""What the store keeps: events, episodes, intervals, coverage, memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.errors import Unavailable
from homeroom.event import Emit, Event, Operation
from homeroom.interval import Coverage
from homeroom.ports import Logged
from homeroom.reader import Reader
from homeroom.store import Batch, Store

from .examples import NOON, at, begin, end, interval, later, observed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.db") as opened:
        yield opened


def test_the_log_keeps_events_in_the_order_of_writing(store: Store) -> None:
    first, second = begin(5, seat=None), begin(0, emit=Emit.METADATA)
    second = replace(second, count=3, reason="ä \U0001f600")
    assert store.log_end() == 0
    logged = store.commit(Batch((first, second)))
    assert logged == [Logged(1, first), Logged(2, second)]
    assert store.log(0, 10) == logged
    assert store.log(1, 10) == logged[1:]
    assert store.log(0, 1) == logged[:1]
    assert store.log_end() == 2


def test_episodes_that_go_on_are_current(store: Store) -> None:
    one, two = begin(0), begin(1, seat="s2")
    store.commit(Batch((one, two)))
    changed = later(one, 3, likelihood=0.9)
    store.commit(Batch((changed, end(two, 4))))
    assert store.current() == [changed]


def test_a_replayed_recording_doubles_nothing(store: Store) -> None:
    one = begin(0)
    batch = Batch(
        (one, later(one, 2), end(one, 4)), (interval(0, 4, 5),), (observed(0, 4),), sinks=("nx", "zoneminder")
    )
    logged = store.commit(batch)
    assert store.commit(batch) == logged
    assert store.commit(Batch((replace(one, model="other"),))) == logged[:1]
    assert store.log_end() == 3
    assert store.waiting() == {"nx": 3, "zoneminder": 3}
    assert len(list(store.search())) == 1
    assert list(store.intervals("4b")) == [interval(0, 4, 5)]
    assert list(store.coverage("4b")) == [observed(0, 4)]


def test_an_interval_that_goes_on_is_extended_and_a_replay_does_not_shorten_it(store: Store) -> None:
    for batch in (interval(0, 4, 5), interval(0, 8, 9), interval(0, 4, 5)):
        store.commit(Batch(intervals=(batch,)))
    assert list(store.intervals("4b")) == [interval(0, 8, 9)]


def test_intervals_of_seats_values_and_counts_stay_apart(store: Store) -> None:
    several = (
        interval(0, 4),
        interval(0, 4, seat=None),
        replace(interval(0, 4, seat=None), count=2),
        interval(0, 4, value="writing", seat="s2"),
    )
    store.commit(Batch(intervals=several))
    assert list(store.intervals("4b")) == list(several)
    assert list(store.intervals("5a")) == []
    assert list(store.intervals("4b", since=at(4))) == []
    assert list(store.intervals("4b", since=at(3), until=at(4))) == list(several)
    assert list(store.intervals("4b", until=at(0))) == []


def test_coverage_knows_what_was_seen_and_what_was_not(store: Store) -> None:
    gap = Coverage("4b", "front", at(5), at(9), "gap", "camera silent")
    assert store.last_seen("4b") is None
    store.commit(Batch(coverage=(observed(0, 3), observed(0, 5), gap)))
    assert list(store.coverage("4b")) == [observed(0, 5), gap]
    assert list(store.coverage("4b", since=at(5))) == [gap]
    assert store.last_seen("4b") == at(5)


def test_only_events_that_must_arrive_go_into_the_outbox(store: Store) -> None:
    kinds = [replace(begin(second), emit=emit) for second, emit in enumerate(Emit)]
    store.commit(Batch(tuple(kinds), sinks=("nx",)))
    assert store.waiting() == {"nx": 2}
    assert len(list(store.search())) == len(kinds)


def test_memory_lasts_until_it_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store:
        assert store.recall("subscriptions") is None
        store.remember("subscriptions", "1")
        store.remember("subscriptions", "2")
        store.remember("other", "")
    with Store(path) as store:
        assert store.recall("subscriptions") == "2"
        store.remember("subscriptions", None)
        assert store.recall("subscriptions") is None
        assert store.recall("other") == ""


def test_an_episode_sums_its_events_up(store: Store) -> None:
    one = begin(0)
    store.commit(Batch((one, later(one, 2, 0.9, count=4), later(one, 3, 0.1, count=2), end(one, 6, "unobserved"))))
    (found,) = store.search("hand-raised")
    assert (found.id, found.behavior, found.room, found.seat, found.camera) == (
        str(one.id),
        "hand-raised",
        "4b",
        "s1",
        "front",
    )
    assert (found.start, found.end) == (NOON, at(6))
    assert (found.likelihood, found.count, found.operation, found.reason) == (0.9, 4, Operation.DELETED, "unobserved")


def test_search_gives_the_newest_by_their_start(store: Store) -> None:
    events = [begin(second, room=room) for second, room in ((3, "4b"), (1, "5a"), (2, "4b"), (4, "4b"))]
    store.commit(Batch((*events, end(events[0], 9), begin(5, behavior="standing"))))
    assert [one.start for one in store.search("hand-raised")] == [at(1), at(2), at(3), at(4)]
    assert [one.start for one in store.search("hand-raised", limit=2)] == [at(3), at(4)]
    assert [one.start for one in store.search(room="4b", until=at(5))] == [at(2), at(3), at(4)]
    assert [one.end for one in store.search("hand-raised", "4b", since=at(8), until=at(20))] == [None, at(9), None]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"behavior": "standing"}, "episodes_behavior_start (behavior=? AND start>? AND start<?)"),
        ({"behavior": "standing", "room": "4b"}, "episodes_behavior_room_start (behavior=? AND room=? AND start>?"),
        ({}, "episodes_start (start>? AND start<?)"),
    ],
)
def test_a_search_reads_no_more_than_it_must(tmp_path: Path, asked: dict[str, str], index: str) -> None:
    plan: list[str] = []

    class Explaining(Store):
        def _stream(self, sql: str, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
            plan.extend(step[3] for step in self._rows("EXPLAIN QUERY PLAN " + sql, values))
            return super()._stream(sql, values)

    with Explaining(tmp_path / "store.db") as store:
        assert list(store.search(**asked, since=at(500), until=at(600))) == []  # type: ignore[arg-type]
    joined = " / ".join(plan)
    assert index in joined
    assert "episodes_length" in joined
    assert "episodes_open" in joined


def test_a_full_disk_loses_the_batch_and_nothing_else(store: Store) -> None:
    store.commit(Batch((begin(0),)))
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    many = Batch(tuple(begin(second) for second in range(1, 500)), (interval(0, 1),))
    with pytest.raises(Unavailable, match="free some space"):
        store.commit(many)
    assert store.log_end() == 1
    store._writer.execute("PRAGMA max_page_count = 100000")
    assert len(store.commit(many)) == 499
    assert store.log_end() == 500


def test_an_error_in_the_middle_leaves_nothing_of_the_batch(store: Store) -> None:
    broken = replace(interval(0, 1), model=None)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        store.commit(Batch((begin(0),), (broken,), sinks=("nx",)))
    assert (store.log_end(), store.current(), store.waiting()) == (0, [], {})


def test_a_reader_works_while_another_writes(store: Store) -> None:
    ready = threading.Event()

    def write() -> None:
        for second in range(0, 400, 2):
            one = begin(second)
            store.commit(Batch((one, end(one, second + 1))))
            ready.set()

    writing = threading.Thread(target=write)
    writing.start()
    assert ready.wait(10)
    with Store.reader(store.path) as reader:
        seen = 0
        while writing.is_alive():
            complete = [one for one in reader.search("hand-raised") if one.end]
            assert len(complete) >= seen
            assert len(complete) * 2 <= reader.log_end()
            seen = len(complete)
        writing.join()
        assert len(list(reader.search())) == 200


def test_many_threads_may_commit_at_once(store: Store) -> None:
    def write(room: str) -> None:
        for second in range(20):
            store.commit(Batch((begin(second, room=room),), sinks=("nx",)))
            store.recall(room)

    threads = [threading.Thread(target=write, args=(room,)) for room in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_room: dict[str, list[Event]] = {}
    for logged in store.log(0, 1000):
        by_room.setdefault(logged.event.room, []).append(logged.event)
    assert all([one.utc for one in events] == [at(second) for second in range(20)] for events in by_room.values())
    assert store.waiting() == {"nx": 80}


def test_a_closed_store_may_be_closed_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    store.close()
    store.close()
    with Reader(tmp_path / "store.db") as reader:
        assert reader.log_end() == 0
