"""The placement check on rendered rooms: people of known heights and hidden shares, light, blur, posters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.geometry import Box, contains
from homeroom.hiding import hidden_shares
from homeroom.placement import Remark, judge, verdict
from tests.rooms import (
    FRONT_VIEW,
    Room,
    Sitter,
    blurred,
    darker,
    mirrored,
    mirrored_box,
    rows_of,
    washed_out,
)


def judged(room: Room, folder: Path, **camera: Any) -> tuple[dict[str, Remark], Remark]:
    remarks = judge(room.surveyed(folder, **camera))
    assert len({one.subject for one in remarks}) == len(remarks)
    return {one.subject: one for one in remarks}, verdict(remarks)


@dataclass(frozen=True)
class Case:
    """A room, and which subjects must be found wrong in it; all others must not."""

    room: Room
    wrong: Sequence[str] = ()
    ok: bool | None = True


def scaled(share: float) -> list[Sitter]:
    """The usual room seen from farther away."""
    return [Sitter(800 + (one.x - 800) * share, 500 + (one.y - 500) * share, one.unit * share) for one in FRONT_VIEW]


CROWDED = rows_of(
    (720, 120, (300, 800, 1300)), (560, 60, (330, 830, 1330))
)  # the rear row behind the front row's heads

CASES = {
    "seen from the front": Case(Room(FRONT_VIEW)),
    "mirrored": Case(Room(FRONT_VIEW, change=mirrored, box=mirrored_box)),
    "half of the detections missed": Case(Room(FRONT_VIEW, missed=0.5)),
    "on 1080p": Case(Room(FRONT_VIEW, size=(1920, 1080), pictures=8)),
    "on a small stream": Case(Room(FRONT_VIEW, size=(480, 270))),
    "from far away": Case(Room(scaled(0.2)), ["height"], ok=False),
    "dim, but enough": Case(Room(FRONT_VIEW, change=darker(0.35))),
    "dark": Case(Room(FRONT_VIEW, change=darker(0.08)), ["light"], ok=False),
    "washed out": Case(Room(FRONT_VIEW, change=washed_out(0.1), noise=0.5), ["light"], ok=False),
    "a little soft": Case(Room(FRONT_VIEW, change=blurred(0.6))),
    "out of focus": Case(Room(FRONT_VIEW, change=blurred(2.5)), ["sharpness"], ok=False),
    "from behind": Case(Room([Sitter(s.x, s.y, s.unit, turned=True) for s in FRONT_VIEW]), ["front view"], ok=False),
    "one who turns around": Case(Room([*FRONT_VIEW[:6], Sitter(1200, 470, 50, turned=True)])),
    "the front row hides the rear row": Case(Room(CROWDED), ["hidden"], ok=False),
    "nobody there": Case(Room([]), ok=None),
    "somebody who stands, nobody who sits": Case(Room([Sitter(800, 600, 60, standing=True)]), ok=None),
    "upright": Case(Room(FRONT_VIEW, size=(540, 960)), ["picture"], ok=False),
    "tiny": Case(Room(FRONT_VIEW, size=(256, 144)), ["picture", "height"], ok=False),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_with_a_room_is_found_and_nothing_else(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    remarks, said = judged(case.room, tmp_path)
    assert sorted(one for one, remark in remarks.items() if remark.ok is False and one != "heads") == sorted(case.wrong)
    assert said.ok is case.ok, said
    assert "\n" not in said.figure
    for one in remarks.values():
        assert one.figure
        assert one.ok or one.cure, one


@pytest.mark.parametrize("share", [0.2, 0.3, 0.5, 1.0])
def test_heights_are_those_that_were_drawn(share: float, tmp_path: Path) -> None:
    room = Room(scaled(share), pictures=8)
    height = judged(room, tmp_path)[0]["height"]
    drawn = min(one.box.height for people in room.truth for one in people)
    assert float(height.figure.split()[1]) == pytest.approx(drawn * 540, rel=0.05, abs=1)
    assert height.ok == (drawn >= 80 / 1080)


POSTERS = [(0, 0.1, 0.16), (0, 0.5, 0.24), (0, 0.9, 0.2), (5, 0.3, 0.12), (5, 0.7, 0.2)]


@pytest.mark.parametrize("poster", POSTERS, ids=lambda one: f"{one[0]} at {one[1]},{one[2]}")
def test_a_picture_on_the_wall_is_told_and_its_area_is_ready_to_paste(
    poster: tuple[int, float, float], tmp_path: Path
) -> None:
    room = Room(FRONT_VIEW, posters=[poster], pictures=12)
    remarks, said = judged(room, tmp_path)
    wall = remarks["wall pictures"]
    assert wall.ok is False
    assert said.ok is False
    areas = json.loads("{" + wall.cure[wall.cure.index('"exclude"') : wall.cure.index("; if")] + "}")["exclude"]
    assert len(areas) == 1
    *people, hung = room.truth[0]
    assert contains(areas[0], hung.box.center)
    assert not [one for one in people if contains(areas[0], one.box.center)]
    after, _ = judged(room, tmp_path, exclude=areas)
    assert after["wall pictures"].ok is True
    assert after["people"].figure.startswith("7 sit")


def test_where_nothing_moves_pictures_cannot_be_told(tmp_path: Path) -> None:
    remarks, said = judged(Room(FRONT_VIEW, still=True, posters=[(0, 0.5, 0.2)], noise=1), tmp_path)
    assert remarks["wall pictures"].ok is None
    assert said.ok is True
    assert "wall pictures" in said.figure


def test_a_shaking_camera_makes_nobody_a_picture(tmp_path: Path) -> None:
    moves = np.random.default_rng(3)

    def shaken(image: Any) -> Any:
        x, y = moves.integers(-1, 2, 2)
        return np.roll(image, (y, x), (0, 1))

    remarks, _ = judged(Room(FRONT_VIEW, posters=[(0, 0.5, 0.2)], change=shaken), tmp_path)
    assert remarks["wall pictures"].ok is None or remarks["wall pictures"].figure.startswith("1 that never moves")


def test_a_camera_that_sends_too_few_pictures_is_told(tmp_path: Path) -> None:
    remarks, said = judged(Room(FRONT_VIEW), tmp_path, fps=10)
    assert remarks["interval"].ok is False
    assert "4 sent a second" in remarks["interval"].figure
    assert said.ok is False


def row(share: float) -> list[Box]:
    """Three people before three others whose heads and bodies they hide by a share."""
    front = [Box(x, 0.4, x + 0.2, 0.9) for x in (0.1, 0.4, 0.7)]
    covered = 0.3 * 0.6 * share  # of the height of a rear box: from the lower end of the body upward
    rear = [Box(x + 0.03, 0.4 + covered - 0.6 * 0.3, x + 0.17, 0.7 + covered - 0.6 * 0.3) for x in (0.1, 0.4, 0.7)]
    return [*front, *rear]


@given(st.floats(0.0, 1.0))
def test_the_hidden_share_is_what_nearer_boxes_cover(share: float) -> None:
    front, rear = hidden_shares(row(share), 16 / 9)[:3], hidden_shares(row(share), 16 / 9)[3:]
    assert front == [0.0, 0.0, 0.0]
    assert rear == pytest.approx([share] * 3, abs=0.02)


@given(st.floats(0.05, 0.95), st.booleans())
def test_who_is_cut_by_the_side_is_measured_against_the_others(shown: float, left: bool) -> None:
    cut = Box(0.0, 0.4, 0.2 * shown, 0.9) if left else Box(1 - 0.2 * shown, 0.4, 1.0, 0.9)
    shares = hidden_shares([Box(0.3, 0.4, 0.5, 0.9), Box(0.6, 0.4, 0.8, 0.9), cut], 16 / 9)
    assert shares[2] == pytest.approx(1 - shown, abs=0.01)


def test_who_is_cut_below_is_measured_by_perspective() -> None:
    others = [Box(0.1, 0.3, 0.2, 0.5), Box(0.4, 0.4, 0.55, 0.7)]  # 0.1 lower, 0.1 taller
    shares = hidden_shares([*others, Box(0.7, 0.85, 0.95, 1.0)], 16 / 9)
    assert shares[:2] == [0.0, 0.0]
    assert shares[2] is not None
    assert shares[2] > 0.5


def test_of_one_person_alone_whom_the_edge_cuts_nothing_is_told() -> None:
    assert hidden_shares([Box(0.0, 0.4, 0.2, 0.9)], 16 / 9) == [None]


def test_the_time_of_a_survey_is_the_recording_s_own(tmp_path: Path) -> None:
    room = Room(FRONT_VIEW, pictures=20)
    made = room.surveyed(tmp_path, start="2026-03-02T08:00:00Z")
    assert made.looks[0].utc == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert made.looks[-1].utc - made.looks[0].utc == timedelta(seconds=4.75)
    assert made.rate == pytest.approx(4)
