"""A site with a list for a log, a dict for a memory and a real event loop in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.behaviors import Vocabulary
from homeroom.event import Emit, Event, Operation
from homeroom.manifest import load_vocabulary
from homeroom.ports import CameraInfo, Logged, Place

T0 = datetime(2026, 11, 24, 9, 0, 0, 125000, UTC)


def event(behavior: str = "hand-raised", seat: str | None = "s1", **more: Any) -> Event:
    """An episode's first message."""
    emit = {"head-on-desk": Emit.ALARM, "reading": Emit.METADATA}.get(behavior, Emit.EVENT)
    made = Event(
        id=uuid4(),
        operation=Operation.INITIALIZED,
        behavior=behavior,
        room="r1",
        seat=seat,
        camera="cam1",
        utc=T0,
        start=T0,
        likelihood=0.875,
        mode="watch",
        model="m1",
        emit=emit,
        severity="info",
    )
    return replace(made, **more)


def over(first: Event, reason: str = "") -> Event:
    """The last message of the episode."""
    return replace(first, operation=Operation.DELETED, utc=first.utc + timedelta(seconds=5), reason=reason)


@dataclass
class FakeSite:
    """What a device may ask of a site. `ahead` seconds are added to the clock."""

    name: str = "school"
    cameras: Sequence[CameraInfo] = (
        CameraInfo("cam1", "Front & <left>", "r1", "rtsp://192.0.2.7:554/main", "h264", 1280, 720, 15.0),
        CameraInfo("cam2", "Back", "r1"),
        CameraInfo("cam3", "Door", "r2", "http://192.0.2.9/snap.jpg", "mjpeg"),
    )
    places: Sequence[Place] = (Place("r1", "s1", "cam1"), Place("r1", "s2", "cam1"), Place("r2", None, "cam3"))
    events: list[Logged] = field(default_factory=list)
    memory: dict[str, str] = field(default_factory=dict)
    behaviors: Vocabulary = field(default_factory=load_vocabulary)
    ahead: float = 0.0
    blocked: threading.Event | None = None

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def current(self) -> Sequence[Event]:
        going: dict[object, Event] = {}
        for logged in self.events:
            going.pop(logged.event.id, None)
            if logged.event.active:
                going[logged.event.id] = logged.event
        return list(going.values())

    def log(self, after: int, limit: int) -> Sequence[Logged]:
        if self.blocked is not None:
            self.blocked.wait(10)
        return [one for one in self.events if one.seq > after][:limit]

    def log_end(self) -> int:
        return self.events[-1].seq if self.events else 0

    def recall(self, key: str) -> str | None:
        return self.memory.get(key)

    def remember(self, key: str, value: str | None) -> None:
        if value is None:
            self.memory.pop(key, None)
        else:
            self.memory[key] = value

    def write(self, *events: Event) -> None:
        """Appends to the log."""
        for one in events:
            self.events.append(Logged(self.log_end() + 1, one))

    def close(self) -> None:
        """Ends the loop; the log and the memory stay."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


SETTINGS: dict[str, Any] = {
    "id": "device",
    "type": "onvif-device",
    "listen": "127.0.0.1:0",
    "username": "vms",
    "password": "pass word &<",
}


@contextmanager
def serving(site: FakeSite, **settings: Any) -> Iterator[OnvifDevice]:
    """A device of the site that listens."""
    device = OnvifDevice({**SETTINGS, **settings})
    device.start(site)
    try:
        yield device
    finally:
        device.close()


def tell(site: FakeSite, device: OnvifDevice, *events: Event) -> None:
    """Writes events as the core does: into the log, then to the sink."""
    for one in events:
        site.write(one)
        device.notify(one)
