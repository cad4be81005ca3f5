"""Framed pictures of people on a real classroom's walls: no seat, no event. People who sleep keep their seats."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from homeroom.__main__ import main
from homeroom.geometry import around, contains
from homeroom.models.loading import load_model
from homeroom.placement import judge
from homeroom.ports import Model
from homeroom.seats import stays
from tests.e2e.sites import ACTION, CLASSROOM, logged, models
from tests.e2e.test_placing import Image, preview, surveyed, written

MEN = tuple(CLASSROOM)
POSITIONS = range(20)


def part_of(image: Image, seat: str) -> tuple[slice, slice]:
    """Rows and columns of one of the four men."""
    (left, top), _, (right, bottom), _ = CLASSROOM[seat]
    height, width = image.shape[:2]
    return slice(int(top * height), int(bottom * height)), slice(int(left * width), int(right * width))


def poster(seat: str, scale: float) -> Image:
    """A framed picture of one of the four men."""
    image = preview()[0]
    small = cv2.resize(image[part_of(image, seat)], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.copyMakeBorder(small, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(25, 30, 35)), np.uint8)


def hung(number: int) -> tuple[list[Image], tuple[float, float]]:
    """The recording with a picture at one of twenty places of its walls, and where the picture's middle is."""
    framed = poster(MEN[number % 4], (0.75, 0.9)[number % 2])
    height, width = preview()[0].shape[:2]
    tall, wide = framed.shape[:2]
    column, row = 4 + round((width - wide - 8) * number / 19), 2 + 5 * (number % 3)
    images = [image.copy() for image in preview()]
    for image in images:
        image[row : row + tall, column : column + wide] = framed
    return images, ((column + wide / 2) / width, (row + tall / 2) / height)


def asleep(seats: Sequence[str]) -> list[Image]:
    """The recording with some who do not move at all: what their first picture shows goes on in all others."""
    images = [image.copy() for image in preview()]
    for image in images[1:]:
        for seat in seats:
            image[part_of(image, seat)] = images[0][part_of(image, seat)]
    return images


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The official net, loaded once."""
    cache = str(models(tmp_path_factory.mktemp("net")))
    return load_model({"id": ACTION, "cache": cache, "precision": "f32"})


def test_people_in_pictures_on_the_wall_are_told_from_the_four_who_sit_there(tmp_path: Path, action: Model) -> None:
    seen = 0
    for number in POSITIONS[3::4]:
        images, middle = hung(number)
        made = surveyed(action, written(tmp_path / "posters.mp4", images), len(images))
        people, pictures = stays(made).sitting, stays(made).pictures
        assert len(people) == 4, number  # a picture that the net takes for a person counts as none of them
        assert {place.box.center[1] > 0.6 for place in people} == {True}, number
        assert all(contains(around(place.box), middle) for place in pictures), number
        assert next(one.ok for one in judge(made) if one.subject == "wall pictures") is (not pictures), number
        seen += len(pictures)
    assert seen >= 4  # the net takes some of them for people, and those alone matter


def test_no_picture_on_the_wall_gets_a_seat_or_makes_an_event(tmp_path: Path) -> None:
    cache = str(models(tmp_path))
    rooms = []
    for number in POSITIONS:
        images, _ = hung(number)
        address = str(written(tmp_path / f"{number}.mp4", [*images, *images]))
        rooms.append(
            {"id": f"r{number}", "cameras": [{"id": f"c{number}", "address": address, "mode": "watch", "fps": 4}]}
        )
    document = {
        "site": "lab",
        "jurisdiction": "lab",
        "granularity": "seat",
        "models": [{"id": ACTION, "precision": "f32", "cache": cache}],
        "rooms": rooms,
    }
    path = tmp_path / "site.json"
    path.write_text(json.dumps(document))
    assert main(["seats", "learn", str(path), "--pictures", "7", "--write"]) == 0
    for room in json.loads(path.read_text())["rooms"]:
        assert sorted(seat["id"] for seat in room["seats"]) == ["A1", "A2", "B1", "B2"], room["id"]
    assert main(["run", str(path), "--until-end", "--quiet"]) == 0
    told = Counter(
        (event.room, event.behavior, event.operation.value)
        for event in logged(tmp_path / "homeroom.db")
        if event.emit in ("event", "alarm")
    )
    assert told == {
        (f"r{number}", "occupied", operation): 4 for number in POSITIONS for operation in ("Initialized", "Deleted")
    }


@pytest.mark.parametrize("seats", [(seat,) for seat in MEN] + [("L1", "R1")], ids="+".join)
def test_who_sleeps_through_the_survey_keeps_the_seat(seats: tuple[str, ...], tmp_path: Path, action: Model) -> None:
    images = asleep(seats)
    found = stays(surveyed(action, written(tmp_path / "asleep.mp4", images), len(images)))
    assert len(found.sitting) == 4
    assert found.pictures == ()
    assert len(found.still) == len(seats)  # and the note says so
    assert all(place in found.sitting for place in found.still)
