"""One conversation with an ONVIF device: the operations that Homeroom asks, and what it reads of their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.clock import Clock
from homeroom.errors import Unavailable

from .address import Endpoint
from .exchange import Exchange, Faulted, Garbled, Refused, printable
from .library import call, service

MEDIA, MEDIA2 = "http://www.onvif.org/ver10/media/wsdl", "http://www.onvif.org/ver20/media/wsdl"
CODECS = {"H264": "h264", "H265": "hevc", "JPEG": "mjpeg"}  # ONVIF's words as decode.CODECS has them
_TOKEN = 64  # longest tt:ReferenceToken
_NAME = 64  # longest tt:Name
_MOST = 256  # profiles that are looked at
_YEARS = range(1970, 2100)  # that a camera's clock may show


@dataclass(frozen=True, slots=True)
class Profile:
    """A media profile with video of the video source `source`. `codec` is "" for one that we do not know.

    Width and height in pixels and frames per second as configured; 0 where the camera does not say.
    """

    token: str
    name: str
    source: str
    codec: str = ""
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0


class Device:
    """Asks by SOAP. Raises Unavailable, with the operation's name: Refused, Faulted, or what went wrong on the way."""

    def __init__(self, endpoint: Endpoint, exchange: Exchange, clock: Clock) -> None:
        self._endpoint, self._exchange, self._clock = endpoint, exchange, clock
        self._device = service("Device", endpoint.url, exchange)
        self._media: dict[str, Any] = {}  # what there is, Media2 first

    def set_clock(self) -> None:
        """Measures how far the camera's clock is ahead of ours: half the way there and back taken off.

        It tells whole seconds, so half a second is added. Comes first, since all other operations need to know.
        """
        before = self._clock.now()
        try:
            said = self._ask(self._device, "GetSystemDateAndTime")
        except Faulted:
            return
        told = _moment(getattr(said, "UTCDateTime", None))
        if told is not None:
            way = (self._clock.now() - before) / 2
            self._exchange.offset = told + timedelta(seconds=0.5) - (before + way)

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the camera's clock is ahead of this machine's; None where it tells no time."""
        return None if self._exchange.offset is None else self._exchange.offset.total_seconds()

    def find_services(self) -> None:
        """Finds the media services: by GetServices, by GetCapabilities where a camera is older or tells nothing."""
        try:
            told = self._ask(self._device, "GetServices", IncludeCapability="false") or []
            found = {_text(one.Namespace): _text(one.XAddr) for one in told[:_MOST] if one is not None}
        except Faulted:
            found = {}
        if not found.keys() & {MEDIA, MEDIA2}:
            media = getattr(self._ask(self._device, "GetCapabilities", Category="Media"), "Media", None)
            found = {MEDIA: _text(media.XAddr)} if media is not None else {}
        for namespace, name in ((MEDIA2, "Media2"), (MEDIA, "Media")):
            if found.get(namespace):
                address = self._endpoint.service(found[namespace])
                self._media[namespace] = service(name, address, self._exchange)
        if not self._media:
            raise Unavailable("the device offers no video over ONVIF: is it a camera?")

    def make_and_model(self) -> str:
        """What it is, "" where it does not say."""
        said = self._ask(self._device, "GetDeviceInformation")
        return printable(f"{_text(getattr(said, 'Manufacturer', None))} {_text(getattr(said, 'Model', None))}", _NAME)

    def profiles(self) -> Sequence[Profile]:
        """Profiles with video, in the camera's order: by Media2, or Media1 where that tells none."""
        for namespace, media in self._media.items():
            last = media is next(reversed(self._media.values()))
            try:
                found = list(self._profiles(namespace, media))
            except Faulted:
                if last:
                    raise
            else:
                if found or last:
                    return found
        return []

    def _profiles(self, namespace: str, media: Any) -> Iterator[Profile]:
        parameters = {"Type": ["VideoSource", "VideoEncoder"]} if namespace == MEDIA2 else {}
        for one in (self._ask(media, "GetProfiles", **parameters) or [])[:_MOST]:
            if one is None:
                continue
            at = getattr(one, "Configurations", one)
            source = getattr(at, "VideoSource", None) or getattr(at, "VideoSourceConfiguration", None)
            encoder = getattr(at, "VideoEncoder", None) or getattr(at, "VideoEncoderConfiguration", None)
            token = one.token or ""
            if source is not None and token.isprintable() and token.strip() and len(token) <= _TOKEN:
                yield _profile(token, _text(one.Name), _text(source.SourceToken), encoder)

    def stream_uri(self, profile: str, *, udp: bool = False) -> tuple[str, str]:
        """rtsp:// address of a profile as we reach it, and the host that the camera named where that is another."""
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "UDP" if udp else "RTSP"}}
        said = self._first(
            "GetStreamUri",
            {
                MEDIA2: {"Protocol": "RtspUnicast" if udp else "RTSP", "ProfileToken": profile},
                MEDIA: {"StreamSetup": setup, "ProfileToken": profile},
            },
        )
        return self._endpoint.media(said, ("rtsp",))

    def snapshot_uri(self, profile: str) -> str:
        """http:// or https:// address of a still picture as we reach it; https:// alone where we ask by that."""
        said = self._first("GetSnapshotUri", {each: {"ProfileToken": profile} for each in self._media})
        schemes = ("https",) if self._endpoint.scheme == "https" else ("http", "https")  # the password stays within TLS
        return self._endpoint.media(said, schemes)[0]

    def _first(self, operation: str, parameters: Mapping[str, Mapping[str, Any]]) -> str:
        """An address from the first media service that tells it: both know the profiles, and may lack operations."""
        fault: Unavailable = Faulted(f"{operation}: the camera names no address")
        for namespace, media in self._media.items():
            try:
                said = _text(self._ask(media, operation, **parameters[namespace]))
            except (Faulted, Garbled) as error:
                fault = error
            else:
                if said:
                    return said
        raise fault

    def _ask(self, of: Any, operation: str, **parameters: Any) -> Any:
        try:
            return call(of, operation, parameters)
        except Refused:
            raise
        except Unavailable as error:
            raise type(error)(f"{operation}: {error}") from None


