"""The ways to one camera's pictures as a ladder: measured once, the cheapest that works is used, and falls are mended.

A rung that gives no picture is followed by the others within the same time limit; a Gap comes where none gives one.
Decision: what is measured is what scans need, rows enough and time enough. Objective: no camera needs to be known by
its make. Alternatives: a table of makes (never complete); the bytes' own cost (the network and the camera's load count
as well).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from homeroom.clock import Clock, SystemClock
from homeroom.errors import BadInput, Unavailable
from homeroom.picture import Picture, Unit
from homeroom.ports import Measured, SourceStatus

from .kept import KeptSource
from .live import Live
from .refusals import Refusals
from .rtsp import RtspSource
from .settings import choice, number
from .snapshot import ENOUGH, SnapshotSource
from .standing import Standing
from .streams import STREAM, SUBSTREAM, WIDE, Streams

SNAPSHOT, ON_DEMAND, KEPT = "snapshot", "on-demand", "kept"
# Of the time that is left, so much for a rung that others follow. A still picture comes soon or never; who waits for a
# key frame on demand, or on a connection that stands, would not see one any sooner on another.
SHARES = {SNAPSHOT: 1 / 3, ON_DEMAND: 0.9, KEPT: 1.0}
SLOW = 3  # pictures in a row that took too long


class Ladder(Live):
    """An RTSP camera, with the still picture and the substream that its settings name."""

    def __init__(self, camera: str, settings: Mapping[str, Any], clock: Clock | None = None) -> None:
        super().__init__(camera, clock or SystemClock())
        pinned = choice(camera, settings, "ingest", ("auto", SNAPSHOT, ON_DEMAND, KEPT))
        if pinned == SNAPSHOT and not settings.get("snapshot"):
            raise BadInput(f'{camera}: ingest "snapshot" takes an address under `snapshot`')
        self._timely = number(camera, settings, "every", 30, largest=3600) / 2
        self._watching = settings.get("mode") == "watch"
        self._standing = Standing(camera, self._clock)
        plain = {**settings, "ingest": "auto"}
        refusals = Refusals(self._clock)  # of all that goes by RTSP: one wrong proof serves for each
        self._main = RtspSource(camera, plain, self._clock, refusals)
        self._make_kept = partial(KeptSource, camera, plain, self._clock, refusals)
        self._rungs: dict[str, Live] = {ON_DEMAND: self._main, KEPT: self._make_kept()}
        if settings.get("snapshot"):
            snapshot = SnapshotSource(camera, {**plain, "address": settings["snapshot"]}, self._clock)
            self._rungs = {SNAPSHOT: snapshot, **self._rungs}
        substream = None
        if settings.get("substream"):
            substream = RtspSource(camera, {**plain, "address": settings["substream"]}, self._clock, refusals)
        self._streams = Streams(self._main, substream, Standing(camera, self._clock))
        self._watchable: dict[str, Live] = {**({SUBSTREAM: substream} if substream else {}), STREAM: self._main}
        self._usable = [name for name in self._rungs if pinned in {"auto", name}]
        self._slow = 0
        self._lock = threading.Lock()
        self._closed = False

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate of the stream, which may not be the rung; empty until connected."""
        known = (self._streams.watched.info, self._main.info, self._rungs[KEPT].info)
        return next((info for info in known if info), MappingProxyType({}))

    @property
    def status(self) -> SourceStatus:
        """Which rung is used, which should be, and why it is not."""
        standing = self._streams.standing if self._streams.standing.rung else self._standing
        return SourceStatus(standing.rung, standing.chosen, standing.reason, self.clock_offset)

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the camera's clock is ahead, as RTSP tells it or else HTTP; None where neither does."""
        sources = (self._streams.watched, self._rungs[KEPT], *self._rungs.values())
        ordered = sorted(sources, key=lambda source: isinstance(source, SnapshotSource))
        return next((each.clock_offset for each in ordered if each.clock_offset is not None), None)

    def take(self, due: datetime, timeout: float) -> Picture:
        """A picture by the rung in use, or by another one where that fails; the first time, by the best of them."""
        until = time.monotonic() + timeout
        tried: list[Measured] = []
        measuring = self._standing.unsure
        order = self._usable if measuring else self._order()
        for name in order:
            left = until - time.monotonic()
            if tried and left <= 0:
                break
            one = _tried(name, self._rungs[name], due, left if name == order[-1] else left * SHARES[name])
            tried.append(one)
            if self._good(one) if measuring else one.picture is not None:
                break
        best = self._best(tried)
        if best is None or best.picture is None:
            raise Unavailable(_why(tried))
        failed = {one.rung: one.reason for one in tried if one.picture is None}
        if measuring:
            cheaper = order[: order.index(best.rung)]
            doubtful = not self._good(best) or any(name in failed for name in cheaper)
            self._standing.choose(best.rung, _found(best), doubtful=doubtful)
        else:
            self._go_on(best, failed)
        if KEPT not in {self._standing.rung, self._standing.chosen}:
            self._let_go()
        return best.picture

    def packets(self) -> Iterator[Unit]:
        """All units of the substream or the main stream from a key unit on, until close(). Raises Unavailable."""
        return self._streams.packets()

    def measure(self, timeout: float) -> Sequence[Measured]:
        """Tries each rung, or where the camera is watched each stream; the one that a run would choose is marked."""
        ways = self._watchable if self._watching else {name: self._rungs[name] for name in self._usable}
        tried = [_tried(name, source, self._clock.now(), timeout) for name, source in ways.items()]
        best = self._best(tried)
        return [replace(one, chosen=one is best) for one in tried]

    def close(self) -> None:
        """Hangs up all connections, for good; a waiting call ends at once."""
        with self._lock:
            self._closed = True
            for source in (*self._rungs.values(), *self._watchable.values()):
                source.close()

    def _order(self) -> list[str]:
        """Rungs as they are tried: the one in use, costlier, cheaper ones; the chosen one first when it is time.

        A kept connection is made anew by itself, with pauses of its own: it is asked each time.
        """
        standing = self._standing
        at = self._usable.index(standing.rung)
        order = [*self._usable[at:], *self._usable[:at]]
        climbs = standing.climbs or standing.chosen == KEPT
        return sorted(order, key=lambda name: name != standing.chosen) if climbs else order

    def _good(self, one: Measured) -> bool:
        """Whether no other need be tried."""
        if one.picture is None:
            return False
        if self._watching:
            return one.picture.codec.width >= WIDE or one.rung == STREAM
        return one.picture.codec.height >= ENOUGH and self._in_time(one)

    def _in_time(self, one: Measured) -> bool:
        return one.rung == KEPT or one.seconds <= self._timely  # a kept connection is slow once

    def _best(self, tried: Sequence[Measured]) -> Measured | None:
        """The first good one; else the largest, and of these the first in time."""
        seen = [one for one in tried if one.picture is not None]
        largest = max(seen, key=lambda one: (_rows(one), self._in_time(one)), default=None)
        return next(filter(self._good, seen), largest)

    def _go_on(self, best: Measured, failed: Mapping[str, str]) -> None:
        standing = self._standing
        standing.use(best.rung, failed)
        self._slow = 0 if self._in_time(best) or standing.fallen else self._slow + 1
        if self._slow >= SLOW:
            standing.doubt(f"took longer than half the time between scans, {SLOW} times")
            self._slow = 0

    def _let_go(self) -> None:
        """Hangs up the kept connection, where there is one."""
        kept = self._rungs[KEPT]
        with self._lock:
            if isinstance(kept, KeptSource) and kept.begun and not self._closed:
                kept.close()
                self._rungs[KEPT] = self._make_kept()


def _tried(name: str, source: Live, due: datetime, timeout: float) -> Measured:
    began = time.monotonic()
    try:
        picture = source.take(due, timeout)
    except Unavailable as error:
        return Measured(name, time.monotonic() - began, reason=str(error))
    return Measured(name, time.monotonic() - began, picture)


def _rows(one: Measured) -> int:
    return min(one.picture.codec.height, ENOUGH) if one.picture else 0


def _found(one: Measured) -> str:
    codec = one.picture.codec if one.picture else None
    return f"{codec.name} {codec.width}x{codec.height} in {one.seconds * 1000:.0f} ms" if codec else one.reason


def _why(tried: Sequence[Measured]) -> str:
    """Why no rung gave a picture, each reason once."""
    reasons = {one.reason for one in tried}
    return reasons.pop() if len(reasons) == 1 else "; ".join(f"{one.rung}: {one.reason}" for one in tried)
