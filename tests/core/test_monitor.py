"""Health of the installation: what is late, wrong, fallen back or full is told, and that it is over."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from homeroom.compute import Job, Pool
from homeroom.detection import Detection
from homeroom.event import Event, event_id
from homeroom.fetch import Fetcher
from homeroom.manifest import load_vocabulary
from homeroom.monitor import LOW, PERIOD, Monitor
from homeroom.picture import Frame
from homeroom.ports import Detector, SourceStatus
from homeroom.scene import Mode
from homeroom.site import CameraSettings
from tests.fakes import T0, ScriptedModel, StillSource, VirtualClock, at

GIB = 2**30


@dataclass
class TellingSource(StillSource):
    """A camera that says how it fares."""

    now: SourceStatus = field(default_factory=SourceStatus)

    @property
    def status(self) -> SourceStatus:
        return self.now


@dataclass
class Installation:
    """A monitor over one camera, one model and a disk of 500 GiB, and what it told."""

    mode: Mode = Mode.WATCH
    live: bool = True
    overrides: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    free: int = 100 * GIB
    total: int = 500 * GIB
    second: float = 0.0

    def __post_init__(self) -> None:
        def failed(error: Exception) -> None:
            raise AssertionError(error)

        self.clock = VirtualClock()
        self.source = TellingSource("front", self.live)
        self.model = ScriptedModel()
        self.pool = Pool({"fake": self.model}, 1, failed, self.clock)
        settings = CameraSettings("front", "", "", "fake", self.mode, timedelta(seconds=30), 2, 10, (), {})
        desk = SimpleNamespace(room=SimpleNamespace(id="r"), put=lambda *_: None)
        self.job = Job(settings, desk, "fake", self.live)  # type: ignore[arg-type]
        self.fetchers: Sequence[Fetcher] = [Fetcher(self.job, self.source, self.pool, self.clock, T0, failed)]
        self.monitor = Monitor(
            load_vocabulary(self.overrides),
            lambda: self.fetchers,
            lambda: {"fake": self.model},
            Path("store") / "homeroom.db",
            partial(event_id, "s", "e"),
            self.events.extend,
            lambda _: (self.total, 0, self.free),
        )

    def look(self, seconds: float) -> None:
        """Lets the time pass, with a look every PERIOD."""
        until = self.second + seconds
        while self.second < until:
            self.monitor.tick(at(self.second))
            self.second += PERIOD.total_seconds()

    @property
    def told(self) -> list[tuple[str, bool, str, str]]:
        """(state, begins, camera, reason) of each event."""
        return [(one.behavior, one.active, one.camera, one.reason) for one in self.events]


def test_of_a_sound_installation_nothing_is_told() -> None:
    installation = Installation()
    installation.look(600)
    assert installation.told == []


@pytest.mark.parametrize(("offset", "words"), [(6.0, "6.0 s ahead"), (-3600.0, "3600.0 s behind")])
def test_a_clock_that_is_wrong_for_a_minute_is_told(offset: float, words: str) -> None:
    installation = Installation()
    installation.source.now = SourceStatus(clock_offset=offset)
    installation.look(60)
    assert installation.told == []
    installation.look(5)
    installation.source.now = SourceStatus(clock_offset=4.9)
    installation.look(70)
    assert installation.told == [("camera-clock", True, "front", words), ("camera-clock", False, "front", "")]
    assert {(one.room, one.seat) for one in installation.events} == {("r", None)}


def test_a_camera_on_a_fallback_is_told_with_the_reason() -> None:
    installation = Installation()
    installation.source.now = SourceStatus("stream", "snapshot", "the snapshot answers 404")
    installation.look(65)
    installation.source.now = SourceStatus("stream", "stream")
    installation.look(65)
    assert installation.told == [
        ("camera-fallback", True, "front", "the snapshot answers 404"),
        ("camera-fallback", False, "front", ""),
    ]
    assert installation.events[0].start == T0


def test_a_model_that_computes_elsewhere_is_told_at_once_and_of_the_whole_site() -> None:
    installation = Installation()
    installation.model.degraded = "device GPU failed, so it computes on the CPU"
    installation.look(5)
    assert installation.told == [("device-fallback", True, "", "fake: device GPU failed, so it computes on the CPU")]
    assert installation.events[0].room == ""


@pytest.mark.parametrize(("total", "limit"), [(500 * GIB, LOW), (8 * GIB, int(0.02 * 8 * GIB))])
def test_a_low_disk_is_told_until_there_is_clearly_more_space(total: int, limit: int) -> None:
    installation = Installation(total=total, free=limit + 1)
    installation.look(5)
    assert installation.told == []
    installation.free = limit - 1
    installation.look(5)
    assert installation.told == [("disk-low", True, "", f"{(limit - 1) / 2**20:.0f} MiB free")]
    installation.free = int(1.4 * limit)
    installation.look(300)
    assert len(installation.told) == 1
    installation.free = int(1.6 * limit)
    installation.look(60)
    assert len(installation.told) == 1
    installation.look(5)
    assert installation.told[1] == ("disk-low", False, "", "")


def test_a_disk_that_does_not_answer_is_told() -> None:
    installation = Installation()

    def gone(folder: Path) -> tuple[int, int, int]:
        raise OSError(5, "Input/output error")

    installation.monitor.disk_usage = gone
    installation.look(5)
    assert installation.told == [("disk-low", True, "", "the disk does not answer: Input/output error")]


def test_what_the_site_does_not_want_to_hear_is_not_told() -> None:
    installation = Installation(overrides={"disk-low": {"emit": "none"}, "camera-clock": {"watch": {"min_time": 0}}})
    installation.free = 0
    installation.source.now = SourceStatus(clock_offset=9)
    installation.look(5)
    assert installation.told == [("camera-clock", True, "front", "9.0 s ahead")]


def test_a_site_of_recordings_is_left_alone() -> None:
    installation = Installation(live=False, free=0)
    installation.model.degraded = "elsewhere"
    installation.look(600)
    assert installation.told == []


def test_states_of_a_camera_end_when_it_is_removed_and_all_others_at_the_end() -> None:
    installation = Installation(free=0)
    installation.source.now = SourceStatus(clock_offset=9)
    installation.look(65)
    again = replace(installation.fetchers[0])
    installation.fetchers = [again]
    installation.look(65)
    installation.monitor.close(at(200), "shutdown")
    assert installation.told == [
        ("disk-low", True, "", "0 MiB free"),
        ("camera-clock", True, "front", "9.0 s ahead"),
        ("camera-clock", False, "front", "removed"),
        ("camera-clock", True, "front", "9.0 s ahead"),
        ("camera-clock", False, "front", "shutdown"),
        ("disk-low", False, "", "shutdown"),
    ]


def test_pictures_that_are_never_looked_at_are_told() -> None:
    installation = Installation()
    for _ in range(12):
        installation.job.computed += 1
        installation.job.replaced += 9
        installation.look(5)
    for _ in range(12):
        installation.job.computed += 10
        installation.look(5)
    assert installation.told == [
        ("camera-lag", True, "front", "9 of 10 pictures were never looked at"),
        ("camera-lag", False, "front", ""),
    ]


class SlowModel(ScriptedModel):
    """Takes as long as it is told to."""

    def detector(self) -> Detector:
        return SlowDetector(self)


class SlowDetector:
    def __init__(self, owner: ScriptedModel) -> None:
        self.model = "fake"
        self._go: threading.Semaphore = owner.script

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        self._go.acquire()
        return [() for _ in frames]


@pytest.mark.parametrize(("mode", "limit"), [(Mode.WATCH, 5.0), (Mode.SCAN, 15.0)])
def test_a_picture_that_waits_too_long_to_be_looked_at_is_late(mode: Mode, limit: float) -> None:
    installation = Installation(mode)
    go = threading.Semaphore(0)
    clock, source = installation.clock, installation.source
    pool = Pool({"fake": SlowModel(go)}, 1, lambda _: None, clock)
    installation.fetchers[0].pool = pool
    pool.start()

    def hand_in(second: float) -> None:
        picture = source.fetch(at(second), 1)
        assert not isinstance(picture, datetime | None)
        pool.submit(installation.job, picture, at(second))

    try:
        hand_in(0)
        assert pool.lag(installation.job, at(limit)) == limit
        installation.look(limit)
        installation.look(30)
        assert installation.told == []
        installation.look(10)
        assert [event[:3] for event in installation.told] == [("camera-lag", True, "front")]
        clock.time = at(60)
        go.release()
        pool.drain(installation.job)
        assert installation.job.lag == 60
        hand_in(59)
        go.release()
        pool.drain(installation.job)
        assert pool.lag(installation.job, at(100)) == 1.0
    finally:
        go.release(10)
        pool.close()
