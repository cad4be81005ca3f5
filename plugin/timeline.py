"""Host time of a camera's pictures: from its own clock where it tells one, and never backward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .picture import Gap

JUMP = timedelta(seconds=2)  # more than this between neighbours is a gap, not jitter
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Timeline:
    """The host time of one camera: each time at or after the one before, and every jump known as a Gap.

    `every` is the interval at which pictures are asked for: zero in watch mode, the scan interval in scan mode.
    """

    def __init__(self, camera: str, every: timedelta = timedelta(0)) -> None:
        self._camera = camera
        self._limit = JUMP + every
        self._last: datetime | None = None
        self._shift = timedelta(0)

    def place(self, utc: datetime) -> tuple[datetime, Gap | None]:
        """Host time for a picture that says `utc`, and the gap before it where there is one.

        A clock that goes back a little stands still until it has caught up; one that goes back by more than
        JUMP goes on from where it was, and from then on runs ahead until a jump forward takes the lead away.
        """
        last = self._last
        if last is None:
            self._last = utc
            return utc, None
        step = utc + self._shift - last
        reason = ""
        if step < -JUMP:
            self._shift = last - utc
            reason = f"its clock went back by {-step.total_seconds():.1f} s"
        elif step > self._limit:
            self._shift = max(timedelta(0), last - utc)
            reason = f"no picture for {step.total_seconds():.1f} s"
        placed = max(last, utc + self._shift)
        self._last = placed
        return placed, Gap(self._camera, last, placed, reason) if reason else None


class CameraClock:
    """Turns a camera's time into host time: camera time plus the least delay of the last minute.

    The least delay is the one that the network and the scheduler added least to, so their jitter goes away. What
    comes out lies at most JUMP before the arrival and never after it, whatever the camera's clock says.
    """

    WINDOW = timedelta(seconds=30)  # two of them make the minute; long enough for calm, short enough for drift

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._now = self._before = 0  # least delays of this window and the one before, in microseconds

    @property
    def ahead(self) -> float | None:
        """Seconds by which the camera's clock is ahead of the host's, but for the way here; None before the first."""
        return None if self._began is None else -min(self._now, self._before) / 10**6

    def host(self, camera: int, arrival: datetime) -> datetime:
        """Host UTC of a picture: `camera` is its time in microseconds since any epoch, `arrival` its coming in."""
        delay = (arrival - _EPOCH) // _MICROSECOND - camera
        self._note(delay, arrival)
        return arrival - (delay - min(self._now, self._before)) * _MICROSECOND

    def _note(self, delay: int, arrival: datetime) -> None:
        began = self._began
        stale = began is None or not timedelta(0) <= arrival - began < 2 * self.WINDOW
        if stale or delay - min(self._now, self._before) > JUMP // _MICROSECOND:
            self._began, self._now, self._before = arrival, delay, delay
        elif began is not None and arrival - began >= self.WINDOW:
            self._began, self._before, self._now = arrival, self._now, delay
        else:
            self._now = min(self._now, delay)
