from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeroom.errors import Forbidden
from homeroom.event import Event, Operation, event_id
from homeroom.gate import Gate, Tally
from homeroom.manifest import load_vocabulary
from homeroom.policy import load_pack, packs
from homeroom.quality import measure
from homeroom.room import SeatState, SeatStates
from homeroom.rule import BehaviorRule
from homeroom.scene import Mode, make_scene
from tests.fakes import at, person, raising
from tests.pictures import frame, room

VOCABULARY = load_vocabulary()
SEATS = ("A1", "A2", "A3", "A4")


def gate(granularity: str = "class") -> Gate:
    return Gate(load_pack("lab"), granularity, {}, VOCABULARY)


def make_id(*place: object) -> UUID:
    return event_id("s", "e", *place)  # type: ignore[arg-type]


def states(seconds: float, raised: Iterable[str]) -> SeatStates:
    raised = set(raised)
    each = tuple(
        SeatState(
            seat, {"posture": {"seated": 1.0}, "gesture": {"hand-raised": float(seat in raised)}}, "front", 0.9, "m"
        )
        for seat in SEATS
    )
    return SeatStates("r", at(seconds), Mode.SCAN, each)


@given(st.lists(st.sets(st.sampled_from(SEATS)), max_size=20))
def test_under_class_events_count_and_never_name_a_seat(scans: list[set[str]]) -> None:
    rule = BehaviorRule("r", VOCABULARY["hand-raised"], make_id)
    tally, told = Tally(), list[Event]()
    for number, raised in enumerate(scans):
        tally, allowed = gate().events(tally, rule.update(states(30 * number, raised)), make_id, "front")
        told += allowed
        assert len(allowed) <= 1, "one frame makes one message of a room"
        going = tally.going.get("hand-raised")
        assert (going.count if going else 0) == len(raised)
    assert all(event.seat is None for event in told)
    assert not any(seat in repr((told, tally)) for seat in SEATS)
    active = None
    for event in told:
        assert (event.operation is Operation.INITIALIZED) == (active is None)
        active = None if event.operation is Operation.DELETED else event.id


def test_under_class_a_scene_is_only_counted() -> None:
    scene = make_scene("front", at(0), Mode.WATCH, [raising(0.1, 0.3, 0.3, 0.9), person(0.6, 0.4, 0.8, 0.9)])
    told = gate().scene(scene)
    assert told.objects == ()
    assert told.counts == {"occupied": 2, "hand-raised": 1}
    assert gate("seat").scene(scene) == scene


@pytest.mark.parametrize("granularity", ["class", "seat"])
def test_no_sketch_of_a_room_leaves(granularity: str) -> None:
    scene = replace(make_scene("front", at(0), Mode.WATCH, []), quality=measure(frame(room())))
    assert gate(granularity).scene(scene).quality is None


def test_under_class_findings_are_sums_over_the_whole_room() -> None:
    found = {
        (one.seat, one.axis, one.value): one.count for one in gate().findings(states(0, []), states(0, ["A1", "A3"]))
    }
    assert found[None, "posture", "seated"] == 4
    assert found[None, "gesture", "hand-raised"] == 2
    assert found[None, "activity", "uncertain"] == 4
    assert {seat for seat, _, _ in found} == {None}


def test_an_empty_seat_has_a_posture_and_no_more() -> None:
    empty = SeatStates("r", at(0), Mode.SCAN, (SeatState("A1", {"posture": {"absent": 1.0}}, "front"),))
    assert [(one.axis, one.value) for one in gate("seat").findings(empty, empty)] == [("posture", "absent")]


def test_unobserved_seats_are_not_in_the_findings() -> None:
    unseen = SeatStates("r", at(0), Mode.SCAN, (SeatState("A1", {}, "front"),))
    assert gate("seat").findings(unseen, unseen) == []


def test_the_eu_pack_wants_an_assessment_and_says_so() -> None:
    with pytest.raises(Forbidden, match=r"behavior\.class needs impact_assessment"):
        Gate(load_pack("eu"), "class", {}, VOCABULARY)
    Gate(load_pack("eu"), "class", {"impact_assessment": "DPIA 7"}, VOCABULARY)


def test_the_eu_pack_wants_more_for_seats() -> None:
    with pytest.raises(Forbidden, match="legal_basis, notice, permission"):
        Gate(load_pack("eu"), "seat", {"impact_assessment": "DPIA 7"}, VOCABULARY)


def test_expressions_are_forbidden_in_schools_and_what_no_pack_names_everywhere() -> None:
    grounds = dict.fromkeys(("legal_basis", "impact_assessment", "notice", "permission"), "yes")
    for name in packs():
        if name != "lab":  # adults who agreed
            with pytest.raises(Forbidden, match="expressions is forbidden"):
                load_pack(name).admit("expressions", grounds)
        with pytest.raises(Forbidden, match="what is not named is forbidden"):
            load_pack(name).admit("face-recognition", grounds)


@example([{"A1"}] * 7 + [set()] + [{"A2"}] * 4)
@given(st.lists(st.sets(st.sampled_from(SEATS)), max_size=30))
def test_a_room_s_episodes_of_a_behavior_never_overlap(pictures: list[set[str]]) -> None:
    rule = BehaviorRule("r", VOCABULARY["hand-raised"], make_id)
    tally, last_end = Tally(), at(-1)
    for number, raised in enumerate(pictures):
        watched = replace(states(number / 2, raised), mode=Mode.WATCH)
        tally, allowed = gate().events(tally, rule.update(watched), make_id, "front")
        for event in allowed:
            assert event.start >= last_end
            last_end = event.utc if event.operation is Operation.DELETED else last_end
