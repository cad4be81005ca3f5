"""Decodes Pictures to Frames with PyAV: one thread per camera, which is cheapest with many cameras."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from .errors import Undecodable, Unfinished
from .picture import Codec, Frame, Picture, Plane, Unit

CODECS = frozenset({"h264", "hevc", "mjpeg", "gif", "png"})
MAX_SIDE = 8192  # pixels; no camera that is sold sends more
MAX_PIXELS = 36 * 2**20  # 8192x4320 and a little; a decoder may hold 17 such pictures. Checked before it allocates
MAX_PIECES = 4096  # NAL units of one picture; a key unit of 4 MiB in slices of one packet each has some 3000
_NEVER = -(2**63)
_REORDER = 16  # H.264 and H.265 let no more pictures than this come before their turn
_MICROSECOND = timedelta(microseconds=1)
_ANNEX_B = (b"\0\0\1", b"\0\0\0\1")  # how parameter sets begin that may stand before a unit (ITU-T H.264, Annex B)


def check_size(width: int, height: int) -> None:
    """Raises Undecodable for a picture with sides over MAX_SIDE pixels, or over MAX_PIXELS in all."""
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise Undecodable(f"a picture of {width}x{height} pixels is too large: {MAX_SIDE}x4320 is the limit")


def check_pieces(codec: str, data: bytes) -> None:
    """Raises Undecodable for a unit of over MAX_PIECES NAL units: libavcodec takes over 4 KiB for each."""
    if codec in {"h264", "hevc"} and data.count(b"\0\0\1") > MAX_PIECES:
        raise Undecodable(f"a picture in over {MAX_PIECES} pieces is too much")


class Decoder:
    """Decodes the Pictures of one camera in their order, or fresh ones of any. Used by one thread at a time."""

    def __init__(self) -> None:
        self.decoded = 0  # frames that came out, shown or not: what decoding cost
        self._context: VideoCodecContext | None = None
        self._codec: Codec | None = None  # what the context was opened for
        self._sets = b""  # parameter sets that the next unit is to bring along
        self._epoch = datetime.min.replace(tzinfo=UTC)  # where the context's microseconds count from
        self._drained: Picture | None = None  # a fresh picture whose context had to be emptied to show it
        self._last = _NEVER  # ticks of the newest frame that was shown
        self._mute = 0  # units since a newer one came out; beyond _REORDER once one was damaged
        self._reformatter = VideoReformatter()

    def decode(self, picture: Picture) -> Frame:
        """The newest frame at or before picture.utc, with the time of its own unit.

        A stream with B-frames shows each frame some units late; only a fresh picture gives all its frames at once.
        Raises Undecodable for bytes that are no picture and for damaged ones, Unfinished where nothing is wrong but
        no newer frame came out yet.
        """
        check_size(picture.codec.width, picture.codec.height)
        if not picture.units:
            raise Undecodable("there are no bytes to decode")
        try:
            shown = self._anew(picture) if picture.fresh else self._further(picture)
            if shown is None and not picture.fresh and self._mute <= _REORDER:
                raise Unfinished("more units must come before there is a picture")
            if shown is None:
                raise Undecodable("no whole picture came out of the bytes")
            self._last = shown.pts or 0
            return self._frame(picture, shown)
        except (av.FFmpegError, ValueError, MemoryError) as error:
            self._context = self._drained = None
            raise Undecodable(f"the bytes do not decode as {picture.codec.name}: {error}") from error

    def _anew(self, picture: Picture) -> VideoFrame | None:
        self._drained, self._last, self._mute = None, _NEVER, 0
        self._epoch = picture.units[0].utc
        context = self._emptied(picture.codec)
        until = self._ticks(picture.utc)
        shown = _newest(self._feed(context, picture.units), until)
        wanted = max((at for at in map(self._ticks, (unit.utc for unit in picture.units)) if at <= until), default=0)
        if shown is not None and shown.pts == wanted:
            return shown
        # Draining ends what the context knows; a picture that continues this one is fed from its beginning again.
        self._drained = picture
        return _newest(self._left_in(context), until, shown)

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
        until, shown = self._ticks(picture.utc), None
        if self._drained is not None:
            before, self._drained = self._drained, None
            context = self._emptied(before.codec)
            shown = _newest(self._feed(context, before.units), until)
            self._mute = 0  # what was silent or damaged there is told already
        if self._context is None:
            raise Undecodable("the pictures do not begin with a key unit")
        return _newest(self._feed(self._context, picture.units), until, shown)

    def _feed(self, context: VideoCodecContext, units: Iterable[Unit]) -> Iterator[VideoFrame]:
        for unit in units:
            check_pieces(context.name, unit.data)
            packet = av.Packet(self._sets + unit.data if self._sets else unit.data)
            self._sets = b""
            packet.pts = self._ticks(unit.utc)
            packet.is_keyframe = unit.key
            self._mute += 1
            try:
                frames = context.decode(packet)
            except av.FFmpegError:  # it gives no frame, and the stream goes on behind it
                frames, self._mute = [], _REORDER + 1
            self.decoded += len(frames)
            for frame in frames:
                if frame.is_corrupt:
                    self._mute = _REORDER + 1
                elif frame.pts is not None and frame.pts >= self._last:  # a clock set back stands still
                    self._mute = 0
                    yield frame

    def _left_in(self, context: VideoCodecContext) -> list[VideoFrame]:
        """The whole frames that a context still held; it can be fed no more before it is emptied."""
        try:
            frames = context.decode(None)
        except av.FFmpegError:
            return []
        self.decoded += len(frames)
        return [frame for frame in frames if not frame.is_corrupt and frame.pts is not None]

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
    check_pieces(codec.name, codec.extradata)
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
    """The frame nearest to `until` from before; the first after it where there is none before."""
    for frame in frames:
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
