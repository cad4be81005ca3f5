"""Crops of people as they are kept in memory: a wider square than a network sees, so that it can be moved about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from . import labels
from .axes import AXES, POINTS
from .boxes import iou
from .geometry import MARGIN, crop
from .labels import UNKNOWN

SIDE = 160  # pixels of a kept square
WIDER = 1.3  # than the square that a network sees
NOTHING = 3  # squares without a person that are kept of each picture
SAME = 0.3  # least overlap of a detector's box with the labels' of the same person

Find = Callable[
    [NDArray[np.uint8]], NDArray[np.float32]
]  # from a picture BGR to boxes [n, 5] in its pixels, and scores


@dataclass(frozen=True)
class Crops:
    """Kept squares and what is known of them; n of each."""

    pictures: NDArray[np.uint8]  # [n, SIDE, SIDE, 3] BGR
    boxes: NDArray[np.float32]  # [n, 4] left, top, right, bottom as shares of the square
    visible: NDArray[np.float32]  # [n, 4] the same of what is visible of the person; NaN: not to be learnt
    points: NDArray[
        np.float32
    ]  # [n, 17, 3] x, y as shares of the square; how sure they are there; < 0: not to be learnt
    axes: NDArray[np.int64]  # [n, 4] numbers of values, UNKNOWN
    head: NDArray[np.float32]  # [n, 5] sine and cosine of yaw and pitch, known
    person: NDArray[np.float32]  # [n] 1 for a live person, 0 for anything else
    groups: NDArray[np.str_]  # [n] "skin=dark glasses=yes distance=far"

    def __len__(self) -> int:
        return len(self.pictures)

    def some(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Crops:
        """These rows alone."""
        return Crops(*(getattr(self, f.name)[rows] for f in fields(self)))


def joined(parts: Sequence[Crops]) -> Crops:
    """All rows of several."""
    return Crops(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Crops)))


def kept_square(box: NDArray[np.float32]) -> tuple[float, float, float]:
    """Left, top and side of the kept square around a box in pixels."""
    side = MARGIN * WIDER * float(max(box[2] - box[0], box[3] - box[1]))
    return float(box[0] + box[2] - side) / 2, float(box[1] + box[3] - side) / 2, side


def rendered(folder: Path, seed: int) -> Crops:
    """Everybody in the labelled sets below a folder who is not marked difficult, and squares without anybody."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for picture in labels.pictures(folder):
        image, boxes = _seen(picture)
        rows += [
            _somebody(image, picture, person, box, box)
            for person, box in zip(picture.people, boxes, strict=True)
            if _told(person, box)
        ]
        for box in empty_boxes(boxes, image.shape[1], image.shape[0], rng):
            left, top, side = kept_square(box)
            rows.append(nobody(crop(image, left, top, side, SIDE), (box - (left, top, left, top)) / side))
    return stacked(rows)


def found(folder: Path, find: Find) -> Crops:
    """The same people once more, in the boxes that a detector gives them; those whom it finds.

    Its boxes differ from the labels' where behavior shows: an arm in the air is left out, legs below a desk are not.
    """
    rows: list[tuple[object, ...]] = []
    for picture in labels.pictures(folder):
        image, boxes = _seen(picture)
        given = find(image)[:, :4]
        overlap = iou(boxes, given)
        while overlap.size and overlap.max() >= SAME:
            i, j = np.unravel_index(int(overlap.argmax()), overlap.shape)
            if _told(picture.people[i], given[j]):
                rows.append(_somebody(image, picture, picture.people[i], given[j], boxes[i]))
            overlap[i], overlap[:, j] = 0, 0
    return stacked(rows)


def _seen(picture: labels.Picture) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The picture BGR, and the labels' boxes in its pixels."""
    image = np.asarray(cv2.imread(str(picture.path)), np.uint8)
    scale = np.tile(np.array([image.shape[1], image.shape[0]], np.float32), 2)
    return image, np.array([p["box"] for p in picture.people], np.float32).reshape(-1, 4) * scale


def _told(person: Mapping[str, Any], box: NDArray[np.float32]) -> bool:
    """Whether there is enough to be seen of somebody."""
    return not person.get("difficult") and min(box[2] - box[0], box[3] - box[1]) >= 8


def _somebody(
    image: NDArray[np.uint8],
    picture: labels.Picture,
    person: Mapping[str, Any],
    box: NDArray[np.float32],
    visible: NDArray[np.float32],
) -> tuple[object, ...]:
    """A row of somebody in a box, of whom so much is visible."""
    scale = np.array([image.shape[1], image.shape[0]], np.float32)
    left, top, side = kept_square(box)
    points = labels.points(person)
    points[:, :2] = (points[:, :2] * scale - (left, top)) / side
    sure = np.select([points[:, 2] == 2, points[:, 2] == 1], [1.0, 0.0], -1.0)
    groups = {**picture.groups, **person.get("groups", {}), "distance": labels.distance(person)}
    return (
        crop(image, left, top, side, SIDE),
        (box - (left, top, left, top)) / side,
        (visible - (left, top, left, top)) / side,
        np.c_[points[:, :2], sure],
        labels.axes(person),
        labels.head(person),
        1.0,
        " ".join(f"{k}={v}" for k, v in sorted(groups.items())),
    )


def nobody(picture: NDArray[np.uint8], box: NDArray[np.float32]) -> tuple[object, ...]:
    """A row of a square in whose middle is no live person."""
    return (
        picture,
        box,
        np.full(4, np.nan),
        np.c_[np.full((POINTS, 2), 0.5), np.full(POINTS, -1.0)],
        [UNKNOWN] * len(AXES),
        np.zeros(5, np.float32),
        0.0,
        "",
    )


def empty_boxes(
    people: NDArray[np.float32], width: int, height: int, rng: np.random.Generator, count: int = NOTHING
) -> list[NDArray[np.float32]]:
    """Boxes of people's shape at places where hardly any of a person is."""
    found: list[NDArray[np.float32]] = []
    for _ in range(20 * count):
        tall = float(np.exp(rng.uniform(np.log(0.08), np.log(0.6)))) * height
        size = np.array([tall * rng.uniform(0.4, 1.3), tall])
        middle = rng.uniform(0, 1, 2) * (width, height)
        box = np.concatenate([middle - size / 2, middle + size / 2]).astype(np.float32)
        if not len(people) or iou(box[None], people).max() < 0.08:
            found.append(box)
        if len(found) == count:
            break
    return found


def stacked(rows: Iterable[tuple[object, ...]]) -> Crops:
    """Crops from rows, each with a value per field."""
    columns = list(zip(*rows, strict=True)) or [()] * len(fields(Crops))
    kinds = (np.uint8, np.float32, np.float32, np.float32, np.int64, np.float32, np.float32, np.str_)
    return Crops(*(np.array(c, k) for c, k in zip(columns, kinds, strict=True)))
