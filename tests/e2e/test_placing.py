"""Placement and learned seats on the recordings of adults, with the official action net."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from homeroom.__main__ import main
from homeroom.adapters.file import FileSource
from homeroom.event import Operation
from homeroom.geometry import Box
from homeroom.models.loading import load_model
from homeroom.placement import judge, verdict
from homeroom.ports import Model
from homeroom.seats import stays
from homeroom.survey import Survey, survey
from tests.e2e.sites import ACTION, CLASSROOM, HAND_RAISED, classroom_camera, logged, models, site
from tests.lab import lab
from tests.rooms import camera_of
from tests.rtsp import rtsp_server

Image = NDArray[np.uint8]
PREVIEW, STILL = "media/intel-classroom-preview.gif", "media/omz-classroom-hand-raised.png"
CORRIDORS = (
    "intel-people-detection.gif",
    "intel-one-by-one-person-detection.mp4",
    "intel-face-demographics-walking.gif",
)


def learned(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, list[list[float]]]:
    """Runs `seats learn` on a manifest and gives the polygons by id."""
    capsys.readouterr()
    main(["seats", "learn", str(path), "--json", *options])
    (room,) = json.loads(capsys.readouterr().out)["rooms"]
    return {seat["id"]: seat["views"]["front"] for seat in room["seats"]}


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The official net, loaded once."""
    cache = str(models(tmp_path_factory.mktemp("net")))
    return load_model({"id": ACTION, "cache": cache, "precision": "f32"})


def surveyed(model: Model, path: Path, pictures: int) -> Survey:
    """A recording, looked at as the commands do."""
    camera = camera_of(path)
    return survey(camera, FileSource("front", camera.settings), model.detector(), 200, pictures)


def alike(found: list[list[float]], drawn: Any) -> float:
    """How well a learned seat and one drawn by eye agree."""
    return Box(*found[0], *found[2]).iou(Box(*drawn[0], *drawn[2]))


def test_a_live_class_gets_four_seats_and_they_make_four_events_and_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with rtsp_server(classroom_camera()) as camera:
        path = site(tmp_path, {}, {"address": camera.url("/cam")})
        seats = learned(path, capsys, "--seconds", "6", "--write")
        assert main(["run", str(path), "--seconds", "12", "--quiet"]) == 0
    assert list(seats) == ["A1", "A2", "B1", "B2"]
    for one, drawn in zip(("A1", "B1", "B2", "A2"), CLASSROOM.values(), strict=True):
        assert alike(seats[one], drawn) > 0.6
    emitted = [event for event in logged(tmp_path / "homeroom.db") if event.emit in ("event", "alarm")]
    assert Counter((event.behavior, event.seat, event.operation.value) for event in emitted) == {
        ("occupied", seat, operation): 1 for seat in seats for operation in ("Initialized", "Deleted")
    }


def test_five_people_in_a_still_get_five_seats_and_the_raised_hand_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site(tmp_path, {}, {"address": str(lab(STILL)), "hold": 10, "fps": 2})
    seats = learned(path, capsys, "--pictures", "4", "--write")
    assert list(seats) == ["A1", "A2", "A3", "B1", "B2"]
    drawn = [HAND_RAISED[name] for name in ("woman", "raiser", "window", "behind", "phone")]
    assert [round(alike(mine, theirs), 1) >= 0.6 for mine, theirs in zip(seats.values(), drawn, strict=True)] == [
        True
    ] * 5
    assert main(["run", str(path), "--until-end", "--quiet"]) == 0
    hands = [event for event in logged(tmp_path / "homeroom.db") if event.behavior == "hand-raised"]
    assert [(event.seat, event.operation) for event in hands] == [
        ("A2", Operation.INITIALIZED),
        ("A2", Operation.DELETED),
    ]


@pytest.mark.parametrize("name", CORRIDORS)
def test_a_corridor_has_no_seats_and_nobody_knows_yet_whether_it_will_work(name: str, action: Model) -> None:
    made = surveyed(action, lab(f"media/{name}"), 15)
    assert stays(made).sitting == stays(made).pictures == ()
    said = verdict(judge(made))
    assert said.ok is None
    assert "nobody was seen to sit" in said.figure


@cache
def preview() -> tuple[Image, ...]:
    with av.open(str(lab(PREVIEW))) as clip:
        frames = [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in clip.decode(video=0)]
    return tuple(frames[::7])


def written(path: Path, images: list[Image]) -> Path:
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=4, options={"crf": "23", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = images[0].shape[1], images[0].shape[0], "yuv420p"
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 4)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def dark(image: Image) -> Image:
    return np.asarray(image * 0.1, np.uint8)


def soft(image: Image) -> Image:
    """Blurred by 2.4 rows of the network's 400."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.6), np.uint8)


@pytest.mark.parametrize(("change", "wrong"), [(None, []), (dark, ["light"]), (soft, ["sharpness"])])
def test_the_preview_s_camera_is_placed_well_and_a_dark_or_blurred_one_is_not(
    change: Callable[[Image], Image] | None, wrong: list[str], tmp_path: Path, action: Model
) -> None:
    images = [change(image) if change else image for image in preview()]
    remarks = judge(surveyed(action, written(tmp_path / "clip.mp4", images), len(images)))
    found = {one.subject: one for one in remarks if one.subject != "heads"}
    assert [one for one, remark in found.items() if remark.ok is False] == wrong
    assert verdict(remarks).ok is not bool(wrong)
    if not wrong:
        assert verdict(remarks).figure == "will work"
        assert found["people"].figure.startswith("4 sit")
        assert found["height"].figure.endswith("0 too small")
