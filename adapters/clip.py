"""An open recording: its encoded units with their times, read as if an enemy had made it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av

from homeroom.decode import CODECS, MAX_PIXELS, check_size
from homeroom.errors import BadInput, Undecodable
from homeroom.picture import Codec

MAX_UNIT = 16 * 2**20  # bytes; a key unit of 8 Mpixel at the best quality takes some 4 MiB
MAX_RUN = 256 * 2**20  # bytes from a key unit to the picture that is asked for
STILLS = frozenset({"png_pipe", "jpeg_pipe"})
MAX_LENGTH = timedelta(days=366)  # of a recording; times beyond it are damage
_REORDER = 16  # H.264 and H.265 let no more pictures than this come before their turn
_CURE = "use mp4, mkv, gif, png or jpg"
_MICROSECOND = timedelta(microseconds=1)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sample:
    """An encoded unit. `at` and `end` say when it is shown, `dts` when it is decoded, from the first picture on."""

    data: bytes = field(repr=False)
    at: timedelta
    end: timedelta
    dts: timedelta
    key: bool


def container_of(path: Path) -> str:
    """The file's container by ffmpeg's name, told by its first bytes. Raises BadInput for all others.

    Named outright, so that no file can pass for a playlist that leads ffmpeg to other files or to the network.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}; correct the camera's address") from error
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png_pipe"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg_pipe"
    if head.startswith(b"GIF8"):
        return "gif"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}:
        return "mov"
    raise BadInput(f"{path} is not a video or picture that can be read: {_CURE}")


class Clip:
    """A recording that lies open. Used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Raises BadInput for a file that is absent, is no video, or is in a codec that is not supported."""
        self._path = path
        options = {"max_pixels": str(MAX_PIXELS), "protocol_whitelist": "file"}
        try:
            self._container = av.open(f"file:{path}", format=container_of(path), options=options)
        except (av.FFmpegError, ValueError, MemoryError) as error:
            raise BadInput(f"{path} is not a video or picture that can be read: {_CURE}") from error
        try:
            self._stream, self.codec = self._video()
        except BadInput:
            self._container.close()
            raise
        self._base = self._stream.time_base or Fraction(1, 90000)
        self._first = self._stream.start_time or 0
        self._length: timedelta | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._container.close()

    @property
    def frame_rate(self) -> float:
        """Frames per second on average; 25 where the file does not say."""
        return float(self._stream.average_rate or 25)

    @property
    def length(self) -> timedelta:
        """From the first picture's beginning to the last one's end, as far as the file can be read."""
        if self._length is None:
            declared = min(max(0, self._container.duration or 0), MAX_LENGTH // _MICROSECOND)
            self._seek(declared * _MICROSECOND)
            ends = [sample.end for sample in self.samples()]
            if not ends:
                self._seek(timedelta(0))
                ends = [sample.end for sample in self.samples()]
            self._length = max(ends, default=timedelta(0))
        return self._length

    def samples(self) -> Iterator[Sample]:
        """Units from here on, in decoding order. A break is logged and ends them."""
        try:
            for packet in self._container.demux(self._stream):
                if packet.size > MAX_UNIT:
                    _LOG.warning("%s ends early: one of its pictures takes more than 16 MiB", self._path)
                    return
                if packet.size and packet.pts is not None and self._sane(packet.pts):
                    yield self._sample(packet, packet.pts)
        except (av.FFmpegError, ValueError) as error:
            _LOG.warning("%s ends early: it is broken (%s)", self._path, type(error).__name__)

    def until(self, at: timedelta) -> list[Sample]:
        """The units from the last key unit at or before `at` up to the picture then shown, in decoding order.

        The first key unit alone where none lies before; nothing where none could be read. Raises BadInput where
        they take more than MAX_RUN bytes.
        """
        self._seek(at)
        run = self._run(at)
        if not run or run[0].at > at:  # the file's index led astray
            self._seek(timedelta(0))
            run = self._run(at)
        return run

    def _run(self, at: timedelta) -> list[Sample]:
        run: list[Sample] = []
        shown = late = size = 0
        for sample in self.samples():
            if sample.key and (sample.at <= at or not run):
                run, shown, size = [], 0, 0
            elif not run:
                continue
            run.append(sample)
            size += len(sample.data)
            if size > MAX_RUN:
                raise BadInput(f"{self._path} has too few key frames: encode it anew, for example with ffmpeg -g 50")
            if run[shown].at <= sample.at <= at:
                shown = len(run) - 1
            late = late + 1 if sample.at > at else 0
            if sample.dts > at or late > _REORDER:
                break
        return run[: shown + 1]

    def _seek(self, at: timedelta) -> None:
        ticks = int(Fraction(at // _MICROSECOND, 10**6) / self._base)
        try:
            self._container.seek(self._first + ticks, stream=self._stream)
        except av.FFmpegError as error:
            cure = "mend it, for example with ffmpeg -i FILE -c copy NEW.mkv"
            raise BadInput(f"{self._path} is broken, its pictures cannot be found: {cure}") from error

    def _sample(self, packet: av.Packet[av.VideoStream], pts: int) -> Sample:
        span = packet.duration or int(1 / (Fraction(self.frame_rate) * self._base))
        if not (span > 0 and self._sane(pts + span)):
            span = 0
        dts = self._first  # unknown: as soon as can be
        if packet.dts is not None and self._sane(packet.dts):
            dts = min(pts, packet.dts)
        return Sample(bytes(packet), self._at(pts), self._at(pts + span), self._at(dts), packet.is_keyframe)

    def _sane(self, ticks: int) -> bool:
        return abs(ticks - self._first) * self._base <= MAX_LENGTH.total_seconds()

    def _at(self, ticks: int) -> timedelta:
        return timedelta(microseconds=round((ticks - self._first) * self._base * 10**6))

    def _video(self) -> tuple[av.VideoStream, Codec]:
        if not self._container.streams.video:
            raise BadInput(f"{self._path} has no picture in it: {_CURE}")
        stream = self._container.streams.video[0]
        context = stream.codec_context
        if context is None or context.name not in CODECS:
            name = "an unknown codec" if context is None else context.name
            raise BadInput(f"{self._path} is in {name}: convert it with ffmpeg -i FILE -c:v libx264 NEW.mp4")
        if not context.width or not context.height:
            raise BadInput(f"{self._path} is not a video or picture that can be read: {_CURE}")
        try:
            check_size(context.width, context.height)
        except Undecodable as error:
            raise BadInput(f"{self._path}: {error}") from error
        return stream, Codec(context.name, context.extradata or b"", context.width, context.height)
