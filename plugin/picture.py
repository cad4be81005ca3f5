"""Encoded pictures as a camera sends them, the gaps between them, and decoded frames.

Flow: a Source hands out Pictures (encoded, never decoded) or Gaps; a worker decodes a Picture to a Frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


class TimeSource(StrEnum):
    """Where the time of a picture comes from."""

    SENDER_REPORT = "sender-report"  # RTCP sender report of the camera (RFC 3550 §6.4.1) plus measured offset
    PRODUCER_TIME = "producer-time"  # `prft` box or its RTP equivalent (ISO/IEC 14496-12 §8.16.5)
    CONTAINER = "container"  # the file's own time stamps, counted from a declared start
    ARRIVAL = "arrival"  # host clock when the picture came in


@dataclass(frozen=True, slots=True)
class Codec:
    """How the units of a stream are encoded. `name` is ffmpeg's decoder name: h264, hevc, mjpeg, gif, png.

    `width` and `height` are those of the encoded picture in pixels. With `lowres` n it is decoded at 1/2**n of them
    (mjpeg alone can do it), which saves a third of a JPEG's cost where n is 2 or 3.
    """

    name: str
    extradata: bytes = b""
    width: int = 0
    height: int = 0
    lowres: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """One encoded access unit. `utc` is host UTC of its content; a decoder may start at a `key` unit."""

    data: bytes = field(repr=False)
    utc: datetime
    key: bool
    time_source: TimeSource = TimeSource.ARRIVAL


@dataclass(frozen=True, slots=True)
class Picture:
    """What a decoder needs to show `camera` at `utc`.

    `units` lead up to that instant. With `fresh` the decoder starts anew at units[0] (a key unit) and gives up
    all it held; without, they continue the camera's previous Picture.
    """

    camera: str
    utc: datetime
    codec: Codec
    units: tuple[Unit, ...]
    fresh: bool = True
    time_source: TimeSource = TimeSource.ARRIVAL


@dataclass(frozen=True, slots=True)
class Gap:
    """From `start` to `end` nothing was seen of `camera`. Flows like a Scene: unobserved is never "absent"."""

    camera: str
    start: datetime
    end: datetime
    reason: str

    @property
    def utc(self) -> datetime:
        """When the gap is known to have lasted until; orders it among Scenes."""
        return self.end


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded picture as I420 planes (uint8): y is (height, width), u and v are (ceil(h/2), ceil(w/2))."""

    camera: str
    utc: datetime
    y: Plane = field(repr=False)
    u: Plane = field(repr=False)
    v: Plane = field(repr=False)
    time_source: TimeSource = TimeSource.ARRIVAL
    full_range: bool = False  # luma 0..255 (JPEG) instead of 16..235 (ITU-R BT.601)

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.y.shape[0])

    def i420(self, width: int, height: int, into: Plane | None = None, *, averaged: bool = False) -> Plane:
        """The frame scaled to an even width and height, as one (height * 3 / 2, width) uint8 array.

        Written `into` such an array of the caller's, where one is given: a new one costs its pages anew each time.
        `averaged` halves by means of four as long as it can, where linear interpolation alone leaves pixels out.
        """
        if width % 2 or height % 2:
            raise ValueError(f"I420 needs even sides, not {width}x{height}")
        out = np.empty((height * 3 // 2, width), np.uint8) if into is None else into
        chroma = out[height:].reshape(2, height // 2, width // 2)
        for plane, scaled in ((self.y, out[:height]), (self.u, chroma[0]), (self.v, chroma[1])):
            source = plane
            while averaged and source.shape[0] >= 2 * scaled.shape[0] and source.shape[1] >= 2 * scaled.shape[1]:
                source = halved(source)
            cv2.resize(source, scaled.shape[::-1], dst=scaled, interpolation=cv2.INTER_LINEAR)
        if self.full_range:
            # networks' colour conversion expects studio range (BT.601): squeeze 0..255 into it once, here
            out[:height] = cv2.convertScaleAbs(out[:height], alpha=219 / 255, beta=16)
            out[height:] = cv2.convertScaleAbs(out[height:], alpha=224 / 255, beta=128 - 128 * 224 / 255)
        return out

    def bgr(self, width: int | None = None, height: int | None = None) -> Plane:
        """The frame as (height, width, 3) uint8 in OpenCV's BGR order; made anew at each call."""
        planes = self.i420(width or self.width & ~1, height or self.height & ~1)
        return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)


def halved(plane: Plane) -> Plane:
    """A plane of half the size, of means of four pixels; an odd last row or column is left out.

    Averaging to any other size costs ten times as much (cv2.INTER_AREA).
    """
    height, width = plane.shape[0] // 2, plane.shape[1] // 2
    even = plane[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
