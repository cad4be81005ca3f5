"""A running site that becomes another: what is the same goes on, what ends does so once, what fails changes nothing."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.acceptance import Acceptance
from homeroom.clock import SystemClock
from homeroom.detection import Detection
from homeroom.difference import Difference
from homeroom.errors import BadInput, Forbidden, HomeroomError, Temporary
from homeroom.event import Emit, Event, Operation
from homeroom.picture import TimeSource, Unit
from homeroom.ports import Model, ModelInfo, Receipt, Site, Source
from homeroom.runtime import NewParts, Parts, Runtime
from homeroom.site import CameraSettings, SiteSettings, read_site
from homeroom.store import Store
from tests.fakes import PROVEN, T0, ScriptedModel, SpySink, StillSource, person, raising

RATE = 20  # pictures a second
LEFT = [[0, 0.2], [0.45, 0.2], [0.45, 1], [0, 1]]
RIGHT = [[0.55, 0.2], [1, 0.2], [1, 1], [0.55, 1]]
QUICK = {"watch": {"min_time": 0.1, "min_off": 0.1}, "cool_down": 0}
BEHAVIORS = {"hand-raised": QUICK, "occupied": QUICK, "standing": QUICK}


def room(id_: str, *, seats: Mapping[str, Any] | None = None, model: str = "fake", **camera: Any) -> dict[str, Any]:
    """One room with one watched camera of the same name and two seats."""
    seats = {"L": LEFT, "R": RIGHT} if seats is None else seats
    return {
        "id": id_,
        "model": model,
        "cameras": [{"id": f"{id_}-cam", "address": "rtsp://10.0.0.5/s", "mode": "watch", "fps": RATE, **camera}],
        "seats": [{"id": seat, "views": {f"{id_}-cam": polygon}} for seat, polygon in seats.items()],
    }


def site(folder: Path, *rooms: dict[str, Any], vms: tuple[str, ...] = (), **fields: Any) -> SiteSettings:
    """A site of these rooms; each name in `vms` is a sink."""
    document = {
        "site": "s",
        "jurisdiction": "lab",
        "granularity": "seat",
        "models": [{"id": "fake"}, {"id": "other"}],
        "behaviors": BEHAVIORS,
        "rooms": list(rooms),
        "vms": [{"id": name.partition("@")[0], "type": "spy", "at": name} for name in vms],
        **fields,
    }
    return read_site(document, folder, "site.json")


@dataclass
class LiveSource(StillSource):
    """A camera at the wall's pace. Once closed it says nothing more; `stubborn` does not let go."""

    stubborn: threading.Event | None = None
    streams: int = 0

    def packets(self) -> Iterator[Unit]:
        self.streams += 1
        while not self.closed.wait(1 / RATE):
            yield Unit(self._png, datetime.now(UTC), key=True, time_source=TimeSource.ARRIVAL)
        if self.stubborn is not None:
            self.stubborn.wait()


@dataclass
class NotedSink(SpySink):
    """Notes how often it was started, closed and told of another site. Refuses to start, or to take, when told so."""

    starts: int = 0
    closes: int = 0
    told: int = 0
    busy: bool = False
    refusals: int = 0
    at: str = ""

    def start(self, site: Site) -> None:
        if self.refusals:
            self.refusals -= 1
            raise BadInput(f"{self.name}: cannot listen: port in use")
        self.starts += 1
        super().start(site)

    def notify(self, event: Event) -> Receipt:
        if self.busy:
            raise Temporary("busy")
        return super().notify(event)

    def reconfigured(self) -> None:
        self.told += 1

    def close(self) -> None:
        self.closes += 1


def busy(camera: str, utc: datetime) -> list[Detection]:
    """Both sit; each raises a hand for a while, at a pace of its own."""
    second = utc.timestamp()
    pose = [raising if (second % period) < period / 2 else person for period in (1.0, 1.3)]
    return [pose[0](0.1, 0.3, 0.35, 0.9), pose[1](0.6, 0.3, 0.85, 0.9)]


def seated(camera: str, utc: datetime) -> list[Detection]:
    return [person(0.1, 0.3, 0.35, 0.9), person(0.6, 0.3, 0.85, 0.9)]


