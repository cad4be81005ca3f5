"""An annotated picture of a camera's view: people, seats and excluded areas, no face to be recognized in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import BadInput
from .geometry import Box, Polygon
from .picture import Plane
from .places import DOUBLE, find_places
from .survey import Survey

WIDTH = 1280  # pixels: smaller pictures are enlarged to it, so that lines and letters are fine
FACE = 0.5  # upper share of a person's box in which a head may be, leaning or upright
CELLS = 12  # across the height of a box: two or three in a head, from which nobody is known again
FONT = cv2.FONT_HERSHEY_SIMPLEX

Color = tuple[int, int, int]  # BGR


class Mark(Enum):
    """What an outline stands for: its color (BGR), how opaque it is filled, and how thick its line is."""

    SEAT = ((96, 160, 40), 0.12, 2)
    NEW_SEAT = ((210, 130, 30), 0.16, 2)
    PERSON = ((245, 245, 245), 0.0, 1)
    PICTURE = ((50, 50, 220), 0.25, 2)
    EXCLUDED = ((70, 70, 70), 0.5, 1)


@dataclass(frozen=True, slots=True)
class Outline:
    """A polygon (0..1) with what it stands for and a few letters."""

    mark: Mark
    polygon: Polygon
    label: str = ""


def annotated(survey: Survey, outlines: Sequence[Outline], title: str) -> Plane:
    """The survey's picture in BGR, WIDTH pixels wide or more, with outlines and a title below it.

    Heads are made unrecognizable first: of everybody found in this picture, and wherever somebody stayed in others.
    Whoever the model did not find is not among them.
    """
    image = survey.picture.bgr()
    there = [one.box for look in survey.looks if look.utc == survey.picture.utc for one in look.detections]
    for place in find_places(survey.looks):
        if all(place.box.iou(box) < DOUBLE for box in there):
            there.append(place.box)
    for box in there:
        _hide(image, box)
    scale = max(1.0, WIDTH / image.shape[1])
    image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    for one in outlines:
        _outline(image, one)
    for one in outlines:
        _label(image, one)
    return np.vstack([image, _caption(title, image.shape[1])])


def save(image: Plane, folder: Path, name: str) -> Path:
    """Writes a PNG that only its user may read. Raises BadInput where the folder cannot be written."""
    path = folder / f"{name}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(cv2.imencode(".png", image)[1].tobytes())
    except OSError as wrong:
        raise BadInput(f"{path}: cannot be written: {wrong.strerror}") from None
    return path


def _hide(image: Plane, box: Box) -> None:
    """Leaves of the upper part of a person's box a few cells of one color each, drawn softly."""
    rows, columns = image.shape[:2]
    part = Box(box.left, box.top - 0.1 * box.height, box.right, box.top + FACE * box.height).widened(0.15).clipped()
    top, bottom = int(part.top * rows), min(rows, int(part.bottom * rows) + 1)
    left, right = int(part.left * columns), min(columns, int(part.right * columns) + 1)
    cell = max(2.0, box.height * rows / CELLS)
    few = max(1, round((right - left) / cell)), max(1, round((bottom - top) / cell))
    area = image[top:bottom, left:right]
    cells = cv2.resize(cv2.resize(area, few, interpolation=cv2.INTER_AREA), area.shape[1::-1])
    # the edge alone is mixed with what was there, so that no slab stands out of the picture
    inside = np.zeros(area.shape[:2], np.float32)
    edge = max(1, round(cell / 2))
    inside[edge:-edge, edge:-edge] = 1
    share = cv2.blur(inside, (edge, edge), borderType=cv2.BORDER_CONSTANT)[..., None]
    area[:] = np.round(cells * share + area * (1 - share))


def _pixels(image: Plane, polygon: Polygon) -> NDArray[np.int32]:
    rows, columns = image.shape[:2]
    return np.asarray(np.round(np.asarray(polygon) * (columns - 1, rows - 1)), np.int32)


def _outline(image: Plane, one: Outline) -> None:
    color, opacity, thick = one.mark.value
    points = _pixels(image, one.polygon)
    if opacity:
        filled = image.copy()
        cv2.fillPoly(filled, [points], color, cv2.LINE_AA)
        cv2.addWeighted(filled, opacity, image, 1 - opacity, 0, dst=image)
    cv2.polylines(image, [points], isClosed=True, color=color, thickness=thick, lineType=cv2.LINE_AA)


def _label(image: Plane, one: Outline) -> None:
    """On a plate in the outline's color: at the bottom of seats, where desks are, else at the top."""
    if not one.label:
        return
    points = _pixels(image, one.polygon)
    (wide, tall), _ = cv2.getTextSize(one.label, FONT, 0.6, 1)
    left = int(np.clip(points[:, 0].min(), 0, max(0, image.shape[1] - wide - 12)))
    low = one.mark in (Mark.SEAT, Mark.NEW_SEAT)
    base = int(points[:, 1].max()) if low else int(points[:, 1].min()) + tall + 12
    base = int(np.clip(base, tall + 12, image.shape[0]))
    color: Color = one.mark.value[0]
    ink = (30, 30, 30) if sum(color) > 500 else (255, 255, 255)
    cv2.rectangle(image, (left, base - tall - 12), (left + wide + 12, base), color, cv2.FILLED)
    cv2.putText(image, one.label, (left + 6, base - 6), FONT, 0.6, ink, 1, cv2.LINE_AA)


def _caption(title: str, width: int) -> Plane:
    """Rows of light letters on dark, broken where the picture ends."""
    lines, line = [], ""
    for word in title.encode("ascii", "replace").decode().split():
        longer = f"{line} {word}".strip()
        if line and cv2.getTextSize(longer, FONT, 0.6, 1)[0][0] > width - 24:
            lines.append(line)
            longer = word
        line = longer
    lines.append(line)
    bar = np.full((14 + 26 * len(lines), width, 3), 34, np.uint8)
    for number, text in enumerate(lines):
        cv2.putText(bar, text, (12, 26 + 26 * number), FONT, 0.6, (235, 235, 235), 1, cv2.LINE_AA)
    return bar
