"""How much of each person others or the picture's edge hide, as far as boxes can tell.

A network's box goes around the whole person as it takes them to be, also behind a desk or a neighbor; it ends where
the picture does. So a nearer box that covers the head and body of another hides it, and a box that ends at the edge
is compared with what its neighbors would measure there. Desks, bags and screens in front of people make no boxes:
what they hide is not told; nor who is hidden so far that nobody is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from .geometry import Box

EDGE = 0.005  # a box this near to the picture's edge goes on outside of it
BODY = 0.6  # upper share of a box: head and body; legs are behind desks and count for nothing
SPREAD = 0.03  # of the picture's height between the tops of boxes: nearer together they say nothing of perspective


def hidden_shares(boxes: Sequence[Box], aspect: float) -> list[float | None]:
    """Hidden share of each person, 0..1; None for who is cut by the edge where nothing tells how large they are.

    `aspect` is the picture's width over its height.
    """
    whole = [box for box in boxes if not _cut(box)]
    shares: list[float | None] = []
    for box in boxes:
        outside = _outside(box, whole, aspect)
        shares.append(None if outside is None else max(outside, _covered(box, boxes)))
    return shares


def _cut(box: Box) -> bool:
    return box.left <= EDGE or box.right >= 1 - EDGE or box.top <= EDGE or box.bottom >= 1 - EDGE


def _body(box: Box) -> Box:
    return replace(box, bottom=box.top + BODY * box.height)


def _covered(box: Box, boxes: Sequence[Box]) -> float:
    """Largest share of a person's head and body that the one box of somebody nearer covers.

    Nearer is whose box ends lower in the picture; the shoulders of boxes are air, so the covering one is narrowed.
    """
    body = _body(box)
    return max(
        (
            body.intersection(other.widened(-0.1)) / body.area
            for other in boxes
            if other is not box and other.bottom > box.bottom and body.area > 0
        ),
        default=0.0,
    )


def _outside(box: Box, whole: Sequence[Box], aspect: float) -> float | None:
    """Share of a person beyond the picture's edge: of the height where it cuts below, of the width at a side."""
    if not _cut(box):
        return 0.0
    if not whole:
        return None
    beyond = 0.0
    if box.bottom >= 1 - EDGE or box.top <= EDGE:
        # the lower part of a box is legs behind a desk: hidden is what is missing of head and body
        usual = _height_at(box, whole) * BODY
        beyond = max(beyond, 1 - min(1.0, box.height / usual))
    if box.left <= EDGE or box.right >= 1 - EDGE:
        slim = median(one.width * aspect / one.height for one in whole)
        height = box.height if box.bottom < 1 - EDGE else _height_at(box, whole)
        beyond = max(beyond, 1 - min(1.0, box.width * aspect / (slim * height)))
    return beyond


def _height_at(box: Box, whole: Sequence[Box]) -> float:
    """How tall the others would be there: on a level floor, height grows evenly with the height of the head's place.

    Both the top of a box and its height are in proportion to 1 / distance, so one is a straight line of the other.
    """
    tops, heights = [one.top for one in whole], [one.height for one in whole]
    if len(whole) < 2 or max(tops) - min(tops) < SPREAD:
        return median(heights)
    slope, start = np.polyfit(tops, heights, 1)
    return float(min(max(start + slope * box.top, min(heights)), 2 * max(heights)))
