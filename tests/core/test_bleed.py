"""Whose arm it is: a neighbor's arm makes nobody raise a hand, and nobody who does loses theirs."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from homeroom.bleed import suppress_bleed
from homeroom.detection import Detection
from tests.fakes import person, raising


def hands(*people: Detection) -> list[bool]:
    return ["gesture" in one.axes and one.axes["gesture"].get("hand-raised", 0) > 0.5 for one in suppress_bleed(people)]


OWNER, BEHIND = raising(0.34, 0.44, 0.51, 0.99), raising(0.30, 0.42, 0.39, 0.78, 0.99)


def test_the_person_behind_a_raised_arm_does_not_raise_a_hand() -> None:
    assert hands(OWNER, BEHIND) == [True, False]


def test_the_order_and_the_likelihood_play_no_part() -> None:
    assert hands(BEHIND, replace(OWNER, likelihood=0.5)) == [False, True]


def test_two_neighbors_of_one_size_may_both_raise_their_hands() -> None:
    assert hands(raising(0.2, 0.4, 0.35, 0.9), raising(0.36, 0.42, 0.5, 0.9)) == [True, True]


def test_hands_out_of_reach_of_each_other_stay() -> None:
    assert hands(raising(0.1, 0.3, 0.3, 1.0), raising(0.7, 0.5, 0.8, 0.8)) == [True, True]


def test_who_lost_a_claim_takes_nobody_else_s() -> None:
    third = raising(0.2, 0.41, 0.268, 0.6)  # within reach of the second alone
    assert hands(BEHIND, third) == [True, False]
    assert hands(OWNER, BEHIND, third) == [True, False, True]


def test_a_neighbor_without_a_claim_is_left_as_it_is() -> None:
    calm = person(0.3, 0.42, 0.39, 0.78)
    assert suppress_bleed([OWNER, calm])[1] is calm


def test_who_is_cut_by_the_side_of_the_picture_is_not_judged() -> None:
    assert hands(raising(-0.001, 0.53, 0.11, 1.0)) == [False]
    assert hands(raising(0.88, 0.46, 1.001, 1.0)) == [False]
    assert hands(raising(0.5, 0.46, 0.6, 1.0)) == [True]


sizes = st.tuples(st.floats(0.05, 0.2), st.floats(0.15, 0.45))


@given(
    st.lists(st.tuples(sizes, st.floats(-0.03, 0.03), st.floats(-0.3, 0.5)), min_size=2, max_size=8),
    st.floats(0.5, 0.95),
)
def test_all_of_one_row_may_raise_their_hands_whatever_their_size(
    row: list[tuple[tuple[float, float], float, float]], bottom: float
) -> None:
    """Tall and short, wide and slim, some leaning into others: their chairs stand in one line."""
    people, left = [], 0.01
    for (wide, tall), uneven, gap in row:
        low = bottom + uneven * tall
        people.append(raising(left, low - tall, left + wide, low))
        left += wide * (1 + gap)
    assume(all(one.box.left > 0.005 and one.box.right < 0.995 for one in people))
    assert hands(*people) == [True] * len(people)


@st.composite
def crowds(draw: st.DrawFn) -> list[Detection]:
    def one() -> Detection:
        left, top = draw(st.floats(-0.1, 0.9)), draw(st.floats(-0.1, 0.9))
        wide, tall = draw(st.floats(0, 0.5)), draw(st.floats(0, 0.8))
        made = draw(st.sampled_from([raising, person]))
        return made(left, top, left + wide, top + tall)

    return [one() for _ in range(draw(st.integers(0, 9)))]


@given(crowds(), st.randoms())
def test_somebody_always_keeps_a_claim_and_the_order_plays_no_part(crowd: list[Detection], shuffle: object) -> None:
    told = suppress_bleed(crowd)
    assert [one.box for one in told] == [one.box for one in crowd]
    assert suppress_bleed(told) == told
    order = sorted(range(len(crowd)), key=lambda _: shuffle.random())  # type: ignore[attr-defined]
    turned = suppress_bleed([crowd[at] for at in order])
    areas = [one.box.clipped().area for one in crowd]
    if len(set(areas)) == len(areas):
        assert [turned[order.index(at)] for at in range(len(crowd))] == list(told)
    claims = [one for one in crowd if hands(one) == [True]]
    assert any(hands(*claims)) or not claims
    for before, after in zip(crowd, told, strict=True):
        assert after is before or "gesture" not in after.axes
