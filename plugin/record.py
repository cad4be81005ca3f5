"""Builds intervals and coverage out of findings: runs of the same value without a hole in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .gate import Finding
from .interval import Coverage, Interval
from .picture import Gap
from .scene import Mode, Scene

Key = tuple[str | None, str, str, int]  # seat, axis, value, count


@dataclass(slots=True)
class Recorder:
    """The record of one room. `pack` is the digest of the policy pack in force."""

    room: str
    pack: str
    _runs: dict[Key, Interval] = field(default_factory=dict)
    _covered: dict[str, Coverage] = field(default_factory=dict)
    _changed: dict[tuple[Key, datetime], Interval] = field(default_factory=dict)
    _changed_coverage: dict[tuple[str, datetime], Coverage] = field(default_factory=dict)

    def feed(self, utc: datetime, mode: Mode, findings: Iterable[Finding], hole: timedelta) -> None:
        """Takes the findings of one instant; a run that was not fed for longer than `hole` is over."""
        found = {(one.seat, one.axis, one.value, one.count): one for one in findings}
        said = {(seat, axis) for seat, axis, _, _ in found}
        for key in [key for key in self._runs if (key[0], key[1]) in said and key not in found]:
            del self._runs[key]  # the place has another value on this axis now
        for key, one in found.items():
            run = self._runs.get(key)
            if run is None or utc - run.end > hole or run.mode != mode.value:
                run = Interval(
                    self.room,
                    one.seat,
                    one.axis,
                    one.value,
                    utc,
                    utc,
                    0,
                    0.0,
                    one.count,
                    mode.value,
                    one.model,
                    self.pack,
                )
            run = replace(
                run, end=utc, samples=run.samples + one.samples, confidence=round(run.confidence + one.confidence, 6)
            )
            self._runs[key] = self._changed[key, run.start] = run

    def cover(self, view: Scene | Gap, hole: timedelta) -> None:
        """Notes that a camera saw the room, or did not and why."""
        gap = isinstance(view, Gap)
        reason = view.reason if isinstance(view, Gap) else ""
        start = view.start if isinstance(view, Gap) else view.utc
        run = self._covered.get(view.camera)
        if run is None or (run.state == "gap") != gap or run.reason != reason or view.utc - run.end > hole:
            run = Coverage(self.room, view.camera, start, start, "gap" if gap else "observed", reason)
        run = replace(run, end=max(run.end, view.utc))
        self._covered[view.camera] = self._changed_coverage[view.camera, run.start] = run

    def take(self) -> tuple[tuple[Interval, ...], tuple[Coverage, ...]]:
        """What changed since the last call: intervals and coverage, each whole and not as a difference."""
        taken = tuple(self._changed.values()), tuple(self._changed_coverage.values())
        self._changed.clear()
        self._changed_coverage.clear()
        return taken
