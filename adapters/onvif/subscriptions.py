"""Pull points: who waits for which events, and how far each has surely come. They outlive a crash.

A position counts half steps of the log: event number n has its own notice at 2n and its alias at 2n + 1. A pull
point's position moves when a client shows that an answer arrived; until then the same notices are told again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.errors import Unavailable
from homeroom.ports import Logged, Site

from .notices import Narrator, Notice
from .topics import Catalog, Filter

MOST = 64
LIMIT = 100  # notices in one answer
_CHUNK = 256  # events read from the log at once
_NEVER = datetime.min.replace(tzinfo=UTC)
# Nobody can renew while we are down: what ended so shortly before a restart is taken up again.
GRACE = timedelta(minutes=10)

Ask = Callable[..., Awaitable[Any]]  # runs a call to the site where it may block, one after the other


class Busy(Exception):
    """Another request waits at this pull point already."""


class Full(Exception):
    """There are as many pull points as there may be."""


@dataclass(slots=True)
class PullPoint:
    """One client's subscription. `position` and `state` say what it has not surely got yet."""

    slot: int
    path: str = field(repr=False)
    owner: str
    pick: Filter
    topics: frozenset[str]
    period: timedelta
    end: datetime
    position: int
    state: tuple[Notice, ...] = ()
    kept_end: datetime = _NEVER
    pulling: bool = False
    gone: bool = False
    fresh: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def to_json(self) -> str:
        """What is remembered of it."""
        return json.dumps(
            {
                "path": self.path,
                "owner": self.owner,
                "filter": self.pick.to_json(),
                "period": self.period.total_seconds(),
                "end": self.end.isoformat(),
                "position": self.position,
                "synchronize": bool(self.state),
            }
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Notices told together; where the pull point stands once they arrived."""

    notices: tuple[Notice, ...]
    position: int
    state: tuple[Notice, ...] = ()
    rest: tuple[Notice, ...] = ()


class PullPoints:
    """All pull points of a device. Lives on the event loop; what may block goes through `ask`."""

    def __init__(self, site: Site, device: str, narrator: Narrator, ask: Ask) -> None:
        self._site, self._device, self._narrator, self._ask = site, device, narrator, ask
        self._points: dict[str, PullPoint] = {}
        self._orphans: dict[str, PullPoint] = {}

    @property
    def catalog(self) -> Catalog:
        """The topics that there are now."""
        return self._narrator.catalog

    async def reword(self, narrator: Narrator) -> None:
        """Has another narrator word the events from now on; every pull point stays where it is.

        Filters pick from its topics too, and what was written on topics that are gone is told to the end. Places that
        are new are told of, so that clients know them before anything happens there.
        """
        current = await self._ask(self._site.current)
        former, self._narrator = self._narrator, narrator
        news = narrator.news(former, current, self._site.now())
        for point in self._points.values():
            point.topics |= narrator.catalog.wanted(point.pick)
            point.state += tuple(notice for notice in news if notice.topic in point.topics)
            point.fresh.set()

    # Making and ending.

    async def restore(self) -> None:
        """Takes up what was remembered before the last stop; what ended long ago is forgotten."""
        for slot in range(MOST):
            kept = await self._ask(self._site.recall, self._key(slot))
            if kept is None:
                continue
            try:
                point = self._read(slot, json.loads(kept))
            except (ValueError, KeyError, TypeError):  # another version's
                point = None
            if point is None or point.end + GRACE <= self._site.now():
                await self._ask(self._site.remember, self._key(slot), None)
                continue
            point.end = max(point.end, self._site.now() + point.period)
            if json.loads(kept)["synchronize"]:
                point.state = await self._state(point.topics)
            self._points[point.path] = self._orphans[point.path] = point

    def _key(self, slot: int) -> str:
        """What a slot is remembered under; the site's memory serves other sinks too."""
        return f"onvif/{self._device}/pull-point/{slot}"

    def _read(self, slot: int, kept: dict[str, Any]) -> PullPoint:
        """A pull point as it was remembered. Raises ValueError, KeyError or TypeError."""
        pick = Filter.from_json(kept["filter"])
        return PullPoint(
            slot=slot,
            path=kept["path"],
            owner=kept["owner"],
            pick=pick,
            topics=self._narrator.catalog.wanted(pick),
            period=timedelta(seconds=kept["period"]),
            end=datetime.fromisoformat(kept["end"]),
            position=int(kept["position"]),
        )

    async def create(self, owner: str, pick: Filter, period: timedelta) -> PullPoint:
        """A new pull point. Raises Full.

        The end of the log is read before the state: what happens in between is told twice, never missed.
        """
        await self._sweep()
        taken = {point.slot for point in self._points.values()}
        slot = next((slot for slot in range(MOST) if slot not in taken), None)
        if slot is None:
            raise Full
        point = PullPoint(
            slot=slot,
            path=secrets.token_urlsafe(18),
            owner=owner,
            pick=pick,
            topics=self._narrator.catalog.wanted(pick),
            period=period,
            end=self._site.now() + period,
            position=0,
        )
        self._points[point.path] = point  # holds the slot while the site is asked
        try:
            end = await self._ask(self._site.log_end)
            point.position = self._inherited(owner, pick, 2 * end + 1)
            point.state = await self._state(point.topics)
            await self._keep(point)
        except BaseException:
            self._points.pop(point.path, None)
            raise
        return point

    def _inherited(self, owner: str, pick: Filter, position: int) -> int:
        """The position to begin at: that of the orphan that is furthest behind, else the given one.

        An orphan is a pull point from before a restart that nobody has pulled since. A client that subscribes
        anew after a crash cannot say which was its own, so it gets the earliest of those with its name and
        filter, and the latest one is used up: then each of several such clients finds one no later than its own.
        """
        alike = [one for one in self._orphans.values() if one.owner == owner and one.pick == pick]
        if not alike:
            return position
        alike.sort(key=lambda one: one.position)
        del self._orphans[alike[-1].path]
        return min(alike[0].position, position)

    async def find(self, path: str, owner: str) -> PullPoint | None:
        """The pull point at that path, where it has not ended and is this user's."""
        await self._sweep()
        point = self._points.get(path)
        return point if point is not None and point.owner == owner and not point.gone else None

    async def renew(self, point: PullPoint, period: timedelta) -> None:
        """Lets it live for `period` from now."""
        point.period, point.end = period, self._site.now() + period
        await self._keep(point)

    async def remove(self, point: PullPoint) -> None:
        """Ends it. An orphan's position stays for heirs: some clients unsubscribe first and then begin anew."""
        if point.gone:
            return
        point.gone = True
        point.fresh.set()
        try:
            await self._keep(point)
        finally:
            self._points.pop(point.path, None)

    async def _sweep(self) -> None:
        now = self._site.now()
        self._orphans = {path: one for path, one in self._orphans.items() if one.end > now}
        for point in [one for one in self._points.values() if one.end <= now and not one.pulling]:
            await self.remove(point)

    async def _keep(self, point: PullPoint) -> None:
        """Remembers a pull point as it is now."""
        point.kept_end = point.end
        await self._ask(self._site.remember, self._key(point.slot), None if point.gone else point.to_json())

    # Telling.

    def wake(self) -> None:
        """Something new is in the log."""
        for point in self._points.values():
            point.fresh.set()

    async def synchronize(self, point: PullPoint) -> None:
        """Tells the present state again, before anything else."""
        point.state = await self._state(point.topics)
        point.fresh.set()
        await self._keep(point)

    async def _state(self, topics: frozenset[str]) -> tuple[Notice, ...]:
        current = await self._ask(self._site.current)
        told = self._narrator.state(current, self._site.now())
        return tuple(notice for notice in told if notice.topic in topics)

    async def pull(self, point: PullPoint, longest: timedelta, limit: int) -> Batch:
        """Up to `limit` notices, at once where there are any; none only when `longest` is over. Raises Busy."""
        if point.pulling:
            raise Busy
        point.pulling = True
        self._orphans.pop(point.path, None)
        try:
            await self._prolong(point, longest)
            batch = await self._next(point, limit)
            async with asyncio.timeout(longest.total_seconds()):
                while not batch.notices and not point.gone:
                    await point.fresh.wait()
                    batch = await self._next(point, limit)
        except TimeoutError:
            return Batch((), point.position)
        else:
            return batch
        finally:
            point.pulling = False

    async def _prolong(self, point: PullPoint, longest: timedelta) -> None:
        """Pulling keeps a pull point alive, for its period and as long as this pull may last (Core §9.1.1)."""
        point.end = max(point.end, self._site.now() + longest + max(point.period, longest))
        if point.end - point.kept_end > point.period / 4:
            await self._keep(point)

    async def arrived(self, point: PullPoint, batch: Batch) -> None:
        """The client surely has this batch. What cannot be remembered now is remembered with the next."""
        told, more = point.state[: len(batch.state)], point.state[len(batch.state) :]
        if batch.state and [id(one) for one in told] == [id(one) for one in batch.state]:
            point.state = batch.rest + more  # more came when the site changed meanwhile
        point.position = max(point.position, batch.position)
        if not point.gone:
            with suppress(Unavailable):
                await self._keep(point)

    async def _next(self, point: PullPoint, limit: int) -> Batch:
        """What comes after the pull point's position: first the state, then the log."""
        point.fresh.clear()
        limit = max(1, min(limit, LIMIT))
        if point.state:
            return Batch(point.state[:limit], point.position, point.state, point.state[limit:])
        told: list[Notice] = []
        position = point.position
        while True:
            events: Sequence[Logged] = await self._ask(self._site.log, (position + 1) // 2 - 1, _CHUNK)
            for at, notice in self._steps(events, position):
                if notice is not None and notice.topic in point.topics:
                    if len(told) == limit:
                        return Batch(tuple(told), position)
                    told.append(notice)
                position = at
            if len(events) < _CHUNK or len(told) == limit:
                break
        if not told:
            point.position = max(point.position, position)  # nothing to tell, nothing to wait for
        return Batch(tuple(told), position)

    def _steps(self, events: Sequence[Logged], after: int) -> Iterator[tuple[int, Notice | None]]:
        """Half steps of the log past `after`, each with what is told there."""
        for logged in events:
            for half, notice in enumerate(self._narrator.notices(logged.event)):
                at = 2 * logged.seq + half
                if at > after:
                    yield at, notice
