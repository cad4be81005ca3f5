"""On which rung of a ladder a camera stands, on which one it should stand, and when to try that again."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from homeroom.clock import Clock
from homeroom.fetch import Backoff

log = logging.getLogger(__name__)

CLIMB = (60.0, 3600.0)  # seconds: until the first try to climb back, and the longest pause between two


class Standing:
    """What is chosen and what is used. Written by one thread; each field may be read by any."""

    def __init__(self, camera: str, clock: Clock) -> None:
        self.chosen = self.rung = self.reason = ""
        self._camera = camera
        self._clock = clock
        self._backoff = Backoff(random.Random(), CLIMB)  # noqa: S311  jitter, not a secret
        self._next: datetime | None = None

    @property
    def fallen(self) -> bool:
        """Whether pictures come by another rung than the chosen one."""
        return self.rung not in {"", self.chosen}

    @property
    def climbs(self) -> bool:
        """Whether it is time to try the chosen rung again."""
        if not self.fallen or self._next is None:
            return False
        wait = self._next - self._clock.now()  # a clock set back must not stop the climbing
        return not timedelta(0) < wait <= timedelta(seconds=CLIMB[1])

    def choose(self, rung: str, found: str) -> None:
        """From now on `rung` is the one to stand on; `found` says why."""
        log.info("%s: pictures by %s: %s", self._camera, rung, found)
        self.chosen = self.rung = rung
        self._settle()

    def use(self, rung: str, failed: Mapping[str, str]) -> None:
        """Pictures come by `rung`; `failed` says why other rungs gave none just now. Told in the log once each way."""
        fell = rung != self.chosen and self.rung in {"", self.chosen}
        if rung == self.chosen:
            if self.fallen:
                log.info("%s: pictures by %s again", self._camera, rung)
            self._settle()
        elif self.chosen in failed:
            self.reason = failed[self.chosen]
            self._next = self._clock.now() + timedelta(seconds=self._backoff.pause())
        self.rung = rung
        if fell:
            log.warning("%s: pictures by %s instead of %s: %s", self._camera, rung, self.chosen, self.reason)

    def hurry(self) -> None:
        """The rung in use fails as well: the chosen one is tried next."""
        self._next = self._clock.now()

    def _settle(self) -> None:
        self.reason = ""
        self._next = None
        self._backoff.reset()
