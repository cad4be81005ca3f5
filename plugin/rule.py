"""Rules: from states of seats to events. A rule debounces one behavior at each seat of a room."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from .behaviors import Behavior, Debounce
from .event import Event, Operation
from .room import SeatState, SeatStates
from .scene import Mode

HOLD = timedelta(seconds=5)  # a watched seat may be out of sight this long before what went on there counts as over

MakeId = Callable[[str, str | None, str, datetime], UUID]  # room, seat, behavior, start -> EventId


class Rule(Protocol):
    """States in, events out; deterministic given its own past."""

    def update(self, states: SeatStates) -> Iterator[Event]:
        """Events that these states bring about."""
        ...

    def end(self, utc: datetime, reason: str) -> Iterator[Event]:
        """Ends what goes on, since nothing more will be seen."""
        ...


@dataclass(slots=True)
class Debouncer:
    """Turns a probability over time into on and off. `on_since` is when the present episode began, or None."""

    debounce: Debounce
    on_since: datetime | None = None
    reason: str = ""  # why the last episode ended
    ended: datetime | None = None  # when it ended; one that was lost from sight ended when it was last seen
    _rising: datetime | None = None
    _falling: datetime | None = None
    _rest_until: datetime | None = None
    _last: datetime | None = None
    _missed: datetime | None = None
    _unseen: int = 0
    _scans: deque[tuple[datetime, bool]] = field(default_factory=deque)

    def feed(self, utc: datetime, probability: float | None, mode: Mode, spacing: timedelta = timedelta(0)) -> None:
        """Takes the probability at an instant; None says that nothing was seen.

        Scans less than `spacing` apart count as one: several cameras that look at the seat at the same time.
        """
        if probability is None:
            self._unobserved(utc, mode, spacing)
            return
        if mode is Mode.WATCH and self._last is not None and utc - self._last > HOLD:
            self._end(utc, "unobserved")
        self._last, self._unseen = utc, 0
        level = self.debounce.off if self.on_since or self._rising else self.debounce.on
        if mode is Mode.SCAN:
            self._scan(utc, probability >= level, spacing)
        else:
            self._watch(utc, probability >= level)

    def _watch(self, utc: datetime, on: bool) -> None:
        if on:
            self._falling = None
            self._rising = self._rising or utc
            if not self.on_since and not self._resting(utc) and self._lasts(self._rising, utc, self.debounce.min_time):
                self.on_since = self._rising
            return
        self._rising = None
        if self.on_since:
            self._falling = self._falling or utc
            if self._lasts(self._falling, utc, self.debounce.min_off):
                self._end(utc, "")

    def _scan(self, utc: datetime, on: bool, spacing: timedelta) -> None:
        if self._scans and utc - self._scans[-1][0] < spacing:
            utc, before = self._scans.pop()
            on = on or before
        self._scans.append((utc, on))
        while len(self._scans) > self.debounce.of:
            self._scans.popleft()
        shown = [at for at, was_on in self._scans if was_on]
        if not self.on_since and len(shown) >= self.debounce.min_scans and not self._resting(utc):
            self.on_since = shown[0]
        elif self.on_since and not on and len(shown) < self.debounce.min_scans:
            self._end(utc, "")

    def _unobserved(self, utc: datetime, mode: Mode, spacing: timedelta) -> None:
        if self._missed is None or utc - self._missed >= spacing:
            self._unseen += 1
            self._missed = utc
        too_long = (
            self._unseen > self.debounce.of if mode is Mode.SCAN else self._last is not None and utc - self._last > HOLD
        )
        if too_long:
            self._end(utc, "unobserved")

    def _resting(self, utc: datetime) -> bool:
        if self._rest_until and utc < self._rest_until:
            self._rising = utc if self._rising else None  # what lasts through the rest begins after it
            return True
        return False

    @staticmethod
    def _lasts(since: datetime, utc: datetime, seconds: float) -> bool:
        return utc - since >= timedelta(seconds=seconds)

    def _end(self, utc: datetime, reason: str) -> None:
        if self.on_since:
            self._rest_until = utc + timedelta(seconds=self.debounce.cool_down)
            self.reason = reason
            self.ended = self._last if reason else utc
        self.on_since = self._rising = self._falling = None
        self._scans.clear()


@dataclass(slots=True)
class _Place:
    """One seat under a rule: its debouncer and the event that goes on there."""

    debouncer: Debouncer
    going: Event | None = None


@dataclass(slots=True)
class BehaviorRule:
    """One behavior in one room. Events name seats; what may leave is the Gate's affair."""

    room: str
    behavior: Behavior
    make_id: MakeId
    _places: dict[str, _Place] = field(default_factory=dict)

    def update(self, states: SeatStates) -> Iterator[Event]:
        """Events that these states bring about, in order of seats."""
        for state in states.states:
            place = self._places.setdefault(state.seat, _Place(Debouncer(self.behavior.debounce)))
            probability = self.behavior.probability(state.axes) if state.observed else None
            place.debouncer.feed(states.utc, probability, states.mode, states.spacing)
            since = place.debouncer.on_since
            if place.going and since != place.going.start:
                yield self._ended(place, place.debouncer.ended or states.utc, place.debouncer.reason)
            if since and not place.going:
                place.going = self._began(state, states, since, probability or 0.0)
                yield place.going

    def end(self, utc: datetime, reason: str) -> Iterator[Event]:
        """Ends what goes on, since nothing more will be seen."""
        for place in self._places.values():
            if place.going:
                yield self._ended(place, utc, reason)
            place.debouncer = Debouncer(self.behavior.debounce)

    def _began(self, state: SeatState, states: SeatStates, start: datetime, probability: float) -> Event:
        return Event(
            id=self.make_id(self.room, state.seat, self.behavior.id, start),
            operation=Operation.INITIALIZED,
            behavior=self.behavior.id,
            room=self.room,
            seat=state.seat,
            camera=state.camera,
            utc=states.utc,
            start=start,
            likelihood=round(probability, 4),
            mode=states.mode.value,
            model=state.model,
            emit=self.behavior.emit,
            severity=self.behavior.severity,
        )

    @staticmethod
    def _ended(place: _Place, utc: datetime, reason: str) -> Event:
        going, place.going = place.going, None
        assert going is not None  # callers looked
        return ended(going, utc, reason)


def ended(going: Event, utc: datetime, reason: str) -> Event:
    """The message that ends an episode."""
    return going.with_(operation=Operation.DELETED, utc=max(utc, going.utc), reason=reason)
