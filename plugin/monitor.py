"""Health of the installation as events, on the host's clock: late pictures, wrong clocks, fallbacks, a full disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from .behaviors import (
    CAMERA_CLOCK,
    CAMERA_FALLBACK,
    CAMERA_LAG,
    DEVICE_FALLBACK,
    DISK_LOW,
    SITE_WIDE,
    Vocabulary,
)
from .event import Event
from .fetch import Fetcher
from .health import Conditions, conditions
from .ports import Model
from .rule import MakeId

PERIOD = timedelta(seconds=5)  # between looks
LATE = 5.0  # seconds; what is told later than that is history. In scan mode half a step, where that is longer
FEW = 3  # so many replaced pictures between two looks may be chance
WRONG_CLOCK = 5.0  # seconds; with less, recordings and events of two systems still match
LOW = 2**30  # bytes: weeks of records, and time to act
LOW_SHARE = 0.02  # of a disk that is so small that this is less than LOW
ENOUGH = 1.5  # as much of the limit ends it
FROM_SYSTEM = (CAMERA_CLOCK, CAMERA_LAG, CAMERA_FALLBACK)

DiskUsage = Callable[[Path], tuple[int, int, int]]  # total, used, free bytes


@dataclass(slots=True)
class _Camera:
    """One live camera's states, and what was counted at the last look."""

    fetcher: Fetcher
    conditions: Conditions
    computed: int = 0
    replaced: int = 0

    def update(self, now: datetime) -> Iterator[Event]:
        """Events that the state of the camera at `now` brings about."""
        status = self.fetcher.source.status
        reasons = {
            CAMERA_CLOCK: _clock(status.clock_offset),
            CAMERA_LAG: self._lag(now),
            CAMERA_FALLBACK: (status.reason or f"{status.rung} instead of {status.chosen}") if status.fallen else "",
        }
        for state, condition in self.conditions.items():
            yield from condition.update(now, reasons[state])

    def _lag(self, now: datetime) -> str:
        job = self.fetcher.job
        computed, replaced = job.computed - self.computed, job.replaced - self.replaced
        self.computed, self.replaced = job.computed, job.replaced
        if replaced >= FEW and replaced > computed:
            return f"{replaced} of {computed + replaced} pictures were never looked at"
        late = self.fetcher.pool.lag(job, now)
        return f"looked at {late:.1f} s late" if late > max(LATE, job.camera.step.total_seconds() / 2) else ""


def _clock(offset: float | None) -> str:
    if offset is None or abs(offset) <= WRONG_CLOCK:
        return ""
    return f"{abs(offset):.1f} s {'ahead' if offset > 0 else 'behind'}"


@dataclass(slots=True)
class Monitor:
    """Looks at live cameras, models and the store's disk, every PERIOD. Used by one thread.

    `fetchers` and `models` tell what there is now; fetchers of recordings are left out, and a site without any live
    camera is not looked at, so that a replay gives the same events each time. `tell` takes the events.
    """

    vocabulary: Vocabulary
    fetchers: Callable[[], Sequence[Fetcher]]
    models: Callable[[], Mapping[str, Model]]
    store: Path
    make_id: MakeId
    tell: Callable[[list[Event]], None]
    disk_usage: DiskUsage = shutil.disk_usage
    _cameras: dict[str, _Camera] = field(default_factory=dict)
    _site: Conditions = field(init=False)
    _looked: datetime | None = None
    _low: bool = False

    def __post_init__(self) -> None:
        self._site = conditions(self.vocabulary, tuple(sorted(SITE_WIDE)), "", "", self.make_id)

    def tick(self, now: datetime) -> None:
        """Looks, if it is time."""
        if self._looked is not None and abs(now - self._looked) < PERIOD:
            return
        self._looked = now
        live = {one.job.camera.id: one for one in self.fetchers() if one.job.live}
        events = [event for id_ in list(self._cameras) for event in self._left(id_, live.get(id_), now)]
        for id_, fetcher in live.items():
            if id_ not in self._cameras:
                self._cameras[id_] = self._camera(fetcher)
            events += self._cameras[id_].update(now)
        if live:
            events += self._whole(now)
        if events:
            self.tell(events)

    def close(self, now: datetime, reason: str) -> None:
        """Ends what goes on."""
        each = [condition for camera in self._cameras.values() for condition in camera.conditions.values()]
        events = [event for one in (*each, *self._site.values()) for event in one.end(now, reason)]
        if events:
            self.tell(events)

    def _camera(self, fetcher: Fetcher) -> _Camera:
        room, camera = fetcher.job.desk.room.id, fetcher.job.camera.id
        return _Camera(fetcher, conditions(self.vocabulary, FROM_SYSTEM, room, camera, self.make_id))

    def _left(self, id_: str, fetcher: Fetcher | None, now: datetime) -> Iterator[Event]:
        """Ends the states of a camera that is no longer there, or is looked at anew."""
        if self._cameras[id_].fetcher is not fetcher:
            for condition in self._cameras.pop(id_).conditions.values():
                yield from condition.end(now, "removed")

    def _whole(self, now: datetime) -> Iterator[Event]:
        fallen = "; ".join(f"{id_}: {model.degraded}" for id_, model in self.models().items() if model.degraded)
        reasons = {DEVICE_FALLBACK: fallen, DISK_LOW: self._disk()}
        for state, condition in self._site.items():
            yield from condition.update(now, reasons[state])

    def _disk(self) -> str:
        try:
            total, _, free = self.disk_usage(self.store.parent)
        except OSError as error:  # a disk that is gone takes no records either
            return f"the disk does not answer: {error.strerror}"
        limit = min(LOW, LOW_SHARE * total) * (ENOUGH if self._low else 1)
        self._low = free < limit
        return f"{free / 2**20:.0f} MiB free" if self._low else ""
