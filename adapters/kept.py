"""A kept RTSP connection of which the newest key unit alone is held; nothing is decoded.

Decision: ffmpeg receives, and between bursts its thread dozes. Objective: scans that come too often for a connection
each, at little more than theirs. Most of what a kept connection costs is waking up for each packet: of 1080p at
25 pictures/s and 4 Mbit/s 21 CPU seconds an hour, and 11 with dozes of 0.2 s; that each packet passes through Python on
its way (unit.py) takes some 7 more. Alternatives: a receiver of our own (it would save a few of these, and be a second
RTSP client to keep safe); longer dozes (a camera whose way is blocked drops pictures, or hangs up).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeroom.clock import Clock, SystemClock
from homeroom.errors import HomeroomError, Unavailable
from homeroom.fetch import Backoff
from homeroom.picture import Picture, Unit

from .live import Live
from .refusals import Refusals
from .rtsp_stream import RtspStream, Way

EARLY = timedelta(seconds=2)  # so much before it is due a picture may be taken; more than that is a jump in time


class Newest:
    """Holds the newest unit that nobody has taken yet. A Taker for RtspStream."""

    def __init__(self) -> None:
        self.awaited = "no answer"
        self._unit: Unit | None = None
        self._error: HomeroomError | None = None
        self._closed = False
        self.fed = False  # whether the connection brought anything
        self._change = threading.Condition()

    @property
    def closed(self) -> bool:
        """Whether nobody wants more units."""
        return self._closed

    def begin(self) -> None:
        """A new connection is tried; what came over the last one may be in another codec."""
        with self._change:
            self._unit, self._error, self.fed = None, None, False
            self.awaited = "no answer"

    def beat(self) -> None:
        """Nobody waits for a sign of life alone."""

    def put(self, unit: Unit) -> None:
        """Replaces the unit."""
        with self._change:
            self._unit, self.fed = unit, True
            self._change.notify_all()

    def end(self, error: HomeroomError) -> None:
        """The connection is over, and why."""
        with self._change:
            self._error = error
            self._change.notify_all()

    def close(self) -> None:
        """No more units are wanted; ends a waiting get() and doze()."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def doze(self, seconds: float) -> None:
        """Lets some time pass, unless it is closed."""
        with self._change:
            self._change.wait_for(lambda: self._closed, seconds)

    def get(self, since: datetime, patience: float) -> Unit:
        """The newest unit from `since` on, each once.

        Raises Unavailable where none comes within `patience` seconds, or there is no connection it could come over.
        """
        until = time.monotonic() + patience
        with self._change:
            while not self._closed:
                unit = self._unit
                if unit is not None and unit.utc >= since:
                    self._unit = None
                    return unit
                if self._error is not None:
                    raise type(self._error)(str(self._error))
                left = until - time.monotonic()
                if left <= 0:
                    raise Unavailable(f"{self.awaited} came within {round(patience, 1):g} s")
                self._change.wait(left)
        raise Unavailable("the connection was closed")


class KeptSource(Live):
    """A live camera by a connection that is open from the first take() to close(), and is made anew when it breaks.

    Over UDP it never dozes, since what waits in the kernel may be lost.
    """

    def __init__(
        self,
        camera: str,
        settings: Mapping[str, Any],
        clock: Clock | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        super().__init__(camera, clock or SystemClock())
        self._stream = RtspStream(camera, settings, self._clock, refusals)
        self._newest = Newest()
        self._closed = threading.Event()
        self.begun = False  # whether there was a first take()

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate (0 where the camera does not say); empty until connected."""
        return self._stream.info

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the camera's clock is ahead of this machine's; None until its sender reports tell."""
        return self._stream.clock_offset

    def take(self, due: datetime, timeout: float) -> Picture:
        """The newest key unit, if it is at most EARLY older than `due` and was not taken before; else the next one.

        Raises Unavailable, at once while a broken connection waits to be made anew.
        """
        if not self.begun:
            self.begun = True
            # A daemon, since a hung camera must not hold up the program's end.
            threading.Thread(target=self._run, name=f"kept {self._camera}", daemon=True).start()
        return self._picture(self._newest.get(due - EARLY, timeout), self.info["codec"])

    def close(self) -> None:
        """Hangs up, for good; a waiting call ends at once."""
        self._closed.set()
        self._newest.close()

    def _run(self) -> None:
        backoff = Backoff(random.Random())  # noqa: S311  jitter, not a secret
        while not self._closed.is_set():
            self._newest.begin()
            self._stream.read(self._newest, self._stream.timeout, Way.KEYS)
            if self._newest.fed:
                backoff.reset()
            self._clock.wait(self._closed, backoff.pause())
