"""One RTSP connection (RFC 2326) by ffmpeg: what a camera sends, into a feed, until either side has had enough."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import quote

import av
from av.container import InputContainer

from homeroom.clock import Clock
from homeroom.decode import CODECS, Decoder
from homeroom.errors import BadInput, Denied, HomeroomError, Unavailable, Undecodable
from homeroom.picture import Codec, Picture, TimeSource, Unit
from homeroom.timeline import CameraClock

from .nal import begins, parameter_sets
from .refusals import Refusals
from .settings import choice, number, place
from .unit import Joiner, Piece

DOZE = 0.2  # seconds; what comes meanwhile waits in the kernel: 0.2 MB of the largest streams
EDGE = timedelta(seconds=0.05)  # of less than this behind the camera there is nothing to catch up with
KEY_PATIENCE = 60.0  # seconds; "smart" codecs stretch the way to the next key unit to tens of seconds
_NO_KEY = "no key frame (shorten its interval in the camera's settings, and switch intra refresh off)"
REFUSED = "the camera refuses the user name or password: correct them in the site manifest"
_MAX_AUTH = 127  # bytes of user:password, percent-encoded, that ffmpeg takes (rtsp.h, RTSPState.auth)
_PROTOCOLS = "rtsp,rtp,tcp,udp"
_DENIALS = (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)
_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (_DENIALS, REFUSED),
    ((av.error.HTTPNotFoundError,), "the camera knows no such stream: correct the path in its address"),
    ((av.error.HTTPError,), "the camera refuses the request: correct its address or transport"),
    ((ConnectionRefusedError,), "{host} refuses the connection: is the camera on, and the port right?"),
    ((av.error.ExitError, TimeoutError, BlockingIOError), "{host} did not answer within {patience:.3g} s"),
    ((av.error.InvalidDataError, EOFError, ConnectionError), "{host} broke off, or does not speak RTSP"),
)


class Way(Enum):
    """What is taken from a connection."""

    ONE = "the next key unit"
    KEYS = "each key unit"
    ALL = "all units from a key unit on"


class Taker(Protocol):
    """Who gets the units; a Feed is one. Used by the thread that reads."""

    awaited: str

    @property
    def closed(self) -> bool:
        """Whether nobody wants more units."""
        ...

    def beat(self) -> None:
        """The other side is alive."""
        ...

    def put(self, unit: Unit) -> None:
        """Here is a unit."""
        ...

    def end(self, error: HomeroomError) -> None:
        """No more units come, and why."""
        ...

    def doze(self, seconds: float) -> None:
        """Lets some time pass, unless nobody wants more units."""
        ...


class RtspStream:
    """A camera's stream and how to reach it. Its URL carries no user name or password: they are settings of their own.

    One thread at a time reads.
    """

    def __init__(
        self, camera: str, settings: Mapping[str, Any], clock: Clock, refusals: Refusals | None = None
    ) -> None:
        """`refusals` are those of all streams of the camera. Raises BadInput; no network yet."""
        self._clock = clock
        self._refusals = refusals or Refusals(clock)
        self.timeout = number(camera, settings, "timeout", 10, largest=600)
        self.transport = choice(camera, settings, "transport", ("tcp", "udp"))
        parts = place(camera, str(settings.get("address", "")), ("rtsp",))
        self._place = parts.geturl().split("://", 1)[1]
        self._host = f"{parts.hostname}:{parts.port or 554}"
        self._auth = _auth(camera, settings)
        self._camera = camera
        self._info: Mapping[str, Any] = MappingProxyType({})
        self._camera_clock = CameraClock()

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate (0 where the camera does not say); empty until connected."""
        return self._info

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the camera's clock is ahead of this machine's; None until its sender reports tell."""
        return self._camera_clock.ahead

    def read(self, taker: Taker, patience: float, way: Way) -> None:
        """Connects and hands over units until the end, which it tells as well. Never raises.

        A read ends when nothing came for `patience` seconds.
        """
        try:
            self._refusals.check()
            with self._connect(patience) as container:
                self._refusals.accepted()
                for unit in self._units(container, taker, way):
                    taker.put(unit)
                    if way is Way.ONE:
                        return
            taker.end(Unavailable("the camera ended the stream"))
        except HomeroomError as error:
            taker.end(error)
        except Exception as error:  # noqa: BLE001 - the outermost loop of the thread: its user must hear of it
            reason = self._reason(error, patience)
            if isinstance(error, _DENIALS):
                self._refusals.refused(reason)
            taker.end((Denied if isinstance(error, _DENIALS) else Unavailable)(reason))

    def _connect(self, patience: float) -> InputContainer:
        # ffmpeg's own log names URLs with user and password: it stays off, whoever switched it on
        av.logging.set_level(None)
        options = {
            "rtsp_transport": self.transport,
            "timeout": str(int(patience * 10**6)),
            "allowed_media_types": "video",
            "protocol_whitelist": _PROTOCOLS,
            "user_agent": "Homeroom",
            # The least that ffmpeg takes (0 would be its default of 5 s): the first key unit is handed out at once.
            "analyzeduration": "1",
            "probesize": "32",
            # Packets as they come, and no decoder: see unit.py, and what the camera sends is not decoded twice.
            "fflags": "+noparse+nofillin",
            "codec_whitelist": "none",
        }
        url = f"rtsp://{self._auth}{self._place}"
        return av.open(url, format="rtsp", options=options, timeout=(patience, patience))

    def _units(self, container: InputContainer, taker: Taker, way: Way) -> Iterator[Unit]:
        stream = _video(container)
        name = stream.codec_context.name
        keyed = False
        taker.awaited = "no picture"
        until = time.monotonic() + KEY_PATIENCE
        pace = CameraClock()
        for piece in self._joined(container, stream, taker, way):
            if way is Way.ALL and (keyed or time.monotonic() < until):
                taker.beat()
            key = begins(piece.data, name) is True
            if key and self._describe(stream, piece):
                keyed = True
            if not keyed:
                taker.awaited = _NO_KEY
            elif key or way is Way.ALL:
                yield Unit(piece.data, piece.utc, key, piece.time_source)
            if way is Way.KEYS and self.transport == "tcp" and _at_the_edge(piece, stream, pace, self._clock.now()):
                taker.doze(DOZE)

    def _joined(self, container: InputContainer, stream: av.VideoStream, taker: Taker, way: Way) -> Iterator[Piece]:
        """Whole units of the stream; of units that are no key units, where those alone are wanted, an empty piece.

        What comes of other streams is seen too, or nobody could hang up meanwhile.
        """
        name = stream.codec_context.name
        joiner = Joiner(name, apart=way is Way.ALL)
        passed: int | None = None  # time stamp of a unit that nobody wants: most packets end here, for next to nothing
        for packet in container.demux():
            if taker.closed:
                return
            if packet.stream_index != stream.index or not packet.size or (packet.pts == passed and passed is not None):
                continue
            utc, source = self._time(packet, self._clock.now())
            piece = Piece(bytes(packet), packet.pts, utc, source)
            if way is not Way.ALL and begins(piece.data, name) is False:
                passed = piece.ticks
                yield from joiner.leave_out(piece)
                yield replace(piece, data=b"")
            else:
                yield from joiner.add(piece)
        yield from joiner.end()

    def _describe(self, stream: av.VideoStream, unit: Piece) -> bool:
        """Notes what the stream is; whether a decoder can begin with this unit.

        What units say of themselves counts for more than what the camera says of them; the size is that of the picture.
        """
        name = stream.codec_context.name
        sets = parameter_sets(unit.data, name) or stream.codec_context.extradata or b""
        known = self._info.get("codec")
        if isinstance(known, Codec) and (known.name, known.extradata) == (name, sets) and sets:
            return True
        key_unit = Unit(unit.data, unit.utc, key=True, time_source=unit.time_source)
        try:
            shown = Decoder().decode(Picture(self._camera, unit.utc, Codec(name, sets), (key_unit,)))
        except Undecodable:
            return False
        codec = Codec(name, sets, shown.width, shown.height)
        rate = float(stream.average_rate or 0)
        self._info = MappingProxyType(
            {"codec": codec, "width": codec.width, "height": codec.height, "frame_rate": rate}
        )
        return True

    def _time(self, packet: av.Packet[Any], arrival: datetime) -> tuple[datetime, TimeSource]:
        """Host UTC of a unit: ffmpeg makes `prft` (AVProducerReferenceTime) from the camera's sender reports."""
        if not packet.has_sidedata("prft"):
            return arrival, TimeSource.ARRIVAL
        (wallclock,) = struct.unpack_from("=q", bytes(packet.get_sidedata("prft")))
        return self._camera_clock.host(wallclock, arrival), TimeSource.SENDER_REPORT

    def _reason(self, error: Exception, patience: float) -> str:
        """What went wrong, without the URL that ffmpeg's own text names."""
        for kinds, text in _REASONS:
            if isinstance(error, kinds):
                return text.format(host=self._host, patience=patience)
        return f"{self._host} cannot be reached ({type(error).__name__})"


