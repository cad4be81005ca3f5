"""What the recordings of adults must bring about, through the whole chain, with the official action net."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from homeroom.__main__ import main
from homeroom.event import Operation
from tests.e2e.sites import CLASSROOM, HAND_RAISED, Seats, classroom_camera, logged, site
from tests.lab import lab
from tests.rtsp import rtsp_server

Image = NDArray[np.uint8]
Change = Callable[[Image], tuple[Image, Callable[[float, float], tuple[float, float]]]]


def mirrored(image: Image) -> tuple[Image, Callable[[float, float], tuple[float, float]]]:
    return np.ascontiguousarray(image[:, ::-1]), lambda x, y: (1 - x, y)


def resized(scale: float) -> Change:
    """The camera has another resolution."""
    return lambda image: (np.asarray(cv2.resize(image, None, fx=scale, fy=scale), np.uint8), lambda x, y: (x, y))


def zoomed(scale: float) -> Change:
    """The people are larger or smaller in the picture."""

    def change(image: Image) -> tuple[Image, Callable[[float, float], tuple[float, float]]]:
        height, width = image.shape[:2]
        move = np.array([[scale, 0, (1 - scale) * width / 2], [0, scale, (1 - scale) * height / 2]])
        made = cv2.warpAffine(image, move, (width, height), borderValue=(128, 128, 128))
        return np.asarray(made, np.uint8), lambda x, y: (0.5 + (x - 0.5) * scale, 0.5 + (y - 0.5) * scale)

    return change


def cropped(left: float, top: float, right: float, bottom: float) -> Change:
    """A fifth of the picture is gone."""

    def change(image: Image) -> tuple[Image, Callable[[float, float], tuple[float, float]]]:
        height, width = image.shape[:2]
        part = image[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
        return np.ascontiguousarray(part), lambda x, y: ((x - left) / (right - left), (y - top) / (bottom - top))

    return change


CHANGES: dict[str, Change] = {
    "as it is": resized(1.0),
    "mirrored": mirrored,
    **{f"resized {scale}": resized(scale) for scale in (0.7, 0.85, 1.15, 1.3)},
    **{f"zoomed {scale}": zoomed(scale) for scale in (0.7, 0.8, 0.9, 1.1, 1.2, 1.3)},
    "cropped left": cropped(0.2, 0, 1, 1),
    "cropped right": cropped(0, 0, 0.8, 1),
    "cropped top": cropped(0, 0.2, 1, 1),
    "cropped bottom": cropped(0, 0, 1, 0.8),
    "cropped all around": cropped(0.1, 0.1, 0.9, 0.9),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_raised_hand_begins_once_and_ends_once_at_its_own_seat(name: str, tmp_path: Path) -> None:
    image = np.asarray(cv2.imread(str(lab("media/omz-classroom-hand-raised.png"))), np.uint8)
    changed, moved = CHANGES[name](image)
    cv2.imwrite(str(tmp_path / "still.png"), changed)
    seats: Seats = {seat: [moved(x, y) for x, y in polygon] for seat, polygon in HAND_RAISED.items()}
    manifest = site(tmp_path, seats, {"address": "still.png", "hold": 10, "fps": 2})
    assert main(["run", str(manifest), "--until-end", "--quiet"]) == 0
    hands = [event for event in logged(tmp_path / "homeroom.db") if event.behavior == "hand-raised"]
    assert [(event.seat, event.operation) for event in hands] == [
        ("raiser", Operation.INITIALIZED),
        ("raiser", Operation.DELETED),
    ]


def test_four_people_who_sit_for_a_minute_make_four_events_and_no_more(tmp_path: Path) -> None:
    with rtsp_server(classroom_camera()) as camera:
        manifest = site(tmp_path, CLASSROOM, {"address": camera.url("/cam")})
        assert main(["run", str(manifest), "--seconds", "60", "--quiet"]) == 0
    events = logged(tmp_path / "homeroom.db")
    emitted = [event for event in events if event.emit in ("event", "alarm")]
    assert Counter((event.behavior, event.seat, event.operation.value) for event in emitted) == {
        ("occupied", seat, operation): 1 for seat in CLASSROOM for operation in ("Initialized", "Deleted")
    }
    assert all(event.reason == "shutdown" for event in emitted if event.operation is Operation.DELETED)


def test_the_same_file_twice_gives_the_same_events_ids_included(tmp_path: Path) -> None:
    runs = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        manifest = site(folder, CLASSROOM, {"address": str(lab("media/intel-classroom-preview.gif"))})
        assert main(["run", str(manifest), "--until-end", "--quiet"]) == 0
        runs.append(logged(folder / "homeroom.db"))
    assert runs[0] == runs[1]
    assert len(runs[0]) == 8


def test_a_file_run_again_on_the_same_store_doubles_nothing(tmp_path: Path) -> None:
    manifest = site(tmp_path, CLASSROOM, {"address": str(lab("media/intel-classroom-preview.gif"))})
    for _ in range(2):
        assert main(["run", str(manifest), "--until-end", "--quiet"]) == 0
    assert len(logged(tmp_path / "homeroom.db")) == 8
