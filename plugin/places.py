"""Places: where people stay in a survey's pictures, told apart from those who pass by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from .detection import Detection
from .geometry import Box
from .survey import Look

SAME = 0.4  # intersection over union from which a box is the same person's as before: half a box's width moved is 0.33
DOUBLE = 0.6  # two boxes of one picture that agree more than this are one person found twice
ENOUGH = 0.25  # share of the pictures in which somebody who stays is found: half are missed, half come late
STAYS = 0.5  # of a box's width: who is farther from where they began was on the way
NEVER = 0.1  # two places whose people are seen together in less than this share of their pictures may be one

Sighting = tuple[int, Detection]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that somebody stayed: which looks (by number) showed them, and what of."""

    sightings: tuple[Sighting, ...]
    box: Box  # the median of each edge

    @property
    def seen(self) -> frozenset[int]:
        """Numbers of the looks in which somebody was found here."""
        return frozenset(number for number, _ in self.sightings)

    def likely(self, axis: str, value: str) -> float:
        """Mean probability of a value, over the sightings."""
        return fmean(one.axes.get(axis, {}).get(value, 0.0) for _, one in self.sightings)

    def told(self, axis: str) -> float:
        """How much the model told of an axis at all, 0..1."""
        return fmean(min(1.0, sum(one.axes.get(axis, {}).values())) for _, one in self.sightings)

    @property
    def stands(self) -> bool:
        """Whether the person here mostly stood: nobody who sits."""
        return self.likely("posture", "standing") >= 0.5


def middle(boxes: Iterable[Box]) -> Box:
    """The median of each edge: who leans or stands up for a while does not move it."""
    every = list(boxes)
    return Box(
        median(box.left for box in every),
        median(box.top for box in every),
        median(box.right for box in every),
        median(box.bottom for box in every),
    )


def single(detections: Sequence[Detection]) -> list[Detection]:
    """The detections of one picture, each person once."""
    kept: list[Detection] = []
    for one in sorted(detections, key=lambda each: -each.likelihood):
        if all(one.box.iou(other.box) < DOUBLE for other in kept):
            kept.append(one)
    return kept


def overlaps(some: Sequence[Box], others: Sequence[Box]) -> NDArray[np.float64]:
    """Intersection over union of each box with each other one, (some, others)."""
    a, b = (
        np.array([(one.left, one.top, one.right, one.bottom, one.area) for one in boxes]).reshape(-1, 5)
        for boxes in (some, others)
    )
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    both = np.clip(high - low, 0, None).prod(axis=2)
    return np.asarray(both / np.maximum(a[:, None, 4] + b[None, :, 4] - both, 1e-12), np.float64)


def matched(boxes: Mapping[int, Box], found: Sequence[Detection], least: float = SAME) -> dict[int, int]:
    """Which detection (by number) is at which place, best fits first and each once."""
    places = list(boxes)
    fits = overlaps(list(boxes.values()), [one.box for one in found])
    rows, columns = np.nonzero(fits >= least)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for at in np.argsort(-fits[rows, columns], kind="stable"):
        place, number = places[rows[at]], int(columns[at])
        if place not in pairs and number not in taken:
            pairs[place] = number
            taken.add(number)
    return pairs


def find_places(looks: Sequence[Look]) -> tuple[Place, ...]:
    """The places where people stayed in a camera's pictures, in no particular order.

    People are followed by their boxes alone: first from picture to picture, then all of them again by where each
    place lies on the whole, so that the order in which people come plays no part.
    """
    found = [single(look.detections) for look in looks]
    groups = _followed(found)
    for _ in range(2):
        groups = _merged([group for group in groups if len(group) >= ENOUGH * len(looks)])
        boxes = {number: middle(one.box for _, one in group) for number, group in enumerate(groups)}
        groups = _gathered(found, boxes)
    places = [Place(tuple(group), middle(one.box for _, one in group)) for group in groups if group]
    return tuple(place for place in places if len(place.sightings) >= ENOUGH * len(looks) and _stayed(place))


def _followed(found: Sequence[Sequence[Detection]]) -> list[list[Sighting]]:
    """Groups of sightings, each detection given to the nearest box lately seen."""
    groups: list[list[Sighting]] = []
    for number, detections in enumerate(found):
        boxes = {at: group[-1][1].box for at, group in enumerate(groups)}
        pairs = matched(boxes, detections)
        for at, which in pairs.items():
            groups[at].append((number, detections[which]))
        new = set(range(len(detections))) - set(pairs.values())
        groups += [[(number, detections[which])] for which in sorted(new)]
    return groups


def _gathered(found: Sequence[Sequence[Detection]], boxes: Mapping[int, Box]) -> list[list[Sighting]]:
    groups: list[list[Sighting]] = [[] for _ in boxes]
    for number, detections in enumerate(found):
        for at, which in matched(boxes, detections).items():
            groups[at].append((number, detections[which]))
    return groups


def _merged(groups: list[list[Sighting]]) -> list[list[Sighting]]:
    """Groups that lie over each other and are never seen together are one person's: sitting and leaning, say."""
    kept: list[list[Sighting]] = []
    for group in sorted(groups, key=len, reverse=True):
        box, seen = middle(one.box for _, one in group), {number for number, _ in group}
        for other in kept:
            together = len(seen & {number for number, _ in other}) / len(seen)
            if together < NEVER and box.iou(middle(one.box for _, one in other)) >= SAME:
                other.extend(group)
                other.sort(key=lambda sighting: sighting[0])
                break
        else:
            kept.append(list(group))
    return kept


def _stayed(place: Place) -> bool:
    """Whether the person was in the end about where they were in the beginning."""
    third = max(1, len(place.sightings) // 3)
    first, last = (middle(one.box for _, one in part) for part in (place.sightings[:third], place.sightings[-third:]))
    across = abs(first.center[0] - last.center[0]) / max(first.width, last.width, 1e-6)
    return across <= STAYS and max(first.area, last.area) <= 2 * min(first.area, last.area)
