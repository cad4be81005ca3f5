from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import av
import pytest

from homeroom.adapters.rtsp import RtspSource
from homeroom.adapters.rtsp_stream import REFUSED
from homeroom.decode import Decoder
from homeroom.errors import BadInput, Unavailable, Undecodable
from homeroom.picture import Gap, Picture, TimeSource
from homeroom.ports import Source
from tests.rtsp import RtspServer, rtsp_server

PASSWORD = "p@ss:w/rd%?#"
MOUNTS = {
    "/cam": "test",
    "/h265": "test,codec=h265",
    "/sdp": "test,sets=sdp",
    "/band": "test,sets=band",
    "/sdp5": "test,codec=h265,sets=sdp",
    "/band5": "test,codec=h265,sets=band",
    "/long": "test,gop=1000",
}


@pytest.fixture(scope="module")
def server() -> Iterator[RtspServer]:
    with rtsp_server(MOUNTS) as running:
        yield running


def source(url: str, **settings: Any) -> RtspSource:
    return RtspSource("c", {"address": url, "timeout": 5, **settings})


def now() -> datetime:
    return datetime.now(UTC)


def refusal(made: RtspSource, timeout: float = 5) -> str:
    due = now()
    gap = made.fetch(due, timeout)
    assert isinstance(gap, Gap)
    assert gap.camera == "c"
    assert gap.start == due <= gap.end <= now()
    with pytest.raises(Unavailable) as raised:
        next(made.packets())
    assert raised.value.__cause__ is None
    assert "\n" not in gap.reason
    return gap.reason


