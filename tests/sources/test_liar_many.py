"""Many cameras that come and go, and one that does so for ever."""

from __future__ import annotations

import gc
import os
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from homeroom.adapters.rtsp import RtspSource
from homeroom.behaviors import CAMERA_OFFLINE
from homeroom.event import Operation
from homeroom.monitor import LATE
from homeroom.picture import Gap, Picture
from tests.liar import Wire, description, lying, spread, streaming
from tests.sources.beside import PLAIN, Account, memory, told

AGAIN = int(os.environ.get("HOMEROOM_RECONNECTS", "80"))
MANY = 200


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  counted, not used


def told_of(account: Account, operation: Operation) -> list[str]:
    """Cameras whose going offline began or ended, as often as it was told."""
    return [
        event.camera for event in account.events if (event.behavior, event.operation) == (CAMERA_OFFLINE, operation)
    ]


def offline(account: Account, operation: Operation) -> set[str]:
    return set(told_of(account, operation))


def key_alone(wire: Wire) -> None:
    """One key unit a second: cheap enough to be sent by many."""
    number = 1
    while True:
        wire.unit(PLAIN, PLAIN.units[0].data, number * 90_000)
        number += 1
        wire.wait(0.5)


def test_a_camera_that_is_connected_to_for_ever_leaves_nothing_behind() -> None:
    with lying(description(PLAIN), streaming(PLAIN, fps=1000, loops=1)) as server:
        source = RtspSource("c", {"address": server.address, "timeout": 5})

        def connect(times: int) -> None:
            for number in range(times):
                result = source.fetch(datetime.now(UTC), 5)
                assert isinstance(result, Picture), result
                if number % 10 == 0:
                    with_all = source.packets()
                    next(with_all)
                    del with_all

        connect(20)
        until = time.monotonic() + 5
        gc.collect()
        files, threads, held = open_files(), threading.active_count(), memory()
        connect(AGAIN)
        gc.collect()
        while time.monotonic() < until + 10 and (open_files() > files + 3 or threading.active_count() > threads + 2):
            time.sleep(0.01)
        assert open_files() <= files + 3  # a connection that is being closed
        assert threading.active_count() <= threads + 2
        assert memory() - held < 10 + AGAIN / 50
        source.close()
        assert len(server.connects) >= AGAIN


def test_200_cameras_that_vanish_and_return_at_once(tmp_path: Path) -> None:
    gone = threading.Event()
    back = threading.Event()
    most = [0]

    def play(wire: Wire) -> None:
        if gone.is_set() and not back.is_set():
            return
        key_alone(wire)

    with ExitStack() as stack:
        servers = [stack.enter_context(lying(description(PLAIN), play)) for _ in range(MANY)]
        sources = {f"c{at}": (server.address, "watch") for at, server in enumerate(servers)}
        sources["healthy"] = "still://here", "scan"  # no server in this process could serve beside 200 others in time
        names = [f"c{at}" for at in range(MANY)]
        returned = [0.0]

        def until(account: Account) -> bool:
            most[0] = max(most[0], threading.active_count())
            if not gone.is_set():
                if all(account.scenes(name) for name in names):
                    gone.set()
                    for server in servers:
                        server.hang_up()
                return False
            if not back.is_set():
                if offline(account, Operation.INITIALIZED) >= set(names):
                    returned[0] = time.monotonic()
                    back.set()
                return False
            return offline(account, Operation.DELETED) >= set(names)

        quick = {"camera-offline": {"watch": {"min_time": 1}}}
        account = told(tmp_path, sources, until, seconds=60, behaviors=quick)
        assert gone.is_set()
        assert back.is_set()
        assert not [name for name in names if isinstance(account.views[name][-1], Gap)]
        for operation in (Operation.INITIALIZED, Operation.DELETED):  # told once, ended once, none lost
            assert sorted(told_of(account, operation)) == sorted(names)
        connects = [stamp for server in servers for stamp in server.connects if stamp > returned[0]]
        assert spread(connects, 0.1) < MANY / 2  # not in step
        assert most[0] < MANY * 5 + 40  # ours: a fetcher and a reader each; the test's: an acceptor and a server each
        assert account.reasons("healthy") == set()
        scanned = [scene.utc for scene in account.scenes("healthy")]
        assert len(scanned) >= 3
        # Two hundred connections at once take all cores for some seconds, the cameras' own half of it included.
        assert max((later - one).total_seconds() for one, later in pairwise(scanned)) <= LATE
