from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from homeroom.clock import SystemClock
from homeroom.desk import Desk, freshness
from homeroom.detection import Detection
from homeroom.event import Event, event_id
from homeroom.gate import Gate
from homeroom.ledger import Ledger
from homeroom.manifest import load_vocabulary
from homeroom.picture import Gap
from homeroom.policy import load_pack
from homeroom.room import Room, Seat
from homeroom.scene import Mode, Scene, make_scene
from homeroom.store import Store
from tests.fakes import at, person, raising

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "desk.db")
    yield made
    made.close()


def desk(store: Store, *, cameras: tuple[str, ...] = ("a",), live: bool = True, granularity: str = "seat") -> Desk:
    vocabulary = load_vocabulary()
    room = Room(
        "r", [Seat("A1", dict.fromkeys(cameras, WHOLE))], freshness(dict.fromkeys(cameras, timedelta(seconds=0.5)))
    )
    return Desk(
        room=room,
        gate=Gate(load_pack("lab"), granularity, {}, vocabulary),
        vocabulary=vocabulary,
        ledger=Ledger(store, SystemClock(), lambda: None),
        sinks=("spy",),
        make_id=partial(event_id, "s", "e"),
        describe=lambda _: None,
        live=cameras if live else (),
    )


def scene(camera: str, seconds: float, *people: Detection) -> Scene:
    return make_scene(camera, at(seconds), Mode.WATCH, people)


def told(store: Store) -> list[tuple[str, str, float]]:
    return [
        (one.event.behavior, one.event.operation.value, (one.event.utc - at(0)).total_seconds())
        for one in store.log(0, 999)
    ]


SITTING = person(0.3, 0.3, 0.7, 0.9)


def feed(to: Desk, camera: str, seconds: list[float], *people: Detection) -> None:
    for second in seconds:
        to.put(scene(camera, second, *people), at(second))


def test_views_of_two_cameras_go_on_in_order_of_time(store: Store) -> None:
    both = desk(store, cameras=("a", "b"), live=False)
    feed(both, "b", [0, 1, 2, 3], SITTING)
    assert told(store) == [], "camera a may still bring older views"
    feed(both, "a", [0, 1, 2, 3], SITTING)
    assert told(store) == [("occupied", "Initialized", 1.0)]
    assert both.late == 0


def test_of_live_cameras_a_silent_one_holds_up_the_other_for_no_longer_than_the_window(store: Store) -> None:
    both = desk(store, cameras=("a", "b"))
    feed(both, "b", [0, 1, 2], SITTING)
    assert told(store) == []
    both.tick(at(3.1))
    assert told(store) == [("occupied", "Initialized", 1.0)]


def test_a_view_that_comes_too_late_is_left_out_and_counted(store: Store) -> None:
    both = desk(store, cameras=("a", "b"))
    feed(both, "b", [0, 1, 2], SITTING)
    both.tick(at(10))
    both.put(scene("a", 1), at(1))
    assert both.late == 1


@pytest.mark.parametrize("order", ["abab", "aabb", "bbaa", "abba"])
def test_of_recordings_no_view_is_ever_late_whichever_thread_is_faster(order: str, store: Store) -> None:
    """A scan may show a picture from before the instant that it was asked for: b shows each 0.04 s early."""
    both = desk(store, cameras=("a", "b"), live=False)
    views = {"a": iter([0.0, 30.0]), "b": iter([-0.04, 29.96])}
    for camera in order:
        second = next(views[camera])
        both.put(scene(camera, second, SITTING), at(second))
    both.close("end")
    assert both.late == 0


def test_under_class_a_person_s_likelihood_and_camera_do_not_leave(store: Store) -> None:
    both = desk(store, cameras=("a", "b"), live=False, granularity="class")
    for camera in ("a", "b"):
        feed(both, camera, [0, 0.5, 1, 1.5], *([SITTING] if camera == "b" else []))
    events = [one.event for one in store.log(0, 99)]
    assert {(event.camera, event.likelihood) for event in events} == {("a", 1.0)}


