"""The observation of one room while a site runs: its cameras' fetchers, and the desk to which all of them bring."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from .behaviors import Vocabulary
from .clock import Clock
from .compute import Job, Pool
from .desk import Desk, freshness
from .difference import source_of
from .event import event_id
from .fetch import Fetcher
from .gate import Gate
from .ledger import Ledger
from .ports import CameraInfo, Source
from .room import Room, Seat
from .scene import Mode, Scene
from .site import CameraSettings, RoomSettings

log = logging.getLogger(__name__)

APART = timedelta(milliseconds=20)  # from one watched room's first connection to the next one's
LET_GO = 3.0  # seconds that all cameras together have to end
COMPUTED = 2.0  # seconds that pictures of cameras that went have to be computed
RECONFIGURED = "reconfigured"  # why an episode ended that a change of its room's settings cut short


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all rooms of a site have in common.

    `vocabularies` holds by model what its rooms go by, `sinks` names who gets events, `failed` is told what ends
    the run.
    """

    site: str
    gate: Gate
    vocabularies: Mapping[str, Vocabulary]
    sinks: Sequence[str]
    ledger: Ledger
    pool: Pool
    clock: Clock
    describe: Callable[[Scene], None]
    failed: Callable[[Exception], None]


def epoch_of(sources: Iterable[Source], generation: int) -> str:
    """What tells one run's episodes from another's: random for live cameras, the content for recordings.

    `generation` counts the room's earlier desks in this run: the same recording played again tells other episodes.
    """
    sources = list(sources)
    prints = [getattr(source, "fingerprint", None) for source in sources]
    if any(source.live for source in sources) or None in prints:
        return uuid4().hex
    content = "+".join(make() for make in prints if make is not None)
    return f"{content}#{generation}" if generation else content


def sources_for(
    room: RoomSettings, make_source: Callable[[CameraSettings], Source], earlier: Observation | None = None
) -> dict[str, Source]:
    """A source for each of the room's cameras: the one at work where the camera stays as it is, else a new one.

    A recording that begins anew does so with all of its room, since what has been played does not come again.
    Raises BadInput.
    """
    same = earlier.unchanged(room.cameras) if earlier else {}
    made = {camera.id: make_source(camera) for camera in room.cameras if camera.id not in same}
    if made and not all(source.live for source in (*same.values(), *made.values())):
        made.update({camera.id: make_source(camera) for camera in room.cameras if camera.id in same})
    return {**same, **made}


class Observation:
    """One room from start() to the close of its desk."""

    def __init__(
        self,
        room: RoomSettings,
        around: Surroundings,
        sources: Mapping[str, Source],
        turn: tuple[int, int],
        earlier: Observation | None = None,
        generation: int = 0,
    ) -> None:
        """`sources` are those of the room's cameras, by id. Raises BadInput for a recording that cannot be read.

        `turn` is the room's place among how many. Live scans are spread over their interval room by room, watched rooms
        are connected to one after the other, and the cameras of one room look at the same instant. `earlier` is the
        observation of the same room that this one takes over from: cameras with the same source go on without a break.
        """
        self.settings, self._around, self._earlier, self.generation = room, around, earlier, generation
        self.desk = Desk(
            room=Room(
                room.id,
                [Seat(seat.id, seat.views) for seat in room.seats],
                freshness({camera.id: camera.step for camera in room.cameras}),
            ),
            gate=around.gate,
            vocabulary=around.vocabularies[room.model],
            ledger=around.ledger,
            sinks=around.sinks,
            make_id=partial(event_id, around.site, epoch_of(sources.values(), generation)),
            describe=around.describe,
            live={id_ for id_, source in sources.items() if source.live},
        )
        self.kept: dict[str, Fetcher] = {
            id_: fetcher
            for id_, fetcher in (earlier.fetchers if earlier else {}).items()
            if fetcher.source is sources.get(id_)
        }
        self.fetchers: dict[str, Fetcher] = {
            camera.id: self.kept.get(camera.id) or self._fetcher(camera, sources[camera.id], turn)
            for camera in room.cameras
        }

    def unchanged(self, cameras: Iterable[CameraSettings]) -> dict[str, Source]:
        """The sources at work of those cameras that are looked at in the same way still, by id."""
        now = {camera.id: source_of(camera) for camera in self.settings.cameras}
        return {
            camera.id: self.fetchers[camera.id].source for camera in cameras if now.get(camera.id) == source_of(camera)
        }

    def _fetcher(self, camera: CameraSettings, source: Source, turn: tuple[int, int]) -> Fetcher:
        job = Job(camera, self.desk, self.settings.model, source.live)
        start = datetime.fromisoformat(camera.settings.get("start", "2000-01-01T00:00:00Z"))
        begin = start if start.tzinfo else start.replace(tzinfo=UTC)
        number, count = turn
        wait = camera.every * number / count if camera.mode is Mode.SCAN else number * APART
        first = self._around.clock.now() + wait if source.live else begin
        return Fetcher(job, source, self._around.pool, self._around.clock, first, self._around.failed)

    def start(self) -> None:
        """Begins to look; ends the earlier observation, if there is one, as `reconfigured`.

        Cameras that do not go on must have let go.
        """
        if self._earlier is not None:
            self._take_over(self._earlier)
            self._earlier = None
        for id_, fetcher in self.fetchers.items():
            if id_ not in self.kept:
                fetcher.start()

    def _take_over(self, earlier: Observation) -> None:
        """No view is lost and none goes to both desks: those that come meanwhile wait."""
        with ExitStack() as held:
            for fetcher in self.kept.values():
                held.enter_context(fetcher.job.lock)
            if self.kept or self.desk.live:
                self.desk.succeed(earlier.desk, self.kept, RECONFIGURED)
            else:  # recordings begin anew, and so does their time
                earlier.desk.close(RECONFIGURED)
            for camera in self.settings.cameras:
                if camera.id in self.kept:
                    job = self.kept[camera.id].job
                    job.camera, job.desk, job.model = camera, self.desk, self.settings.model
        for id_, fetcher in self.fetchers.items():
            if fetcher.source.live and id_ in earlier.fetchers and id_ not in self.kept:
                fetcher.follow(earlier.fetchers[id_])

    def beside(self, later: Observation | None) -> list[Fetcher]:
        """Those of its fetchers that a later observation of the room does not keep."""
        return [fetcher for id_, fetcher in self.fetchers.items() if later is None or id_ not in later.kept]

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


def dismiss(fetchers: Sequence[Fetcher]) -> None:
    """Lets these cameras go while the others look on; what they handed in is computed, within COMPUTED."""
    let_go(fetchers)
    deadline = time.monotonic() + COMPUTED
    for fetcher in fetchers:
        fetcher.pool.dismiss(fetcher.job, max(0.0, deadline - time.monotonic()))
