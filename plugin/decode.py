"""Decodes Pictures to Frames with PyAV: one thread per camera, which is cheapest with many cameras."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import av
import numpy as np
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from .errors import Undecodable
from .picture import Codec, Frame, Picture, Plane, Unit

CODECS = frozenset({"h264", "hevc", "mjpeg", "gif", "png"})
MAX_SIDE = 8192  # pixels; no camera that is sold sends more
MAX_PIXELS = 64 * 2**20  # = MAX_SIDE squared; ffmpeg checks it before it allocates
_MICROSECOND = timedelta(microseconds=1)
_ANNEX_B = (b"\0\0\1", b"\0\0\0\1")  # how parameter sets begin that may stand before a unit (ITU-T H.264, Annex B)


def check_size(width: int, height: int) -> None:
    """Raises Undecodable for a picture with sides over MAX_SIDE pixels."""
    if width > MAX_SIDE or height > MAX_SIDE:
        raise Undecodable(f"a picture of {width}x{height} pixels is too large: {MAX_SIDE}x{MAX_SIDE} is the limit")


class Decoder:
    """Decodes the Pictures of one camera in their order, or fresh ones of any. Used by one thread at a time."""

    def __init__(self) -> None:
        self.decoded = 0  # frames that came out, shown or not: what decoding cost
        self._context: VideoCodecContext | None = None
        self._codec: Codec | None = None  # what the context was opened for
        self._sets = b""  # parameter sets that the next unit is to bring along
        self._epoch = datetime.min.replace(tzinfo=UTC)  # where the context's microseconds count from
        self._drained: Picture | None = None  # a fresh picture whose context had to be emptied to show it
        self._reformatter = VideoReformatter()

    def decode(self, picture: Picture) -> Frame:
        """The newest frame at or before picture.utc, with the time of its own unit.

        A stream with B-frames shows each frame some units late; only a fresh picture gives all its frames at once.
        Raises Undecodable for bytes that are no picture, for damaged ones, and where no frame came out yet.
        """
        check_size(picture.codec.width, picture.codec.height)
        if not picture.units:
            raise Undecodable("there are no bytes to decode")
        try:
            shown = self._anew(picture) if picture.fresh else self._further(picture)
            if shown is None:
                raise Undecodable("no whole picture came out of the bytes")
            return self._frame(picture, shown)
        except (av.FFmpegError, ValueError, MemoryError) as error:
            self._context = self._drained = None
            raise Undecodable(f"the bytes do not decode as {picture.codec.name}: {error}") from error

    def _anew(self, picture: Picture) -> VideoFrame | None:
        self._drained = None
        self._epoch = picture.units[0].utc
        context = self._emptied(picture.codec)
        until = self._ticks(picture.utc)
        shown = _newest(self._feed(context, picture.units), until)
        wanted = max((at for at in map(self._ticks, (unit.utc for unit in picture.units)) if at <= until), default=0)
        if shown is not None and shown.pts == wanted:
            return shown
        # Draining ends what the context knows; a picture that continues this one is fed from its beginning again.
        self._drained = picture
        return _newest(self._decode(context, None), until, shown)

    def _emptied(self, codec: Codec) -> VideoCodecContext:
        """A context that knows nothing: the one at hand, emptied, where it fits: a new one makes all buffers anew.

        It fits where the parameter sets can be said again; those that another picture left in it are void then.
        """
        if self._context is not None and self._codec == codec and codec.extradata.startswith(_ANNEX_B):
            self._context.flush_buffers()
            self._sets = codec.extradata
        else:
            self._context, self._codec, self._sets = _open(codec), codec, b""
        return self._context

    def _further(self, picture: Picture) -> VideoFrame | None:
        units = picture.units
        if self._drained is not None:
            before, self._drained = self._drained, None
            self._emptied(before.codec)
            units = before.units + units
        if self._context is None:
            raise Undecodable("the pictures do not begin with a key unit")
        return _newest(self._feed(self._context, units), self._ticks(picture.utc))

    def _feed(self, context: VideoCodecContext, units: Iterable[Unit]) -> Iterator[VideoFrame]:
        for unit in units:
            packet = av.Packet(self._sets + unit.data if self._sets else unit.data)
            self._sets = b""
            packet.pts = self._ticks(unit.utc)
            packet.is_keyframe = unit.key
            yield from self._decode(context, packet)

    def _decode(self, context: VideoCodecContext, packet: av.Packet[Stream] | None) -> list[VideoFrame]:
        """Frames that come out; a unit that does not decode gives none, and the stream goes on behind it."""
        try:
            frames = context.decode(packet)
        except av.FFmpegError:
            return []
        self.decoded += len(frames)
        return frames

    def _ticks(self, utc: datetime) -> int:
        return (utc - self._epoch) // _MICROSECOND

    def _frame(self, picture: Picture, shown: VideoFrame) -> Frame:
        check_size(shown.width, shown.height)
        utc = self._epoch + (shown.pts or 0) * _MICROSECOND
        full = shown.format.name.startswith("yuvj") or shown.color_range == ColorRange.JPEG
        if not _is_i420(shown):
            shown, full = self._to_i420(shown, full=full), False
        y, u, v = (_view(plane) for plane in shown.planes)
        return Frame(picture.camera, utc, y, u, v, picture.time_source, full)

    def _to_i420(self, shown: VideoFrame, *, full: bool) -> VideoFrame:
        full = full or shown.format.is_rgb or shown.format.name.startswith(("gray", "pal8", "mono"))
        return self._reformatter.reformat(
            shown,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU601,  # what Frame.bgr and the networks take it for
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )


def _open(codec: Codec) -> VideoCodecContext:
    if codec.name not in CODECS:
        raise Undecodable(f"pictures in {codec.name} are not supported: set the camera to H.264")
    context = av.CodecContext.create(codec.name, "r")
    if not isinstance(context, VideoCodecContext):
        raise Undecodable(f"{codec.name} is no video codec")
    context.thread_type = "NONE"
    context.thread_count = 1
    context.extradata = codec.extradata or None
    context.options = {"max_pixels": str(MAX_PIXELS), "lowres": str(codec.lowres)}
    context.open()
    return context


def _newest(frames: Iterable[VideoFrame], until: int, best: VideoFrame | None = None) -> VideoFrame | None:
    """The whole frame nearest to `until` from before; the first after it where there is none before."""
    for frame in frames:
        if frame.is_corrupt or frame.pts is None:
            continue
        if best is None or _rank(frame, until) > _rank(best, until):
            best = frame
    return best


def _rank(frame: VideoFrame, until: int) -> tuple[bool, int]:
    pts = frame.pts or 0
    return pts <= until, pts if pts <= until else -pts


def _is_i420(frame: VideoFrame) -> bool:
    """Whether the planes can be used as they lie: I420, rows from top to bottom."""
    return frame.format.name in {"yuv420p", "yuvj420p"} and all(
        plane.line_size >= plane.width for plane in frame.planes
    )


def _view(plane: VideoPlane) -> Plane:
    """The plane as (height, width) without a copy; read-only, since the decoder still refers to it."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    view = rows[: plane.height, : plane.width]
    view.flags.writeable = False
    return view
