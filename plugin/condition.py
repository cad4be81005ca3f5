"""A health state at one place: begins when it has held for long enough, ends when it has not for long enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .behaviors import Behavior
from .event import Event, Operation
from .rule import MakeId, ended


@dataclass(slots=True)
class Condition:
    """One state of one camera, or of the site where `room` and `camera` are empty. Deterministic given its own past.

    It begins once it has held for the behavior's `min_time`, and ends once it has not held for its `min_off`.
    """

    behavior: Behavior
    room: str
    camera: str
    make_id: MakeId
    _rising: datetime | None = None
    _falling: datetime | None = None
    _looks: int = 0
    _going: Event | None = None

    def update(self, utc: datetime, reason: str, since: datetime | None = None, looks: int = 1) -> Iterator[Event]:
        """Takes why the state holds at `utc`, "" where it does not, and yields what that begins or ends.

        `since` says from when it has held, where that was before `utc`; at least `looks` in a row must show it.
        """
        if reason:
            self._falling = None
            self._looks += 1
            self._rising = min(self._rising or utc, since or utc, utc)  # a clock set back begins anew
            if (
                self._going is None
                and self._looks >= looks
                and _lasts(self._rising, utc, self.behavior.debounce.min_time)
            ):
                self._going = self._began(self._rising, utc, reason)
                yield self._going
            return
        self.unseen()
        if self._going is not None:
            self._falling = min(self._falling or utc, utc)
            if _lasts(self._falling, utc, self.behavior.debounce.min_off):
                yield from self.end(utc, "")

    def unseen(self) -> None:
        """Nothing can be said for a while: what had not begun begins anew, what goes on goes on."""
        self._rising, self._looks = None, 0

    def end(self, utc: datetime, reason: str) -> Iterator[Event]:
        """Ends what goes on."""
        self.unseen()
        self._falling = None
        if self._going is not None:
            yield ended(self._going, utc, reason)
            self._going = None

    def _began(self, start: datetime, utc: datetime, reason: str) -> Event:
        place = f"{self.room}/{self.camera}" if self.camera else self.room
        return Event(
            id=self.make_id(place, None, self.behavior.id, start),
            operation=Operation.INITIALIZED,
            behavior=self.behavior.id,
            room=self.room,
            seat=None,
            camera=self.camera,
            utc=utc,
            start=start,
            likelihood=1.0,
            mode="",
            model="",
            emit=self.behavior.emit,
            severity=self.behavior.severity,
            reason=reason,
        )


def _lasts(since: datetime, utc: datetime, seconds: float) -> bool:
    return utc - since >= timedelta(seconds=seconds)
