from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from homeroom.adapters.kept import EARLY, KeptSource, Newest
from homeroom.decode import Decoder
from homeroom.errors import Unavailable
from homeroom.picture import Gap, Picture, Unit
from tests.rtsp import RtspServer, rtsp_server
from tests.sources.test_rtsp import tcp_server

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[RtspServer]:
    with rtsp_server({"/cam": "test,gop=5", "/h265": "test,codec=h265,gop=5", "/long": "test,gop=1000"}) as running:
        yield running


def source(url: str, **settings: object) -> KeptSource:
    return KeptSource("c", {"address": url, "timeout": 5, **settings})


def now() -> datetime:
    return datetime.now(UTC)


def unit(seconds: float) -> Unit:
    return Unit(b"x", NOON + timedelta(seconds=seconds), key=True)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("path", ["/cam", "/h265"])
def test_pictures_come_over_one_connection_and_one_frame_is_decoded_for_each(
    server: RtspServer, path: str, transport: str
) -> None:
    made, decoder, utcs = source(server.url(path), transport=transport), Decoder(), []
    threads = []
    for number in range(1, 4):
        due = now()
        picture = made.fetch(due, 5)
        assert isinstance(picture, Picture)
        assert [each.key for each in picture.units] == [True]
        assert due - EARLY <= picture.utc <= now()
        frame = decoder.decode(picture)
        assert (frame.width, frame.height) == (320, 240)
        assert decoder.decoded == number
        utcs.append(picture.utc)
        threads.append([each for each in threading.enumerate() if each.name == "kept c"])
    assert utcs == sorted(set(utcs))
    assert threads[0] == threads[2]
    assert made.info["width"] == 320
    made.close()
    threads[0][0].join(5)
    assert not threads[0][0].is_alive()


def test_a_broken_connection_is_told_at_once_and_made_anew_by_itself() -> None:
    with rtsp_server({"/cam": "test,gop=5"}) as first:
        made = source(first.url("/cam"))
        assert isinstance(made.fetch(now(), 5), Picture)
        first.kill()
        reasons = []
        for _ in range(20):
            result = made.fetch(now() + timedelta(hours=1), 0.2)  # a picture that never comes
            assert isinstance(result, Gap)
            reasons.append(result.reason)
            if "within" not in result.reason:
                break
        assert "within" not in reasons[-1]
    with rtsp_server({"/cam": "test,gop=5"}, port=first.port):
        until = time.monotonic() + 15
        while not isinstance(made.fetch(now(), 1), Picture):
            assert time.monotonic() < until
    made.close()


def test_a_key_unit_that_does_not_come_is_a_gap_with_its_cure(server: RtspServer) -> None:
    made = source(server.url("/long"))
    made.fetch(now(), 5)
    other = source(server.url("/long"))
    gap = other.fetch(now(), 0.7)
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("no key frame")
    made.close()
    other.close()


def test_close_ends_a_fetch_that_waits() -> None:
    with tcp_server(None) as url:
        made = source(url, timeout=4)
        timer = threading.Timer(0.2, made.close)
        timer.start()
        began = time.monotonic()
        gap = made.fetch(now(), 30)
        assert isinstance(gap, Gap)
        assert "closed" in gap.reason
        assert time.monotonic() - began < 3
        timer.join()
        assert isinstance(made.fetch(now(), 30), Gap)


def test_a_camera_that_never_answers_is_a_gap_in_time() -> None:
    with tcp_server(None) as url:
        made = source(url, timeout=0.5)
        gap = made.fetch(now(), 0.3)
        assert isinstance(gap, Gap)
        assert gap.reason == "no answer came within 0.3 s"
        made.close()


def test_the_newest_unit_is_handed_out_once_and_none_that_is_too_old() -> None:
    held = Newest()
    held.put(unit(0))
    held.put(unit(1))
    assert held.get(NOON, 1) == unit(1)
    with pytest.raises(Unavailable, match="no answer came within"):
        held.get(NOON, 0.01)
    held.put(unit(-1))
    with pytest.raises(Unavailable):
        held.get(NOON, 0.01)


def test_who_waits_gets_the_next_unit_or_the_end() -> None:
    held = Newest()
    timer = threading.Timer(0.05, held.put, [unit(2)])
    timer.start()
    assert held.get(NOON, 60) == unit(2)
    timer.join()
    timer = threading.Timer(0.05, held.end, [Unavailable("over")])
    timer.start()
    with pytest.raises(Unavailable, match="over"):
        held.get(NOON, 60)
    timer.join()
    held.begin()
    with pytest.raises(Unavailable, match="within"):
        held.get(NOON, 0.01)


def test_what_came_over_the_last_connection_is_forgotten() -> None:
    held = Newest()
    held.put(unit(0))
    held.begin()
    with pytest.raises(Unavailable):
        held.get(NOON, 0.01)


def test_close_ends_a_doze() -> None:
    held = Newest()
    timer = threading.Timer(0.05, held.close)
    timer.start()
    began = time.monotonic()
    held.doze(60)
    assert time.monotonic() - began < 30
    timer.join()
