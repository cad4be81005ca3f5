"""What live cameras have in common: a picture or a reason why there is none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.clock import Clock
from homeroom.errors import Unavailable
from homeroom.picture import Codec, Gap, Picture, Unit
from homeroom.ports import SourceStatus


class Live(ABC):
    """A live camera, seen in one way."""

    live = True

    def __init__(self, camera: str, clock: Clock) -> None:
        self._camera = camera
        self._clock = clock

    @property
    @abstractmethod
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate; empty until connected."""

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the camera's clock is ahead of this machine's; None where it does not tell."""
        return None

    @property
    def status(self) -> SourceStatus:
        """The camera's clock alone: there is one way to see it."""
        return SourceStatus(clock_offset=self.clock_offset)

    @abstractmethod
    def take(self, due: datetime, timeout: float) -> Picture:
        """The picture at `due`, or the first after it. Raises Unavailable where none came within `timeout` seconds."""

    @abstractmethod
    def close(self) -> None:
        """Hangs up, for good; a waiting call ends at once."""

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        """As take(), with a Gap that says why there is no picture."""
        try:
            return self.take(due, timeout)
        except Unavailable as error:
            return Gap(self._camera, due, max(due, self._clock.now()), str(error))

    def _picture(self, unit: Unit, codec: Codec) -> Picture:
        return Picture(self._camera, unit.utc, codec, (unit,), fresh=True, time_source=unit.time_source)
