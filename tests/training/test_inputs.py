"""What was taught with: only what the record names, and none of what models are measured on."""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.lab import lab

TRAINING = Path(__file__).resolve().parents[2] / "models" / "training"
if str(TRAINING) not in sys.path:
    sys.path.insert(0, str(TRAINING))


@pytest.fixture(scope="module")
def inputs() -> Any:
    return importlib.import_module("teach.inputs")


def frames(path: Path) -> Iterator[Any]:
    """All frames of a recording or picture, BGR."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="bgr24")


def measured_on() -> list[Path]:
    return [path for path in sorted(lab("media").iterdir()) if path.suffix != ".md"]


def test_the_record_is_whole(inputs: Any) -> None:
    told = json.loads((TRAINING / "inputs.json").read_text("utf-8"))
    for kind in ("recordings", "teachers"):
        digests = [entry["sha256"] for entry in told[kind]]
        assert len(set(digests)) == len(digests) > 0
        assert all(len(d) == 64 and int(d, 16) for d in digests)
        assert len({entry["name"] for entry in told[kind]}) == len(digests)


def test_a_file_that_the_record_does_not_name_is_refused_whatever_its_name(inputs: Any, tmp_path: Path) -> None:
    known = inputs.record()["recordings"][0]["name"]
    stranger = tmp_path / known
    stranger.write_bytes(b"another recording under a known name")
    with pytest.raises(inputs.Refused, match=known):
        inputs.checked([stranger], "recordings")


def test_frames_of_a_refused_recording_are_never_read(inputs: Any, tmp_path: Path) -> None:
    media, target = tmp_path / "media", tmp_path / "frames"
    media.mkdir()
    (media / "own.gif").write_bytes(b"GIF89a")
    frames_of = importlib.import_module("teach.frames")
    with pytest.raises(inputs.Refused, match=r"own\.gif"):
        frames_of.build(media, tmp_path, target)
    assert not target.exists()


def test_every_recording_of_the_record_is_accepted_and_none_that_models_are_measured_on(
    inputs: Any, tmp_path: Path
) -> None:
    taught = sorted(lab("training-media").glob("*.gif"))
    assert inputs.checked(taught, "recordings") == taught
    renamed = tmp_path / taught[0].name
    for path in measured_on():
        shutil.copyfile(path, renamed)
        with pytest.raises(inputs.Refused):
            inputs.checked([renamed], "recordings")


def test_no_frame_that_was_taught_is_one_that_models_are_measured_on() -> None:
    """Nor nearly: as thumbnails they differ by more than compression does."""
    prints: dict[str, set[bytes]] = {}
    small: dict[str, list[Any]] = {}
    for side, paths in (("taught", sorted(lab("training-media").glob("*.gif"))), ("measured", measured_on())):
        prints[side], small[side] = set(), []
        for path in paths:
            for number, frame in enumerate(frames(path)):
                prints[side].add(hashlib.sha256(frame.tobytes()).digest())
                if number % 3 == 0:
                    small[side].append(cv2.resize(frame, (32, 18), interpolation=cv2.INTER_AREA).ravel())
    assert prints["taught"]
    assert prints["measured"]
    assert not prints["taught"] & prints["measured"]
    taught, measured = (np.array(small[side], np.int16) for side in ("taught", "measured"))
    nearest = min(float(np.abs(measured - frame).mean(1).min()) for frame in taught)
    assert nearest > 8  # grey levels; the same frame in another compression differs by 2
