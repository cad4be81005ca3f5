"""A state begins when it has held for long enough, and ends when it has not."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from homeroom.behaviors import Behavior, Debounce
from homeroom.condition import Condition
from homeroom.event import Emit, Event, event_id
from tests.fakes import at


def condition(min_time: float = 10, min_off: float = 5, camera: str = "c") -> Condition:
    behavior = Behavior("odd", "Odd", "tns1:Odd", None, "info", Emit.EVENT, debounce=Debounce(min_time, min_off))
    return Condition(behavior, "r" if camera else "", camera, partial(event_id, "s", "e"))


def run(one: Condition, *shown: tuple[float, bool], looks: int = 1) -> list[tuple[bool, float, float]]:
    """(begins, utc, start) in seconds of each event."""
    events = [event for second, on in shown for event in one.update(at(second), "odd" if on else "", None, looks)]
    return [(event.active, seconds(event), (event.start - at(0)).total_seconds()) for event in events]


def seconds(event: Event) -> float:
    return (event.utc - at(0)).total_seconds()


def test_it_begins_after_min_time_from_when_it_held_first_and_ends_after_min_off() -> None:
    shown = [(0, False), (1, True), (6, True), (11, True), (12, True), (13, False), (17, False), (18, False)]
    assert run(condition(), *shown) == [(True, 11, 1), (False, 18, 1)]


def test_what_flickers_neither_begins_nor_ends() -> None:
    assert run(condition(), (0, True), (9, True), (9.5, False), (10, True), (19, True)) == []
    assert run(condition(), (0, True), (10, True), (11, False), (15, True), (16, False), (20, False)) == [(True, 10, 0)]


def test_scans_far_apart_must_show_it_twice() -> None:
    assert run(condition(), (0, True), (30, True), looks=2) == [(True, 30, 0)]
    assert run(condition(min_time=0), (0, True), (30, False), (60, True), looks=2) == []


def test_it_may_have_held_since_before_it_was_seen() -> None:
    (event,) = condition().update(at(12), "gone", at(1))
    assert (event.start, event.utc, event.reason) == (at(1), at(12), "gone")


def test_a_while_in_which_nothing_can_be_said_does_not_count() -> None:
    one = condition()
    assert run(one, (0, True), (9, True)) == []
    one.unseen()
    assert run(one, (100, True), (109, True), (110, True)) == [(True, 110, 100)]
    one.unseen()
    assert [event.reason for event in one.end(at(120), "shutdown")] == ["shutdown"]
    assert list(one.end(at(121), "again")) == []


def test_a_clock_that_is_set_back_lets_it_begin_anew() -> None:
    assert run(condition(), (1000, True), (0, True), (10, True)) == [(True, 10, 0)]


def test_the_site_s_own_state_has_neither_room_nor_camera() -> None:
    (event,) = condition(min_time=0, camera="").update(at(0), "odd")
    assert (event.room, event.camera, event.seat) == ("", "", None)


@given(st.lists(st.tuples(st.floats(0.1, 20), st.booleans()), max_size=60), st.floats(0, 30), st.floats(0, 30))
def test_begins_and_ends_take_turns_and_each_lasted(
    steps: list[tuple[float, bool]], min_time: float, min_off: float
) -> None:
    one, second, shown = condition(min_time, min_off), 0.0, []
    for step, on in steps:
        second += step
        shown.append((round(second, 6), on))
    events = run(one, *shown)
    assert [active for active, _, _ in events] == [number % 2 == 0 for number in range(len(events))]
    held = dict(shown)
    for active, utc, start in events:
        if active:
            assert utc - start >= min_time - 1e-6
            assert all(on for second, on in held.items() if start <= second <= utc)
    for (_, began, _), (_, over, _) in pairwise(events):
        assert over >= began
