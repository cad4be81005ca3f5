"""Two clients that nobody here wrote receive exactly these events from a running `homeroom run`."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.e2e.running import PASSWORD, USER, device, free_port, running
from tests.e2e.sites import CLASSROOM, HAND_RAISED, classroom_camera, site
from tests.lab import lab
from tests.onvif.clients import Client, agsh, zeep
from tests.onvif.peer import Told
from tests.rtsp import rtsp_server

VENDOR = "tns1:RuleEngine/hr:Behavior/"
CLIENTS = [pytest.param(zeep, id="onvif-zeep"), pytest.param(agsh, id="agsh")]
Start = Callable[[str, int, str, str], AbstractContextManager[Client]]


def vendor(messages: Sequence[Told]) -> list[Told]:
    return [one for one in messages if one.topic.startswith(VENDOR)]


def episodes(messages: Sequence[Told]) -> Counter[tuple[str, str, str]]:
    """(topic, seat, operation) -> how many different episodes were told of."""
    once = {(one.topic.removeprefix(VENDOR), one.key["Seat"], one.operation, one.event_id) for one in vendor(messages)}
    return Counter((topic, seat, operation) for topic, seat, operation, _ in once)


def inside(messages: Sequence[Told]) -> set[str]:
    """Rules whose standard alias says that somebody is inside."""
    aliases = [one for one in messages if one.topic == "tns1:RuleEngine/FieldDetector/ObjectsInside"]
    return {one.source["Rule"] for one in aliases if one.data["IsInside"] == "true"}


@pytest.mark.parametrize("start", CLIENTS)
def test_a_client_hears_of_four_occupied_seats_and_nothing_else(start: Start, tmp_path: Path) -> None:
    port = free_port()
    with rtsp_server(classroom_camera()) as camera:
        manifest = site(tmp_path, CLASSROOM, {"address": camera.url("/cam")}, vms=[device(tmp_path, port)])
        with running(manifest) as homeroom:
            homeroom.wait(lambda run: len(run.events) >= 4)
            with start("127.0.0.1", port, USER, PASSWORD) as client:
                about = client.connected()
                assert about["profiles"] == ["front"]
                assert about["stream"] == camera.url("/cam")
                messages = client.wait(lambda messages: len(vendor(messages)) >= 4 and len(inside(messages)) >= 4)
                assert episodes(messages) == {("Occupied", seat, "Initialized"): 1 for seat in CLASSROOM}
                assert {one.event_id for one in vendor(messages)} == {event["id"] for event in homeroom.events}
                assert inside(messages) == {f"Occupied-{seat}" for seat in CLASSROOM}


@pytest.mark.parametrize("start", CLIENTS)
def test_a_client_hears_of_one_raised_hand_that_begins_once_and_ends_once(start: Start, tmp_path: Path) -> None:
    port = free_port()
    shutil.copy(lab("media/omz-classroom-hand-raised.png"), tmp_path / "still.png")
    camera = {"address": "still.png", "hold": 10, "fps": 2, "pace": "realtime"}
    manifest = site(tmp_path, HAND_RAISED, camera, vms=[device(tmp_path, port)])
    with running(manifest) as homeroom:
        homeroom.wait(lambda run: bool(run.told("hand-raised")))
        with start("127.0.0.1", port, USER, PASSWORD) as client:
            client.connected()
            homeroom.wait(lambda run: len(run.told("hand-raised")) == 2)
            messages = client.wait(lambda messages: len(vendor(messages)) >= 12)
    assert episodes(messages) == {
        **{("Occupied", seat, operation): 1 for seat in HAND_RAISED for operation in ("Initialized", "Deleted")},
        ("HandRaised", "raiser", "Initialized"): 1,
        ("HandRaised", "raiser", "Deleted"): 1,
    }
    assert {one.event_id for one in vendor(messages)} == {event["id"] for event in homeroom.events}


def test_under_class_a_client_hears_of_the_room_and_of_no_seat(tmp_path: Path) -> None:
    port = free_port()
    shutil.copy(lab("media/omz-classroom-hand-raised.png"), tmp_path / "still.png")
    camera = {"address": "still.png", "hold": 60, "fps": 2, "pace": "realtime"}
    manifest = site(tmp_path, HAND_RAISED, camera, granularity="class", vms=[device(tmp_path, port)])
    with running(manifest) as homeroom:
        homeroom.wait(lambda run: bool(run.told("hand-raised")))
        with agsh("127.0.0.1", port, USER, PASSWORD) as client:
            client.connected()
            messages = client.wait(lambda messages: len(vendor(messages)) >= 2)
    assert {(one.topic.removeprefix(VENDOR), one.data["Count"]) for one in vendor(messages)} == {
        ("Occupied", "5"),
        ("HandRaised", "1"),
    }
    assert all("Seat" not in {**one.source, **one.key, **one.data} for one in messages)
    assert not any(seat in repr((messages, homeroom.events)) for seat in HAND_RAISED)


def test_a_camera_that_stops_and_starts_again_comes_back_by_itself(tmp_path: Path) -> None:
    port = free_port()
    camera = {"address": f"rtsp://127.0.0.1:{port}/cam", "timeout": 2}
    with running(site(tmp_path, CLASSROOM, camera)) as homeroom:
        with rtsp_server(classroom_camera(), port=port) as server:
            homeroom.wait(lambda run: len(run.told("occupied")) == 4)
            server.kill()
            homeroom.wait(lambda run: len(run.told("occupied")) == 8)
        with rtsp_server(classroom_camera(), port=port):
            homeroom.wait(lambda run: len(run.told("occupied")) == 12, 60)
    assert {event["reason"] for event in homeroom.events[4:8]} == {"unobserved"}
    assert any("front: is back" in line for line in homeroom.log)
