"""The whole chain against ground truth by seat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.models.evaluation.chain import chain
from homeroom.models.evaluation.labels import LabelledPicture, Person
from homeroom.models.evaluation.outcome import Outcome
from homeroom.site import SiteSettings, read_site
from tests.drawn import MODEL
from tests.evaluation.made import perfect

LEFT, RIGHT = Box(0.1, 0.3, 0.3, 0.9), Box(0.6, 0.3, 0.8, 0.9)
STEP = 0.5  # seconds from one labelled picture to the next
CALM = {"posture": "seated", "gesture": "none"}
RAISED = {"posture": "seated", "gesture": "hand-raised"}


def site(*cameras: str) -> SiteSettings:
    """Two seats, A1 at the left and A2 at the right, in the views of all cameras."""
    area = {"A1": [[0.05, 0.2], [0.4, 0.2], [0.4, 1], [0.05, 1]], "A2": [[0.5, 0.2], [0.9, 0.2], [0.9, 1], [0.5, 1]]}
    document = {
        "site": "made", "jurisdiction": "lab", "granularity": "seat", "models": [MODEL],
        "rooms": [
            {
                "id": "r1",
                "cameras": [{"id": one, "address": f"{one}.mp4", "mode": "watch", "fps": 2} for one in cameras],
                "seats": [{"id": seat, "views": dict.fromkeys(cameras, shape)} for seat, shape in area.items()],
            }
        ],
    }  # fmt: skip
    return read_site(document, Path("set"), "site.json")


def lesson(states: Sequence[Mapping[str, Mapping[str, str]]], camera: str = "") -> list[Outcome]:
    """A recording whose pictures show these people, seen without an error: seat -> what they do."""
    made = []
    for number, state in enumerate(states):
        people = tuple(Person(LEFT if seat == "A1" else RIGHT, axes, seat=seat) for seat, axes in state.items())
        path = Path(f"{camera or 'front'}.mp4")
        made.append(perfect(Outcome(LabelledPicture(path, people, number * STEP, camera), (), 640, 480)))
    return made


def seeing(one: Outcome, *found: Detection) -> Outcome:
    return replace(one, detections=found)


def calm_but(seconds: float, **when: tuple[float, float]) -> list[dict[str, Mapping[str, str]]]:
    """Both seats calm, and each named seat's hand raised from .. to seconds."""
    states: list[dict[str, Mapping[str, str]]] = []
    for number in range(int(seconds / STEP)):
        at = number * STEP
        states.append(
            {seat: RAISED if seat in when and when[seat][0] <= at < when[seat][1] else CALM for seat in ("A1", "A2")}
        )
    return states


def figure(made: Mapping[str, Any], behavior: str, name: str) -> tuple[float | None, int]:
    one = made[behavior][name]
    return one.value, one.n


def test_a_chain_that_sees_everything_tells_everything() -> None:
    made = chain(lesson(calm_but(20, A1=(5, 9), A2=(12, 15))), site("front"))
    for name in ("precision", "recall"):
        assert figure(made, "hand-raised", name) == (1, 2)
        assert figure(made, "occupied", name) == (1, 2)
    assert figure(made, "hand-raised", "agreement")[0] == 1
    assert made["hand-raised"]["start_differs_s"] == 0
    assert figure(made, "standing", "recall") == (None, 0)


def test_what_is_too_short_to_be_told_is_asked_of_nobody() -> None:
    made = chain(lesson(calm_but(20, A1=(5, 5.5))), site("front"))  # min_time of a raised hand is a second
    assert figure(made, "hand-raised", "recall") == (None, 0)


def test_an_event_at_another_seat_is_wrong_and_the_right_one_is_missed() -> None:
    true = lesson(calm_but(20, A1=(5, 9)))
    other = lesson(calm_but(20, A2=(5, 9)))
    made = chain([seeing(one, *wrong.detections) for one, wrong in zip(true, other, strict=True)], site("front"))
    assert figure(made, "hand-raised", "precision") == (0, 1)
    assert figure(made, "hand-raised", "recall") == (0, 1)
    assert figure(made, "hand-raised", "agreement")[0] == 0
    assert figure(made, "occupied", "recall") == (1, 2)


def test_half_the_time_is_half_an_agreement() -> None:
    true = lesson(calm_but(20, A1=(4, 12)))
    late = lesson(calm_but(20, A1=(8, 12)))
    made = chain([seeing(one, *told.detections) for one, told in zip(true, late, strict=True)], site("front"))
    assert figure(made, "hand-raised", "recall") == (1, 1)
    value, n = figure(made, "hand-raised", "agreement")
    assert n == 18  # 8 s, and the second that it takes to end
    assert value == pytest.approx(10 / 18)
    assert made["hand-raised"]["start_differs_s"] == 4


def test_two_cameras_of_a_room_are_played_together() -> None:
    states = calm_but(20, A1=(5, 9))
    front, back = lesson(states, "front"), lesson(states, "back")
    blind = [seeing(one) for one in back]  # the other camera sees nobody, and is outvoted
    made = chain([*front, *blind], site("front", "back"))
    assert figure(made, "hand-raised", "recall") == (1, 1)
    assert figure(made, "occupied", "precision") == (1, 2)


def test_two_lessons_of_one_camera_are_played_one_after_the_other() -> None:
    first = lesson(calm_but(20, A1=(5, 9)))
    second = [replace(one, picture=replace(one.picture, path=Path("second.mp4"))) for one in first]
    made = chain([*first, *second], site("front"))
    assert figure(made, "hand-raised", "recall") == (1, 2)


def test_a_camera_that_the_site_lacks_is_named() -> None:
    with pytest.raises(BadInput, match="camera 'side'; the site has front, back"):
        chain(lesson(calm_but(2), "side"), site("front", "back"))
    with pytest.raises(BadInput, match="name no camera; the site has front, back"):
        chain(lesson(calm_but(2)), site("front", "back"))


def test_a_watched_camera_wants_dense_labels() -> None:
    sparse = [replace(one, picture=replace(one.picture, at=(one.picture.at or 0) * 20)) for one in lesson(calm_but(10))]
    with pytest.raises(BadInput, match="camera front is watched, and labelled every 10 s: label it at least every 5 s"):
        chain(sparse, site("front"))


def test_stills_are_no_lesson() -> None:
    still = Outcome(LabelledPicture(Path("1.png"), (Person(LEFT, seat="A1"),)), (), 64, 48)
    assert chain([still], site("front")) == {}
    assert figure(chain([still, *lesson(calm_but(5))], site("front")), "occupied", "recall") == (1, 2)
