"""A whole frame in a network's input without being stretched: at the top left, as large as it fits, the rest grey."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from homeroom.geometry import Box
from homeroom.picture import Frame, Plane

from .nms import Floats

GREY = 114  # of 255, in each colour: what YOLOX (Ge et al., 2021) fills with. As studio luma it is 114 too
COLORLESS = 128  # chroma of any grey


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A network's input, even sides in pixels."""

    width: int
    height: int

    def within(self, frame: Frame) -> tuple[int, int]:
        """Width and height in the input of what the frame fills: even, since chroma has half of them."""
        scale = min(self.width / frame.width, self.height / frame.height)
        return (
            min(self.width, max(2, 2 * round(frame.width * scale / 2))),
            min(self.height, max(2, 2 * round(frame.height * scale / 2))),
        )

    def fill(self, frame: Frame, into: Plane) -> None:
        """Writes the frame as I420 into (height * 3 / 2, width)."""
        width, height = self.within(frame)
        seen = frame.i420(width, height, averaged=True)
        into[: self.height] = GREY
        into[self.height :] = COLORLESS
        into[:height, :width] = seen[:height]
        chroma = into[self.height :].reshape(2, self.height // 2, self.width // 2)
        chroma[:, : height // 2, : width // 2] = seen[height:].reshape(2, height // 2, width // 2)

    def boxes(self, rows: Floats, frame: Frame) -> Floats:
        """Boxes (n, 4), x and y of the middle, width, height in pixels of the input, as edges in shares of the frame.

        Left, top, right, bottom; not cut at the frame's edge.
        """
        halves = rows[:, 2:] / 2
        corners = np.hstack([rows[:, :2] - halves, rows[:, :2] + halves])
        return np.asarray(corners / (self.within(frame) * 2), np.float64)


def shown(edges: Floats) -> Box:
    """The part of a box that lies in the frame; of no area where none does."""
    return Box(*edges.tolist()).clipped()
