"""Whole rendered pictures for the detector: kept in memory, shown at other sizes, mirrored, tinted, worn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from . import labels
from .geometry import GREY
from .light import tinted, worn
from .patches import Shown

LONGEST = 1000  # pixels of the longer side that are kept


@dataclass(frozen=True)
class Scene:
    """A picture, boxes of people in pixels [n, 4], and which of them need not be found."""

    picture: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    difficult: NDArray[np.bool_]


def load(folder: Path) -> list[Scene]:
    """All pictures of the labelled sets below a folder."""
    scenes = []
    for picture in labels.pictures(folder):
        image = np.asarray(cv2.imread(str(picture.path)), np.uint8)
        shrink = min(1.0, LONGEST / max(image.shape[:2]))
        if shrink < 1:
            image = np.asarray(cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        size = np.tile([image.shape[1], image.shape[0]], 2)
        boxes = np.array([p["box"] for p in picture.people], np.float32).reshape(-1, 4) * size
        difficult = np.array([bool(p.get("difficult")) for p in picture.people], bool)
        scenes.append(Scene(image, boxes.astype(np.float32), difficult))
    return scenes


def shown(scenes: Sequence[Scene]) -> list[Shown]:
    """For patches: pictures with those who can be seen well."""
    return [Shown(s.picture, s.boxes[~s.difficult]) for s in scenes]


def placed(scene: Scene, rng: np.random.Generator, height: int, width: int) -> Scene:
    """The scene at another size and place on `width` x `height`; who lies mostly outside is difficult."""
    h, w = scene.picture.shape[:2]
    fit = min(width / w, height / h)
    scale = fit * (1.0 if rng.random() < 0.3 else float(np.exp(rng.uniform(np.log(0.5), np.log(2.2)))))
    room = np.array([width - w * scale, height - h * scale])
    shift = room * rng.uniform(0, 1, 2) if rng.random() < 0.8 else np.zeros(2)
    source = scene.picture
    if scale < 0.7:
        source = np.asarray(cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    sx, sy = scale * w / source.shape[1], scale * h / source.shape[0]
    matrix = np.array([[sx, 0, shift[0]], [0, sy, shift[1]]])
    out = cv2.warpAffine(source, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY))
    boxes = scene.boxes * scale + np.tile(shift, 2)
    inside = np.clip(boxes, 0, np.tile([width, height], 2))
    area, left = (np.prod(b[:, 2:] - b[:, :2], 1) for b in (boxes, inside))
    difficult = scene.difficult | (left < 0.5 * area) | ((inside[:, 3] - inside[:, 1]) < 12)
    some = left > 0.02 * area
    boxes, difficult = inside[some].astype(np.float32), difficult[some]
    if rng.random() < 0.5:
        out = np.ascontiguousarray(out[:, ::-1])
        boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
    if rng.random() < 0.85:
        out = tinted(np.asarray(out, np.uint8), rng)
    return Scene(worn(np.asarray(out, np.uint8), rng), boxes, difficult)
