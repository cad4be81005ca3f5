"""Squares around people."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.geometry import Box
from homeroom.models.crops import Square, cut, square
from homeroom.models.letterbox import GREY

from .nets import frame_of


def spotted(width: int, height: int, x: int, y: int) -> np.ndarray:
    """Black with a white disc."""
    made = np.zeros((height, width, 3), np.uint8)
    cv2.circle(made, (x, y), 12, (255, 255, 255), -1)
    return made


def middle(crop: np.ndarray) -> tuple[float, float]:
    """Of what is bright, x and y in pixels."""
    down, across = np.nonzero(crop[..., 1] > 180)
    return float(across.mean()), float(down.mean())


@given(st.floats(0.0, 0.9), st.floats(0.0, 0.9), st.floats(0.01, 0.9), st.floats(0.01, 0.9))
def test_a_square_has_the_middle_of_the_box_and_more_than_its_longer_side(
    left: float, top: float, width: float, height: float
) -> None:
    frame = frame_of(np.zeros((90, 160, 3), np.uint8))
    box = Box(left, top, left + width, top + height)
    made = square(box, frame)
    assert made.left + made.side / 2 == pytest.approx(160 * box.center[0])
    assert made.top + made.side / 2 == pytest.approx(90 * box.center[1])
    assert made.side == pytest.approx(1.2 * max(160 * width, 90 * height))


@pytest.mark.parametrize("side", [40.0, 64.0, 90.0, 230.0, 333.0])
@pytest.mark.parametrize(("x", "y"), [(100, 90), (20, 20), (300, 160)])
def test_what_is_in_the_middle_of_a_square_is_in_the_middle_of_its_crop(side: float, x: int, y: int) -> None:
    """At all scales, of which small ones are averaged first, and at the frame's edges."""
    crop = cut(frame_of(spotted(320, 180, x, y)), Square(x - side / 2, y - side / 2, side), 64)
    assert crop.shape == (64, 64, 3)
    assert middle(crop) == pytest.approx((31.5 + 32 / side, 31.5 + 32 / side), abs=0.6)


@pytest.mark.parametrize("full_range", [False, True])
def test_outside_of_the_frame_it_is_grey(full_range: bool) -> None:
    frame = frame_of(np.full((100, 100, 3), 255, np.uint8), full_range)
    crop = cut(frame, Square(-50, -50, 100), 64)
    assert (abs(crop[:30, :].astype(int) - GREY) <= 1).all()
    assert (crop[34:, 34:] > 230).all()
    nowhere = cut(frame, Square(500, 500, 80), 64)
    assert np.ptp(nowhere.reshape(-1, 3), axis=0).max() == 0


@pytest.mark.parametrize("color", [(255, 40, 40), (40, 255, 40), (40, 40, 255), (200, 10, 90)])
def test_colors_are_those_of_the_picture(color: tuple[int, int, int]) -> None:
    frame = frame_of(np.full((64, 64, 3), color, np.uint8))
    assert cut(frame, Square(0, 0, 64), 32)[16, 16].astype(int) == pytest.approx(np.array(color), abs=4)


def test_a_fine_pattern_shrinks_to_its_mean() -> None:
    fine = np.repeat((np.indices((400, 400)).sum(axis=0) % 2 * 255)[..., None], 3, 2).astype(np.uint8)
    crop = cut(frame_of(fine), Square(0, 0, 400), 40)
    assert np.ptp(crop[2:-2, 2:-2]) <= 3
