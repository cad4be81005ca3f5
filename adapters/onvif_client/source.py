"""A camera that is looked through by what it says of itself over ONVIF."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from homeroom.adapters.ladder import Ladder
from homeroom.clock import Clock, SystemClock
from homeroom.errors import BadInput, HomeroomError, Unavailable
from homeroom.picture import Gap, Picture, Unit
from homeroom.ports import Measured, SourceStatus

from .camera import OnvifCamera, View

PAUSES = (timedelta(seconds=5), timedelta(seconds=60))  # between questions that lead nowhere: the first, the longest
REFUSED = timedelta(minutes=5)  # after a refusal: cameras lock an account that tries a wrong password too often


class OnvifSource:
    """A live camera. It is asked where its pictures are at the first look, and again when none come any more.

    Decision: the answer is kept until looking fails, since cameras say the same for months. Objective: a scan costs no
    conversation; a camera that comes back elsewhere is found. Alternatives: asking before each scan.
    """

    live = True

    def __init__(self, camera: str, settings: Mapping[str, Any], clock: Clock | None = None) -> None:
        self._camera, self._settings, self._clock = camera, settings, clock or SystemClock()
        self._onvif = OnvifCamera(camera, settings, self._clock)
        self._view: View | None = None
        self._ladder: Ladder | None = None
        self._lost = False  # the last look gave nothing
        self._asked: datetime | None = None
        self._pause = timedelta(0)  # how long to leave the camera alone after `_asked`
        self._trouble = ""
        self._closing = threading.Lock()
        self._closed = False

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate; empty until connected."""
        return MappingProxyType({}) if self._ladder is None else self._ladder.info

    @property
    def status(self) -> SourceStatus:
        """How looking fares, and how far the camera's clock was off when it was last asked."""
        ladder, view = self._ladder, self._view
        if ladder is None or view is None:
            return SourceStatus()
        return replace(ladder.status, clock_offset=view.clock_offset)

    @property
    def about(self) -> str:
        """What the camera said of itself: make and model, profile, clock; "" before it was asked."""
        return "" if self._view is None else str(self._view)

    def measure(self, timeout: float) -> Sequence[Measured]:
        """Asks the camera, and tries each way to its pictures. Raises Unavailable or BadInput."""
        return self._way(timeout).measure(timeout)

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        """The next key unit or still; a Gap that says why there is none within `timeout` seconds."""
        until = time.monotonic() + timeout
        try:
            ladder = self._way(timeout)
        except HomeroomError as error:
            return Gap(self._camera, due, max(due, self._clock.now()), str(error))
        found = ladder.fetch(due, max(0.0, until - time.monotonic()))
        self._note(found=isinstance(found, Picture))
        return found

    def packets(self) -> Generator[Unit, None, None]:
        """All units from the next key unit on, until close(). Raises Unavailable."""
        try:
            ladder = self._way(self._onvif.timeout)
        except BadInput as error:  # what is wrong at a camera may be put right while we run
            raise Unavailable(str(error)) from None
        try:
            for unit in ladder.packets():
                self._note(found=True)
                yield unit
        except Unavailable:
            self._note(found=False)
            raise

    def close(self) -> None:
        """Hangs up, for good; a waiting call ends at once."""
        with self._closing:
            self._closed = True
            self._onvif.close()
            if self._ladder is not None:
                self._ladder.close()

    def _way(self, timeout: float) -> Ladder:
        """How to look: as before, or as the camera says now, where looking as before gave nothing.

        Raises Unavailable or BadInput.
        """
        if self._ladder is not None and not (self._lost and self._may_ask()):
            return self._ladder
        if self._ladder is None and not self._may_ask():
            raise Unavailable(self._trouble)
        self._asked = self._clock.now()
        try:
            ladder = self._looking(self._onvif.view(str(self._settings.get("profile") or ""), timeout))
        except HomeroomError as error:
            self._pause = REFUSED if isinstance(error, BadInput) else self._longer()
            self._trouble = str(error)
            if self._ladder is None:
                raise
            return self._ladder
        self._pause = self._longer()
        return ladder

    def _looking(self, view: View) -> Ladder:
        """What looks at these addresses: the one that does so already, or a new one."""
        with self._closing:
            before, self._view = self._view, view
            same = before is not None and _addresses(before) == _addresses(view)
            if self._ladder is None or not same:
                if self._closed:
                    raise Unavailable("the connection was closed")
                if self._ladder is not None:
                    self._ladder.close()
                self._ladder = Ladder(self._camera, {**self._settings, **_addresses(view)}, self._clock)
                self._lost = False
            return self._ladder

    def _may_ask(self) -> bool:
        """Whether the camera was left alone for long enough; a clock that was set back does not count."""
        return self._asked is None or not timedelta(0) <= self._clock.now() - self._asked < self._pause

    def _longer(self) -> timedelta:
        return min(max(2 * self._pause, PAUSES[0]), PAUSES[1])

    def _note(self, *, found: bool) -> None:
        self._lost = not found
        if found:
            self._pause = timedelta(0)


def _addresses(view: View) -> Mapping[str, str]:
    """As settings of the ladder."""
    return {"address": view.stream, "snapshot": view.snapshot, "substream": view.substream}