@dataclass
class Stage:
    """A runtime on fakes, and what was made for it."""

    settings: SiteSettings
    script: Callable[[str, datetime], list[Detection]] = seated
    sources: dict[str, list[StillSource]] = field(default_factory=dict)
    sinks: dict[str, list[NotedSink]] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    make: Callable[[CameraSettings], StillSource] = lambda camera: LiveSource(camera.id)
    refusals: int = 0  # of sinks made from now on
    spy: NotedSink = field(default_factory=NotedSink)
    info: ModelInfo = PROVEN

    def __post_init__(self) -> None:
        sinks = {id_: self.make_sink(id_, self.settings) for id_ in self.settings.vms}
        models = {"fake": ScriptedModel(self.script, info=self.info)}
        self.runtime = Runtime(
            self.settings, Parts(self.make_source, models, {**sinks, "spy": self.spy}, SystemClock())
        )

    def make_source(self, camera: CameraSettings) -> Source:
        made = self.make(camera)
        self.sources.setdefault(camera.id, []).append(made)
        return made

    def make_sink(self, id_: str, settings: SiteSettings) -> NotedSink:
        made = NotedSink(id_, refusals=self.refusals, at=settings.vms[id_]["at"])
        self.sinks.setdefault(id_, []).append(made)
        return made

    def new_parts(self, settings: SiteSettings, change: Difference) -> NewParts:
        self.models += change.models
        if "broken" in change.models or settings.models.get("other", {}).get("device") == "NPU":
            raise BadInput("model other: no such device")
        models: dict[str, Model] = {id_: ScriptedModel(self.script, id_) for id_ in change.models}
        sinks = {id_: self.make_sink(id_, settings) for id_ in (*change.sinks.added, *change.sinks.changed)}
        return NewParts(models, sinks)

    def reload(self, settings: SiteSettings) -> Difference:
        change = self.runtime.reload(settings, self.new_parts)
        self.settings = settings
        return change

    def scenes(self, room: str) -> int:
        """How many pictures of the room's camera were looked at."""
        return sum(1 for scene in self.spy.scenes if scene.camera == f"{room}-cam")

    def see(self, *rooms: str, more: int = 5) -> None:
        """Waits until each room was looked at some more times."""
        enough = {room: self.scenes(room) + more for room in rooms}
        until(lambda: all(self.scenes(room) >= count for room, count in enough.items()))

    def going(self) -> set[tuple[str, str | None, str]]:
        """(room, seat, behavior) of what goes on as the site says."""
        return {(event.room, event.seat, event.behavior) for event in self.runtime.current()}

    def events(self) -> list[Event]:
        with Store.reader(self.settings.store) as reader:
            return [logged.event for logged in reader.log(0, 100_000)]


