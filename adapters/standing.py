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
        self._pause = timedelta(0)
        self._since: datetime | None = None  # the last climb, unless it lasted
        self._next: datetime | None = None
        self._doubt: datetime | None = None

    @property
    def fallen(self) -> bool:
        """Whether pictures come by another rung than the chosen one."""
        return self.rung not in {"", self.chosen}

    @property
    def climbs(self) -> bool:
        """Whether it is time to try the chosen rung again."""
        return self.fallen and self._is_time(self._next)

    @property
    def unsure(self) -> bool:
        """Whether nothing is chosen yet, or it is time to choose again."""
        return not self.chosen or self._is_time(self._doubt)

    def choose(self, rung: str, found: str, *, doubtful: bool = False) -> None:
        """From now on `rung` is the one to stand on; `found` says why.

        With `doubtful` for an hour: a cheaper one gave nothing, or this one is not good, which may pass.
        """
        if rung != self.chosen:
            log.info("%s: pictures by %s: %s", self._camera, rung, found)
        self.chosen = self.rung = rung
        self._doubt = self._clock.now() + timedelta(seconds=CLIMB[1]) if doubtful else None
        self.reason = ""
        self._next = None

    def doubt(self, why: str) -> None:
        """The chosen rung is not as good as it was: it is time to choose again, unless that is to come anyway."""
        if self._doubt is None:
            log.info("%s: %s %s", self._camera, self.chosen, why)
            self._doubt = self._clock.now()

    def use(self, rung: str, failed: Mapping[str, str]) -> None:
        """Pictures come by `rung`; `failed` says why other rungs gave none just now. Told in the log once each way.

        What falls again soon after a climb waits longer for the next.
        """
        now, fell = self._clock.now(), rung != self.chosen and self.rung in {"", self.chosen}
        if not self.fallen and self._since is not None and now - self._since > self._pause:
            self._since = None
            self._backoff.reset()
        if rung == self.chosen and self.fallen:
            log.info("%s: pictures by %s again", self._camera, rung)
            self.reason, self._next, self._since = "", None, now
        elif self.chosen in failed:
            self.reason = failed[self.chosen]
            self._pause = timedelta(seconds=self._backoff.pause())
            self._next = now + self._pause
        self.rung = rung
        if fell:
            log.warning("%s: pictures by %s instead of %s: %s", self._camera, rung, self.chosen, self.reason)

    def hurry(self) -> None:
        """The rung in use fails as well: the chosen one is tried next."""
        self._next = self._clock.now()

    def _is_time(self, at: datetime | None) -> bool:
        if at is None:
            return False
        wait = at - self._clock.now()  # a clock set back must not stop the climbing
        return not timedelta(0) < wait <= timedelta(seconds=CLIMB[1])
