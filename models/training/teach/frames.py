"""Frames of the recordings that may be taught with, and where the teacher sees people in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from .boxes import decoded, kept
from .inputs import checked
from .teachers import Yolox

HELD_OUT = 0.15  # the last share of every clip is never taught; the student is watched on it
LOOK = (672, 384)  # width and height at which the teacher looks for people


@dataclass(frozen=True)
class Clip:
    """A recording: its frames BGR [n, h, w, 3], and people (left, top, right, bottom in pixels, score) in each."""

    name: str
    frames: NDArray[np.uint8]
    people: list[NDArray[np.float32]]

    @property
    def taught(self) -> int:
        """How many frames, from the first, may be taught with."""
        return int(len(self.frames) * (1 - HELD_OUT))


def read(path: Path) -> NDArray[np.uint8]:
    """All frames of a recording, BGR [n, h, w, 3]."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)])


def build(media: Path, models: Path, target: Path) -> None:
    """Writes one file per clip into `target`, whole or not at all; what is there is left. Raises Refused."""
    recordings = checked(sorted(media.glob("*.gif")), "recordings")
    target.mkdir(parents=True, exist_ok=True)
    teacher = Yolox(models, 1, LOOK[1], LOOK[0], threads=2)
    for path in recordings:
        made = target / f"{path.stem}.npz"
        if made.exists():
            continue
        frames = read(path)
        people = [look(teacher, frame) for frame in frames]
        rows = np.concatenate([np.c_[np.full(len(p), i), p] for i, p in enumerate(people)]).astype(np.float32)
        partial = made.with_suffix(".partial.npz")
        np.savez(partial, frames=frames, people=rows)
        partial.rename(made)


def load(folder: Path) -> list[Clip]:
    """All clips that `build` wrote, by name."""
    clips = []
    for path in sorted(folder.glob("*.npz")):
        data = np.load(path)
        frames, rows = data["frames"], data["people"]
        clips.append(Clip(path.stem, frames, [rows[rows[:, 0] == i, 1:] for i in range(len(frames))]))
    return clips


def look(teacher: Yolox, frame: NDArray[np.uint8], least: float = 0.35) -> NDArray[np.float32]:
    """People that the teacher sees in a frame: [n, 5] left, top, right, bottom in the frame's pixels, and score."""
    height, width = frame.shape[:2]
    scale = min(LOOK[0] / width, LOOK[1] / height)
    canvas = np.full((1, LOOK[1], LOOK[0], 3), 114, np.uint8)
    small = cv2.resize(frame, (round(width * scale), round(height * scale)))
    canvas[0, : small.shape[0], : small.shape[1]] = small
    boxes = kept(decoded(teacher(canvas)[1][0], LOOK[1], LOOK[0]), least)
    boxes[:, :4] /= scale
    return boxes