def until(ready: Callable[[], bool], timeout: float = 20) -> None:
    """Waits until something is true."""
    end = time.monotonic() + timeout
    while not ready():
        assert time.monotonic() < end, "it did not come true in time"
        threading.Event().wait(0.01)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sinks that take nothing are given up soon."""
    monkeypatch.setattr("homeroom.runtime.FLUSH", 0.5)
    monkeypatch.setattr("homeroom.sinks.FLUSH", 0.5)


@contextmanager
def running(stage: Stage) -> Iterator[Stage]:
    """Runs it to an end in order, in which every episode has ended exactly once."""
    try:
        stage.runtime.start()
        yield stage
    finally:
        stage.runtime.close(1)
    stage.runtime.wait(0)
    once = Counter((event.id, event.operation) for event in stage.events() if event.operation is not Operation.CHANGED)
    begun = {event.id for event in stage.events()}
    assert once == {(id_, one): 1 for id_ in begun for one in (Operation.INITIALIZED, Operation.DELETED)}
    assert [event for event in stage.spy.events if event.seat or event.count] != []


BOTH = {("a", "L", "occupied"), ("a", "R", "occupied"), ("b", "L", "occupied"), ("b", "R", "occupied")}


@contextmanager
def two_rooms(folder: Path, **fields: Any) -> Iterator[Stage]:
    """Rooms a and b with two people each, who are known to sit."""
    with running(Stage(site(folder, room("a"), room("b"), **fields))) as stage:
        until(lambda: stage.going() == BOTH)
        yield stage


def test_an_alarm_without_evidence_reaches_nobody_until_the_site_has_accepted_the_behavior(tmp_path: Path) -> None:
    """Until then it stays in the store, where search finds it, marked."""
    behaviors = {"occupied": {**QUICK, "emit": "alarm"}}
    info = ModelInfo("Unproven", {"xml": "0" * 96}, {})
    with running(Stage(site(tmp_path, room("a"), behaviors=behaviors), info=info)) as stage:
        until(lambda: stage.going() == {("a", "L", "occupied"), ("a", "R", "occupied")})
        assert {event.emit for event in stage.events()} == {Emit.SHADOW}
        with Store.reader(stage.settings.store) as reader:
            assert {episode.emit for episode in reader.search()} == {Emit.SHADOW}
        accepted = replace(stage.settings, acceptance=Acceptance("fake", info.files, frozenset({"occupied"})))
        assert str(stage.reload(accepted)) == "acceptance changed, room a changed"
        until(lambda: len(stage.spy.events) >= 2)
    assert {event.emit for event in stage.spy.events} == {Emit.ALARM}


# Rooms.


def test_of_a_room_that_is_the_same_no_picture_is_missed_and_no_episode_ends(tmp_path: Path) -> None:
    """Its source is a recording, of which every picture counts; meanwhile its neighbor is changed again and again."""
    count = 400

    def make(camera: CameraSettings) -> StillSource:
        if camera.id == "a-cam":
            return StillSource("a-cam", live=False, count=count, step=timedelta(seconds=1 / RATE))
        return LiveSource(camera.id)

    steady = room("a", address="clip.mp4")
    stage = Stage(site(tmp_path, steady, room("b")), make=make)
    with running(stage):
        for number in range(6):
            stage.reload(site(tmp_path, room("b", fps=RATE - number % 2), steady, room("new")))
            stage.reload(site(tmp_path, steady, room("b")))
        until(lambda: stage.scenes("a") == count)
    (source,) = stage.sources["a-cam"]
    utcs = [scene.utc for scene in stage.spy.scenes if scene.camera == "a-cam"]
    assert utcs == [T0 + timedelta(seconds=number / RATE) for number in range(count)]
    assert {event.reason for event in stage.events() if event.room == "a" and not event.active} == {"end of source"}
    assert isinstance(source, StillSource)


def test_other_seats_end_the_episodes_of_the_room_and_keep_its_camera(tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage:
        change = stage.reload(site(tmp_path, room("a", seats={"L": LEFT, "new": RIGHT}), room("b")))
        assert str(change) == "room a changed"
        until(lambda: stage.going() == BOTH - {("a", "R", "occupied")} | {("a", "new", "occupied")})
        (source,) = stage.sources["a-cam"]
        assert isinstance(source, LiveSource)
        assert (source.streams, source.closed.is_set()) == (1, False)
        stage.see("a", "b")
        ended = [event for event in stage.events() if not event.active]
        assert {(event.room, event.seat, event.reason) for event in ended} == {
            ("a", "L", "reconfigured"),
            ("a", "R", "reconfigured"),
        }
        left = [event for event in stage.events() if (event.room, event.seat) == ("a", "L")]
        first, end, again = sorted(left, key=lambda event: event.utc)
        assert (first.id, first.active, end.active, again.active) == (end.id, True, False, True)
        assert again.start > end.utc
        assert again.id != first.id


def test_another_way_to_look_at_a_camera_connects_that_one_anew_and_no_other(tmp_path: Path) -> None:
    pair = room("a")
    pair["cameras"].append({**pair["cameras"][0], "id": "a-back"})
    changed = room("a")
    changed["cameras"].append({**pair["cameras"][1], "password": {"file": "pw"}, "username": "viewer"})
    (tmp_path / "pw").write_text("secret")
    with running(Stage(site(tmp_path, pair))) as stage:
        until(lambda: stage.going() == {("a", "L", "occupied"), ("a", "R", "occupied")})
        stage.reload(site(tmp_path, changed))
        assert [[one.closed.is_set() for one in stage.sources[id_]] for id_ in ("a-cam", "a-back")] == [
            [False],
            [True, False],
        ]
        (tmp_path / "pw").write_text("another secret")
        assert str(stage.reload(site(tmp_path, changed))) == "room a changed"
        assert len(stage.sources["a-back"]) == 3
        assert not stage.reload(site(tmp_path, changed))
        until(lambda: stage.going() == {("a", "L", "occupied"), ("a", "R", "occupied")})
        assert [info.token for info in stage.runtime.cameras] == ["a-cam", "a-back"]


def test_a_room_that_is_taken_out_ends_and_one_that_comes_begins(tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage:
        stage.reload(site(tmp_path, room("b"), room("c")))
        until(lambda: stage.going() == {(id_, seat, "occupied") for id_ in "bc" for seat in "LR"})
        assert stage.sources["a-cam"][0].closed.is_set()
        assert {event.room for event in stage.events() if event.reason == "reconfigured"} == {"a"}
        assert [info.room for info in stage.runtime.cameras] == ["b", "c"]
        assert [(place.room, place.seat) for place in stage.runtime.places] == [
            (id_, seat) for id_ in "bc" for seat in "LR"
        ]
        assert (stage.spy.starts, stage.spy.told) == (1, 1)


def test_names_alone_change_what_is_shown_and_nothing_else(tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage:
        stage.reload(site(tmp_path, room("a", name="Front"), room("b")))
        stage.see("a", "b")
        assert [info.name for info in stage.runtime.cameras] == ["Front", "b-cam"]
        assert all(event.active for event in stage.events())


def test_a_camera_that_does_not_let_go_holds_up_neither_the_reload_nor_the_others(tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage:
        (camera,) = stage.sources["a-cam"]
        assert isinstance(camera, LiveSource)
        camera.stubborn = threading.Event()
        before = stage.scenes("b")
        began = time.monotonic()
        stage.reload(site(tmp_path, room("a", fps=RATE - 1), room("b")))
        assert time.monotonic() - began < 8, "three seconds, and what else the machine does"
        assert stage.scenes("b") > before + 5
        stage.see("a", "b")
        camera.stubborn.set()
        until(lambda: stage.going() == BOTH)


def test_what_a_camera_that_was_left_behind_still_brings_goes_nowhere(tmp_path: Path) -> None:
    slow, seen = threading.Event(), threading.Event()

    def script(camera: str, utc: datetime) -> list[Detection]:
        if seen.is_set() and camera == "a-cam":
            slow.wait()
        return seated(camera, utc)

    with running(Stage(site(tmp_path, room("a"), room("b")), script)) as stage:
        until(lambda: stage.going() == BOTH)
        seen.set()
        stage.reload(site(tmp_path, room("b")))
        told = len(stage.events())
        slow.set()
        stage.see("b", more=10)
        assert len(stage.events()) == told
        assert {place for place, *_ in stage.going()} == {"b"}


def test_twenty_reloads_under_load_lose_no_event_and_leave_nothing_behind(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    moved = {"L": RIGHT, "R": LEFT, "M": RIGHT}
    changes: list[tuple[tuple[dict[str, Any], ...], dict[str, Any]]] = [
        ((room("a"), room("b", seats=moved)), {}),
        ((room("a", fps=RATE + 1), room("b")), {}),
        ((room("a"), room("b"), room("c")), {"vms": ("more",)}),
        ((room("c"), room("a")), {"behaviors": {**BEHAVIORS, "standing": {"severity": "warning"}}}),
        ((room("a", model="other"), room("b")), {"vms": ("more@other",)}),
    ]
    with running(Stage(site(tmp_path, room("a"), room("b")), busy)) as stage:
        for number in range(20):
            rooms, fields = changes[number % len(changes)]
            assert stage.reload(site(tmp_path, *rooms, **fields))
            stage.see("a", more=8)
        open_now = [one for each in stage.sources.values() for one in each if not one.closed.is_set()]
        assert sorted(one.camera for one in open_now) == ["a-cam", "b-cam"]
        names = Counter(thread.name.partition("-")[0] for thread in set(threading.enumerate()) - threads)
        assert names["fetch"] == 2
        assert Counter(name.name for name in threading.enumerate() if name.name.startswith("homeroom-outbox")) == {
            "homeroom-outbox-spy": 1,
            "homeroom-outbox-more": 1,
        }
    events = [event for event in stage.events() if event.emit in ("event", "alarm")]
    assert len(events) > 100
    assert sorted(events, key=key) == sorted(stage.spy.events, key=key), "the unchanged sink got each exactly once"
    for place in {(event.room, event.seat, event.behavior) for event in events}:
        each = [one for one in events if (one.room, one.seat, one.behavior) == place]
        assert [one.active for one in each] == [number % 2 == 0 for number in range(len(each))], "never two at once"
    until(lambda: set(threading.enumerate()) <= threads)


def key(event: Event) -> tuple[str, str]:
    return str(event.id), event.operation.value


# Recordings.


def ids_of_a_recording(folder: Path) -> list[tuple[str, str, str | None, str]]:
    """Plays one whose seats change at its fiftieth picture and which begins anew at its hundred and fiftieth."""
    held, reached = threading.Event(), threading.Event()
    stops = iter([50, 150])

    @dataclass
    class Stopping(StillSource):
        """Waits at a picture until it is told to go on."""

        stop: int = 0

        def packets(self) -> Iterator[Unit]:
            for number, unit in enumerate(super().packets()):
                if number == self.stop:
                    reached.set()
                    while not held.wait(0.01) and not self.closed.is_set():
                        pass
                yield unit

    folder.mkdir()
    recording: dict[str, Any] = {"address": "clip.mp4"}
    stage = Stage(
        site(folder, room("a", **recording), room("b")),
        make=lambda camera: (
            Stopping(camera.id, live=False, count=200, step=timedelta(seconds=1 / RATE), stop=next(stops))
            if camera.id == "a-cam"
            else LiveSource(camera.id)
        ),
    )
    with running(stage):
        assert reached.wait(20)
        until(lambda: stage.scenes("a") == 50)
        stage.reload(site(folder, room("a", seats={"L": LEFT}, **recording), room("b")))
        reached.clear()
        held.set()
        until(lambda: stage.scenes("a") == 200)
        held.clear()
        stage.reload(site(folder, room("a", seats={"L": LEFT}, fps=RATE / 2, **recording), room("b")))
        assert reached.wait(20)
        held.set()
        until(lambda: stage.scenes("a") == 300)
        until(lambda: not [event for event in stage.runtime.current() if event.room == "a"])
    events = [event for event in stage.events() if event.room == "a"]
    return [(str(event.id), event.operation, event.seat, event.reason) for event in events]


def test_ids_of_a_recording_are_the_same_for_the_same_reloads_and_none_comes_twice(tmp_path: Path) -> None:
    one, other = (ids_of_a_recording(tmp_path / name) for name in ("one", "other"))
    assert one == other
    assert [(operation, seat, reason) for _, operation, seat, reason in one] == [
        ("Initialized", "L", ""),
        ("Initialized", "R", ""),
        ("Deleted", "L", "reconfigured"),
        ("Deleted", "R", "reconfigured"),
        ("Initialized", "L", ""),
        ("Deleted", "L", "end of source"),
        ("Initialized", "L", ""),
        ("Deleted", "L", "end of source"),
    ]


# What is refused.


@contextmanager
def refused(stage: Stage, kind: type[HomeroomError], match: str) -> Iterator[None]:
    """What is tried is refused, and the site goes on as if nothing had been."""
    before = (stage.runtime.cameras, stage.runtime.places, stage.going(), len(stage.events()))
    starts = {id_: [one.starts - one.closes for one in each] for id_, each in stage.sinks.items()}
    with pytest.raises(kind, match=match):
        yield
    assert (stage.runtime.cameras, stage.runtime.places, stage.going(), len(stage.events())) == before
    after = {id_: [one.starts - one.closes for one in each] for id_, each in stage.sinks.items()}
    assert all(after[id_][: len(each)] == each for id_, each in starts.items())
    assert not any(source.closed.is_set() for each in stage.sources.values() for source in each)
    assert stage.spy.told == 0
    stage.see("a", "b")


def test_a_policy_that_says_no_is_refused(tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage, refused(stage, Forbidden, "needs legal_basis"):
        stage.reload(site(tmp_path, room("a"), room("b"), room("c"), jurisdiction="eu"))


def test_a_model_that_does_not_load_is_refused(tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage, refused(stage, BadInput, "no such device"):
        models = [{"id": "fake"}, {"id": "other", "device": "NPU"}]
        stage.reload(site(tmp_path, room("a"), room("b", model="other"), models=models))


def test_a_camera_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    def never(camera: CameraSettings) -> StillSource:
        raise BadInput(f"{camera.id}: no such transport")

    with two_rooms(tmp_path) as stage:
        stage.make = never
        with refused(stage, BadInput, "c-cam: no such transport"):
            stage.reload(site(tmp_path, room("a", seats={"L": LEFT}), room("c")))


@pytest.mark.parametrize("fields", [{"site": "other"}, {"store": "other.db"}])
def test_what_needs_a_restart_says_so(fields: dict[str, Any], tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage, refused(stage, BadInput, "restart it"):
        stage.reload(site(tmp_path, room("b"), **fields))


def test_a_sink_that_cannot_start_brings_the_others_back(tmp_path: Path) -> None:
    """One is taken out, one is exchanged, one comes and cannot start: those from before serve again."""
    with two_rooms(tmp_path, vms=("gone", "other@1")) as stage:
        stage.refusals = 1
        with refused(stage, BadInput, "port in use"):
            stage.reload(site(tmp_path, room("b"), vms=("other@2", "new")))
        assert [(one.starts, one.closes) for one in (*stage.sinks["gone"], stage.sinks["other"][0])] == [(2, 1)] * 2
        stage.reload(site(tmp_path, room("a", seats={"L": LEFT}), room("b"), vms=("gone", "other@1")))
        until(lambda: stage.going() == BOTH - {("a", "R", "occupied")})
    for sink in (*stage.sinks["gone"], stage.sinks["other"][0]):
        assert sorted(sink.events, key=key) == sorted(stage.spy.events, key=key), "none missed and none twice"


# Sinks and models.


def test_sinks_come_go_and_are_exchanged_while_the_others_are_not_touched(tmp_path: Path) -> None:
    with two_rooms(tmp_path, vms=("first", "second@1")) as stage:
        stage.reload(site(tmp_path, room("a"), room("b"), vms=("second@2", "third")))
        (first,), (old, new), (third,) = (stage.sinks[name] for name in ("first", "second", "third"))
        assert [(one.starts, one.closes) for one in (first, old, new, third)] == [(1, 1), (1, 1), (1, 0), (1, 0)]
        assert (stage.spy.starts, stage.spy.closes) == (1, 0)
        stage.reload(site(tmp_path, room("b"), vms=("second@2", "third")))
        stage.see("b")
    ended = {event.id for event in stage.events() if not event.active}
    assert {event.id for event in first.events if not event.active} == set()
    for sink in (new, third):
        assert {event.id for event in sink.events if not event.active} == ended


def test_what_waits_for_a_sink_that_is_taken_out_waits_until_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(site(tmp_path, room("a"), room("b"), vms=("away",)))
    (away,) = stage.sinks["away"]
    away.busy = True
    with running(stage):
        until(lambda: stage.going() == BOTH)
        stage.reload(site(tmp_path, room("a"), room("b")))
        assert "4 events wait for the sink away, which the site does not have" in caplog.text
        stage.reload(site(tmp_path, room("a"), room("b"), vms=("away",)))
        until(lambda: len(stage.sinks["away"][1].events) == 4)
    assert {event.id for event in stage.sinks["away"][1].events} == {event.id for event in stage.events()}


def test_a_model_is_loaded_only_when_a_room_begins_to_use_it(tmp_path: Path) -> None:
    with two_rooms(tmp_path) as stage:
        stage.reload(site(tmp_path, room("a"), room("b", model="other")))
        stage.reload(site(tmp_path, room("a", seats={"L": LEFT}), room("b", model="other")))
        assert stage.models == ["other"]
        stage.reload(site(tmp_path, room("a", model="other"), room("b", model="other")))
        stage.reload(site(tmp_path, room("a"), room("b")))
        assert stage.models == ["other", "fake"]
        stage.see("a", "b")


# Policy.


def test_after_a_switch_from_seats_to_the_class_nothing_of_a_seat_leaves(tmp_path: Path) -> None:
    """Seats' episodes end first, and who is there hears of it; what has not arrived by then stays here."""
    stage = Stage(site(tmp_path, room("a"), room("b"), vms=("away",)), busy)
    (away,) = stage.sinks["away"]
    away.busy = True
    with running(stage):
        until(lambda: stage.going() >= BOTH)
        stage.reload(site(tmp_path, room("a"), room("b"), vms=("away",), granularity="class"))
        heard = len(stage.spy.events)
        away.busy = False
        end = stage.runtime.log_end()
        until(lambda: {event.room for event in away.events} == {"a", "b"})
        assert stage.going()
        assert {seat for _, seat, _ in stage.going()} == {None}
        assert {logged.event.seat for logged in stage.runtime.log(0, 10_000)} == {None}
        until(lambda: bool(stage.runtime.log(end, 10_000)))
        assert {place.seat for place in stage.runtime.places} == {None}
    seats = [event for event in stage.events() if event.seat is not None and event.emit in ("event", "alarm")]
    assert "reconfigured" in {event.reason for event in seats if not event.active} <= {"", "reconfigured"}
    assert {event.id for event in stage.spy.events if event.seat} == {event.id for event in seats}
    assert {event.id for event in stage.spy.events if event.seat and not event.active} == {one.id for one in seats}
    assert {event.seat for event in stage.spy.events[heard:]} == {None}
    assert {event.seat for event in away.events} == {None}
    with Store.reader(stage.settings.store) as reader:
        assert reader.waiting() == {}
        assert {letter.event.seat for letter in reader.dead_letters()} == {"L", "R"}


