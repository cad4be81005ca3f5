"""Cameras that lie, beside healthy ones, in a whole site; what came of each of them is written down."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from homeroom.adapters.ladder import Ladder
from homeroom.adapters.snapshot import SnapshotSource
from homeroom.clock import SystemClock
from homeroom.desk import Desk
from homeroom.detection import Detection
from homeroom.event import Event
from homeroom.picture import Frame, Gap
from homeroom.ports import Detector, ModelInfo, Source
from homeroom.runtime import Parts, Runtime
from homeroom.scene import Scene
from homeroom.site import CameraSettings, read_site
from tests.coded import Coded, code, recognized
from tests.fakes import PROVEN, SpySink, StillSource
from tests.liar import Answer, Wire, description, lying, streaming

EVERY = 1.0  # seconds between scans
PLAIN = code()
MODES = {"scan": {"mode": "scan"}, "watch": {"mode": "watch"}, "kept": {"mode": "scan", "ingest": "kept"}}


@dataclass(frozen=True, slots=True)
class Lie:
    """What one camera does; where nothing is said, the honest thing."""

    coded: Coded = PLAIN
    play: Callable[[Wire], None] | None = None
    sdp: str | None = None
    answer: Answer | None = None
    wrong: str = ""  # what the reason of its gaps says; empty where its pictures are legitimate
    either: bool = False  # what comes of it may be anything, and is not waited for
    frames: int = 25  # drawn pictures among which its own are

    def played(self) -> Callable[[Wire], None]:
        return self.play or streaming(self.coded)


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame as the model got it: what is left to tell is its size, which drawn picture it is, and how like."""

    width: int
    height: int
    index: int
    decibels: float
    utc: datetime
    late: timedelta  # from its time to its coming to the model


@dataclass
class Witness:
    """A model that finds nobody and notes what it was shown."""

    frames: Mapping[str, int] = field(default_factory=dict)
    seen: dict[str, list[Seen]] = field(default_factory=dict)
    id: str = "fake"
    degraded: str = ""
    info: ModelInfo = PROVEN

    @property
    def model(self) -> str:
        return self.id

    def detector(self) -> Detector:
        return self

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        for frame in frames:
            late = SystemClock().now() - frame.utc
            luma = frame.y if frame.width < 1000 else frame.y[:: frame.height // 90, :: frame.height // 90]
            found = recognized(luma, self.frames.get(frame.camera, 25))
            self.seen.setdefault(frame.camera, []).append(Seen(frame.width, frame.height, *found, frame.utc, late))
        return [() for _ in frames]


@dataclass
class Account:
    """What came of a site's cameras."""

    witness: Witness
    views: dict[str, list[Scene | Gap]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    closing: float = 0.0  # seconds that close() took
    grown: float = 0.0  # MiB that the process took more at its largest

    def reasons(self, camera: str) -> set[str]:
        return {view.reason for view in self.views.get(camera, []) if isinstance(view, Gap)}

    def scenes(self, camera: str) -> list[Scene]:
        return [view for view in self.views.get(camera, []) if isinstance(view, Scene)]


def slug(name: str) -> str:
    """A camera id that says as much."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name)


def memory() -> float:
    """MiB that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def told(
    folder: Path,
    sources: Mapping[str, tuple[str, str]],
    until: Callable[[Account], bool],
    *,
    seconds: float = 15,
    frames: Mapping[str, int] | None = None,
    behaviors: Mapping[str, Any] | None = None,
) -> Account:
    """Runs a site of one room for each camera (its address and mode) until the account is as wanted, or time is up."""
    cameras = [
        {"id": name, "address": address, **MODES[mode], "every": EVERY, "timeout": 2, "fps": 5}
        for name, (address, mode) in sources.items()
    ]
    rooms = [
        {"id": f"room-{at}", "cameras": [camera], "seats": [{"id": "s", "views": {camera["id"]: _SEAT}}]}
        for at, camera in enumerate(cameras)
    ]
    document: dict[str, Any] = {"site": "s", "jurisdiction": "lab", "models": [{"id": "fake"}], "rooms": rooms}
    document["behaviors"] = behaviors or {}
    account = Account(Witness(frames or {}))
    put, lock = Desk.put, threading.Lock()

    def noted(desk: Desk, view: Scene | Gap, horizon: datetime) -> None:
        with lock:
            account.views.setdefault(view.camera, []).append(view)
        put(desk, view, horizon)

    sink = SpySink(events=account.events)
    parts = Parts(_source, {"fake": account.witness}, {"spy": sink}, SystemClock())
    before = memory()
    Desk.put = noted  # type: ignore[method-assign,assignment]
    try:
        runtime = Runtime(read_site(document, folder, "site.json"), parts)
        try:
            runtime.start()
            end = time.monotonic() + seconds
            while time.monotonic() < end and not until(account):
                runtime.wait(0.05)
                account.grown = max(account.grown, memory() - before)
        finally:
            began = time.monotonic()
            runtime.close()
            account.closing = time.monotonic() - began
    finally:
        Desk.put = put  # type: ignore[method-assign]
    return account


def beside(folder: Path, lies: Mapping[str, Lie], mode: str, healthy: int = 2, scans: int = 4) -> Account:
    """A site of liars and healthy cameras until each of these was scanned `scans` times.

    Of each liar something must have come too, scenes or a reason, but for those of which it may be either.
    """
    with ExitStack() as stack:
        sources, frames = {}, {}
        for at in range(healthy):
            server = stack.enter_context(lying(description(PLAIN), streaming(PLAIN)))
            sources[f"healthy-{at}"] = server.address, "scan"
        for said, lie in lies.items():
            name = slug(said)
            sdp = lie.sdp if lie.sdp is not None else description(lie.coded)
            server = stack.enter_context(lying(sdp, lie.played(), lie.answer))
            sources[name], frames[name] = (server.address, mode), lie.frames

        def enough(account: Account) -> bool:
            good = all(len(account.scenes(f"healthy-{at}")) >= scans for at in range(healthy))
            waited = {slug(name): lie for name, lie in lies.items() if not lie.either}
            return good and all(
                account.reasons(name) if lie.wrong else len(account.scenes(name)) >= scans
                for name, lie in waited.items()
            )

        return told(folder, sources, enough, frames=frames)


def check_healthy(account: Account, healthy: int = 2, scans: int = 4) -> None:
    """Each scan of each healthy camera came, in its interval; memory and close() kept their limits."""
    for at in range(healthy):
        name = f"healthy-{at}"
        scenes = account.scenes(name)
        assert account.reasons(name) == set(), name
        assert len(scenes) >= scans
        apart = [(later.utc - one.utc).total_seconds() for one, later in pairwise(scenes)]
        assert max(apart) < 2 * EVERY, name  # none was left out: the next key frame may come 0.4 s later
        assert all(one.decibels > 30 for one in account.witness.seen[name])
        assert all(one.late < timedelta(seconds=EVERY) for one in account.witness.seen[name])
    assert account.closing < 8.0  # 3 s for the cameras, 5 s for the workers
    assert account.grown < 200


def _source(camera: CameraSettings) -> Source:
    if camera.scheme == "still":
        return StillSource(camera.id)
    make = SnapshotSource if camera.scheme == "http" else Ladder
    return make(camera.id, camera.settings)


_SEAT = [[0, 0], [1, 0], [1, 1], [0, 1]]
