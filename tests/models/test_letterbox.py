"""Whole frames in a network's input without being stretched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.models.letterbox import COLORLESS, GREY, Letterbox, shown

from .nets import frame_of

INPUT = Letterbox(64, 32)


def white(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


@pytest.mark.parametrize(
    ("width", "height", "filled"), [(128, 64, (64, 32)), (64, 64, (32, 32)), (256, 32, (64, 8)), (32, 16, (64, 32))]
)
def test_a_frame_fills_the_top_left_and_the_rest_is_grey(width: int, height: int, filled: tuple[int, int]) -> None:
    planes = np.full((48, 64), 7, np.uint8)
    INPUT.fill(frame_of(white(width, height)), planes)
    across, down = filled
    luma, chroma = planes[:32], planes[32:].reshape(2, 16, 32)
    assert (luma[:down, :across] > 230).all()
    assert (luma[down:] == GREY).all()
    assert (luma[:, across:] == GREY).all()
    assert (chroma[:, down // 2 :] == COLORLESS).all()
    assert (chroma[:, :, across // 2 :] == COLORLESS).all()


@given(st.integers(2, 5000), st.integers(2, 5000), st.floats(0, 1), st.floats(0, 1))
def test_what_lies_somewhere_in_the_frame_is_found_there(width: int, height: int, x: float, y: float) -> None:
    frame = frame_of(np.zeros((2, 2, 3), np.uint8))
    frame = type(frame)(frame.camera, frame.utc, np.broadcast_to(frame.y[:1, :1], (height, width)), frame.u, frame.v)
    across, down = INPUT.within(frame)
    assert 2 <= across <= 64
    assert 2 <= down <= 32
    row = np.array([[x * across, y * down, 0.1 * across, 0.2 * down]])
    assert INPUT.boxes(row, frame)[0] == pytest.approx([x - 0.05, y - 0.1, x + 0.05, y + 0.1])


def test_a_checkerboard_shrinks_to_its_mean() -> None:
    """Linear interpolation would pick single pixels: far people would flicker."""
    fine = np.indices((320, 640)).sum(axis=0) % 2 * 255
    planes = np.empty((48, 64), np.uint8)
    INPUT.fill(frame_of(np.repeat(fine[..., None], 3, 2).astype(np.uint8)), planes)
    assert np.ptp(planes[:32]) <= 2


def test_a_box_is_cut_at_the_edge_of_the_frame() -> None:
    assert shown(np.array([-0.5, 0.25, 0.5, 1.5])).area == pytest.approx(0.5 * 0.75)
    assert shown(np.array([1.2, 0.25, 1.5, 0.5])).area == 0
