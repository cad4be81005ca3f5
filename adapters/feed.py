"""Hands units from the thread that reads a connection to the one that uses them.

A read that hangs in the network cannot be called off; whoever waits for it can.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from homeroom.errors import HomeroomError, Unavailable
from homeroom.picture import Unit


class Feed:
    """A bounded queue of units with an end. When it is full, units are dropped up to the next key unit."""

    def __init__(self, limit: int = 32 * 2**20) -> None:
        """`limit` is in bytes: some seconds of the largest stream."""
        self._limit = limit
        self._units: deque[Unit] = deque()
        self._size = 0
        self._dropping = False
        self._end: HomeroomError | None = None
        self._closed = False
        self._alive = time.monotonic()
        self.awaited = "no answer"  # what has not come yet, for the message of who waits in vain
        self._change = threading.Condition()

    @property
    def closed(self) -> bool:
        """Whether nobody wants more units."""
        return self._closed

    def beat(self) -> None:
        """Says that the other side is alive: who waits goes on waiting."""
        with self._change:
            self._alive = time.monotonic()

    def put(self, unit: Unit) -> None:
        """Hands over a unit; drops it when its reader has fallen behind."""
        with self._change:
            if self._size + len(unit.data) > self._limit:
                self._dropping = True
            elif unit.key:
                self._dropping = False
            if not self._dropping:
                self._units.append(unit)
                self._size += len(unit.data)
                self._change.notify_all()

    def end(self, error: HomeroomError) -> None:
        """No more units come, and why."""
        with self._change:
            self._end = self._end or error
            self._change.notify_all()

    def close(self) -> None:
        """No more units are wanted; ends a waiting get()."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def doze(self, seconds: float) -> None:
        """Lets some time pass, unless the feed is closed."""
        with self._change:
            self._change.wait_for(lambda: self._closed, seconds)

    def get(self, patience: float) -> Unit | None:
        """The next unit; None once closed. Raises the error that ended the feed, after its last unit.

        Raises Unavailable when there was no sign of life for `patience` seconds.
        """
        with self._change:
            while not (self._closed or self._units or self._end):
                left = self._alive + patience - time.monotonic()
                if left <= 0:
                    raise Unavailable(f"{self.awaited} came within {round(patience, 1):g} s")
                self._change.wait(left)
            if self._closed:
                return None
            if not self._units and self._end:
                raise self._end
            unit = self._units.popleft()
            self._size -= len(unit.data)
            return unit
