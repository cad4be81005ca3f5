"""The region of a picture that somebody's movement changes, and how it is pasted into the picture before."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .kinds import Region
from .truth import Placed

SHADOW = 0.22  # of a person's height in the picture: so far around them what they shade is rendered anew, too
SHIFT = 0.06  # the same of somebody who only shifts: their shade stays where it was
SOFT = 0.02  # of the picture's height: so wide is the border over which new goes into old
CUT = 16  # pixels around that are rendered and thrown away: a net that smooths errs at borders


def around(camera: Camera, one: Placed, above: float = 0.0) -> Region | None:
    """The pixels that a person fills, and what they shade near by; None outside of the picture.

    Of somebody who only shifts: what they fill `above` so many metres over the floor.
    """
    points = np.concatenate([p.vertices for p in one.parts])
    at, away = camera.project(points)
    at = at[(away > 0.05) & (points[:, 2] >= above)]
    if not len(at):
        return None
    low, high = at.min(0), at.max(0)
    more = (SHIFT if above else SHADOW) * (high[1] - low[1]) + SOFT * camera.height
    return _inside(camera, (low[0] - more, low[1] - more, high[0] + more, high[1] + more))


def wider(camera: Camera, region: Region) -> Region:
    """The region with the pixels that are thrown away."""
    left, top, right, bottom = region
    return _inside(camera, (left - CUT, top - CUT, right + CUT, bottom + CUT)) or region


def joined(regions: Iterable[Region | None]) -> list[Region]:
    """Regions that do not overlap: those that do become one."""
    out: list[Region] = []
    for region in regions:
        if region is None:
            continue
        one = region
        while near := [other for other in out if _overlap(one, other)]:
            out = [other for other in out if other not in near]
            one = _hull([one, *near])
        out.append(one)
    return sorted(out)


def paste(old: NDArray[np.uint8], new: NDArray[np.uint8], region: Region, place: Region) -> NDArray[np.uint8]:
    """The old picture with a region of the new one, whose pixels lie at `place`; softly, but at its border."""
    left, top, right, bottom = region
    h, w = old.shape[:2]
    soft = max(SOFT * h, 1.0)
    x, y = np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
    far = np.full_like(x, soft), np.full_like(y, soft)
    across = np.minimum(x - left if left else far[0], right - x if right < w else far[0])
    down = np.minimum(y - top if top else far[1], bottom - y if bottom < h else far[1])
    share = np.clip(np.minimum(across[None, :], down[:, None]) / soft, 0, 1)[..., None]
    out = old.copy()
    part = new[top - place[1] : bottom - place[1], left - place[0] : right - place[0]]
    here = out[top:bottom, left:right]
    out[top:bottom, left:right] = (share * part + (1 - share) * here + 0.5).astype(np.uint8)
    return out


def _inside(camera: Camera, sides: tuple[float, float, float, float]) -> Region | None:
    left, top, right, bottom = sides
    out = (
        max(int(np.floor(left)), 0),
        max(int(np.floor(top)), 0),
        min(int(np.ceil(right)), camera.width),
        min(int(np.ceil(bottom)), camera.height),
    )
    return out if out[0] < out[2] and out[1] < out[3] else None


def _overlap(a: Region, b: Region) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _hull(those: list[Region]) -> Region:
    return (
        min(r[0] for r in those),
        min(r[1] for r in those),
        max(r[2] for r in those),
        max(r[3] for r in those),
    )
