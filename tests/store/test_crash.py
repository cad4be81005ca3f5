"""A process killed at any moment loses nothing that it said it had committed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.event import Event, Operation
from homeroom.store import Batch, Store

from .examples import NOON
from .test_opening import line, other_process
from .writer import SINKS


def kill_somewhere(path: Path, chance: random.Random) -> list[str]:
    """What a process printed that was killed after a random number of lines."""
    with other_process(path, chance.randrange(1000)) as process:
        assert line(process).startswith("ready")
        printed = [line(process) for _ in range(chance.randrange(1, 60))]
        process.kill()
        assert process.stdout
        return printed + [text for text in process.stdout if text.endswith("\n")]


def open_ones(events: list[Event]) -> list[Event]:
    last = {event.id: event for event in events}
    return [event for event in events if last[event.id] is event and event.operation is not Operation.DELETED]


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_committed_is_missing_after_kills_at_random_moments(tmp_path: Path, seed: int) -> None:
    path, chance, printed = tmp_path / "store.db", random.Random(seed), Counter[str]()
    for _ in range(6):
        printed.update(kill_somewhere(path, chance))
        with Store(path) as store:
            log = store.log(0, 100_000)
            events = [logged.event for logged in log]
            written = Counter(f"{one.id} {one.operation.value} {one.utc.isoformat()}\n" for one in events)
            assert printed <= written
            assert set(written.values()) == {1}
            assert store.current() == open_ones(events)
            assert store.waiting() == dict.fromkeys(SINKS, len(events))
            assert store._rows("PRAGMA foreign_key_check") == []
            # what was written beside the newest event is there too, and nothing beyond it
            newest = events[-1].utc
            (interval,) = store.intervals("4b")
            assert (interval.end, interval.samples) == (newest, (newest - NOON).total_seconds())
            assert store.last_seen("4b") == newest


def test_what_was_open_at_a_crash_can_be_ended_after_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    kill_somewhere(path, random.Random(3))
    with Store(path) as store:
        open_now = store.current()
        assert open_now
        seen = store.last_seen("4b")
        assert seen
        ends = [replace(one, operation=Operation.DELETED, utc=max(seen, one.utc), reason="restart") for one in open_now]
        store.commit(Batch(tuple(ends)))
        assert store.current() == []
        ended = [one for one in store.search() if one.reason == "restart"]
        assert {one.id for one in ended} == {str(one.id) for one in open_now}
        assert all(one.end and one.end >= one.start for one in store.search())
