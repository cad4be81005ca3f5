"""Pictures of people on walls, told from people by three things together: stillness, a frame, and an impossible size.

Somebody asleep is still too, and somebody before a door has straight edges around; so no one thing makes a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .framing import framed
from .geometry import Box
from .places import Place
from .stillness import hanging
from .survey import Survey

FRAME = 0.75  # of the weakest side of a frame that must show: three quarters
ENOUGH = 3  # pairs of people who move and sit at different distances, from whom the size of a third is known
SPREAD = 0.05  # of the picture's height between the lower edges of two boxes: nearer together they tell no perspective
# Seated people are 1.3 m tall, standing ones up to 1.9 and with a hand raised 2.3; heads on desks halve what shows.
TALL, SHORT = 1.8, 0.4
BEYOND = 1.5  # how far a line is trusted beyond the two that it goes by, as a multiple of what lies between them
AGREE = 0.9  # share of the lines: who leans or stands must not decide


@dataclass(frozen=True, slots=True)
class Judged:
    """A place, and whether it is a picture: None where that cannot be told. `still`: it did not move, others did."""

    place: Place
    picture: bool | None
    still: bool


def judged(survey: Survey, places: Sequence[Place]) -> list[Judged]:
    """Each place, told to be a picture or not.

    A picture does not move while others do, and is framed or of a size that nobody can have there; or, where it cannot
    be told whether it moves, both. Who sits still and is neither is None: asleep, or a picture without a frame.
    """
    flags = hanging(survey, places)
    usual = np.asarray(np.median(survey.views, axis=0), np.uint8)
    moving = [place.box for place, still in zip(places, flags, strict=True) if still is False]
    return [
        Judged(place, _picture(still, usual, place.box, moving), still is True)
        for place, still in zip(places, flags, strict=True)
    ]


def _picture(still: bool | None, usual: NDArray[np.uint8], box: Box, moving: Sequence[Box]) -> bool | None:
    if still is False:
        return False
    signs = (framed(usual, box) >= FRAME, impossible(box, moving) is True)
    return True if (any(signs) if still else all(signs)) else None


def impossible(box: Box, others: Sequence[Box]) -> bool | None:
    """Whether nobody on the floor can have that size there; None where the others do not tell.

    On a level floor a person's height in the picture grows evenly with how low in it they end: both are in proportion
    to 1 / distance. Each two of the others make a line; the size is impossible if nearly all lines agree on it.
    """
    pairs = [(one, two) for one, two in combinations(others, 2) if _tells(box, one, two)]
    if len(pairs) < ENOUGH:
        return None
    usual = np.array([_height_at(box.bottom, *pair) for pair in pairs])
    return bool(max((box.height > TALL * usual).mean(), (box.height < SHORT * usual).mean()) >= AGREE)


def _tells(box: Box, one: Box, two: Box) -> bool:
    """Whether two people are far enough apart in depth, and near enough, to tell the size of a third."""
    apart = abs(one.bottom - two.bottom)
    beyond = min(abs(box.bottom - one.bottom), abs(box.bottom - two.bottom))
    return apart >= SPREAD and beyond <= BEYOND * apart


def _height_at(bottom: float, one: Box, two: Box) -> float:
    """How tall somebody who ends there would be, going by two others."""
    slope = (one.height - two.height) / (one.bottom - two.bottom)
    return one.height + slope * (bottom - one.bottom)
