"""What a detector takes for people in rendered pictures, and is nobody: what a crop network must tell from people."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from . import labels
from .boxes import Floats
from .crops import SIDE, Crops, Find, kept_square, nobody, stacked
from .geometry import crop

LEAST = 0.05  # likelihood from which a box counts: what the product hands on to the crop network
SHARED = 0.2  # of the smaller of two boxes, that of somebody and one that is nobody's
MOST = 6  # of each picture


def mistakes(folder: Path, find: Find) -> Crops:
    """Squares around boxes that `find` gives in the labelled sets below a folder, and in which is nobody."""
    rows = []
    for picture in labels.pictures(folder):
        image = np.asarray(cv2.imread(str(picture.path)), np.uint8)
        size = np.tile([image.shape[1], image.shape[0]], 2).astype(np.float32)
        people = np.array([p["box"] for p in picture.people], np.float32).reshape(-1, 4) * size
        found = find(image)[:, :4]
        for box in found[shared(found, people) < SHARED][:MOST]:
            left, top, side = kept_square(box)
            rows.append(nobody(crop(image, left, top, side, SIDE), (box - (left, top, left, top)) / side))
    return stacked(rows)


def shared(boxes: Floats, people: Floats) -> Floats:
    """Of each box [n, 4] the most that it has in common with one of the people [m, 4], as a share of the smaller."""
    if not len(people):
        return np.zeros(len(boxes), np.float32)
    low = np.maximum(boxes[:, None, :2], people[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], people[None, :, 2:])
    both = np.prod(np.clip(high - low, 0, None), 2)
    areas = [np.prod(b[:, 2:] - b[:, :2], 1) for b in (boxes, people)]
    return np.asarray((both / np.maximum(np.minimum(areas[0][:, None], areas[1]), 1e-6)).max(1), np.float32)
