"""The desk of a room: views of all its cameras come in from any thread, and go on in order, one at a time.

View -> Room -> Rules -> Gate -> one transaction -> outbox. Views wait until no camera can bring an older one, or until
they are `WINDOW` old; of recorded files every view waits, so that a replay is the same each time.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .behaviors import Vocabulary
from .event import Emit, Event
from .gate import Gate, Tally
from .health import FROM_PICTURES, CameraHealth, conditions
from .ledger import Ledger
from .picture import Gap
from .record import Recorder
from .room import Room
from .rule import BehaviorRule, MakeId, Rule
from .scene import Scene
from .sight import Sight
from .store import Batch

log = logging.getLogger(__name__)

WINDOW = timedelta(seconds=2)  # live views older than this wait for no other camera
COMMIT_EVERY = timedelta(seconds=1)  # of picture time, when nothing happens; events are written at once
START = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)

View = Scene | Gap


@dataclass(slots=True)
class Desk:
    """Single-threaded inside; `put`, `tick` and `close` may be called from any thread.

    `describe` gets each scene after the gate, `sinks` names who gets the events and may be set to others at any time,
    `live` names the cameras that are no recordings.
    """

    room: Room
    gate: Gate
    vocabulary: Vocabulary
    ledger: Ledger
    sinks: Sequence[str]
    make_id: MakeId
    describe: Callable[[Scene], None]
    live: Collection[str]
    late: int = 0  # views that came after newer ones had gone on
    _rules: list[Rule] = field(init=False)
    _health: dict[str, CameraHealth] = field(init=False)
    _recorder: Recorder = field(init=False)
    _horizon: dict[str, datetime] = field(init=False)
    _tally: Tally = field(default_factory=Tally)
    _waiting: list[tuple[datetime, str, int, View]] = field(default_factory=list)
    _count: int = 0
    _gone: datetime = START
    _committed: datetime = START
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        cameras = list(self.room.fresh)
        self._rules = [
            BehaviorRule(self.room.id, behavior, self.make_id)
            for behavior in self.vocabulary.behaviors.values()
            if behavior.emit is not Emit.NONE
        ]
        self._health = {
            camera: CameraHealth(
                conditions(self.vocabulary, FROM_PICTURES, self.room.id, camera, self.make_id),
                Sight(camera in self.live),
            )
            for camera in cameras
        }
        self._recorder = Recorder(self.room.id, self.gate.pack.digest)
        self._horizon = dict.fromkeys(cameras, START)

    def put(self, view: View, horizon: datetime) -> None:
        """Takes a view of one camera, which will bring none older than `horizon` from now on."""
        with self._lock:
            if self._closed:  # by a camera that was left behind
                return
            self._count += 1
            heapq.heappush(self._waiting, (view.utc, view.camera, self._count, view))
            self._advance(view.camera, horizon)

    def finish(self, camera: str) -> None:
        """The camera's source has ended."""
        with self._lock:
            self._advance(camera, END)
            if self.over:
                self._end("end of source")

    @property
    def over(self) -> bool:
        """Whether every source of the room has ended by itself."""
        return all(horizon == END for horizon in self._horizon.values())

    def tick(self, now: datetime) -> None:
        """Lets live views go on that have waited long enough."""
        if self.live:
            with self._lock:
                self._release(now - WINDOW)

    def succeed(self, earlier: Desk, cameras: Collection[str], reason: str) -> None:
        """Ends what goes on at the room's earlier desk, and goes on where that was with the views that wait there.

        `cameras` brought to that one and bring to this one from now on.
        """
        with earlier._lock, self._lock:
            earlier._closed = True
            earlier._end(reason)
            self._gone = self._committed = earlier._gone
            self._horizon.update({camera: earlier._horizon[camera] for camera in cameras})
            self._waiting = sorted(one for one in earlier._waiting if one[1] in self._horizon)
            self._count = earlier._count
            for camera in cameras:  # the usual view stays known: a covered lens must not become it by a change of seats
                self._health[camera].sight = earlier._health[camera].sight
            earlier._waiting.clear()
            self._release(min(self._horizon.values()))
            if self.over:
                self._end("end of source")

    def close(self, reason: str) -> None:
        """Lets everything go on, ends what goes on, and takes nothing more."""
        with self._lock:
            self._closed = True
            self._release(END)
            self._end(reason)

    def _advance(self, camera: str, horizon: datetime) -> None:
        self._horizon[camera] = max(self._horizon[camera], horizon)
        self._release(min(self._horizon.values()))

    def _release(self, until: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= until:
            view = heapq.heappop(self._waiting)[3]
            if view.utc < self._gone:
                self.late += 1
                log.debug("%s: a view came %s late and is left out", view.camera, self._gone - view.utc)
                continue
            self._gone = view.utc
            self._observe(view)

    def _observe(self, view: View) -> None:
        hole = self.room.fresh[view.camera]
        states = self.room.observe(view)
        events: list[Event] = [event for rule in self._rules for event in rule.update(states)]
        events += self._health[view.camera].update(view)
        self._recorder.cover(view, hole)
        if isinstance(view, Scene):
            findings = self.gate.findings(states, self.room.whole(view.utc, view.mode))
            self._recorder.feed(view.utc, view.mode, findings + self.gate.totals(view), hole)
            self.describe(self.gate.scene(view))
        self._tally, allowed = self.gate.events(self._tally, events, self.make_id, next(iter(self.room.fresh)))
        if allowed or view.utc - self._committed >= COMMIT_EVERY:
            self._commit(allowed, view.utc)

    def _end(self, reason: str) -> None:
        if self._gone == START:
            return
        utc = self._gone
        events = [event for rule in self._rules for event in rule.end(utc, reason)]
        events += [event for health in self._health.values() for event in health.end(utc, reason)]
        self._tally, allowed = self.gate.events(self._tally, events, self.make_id, next(iter(self.room.fresh)))
        self._commit(allowed, utc)

    def _commit(self, events: Sequence[Event], utc: datetime) -> None:
        intervals, coverage = self._recorder.take()
        if events or intervals or coverage:
            self.ledger.commit(Batch(tuple(events), intervals, coverage, tuple(self.sinks)))
        self._committed = utc


def freshness(steps: Mapping[str, timedelta]) -> dict[str, timedelta]:
    """How long a view holds: until one and a half steps later, and at least a second."""
    return {camera: max(step * 1.5, timedelta(seconds=1)) for camera, step in steps.items()}
