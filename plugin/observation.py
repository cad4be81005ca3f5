"""The observation of one room while a site runs: its cameras' fetchers, and the desk to which all of them bring."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from .behaviors import Vocabulary
from .clock import Clock
from .compute import Job, Pool
from .desk import Desk, freshness
from .event import event_id
from .fetch import Fetcher
from .gate import Gate
from .ports import CameraInfo, Source
from .room import Room, Seat
from .scene import Scene
from .site import CameraSettings, RoomSettings
from .store import Store

log = logging.getLogger(__name__)

LET_GO = 3.0  # seconds that all cameras together have to end


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all rooms of a site have in common. `sinks` names who gets events, `failed` is told what ends the run."""

    site: str
    gate: Gate
    vocabulary: Vocabulary
    sinks: Sequence[str]
    store: Store
    pool: Pool
    clock: Clock
    describe: Callable[[Scene], None]
    wake: Callable[[], None]
    failed: Callable[[Exception], None]


def epoch_of(sources: Iterable[Source]) -> str:
    """What tells one run's episodes from another's: random for live cameras, the content for recordings."""
    sources = list(sources)
    prints = [getattr(source, "fingerprint", None) for source in sources]
    if any(source.live for source in sources) or None in prints:
        return uuid4().hex
    return "+".join(make() for make in prints if make is not None)


class Observation:
    """One room from start() to close()."""

    def __init__(self, room: RoomSettings, around: Surroundings, sources: Mapping[str, Source], share: float) -> None:
        """`sources` are those of the room's cameras, by id. Raises BadInput for a recording that cannot be read.

        `share` (0..1) is how much of a live scan's interval passes before the first one: scans are spread over their
        interval room by room, and the cameras of one room look at the same instant.
        """
        self.settings, self._around = room, around
        live = any(source.live for source in sources.values())
        self.desk = Desk(
            room=Room(
                room.id,
                [Seat(seat.id, seat.views) for seat in room.seats],
                freshness({camera.id: camera.step for camera in room.cameras}),
            ),
            gate=around.gate,
            vocabulary=around.vocabulary,
            store=around.store,
            sinks=around.sinks,
            make_id=partial(event_id, around.site, epoch_of(sources.values())),
            describe=around.describe,
            wake=around.wake,
            live=live,
        )
        self.fetchers = {camera.id: self._fetcher(camera, sources[camera.id], share) for camera in room.cameras}

    def _fetcher(self, camera: CameraSettings, source: Source, share: float) -> Fetcher:
        job = Job(camera, self.desk, self.settings.model, source.live)
        start = datetime.fromisoformat(camera.settings.get("start", "2000-01-01T00:00:00Z"))
        begin = start if start.tzinfo else start.replace(tzinfo=UTC)
        first = self._around.clock.now() + share * camera.every if source.live else begin
        return Fetcher(job, source, self._around.pool, self._around.clock, first, self._around.failed)

    def start(self) -> None:
        """Begins to look."""
        for fetcher in self.fetchers.values():
            fetcher.start()

    @property
    def cameras(self) -> list[CameraInfo]:
        """The room's cameras as the outside may know them."""
        return [self._info(camera) for camera in self.settings.cameras]

    def _info(self, camera: CameraSettings) -> CameraInfo:
        known: Mapping[str, Any] = self.fetchers[camera.id].source.info
        return CameraInfo(
            token=camera.id,
            name=camera.name,
            room=self.settings.id,
            address="" if camera.scheme == "file" else camera.address,
            codec=known["codec"].name if "codec" in known else "",
            width=known.get("width", 0),
            height=known.get("height", 0),
            frame_rate=known.get("frame_rate", 0.0),
        )


def let_go(fetchers: Sequence[Fetcher]) -> None:
    """Ends these cameras' threads, all at the same time; who does not let go within LET_GO is left behind."""
    for fetcher in fetchers:
        fetcher.close()
    deadline = time.monotonic() + LET_GO
    for fetcher in fetchers:
        if not fetcher.join(max(0.0, deadline - time.monotonic())):
            log.warning("%s: its camera does not let go; leaving it behind", fetcher.job.camera.id)
