"""Pictures of people on walls: frames, impossible sizes, and people who merely sit still."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from homeroom.framing import framed
from homeroom.geometry import Box
from homeroom.walls import FRAME, impossible

ROWS, COLUMNS = 400, 680
PERSON = Box(0.4, 0.3, 0.52, 0.6)
FOCAL = 0.9  # of the picture's height
Corners = list[tuple[float, float]]


def wall(corners: Corners | None = None, dark: int = 60, noise: float = 2.0, seed: int = 0) -> NDArray[np.uint8]:
    """A grey wall with a head and shoulders at PERSON, framed where `corners` (pixels) say so."""
    view = np.full((ROWS, COLUMNS), 150, np.uint8)
    if corners:
        cv2.fillPoly(view, [np.asarray(corners, np.int32)], 175)
    x, y = int(0.46 * COLUMNS), int(0.36 * ROWS)
    cv2.circle(view, (x, y), 20, 90, -1)
    cv2.ellipse(view, (x, y + 70), (36, 48), 0, 0, 360, 70, -1)
    if corners:  # the frame cuts the person
        cv2.polylines(view, [np.asarray(corners, np.int32)], isClosed=True, color=dark, thickness=3)
    noisy = view + noise * np.random.default_rng(seed).standard_normal(view.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def around_person(left: float, top: float, right: float, bottom: float) -> Corners:
    """Corners that lie outside of PERSON's box by these shares of its sides."""
    w, h = PERSON.width, PERSON.height
    x1, x2 = (PERSON.left - left * w) * COLUMNS, (PERSON.right + right * w) * COLUMNS
    y1, y2 = (PERSON.top - top * h) * ROWS, (PERSON.bottom + bottom * h) * ROWS
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]


@given(st.tuples(*[st.floats(0.05, 0.5)] * 3), st.floats(-0.45, 0.25), st.floats(-0.12, 0.12), st.integers(0, 99))
def test_a_frame_is_found_wherever_its_sides_are_and_a_little_tilted(
    out: tuple[float, float, float], bottom: float, tilt: float, seed: int
) -> None:
    left, top, right = out
    a, b, c, d = around_person(left, top, right, bottom)
    drop = tilt * (b[0] - a[0])  # a picture on a side wall: its upper and lower side converge
    corners = [a, (b[0], b[1] + drop), (c[0], c[1] - drop), d]
    assert framed(wall(corners, seed=seed), PERSON) >= FRAME


@pytest.mark.parametrize("missing", range(4))
def test_three_sides_are_no_frame(missing: int) -> None:
    corners = around_person(0.2, 0.15, 0.2, 0.1)
    view = wall()
    for side in range(4):
        if side != missing:
            ends = [tuple(int(v) for v in corners[at % 4]) for at in (side, side + 1)]
            cv2.line(view, ends[0], ends[1], 60, 3)
    assert framed(view, PERSON) < FRAME


def test_nothing_around_somebody_is_no_frame() -> None:
    assert framed(wall(), PERSON) < 0.5
    assert framed(np.zeros((ROWS, COLUMNS), np.uint8), PERSON) == 0.0


@given(st.tuples(*[st.floats(-0.2, 1.2)] * 4))
def test_any_box_gets_an_answer(edges: tuple[float, float, float, float]) -> None:
    left, right = sorted(edges[:2])
    top, bottom = sorted(edges[2:])
    assert 0.0 <= framed(wall(), Box(left, top, right, bottom)) <= 1.0


def seen(distance: float, tall: float, camera: float, tilt: float) -> Box:
    """Somebody on the floor at that many metres, `tall` metres, from a camera so high and tilted down (radians)."""

    def row(height: float) -> float:
        down = np.arctan2(camera - height, distance) - tilt
        return 0.5 + FOCAL * float(np.tan(down))

    return Box(0.4, row(tall), 0.5, row(0.0))


@given(
    st.lists(st.tuples(st.floats(2.5, 9), st.floats(1.2, 1.4)), min_size=3, max_size=12),
    st.tuples(st.floats(2.5, 9), st.floats(0.85, 1.6)),
    st.floats(2.0, 3.0),
    st.floats(0.0, 0.35),
)
def test_nobody_on_the_floor_has_an_impossible_size(
    others: list[tuple[float, float]], one: tuple[float, float], camera: float, tilt: float
) -> None:
    boxes = [seen(*other, camera, tilt) for other in others]
    assert not impossible(seen(*one, camera, tilt), boxes)


def usual(bottom: float, camera: float, tilt: float) -> float:
    """How tall somebody of 1.3 m shows who ends there; nothing above the horizon, where no floor is."""
    down = np.arctan((bottom - 0.5) / FOCAL) + tilt
    return seen(camera / float(np.tan(down)), 1.3, camera, tilt).height if down > 0.01 else 0.0


@given(st.floats(2.0, 3.0), st.floats(0.0, 0.3), st.floats(0.05, 0.3), st.floats(0.2, 0.5))
def test_a_person_who_ends_high_on_the_wall_is_too_large(camera: float, tilt: float, top: float, tall: float) -> None:
    boxes = [seen(distance, 1.3, camera, tilt) for distance in (2.5, 2.6, 2.7, 5, 5.1, 7)]
    hung = Box(0.4, top, 0.5, top + tall)
    assume(hung.bottom < boxes[-1].top + 0.3 * boxes[-1].height)  # its feet hang above the chests of the last row
    assume(tall > 2.2 * usual(hung.bottom, camera, tilt))  # a small one there may be somebody beyond that row
    assert impossible(hung, boxes)


def test_too_few_people_or_a_single_row_tell_nothing() -> None:
    row = [Box(x, 0.4, x + 0.1, 0.7) for x in (0.1, 0.3, 0.5, 0.7)]
    assert impossible(Box(0.4, 0.0, 0.5, 0.3), row) is None
    assert impossible(Box(0.4, 0.0, 0.5, 0.3), [Box(0.1, 0.4, 0.2, 0.7), Box(0.3, 0.5, 0.5, 0.9)]) is None
