"""Who is who: detections and labelled people of one picture brought together, as COCO does it.

Detections choose in order of likelihood; each takes the free person with whom it overlaps most, at least by the
threshold. Difficult people and ignored areas are what COCO calls crowds: a detection that found nobody else, and most
of which lies there, is neither right nor wrong (overlap = intersection / area of the detection), as often as it likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeroom.detection import Detection
from homeroom.geometry import Box, contains, share_inside

from .labels import LabelledPicture, Person, corners

Floats = NDArray[np.float64]

FOUND = 0.5  # IoU from which a detection is the person
HEAD = "head"  # matched by the head: networks that box the body through the desk agree with no visible box
IOU = "iou"


@dataclass(frozen=True, slots=True)
class Match:
    """Detections of one picture, likeliest first: the person each found (-1: nobody), and whether it is not scored.

    `detections` are indices into the outcome's, `people` into the picture's; `scored` are people who must be found.
    """

    detections: tuple[int, ...]
    people: tuple[int, ...]
    ignored: tuple[bool, ...]
    scored: tuple[int, ...]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """(person, detection) of those found."""
        return [(person, one) for one, person in zip(self.detections, self.people, strict=True) if person >= 0]

    @property
    def false(self) -> list[int]:
        """Detections that are nobody, where that is wrong."""
        each = zip(self.detections, self.people, self.ignored, strict=True)
        return [one for one, person, ignored in each if person < 0 and not ignored]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Of one picture: detections' order and likelihoods, and how far each is each scored person or a crowd."""

    order: tuple[int, ...]
    likelihoods: Floats
    scored: tuple[int, ...]
    people: Floats  # (detections, scored people)
    crowds: Floats  # (detections,): the most that lies in one difficult person or ignored area


def overlaps(picture: LabelledPicture, detections: Sequence[Detection], by: str = IOU) -> Overlaps:
    """How everything in a picture overlaps; `by` is how a person is told: by IOU of boxes or by HEAD."""
    order = sorted(range(len(detections)), key=lambda index: -detections[index].likelihood)
    found = [detections[index] for index in order]
    scored = tuple(index for index, one in enumerate(picture.people) if must_be_found(picture, one))
    must = [picture.people[index] for index in scored]
    others = [one for index, one in enumerate(picture.people) if index not in scored]
    boxes = _array([one.box for one in found])
    if by == HEAD:
        people, crowds = _heads(boxes, must), _heads(boxes, others)
    else:
        people, crowds = iou(boxes, _array([one.box for one in must])), _covered(boxes, [one.box for one in others])
    return Overlaps(
        order=tuple(order),
        likelihoods=np.array([one.likelihood for one in found], np.float64),
        scored=scored,
        people=people,
        crowds=np.maximum(crowds.max(axis=1, initial=0.0), _ignored(picture, found)),
    )


def must_be_found(picture: LabelledPicture, person: Person) -> bool:
    """Whether missing this person is wrong: not difficult, and in no ignored area."""
    return not person.difficult and not any(contains(area, person.box.center) for area in picture.ignore)


def matched(over: Overlaps, threshold: float = FOUND) -> Match:
    """The detections with the people they found at a threshold."""
    free = np.ones(len(over.scored), bool)
    people, ignored = [], []
    for row, crowd in zip(over.people, over.crowds, strict=True):
        fits = np.where(free & (row >= min(threshold, 1 - 1e-10)), row, -1.0)
        # of two that overlap alike the later one, as in COCO's own evaluation
        best = len(fits) - 1 - int(np.argmax(fits[::-1])) if len(fits) else -1
        found = best >= 0 and fits[best] >= 0
        if found:
            free[best] = False
        people.append(over.scored[best] if found else -1)
        ignored.append(not found and bool(crowd >= min(threshold, 1 - 1e-10)))
    return Match(over.order, tuple(people), tuple(ignored), over.scored)


def _array(boxes: Sequence[Box]) -> Floats:
    return np.array([corners(box) for box in boxes], np.float64).reshape(-1, 4)


def _intersections(one: Floats, other: Floats) -> Floats:
    sides = np.minimum(one[:, None, 2:], other[None, :, 2:]) - np.maximum(one[:, None, :2], other[None, :, :2])
    return np.asarray(np.clip(sides, 0, None).prod(axis=2), np.float64)


def _areas(boxes: Floats) -> Floats:
    return np.asarray(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1), np.float64)


def iou(one: Floats, other: Floats) -> Floats:
    """Intersection over union of boxes (n, 4) and (m, 4), each left, top, right, bottom: (n, m)."""
    both = _intersections(one, other)
    union = _areas(one)[:, None] + _areas(other)[None, :] - both
    return np.asarray(np.divide(both, union, out=np.zeros_like(both), where=union > 0), np.float64)


def _covered(boxes: Floats, crowds: Sequence[Box]) -> Floats:
    """The share of each box that lies in each of the crowds."""
    both, whole = _intersections(boxes, _array(crowds)), _areas(boxes)[:, None]
    return np.asarray(np.divide(both, whole, out=np.zeros_like(both), where=whole > 0), np.float64)


def _ignored(picture: LabelledPicture, found: Sequence[Detection]) -> Floats:
    shares = [max((share_inside(one.box, area) for area in picture.ignore), default=0.0) for one in found]
    return np.array(shares, np.float64)


def _heads(boxes: Floats, people: Sequence[Person]) -> Floats:
    """1 minus the distance of a detection's upper middle from the head, where the box holds the head; else 0.

    A head is taken to be in the upper third of its body's box; so of two boxes around one head the one whose body it
    crowns comes first. Shares of the box's own sides, so that near and far people count alike. Without a labelled head
    the visible box's upper middle stands for it.
    """
    made = np.zeros((len(boxes), len(people)))
    for column, person in enumerate(people):
        x, y = person.head or (person.box.center[0], person.box.top + person.box.height / 6)
        for row, (left, top, right, bottom) in enumerate(boxes.tolist()):
            if left <= x <= right and top <= y <= bottom and right > left and bottom > top:
                aside = abs(x - (left + right) / 2) / (right - left)
                below = max(0.0, (y - top) / (bottom - top) - 1 / 3)
                made[row, column] = 1 - (aside**2 + below**2) ** 0.5 / 2
    return made
