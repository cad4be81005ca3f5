"""A whole site over fake cameras and a scripted model."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.clock import SystemClock
from homeroom.detection import Detection
from homeroom.errors import Forbidden, Unavailable
from homeroom.runtime import Parts, Runtime
from homeroom.site import SiteSettings, read_site
from homeroom.store import Batch, Store
from tests.fakes import T0, ScriptedModel, SpySink, StillSource, VirtualClock, person, raising

SEATS = {"Seat-Zq1": [[0, 0.2], [0.45, 0.2], [0.45, 1], [0, 1]], "Seat-Zq2": [[0.55, 0.2], [1, 0.2], [1, 1], [0.55, 1]]}


def settings(folder: Path, **fields: Any) -> SiteSettings:
    camera = {"id": "front", "address": "clip.mp4", "mode": "watch", "fps": 1}
    document = {
        "site": "s",
        "jurisdiction": "lab",
        "models": [{"id": "fake"}],
        "rooms": [
            {"id": "r", "cameras": [camera], "seats": [{"id": id_, "views": {"front": p}} for id_, p in SEATS.items()]}
        ],
        **fields,
    }
    return read_site(document, folder, "site.json")


def lesson(camera: str, utc: datetime) -> list[Detection]:
    """Two people; the left one raises a hand from second 5 to 10, the right one stands from 8 on."""
    second = (utc - T0).total_seconds()
    left = (raising if 5 <= second < 10 else person)(0.1, 0.3, 0.35, 0.93127)
    standing = {"standing": 1.0} if second >= 8 else {"seated": 1.0}
    return [left, person(0.6, 0.3, 0.85, 0.93127, posture=standing)]


def play(site: SiteSettings, sink: SpySink, count: int = 20) -> SpySink:
    """Plays the lesson to its end."""
    parts = Parts(
        lambda camera: StillSource(camera.id, live=False, count=count),
        {"fake": ScriptedModel(lesson)},
        {"spy": sink},
        SystemClock(),
    )
    runtime = Runtime(site, parts, until_end=True)
    try:
        runtime.start()
        runtime.wait(30)
    finally:
        runtime.close()
    return sink


def test_a_lesson_makes_its_events(tmp_path: Path) -> None:
    sink = play(settings(tmp_path, granularity="seat"), SpySink())
    assert [(event.behavior, event.seat, event.operation.value) for event in sink.events[:5]] == [
        ("occupied", "Seat-Zq1", "Initialized"),
        ("occupied", "Seat-Zq2", "Initialized"),
        ("hand-raised", "Seat-Zq1", "Initialized"),
        ("standing", "Seat-Zq2", "Initialized"),
        ("hand-raised", "Seat-Zq1", "Deleted"),
    ]
    assert len(sink.scenes) == 20
    assert len(sink.scenes[0].objects) == 2


def test_under_class_no_sink_and_no_table_ever_receives_a_seat_a_box_or_an_object_id(tmp_path: Path) -> None:
    site = settings(tmp_path)
    sink = play(site, SpySink())
    assert sink.events
    assert sink.scenes
    assert {event.seat for event in sink.events} == {None}
    assert all(scene.objects == () for scene in sink.scenes)
    assert sink.scenes[-1].counts == {"occupied": 2, "standing": 1}
    assert all(place.seat is None for place in (sink.site.places if sink.site else ()))
    spoken = repr((sink.events, sink.scenes)) + "".join(str(event.to_json()) for event in sink.events)
    tables = dump(site.store)
    raw = b"".join(path.read_bytes() for path in sorted(site.store.parent.glob(site.store.name + "*")))
    assert "hand-raised" in tables, "the search would find what is there"
    for trace in ("Seat-Zq", "0.93127", "ObjectId", "object_id", "Box("):
        assert trace not in spoken.replace("objects=()", "")
        assert trace not in tables
        assert trace.encode() not in raw


def dump(path: Path) -> str:
    """Every row of every table as text."""
    with sqlite3.connect(path) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [repr(row) for name in names for row in database.execute(f"SELECT * FROM {name}")]  # noqa: S608
    database.close()
    return "\n".join(rows)


def test_seats_do_stand_in_the_store_where_policy_lets_them(tmp_path: Path) -> None:
    site = settings(tmp_path, granularity="seat")
    play(site, SpySink())
    assert "Seat-Zq1" in dump(site.store), "or the test above would prove nothing"


def test_what_a_pack_forbids_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="impact_assessment"):
        play(settings(tmp_path, jurisdiction="eu"), SpySink())
    assert not (tmp_path / "homeroom.db").exists()


def test_what_a_crash_left_open_is_ended_at_the_next_start(tmp_path: Path) -> None:
    site = settings(tmp_path, granularity="seat")
    sink = play(site, SpySink(), count=7)
    began = [event for event in sink.events if event.active]
    (tmp_path / "homeroom.db").unlink()
    crashed = Store(site.store)
    crashed.commit(Batch(events=tuple(began), sinks=("spy",)))
    crashed.close()
    after = play(site, SpySink(), count=0)
    assert [event.id for event in after.events if event.active] == [event.id for event in began], "the outbox kept them"
    assert {event.id for event in after.events if event.reason == "restart"} == {event.id for event in began}
    with Store.reader(site.store) as reader:
        assert reader.current() == []


def test_an_error_that_no_thread_may_swallow_ends_the_run_and_is_told(tmp_path: Path) -> None:
    class Broken(ScriptedModel):
        def detector(self) -> Any:
            raise Unavailable("the device is gone")

    parts = Parts(lambda camera: StillSource(camera.id), {"fake": Broken()}, {}, SystemClock())
    runtime = Runtime(settings(tmp_path), parts)
    try:
        runtime.start()
        with pytest.raises(Unavailable, match="the device is gone"):
            runtime.wait(30)
    finally:
        runtime.close()


def test_the_site_that_sinks_see_names_no_credentials(tmp_path: Path) -> None:
    camera = {
        "id": "front",
        "address": "rtsp://10.0.0.5/stream",
        "username": "viewer",
        "password": {"file": "pw"},
        "mode": "watch",
    }
    (tmp_path / "pw").write_text("tops3cret\n")
    site = settings(
        tmp_path,
        rooms=[{"id": "r", "cameras": [camera], "seats": [{"id": "A", "views": {"front": SEATS["Seat-Zq1"]}}]}],
    )
    assert site.rooms[0].cameras[0].settings["password"] == "tops3cret"
    runtime = Runtime(site, Parts(lambda camera: StillSource(camera.id), {"fake": ScriptedModel()}, {}, SystemClock()))
    assert runtime.cameras[0].address == "rtsp://10.0.0.5/stream"
    assert "tops3cret" not in repr((site, runtime.cameras))
    runtime.close()


def test_two_sites_cannot_share_one_store(tmp_path: Path) -> None:
    site = settings(tmp_path)
    parts = Parts(lambda camera: StillSource(camera.id), {"fake": ScriptedModel()}, {}, SystemClock())
    first = Runtime(site, parts)
    try:
        with pytest.raises(Exception, match="in use"):
            Runtime(site, parts)
    finally:
        first.close()


@pytest.mark.parametrize(("mode", "apart"), [("scan", 30 / 200), ("watch", 0.02)])
def test_two_hundred_cameras_do_not_connect_in_the_same_instant(tmp_path: Path, mode: str, apart: float) -> None:
    rooms = [
        {
            "id": f"r{number}",
            "cameras": [{"id": f"c{number}", "address": "clip.mp4", "mode": mode}],
            "seats": [{"id": "A", "views": {f"c{number}": [[0, 0], [1, 0], [1, 1]]}}],
        }
        for number in range(200)
    ]
    parts = Parts(lambda camera: StillSource(camera.id), {"fake": ScriptedModel()}, {}, VirtualClock())
    runtime = Runtime(settings(tmp_path, rooms=rooms), parts)
    try:
        firsts = [(fetcher.first - T0).total_seconds() for fetcher in runtime._rooms.fetchers]
    finally:
        runtime.close()
    assert firsts == pytest.approx([number * apart for number in range(200)])
