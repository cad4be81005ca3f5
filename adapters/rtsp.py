"""IP cameras by RTSP (RFC 2326): one key unit on demand, or all units while watching.

Decision: on demand connects, takes one key unit and hangs up, since a kept connection costs several times the CPU of
everything else that a scan does. Alternatives: a kept connection with key units alone; a receiver of our own.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

import av
from av.container import InputContainer

from homeroom.clock import Clock, SystemClock
from homeroom.decode import CODECS, check_size
from homeroom.errors import BadInput, Denied, HomeroomError, Unavailable, Undecodable
from homeroom.picture import Codec, Gap, Picture, TimeSource, Unit
from homeroom.ports import SourceStatus
from homeroom.timeline import CameraClock

from .feed import Feed
from .nal import parameter_sets
from .settings import choice, number

MAX_UNIT = 16 * 2**20  # bytes; a key unit of 8 Mpixel at the best quality takes some 4 MiB
KEY_PATIENCE = 60.0  # seconds; "smart" codecs stretch the way to the next key unit to tens of seconds
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


class RtspSource:
    """A live camera. Its URL carries no user name or password: they are settings of their own."""

    live = True

    def __init__(self, camera: str, settings: Mapping[str, Any], clock: Clock | None = None) -> None:
        self._camera = camera
        self._clock = clock or SystemClock()
        self._timeout = number(camera, settings, "timeout", 10, largest=600)
        self._transport = choice(camera, settings, "transport", ("tcp", "udp"))
        self._place, self._host = _address(camera, str(settings.get("address", "")))
        self._auth = _auth(camera, settings)
        self._info: Mapping[str, Any] = MappingProxyType({})
        self._camera_clock = CameraClock()
        self._feed: Feed | None = None
        self._reading = self._closed = False
        self._change = threading.Condition()

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate (0 where the camera does not say); empty until connected."""
        return self._info

    @property
    def status(self) -> SourceStatus:
        """Nothing to tell yet."""
        return SourceStatus()

    def check(self) -> str:
        """Connects, waits for a key unit and says what came. Raises Unavailable; Denied for a wrong password."""
        self._key_unit(self._timeout)
        codec = self._info["codec"]
        return f"{codec.name} {codec.width}x{codec.height} over {self._transport}"

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        """The next key unit, over a connection of its own; a Gap that says why there is none within `timeout` s."""
        try:
            unit = self._key_unit(timeout)
        except Unavailable as error:
            return Gap(self._camera, due, max(due, self._clock.now()), str(error))
        return Picture(self._camera, unit.utc, self._info["codec"], (unit,), fresh=True, time_source=unit.time_source)

    def packets(self) -> Generator[Unit, None, None]:
        """All units from the next key unit on, until close(). Who falls far behind loses whole groups of pictures.

        Raises Unavailable when the camera cannot be reached, breaks off, or is silent for `timeout` seconds.
        """
        with closing(self._start(self._timeout, once=False)) as feed:
            while (unit := feed.get(self._timeout)) is not None:
                yield unit

    def close(self) -> None:
        """Hangs up, for good; a waiting call ends at once."""
        with self._change:
            self._closed = True
            if self._feed is not None:
                self._feed.close()
            self._change.notify_all()

    def _key_unit(self, timeout: float) -> Unit:
        until = time.monotonic() + timeout
        with closing(self._start(timeout, once=True)) as feed:
            unit = feed.get(max(0.0, until - time.monotonic()))
        if unit is None:
            raise Unavailable("the connection was closed")
        return unit

    def _start(self, timeout: float, *, once: bool) -> Feed:
        """Begins to read in a thread of its own, as soon as the one before has hung up."""
        with self._change:
            if not self._change.wait_for(lambda: self._closed or not self._reading, timeout):
                raise Unavailable("the camera's last connection still hangs")
            self._feed = feed = Feed()
            if self._closed:
                feed.close()
                return feed
            self._reading = True
        # A daemon, since a hung camera must not hold up the program's end; every read ends by its own timeout.
        patience = min(timeout, self._timeout) if once else self._timeout
        args = (feed, patience, once)
        threading.Thread(target=self._read, args=args, name=f"rtsp {self._camera}", daemon=True).start()
        return feed

    def _read(self, feed: Feed, patience: float, once: bool) -> None:
        try:
            with self._connect(patience) as container:
                for unit in self._units(container, feed, once=once):
                    feed.put(unit)
                    if once:
                        return
            feed.end(Unavailable("the camera ended the stream"))
        except HomeroomError as error:
            feed.end(error)
        except Exception as error:  # noqa: BLE001 - the outermost loop of the thread: its user must hear of it
            kind = Denied if isinstance(error, _DENIALS) else Unavailable
            feed.end(kind(self._reason(error, patience)))
        finally:
            with self._change:
                self._reading = False
                self._change.notify_all()

    def _connect(self, patience: float) -> InputContainer:
        # ffmpeg's own log names URLs with user and password: it stays off, whoever switched it on
        av.logging.set_level(None)
        options = {
            "rtsp_transport": self._transport,
            "timeout": str(int(patience * 10**6)),
            "allowed_media_types": "video",
            "protocol_whitelist": _PROTOCOLS,
            "user_agent": "Homeroom",
            # The least that ffmpeg takes (0 would be its default of 5 s): the first key unit is handed out at once.
            "analyzeduration": "1",
            "probesize": "32",
        }
        url = f"rtsp://{self._auth}{self._place}"
        return av.open(url, format="rtsp", options=options, timeout=(patience, patience))

    def _units(self, container: InputContainer, feed: Feed, *, once: bool) -> Iterator[Unit]:
        if not container.streams.video:
            raise Unavailable("the camera sends no video track: choose another stream address")
        stream = container.streams.video[0]
        keyed = False
        feed.awaited = "no picture"
        until = time.monotonic() + KEY_PATIENCE
        for packet in container.demux(stream):
            arrival = self._clock.now()
            if feed.closed:
                return
            if not once and (keyed or time.monotonic() < until):
                feed.beat()
            if packet.size > MAX_UNIT:
                raise Unavailable("the camera sends pictures of over 16 MiB: lower its bit rate")
            data = bytes(packet)
            keyed = keyed or (packet.is_keyframe and self._describe(stream, data))
            if not keyed:
                feed.awaited = "no key frame (shorten its interval in the camera's settings)"
            elif data:
                utc, source = self._time(packet, arrival)
                yield Unit(data, utc, packet.is_keyframe, source)

    def _describe(self, stream: av.VideoStream, key_unit: bytes) -> bool:
        """Notes what the stream is; whether a decoder could begin with this unit."""
        context = stream.codec_context
        if context is None or context.name not in CODECS:
            name = "an unknown codec" if context is None else context.name
            raise Unavailable(f"the camera sends {name}: set it to H.264 or H.265")
        try:
            check_size(context.width, context.height)
        except Undecodable as error:
            raise Unavailable(f"the camera sends too much: {error}") from error
        extradata = context.extradata or parameter_sets(key_unit, context.name)
        if context.name in {"h264", "hevc"} and not extradata:
            return False
        self._info = MappingProxyType(
            {
                "codec": Codec(context.name, extradata, context.width, context.height),
                "width": context.width,
                "height": context.height,
                "frame_rate": float(stream.average_rate or 0),
            }
        )
        return True

    def _time(self, packet: av.Packet[av.VideoStream], arrival: datetime) -> tuple[datetime, TimeSource]:
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


def _address(camera: str, address: str) -> tuple[str, str]:
    """What stands behind the credentials, and host:port. Raises BadInput without showing the address."""
    cure = "write it as rtsp://HOST/PATH"
    try:
        parts = urlsplit(address)
        port = parts.port or 554
    except ValueError as error:
        raise BadInput(f"{camera}: the address is no URL: {cure}") from error
    if parts.scheme != "rtsp" or not parts.hostname or not address.isprintable() or " " in address:
        raise BadInput(f"{camera}: the address is no RTSP URL: {cure}")
    if "@" in parts.netloc:
        raise BadInput(f"{camera}: move user name and password out of the address, to `username` and `password`")
    return address.split("://", 1)[1], f"{parts.hostname}:{port}"


def _auth(camera: str, settings: Mapping[str, Any]) -> str:
    """`user:password@` for a URL, percent-encoded; empty without a user name."""
    username, password = str(settings.get("username") or ""), str(settings.get("password") or "")
    if not username:
        return ""
    auth = f"{quote(username, safe='')}:{quote(password, safe='')}"
    if len(auth) > _MAX_AUTH:
        raise BadInput(f"{camera}: user name and password are too long for RTSP: together 126 characters at most")
    return f"{auth}@"