def _auth(camera: str, settings: Mapping[str, Any]) -> str:
    """`user:password@` for a URL, percent-encoded; empty without a user name."""
    username, password = str(settings.get("username") or ""), str(settings.get("password") or "")
    if not username:
        return ""
    auth = f"{quote(username, safe='')}:{quote(password, safe='')}"
    if len(auth) > _MAX_AUTH:
        raise BadInput(f"{camera}: user name and password are too long for RTSP: together 126 characters at most")
    return f"{auth}@"


def _video(container: InputContainer) -> av.VideoStream:
    """The camera's picture. Raises Unavailable for codecs that are not supported."""
    if not container.streams.video:
        raise Unavailable("the camera sends no video track: choose another stream address")
    stream = container.streams.video[0]
    context = stream.codec_context
    if context is None or context.name not in CODECS:
        name = "an unknown codec" if context is None else context.name
        raise Unavailable(f"the camera sends {name}: set it to H.264 or H.265")
    return stream


def _at_the_edge(unit: Piece, stream: av.VideoStream, pace: CameraClock, arrival: datetime) -> bool:
    """Whether a unit came in as early as units of this stream do, so that no other waits behind it."""
    if unit.ticks is None or stream.time_base is None:
        return False
    return arrival - pace.host(int(unit.ticks * stream.time_base * 10**6), arrival) < EDGE
