"""Health of the installation as events: a camera that nothing is seen of, and sees again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .behaviors import Behavior
from .event import Event, Operation
from .picture import Gap
from .rule import MakeId, ended
from .scene import Scene

OFFLINE_AFTER = timedelta(seconds=15)  # two missed key frames of the slowest usual cameras (GOP 4-8 s)
OURS = ("overloaded", "clock jump")  # gaps that are no fault of the camera


@dataclass(slots=True)
class CameraHealth:
    """Tells when one camera goes offline and comes back."""

    room: str
    camera: str
    behavior: Behavior
    make_id: MakeId
    _since: datetime | None = None
    _going: Event | None = None

    def update(self, view: Scene | Gap) -> Iterator[Event]:
        """Events that this view of the camera brings about."""
        if isinstance(view, Scene):
            self._since = None
            yield from self.end(view.utc, "")
        elif not view.reason.startswith(OURS):
            self._since = min(self._since or view.start, view.start)
            if self._going is None and view.end - self._since >= OFFLINE_AFTER:
                self._going = self._began(view)
                yield self._going

    def end(self, utc: datetime, reason: str) -> Iterator[Event]:
        """Ends what goes on."""
        if self._going is not None:
            yield ended(self._going, utc, reason)
            self._going = None

    def _began(self, gap: Gap) -> Event:
        start = self._since or gap.start
        return Event(
            id=self.make_id(f"{self.room}/{self.camera}", None, self.behavior.id, start),
            operation=Operation.INITIALIZED,
            behavior=self.behavior.id,
            room=self.room,
            seat=None,
            camera=self.camera,
            utc=gap.end,
            start=start,
            likelihood=1.0,
            mode="",
            model="",
            emit=self.behavior.emit,
            severity=self.behavior.severity,
            reason=gap.reason,
        )