def test_under_class_every_look_counts_each_person_once(store: Store) -> None:
    both = desk(store, cameras=("a", "b"), live=False, granularity="class")
    seats = [Seat("A1", {"a": WHOLE}), Seat("B1", {"b": WHOLE})]
    both.room.seats = seats
    for second in (0.0, 0.5, 1.0):
        for camera in ("a", "b"):
            both.put(scene(camera, second, SITTING), at(second))
    both.close("end")
    seated = [one for one in store.intervals("r") if one.value == "seated"]
    assert sum(one.samples for one in seated) == 6
    assert max(one.count for one in seated) == 2


def test_what_goes_on_ends_with_the_source(store: Store) -> None:
    alone = desk(store, live=False)
    feed(alone, "a", [0, 0.5, 1, 1.5], raising(0.3, 0.3, 0.7, 0.9))
    alone.finish("a")
    assert alone.over
    assert told(store) == [
        ("occupied", "Initialized", 1.0),
        ("hand-raised", "Initialized", 1.0),
        ("occupied", "Deleted", 1.5),
        ("hand-raised", "Deleted", 1.5),
    ]
    assert {one.event.reason for one in store.log(2, 9)} == {"end of source"}
    assert store.current() == []


def test_a_camera_that_is_gone_for_long_raises_an_alarm_until_it_is_back(store: Store) -> None:
    alone = desk(store)
    feed(alone, "a", [0, 0.5], SITTING)
    for second in (5.0, 10.0, 16.0, 20.0):
        alone.put(Gap("a", at(0.5), at(second), "does not answer"), at(second))
    feed(alone, "a", [21])
    health = [one.event for one in store.log(0, 99) if one.event.behavior == "camera-offline"]
    assert [(event.operation.value, event.utc, event.camera, event.seat) for event in health] == [
        ("Initialized", at(16), "a", None),
        ("Deleted", at(21), "a", None),
    ]


def test_a_gap_is_not_absence(store: Store) -> None:
    alone = desk(store)
    feed(alone, "a", [0, 0.5, 1], SITTING)
    alone.put(Gap("a", at(1), at(3), "does not answer"), at(3))
    feed(alone, "a", [3.5, 4], SITTING)
    assert told(store) == [("occupied", "Initialized", 1.0)]
    alone.close("shutdown")
    covered = [(one.state, one.start, one.end) for one in store.coverage("r")]
    assert covered == [
        ("observed", at(0), at(1)),
        ("gap", at(1), at(3)),
        ("observed", at(3.5), at(4)),
    ]
    assert not any(one.value == "absent" for one in store.intervals("r"))


def test_intervals_of_an_axis_never_overlap_and_keep_their_samples(store: Store) -> None:
    alone = desk(store)
    feed(alone, "a", [0, 0.5, 1], SITTING)
    feed(alone, "a", [1.5, 2], person(0.3, 0.3, 0.7, 0.9, posture={"standing": 1.0}))
    alone.close("shutdown")
    posture = [one for one in store.intervals("r") if one.axis == "posture"]
    assert [(one.seat, one.value, one.start, one.end, one.samples) for one in posture] == [
        ("A1", "seated", at(0), at(1), 3),
        ("A1", "standing", at(1.5), at(2), 2),
    ]


def test_under_class_no_row_knows_a_seat(store: Store) -> None:
    alone = desk(store, granularity="class")
    feed(alone, "a", [0, 0.5, 1, 1.5], raising(0.3, 0.3, 0.7, 0.9))
    alone.close("shutdown")
    events: list[Event] = [one.event for one in store.log(0, 99)]
    assert [(event.behavior, event.count) for event in events] == [
        ("occupied", 1),
        ("hand-raised", 1),
        ("occupied", 0),
        ("hand-raised", 0),
    ]
    assert {event.seat for event in events} | {one.seat for one in store.intervals("r")} == {None}
