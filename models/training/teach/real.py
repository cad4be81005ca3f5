"""Crops of real people in recordings that may be taught with: key points and head poses of teachers, never behavior."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .axes import AXES
from .crops import SIDE, Crops, empty_boxes, kept_square, nobody, stacked
from .frames import Clip
from .geometry import crop
from .labels import UNKNOWN
from .teachers import Faces, HeadPose, MoveNet

LEAST_SCORE, LEAST_HEIGHT = 0.5, 40


def real(clips: list[Clip], models: Path, seed: int, *, held_out: bool = False) -> Crops:
    """People that the teacher is sure of, with MoveNet's key points; squares without people from every clip."""
    rng = np.random.default_rng(seed)
    movenet, faces, heads = MoveNet(models), Faces(models), HeadPose(models)
    rows: list[tuple[object, ...]] = []
    for clip in clips:
        chosen = range(clip.taught, len(clip.frames)) if held_out else range(clip.taught)
        for i in chosen:
            frame, people = clip.frames[i], clip.people[i]
            found = faces(cv2.resize(frame, Faces.SIZE)) if len(people) else []
            rows += [
                _person(frame, box, clip.name, movenet, _pose(frame, box, found, heads))
                for box in people
                if box[4] >= LEAST_SCORE and box[3] - box[1] >= LEAST_HEIGHT
            ]
            for box in empty_boxes(people[:, :4], frame.shape[1], frame.shape[0], rng, 2):
                left, top, side = kept_square(box)
                rows.append(nobody(crop(frame, left, top, side, SIDE), (box - (left, top, left, top)) / side))
    return stacked(rows)


def _person(
    frame: NDArray[np.uint8], box: NDArray[np.float32], name: str, movenet: MoveNet, head: NDArray[np.float32]
) -> tuple[object, ...]:
    left, top, side = kept_square(box)
    seen = movenet(crop(frame, left, top, side, MoveNet.SIDE))
    seen[:, 2] = np.clip((seen[:, 2] - 0.1) / 0.4, 0, 1)  # its confidences are low: .5 is as sure as it gets
    return (
        crop(frame, left, top, side, SIDE),
        (box[:4] - (left, top, left, top)) / side,
        np.full(4, np.nan),  # the teacher's box goes through desks
        seen,
        [UNKNOWN] * len(AXES),
        head,
        1.0,
        f"clip={name}",
    )


def _pose(
    frame: NDArray[np.uint8],
    box: NDArray[np.float32],
    faces: list[tuple[float, float, float, float]],
    heads: HeadPose,
) -> NDArray[np.float32]:
    """The pose of the face in the upper half of the box, where exactly one is."""
    scale = np.array([frame.shape[1], frame.shape[0]] * 2)
    boxes = [np.array(face) * scale for face in faces]
    middles = [(f[:2] + f[2:]) / 2 for f in boxes]
    within = [
        f
        for f, (x, y) in zip(boxes, middles, strict=True)
        if box[0] < x < box[2] and box[1] < y < (box[1] + box[3]) / 2 and f[3] - f[1] >= 16
    ]
    if len(within) != 1:
        return np.zeros(5, np.float32)
    left, top, right, bottom = within[0]
    side = 1.1 * max(right - left, bottom - top)
    yaw, pitch = np.radians(
        heads(crop(frame, (left + right - side) / 2, (top + bottom - side) / 2, side, HeadPose.SIDE))
    )
    return np.array([np.sin(yaw), np.cos(yaw), np.sin(pitch), np.cos(pitch), 1], np.float32)
