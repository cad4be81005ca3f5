"""From a kept crop to what a network sees: moved, turned, mirrored, cut off, covered, tinted, worn; or as it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .axes import MIRRORED
from .crops import SIDE, Crops
from .geometry import GREY, MARGIN
from .light import tinted, worn

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """A crop as a network sees it, and what it is to say of it (see Crops)."""

    picture: Picture
    visible: NDArray[np.float32]
    points: NDArray[np.float32]
    axes: NDArray[np.int64]
    head: NDArray[np.float32]
    person: float


def plain(crops: Crops, row: int, side: int) -> View:
    """The square of the product, nothing changed."""
    return _seen(crops, row, side, crops.boxes[row], 0.0, mirrored=False)


def varied(crops: Crops, row: int, side: int, rng: np.random.Generator) -> View:
    """One of endlessly many looks of the same crop."""
    box = crops.boxes[row].copy()
    size = box[2:] - box[:2]
    box += np.concatenate([rng.normal(0, 0.05, 2), rng.normal(0, 0.05, 2)]) * np.tile(size, 2)
    if rng.random() < 0.3:  # a detector that ends the body elsewhere, or a desk before it
        box[3] -= rng.uniform(0, 0.25) * size[1]
    zoom = np.exp(rng.normal(0, 0.06))
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * zoom
    box = np.concatenate([middle - half, middle + half]).astype(np.float32)
    turn = float(rng.normal(0, 4))
    view = _seen(crops, row, side, box, turn, mirrored=bool(rng.random() < 0.5))
    picture, person = view.picture, view.person
    if person and rng.random() < 0.06:
        return View(
            _framed(picture, crops, rng),
            view.visible * np.nan,
            np.c_[view.points[:, :2], np.full(17, -1)],
            np.full(4, -1),
            view.head * 0,
            0.0,
        )
    if rng.random() < 0.35:
        _cover(picture, crops, rng)
    if rng.random() < 0.85:
        picture = tinted(picture, rng, 0.8)
    return View(worn(picture, rng, 1.2), view.visible, view.points, view.axes, view.head, person)


def _seen(crops: Crops, row: int, side: int, box: NDArray[np.float32], turn: float, *, mirrored: bool) -> View:
    x, y = (float(v) for v in (box[:2] + box[2:]) / 2 * SIDE)
    scale = side / (MARGIN * float(max(box[2] - box[0], box[3] - box[1])) * SIDE)
    matrix = cv2.getRotationMatrix2D((x, y), turn, scale)
    matrix[:, 2] += side / 2 - np.array([x, y])
    points, axes, head = crops.points[row].copy(), crops.axes[row], crops.head[row]
    points[:, :2] = (points[:, :2] * SIDE @ matrix[:, :2].T + matrix[:, 2]) / side
    left, top, right, bottom = crops.visible[row] * SIDE
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]]) @ matrix[:, :2].T + matrix[:, 2]
    visible = np.concatenate([corners.min(0), corners.max(0)]) / side
    source = crops.pictures[row]
    if scale < 0.6:
        source = cv2.GaussianBlur(source, (0, 0), 0.35 / scale)
    shifted = matrix.copy()
    shifted[:, 2] += (matrix[:, :2].sum(1) - 1) / 2
    picture = cv2.warpAffine(source, shifted, (side, side), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY))
    if mirrored:
        picture = np.ascontiguousarray(picture[:, ::-1])
        visible = np.array([1 - visible[2], visible[1], 1 - visible[0], visible[3]])
        points[:, 0] = 1 - points[:, 0]
        points, head = points[list(MIRRORED)], head * np.array([-1, 1, 1, 1, 1], np.float32)
    outside = ((points[:, :2] < 0) | (points[:, :2] > 1)).any(1)
    points[outside & (points[:, 2] >= 0)] = (0.5, 0.5, -2)  # not there: nothing to be learnt but that
    return View(np.asarray(picture, np.uint8), visible, points, axes, head, float(crops.person[row]))


def _piece(crops: Crops, rng: np.random.Generator) -> Picture:
    return crops.pictures[rng.integers(len(crops))]


def _cover(picture: Picture, crops: Crops, rng: np.random.Generator) -> None:
    """Something before the person: a neighbour at the edge, a thing, an arm from the side."""
    side = picture.shape[0]
    kind = rng.random()
    if kind < 0.4:  # a neighbour
        width, down = int(side * rng.uniform(0.1, 0.3)), int(side * rng.uniform(0, 0.4))
        piece = cv2.resize(_piece(crops, rng), (side, side), interpolation=cv2.INTER_AREA)
        start = int(np.clip(side / 2 - width / 2 + rng.normal(0, side * 0.1), 0, side - width))
        at = 0 if rng.random() < 0.5 else side - width
        picture[down:, at : at + width] = piece[: side - down, start : start + width]
    elif kind < 0.7:  # a thing
        w, h = (int(v) for v in rng.uniform(0.06, 0.3, 2) * side)
        x, y = int(rng.uniform(0, side - w)), int(rng.uniform(0.2, 1) * (side - h))
        if rng.random() < 0.5:
            picture[y : y + h, x : x + w] = rng.integers(0, 256, 3)
        else:
            picture[y : y + h, x : x + w] = cv2.resize(_piece(crops, rng), (w, h), interpolation=cv2.INTER_AREA)
    else:  # an arm
        start = np.array([rng.choice([-0.1, 1.1]), rng.uniform(0.1, 1.0)]) * side
        end = start + np.array([np.sign(side / 2 - start[0]), rng.normal(0, 1)]) * side * rng.uniform(0.15, 0.4)
        colour = tuple(int(v) for v in np.clip(rng.normal((110, 130, 170), 50), 0, 255))
        cv2.line(picture, *(tuple(int(v) for v in p) for p in (start, end)), colour, int(side * rng.uniform(0.04, 0.1)))


def _framed(picture: Picture, crops: Crops, rng: np.random.Generator) -> Picture:
    """The crop as a picture on a wall: smaller, paler, with a border, before something else."""
    side = picture.shape[0]
    inner = int(side * rng.uniform(0.45, 0.85))
    small = tinted(cv2.resize(picture, (inner, inner), interpolation=cv2.INTER_AREA), rng, 0.8)
    border = max(1, int(side * rng.uniform(0.01, 0.06)))
    framed = cv2.copyMakeBorder(
        small, *[border] * 4, cv2.BORDER_CONSTANT, value=tuple(int(v) for v in rng.integers(0, 256, 3))
    )
    empty = np.flatnonzero(crops.person == 0)
    wall = crops.pictures[rng.choice(empty)] if len(empty) else np.full((SIDE, SIDE, 3), rng.integers(256), np.uint8)
    out = cv2.resize(wall, (side, side), interpolation=cv2.INTER_AREA)
    size = min(side, framed.shape[0])
    x, y = (int(np.clip((side - size) / 2 + rng.normal(0, 0.05) * side, 0, side - size)) for _ in range(2))
    out[y : y + size, x : x + size] = framed[:size, :size]
    return tinted(out, rng, 0.7)
