"""Endless pictures from few: what a student sees of recordings and renders while it learns a teacher's features.

Crops at any scale, turned and mirrored; mosaics; people set before other backgrounds; shapes filled with pieces of
pictures. The teacher answers for each as it comes out, so nothing has to be true about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import GREY
from .light import tinted, worn

Picture = NDArray[np.uint8]
Boxes = NDArray[np.float32]  # [n, 4 or more]: left, top, right, bottom in pixels


@dataclass(frozen=True)
class Shown:
    """A picture, and people in it."""

    picture: Picture
    people: Boxes


class Patches:
    """Draws patches from groups of pictures; each group weighs as told, however many pictures it has."""

    def __init__(self, groups: Sequence[Sequence[Shown]], weights: Sequence[float]) -> None:
        """`weights`: one per group, any sum."""
        self._groups = groups
        self._share = np.array(weights, float) / np.sum(weights)
        self._peopled = [[s for s in group if len(s.people)] for group in groups]
        share = self._share * [bool(p) for p in self._peopled]
        self._people_share = share / share.sum()

    def __call__(self, rng: np.random.Generator, height: int, width: int) -> Picture:
        """One patch of this size."""
        kind = rng.random()
        if kind < 0.2:
            out = self._mosaic(rng, height, width)
        elif kind < 0.35:
            out = self._shapes(rng, height, width)
        else:
            out = self._crop(rng, height, width)
        if rng.random() < 0.55:
            for _ in range(int(rng.integers(1, 6))):
                self._add_person(rng, out)
        if rng.random() < 0.9:
            out = tinted(out, rng)
        return worn(out, rng)

    def zoomed(self, rng: np.random.Generator, size: int) -> Picture:
        """A square around a person, or around anything, as a crop network sees it."""
        if rng.random() < 0.15:
            return self(rng, size, size)
        shown, box = self._somebody(rng)
        width, height = box[2] - box[0], box[3] - box[1]
        side = float(max(width, height) * np.exp(rng.normal(0.2, 0.28)))
        if rng.random() < 0.3:  # the upper body, as above a desk
            side, height = float(width * rng.uniform(1.0, 1.8)), width
        x, y = (box[0] + box[2]) / 2 + rng.normal(0, 0.12) * side, box[1] + height / 2 + rng.normal(0, 0.12) * side
        out = _view(shown.picture, rng, x, y, side, size, size)
        if rng.random() < 0.35:
            self._add_person(rng, out)
        if rng.random() < 0.2:
            self._add_shape(rng, out)
        if rng.random() < 0.9:
            out = tinted(out, rng)
        return worn(out, rng)

    def _any(self, rng: np.random.Generator) -> Shown:
        group = self._groups[rng.choice(len(self._groups), p=self._share)]
        return group[rng.integers(len(group))]

    def _somebody(self, rng: np.random.Generator) -> tuple[Shown, Boxes]:
        group = self._peopled[rng.choice(len(self._groups), p=self._people_share)]
        shown = group[rng.integers(len(group))]
        return shown, shown.people[rng.integers(len(shown.people))]

    def _crop(self, rng: np.random.Generator, height: int, width: int) -> Picture:
        shown = self._any(rng)
        h, w = shown.picture.shape[:2]
        side = float(w * np.exp(rng.uniform(np.log(0.25), np.log(1.6))))  # of the patch's width, in picture pixels
        if len(shown.people) and rng.random() < 0.5:
            box = shown.people[rng.integers(len(shown.people))]
            x, y = (box[:2] + box[2:4]) / 2 + rng.normal(0, 0.25, 2) * side
        else:
            x, y = rng.uniform(0, w), rng.uniform(0, h)
        return _view(shown.picture, rng, x, y, side, height, width)

    def _mosaic(self, rng: np.random.Generator, height: int, width: int) -> Picture:
        out = np.empty((height, width, 3), np.uint8)
        y, x = int(height * rng.uniform(0.25, 0.75)), int(width * rng.uniform(0.25, 0.75))
        for rows in (slice(0, y), slice(y, height)):
            for columns in (slice(0, x), slice(x, width)):
                part = out[rows, columns]
                part[:] = tinted(self._crop(rng, part.shape[0], part.shape[1]), rng, 0.7)
        return out

    def _shapes(self, rng: np.random.Generator, height: int, width: int) -> Picture:
        if rng.random() < 0.5:
            out = self._crop(rng, height, width)
        else:
            out = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
            out = cv2.addWeighted(
                out, 0.6, cv2.resize(rng.integers(0, 256, (2, 3, 3)).astype(np.uint8), (width, height)), 0.4, 0
            )
        for _ in range(int(rng.integers(3, 25))):
            self._add_shape(rng, out)
        return np.asarray(out, np.uint8)

    def _add_shape(self, rng: np.random.Generator, out: Picture) -> None:
        """A polygon or ellipse, one colour or filled with a piece of a picture."""
        height, width = out.shape[:2]
        size = float(np.exp(rng.uniform(np.log(0.04), np.log(0.5)))) * min(height, width)
        middle = rng.uniform(0, 1, 2) * (width, height)
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 9))))
        radii = rng.uniform(0.4, 1.2, (len(angles), 1)) if rng.random() < 0.6 else np.ones((len(angles), 1))
        stretch = np.exp(rng.normal(0, 0.5, 2))
        points = middle + size * radii * np.stack([np.cos(angles), np.sin(angles)], 1) * stretch
        mask = np.zeros((height, width), np.uint8)
        if rng.random() < 0.3:
            axes = tuple(int(max(1, v)) for v in size * stretch)
            cv2.ellipse(mask, tuple(int(v) for v in middle), axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        else:
            cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 255, cv2.LINE_AA)
        x, y, w, h = cv2.boundingRect(mask)
        if w < 3 or h < 3:
            return
        filled = self._crop(rng, h, w) if rng.random() < 0.6 else np.full((h, w, 3), rng.integers(0, 256, 3), np.uint8)
        _blend(out, tinted(filled, rng, 0.7), mask[y : y + h, x : x + w], x, y)

    def _add_person(self, rng: np.random.Generator, out: Picture) -> None:
        """Somebody cut out of their picture with soft edges, at any size, anywhere."""
        shown, box = self._somebody(rng)
        left, top, right, bottom = (int(v) for v in (*np.maximum(box[:2], 0), *box[2:4]))
        part = shown.picture[top:bottom, left:right]
        if min(part.shape[:2]) < 12:
            return
        if rng.random() < 0.3:
            part = part[: max(12, int(len(part) * rng.uniform(0.4, 0.9)))]  # the rest is behind something
        height = float(np.exp(rng.uniform(np.log(0.12), np.log(0.9)))) * out.shape[0]
        scale = height / part.shape[0]
        w, h = max(8, int(part.shape[1] * scale)), max(8, int(height))
        part = cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        if rng.random() < 0.5:
            part = part[:, ::-1]
        mask = np.zeros((h, w), np.uint8)
        soft = rng.uniform(0.02, 0.16)
        cv2.rectangle(mask, (int(w * soft), int(h * soft)), (int(w * (1 - soft)), h), 255, -1)
        mask = cv2.GaussianBlur(mask, (0, 0), max(0.5, min(w, h) * soft / 2))
        x, y = int(rng.uniform(-0.3, 0.95) * out.shape[1]), int(rng.uniform(-0.2, 0.9) * out.shape[0])
        _blend(out, tinted(np.ascontiguousarray(part), rng, 0.5), mask, x, y)


def _view(
    picture: Picture, rng: np.random.Generator, x: float, y: float, side: float, height: int, width: int
) -> Picture:
    """`side` pixels of the picture around x, y on `width` pixels; turned a little, mirrored, borders of any kind."""
    scale = width / side
    if scale < 0.6:
        shrink = max(scale, 0.1)
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        x, y, scale = x * shrink, y * shrink, scale / shrink
    turn = rng.normal(0, 4) if rng.random() < 0.8 else rng.normal(0, 20)
    matrix = cv2.getRotationMatrix2D((x, y), float(turn), float(scale))
    matrix[:, 2] += (width / 2 - x, height / 2 - y)
    matrix[0, :2] *= np.exp(rng.normal(0, 0.08))
    border = (cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT_101, cv2.BORDER_REPLICATE)[rng.integers(3)]
    out = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=(GREY, GREY, GREY)
    )
    return np.ascontiguousarray(out[:, ::-1]) if rng.random() < 0.5 else np.asarray(out, np.uint8)


def _blend(out: Picture, part: Picture, mask: NDArray[np.uint8], x: int, y: int) -> None:
    """Sets `part` into `out` at x, y as far as the mask says; what sticks out is cut off."""
    height, width = out.shape[:2]
    x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + part.shape[1]), min(height, y + part.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    alpha = mask[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.float32) / 255
    here = out[y0:y1, x0:x1]
    here[:] = here + alpha * (part[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.float32) - here)
