"""The test video: made on the spot, moving and noisy so that its bit rate is real, as a camera sends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from homeroom.errors import BadInput
from homeroom.picture import Codec, Unit

WIDTH, HEIGHT, RATE = 1920, 1080, 25
GOP = 2 * RATE  # a key frame every 2 s, as most cameras are set
BIT_RATE = "4M"
SECONDS = 12
_SEPARATOR = b"\0\0\0\1"
START = datetime(2026, 1, 1, tzinfo=UTC)
# No B-frames and a steady bit rate: what cameras send. The last two numbers are x264's own rate control (VBV).
OPTIONS = {
    "preset": "superfast", "tune": "zerolatency", "g": str(GOP), "keyint_min": str(GOP), "sc_threshold": "0",
    "bf": "0", "b": BIT_RATE, "maxrate": BIT_RATE, "bufsize": BIT_RATE,
}  # fmt: skip


def nals(unit: bytes) -> Iterator[bytes]:
    """The NAL units of an access unit as mp4 and mkv keep it: each behind its length in four bytes (AVCC)."""
    at = 0
    while at + 4 <= len(unit):
        size = int.from_bytes(unit[at : at + 4], "big")
        yield unit[at + 4 : at + 4 + size]
        at += 4 + size


def parameter_sets(extradata: bytes) -> tuple[bytes, bytes]:
    """The first SPS and PPS of an `avcC` box (ISO/IEC 14496-15 §5.3.3.1)."""
    size = int.from_bytes(extradata[6:8], "big")
    sps = extradata[8 : 8 + size]
    at = 8 + size + 1
    return sps, extradata[at + 2 : at + 2 + int.from_bytes(extradata[at : at + 2], "big")]


@dataclass(frozen=True, slots=True)
class Stream:
    """A video's encoded units, read into memory; their times count from START."""

    codec: Codec
    units: tuple[Unit, ...]
    length: timedelta

    @property
    def keys(self) -> tuple[Unit, ...]:
        """The key units alone."""
        return tuple(unit for unit in self.units if unit.key)

    def as_sent(self) -> Stream:
        """The same as it comes from a camera: start codes before NAL units (Annex B), sets before key units."""
        sets = _SEPARATOR.join((b"", *parameter_sets(self.codec.extradata)))
        units = tuple(
            replace(unit, data=sets * unit.key + _SEPARATOR.join((b"", *nals(unit.data)))) for unit in self.units
        )
        return Stream(replace(self.codec, extradata=sets), units, self.length)

    def to_json(self) -> dict[str, Any]:
        """What it is, for a report."""
        seconds = self.length.total_seconds()
        size = sum(len(unit.data) for unit in self.units)
        return {
            "codec": self.codec.name,
            "size": f"{self.codec.width}x{self.codec.height}",
            "frames_per_second": len(self.units) / seconds,
            "mbit_per_second": size * 8 / seconds / 1e6,
            "seconds_between_key_frames": seconds / len(self.keys),
            "key_frame_kb": sum(len(unit.data) for unit in self.keys) / len(self.keys) / 1000,
        }


def pictures(seconds: int = SECONDS, width: int = WIDTH, height: int = HEIGHT) -> Iterator[NDArray[np.uint8]]:
    """A textured ground that moves under sensor noise, as I420 arrays (height * 3 / 2, width); the same every time."""
    random = np.random.default_rng(2026)
    small = random.integers(40, 200, (height // 8 + 40, width // 8 + 80), dtype=np.uint8)
    ground = cv2.resize(small, (width + 640, height + 320), interpolation=cv2.INTER_CUBIC)
    noise = [random.normal(0, 3, (height, width)).astype(np.int16) for _ in range(7)]
    chroma = np.full((height // 2, width), 128, np.uint8)
    for number in range(seconds * RATE):
        x, y = round(320 + 300 * np.sin(number / 40)), round(160 + 150 * np.cos(number / 30))
        luma = ground[y : y + height, x : x + width].astype(np.int16) + noise[number % len(noise)]
        yield np.vstack([np.clip(luma, 16, 235).astype(np.uint8), chroma])


def make(path: Path, seconds: int = SECONDS, width: int = WIDTH, height: int = HEIGHT) -> None:
    """Writes the test video; takes some seconds."""
    with av.open(str(path), "w", format="mp4") as out:
        stream: Any = out.add_stream("libx264", rate=RATE, options=OPTIONS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        for number, planes in enumerate(pictures(seconds, width, height)):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def read(path: Path) -> Stream:
    """A video's units. Raises BadInput unless it is H.264 in mp4 or mkv with a key frame first."""
    try:
        with av.open(str(path)) as file:
            (track, *_) = file.streams.video or (None,)
            context = track.codec_context if track is not None else None
            if (
                track is None or context is None or context.name != "h264" or (context.extradata or b"")[:1] != b"\1"
            ):  # the version of avcC
                raise BadInput(f"{path}: give an H.264 video in mp4 or mkv")
            units = [
                Unit(bytes(packet), START + timedelta(seconds=float(packet.pts * packet.time_base)), packet.is_keyframe)
                for packet in file.demux(track)
                if packet.size and packet.pts is not None and packet.time_base is not None
            ]
            codec = Codec("h264", bytes(context.extradata or b""), context.width, context.height)
            step = 1 / (track.average_rate or RATE)
    except (av.FFmpegError, OSError) as error:
        raise BadInput(f"{path}: cannot be read as a video: {type(error).__name__}") from error
    if not units or not units[0].key:
        raise BadInput(f"{path}: the video does not begin with a key frame")
    return Stream(codec, tuple(units), timedelta(seconds=float(len(units) * step)))


def snapshots(stream: Stream, count: int = 4, quality: int = 60) -> list[bytes]:
    """JPEG pictures of a video's first key frames."""
    context = av.CodecContext.create("h264", "r")
    context.extradata = stream.codec.extradata
    made: list[bytes] = []
    for unit in stream.keys[:count]:
        frames: Sequence[Any] = context.decode(av.Packet(unit.data))
        for frame in frames:
            encoded = cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            made.append(encoded.tobytes())
    return made
