from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.detection import Detection
from homeroom.geometry import Box
from homeroom.models.second_look import Claim, SecondLook, farther, nearer
from homeroom.picture import Frame
from tests.fakes import T0, person

CLAIM = Claim("gesture", "hand-raised", 0.3, 0.5)


def frame() -> Frame:
    luma = np.zeros((100, 200), np.uint8)
    luma[40:60, 80:120] = 255
    half = np.full((50, 100), 128, np.uint8)
    return Frame("c", T0, luma, half, half)


class Looks:
    """A detector that says one thing at the first look and another at the second."""

    model = "looks"

    def __init__(self, *looks: Sequence[Detection]) -> None:
        self.looks = list(looks)

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        return [self.looks.pop(0)]


def hand(box: Box, raised: float) -> Detection:
    return person(box.left, box.top, box.right, box.bottom, gesture={"hand-raised": raised, "none": 1 - raised})


NEAR, FAR = Box(0.2, 0.2, 0.6, 0.8), Box(0.35, 0.35, 0.55, 0.65)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [(0.9, 0.1, 0.1), (0.9, 0.95, 0.9), (0.4, 0.6, 0.4)],
    ids=["refuted", "confirmed", "weak"],
)
def test_a_claim_holds_as_far_as_both_looks_make_it(first: float, second: float, told: float) -> None:
    ((found,),) = SecondLook(Looks([hand(NEAR, first)], [hand(FAR, second)]), CLAIM).detect([frame()])
    assert found.box == NEAR
    assert found.axes["gesture"]["hand-raised"] == pytest.approx(told)


def test_where_nothing_is_claimed_it_looks_once() -> None:
    looks = Looks([hand(NEAR, 0.2)])
    ((found,),) = SecondLook(looks, CLAIM).detect([frame()])
    assert found.axes["gesture"]["hand-raised"] == 0.2
    assert looks.looks == []


def test_who_is_not_found_again_keeps_what_the_first_look_said() -> None:
    ((found,),) = SecondLook(Looks([hand(NEAR, 0.9)], [hand(Box(0.7, 0.7, 0.8, 0.8), 0.0)]), CLAIM).detect([frame()])
    assert found.axes["gesture"]["hand-raised"] == 0.9


def test_the_farther_frame_keeps_its_size_and_its_middle() -> None:
    small = farther(frame(), 0.5)
    assert (small.width, small.height) == (200, 100)
    rows, columns = np.nonzero(small.y > 128)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (45, 55, 90, 110)


@given(st.floats(0.3, 0.99), st.floats(0, 0.5), st.floats(0.5, 1))
def test_boxes_come_back_to_where_they_were(scale: float, low: float, high: float) -> None:
    shrunk = Box(*(0.5 + (edge - 0.5) * scale for edge in (low, low, high, high)))
    back = nearer(shrunk, scale)
    assert back.left == pytest.approx(low)
    assert back.bottom == pytest.approx(high)
