"""Twenty kills with -9 under load: no event is missing at a client that keeps polling or subscribes again."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from homeroom.event import Emit
from homeroom.store import Store
from tests.e2e.victim import PASSWORD, USER
from tests.onvif.clients import Client, agsh, zeep
from tests.onvif.peer import Told

KILLS = 20
VENDOR = "tns1:RuleEngine/hr:"
Start = Callable[[str, int, str, str], AbstractContextManager[Client]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(store: Path, port: int) -> subprocess.Popen[str]:
    """A running victim, ready to serve."""
    command = [sys.executable, "-m", "tests.e2e.victim", str(store), str(port)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "serving\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    """Ends it with -9."""
    process.kill()
    process.communicate()


def told(messages: Sequence[Told]) -> list[tuple[str, str]]:
    """(EventId, operation) of each message on a vendor topic."""
    return [(one.event_id, one.operation) for one in messages if one.topic.startswith(VENDOR)]


def written(store: Path) -> list[tuple[str, str]]:
    """(EventId, operation) of all that the store's log says must arrive."""
    with Store.reader(store) as reader:
        events = [one.event for one in reader.log(0, 1_000_000)]
    return [(str(event.id), event.operation.value) for event in events if event.emit in (Emit.EVENT, Emit.ALARM)]


def at_least(enough: int, messages: Sequence[Told]) -> bool:
    """Whether so many messages came."""
    return len(messages) >= enough


@pytest.mark.parametrize("start", [pytest.param(zeep, id="onvif-zeep"), pytest.param(agsh, id="agsh")])
def test_no_event_is_missing_after_twenty_kills(start: Start, tmp_path: Path) -> None:
    store, port, chance = tmp_path / "victim.db", free_port(), random.Random(20)
    process = launch(store, port)
    try:
        with start("127.0.0.1", port, USER, PASSWORD) as client:
            client.connected()
            client.wait(bool)
            subscribed = len(written(store))  # by now, if not before: what comes from here on must arrive
            for _ in range(KILLS):
                client.wait(partial(at_least, len(client.messages) + chance.randrange(1, 80)))  # a random moment
                kill(process)
                process = launch(store, port)
            expected = set(written(store)[subscribed:])
            heard = told(client.wait(lambda messages: expected <= set(told(messages)), 60))
    finally:
        kill(process)
    print(f"{KILLS} kills: {len(expected)} messages written, none missing, {len(heard) - len(set(heard))} repeats")
    assert len(expected) > 10 * KILLS