@contextmanager
def tcp_server(answer: bytes | None) -> Iterator[str]:
    """A server that takes connections and sends `answer` to whatever it hears, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                taken.append(peer)
                if answer is not None:
                    with suppress(OSError):  # who hears garbage may hang up first
                        peer.recv(4096)
                        peer.sendall(answer)
                        peer.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"rtsp://127.0.0.1:{listening.getsockname()[1]}/cam"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for peer in taken:
                peer.close()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("path", ["/cam", "/h265"])
def test_a_picture_on_demand_is_one_key_unit_that_decodes(server: RtspServer, path: str, transport: str) -> None:
    before = now()
    picture = source(server.url(path), transport=transport).fetch(before, 5)
    assert isinstance(picture, Picture)
    assert picture.fresh
    assert [unit.key for unit in picture.units] == [True]
    assert before <= picture.utc <= now()
    frame = Decoder().decode(picture)
    assert (frame.width, frame.height, frame.utc) == (320, 240, picture.utc)
    assert (picture.codec.width, picture.codec.height) == (320, 240)


@pytest.mark.parametrize("path", ["/sdp", "/band", "/sdp5", "/band5"])
def test_it_decodes_wherever_the_parameter_sets_are(server: RtspServer, path: str) -> None:
    picture = source(server.url(path)).fetch(now(), 5)
    assert isinstance(picture, Picture)
    assert Decoder().decode(picture).width == 320


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("path", ["/cam", "/h265"])
def test_watching_gives_every_unit_from_a_key_unit_on(server: RtspServer, path: str, transport: str) -> None:
    made = source(server.url(path), transport=transport)
    units = list(islice(made.packets(), 15))
    assert units[0].key
    assert 1 <= sum(unit.key for unit in units) <= 3
    decoder, shown = Decoder(), []
    for number, unit in enumerate(units):
        picture = Picture("c", unit.utc, made.info["codec"], (unit,), fresh=number == 0)
        try:
            shown.append(decoder.decode(picture))
        except Undecodable:
            assert transport == "udp"  # where a datagram may be lost
    assert len(shown) >= 10
    assert {frame.utc for frame in shown} <= {unit.utc for unit in units}
    assert len({frame.y.tobytes() for frame in shown}) == len(shown)


def test_a_client_that_comes_later_waits_for_a_key_unit(server: RtspServer) -> None:
    first = source(server.url("/cam")).packets()
    while next(first).key:
        pass
    picture = source(server.url("/cam")).fetch(now(), 5)
    assert isinstance(picture, Picture)
    assert Decoder().decode(picture).width == 320
    first.close()


def test_a_key_unit_that_does_not_come_in_time_is_a_gap(server: RtspServer) -> None:
    first = source(server.url("/long")).packets()
    assert next(first).key
    assert not next(first).key
    gap = source(server.url("/long")).fetch(now(), 0.7)
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("no key frame")
    first.close()


def test_sender_reports_set_the_time_once_they_come(server: RtspServer) -> None:
    for unit in islice(source(server.url("/cam")).packets(), 100):
        if unit.time_source is TimeSource.SENDER_REPORT:
            assert timedelta(0) <= now() - unit.utc < timedelta(seconds=2)
            return
        assert unit.time_source is TimeSource.ARRIVAL
    pytest.fail("no sender report came within 100 units")


def test_a_check_says_what_came(server: RtspServer) -> None:
    made = source(server.url("/cam"))
    assert made.info == {}
    assert made.check() == "h264 320x240 over tcp"
    assert made.info["codec"].extradata


@pytest.mark.parametrize("digest", [False, True])
def test_a_password_opens_and_a_wrong_one_is_told(
    digest: bool, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    av.logging.set_level(av.logging.VERBOSE)
    with caplog.at_level(1), rtsp_server({"/cam": "test"}, user="adm", password=PASSWORD, digest=digest) as guarded:
        url = guarded.url("/cam")
        assert isinstance(source(url, username="adm", password=PASSWORD).fetch(now(), 5), Picture)
        assert refusal(source(url)) == REFUSED
        assert refusal(source(url, username="adm", password="wrong-secret")) == REFUSED
        with pytest.raises(Unavailable, match="user name or password"):
            source(url, username="adm", password="wrong-secret").check()
    said = caplog.text + "".join(capfd.readouterr())
    assert not any(secret in said for secret in ("adm", "wrong-secret", "p%40ss", PASSWORD))


def test_a_path_that_is_not_there_is_told(server: RtspServer) -> None:
    assert "path" in refusal(source(server.url("/none")))


def test_a_refused_connection_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert refusal(source(f"rtsp://127.0.0.1:{port}/cam")).startswith(f"127.0.0.1:{port} refuses")


def test_a_server_that_never_answers_costs_no_more_than_the_timeout() -> None:
    with tcp_server(None) as url:
        began = time.monotonic()
        assert refusal(source(url, timeout=0.5), 0.5).endswith("within 0.5 s")
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        bytes(range(256)) * 500,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2000000000\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nv=0",
    ],
)
def test_a_server_that_sends_garbage_is_told(answer: bytes) -> None:
    with tcp_server(answer) as url:
        assert refusal(source(url, timeout=1), 1)


def test_a_server_that_dies_is_told_and_can_come_back() -> None:
    with rtsp_server({"/cam": "test"}) as first:
        made = source(first.url("/cam"))
        units = made.packets()
        assert next(units).key
        first.kill()
        with pytest.raises(Unavailable, match=r"broke off|ended"):
            list(units)
    with rtsp_server({"/cam": "test"}, port=first.port):
        assert next(made.packets()).key
        assert isinstance(made.fetch(now(), 5), Picture)


def closed_soon(made: RtspSource) -> threading.Timer:
    timer = threading.Timer(0.2, made.close)
    timer.start()
    return timer


def test_close_ends_a_waiting_fetch_and_a_waiting_packet() -> None:
    with tcp_server(None) as url:
        fetching, watching = source(url, timeout=4), source(url, timeout=4)
        began = time.monotonic()
        timer = closed_soon(fetching)
        assert isinstance(fetching.fetch(now(), 4), Gap)
        timer.join()
        timer = closed_soon(watching)
        assert list(watching.packets()) == []
        timer.join()
        assert time.monotonic() - began < 3
        watching.close()
        assert isinstance(watching.fetch(now(), 4), Gap)


def test_a_connection_that_still_hangs_is_not_piled_upon() -> None:
    with tcp_server(None) as url:
        made = source(url, timeout=3)
        before = threading.active_count()
        for _ in range(5):
            gap = made.fetch(now(), 0.05)
            assert isinstance(gap, Gap)
        assert threading.active_count() <= before + 1


def test_close_during_a_stream_ends_it(server: RtspServer) -> None:
    made = source(server.url("/cam"))
    units = made.packets()
    next(units)
    made.close()
    assert list(units) == []


def test_a_camera_is_a_live_source() -> None:
    made: Source = source("rtsp://127.0.0.1/cam")
    assert made.live


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({"address": "http://camera/cam"}, "rtsp://HOST/PATH"),
        ({"address": "rtsp:///cam"}, "rtsp://HOST/PATH"),
        ({"address": "rtsp://camera:port/cam"}, "rtsp://HOST/PATH"),
        ({"address": "rtsp://camera/ca\nm"}, "rtsp://HOST/PATH"),
        ({"address": "rtsp://adm:wrong-secret@camera/cam"}, "`username`"),
        ({"transport": "pigeon"}, "tcp, udp"),
        ({"timeout": 0}, "over 0"),
        ({"username": "adm", "password": "wrong-secret" * 20}, "too long"),
    ],
)
def test_wrong_settings_are_refused_at_once_and_without_secrets(settings: dict[str, Any], cure: str) -> None:
    with pytest.raises(BadInput) as refused:
        RtspSource("c", {"address": "rtsp://camera/cam", **settings})
    assert cure in str(refused.value)
    assert "wrong-secret" not in str(refused.value)


def test_secrets_do_not_show_in_what_a_source_says_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        made = source("rtsp://127.0.0.1:1/cam", username="adm", password="wrong-secret")
        made.fetch(now(), 1)
    assert "wrong-secret" not in repr(made) + caplog.text
