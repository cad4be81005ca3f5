"""The networks of our own that the package carries, and the lesson that the demonstration plays."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from homeroom.models.cache import verify
from homeroom.models.catalog import catalog, find
from homeroom.models.evaluation.labels import read_labels
from homeroom.models.evaluation.matching import matched, overlaps
from homeroom.models.evaluation.outcome import looked
from homeroom.models.evaluation.pictures import frames
from homeroom.models.loading import load_model
from homeroom.ports import Detector
from tests.models.nets import frame_of

ROOT = Path(__file__).resolve().parents[2]
EMBEDDED = "homeroom-embedded"
LESSON = ROOT / "plugin" / "lesson"
AXES = {
    "posture": {"seated", "standing", "head-on-desk"},
    "activity": {"reading", "writing", "listening"},
    "gesture": {"hand-raised", "none"},
    "facing": {"front", "turned-around"},
}


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_model({"id": EMBEDDED, "device": "CPU", "precision": "f32"}).detector()


def test_the_embedded_networks_are_there_and_together_small() -> None:
    manifest = find(EMBEDDED)
    assert {one.state for one in verify(manifest, Path("nowhere")).values()} == {"ok"}
    assert not any(file.url for file in manifest.files.values()), "nothing is fetched"
    ours = {path for path in (ROOT / "models").glob("homeroom-*") if path.suffix in (".xml", ".bin")}
    assert sum(path.stat().st_size for path in ours) < 20_000_000
    named = {file.name for one in catalog().values() for file in one.files.values() if not file.url}
    assert {path.name for path in ours} == named, "each is named by a manifest"


def test_both_assemblies_tell_the_same_axes_and_all_six_behaviors() -> None:
    for id_ in (EMBEDDED, "homeroom-recommended"):
        told: dict[str, set[str]] = {}
        for one in find(id_).classes:
            for axis, value in one.axes.items():
                told.setdefault(axis, set()).add(value)
        assert told == AXES


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1080, 1920, 3), np.uint8),
        np.full((1080, 1920, 3), 114, np.uint8),
        np.full((36, 64, 3), 255, np.uint8),
        np.random.default_rng(1).integers(0, 256, (720, 1280, 3), dtype=np.uint8),
        np.zeros((6000, 10000, 3), np.uint8),
    ],
    ids=["black", "grey", "tiny", "noise", "10,000 px"],
)
def test_a_picture_without_anybody_is_answered_with_nobody(detector: Detector, picture: NDArray[np.uint8]) -> None:
    assert list(detector.detect([frame_of(picture)])[0]) == []


def test_the_lesson_is_as_long_and_as_small_as_promised() -> None:
    assert sum(path.stat().st_size for path in LESSON.iterdir()) < 8_000_000
    pictures = read_labels(LESSON / "labels.json").pictures
    for name in ("front", "corner"):
        times = [one.at for one in pictures if one.camera == name and one.at is not None]
        assert max(times) >= 60
        video = cv2.VideoCapture(str(LESSON / f"{name}.mp4"))
        assert (video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (1920, 1080)
        assert 5 <= video.get(cv2.CAP_PROP_FPS) <= 10
        video.release()
    assert len({person.seat for one in pictures for person in one.people}) >= 8
    told = {(axis, value) for one in pictures for person in one.people for axis, value in person.axes.items()}
    assert told >= {(axis, value) for axis, values in AXES.items() for value in values}


def test_the_embedded_assembly_finds_most_people_of_the_lesson(detector: Detector) -> None:
    pictures = [one for one in read_labels(LESSON / "labels.json").pictures if one.at in (0.0, 20.0, 40.0)]
    every = [matched(overlaps(one.picture, one.detections)) for one in looked(frames(pictures), detector)]
    found, people = sum(len(one.pairs) for one in every), sum(len(one.scored) for one in every)
    print(f"{EMBEDDED} in the lesson: {found} of {people}")
    assert found >= 0.5 * people
