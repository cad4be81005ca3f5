from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from homeroom.adapters.kept import KeptSource
from homeroom.adapters.ladder import SLOW, Ladder
from homeroom.adapters.standing import CLIMB, Standing
from homeroom.clock import SystemClock
from homeroom.decode import Decoder
from homeroom.errors import BadInput, Unavailable
from homeroom.fetch import sampled
from homeroom.picture import Codec, Gap, Picture, Unit
from homeroom.ports import Measuring, Source
from tests.fakes import VirtualClock
from tests.http_camera import HttpCamera, http_camera, jpeg
from tests.relay import Relay, relay
from tests.rtsp import RtspServer, rtsp_server

SIZES = {"/cam": "1280x720", "/sub": "640x360", "/small": "320x240"}
LATER = timedelta(seconds=CLIMB[0])


@pytest.fixture(scope="module")
def server() -> Iterator[RtspServer]:
    with rtsp_server({path: f"test,fps=10,gop=3,size={size}" for path, size in SIZES.items()}) as running:
        yield running


@dataclass
class Camera:
    """A camera with a still picture and a stream, each of which can fail."""

    http: HttpCamera
    rtsp: Relay

    def ladder(self, **settings: Any) -> Ladder:
        known = {"address": self.rtsp.url("/cam"), "snapshot": self.http.url, "timeout": 5}
        given = {name: value for name, value in {**known, **settings}.items() if value is not None}
        return Ladder("c", given, settings.pop("clock", None))


@pytest.fixture
def camera(server: RtspServer) -> Iterator[Camera]:
    with http_camera() as http, relay(server.port) as rtsp:
        yield Camera(http, rtsp)


