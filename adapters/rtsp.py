"""IP cameras by RTSP (RFC 2326): one key unit on demand, or all units while watching."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from homeroom.clock import Clock, SystemClock
from homeroom.errors import Unavailable
from homeroom.picture import Picture, Unit

from .feed import Feed
from .live import Live
from .refusals import Refusals
from .rtsp_stream import RtspStream, Way


class RtspSource(Live):
    """A live camera that is connected to for each key unit, or for as long as it is watched."""

    def __init__(
        self,
        camera: str,
        settings: Mapping[str, Any],
        clock: Clock | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        super().__init__(camera, clock or SystemClock())
        self._stream = RtspStream(camera, settings, self._clock, refusals)
        self._feed: Feed | None = None
        self._reading = self._closed = False
        self._change = threading.Condition()

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate (0 where the camera does not say); empty until connected."""
        return self._stream.info

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the camera's clock is ahead of this machine's; None until its sender reports tell."""
        return self._stream.clock_offset

    def check(self) -> str:
        """Connects, waits for a key unit and says what came. Raises Unavailable."""
        self._key_unit(self._stream.timeout)
        codec = self.info["codec"]
        return f"{codec.name} {codec.width}x{codec.height} over {self._stream.transport}"

    def take(self, due: datetime, timeout: float) -> Picture:  # noqa: ARG002  whatever is due: the next one
        """The next key unit, over a connection of its own. Raises Unavailable."""
        return self._picture(self._key_unit(timeout), self.info["codec"])

    def packets(self) -> Generator[Unit, None, None]:
        """All units from the next key unit on, until close(). Who falls far behind loses whole groups of pictures.

        Raises Unavailable when the camera cannot be reached, breaks off, or is silent for `timeout` seconds.
        """
        with closing(self._start(self._stream.timeout, Way.ALL)) as feed:
            while (unit := feed.get(self._stream.timeout)) is not None:
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
        with closing(self._start(timeout, Way.ONE)) as feed:
            unit = feed.get(max(0.0, until - time.monotonic()))
        if unit is None:
            raise Unavailable("the connection was closed")
        return unit

    def _start(self, timeout: float, way: Way) -> Feed:
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
        patience = min(timeout, self._stream.timeout) if way is Way.ONE else self._stream.timeout
        args = (feed, patience, way)
        threading.Thread(target=self._read, args=args, name=f"rtsp {self._camera}", daemon=True).start()
        return feed

    def _read(self, feed: Feed, patience: float, way: Way) -> None:
        self._stream.read(feed, patience, way)
        with self._change:
            self._reading = False
            self._change.notify_all()
