"""Clips whose frames say by their brightness which they are."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from homeroom.picture import Frame

RATE = 10
STEP = 4  # luma between neighbours: more than coding noise
BASE = 20

ENCODERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "b.mp4": ("libx264", "yuv420p", {"g": "12", "bf": "3", "x264-params": "b-adapt=0:scenecut=0"}),
    "b.mkv": ("libx264", "yuv420p", {"g": "12", "bf": "3", "x264-params": "b-adapt=0:scenecut=0:open-gop=1"}),
    "p.mp4": ("libx264", "yuv420p", {"g": "10", "bf": "0"}),
    "h265.mp4": ("libx265", "yuv420p", {"x265-params": "keyint=12:min-keyint=12:log-level=none"}),
    "h265.mkv": ("libx265", "yuv420p", {"x265-params": "keyint=12:min-keyint=12:open-gop=0:log-level=none"}),
    "full.mp4": ("libx264", "yuvj420p", {"g": "10", "bf": "0"}),
    "mjpeg.mkv": ("mjpeg", "yuvj420p", {}),
    "anim.gif": ("gif", "gray", {}),
    "still.png": ("png", "gray", {}),
    "still.jpg": ("mjpeg", "yuvj420p", {}),
}


def make_clip(folder: Path, name: str, frames: int = 40, width: int = 160, height: int = 90) -> Path:
    """A clip of RATE frames a second; frame i has luma BASE + STEP * i. Stills have one frame, of luma BASE."""
    encoder, pixels, options = ENCODERS[name]
    path = folder / name
    still = path.stem == "still"
    with av.open(str(path), "w", format="image2" if still else None) as out:
        stream: Any = out.add_stream(encoder, rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.codec_context.thread_count = 1
        for index in range(1 if still else frames):
            frame = _frame(index, pixels, width, height)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _frame(index: int, pixels: str, width: int, height: int) -> av.VideoFrame:
    luma = BASE + STEP * index
    gray = round((luma - 16) * 255 / 219)  # what decodes to this luma (BT.601 studio range)
    planes = [np.full((height, width), gray if pixels == "gray" else luma, np.uint8)]
    if pixels != "gray":
        planes += [np.full((height // 2, width), 128, np.uint8)]
    frame = av.VideoFrame.from_ndarray(np.concatenate(planes), format=pixels)
    frame.pts, frame.time_base = index, Fraction(1, RATE)
    return frame


def index_of(frame: Frame) -> int:
    """Which frame of the clip it is."""
    return round((float(np.median(frame.y)) - BASE) / STEP)


def damaged(data: bytes, at: Sequence[int]) -> bytes:
    """The bytes with some of them turned over."""
    out = bytearray(data)
    for position in at:
        out[position % len(out)] ^= 0xFF
    return bytes(out)


def png(width: int, height: int, rows: int) -> bytes:
    """A PNG whose header promises width x height gray pixels, with some rows of black."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress(bytes((width + 1) * rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
