"""IP cameras by a still picture over HTTP(S): the cheapest way to look, where a camera gives one."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from homeroom.clock import Clock, SystemClock
from homeroom.decode import check_size
from homeroom.errors import Denied, Unavailable, Undecodable
from homeroom.picture import Codec, Picture, Unit

from .jpeg import size
from .live import Live
from .refusals import Refusals
from .settings import choice, number
from .web import CameraSession

ENOUGH = 400  # rows of a picture; networks take 680x400 at most
_HALF_A_SECOND = timedelta(seconds=0.5)


class SnapshotSource(Live):
    """A live camera by a GET for each picture. Pictures have the time of their arrival: HTTP tells whole seconds."""

    def __init__(self, camera: str, settings: Mapping[str, Any], clock: Clock | None = None) -> None:
        super().__init__(camera, clock or SystemClock())
        self._address = str(settings.get("address", ""))
        self._timeout = number(camera, settings, "timeout", 10, largest=600)
        self._pause = timedelta(seconds=1 / number(camera, settings, "fps", 2, largest=1000))
        choice(camera, settings, "ingest", ("auto", "snapshot"))
        self._web = CameraSession(camera, settings, self._address)
        self._refusals = Refusals(self._clock)
        self._info: Mapping[str, Any] = MappingProxyType({})
        self._offset: float | None = None
        self._closed = threading.Event()

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate (0: there is none); empty until a picture came."""
        return self._info

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the camera's clock is ahead, give or take one; None where its answers have no Date."""
        return self._offset

    def check(self) -> str:
        """Fetches a picture and says what came. Raises Unavailable."""
        codec = self.take(self._clock.now(), self._timeout).codec
        return f"JPEG {codec.width}x{codec.height}"

    def take(self, due: datetime, timeout: float) -> Picture:  # noqa: ARG002  whatever is due: the one of now
        """The camera's picture of now. Raises Unavailable."""
        asked = self._clock.now()
        self._refusals.check()
        try:
            answer = self._web.read(self._address, timeout)
        except Denied as error:
            self._refusals.refused(str(error))
            raise
        self._refusals.accepted()
        arrival = self._clock.now()
        self._offset = _offset(answer.headers.get("Date", ""), asked + (arrival - asked) / 2)
        return self._picture(Unit(answer.content, arrival, key=True), self._described(answer.content))

    def packets(self) -> Generator[Unit, None, None]:
        """Pictures at `fps` until close(). Raises Unavailable."""
        while not self._closed.is_set():
            began = self._clock.now()
            yield from self.take(began, self._timeout).units
            self._clock.wait(self._closed, (began + self._pause - self._clock.now()).total_seconds())

    def close(self) -> None:
        """Hangs up, for good; a waiting call ends at once."""
        self._closed.set()
        self._web.close()

    def _described(self, data: bytes) -> Codec:
        try:
            width, height = size(data)
            check_size(width, height)
        except Undecodable as error:
            raise Unavailable(f"the camera's still picture cannot be used, {error}: correct its address") from error
        codec = Codec("mjpeg", width=width, height=height, lowres=_lowres(height))
        self._info = MappingProxyType({"codec": codec, "width": width, "height": height, "frame_rate": 0.0})
        return codec


def _lowres(height: int) -> int:
    """The smallest decoding that is ENOUGH. Never a half: ffmpeg takes longer for that than for the whole picture."""
    return next((power for power in (3, 2) if height >> power >= ENOUGH), 0)


def _offset(date: str, now: datetime) -> float | None:
    """By how many seconds a Date header (RFC 9110 §6.6.1), which counts whole ones, is ahead of `now`."""
    try:
        told = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    told = told.replace(tzinfo=told.tzinfo or UTC)
    return (told + _HALF_A_SECOND - now).total_seconds()
