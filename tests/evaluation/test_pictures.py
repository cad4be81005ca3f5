"""Pictures of a set: stills, and recordings in order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from homeroom.adapters.clip import Clip
from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.models.evaluation.labels import read_set
from homeroom.models.evaluation.outcome import looked
from homeroom.models.evaluation.pictures import frames
from homeroom.picture import Frame
from tests.evaluation.made import MadeDetector, written
from tests.sources.clips import BASE, RATE, STEP, make_clip


def index(frame: Frame) -> int:
    """Which frame of a made clip this is."""
    return round((float(np.mean(frame.y)) - BASE) / STEP)


def labelled_clip(folder: Path, name: str, times: list[float]) -> list[tuple[float, Frame]]:
    written(folder, *({"file": name, "at": at, "people": []} for at in times))
    make_clip(folder, name)
    return [(one.at or 0.0, frame) for one, frame in frames(read_set(folder).pictures)]


@pytest.mark.parametrize("name", ["b.mp4", "b.mkv", "p.mp4", "h265.mp4", "mjpeg.mkv", "anim.gif"])
def test_a_recording_shows_the_first_frame_at_or_after_each_time(name: str, tmp_path: Path) -> None:
    times = [3.9, 0.0, 0.15, 0.2, 1.0, 1.0, 2.34, 3.71, 3.85]  # in any order, one twice, the last ones held back
    found = labelled_clip(tmp_path, name, times)
    assert [at for at, _ in found] == sorted(times)
    expected = [-(-round(at * 1000) * RATE // 1000) for at, _ in found]
    assert [index(frame) for _, frame in found] == expected


def test_a_recording_is_opened_once_and_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: Counter[str] = Counter()

    def counting(path: Path) -> Clip:
        opened[path.name] += 1
        return Clip(path)

    monkeypatch.setattr("homeroom.adapters.file.Clip", counting)
    found = labelled_clip(tmp_path, "p.mp4", [number / RATE for number in range(40)])
    assert [index(frame) for _, frame in found] == list(range(40))
    assert opened == {"p.mp4": 1}


def test_a_time_beyond_the_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="shows nothing at"):
        labelled_clip(tmp_path, "p.mp4", [1.0, 99.0])


def test_stills_are_shown_as_they_are(tmp_path: Path) -> None:
    names = ["a.png", "sub/b.jpg"]
    folder = written(tmp_path, *({"file": name, "people": []} for name in names), size=(120, 90))
    found = list(frames(read_set(folder).pictures))
    assert [(one.path.name, frame.width, frame.height) for one, frame in found] == [
        ("a.png", 120, 90), ("b.jpg", 120, 90),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["gray", "16 bit", "alpha"])
def test_odd_but_sound_pictures_are_read(kind: str, tmp_path: Path) -> None:
    made: Any = {
        "gray": np.full((48, 64), 90, np.uint8),
        "16 bit": np.full((48, 64, 3), 9000, np.uint16),
        "alpha": np.full((48, 64, 4), 90, np.uint8),
    }[kind]
    folder = written(tmp_path, {"file": "1.png", "people": []})
    cv2.imwrite(str(folder / "1.png"), made)
    ((_, frame),) = frames(read_set(folder).pictures)
    assert (frame.width, frame.height) == (64, 48)


@pytest.mark.parametrize("raw", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"\xff\xd8\xff\xd9"])
def test_what_is_no_picture_is_refused_in_one_line(raw: bytes, tmp_path: Path) -> None:
    folder = written(tmp_path, {"file": "1.png", "people": []})
    (folder / "1.png").write_bytes(raw)
    with pytest.raises(BadInput) as refused:
        list(frames(read_set(folder).pictures))
    assert "1.png" in str(refused.value)


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    folder = written(tmp_path, {"file": "1.png", "people": []})
    cv2.imwrite(str(folder / "1.png"), np.zeros((8, 10_000), np.uint8))
    with pytest.raises(BadInput, match="too large"):
        list(frames(read_set(folder).pictures))


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, {"file": "1.png", "people": []})
    (folder / "1.png").unlink()
    with pytest.raises(BadInput, match=r"1\.png: the labels name it, and it is not there"):
        list(frames(read_set(folder).pictures))


def test_the_first_picture_is_looked_at_twice_and_all_are_told(tmp_path: Path) -> None:
    folder = written(tmp_path, *({"file": f"{number}.png", "people": []} for number in range(3)))
    seen: list[int] = []
    told: list[int] = []

    def nobody(frame: Frame) -> list[Detection]:
        seen.append(frame.width)
        return []

    found = list(looked(frames(read_set(folder).pictures), MadeDetector(nobody), told.append))
    assert len(seen) == 4
    assert told == [1, 2, 3]
    assert all(one.wall > 0 and (one.width, one.height) == (64, 48) for one in found)
