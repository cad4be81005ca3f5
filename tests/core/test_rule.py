from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from homeroom.behaviors import Debounce
from homeroom.event import Event, Operation, event_id
from homeroom.manifest import load_vocabulary
from homeroom.room import SeatState, SeatStates
from homeroom.rule import BehaviorRule, Debouncer
from homeroom.scene import Mode
from tests.fakes import at

WATCH, SCAN = Mode.WATCH, Mode.SCAN


def episodes(
    debounce: Debounce, samples: Sequence[tuple[float, float | None]], mode: Mode
) -> list[tuple[float, float]]:
    """(seconds at which it began to be told, seconds at which its end was told)."""
    debouncer, found, since = Debouncer(debounce), [], None
    for seconds, probability in samples:
        debouncer.feed(at(seconds), probability, mode)
        if debouncer.on_since and since is None:
            since = seconds
        elif since is not None and not debouncer.on_since:
            found.append((since, seconds))
            since = None
    return [*found, *([(since, -1.0)] if since is not None else [])]


def test_watched_it_begins_after_min_time_and_ends_after_min_off() -> None:
    hand = Debounce(min_time=1, min_off=1)
    samples = [(0, 0.1), (1, 0.9), (1.5, 0.9), (2, 0.9), (3, 0.1), (3.5, 0.1), (4, 0.1)]
    assert episodes(hand, samples, WATCH) == [(2, 4)]


def test_a_short_flicker_neither_begins_nor_ends_anything() -> None:
    hand = Debounce(min_time=1, min_off=1)
    assert episodes(hand, [(0, 0.9), (0.5, 0.1), (1, 0.9), (1.5, 0.1)], WATCH) == []
    assert episodes(hand, [(0, 0.9), (1, 0.9), (1.5, 0.1), (2, 0.9), (3, 0.9)], WATCH) == [(1, -1)]


def test_hysteresis_keeps_what_began_until_it_falls_below_off() -> None:
    hand = Debounce(min_time=0, min_off=0, on=0.6, off=0.4)
    assert episodes(hand, [(0, 0.5), (1, 0.7), (2, 0.5), (3, 0.39)], WATCH) == [(1, 3)]


def test_scanned_it_takes_k_of_n() -> None:
    desk = Debounce(min_scans=2, of=3)
    assert episodes(desk, [(0, 0.9), (30, 0.1), (60, 0.9), (90, 0.1), (120, 0.1)], SCAN) == [(60, 90)]
    assert episodes(desk, [(0, 0.9), (30, 0.1), (60, 0.1), (90, 0.9)], SCAN) == []


def test_a_missed_scan_is_no_scan_and_too_many_end_it() -> None:
    hand = Debounce(min_scans=1, of=1)
    assert episodes(hand, [(0, 0.9), (30, None), (60, 0.9)], SCAN) == [(0, -1)]
    assert episodes(hand, [(0, 0.9), (30, None), (60, None)], SCAN) == [(0, 60)]


def test_watched_and_out_of_sight_for_long_it_is_over() -> None:
    assert episodes(Debounce(), [(0, 0.9), (3, None), (5.5, None)], WATCH) == [(0, 5.5)]


def test_several_cameras_that_look_at_once_make_one_scan() -> None:
    debouncer, half_a_step = Debouncer(Debounce(min_scans=2, of=3)), timedelta(seconds=15)
    for seconds in (0, 0.2, 0.4):
        debouncer.feed(at(seconds), 0.9, SCAN, half_a_step)
    assert debouncer.on_since is None
    debouncer.feed(at(30), 0.9, SCAN, half_a_step)
    assert debouncer.on_since == at(0)


def test_what_was_lost_from_sight_ended_when_it_was_last_seen() -> None:
    rule = BehaviorRule("r", load_vocabulary()["occupied"], lambda *place: event_id("s", "e", *place))
    seen = (SeatState("A", {"posture": {"seated": 1.0}}, "front"),)
    told: list[Event] = []
    for second in (0, 1, 2, 3600, 3601):
        told += rule.update(SeatStates("r", at(second), WATCH, seen))
    assert [(event.operation.value, event.utc, event.reason) for event in told] == [
        ("Initialized", at(1), ""),
        ("Deleted", at(2), "unobserved"),
        ("Initialized", at(3601), ""),
    ]


def test_after_an_end_it_rests() -> None:
    hand = Debounce(min_time=0, min_off=0, cool_down=5)
    assert episodes(hand, [(0, 0.9), (1, 0.0), (2, 0.9), (5, 0.9), (6, 0.9)], WATCH) == [(0, 1), (6, -1)]


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=60), st.sampled_from([WATCH, SCAN]))
def test_begins_and_ends_alternate_whatever_comes(probabilities: list[float | None], mode: Mode) -> None:
    rule = BehaviorRule("r", load_vocabulary()["hand-raised"], lambda *place: event_id("s", "e", *place))
    told: list[Event] = []
    for second, probability in enumerate(probabilities):
        axes = {} if probability is None else {"gesture": {"hand-raised": probability}}
        told += rule.update(SeatStates("r", at(second), mode, (SeatState("A", axes, "front"),)))
    told += rule.end(at(len(probabilities)), "end of source")
    assert [event.operation for event in told] == [Operation.INITIALIZED, Operation.DELETED] * (len(told) // 2)
    for began, ended in zip(told[::2], told[1::2], strict=True):
        assert began.id == ended.id
        assert began.start == ended.start <= began.utc <= ended.utc
    assert len({event.id for event in told}) == len(told) // 2


def test_the_same_episode_has_the_same_id_and_another_has_another() -> None:
    one = event_id("s", "e", "r", "A", "standing", at(0))
    assert isinstance(one, UUID)
    assert one == event_id("s", "e", "r", "A", "standing", at(0))
    others = {
        event_id(*arguments)
        for arguments in [
            ("t", "e", "r", "A", "standing", at(0)),
            ("s", "f", "r", "A", "standing", at(0)),
            ("s", "e", "q", "A", "standing", at(0)),
            ("s", "e", "r", None, "standing", at(0)),
            ("s", "e", "r", "A", "hand-raised", at(0)),
            ("s", "e", "r", "A", "standing", at(1)),
        ]
    }
    assert len(others) == 6
    assert one not in others
