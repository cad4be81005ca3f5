"""Two opinions put together: what holds whatever the nets say, and who asks whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.detection import Detection
from homeroom.geometry import Box
from homeroom.models.fusion import Pool, agreement, fused, matched
from homeroom.models.second_opinion import Claims, SecondOpinion
from homeroom.picture import Frame
from tests.fakes import T0, person

POOL = Pool(claims={"posture": ("standing",), "gesture": ("hand-raised",)})
VALUES = ("seated", "standing", "head-on-desk")
CLAIMS = Claims({"gesture": {"hand-raised": 0.15}, "posture": {"standing": 0.15, "head-on-desk": 0.15}})
ALARM = 0.5  # the least probability from which a behavior of the vocabulary begins


def hand(raised: float) -> dict[str, float]:
    return {"hand-raised": raised, "none": 1 - raised}


@st.composite
def distributions(draw: st.DrawFn) -> dict[str, float]:
    shares = draw(st.lists(st.floats(0, 1), min_size=4, max_size=4))
    total = sum(shares) or 1.0
    return {value: share / total for value, share in zip(VALUES, shares, strict=False)}


@given(distributions(), distributions(), st.floats(0, 1), st.floats(0.001, 0.2))
def test_what_comes_out_is_a_distribution(
    own: dict[str, float], other: dict[str, float], weight: float, floor: float
) -> None:
    made = Pool(weight, floor).axis(own, other)
    assert all(0 <= probability <= 1 for probability in made.values())
    assert sum(made.values()) <= 1 + 1e-9


@given(distributions())
def test_two_who_say_the_same_are_believed_and_one_who_says_nothing_changes_nothing(own: dict[str, float]) -> None:
    for made in (POOL.axis(own, {}), POOL.axis({}, own)):
        assert [made.get(value, 0.0) for value in own] == pytest.approx(list(own.values()), abs=4 * POOL.floor)
    both = POOL.axis(own, own)  # what both leave open is less than what each does
    for value, probability in own.items():
        assert probability - 4 * POOL.floor <= both.get(value, 0.0) <= 2 * probability + POOL.floor


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_of_either_is_never_less_of_both(low: float, high: float, other: float) -> None:
    low, high = sorted((low, high))
    less, more = (POOL.axis(hand(one), hand(other)) for one in (low, high))
    share = [made["hand-raised"] / sum(made.values()) if made.get("hand-raised") else 0.0 for made in (less, more)]
    assert share[0] <= share[1] + 1e-9


@given(st.floats(0, 1), st.floats(0, 0.02), st.booleans())
def test_neither_makes_an_alarm_of_what_the_other_flatly_denies(sure: float, denied: float, ours: bool) -> None:
    pair = (hand(sure), hand(denied)) if ours else (hand(denied), hand(sure))
    assert POOL.axis(*pair).get("hand-raised", 0.0) < 0.3 < ALARM


@pytest.mark.parametrize("owner", [0.23, 0.3, 0.4, 0.9])
def test_a_doubtful_hand_that_the_other_is_sure_of_is_one(owner: float) -> None:
    assert POOL.axis(hand(owner), hand(0.99))["hand-raised"] > ALARM


@pytest.mark.parametrize("neighbor", [0.0, 0.05, 0.09])
def test_a_neighbor_of_whom_the_other_is_nearly_sure_is_none(neighbor: float) -> None:
    assert POOL.axis(hand(neighbor), hand(0.86)).get("hand-raised", 0.0) < ALARM


def test_sitting_is_not_listening() -> None:
    own = {"posture": {"seated": 0.9}, "activity": {"reading": 0.6, "listening": 0.3, "writing": 0.05}}
    other = {"posture": {"seated": 1.0}, "activity": {"writing": 0.0}}
    made = POOL.axes(own, other)
    assert made["activity"]["reading"] / made["activity"]["listening"] == pytest.approx(2, rel=0.02)
    assert made["activity"]["writing"] < 0.1
    assert made["posture"]["seated"] > 0.9


# of what shows, above the desk; and of the other net, through the desk
FRONT, BACK = Box(0.34, 0.42, 0.52, 0.78), Box(0.29, 0.41, 0.39, 0.6)
FRONT_LONG, BACK_LONG = Box(0.346, 0.445, 0.507, 0.987), Box(0.295, 0.414, 0.389, 0.783)


def test_boxes_through_the_desk_find_their_owners() -> None:
    assert matched([FRONT, BACK], [BACK_LONG, FRONT_LONG]) == {0: 1, 1: 0}
    assert agreement(BACK, Box(0.7, 0.4, 0.8, 0.9)) == 0.0


boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), *[st.floats(0, 0.8)] * 2, *[st.floats(0, 0.5)] * 2)


@given(st.lists(boxes, max_size=8), st.lists(boxes, max_size=8))
def test_everybody_is_matched_once_at_most(own: list[Box], others: list[Box]) -> None:
    pairs = matched(own, others)
    assert len(set(pairs.values())) == len(pairs)
    assert set(pairs) <= set(range(len(own)))


@given(boxes, st.floats(1.0, 2.5))
def test_a_box_that_goes_on_through_the_desk_is_the_same_person_s(box: Box, longer: float) -> None:
    long = replace(box, bottom=box.top + longer * box.height)
    if box.area > 1e-6:
        assert agreement(box, long) == pytest.approx(1)


def test_who_only_one_sees_keeps_less_and_nobody_is_added() -> None:
    own = person(*edges(FRONT), posture={"standing": 0.9, "seated": 0.1}, facing={"front": 0.9})
    (made,) = fused([own], [person(0.7, 0.2, 0.8, 0.6)], POOL)
    assert made.axes["posture"] == pytest.approx({"standing": 0.72, "seated": 0.1})
    assert made.axes["facing"] == {"front": 0.9}, "no claim, and nothing to doubt"
    assert (made.box, made.likelihood) == (own.box, own.likelihood)


def edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


@dataclass
class Says:
    """A detector that always says the same, and counts how often."""

    people: Sequence[Detection]
    model: str = "says"
    asked: int = 0

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        self.asked += len(frames)
        return [self.people] * len(frames)


def frame() -> Frame:
    half = np.full((48, 64), 128, np.uint8)
    return Frame("c", T0, np.full((96, 128), 100, np.uint8), half, half)


def test_the_owner_of_a_hand_is_found_and_the_neighbor_is_not() -> None:
    own = Says([person(*edges(FRONT), gesture=hand(0.3)), person(*edges(BACK), gesture=hand(0.09))])
    for neighbor in (0.86, 1.0):
        other = Says(
            [person(*edges(FRONT_LONG), gesture=hand(0.99)), person(*edges(BACK_LONG), gesture=hand(neighbor))]
        )
        ((front, back),) = SecondOpinion(own, other, CLAIMS, POOL).detect([frame()])
        assert front.axes["gesture"]["hand-raised"] > ALARM
        assert back.axes["gesture"].get("hand-raised", 0.0) < 0.15


def test_two_who_both_raise_a_hand_one_behind_the_other_both_do() -> None:
    own = Says(
        [
            person(*edges(FRONT), gesture=hand(0.8)),
            person(*edges(BACK), gesture=hand(0.7)),
        ]
    )
    other = Says([person(*edges(FRONT_LONG), gesture=hand(0.99)), person(*edges(BACK_LONG), gesture=hand(0.99))])
    (people,) = SecondOpinion(own, other, CLAIMS, POOL).detect([frame()])
    assert all(one.axes["gesture"]["hand-raised"] > ALARM for one in people)


def test_nobody_is_asked_where_nothing_is_claimed() -> None:
    other = Says([])
    own = Says([person(*edges(FRONT), gesture=hand(0.1))])
    both = SecondOpinion(own, other, CLAIMS, POOL).detect([frame(), frame()])
    assert other.asked == 0
    assert [one.axes for one in both[0]] == [one.axes for one in own.people]
    SecondOpinion(Says([person(0, 0, 1, 1, posture={"standing": 0.2})]), other, CLAIMS, POOL).detect([frame()])
    assert other.asked == 1
