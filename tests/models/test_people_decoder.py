"""People out of a detector with a box for each cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from homeroom.errors import BadInput
from homeroom.models.letterbox import Letterbox
from homeroom.models.people import PeopleDecoder, cells

from .nets import frame_of

INPUT = Letterbox(64, 32)
FRAME = frame_of(np.zeros((64, 128, 3), np.uint8))  # twice as large


def decoder(*strides: int) -> PeopleDecoder:
    return PeopleDecoder(INPUT, strides, 0.4, 0.3)


def rows(*said: tuple[float, ...]) -> np.ndarray:
    return np.array([said], np.float32)


def test_cells_come_by_stride_then_row_then_column() -> None:
    made = cells(INPUT, (16, 32))
    assert made.tolist() == [
        *[[x, y, 16] for y in range(2) for x in range(4)],
        *[[x, 0, 32] for x in range(2)],
    ]


def test_rows_in_pixels_become_shares_of_the_frame_likeliest_first() -> None:
    found = decoder()(rows((16, 16, 16, 8, 0.9, 0.5), (48, 16, 8, 16, 0.9, 0.9), (32, 8, 4, 4, 0.6, 0.6)), FRAME)
    assert [round(score, 3) for _, score in found] == [0.81, 0.45]
    (second, _), (first, _) = found
    assert (first.left, first.top, first.right, first.bottom) == pytest.approx((8 / 64, 12 / 32, 24 / 64, 20 / 32))
    assert (second.width, second.height) == pytest.approx((8 / 64, 16 / 32))


def test_rows_in_cells_are_placed_by_their_cell() -> None:
    raw = np.zeros((1, 10, 85), np.float32)
    raw[0, 6] = (0.5, 0.25, np.log(1.5), np.log(0.5), 0.9, 0.9, *[0.0] * 79)  # stride 16, column 2, row 1
    ((box, _),) = decoder(16, 32)(raw, FRAME)
    assert box.center == pytest.approx((2.5 * 16 / 64, 1.25 * 16 / 32))
    assert (box.width, box.height) == pytest.approx((24 / 64, 8 / 32))


def test_two_boxes_of_one_person_are_one_and_neighbors_stay_two() -> None:
    same = rows((20, 16, 16, 24, 0.9, 1), (22, 16, 16, 24, 0.8, 1), (40, 16, 16, 24, 0.8, 1))
    assert [round(box.center[0] * 64) for box, _ in decoder()(same, FRAME)] == [20, 40]


def test_who_is_outside_of_the_frame_is_nobody() -> None:
    tall = frame_of(np.zeros((64, 64, 3), np.uint8))  # fills the left half of the input
    assert decoder()(rows((50, 16, 8, 8, 0.9, 1)), tall) == []


@pytest.mark.parametrize("shape", [(1, 10, 5), (2, 10, 6), (1, 9, 6), (10, 6), (1, 10, 6, 1)])
def test_a_shape_that_is_no_such_output_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match=r"\[1, 10, 6 or more\].*take the files that the manifest names"):
        decoder(16, 32).check(shape, "here")


@given(
    arrays(np.float32, (1, 10, 6), elements=st.floats(width=32)),
    st.sampled_from([(), (16, 32)]),
)
def test_whatever_a_net_says_boxes_lie_in_the_frame(said: np.ndarray, strides: tuple[int, ...]) -> None:
    """Numbers that are none, endless sizes, likelihoods over 1."""
    with np.errstate(all="ignore"):
        found = decoder(*strides)(said, FRAME)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    for box, score in found:
        assert 0.4 <= score <= 1
        assert 0 <= box.left < box.right <= 1
        assert 0 <= box.top < box.bottom <= 1
