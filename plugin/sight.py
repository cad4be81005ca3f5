"""What a camera's pictures say of the camera itself: too dark, covered, turned away, out of focus, always the same.

The figures behind the thresholds stand in plugin/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from .behaviors import CAMERA_COVERED, CAMERA_DARK, CAMERA_FROZEN
from .quality import Quality

DARK = 0.05  # brightness under this shows nothing to a network
UNIFORM = 0.02  # contrast under this, in enough light, is a lens with something on it
SAME_VIEW = 0.4  # cosine of edges; another view, or most of the picture covered, is below
SAME_FOCUS = 0.42  # detail as a share of the usual; out of focus is below
REPEATED = 0.95  # share of cells without any change: the clock that a camera writes into its picture goes on
LEARN = timedelta(minutes=10)  # how slowly the usual view follows: the sun moves, furniture is moved
STEP = timedelta(minutes=1)  # no single picture counts for more than this
# A view that lasts as long as the usual one was known is the usual one from then on; within these bounds.
ADOPT = (timedelta(minutes=5), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Shown:
    """Why a state holds in a picture ("" where it does not), and since which picture."""

    reason: str = ""
    since: datetime | None = None


@dataclass(slots=True)
class _Usual:
    """The usual view of a camera, known from `since` to `until`: its edges as a vector of length 1, and its detail."""

    since: datetime
    until: datetime
    edges: NDArray[np.float32]
    detail: float

    def odd(self, quality: Quality) -> str:
        """How a picture differs from it, "" where it does not."""
        if float(self.edges @ quality.edges()) < SAME_VIEW:
            return "turned away or covered"
        return "out of focus" if quality.detail < SAME_FOCUS * self.detail else ""

    def learn(self, utc: datetime, quality: Quality) -> None:
        """Follows a picture, slowly."""
        passed = min(max(utc - self.until, timedelta(0)), STEP)
        share = np.float32(1 - np.exp(-(passed / LEARN)))
        edges = (1 - share) * self.edges + share * quality.edges()
        self.edges = np.asarray(edges / max(float(np.linalg.norm(edges)), 1e-6), np.float32)
        self.detail += float(share) * (quality.detail - self.detail)
        self.until = utc

    @property
    def lasting(self) -> timedelta:
        """How long another view must last to take its place."""
        return min(max(self.until - self.since, ADOPT[0]), ADOPT[1])


@dataclass(slots=True)
class Sight:
    """Judges one camera's pictures in order. A recording may repeat a picture: with `live` False it is never frozen."""

    live: bool
    _usual: _Usual | None = None
    _odd: datetime | None = None  # since when the view is not the usual one
    _anchor: tuple[datetime, Quality] | None = None  # the first picture of those that are all the same

    def judge(self, utc: datetime, quality: Quality) -> dict[str, Shown]:
        """What a picture shows, by health state."""
        dark = quality.brightness < DARK
        uniform = quality.contrast < UNIFORM
        nothing = dark or uniform  # black is black: no noise need be left in it, and it is no view to compare
        return {
            CAMERA_DARK: Shown(f"brightness {quality.brightness:.0%}" if dark else ""),
            CAMERA_COVERED: Shown(self._covered(utc, quality, uniform=uniform) if not dark else ""),
            CAMERA_FROZEN: self._frozen(utc, quality) if self.live and not nothing else Shown(),
        }

    def _covered(self, utc: datetime, quality: Quality, *, uniform: bool) -> str:
        if uniform:
            return "covered"
        odd = self._usual.odd(quality) if self._usual else ""
        self._odd = (self._odd or utc) if odd else None
        if self._usual is None or (self._odd is not None and utc - self._odd >= self._usual.lasting):
            self._usual, self._odd = _Usual(utc, utc, quality.edges(), quality.detail), None
            return ""
        if not odd:
            self._usual.learn(utc, quality)
        return odd

    def _frozen(self, utc: datetime, quality: Quality) -> Shown:
        if self._anchor is None or quality.repeated(self._anchor[1]) < REPEATED:
            self._anchor = utc, quality
            return Shown()
        return Shown("the same picture again and again", self._anchor[0])
