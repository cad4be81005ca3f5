"""A wrong password is shown to a camera so seldom that it does not lock the account."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from homeroom.adapters.ladder import Ladder
from homeroom.adapters.refusals import REST, Refusals
from homeroom.adapters.snapshot import SnapshotSource
from homeroom.errors import Denied
from homeroom.picture import Gap
from tests.fakes import T0
from tests.http_camera import http_camera

SCAN = timedelta(seconds=30)
WRONG = {"username": "adm", "password": "wrong-secret", "timeout": 2}


@dataclass
class SetClock:
    """Time that stands until it is set; waiting takes next to no real time and none of this."""

    time: datetime = T0

    def now(self) -> datetime:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(min(seconds, 0.02))


@dataclass
class Guard:
    """An RTSP server that refuses whatever proof it is shown."""

    port: int
    proofs: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, peer: socket.socket) -> None:
        with peer, peer.makefile("rb") as lines:
            number = b"1"
            for line in lines:
                if line.lower().startswith(b"cseq:"):
                    number = line.split(b":")[1].strip()
                if line.lower().startswith(b"authorization:"):
                    with self.lock:
                        self.proofs += 1
                if line == b"\r\n":
                    asks = b'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'
                    peer.sendall(b"RTSP/1.0 401 Unauthorized\r\nCSeq: " + number + b"\r\n" + asks + b"\r\n")


@contextmanager
def guarded() -> Iterator[Guard]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        guard = Guard(server.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=guard.answer, args=(peer,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield guard
        server.shutdown(socket.SHUT_RDWR)


def test_after_a_refusal_it_rests_longer_each_time_and_not_for_ever() -> None:
    clock = SetClock()
    refusals = Refusals(clock)
    asked = []
    for minute in range(24 * 60):
        clock.time = T0 + timedelta(minutes=minute)
        try:
            refusals.check()
        except Denied:
            continue
        asked.append(minute)
        refusals.refused("no")
    assert 20 <= len(asked) <= 60
    assert all(later - one >= REST[0] / 120 for one, later in pairwise(asked))
    refusals.accepted()
    refusals.check()


def test_a_clock_set_back_does_not_stop_the_asking() -> None:
    clock = SetClock()
    refusals = Refusals(clock)
    refusals.refused("no")
    clock.time = T0 - timedelta(days=1)
    refusals.check()


def test_a_wrong_password_is_shown_once_for_still_pictures_in_five_minutes() -> None:
    clock = SetClock()
    with http_camera("MD5") as camera:
        source = SnapshotSource("c", {**WRONG, "address": camera.url}, clock)
        for _ in range(10):
            assert isinstance(source.fetch(clock.now(), 2), Gap)
            clock.time += SCAN
        assert len([said for _, said in camera.requests if said]) == 1
        clock.time += timedelta(seconds=REST[0])
        with pytest.raises(Denied):
            source.take(clock.now(), 2)
        assert len([said for _, said in camera.requests if said]) == 2
        source.close()


def test_a_wrong_password_is_shown_once_by_rtsp_whatever_rungs_and_streams_there_are() -> None:
    clock = SetClock()
    with guarded() as guard:
        address = f"rtsp://127.0.0.1:{guard.port}"
        ladder = Ladder("c", {**WRONG, "address": f"{address}/1", "substream": f"{address}/2"}, clock)
        for _ in range(10):
            result = ladder.fetch(clock.now(), 2)
            assert isinstance(result, Gap)
            assert "user name or password" in result.reason
            clock.time += SCAN
        with pytest.raises(Denied):
            next(iter(ladder.packets()))
        ladder.close()
        assert guard.proofs <= 2  # ffmpeg may show it twice on one connection
