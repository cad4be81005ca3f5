"""Pictures coded on the spot as H.264 and H.265 units, in all the ways that cameras know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

TICKS = 3600  # of an RTP clock of 90 kHz, at 25 pictures a second
_START = b"\0\0\1"
_OPTIONS = {
    "libx264": {"preset": "ultrafast", "crf": "14"},
    "libx265": {"preset": "ultrafast", "crf": "14"},
}
_NAMES = {"libx264": "h264", "libx265": "hevc"}


@dataclass(frozen=True, slots=True)
class CodedUnit:
    """An access unit in Annex B form, in decoding order; `ticks` is when it is shown."""

    data: bytes
    ticks: int
    key: bool


@dataclass(frozen=True, slots=True)
class Coded:
    """A stream; `sets` are its parameter sets in Annex B form."""

    codec: str
    width: int
    height: int
    sets: bytes
    units: tuple[CodedUnit, ...]

    def only(self, units: Sequence[CodedUnit]) -> Coded:
        return replace(self, units=tuple(units))


def drawn(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """The luma of picture `index`: a gradient and a bright block that wanders; no two of 60 are alike."""
    luma = np.linspace(40, 160, width, dtype=np.float32)[None, :] + np.linspace(0, 40, height)[:, None]
    side = max(1, min(width, height) // 3)
    left = (index * 7 * width // 100) % max(1, width - side)
    top = (index * 5 * height // 100) % max(1, height - side)
    luma[top : top + side, left : left + side] = 220
    return luma.astype(np.uint8)


def code(
    encoder: str = "libx264",
    size: tuple[int, int] = (160, 96),
    frames: int = 25,
    pixels: str = "yuv420p",
    params: str = "",
    **options: str,
) -> Coded:
    """Codes `frames` drawn pictures; `params` go to the encoder as key=value:key=value."""
    width, height = size
    context: Any = av.CodecContext.create(encoder, "w")
    context.width, context.height, context.pix_fmt = width, height, pixels
    context.time_base, context.framerate = Fraction(1, 90_000), Fraction(25)
    context.thread_count = 1
    name = encoder.removeprefix("lib") + "-params"
    quiet = "log-level=none:repeat-headers=1:" if encoder == "libx265" else ""
    context.options = {"g": "10", "bf": "0", **_OPTIONS[encoder], name: quiet + params, **options}
    packets = []
    for index in range(frames):
        frame = _frame(index, width, height).reformat(format=pixels)
        frame.pts, frame.time_base = index * TICKS, Fraction(1, 90_000)
        packets += context.encode(frame)
    packets += context.encode(None)
    units = tuple(CodedUnit(bytes(one), one.pts or 0, one.is_keyframe) for one in packets)
    return Coded(_NAMES[encoder], width, height, sets_of(_NAMES[encoder], units[0].data), units)


def _frame(index: int, width: int, height: int) -> av.VideoFrame:
    """A drawn picture without color."""
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, value in zip(frame.planes, (drawn(index, width, height), None, None), strict=True):
        rows = np.full((plane.height, plane.line_size), 128, np.uint8)
        if value is not None:
            rows[:, :width] = value
        plane.update(rows.tobytes())
    return frame


def nals(data: bytes) -> Iterator[bytes]:
    """NAL units of an Annex B string."""
    for part in data.split(_START):
        nal = part.rstrip(b"\0")
        if nal:
            yield nal


def kind(codec: str, nal: bytes) -> int:
    """nal_unit_type."""
    return nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F


def sets_of(codec: str, data: bytes) -> bytes:
    """The parameter sets in a unit."""
    wanted = {7, 8} if codec == "h264" else {32, 33, 34}
    return b"".join(b"\0" + _START + nal for nal in nals(data) if kind(codec, nal) in wanted)


def without_sets(coded: Coded) -> Coded:
    """The stream with no parameter sets in band."""
    wanted = {7, 8} if coded.codec == "h264" else {32, 33, 34}
    return coded.only(
        [
            replace(
                unit,
                data=b"".join(b"\0" + _START + nal for nal in nals(unit.data) if kind(coded.codec, nal) not in wanted),
            )
            for unit in coded.units
        ]
    )


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal to noise ratio in dB."""
    error = float(np.mean((one.astype(np.float32) - other.astype(np.float32)) ** 2))
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def recognized(luma: NDArray[np.uint8], frames: int) -> tuple[int, float]:
    """Which drawn picture it is most like, and how like in dB."""
    height, width = luma.shape
    likeness = [psnr(luma, drawn(index, width, height)) for index in range(frames)]
    best = int(np.argmax(likeness))
    return best, likeness[best]
