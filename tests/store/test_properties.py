"""What holds for any input: intervals never double, search finds exactly what overlaps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.event import Event, Operation
from homeroom.interval import Interval
from homeroom.store import Batch, Store

from .examples import at, begin, end, interval


@contextmanager
def fresh() -> Iterator[Store]:
    with TemporaryDirectory() as folder, Store(Path(folder) / "store.db") as store:
        yield store


@st.composite
def timelines(draw: st.DrawFn) -> list[Interval]:
    """Intervals of a few seats that do not overlap within a seat; zero length is allowed, as in scan mode."""
    made: list[Interval] = []
    for seat in draw(st.sets(st.sampled_from(["s1", "s2", "s3"]), min_size=1)):
        start = 0
        for value in draw(st.lists(st.sampled_from(["reading", "writing", "listening"]), max_size=6)):
            start += draw(st.integers(1, 5))
            until = start + draw(st.integers(0, 5))
            made.append(interval(start, until, draw(st.integers(1, 100)), value, seat))
            start = until
    return made


def grown(one: Interval, share: float) -> Interval:
    """The interval as it was given while it still went on."""
    part = timedelta(seconds=int((one.end - one.start).total_seconds() * share))
    return replace(one, end=one.start + part, samples=max(1, int(one.samples * share)))


@settings(max_examples=40, deadline=None)
@given(timelines(), st.lists(st.floats(0, 0.9), max_size=3), st.integers(0, 100))
def test_replays_never_double_intervals(given_ones: list[Interval], shares: list[float], cut: int) -> None:
    stream = [step for one in given_ones for step in (*(grown(one, share) for share in sorted(shares)), one)]
    with fresh() as store:
        for run in (stream[:cut], stream, stream[:cut]):  # a run that was cut short, a whole one, another one cut short
            for one in run:
                store.commit(Batch(intervals=(one,)))
        kept = list(store.intervals("4b"))
    assert sum(one.samples for one in kept) == sum(one.samples for one in given_ones)
    assert sum(((one.end - one.start) for one in kept), timedelta()) == sum(
        ((one.end - one.start) for one in given_ones), timedelta()
    )
    for seat in ("s1", "s2", "s3"):
        line = [one for one in kept if one.seat == seat]
        assert all(before.end <= after.start for before, after in pairwise(line))


lengths = st.one_of(st.none(), st.integers(0, 10), st.integers(100, 200))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), lengths), max_size=12, unique_by=lambda one: one[0]),
    st.one_of(st.none(), st.integers(-5, 320)),
    st.one_of(st.none(), st.integers(-5, 320)),
    st.integers(1, 15),
)
def test_search_finds_exactly_the_episodes_that_overlap(
    episodes: list[tuple[int, int | None]], since: int | None, until: int | None, limit: int
) -> None:
    low = -(10**6) if since is None else since
    high = 10**6 if until is None else until
    expected = sorted(
        start for start, length in episodes if start < high and (start >= low or length is None or start + length > low)
    )
    with fresh() as store:
        events: list[Event] = []
        for start, length in episodes:
            first = begin(start)
            events += [first] if length is None else [first, end(first, start + length)]
        store.commit(Batch(tuple(events)))
        asked = (None if since is None else at(since), None if until is None else at(until))
        found = [one.start for one in store.search("hand-raised", "4b", *asked)]
        newest = [one.start for one in store.search(None, None, *asked, limit)]
    assert found == [at(start) for start in expected]
    assert newest == found[-limit:]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("icd")), max_size=20), st.lists(st.integers(1, 5)))
def test_current_is_what_the_log_says_however_it_was_cut_into_batches(
    steps: list[tuple[int, str]], cuts: list[int]
) -> None:
    events: list[Event] = []
    for utc, (number, kind) in enumerate(steps, start=10):
        first = begin(number)
        events.append(
            {"i": first, "c": replace(end(first, utc), operation=Operation.CHANGED), "d": end(first, utc)}[kind]
        )
    with fresh() as store:
        rest = list(events)
        for cut in [*cuts, len(rest)]:
            store.commit(Batch(tuple(rest[:cut]), sinks=("nx",)))
            rest = rest[cut:]
        log = [logged.event for logged in store.log(0, 1000)]
        last = {one.id: one for one in log}
        assert store.current() == [one for one in log if last[one.id] is one and one.active]
        assert store.waiting().get("nx", 0) == len(log) == len({(one.id, one.operation, one.utc) for one in events})