class Shifted(SystemClock):
    """The machine's clock, but so much ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


def seen(ladder: Ladder, seconds: float = 5) -> Picture:
    picture = ladder.fetch(datetime.now(UTC), seconds)
    assert isinstance(picture, Picture), picture
    return picture


def told(log: pytest.LogCaptureFixture) -> list[str]:
    """What the ladder said since it was last asked."""
    said = [record.getMessage() for record in log.records if "standing" in record.name]
    log.clear()
    return said


def test_a_still_picture_that_is_good_needs_no_stream(camera: Camera) -> None:
    decoder = Decoder()
    with closing(camera.ladder()) as ladder:
        for number in range(1, 4):
            decoder.decode(seen(ladder))
            assert (decoder.decoded, len(camera.http.requests), camera.rtsp.connections) == (number, number, 0)
        assert (ladder.status.rung, ladder.status.chosen, ladder.status.fallen) == ("snapshot", "snapshot", False)
        assert ladder.status.clock_offset is not None
        assert ladder.info == {}, "nothing is known of the stream"


def test_on_demand_is_one_connection_and_one_decoded_frame_for_each_scan(camera: Camera) -> None:
    decoder = Decoder()
    with closing(camera.ladder(snapshot=None)) as ladder:
        for number in range(1, 4):
            decoder.decode(seen(ladder))
            assert (decoder.decoded, camera.rtsp.connections) == (number, number)
        assert ladder.status.rung == "on-demand"
        assert ladder.info["height"] == 720


def test_scans_that_follow_fast_are_served_by_one_connection(camera: Camera) -> None:
    decoder = Decoder()
    with closing(camera.ladder(snapshot=None, every=0.02)) as ladder:
        for number in range(1, 5):
            decoder.decode(seen(ladder))
            assert (decoder.decoded, camera.rtsp.connections) == (number, 2), "one was tried on demand, and one is kept"
        assert ladder.status.rung == ladder.status.chosen == "kept"


@pytest.mark.parametrize(
    ("still", "path", "rung"),
    [
        ((640, 360), "/cam", "on-demand"),
        ((640, 360), "/small", "snapshot"),
        ((176, 144), "/small", "on-demand"),
        ((711, 400), "/cam", "snapshot"),
    ],
)
def test_a_rung_must_be_large_enough_or_as_large_as_any(
    camera: Camera, still: tuple[int, int], path: str, rung: str
) -> None:
    camera.http.picture = jpeg(*still)
    with closing(camera.ladder(address=camera.rtsp.url(path))) as ladder:
        seen(ladder)
        assert ladder.status.chosen == rung


def test_a_rung_that_dies_is_followed_by_the_next_and_climbed_back_to(
    camera: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = Shifted()
    with closing(camera.ladder(clock=clock)) as ladder:
        seen(ladder)
        (said,) = told(caplog)
        assert said.startswith("c: pictures by snapshot: mjpeg 1920x1080 in ")
        camera.http.fault = "503"
        for _ in range(3):
            assert seen(ladder).codec.name == "h264"
        assert (ladder.status.rung, ladder.status.chosen, ladder.status.fallen) == ("on-demand", "snapshot", True)
        assert "503" in ladder.status.reason
        (said,) = told(caplog)
        assert said.startswith("c: pictures by on-demand instead of snapshot: ")
        assert len(camera.http.requests) == 2, "a camera that fails is left in peace for a while"
        clock.ahead += LATER
        assert seen(ladder).codec.name == "h264"
        assert seen(ladder).codec.name == "h264"
        assert len(camera.http.requests) == 3
        camera.http.fault = ""
        clock.ahead += LATER * 0.9
        assert seen(ladder).codec.name == "h264", "the second pause is longer"
        clock.ahead += LATER * 1.1
        assert seen(ladder).codec.name == "mjpeg"
        assert told(caplog) == ["c: pictures by snapshot again"]
        assert (ladder.status.fallen, ladder.status.reason) == (False, "")


def test_a_rung_that_hangs_leaves_the_others_time_within_the_same_limit(camera: Camera) -> None:
    with closing(camera.ladder()) as ladder:
        seen(ladder)
        camera.http.fault = "hung"
        began = time.monotonic()
        assert seen(ladder, 4).codec.name == "h264"
        assert 1 < time.monotonic() - began < 4
        assert "did not answer" in ladder.status.reason


def test_a_gap_comes_where_no_rung_gives_a_picture_and_all_come_back(camera: Camera) -> None:
    with closing(camera.ladder()) as ladder:
        camera.http.fault = "404"
        camera.rtsp.open = False
        gap = ladder.fetch(datetime.now(UTC), 5)
        assert isinstance(gap, Gap)
        assert "snapshot: the camera knows no such address" in gap.reason
        assert "on-demand: " in gap.reason
        assert ladder.status.rung == ladder.status.chosen == ""
        camera.http.fault = ""
        assert seen(ladder).codec.name == "mjpeg"
        camera.http.fault = "404"
        assert isinstance(ladder.fetch(datetime.now(UTC), 5), Gap)
        assert not ladder.status.fallen
        camera.rtsp.open = True
        assert seen(ladder).codec.name == "h264"


def test_a_choice_that_a_failing_rung_led_to_is_made_anew_after_an_hour(
    camera: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = Shifted()
    camera.http.fault = "404"
    with closing(camera.ladder(clock=clock)) as ladder:
        for _ in range(3):
            assert seen(ladder).codec.name == "h264"
        assert (ladder.status.chosen, ladder.status.fallen, len(camera.http.requests)) == ("on-demand", False, 1)
        clock.ahead += timedelta(seconds=CLIMB[1])
        seen(ladder)
        seen(ladder)
        assert (ladder.status.chosen, len(camera.http.requests), len(told(caplog))) == ("on-demand", 2, 1)
        camera.http.fault = ""
        clock.ahead += timedelta(seconds=CLIMB[1])
        assert seen(ladder).codec.name == "mjpeg"
        clock.ahead += timedelta(seconds=CLIMB[1])
        seen(ladder)
        assert (ladder.status.chosen, camera.rtsp.connections) == ("snapshot", 5)


@pytest.mark.parametrize("rung", ["snapshot", "on-demand", "kept"])
def test_a_pinned_rung_is_the_only_one(camera: Camera, rung: str) -> None:
    with closing(camera.ladder(ingest=rung)) as ladder:
        seen(ladder)
        seen(ladder)
        assert ladder.status.rung == ladder.status.chosen == rung
        assert len(camera.http.requests) == (2 if rung == "snapshot" else 0)
        assert camera.rtsp.connections == {"snapshot": 0, "on-demand": 2, "kept": 1}[rung]
        assert [one.rung for one in ladder.measure(5)] == [rung]
        camera.http.fault = "503"
        camera.rtsp.cut()
        due = datetime.now(UTC) + timedelta(hours=1)  # later than any picture that is still held
        assert isinstance(ladder.fetch(due, 2), Gap)


def test_a_kept_connection_that_breaks_is_stepped_in_for_until_it_is_back(camera: Camera) -> None:
    with closing(camera.ladder(every=0.02, snapshot=None)) as ladder:
        seen(ladder)
        camera.rtsp.cut()
        while isinstance(ladder.fetch(datetime.now(UTC), 1), Picture):
            pass
        camera.rtsp.open = True
        until = time.monotonic() + 15
        while seen(ladder) and ladder.status.fallen:
            assert time.monotonic() < until
        assert ladder.status.rung == "kept"


def test_a_kept_connection_is_hung_up_when_it_only_stepped_in(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Shifted()

    def fails(due: datetime, timeout: float) -> Picture:
        raise Unavailable("no more sessions")

    with closing(camera.ladder(clock=clock)) as ladder:
        seen(ladder)
        camera.http.fault = "503"
        monkeypatch.setattr(ladder._main, "take", fails)
        seen(ladder)
        assert ladder.status.rung == "kept"
        kept = ladder._rungs["kept"]
        assert isinstance(kept, KeptSource)
        camera.http.fault = ""
        clock.ahead += LATER
        seen(ladder)
        assert ladder.status.rung == "snapshot"
        assert kept._newest.closed
        assert ladder._rungs["kept"] is not kept


def test_pictures_that_take_too_long_again_and_again_are_fetched_another_way(
    camera: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with closing(camera.ladder(snapshot=None)) as ladder:
        seen(ladder)
        told(caplog)
        ladder._timely = 0.001  # from now on whatever connects is late
        for _ in range(SLOW):
            seen(ladder)
            assert ladder.status.chosen == "on-demand"
        seen(ladder)
        assert ladder.status.chosen == ladder.status.rung == "kept"
        assert "longer than half" in told(caplog)[0]


def test_what_is_late_every_way_is_not_measured_over_and_over(camera: Camera, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with closing(camera.ladder(ingest="on-demand", every=0.002)) as ladder:
        for _ in range(3 * SLOW):
            seen(ladder)
        assert len(told(caplog)) == 1


@pytest.mark.parametrize("fault", ["hung", "dripping body"])
def test_close_ends_a_fetch_on_any_rung(camera: Camera, fault: str) -> None:
    camera.http.fault = fault
    camera.rtsp.silent = True
    for ingest in ("auto", "snapshot", "on-demand", "kept"):
        ladder = camera.ladder(ingest=ingest)
        timer = threading.Timer(0.2, ladder.close)
        timer.start()
        began = time.monotonic()
        assert isinstance(ladder.fetch(datetime.now(UTC), 60), Gap)
        assert time.monotonic() - began < 4
        timer.join()


def test_measuring_tries_all_rungs_and_marks_the_one_that_a_run_would_choose(camera: Camera) -> None:
    with closing(camera.ladder()) as ladder:
        port: Measuring = ladder
        tried = port.measure(5)
        assert [(one.rung, one.chosen) for one in tried] == [("snapshot", True), ("on-demand", False), ("kept", False)]
        assert [one.picture.codec.height for one in tried if one.picture] == [1080, 720, 720]
        camera.http.fault = "404"
        tried = port.measure(5)
        assert [(one.rung, one.chosen) for one in tried] == [("snapshot", False), ("on-demand", True), ("kept", False)]
        assert tried[0].reason
        assert tried[0].picture is None
    with closing(camera.ladder(mode="watch", substream=camera.rtsp.url("/sub"))) as ladder:
        assert [(one.rung, one.chosen) for one in ladder.measure(5)] == [("substream", True), ("stream", False)]
    with closing(camera.ladder(mode="watch", substream=camera.rtsp.url("/small"))) as ladder:
        assert [(one.rung, one.chosen) for one in ladder.measure(5)] == [("substream", False), ("stream", True)]


def test_what_falls_again_and_again_is_climbed_back_to_ever_less_often() -> None:
    clock = VirtualClock()
    standing = Standing("c", clock)
    standing.choose("best", "")
    climbs = []
    for second in range(4 * 3600):
        clock.wait(threading.Event(), 1)
        if standing.fallen and standing.climbs:
            standing.use("best", {})
            climbs.append(second)
        else:
            standing.use("other", {"best": "broken"} if not standing.fallen else {})
    pauses = [after - before for before, after in itertools.pairwise(climbs)]
    assert len(climbs) <= 12
    assert max(pauses) > CLIMB[1] / 2
    for _ in range(3):
        while standing.fallen and not standing.climbs:
            clock.wait(threading.Event(), 1)
        for _ in range(int(CLIMB[1])):  # it lasts
            standing.use("best", {})
            clock.wait(threading.Event(), 1)
        standing.use("other", {"best": "broken"})
        began = clock.now()
        while not standing.climbs:
            clock.wait(threading.Event(), 1)
        assert (clock.now() - began).total_seconds() <= CLIMB[0] + 1


# Watching.


def widths(ladder: Ladder, units: Iterator[Unit], count: int) -> list[int]:
    """What is seen when pictures are sampled and decoded, as a run does."""
    decoder = Decoder()

    def codec() -> Codec:
        known: Codec = ladder.info["codec"]
        return known

    pictures = sampled(units, "c", codec, timedelta(seconds=0.05))
    return [decoder.decode(picture).width for picture, _ in zip(pictures, range(count), strict=False)]


@pytest.mark.parametrize(("path", "width", "rung"), [("/sub", 640, "substream"), ("/small", 1280, "stream")])
def test_the_substream_is_watched_where_it_is_large_enough(camera: Camera, path: str, width: int, rung: str) -> None:
    with closing(camera.ladder(mode="watch", substream=camera.rtsp.url(path))) as ladder:
        assert widths(ladder, ladder.packets(), 4) == [width] * 4
        assert ladder.status.rung == ladder.status.chosen == rung
        assert ladder.info["width"] == width


def test_the_main_stream_is_watched_while_the_substream_fails(
    camera: Camera, server: RtspServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = Shifted()
    with (
        relay(server.port) as sub,
        closing(camera.ladder(mode="watch", clock=clock, substream=sub.url("/sub"))) as ladder,
    ):
        sub.open = False
        units = ladder.packets()
        assert widths(ladder, units, 2) == [1280] * 2
        assert (ladder.status.rung, ladder.status.chosen, ladder.status.fallen) == ("stream", "substream", True)
        assert sub.connections == 1
        (said,) = told(caplog)
        assert said.startswith("c: pictures by stream instead of substream: ")
        sub.open = True
        clock.ahead += LATER
        decoder, shown = Decoder(), set[int]()
        for picture in sampled(units, "c", lambda: ladder.info["codec"], timedelta(seconds=0.01)):
            shown.add(decoder.decode(picture).width)
            if not ladder.status.fallen and 640 in shown:
                break
        assert sub.connections == 2
        assert told(caplog) == ["c: pictures by substream again"]
        sub.cut()
        with pytest.raises(Unavailable):
            list(units)
        assert widths(ladder, ladder.packets(), 2) == [1280] * 2


def test_a_substream_is_tried_first_when_the_main_stream_breaks(camera: Camera, server: RtspServer) -> None:
    with relay(server.port) as sub, closing(camera.ladder(mode="watch", substream=sub.url("/sub"))) as ladder:
        sub.open = False
        units = ladder.packets()
        next(units)
        sub.open = True
        camera.rtsp.cut()
        with pytest.raises(Unavailable):
            list(units)
        assert widths(ladder, ladder.packets(), 2) == [640] * 2


def test_close_ends_watching(camera: Camera) -> None:
    ladder = camera.ladder(mode="watch", substream=camera.rtsp.url("/sub"))
    units = ladder.packets()
    next(units)
    ladder.close()
    assert list(units) == []
    assert list(ladder.packets()) == []


def test_it_is_a_source_and_refuses_wrong_settings_at_once() -> None:
    made: Source = Ladder("c", {"address": "rtsp://camera/cam"})
    assert made.live
    for settings in (
        {"address": "http://camera/"},
        {"ingest": "snapshot"},
        {"ingest": "sometimes"},
        {"snapshot": "ftp://camera/"},
        {"substream": "http://camera/"},
        {"every": 0},
        {"transport": "pigeon"},
    ):
        with pytest.raises(BadInput):
            Ladder("c", {"address": "rtsp://camera/cam", **settings})