def _profile(token: str, name: str, source: str, encoder: Any) -> Profile:
    size, rate = getattr(encoder, "Resolution", None), getattr(encoder, "RateControl", None)
    return Profile(
        token,
        printable(name, _NAME) or token,
        source[:_TOKEN],
        CODECS.get(_text(getattr(encoder, "Encoding", None)).upper(), ""),
        int(_number(getattr(size, "Width", None), 65536)),
        int(_number(getattr(size, "Height", None), 65536)),
        _number(getattr(rate, "FrameRateLimit", None), 1000),
    )


def _text(value: Any) -> str:
    """A value of the WSDL, where all are strings; "" where it is missing."""
    return value.strip() if isinstance(value, str) else ""


def _number(value: Any, most: int) -> float:
    """A number from 0 to `most`, 0 for anything else."""
    try:
        number = float(_text(value))
    except ValueError:
        return 0.0
    return number if 0 <= number <= most else 0.0  # NaN is neither


def _moment(said: Any) -> datetime | None:
    """UTC of a tt:DateTime; None where that is missing or none."""
    date, time = getattr(said, "Date", None), getattr(said, "Time", None)
    if date is None or time is None:
        return None
    parts = [_number(part, 9999) for part in (date.Year, date.Month, date.Day, time.Hour, time.Minute, time.Second)]
    return _datetime([int(part) for part in parts])


def _datetime(parts: Iterable[int]) -> datetime | None:
    year, month, day, hour, minute, second = parts
    try:  # 60 is a leap second (ISO 8601), which datetime does not know
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) if year in _YEARS else None
    except ValueError:
        return None
