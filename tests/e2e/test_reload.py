"""`homeroom run` whose manifest changes, with a real ONVIF client at its device all the while."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.event import Emit
from homeroom.store import Store
from tests.core.test_reload import until
from tests.drawn import CLIP, MODEL
from tests.e2e.running import PASSWORD, USER, Running, device, free_port, running
from tests.onvif.clients import Client, zeep
from tests.onvif.peer import Told

A1 = [[0.143, 0.421], [0.332, 0.421], [0.332, 0.88], [0.143, 0.88]]  # as in tests/drawn/script.json
VENDOR = "tns1:RuleEngine/hr:Behavior/"


def room(id_: str, **camera: Any) -> dict[str, Any]:
    """A room that plays the drawn classroom again and again, at the pace of a camera."""
    played = {"address": str(CLIP), "mode": "watch", "fps": 4, "pace": "realtime", "loop": True}
    return {
        "id": id_,
        "cameras": [{"id": f"{id_}-cam", **played, **camera}],
        "seats": [{"id": "A1", "views": {f"{id_}-cam": A1}}],
    }


def write(folder: Path, port: int, *rooms: dict[str, Any], **fields: Any) -> Path:
    """Writes the manifest as many editors do: a new file in the place of the old one."""
    document = {
        "site": "s",
        "jurisdiction": "lab",
        "granularity": "seat",
        "models": [MODEL],
        "rooms": list(rooms),
        "vms": [device(folder, port)],
        **fields,
    }
    fresh = folder / "site.json~"
    fresh.write_text(json.dumps(document))
    return fresh.replace(folder / "site.json")


def said(run: Running) -> list[str]:
    """What was said of reloads."""
    return [line for line in run.log if "reloaded" in line]


def rooms_of(messages: list[Told]) -> set[str]:
    """The rooms of which a client heard on the topics that say all."""
    return {one.source["Room"] for one in messages if one.topic.startswith(VENDOR)}


@contextmanager
def site(folder: Path) -> Iterator[tuple[Running, Client, int]]:
    """A site with one room, and a client at its device that has heard of it."""
    port = free_port()
    with running(write(folder, port, room("r1"))) as run:
        run.wait(lambda run: bool(run.told("occupied")))
        with zeep("127.0.0.1", port, USER, PASSWORD) as client:
            assert client.connected()["profiles"] == ["r1-cam"]
            client.wait(lambda messages: rooms_of(list(messages)) == {"r1"})
            yield run, client, port


def test_a_pull_point_from_before_hears_of_a_room_that_was_added(tmp_path: Path) -> None:
    with site(tmp_path) as (run, client, port):
        write(tmp_path, port, room("r1"), room("r2"))
        run.wait(lambda run: said(run) == ["homeroom: reloaded: room r2 added"])
        messages = client.wait(lambda messages: rooms_of(list(messages)) == {"r1", "r2"})
        assert not any("trouble" in note for note in client.notes), "the connection and the pull point held"
        inside = [one for one in messages if one.source.get("Rule") == "Occupied-A1"]
        assert {one.source["VideoSourceConfigurationToken"] for one in inside if "IsInside" in one.data} == {
            "r1-cam",
            "r2-cam",
        }
        with zeep("127.0.0.1", port, USER, PASSWORD) as other:
            assert other.connected()["profiles"] == ["r1-cam", "r2-cam"]
        write(tmp_path, port, room("r2"))
        run.wait(lambda run: said(run)[1:] == ["homeroom: reloaded: room r1 removed"])
        ended = client.wait(
            lambda messages: any(one.data.get("Reason") == "reconfigured" for one in messages if "State" in one.data)
        )
        assert {one.source["Room"] for one in ended if one.data.get("Reason") == "reconfigured"} == {"r1"}
        assert {event["reason"] for event in run.events if event["room"] == "r2"} == {""}


def test_what_is_wrong_is_refused_in_one_line_and_the_site_goes_on(tmp_path: Path) -> None:
    with site(tmp_path) as (run, client, port), socket.create_server(("127.0.0.1", 0)) as taken:
        blocked = {**device(tmp_path, taken.getsockname()[1]), "id": "second"}
        wrong: list[tuple[list[dict[str, Any]], dict[str, Any], str]] = [
            ([room("r1", adress="x")], {}, "unknown field 'adress'; did you mean 'address'?"),
            ([room("r1", password={"env": "HOMEROOM_NOT_SET"})], {}, "HOMEROOM_NOT_SET is not set"),
            ([room("r1")], {"jurisdiction": "eu"}, "behavior.seat needs legal_basis"),
            ([room("r1")], {"models": [{"id": "no-such-model"}]}, "no-such-model"),
            ([room("r1"), room("r2")], {"vms": [device(tmp_path, port), blocked]}, "cannot listen on"),
            ([room("r1")], {"site": "another"}, "`site` cannot change from s to another while the site runs"),
        ]
        for number, (rooms, fields, told) in enumerate(wrong):
            write(tmp_path, port, *rooms, **fields)
            run.wait(lambda run, number=number: len(said(run)) > number)  # type: ignore[misc]
            assert said(run)[-1].startswith("homeroom: not reloaded, the site goes on as it was: ")
            assert told in said(run)[-1]
        assert len(said(run)) == len(wrong)
        assert {event["reason"] for event in run.events} == {""}
        heard = len(client.messages)
        client.wait(lambda messages: len(messages) > heard)
        assert not any("trouble" in note for note in client.notes)
        write(tmp_path, port, room("r1"))
        run.process.send_signal(signal.SIGHUP)
        run.wait(lambda run: said(run)[len(wrong) :] == ["homeroom: reloaded: nothing changed"])
        assert not any("Traceback" in line for line in run.log)


def test_a_kill_right_after_a_reload_loses_nothing(tmp_path: Path) -> None:
    port = free_port()
    manifest, store = write(tmp_path, port, room("r1")), tmp_path / "homeroom.db"
    command = [sys.executable, "-m", "homeroom", "run", str(manifest), "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: begun(store), 40)
            with zeep("127.0.0.1", port, USER, PASSWORD) as client:
                client.connected()
                client.wait(bool)
                write(tmp_path, port, room("r1"), room("r2"))
                until(lambda: bool(written(store, "r2")), 40)
                process.kill()
                process.wait()
                with running(manifest) as again:
                    again.wait(lambda run: any(event["reason"] == "restart" for event in run.events))
                    expected = written(store, "r2")
                    client.wait(lambda messages: expected <= {(one.event_id, one.operation) for one in messages}, 60)
        finally:
            process.kill()


def begun(store: Path) -> bool:
    """Whether the store is there and holds an event."""
    try:
        return bool(written(store, "r1"))
    except BadInput:  # it is being made just now
        return False


def written(store: Path, room: str) -> set[tuple[str, str]]:
    """(EventId, operation) of all that a room's log says must arrive."""
    with Store.reader(store) as reader:
        events = [one.event for one in reader.log(0, 100_000)]
    return {
        (str(one.id), one.operation.value)
        for one in events
        if one.room == room and one.emit in (Emit.EVENT, Emit.ALARM)
    }
