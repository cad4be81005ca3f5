"""A sink that writes events to a terminal as they happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO

from .event import Event
from .ports import Dedup, Receipt, Site
from .scene import Scene

MARKS = {"Initialized": "+", "Changed": "~", "Deleted": "-"}


class Console:
    """One line for each event; with `as_json` one JSON object."""

    name = "console"
    dedup: Dedup = "none"

    def __init__(self, out: TextIO, *, as_json: bool = False) -> None:
        """Writes to `out`."""
        self._out = out
        self._as_json = as_json
        self._site: Site | None = None
        self.gone: Callable[[], None] = lambda: None  # called once when nobody reads any more (`| head`)
        self._silent = False

    def start(self, site: Site) -> None:
        """Begins to serve."""
        self._site = site

    def describe(self, scene: Scene) -> None:
        """Leaves scenes alone."""

    def notify(self, event: Event) -> Receipt:
        """Writes the event."""
        if not self._silent:
            line = json.dumps(event.to_json()) if self._as_json else self._line(event)
            try:
                self._out.write(line + "\n")
                self._out.flush()
            except BrokenPipeError:
                self._silent = True
                self.gone()
        return Receipt()

    def close(self) -> None:
        """Has nothing to let go of."""

    def _place(self, event: Event) -> tuple[str, str]:
        """Room and seat; room and camera, where the event is about a camera."""
        about_camera = self._site is not None and event.behavior in self._site.behaviors.health
        return event.room, (event.camera if about_camera else event.seat) or ""

    def _line(self, event: Event) -> str:
        label = self._site.behaviors[event.behavior].label if self._site else event.behavior
        place = " / ".join(part for part in self._place(event) if part) or "this machine"
        count = "" if event.count is None else f"  {event.count} {'person' if event.count == 1 else 'people'}"
        lasted = "" if event.active else f"  after {(event.utc - event.start).total_seconds():.1f} s"
        reason = f"  ({event.reason})" if event.reason else ""
        return f"{event.utc:%H:%M:%S}  {MARKS[event.operation.value]} {label:<14} {place}{count}{lasted}{reason}"
