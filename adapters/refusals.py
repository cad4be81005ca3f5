"""A camera that refuses a password is left alone for a while: cameras lock accounts after some five wrong proofs."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta

from homeroom.clock import Clock
from homeroom.errors import Denied
from homeroom.fetch import Backoff

REST = (600.0, 3600.0)  # seconds after a refusal, and the longest; each is cut by up to half at random


class Refusals:
    """What one camera said to one account by one protocol. Shared by all that ask it; safe from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._backoff = Backoff(random.Random(), REST)  # noqa: S311  jitter, not a secret
        self._until: datetime | None = None
        self._why = ""
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises Denied, without asking the camera, while a refusal is still fresh."""
        with self._lock:
            wait = self._until - self._clock.now() if self._until else timedelta(0)
            if timedelta(0) < wait <= timedelta(seconds=REST[1]):  # a clock set back must not stop the asking
                raise Denied(f"{self._why} (it is asked again within the hour, lest it locks the account)")

    def refused(self, why: str) -> None:
        """The camera refuses the account: rest, and longer each time."""
        with self._lock:
            self._why = why
            self._until = self._clock.now() + timedelta(seconds=self._backoff.pause())

    def accepted(self) -> None:
        """The camera takes the account."""
        with self._lock:
            self._until = None
            self._backoff.reset()
