from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.detection import Detection
from homeroom.picture import Gap
from homeroom.room import Room, Seat, fuse
from homeroom.scene import Mode, Scene, make_scene
from tests.fakes import at, person, raising

LEFT = ((0.0, 0.3), (0.4, 0.3), (0.4, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.3), (0.9, 0.3), (0.9, 1.0), (0.5, 1.0))
SECOND = timedelta(seconds=1)


def room() -> Room:
    return Room(
        "r", [Seat("A", {"front": LEFT, "side": RIGHT}), Seat("B", {"front": RIGHT})], {"front": SECOND, "side": SECOND}
    )


def scene(camera: str, seconds: float, *people: Detection) -> Scene:
    return make_scene(camera, at(seconds), Mode.WATCH, people)


def test_each_seat_gets_the_person_in_it_and_an_empty_one_is_absent() -> None:
    states = room().observe(scene("front", 0, person(0.1, 0.4, 0.3, 0.9))).states
    assert states[0].axes["posture"] == {"seated": 1.0}
    assert states[1].axes == {"posture": {"absent": 1.0}}


def test_a_person_sits_on_one_seat_alone_even_where_polygons_overlap() -> None:
    wide = Room(
        "r",
        [Seat("A", {"front": LEFT}), Seat("B", {"front": ((0.1, 0.3), (0.6, 0.3), (0.6, 1), (0.1, 1))})],
        {"front": SECOND},
    )
    states = wide.observe(scene("front", 0, person(0.05, 0.3, 0.35, 1.0))).states
    assert [state.observed and "absent" not in state.axes["posture"] for state in states] == [True, False]


def test_who_is_hidden_from_one_camera_is_not_absent() -> None:
    both = room()
    both.observe(scene("front", 0, person(0.1, 0.4, 0.3, 0.9)))
    (state,) = both.observe(scene("side", 0.1)).states
    assert state.axes["posture"] == {"seated": 1.0}
    assert state.camera == "front"


def test_the_nearer_view_weighs_more() -> None:
    both = room()
    both.observe(scene("front", 0, raising(0.1, 0.3, 0.3, 0.9)))
    (state,) = both.observe(scene("side", 0.1, person(0.6, 0.4, 0.7, 0.6))).states
    assert state.axes["gesture"]["hand-raised"] == pytest.approx(0.95 * 0.75)


def test_unobserved_is_never_absent() -> None:
    alone = room()
    alone.observe(scene("front", 0, person(0.1, 0.4, 0.3, 0.9)))
    states = alone.observe(Gap("front", at(0), at(1), "offline")).states
    assert [state.observed for state in states] == [False, False]


def test_a_view_that_has_grown_old_counts_no_more() -> None:
    both = room()
    both.observe(scene("front", 0, person(0.1, 0.4, 0.3, 0.9)))
    (state,) = both.observe(scene("side", 1.5)).states
    assert state.axes == {"posture": {"absent": 1.0}}


def test_a_model_that_lacks_an_axis_has_no_say_in_it() -> None:
    lacking = Detection(person(0.6, 0.3, 0.7, 0.9).box, 0.9, {"posture": {"standing": 1.0}}, "other")
    axes, *_ = fuse([("front", raising(0.1, 0.3, 0.3, 0.9)), ("side", lacking)])
    assert axes["gesture"]["hand-raised"] == 0.95


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_fused_probabilities_never_sum_to_more_than_one(hands: list[float]) -> None:
    views = [
        (str(number), person(0.1, 0.3, 0.3, 0.9, gesture={"hand-raised": hand, "none": 1 - hand}))
        for number, hand in enumerate(hands)
    ]
    axes, *_ = fuse(views)
    assert sum(axes["gesture"].values()) <= 1 + 1e-9