def test_a_site_that_starts_under_class_lets_no_seat_out_that_a_crash_left_waiting(tmp_path: Path) -> None:
    stage = Stage(site(tmp_path, room("a"), room("b"), vms=("away",)))
    (away,) = stage.sinks["away"]
    away.busy = True
    with running(stage):
        until(lambda: stage.going() == BOTH)
    after = Stage(site(tmp_path, room("a"), room("b"), vms=("away",), granularity="class"))
    after.runtime.start()
    try:
        (away,) = after.sinks["away"]
        until(lambda: len(away.events) == 2)
    finally:
        after.runtime.close()
    assert {event.seat for event in (*away.events, *after.spy.events)} == {None}


def test_after_a_switch_to_seats_none_of_their_events_is_missed(tmp_path: Path) -> None:
    with running(Stage(site(tmp_path, room("a"), room("b"), granularity="class"))) as stage:
        until(lambda: len(stage.going()) == 2)
        end = stage.runtime.log_end()
        stage.reload(site(tmp_path, room("a"), room("b")))
        until(lambda: stage.going() == BOTH)
        told = [logged.event for logged in stage.runtime.log(end, 100)]
    assert [(event.seat, event.active) for event in told if event.seat is None] == [(None, False)] * 2
    assert {(event.room, event.seat) for event in told if event.active} == {(id_, seat) for id_, seat, _ in BOTH}


# The end of the site.


def test_a_site_that_is_told_to_end_takes_up_nothing_more(tmp_path: Path) -> None:
    loading, loaded = threading.Event(), threading.Event()
    said: list[str] = []
    with two_rooms(tmp_path) as stage:

        def slow(settings: SiteSettings, change: Difference) -> NewParts:
            loading.set()
            loaded.wait()
            return stage.new_parts(settings, change)

        def reload() -> None:
            try:
                stage.runtime.reload(site(tmp_path, room("b"), room("c")), slow)
            except HomeroomError as error:
                said.append(str(error))

        thread = threading.Thread(target=reload)
        thread.start()
        assert loading.wait(10)
        stage.see("a", "b")
        stage.runtime.stop()
    loaded.set()
    thread.join(10)
    assert said == ["the site ends"]
    assert "reconfigured" not in {event.reason for event in stage.events()}
