"""Tells pictures of people from people: what hangs on a wall does not move more than the wall does."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import Box
from .places import Place
from .survey import SCALE, Survey

SWAY = 1 / 45  # of a box's height, about 3 cm: somebody who sits moves that much in a minute
LEAST = 4  # views: fewer are too short a look
STILL = 3.0  # times what the wall does: the wall itself is 1, and a picture on it hardly more
BUSY = 0.9  # quantile within a place: somebody who sits moves the edges of head and hands, not all of themselves
QUIET = 0.3  # luma that rounding to whole numbers alone may change, of 255
BLUR = 1.0  # pixels; takes noise away, and leaves what moves by a pixel
BODY = 0.6  # upper share of a box that holds head and arms of somebody behind a desk

Floats = NDArray[np.float32]


def hanging(survey: Survey, places: Sequence[Place]) -> list[bool | None]:
    """For each place whether it is a picture: it does not move, while somebody else does.

    None where it cannot be told: nothing moves at all (a still, or nobody but pictures), or too few views show it.
    A screen that plays a film moves as people do, and is not told from them.
    """
    moves = restlessness(survey, places)
    alive = any(one is not None and one >= STILL for one in moves)
    return [None if one is None or not (alive or one >= STILL) else one < STILL for one in moves]


def restlessness(survey: Survey, places: Sequence[Place]) -> list[float | None]:
    """How much more each place changes from view to view than the rest of the picture: about 1 for what hangs still.

    Noise, compression and a shaking mount change edges more than plain walls, so each pixel is compared with pixels
    outside of all places whose gradient is alike. A change of light alone is taken out. None for
    fewer than four views, or where there is nothing around to compare with; and where a place changes little but could
    not change much: too small, too dark, too noisy or too shaky for somebody's small movements to show.
    """
    if len(survey.views) < LEAST:
        return [None] * len(places)
    views = np.stack([_smooth(view) for view in survey.views])
    views -= np.median(views, axis=(1, 2), keepdims=True)
    usual = np.asarray(np.median(views, axis=0), np.float32)
    gradient: Floats = np.asarray(np.hypot(_slope(usual, 1, 0), _slope(usual, 0, 1)), np.float32)
    outside = _outside(survey)
    if outside.sum() < 0.05 * outside.size:
        return [None] * len(places)
    known = _expected(np.abs(views - usual).mean(axis=0)[outside], gradient[outside])
    return [_restlessness(survey, place, views, gradient, known) for place in places]


def _smooth(view: NDArray[np.uint8]) -> Floats:
    return np.asarray(cv2.GaussianBlur(view.astype(np.float32), (0, 0), BLUR), np.float32)


def _slope(view: Floats, x: int, y: int) -> Floats:
    return np.asarray(cv2.Sobel(view, cv2.CV_32F, x, y) / 8, np.float32)  # per pixel


def window(box: Box) -> tuple[slice, slice]:
    """Rows and columns of a view that show a person's head and arms."""
    columns, rows = SCALE
    top, left = int(box.top * rows), int(box.left * columns)
    return (
        slice(top, max(top + 1, round((box.top + BODY * box.height) * rows))),
        slice(left, max(left + 1, round(box.right * columns))),
    )


def _outside(survey: Survey) -> NDArray[np.bool_]:
    """Where no look found anybody."""
    free = np.ones(SCALE[::-1], np.bool_)
    for look in survey.looks:
        for one in look.detections:
            box = one.box.widened(0.2)
            rows = slice(max(0, int(box.top * SCALE[1]) - 4), int(box.bottom * SCALE[1]) + 5)
            free[rows, max(0, int(box.left * SCALE[0])) : int(box.right * SCALE[0]) + 1] = False
    return free


def _expected(change: Floats, gradient: Floats) -> tuple[Floats, Floats]:
    """Gradients, rising, and how much a pixel of each usually changes where nobody is."""
    edges = np.quantile(gradient, np.linspace(0, 1, 17))
    bins = np.clip(np.searchsorted(edges, gradient, side="right") - 1, 0, 15)
    middles, medians = [], []
    for number in range(16):
        chosen = bins == number
        if chosen.any():
            middles.append(float(np.median(gradient[chosen])))
            medians.append(float(np.median(change[chosen])))
    return np.asarray(middles, np.float32), np.maximum(np.asarray(medians, np.float32), QUIET)


def _restlessness(
    survey: Survey, place: Place, views: Floats, gradient: Floats, known: tuple[Floats, Floats]
) -> float | None:
    """Views that do not show the person, because somebody passes before them say, count for nothing where others do."""
    shown = [at for at, number in enumerate(survey.viewed) if number in place.seen]
    if len(shown) < LEAST:
        shown = list(range(len(survey.viewed)))
    part = window(place.box)
    seen = views[np.asarray(shown)][:, part[0], part[1]]
    change = np.abs(seen - np.median(seen, axis=0)).mean(axis=0)
    steeper = np.maximum(gradient[part] / max(known[0][-1], 1e-6), 1.0)  # beyond what the rest has, as steep as it is
    expected = np.interp(gradient[part], *known) * steeper
    found = float(np.quantile(change / expected, BUSY))
    # an edge that goes to and fro by d pixels changes by about 0.4 d times its gradient, on average
    sway = 0.4 * SWAY * place.box.height * SCALE[1] * gradient[part]
    return found if found >= STILL or np.quantile(sway / expected, BUSY) >= STILL else None
