"""The only clock: asked by scheduling, outbox, authentication and back-off, and injected everywhere."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Host UTC, aware."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits until the event is set or the seconds are over; whether it was set."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Host UTC, aware."""
        return datetime.now(UTC)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits until the event is set or the seconds are over; whether it was set."""
        return event.wait(max(0.0, seconds))
