"""A whole site at work on generated cameras: how late its scans are, and whether its memory stays."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from os import cpu_count
from pathlib import Path
from typing import Any, Literal

from homeroom.assembly import parts
from homeroom.clock import Clock
from homeroom.errors import Unavailable
from homeroom.event import Event
from homeroom.models.catalog import site_entry
from homeroom.picture import Gap, Picture, Unit
from homeroom.ports import Dedup, Receipt, Site, Source, SourceStatus
from homeroom.runtime import Runtime
from homeroom.scene import Scene
from homeroom.site import CameraSettings, read_site

from .farm import Farm, farm
from .figures import percentile, rounded, slope
from .meter import Meter, cpu, resident
from .session import verified, video_at

Kind = Literal["snapshot", "on-demand", "kept", "watch"]
KINDS: tuple[Kind, ...] = ("snapshot", "on-demand", "kept", "watch")
SEATS = 30  # per room
LOOK = 1.0  # seconds from one look at the memory to the next


@dataclass(frozen=True, slots=True)
class Soak:
    """So many generated cameras, each looked at every so many seconds (or `fps` times a second, kind "watch")."""

    cameras: int
    seconds: float
    kind: Kind
    model: str
    every: float = 30
    fps: float = 5

    @property
    def step(self) -> float:
        """Seconds from one look at a camera to the next."""
        return 1 / self.fps if self.kind == "watch" else self.every

    @property
    def warm(self) -> float:
        """Seconds before counting begins: connections are made, and every camera had its first turn or its share."""
        return min(self.seconds * (0.6 if self.kind == "kept" else 0.33), max(4.0, self.step))


def manifest(soak: Soak, ports: Farm) -> dict[str, Any]:
    """A site of as many rooms as cameras, thirty seats each."""
    return {
        "site": "bench",
        "jurisdiction": "lab",
        "granularity": "seat",
        "models": [site_entry(soak.model)],
        "rooms": [
            {"id": f"r{n}", "cameras": [_camera(soak, ports, n)], "seats": list(_seats(f"c{n}"))}
            for n in range(soak.cameras)
        ],
    }


def _camera(soak: Soak, ports: Farm, number: int) -> dict[str, Any]:
    snapshot = soak.kind == "snapshot"
    address = (
        f"http://127.0.0.1:{ports.http}/cam{number}.jpg" if snapshot else f"rtsp://127.0.0.1:{ports.rtsp}/cam{number}"
    )
    if soak.kind == "watch":
        return {"id": f"c{number}", "address": address, "mode": "watch", "fps": soak.fps}
    return {"id": f"c{number}", "address": address, "mode": "scan", "every": soak.every, "ingest": soak.kind}


def _seats(camera: str) -> Iterator[dict[str, Any]]:
    for number in range(SEATS):
        row, column = divmod(number, 6)
        left, top = 0.02 + column * 0.16, 0.02 + row * 0.19
        corners = [[left, top], [left + 0.15, top], [left + 0.15, top + 0.18], [left, top + 0.18]]
        yield {"id": f"s{number}", "views": {camera: corners}}


@dataclass(slots=True)
class Ledger:
    """When each camera's scan was due, and how much later its scene was there. Used from all threads.

    A scan whose scene is not there when the camera's next picture comes in is missed. A watched picture is due at its
    own time.
    """

    clock: Clock
    lags: list[float] = field(default_factory=list)
    missed: int = 0
    gaps: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    counting: bool = False
    _due: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetched(self, camera: str, due: datetime, result: Picture | Gap | None) -> None:
        """A scan brought a picture, or why there is none."""
        with self._lock:
            if isinstance(result, Picture):
                self.missed += self.counting and camera in self._due
                self._due[camera] = due
            elif self.counting and result is not None:
                self.gaps += 1
                self.reasons[result.reason] = self.reasons.get(result.reason, 0) + 1

    def shown(self, scene: Scene) -> None:
        """A scene is there."""
        with self._lock:
            due = self._due.pop(scene.camera, None) if scene.mode.value == "scan" else scene.utc
            if self.counting and due is not None:
                self.lags.append((self.clock.now() - due).total_seconds())


class Timed:
    """A source that notes in the ledger what it was asked for."""

    def __init__(self, inner: Source, camera: str, ledger: Ledger) -> None:
        self._inner, self._camera, self._ledger = inner, camera, ledger

    @property
    def live(self) -> bool:
        """As the source inside."""
        return self._inner.live

    @property
    def info(self) -> Mapping[str, Any]:
        """As the source inside."""
        return self._inner.info

    @property
    def status(self) -> SourceStatus:
        """As the source inside."""
        return self._inner.status

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        """Fetches, and notes when it was due."""
        try:
            result = self._inner.fetch(due, timeout)
        except Unavailable as error:
            self._ledger.fetched(self._camera, due, Gap(self._camera, due, due, str(error)))
            raise
        self._ledger.fetched(self._camera, due, result)
        return result

    def packets(self) -> Iterator[Unit]:
        """As the source inside."""
        return self._inner.packets()

    def close(self) -> None:
        """Closes the source inside."""
        self._inner.close()


class Watcher:
    """A sink that hands scenes to the ledger and takes every event."""

    name = "bench"
    dedup: Dedup = "none"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def start(self, site: Site) -> None:
        """Has nothing to begin."""

    def describe(self, scene: Scene) -> None:
        """Notes a scene."""
        self._ledger.shown(scene)

    def notify(self, event: Event) -> Receipt:  # noqa: ARG002  a sink's signature
        """Takes an event."""
        return Receipt()

    def close(self) -> None:
        """Has nothing to end."""


@contextmanager
def hushed() -> Iterator[None]:
    """Keeps hundreds of cameras from saying how they are looked at."""
    log = logging.getLogger("homeroom")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def soaked(soak: Soak, video: Path | None = None) -> dict[str, Any]:
    """Runs it; a JSON object. Raises BadInput, Unavailable."""
    verified(soak.model)
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder, video_at(video) as path:
        before = cpu()
        with farm(path, light=soak.kind == "kept") as ports, hushed():
            found = _run(soak, ports, Path(folder))
        farmed = cpu() - before - found.pop("_site_cpu")
    cores = max(0.0, farmed) / soak.seconds
    found["cpu"]["farm"] = cores
    found["cpu"]["others"] = max(0.0, found["cpu"]["others"] - cores)
    return dict(rounded(found))


def _run(soak: Soak, ports: Farm, folder: Path) -> dict[str, Any]:
    settings = read_site(manifest(soak, ports), folder, "bench")
    base = parts(settings)
    ledger = Ledger(base.clock)
    make: Callable[[CameraSettings], Source] = base.make_source

    def timed(camera: CameraSettings) -> Source:
        return Timed(make(camera), camera.id, ledger)

    began = cpu()
    runtime = Runtime(settings, replace(base, make_source=timed, sinks={"bench": Watcher(ledger)}))
    memory: list[tuple[float, float]] = []
    try:
        runtime.start()
        runtime.wait(soak.warm)
        ledger.counting = True
        meter = Meter.start()
        counted = soak.seconds - soak.warm
        until = time.monotonic() + counted
        while (left := until - time.monotonic()) > 0:
            now = resident()
            if now is not None:
                memory.append((counted - left, now))
            runtime.wait(min(LOOK, left))
        ledger.counting = False
        read = meter.read(max(1, len(ledger.lags)))
    finally:
        runtime.close()
    return {
        "cameras": soak.cameras,
        "kind": soak.kind,
        "model": soak.model,
        "every": None if soak.kind == "watch" else soak.every,
        "fps": soak.fps if soak.kind == "watch" else None,
        "seconds": soak.seconds,
        "warm_seconds": soak.warm,
        "looks": {
            "due": round(soak.cameras * counted / soak.step),
            "done": len(ledger.lags),
            "missed": ledger.missed,
            "gaps": ledger.gaps,
            "reasons": dict(sorted(ledger.reasons.items(), key=lambda one: -one[1])[:5]),
        },
        "lag_seconds": _lag(ledger.lags),
        "memory_mib": _memory(memory),
        "cpu": {
            "cores": cpu_count() or 1,
            "site": read.cpu / read.wall,
            "ms_per_look": read.cpu_ms,
            "idle": None if read.idle is None else read.idle / read.wall,
            "others": (read.others or 0.0) / read.wall,
        },
        "_site_cpu": cpu() - began,
    }


def _lag(lags: list[float]) -> dict[str, float] | None:
    return {"p50": percentile(lags, 0.5), "p99": percentile(lags, 0.99), "max": max(lags)} if lags else None


def _memory(points: list[tuple[float, float]]) -> dict[str, float] | None:
    if not points:
        return None
    return {
        "start": points[0][1],
        "middle": points[len(points) // 2][1],
        "end": points[-1][1],
        "slope_per_hour": slope(points) * 3600,
    }
