"""Health from end to end: to a spy, over the real ONVIF device, and as figures; through a full disk too."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import av
import cv2
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.assembly import make_source
from homeroom.clock import SystemClock
from homeroom.errors import BadInput
from homeroom.event import Event
from homeroom.picture import Codec, Unit
from homeroom.ports import Sink, SourceStatus
from homeroom.runtime import Parts, Runtime
from homeroom.site import SiteSettings
from homeroom.store import Batch, Store
from tests.core.test_runtime import lesson, settings
from tests.fakes import ScriptedModel, SpySink, StillSource
from tests.onvif.clients import zeep
from tests.pictures import DARK, frame, room
from tests.store.disks import small_disk
from tests.store.examples import until

FALLEN = "device GPU failed, so it computes on the CPU"
QUICK = {
    "camera-dark": {"watch": {"min_time": 0.5, "min_off": 0}},
    "camera-clock": {"watch": {"min_time": 0, "min_off": 0}},
}


@dataclass
class LiveSource(StillSource):
    """A live camera of a drawn room, 20 pictures a second; `dark` says how its light is now."""

    dark: bool = False
    offset: float | None = None

    @property
    def info(self) -> Mapping[str, Any]:
        return {"codec": Codec("png", b"", 320, 180), "width": 320, "height": 180, "frame_rate": 20.0}

    @property
    def status(self) -> SourceStatus:
        return SourceStatus("watch", "watch", clock_offset=self.offset)

    def packets(self) -> Iterator[Unit]:
        number = 0
        while not self.closed.wait(0.05):
            number += 1
            luma = frame(DARK["night"](room()) if self.dark else room(), seed=number).y
            _, encoded = cv2.imencode(".png", cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR))
            yield Unit(np.asarray(encoded).tobytes(), datetime.now(UTC), key=True)


@dataclass
class Site:
    """A running site with one live camera."""

    runtime: Runtime
    source: LiveSource
    model: ScriptedModel
    spy: SpySink = field(default_factory=SpySink)

    def told(self, behavior: str) -> list[Event]:
        return [event for event in list(self.spy.events) if event.behavior == behavior]


@contextmanager
def running(site: SiteSettings, **sinks: Sink) -> Iterator[Site]:
    source, model, spy = LiveSource("front"), ScriptedModel(), SpySink()
    parts = Parts(lambda _: source, {"fake": model}, {"spy": spy, **sinks}, SystemClock())
    runtime = Runtime(site, parts)
    try:
        runtime.start()
        yield Site(runtime, source, model, spy)
        runtime.wait(0)  # raises what failed
    finally:
        runtime.close()


def device() -> OnvifDevice:
    entry = {"id": "device", "type": "onvif-device", "listen": "127.0.0.1:0", "username": "vms", "password": "p"}
    return OnvifDevice(entry)


def test_a_dark_camera_and_a_fallen_model_reach_a_spy_and_an_onvif_client(tmp_path: Path) -> None:
    vms = device()
    with running(settings(tmp_path, behaviors=QUICK), device=vms) as site:
        with zeep("127.0.0.1", vms.port, "vms", "p") as client:
            client.connected()
            until(lambda: bool(site.spy.scenes))
            site.model.degraded = FALLEN
            site.source.dark = True
            until(lambda: bool(site.told("camera-dark") and site.told("device-fallback")))
            site.source.dark = False
            health = "tns1:Device/hr:Health/"
            messages = client.wait(lambda all_: sum(one.topic.startswith(health) for one in all_) >= 3)
            told = [one for one in messages if one.topic.startswith(health)]
        dark = [one for one in told if one.topic.endswith("CameraDark")]
        assert [(one.operation, one.source, one.data["State"]) for one in dark] == [
            ("Initialized", {"VideoSource": "front", "Rule": "CameraDark", "Room": "r"}, "true"),
            ("Deleted", {"VideoSource": "front", "Rule": "CameraDark", "Room": "r"}, "false"),
        ]
        (fallen,) = (one for one in told if one.topic.endswith("DeviceFallback"))
        assert (fallen.source, fallen.key) == ({"Rule": "DeviceFallback"}, {})
        assert fallen.data["Reason"] == f"fake: {FALLEN}"
        assert all(scene.quality is None for scene in site.spy.scenes)
    ended = site.told("device-fallback")[-1]
    assert (ended.active, ended.reason, ended.room, ended.camera) == (False, "shutdown", "", "")


def test_a_state_of_the_whole_site_that_a_crash_left_open_is_ended_at_the_next_start(tmp_path: Path) -> None:
    site_settings = settings(tmp_path)
    with running(site_settings) as site:
        site.model.degraded = FALLEN
        until(lambda: bool(site.told("device-fallback")))
        began = site.told("device-fallback")[0]
    site_settings.store.unlink()
    with Store(site_settings.store) as crashed:
        crashed.commit(Batch((began,)))
    with running(site_settings) as site:
        until(lambda: bool(site.told("device-fallback")))
        (over,) = site.told("device-fallback")
    assert (over.id, over.active, over.reason) == (began.id, False, "restart")


def scrape(port: int, host: str = "127.0.0.1") -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    with urlopen(f"http://{host}:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_of_a_running_site_are_there_for_prometheus_and_name_no_seat(tmp_path: Path) -> None:
    site_settings = settings(tmp_path, behaviors=QUICK, granularity="seat", metrics={"listen": "127.0.0.1:0"})
    with running(site_settings) as site:
        server = site.runtime._metrics
        assert server is not None
        site.source.offset = -9.5
        site.model.degraded = FALLEN
        until(lambda: bool(site.told("camera-clock") and site.told("device-fallback")))
        until(lambda: site.runtime._store.waiting() == {})
        figures = scrape(server.port)
        front = (("camera", "front"), ("room", "r"))
        assert figures["homeroom_camera_up", front] == 1
        assert figures["homeroom_camera_pictures_total", front] >= 1
        assert figures["homeroom_camera_pictures_replaced_total", front] >= 0
        assert figures["homeroom_camera_gaps_total", front] == 0
        assert 0 <= figures["homeroom_camera_lag_seconds", front] < 60
        assert figures["homeroom_camera_clock_offset_seconds", front] == -9.5
        assert figures["homeroom_camera_fallback", front] == 0
        watch = (("camera", "front"), ("chosen", "watch"), ("mode", "watch"), ("room", "r"), ("rung", "watch"))
        assert figures["homeroom_camera_info", watch] == 1
        assert figures["homeroom_room_views_late_total", (("room", "r"),)] == 0
        assert figures["homeroom_model_degraded", (("model", "fake"),)] == 1
        assert figures["homeroom_events_written_total", (("behavior", "camera-clock"),)] == 1
        assert figures["homeroom_events_unwritten", ()] == 0
        assert figures["homeroom_outbox_events", (("sink", "spy"),)] == 0
        assert figures["homeroom_outbox_oldest_age_seconds", (("sink", "spy"),)] == 0
        assert figures["homeroom_dead_letters_total", (("sink", "spy"),)] == 0
        assert figures["homeroom_disk_free_bytes", ()] > 0
        assert figures["process_resident_memory_bytes", ()] > 2**20
        assert "Seat-Zq" not in repr(figures)
        with pytest.raises(HTTPError, match="405"):
            urlopen(Request(f"http://127.0.0.1:{server.port}/metrics", b"x"), timeout=10)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_figures_are_served_at_each_name_of_this_machine_and_gone_after_the_end(tmp_path: Path, host: str) -> None:
    with running(settings(tmp_path, metrics={"listen": f"{host}:0"})) as site:
        server = site.runtime._metrics
        assert server is not None
        assert ("homeroom_events_unwritten", ()) in scrape(server.port, host)
    with pytest.raises(URLError):
        scrape(server.port, host)


def test_a_port_for_figures_that_is_in_use_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        runtime = Runtime(
            settings(tmp_path, metrics={"listen": listen}),
            Parts(lambda _: LiveSource("front"), {"fake": ScriptedModel()}, {}, SystemClock()),
        )
        try:
            with pytest.raises(BadInput, match=f"metrics {listen}: cannot listen there: .*; choose another"):
                runtime.start()
        finally:
            runtime.close()


Step = Callable[[Runtime], None]


def played(site: SiteSettings, before: Step = lambda _: None, after: Step = lambda _: None) -> SpySink:
    """Plays the lesson as a recording; `before` it starts and `after` it is over, with the site still open."""
    sink = SpySink()
    parts = Parts(
        lambda camera: StillSource(camera.id, live=False, count=20),
        {"fake": ScriptedModel(lesson)},
        {"spy": sink},
        SystemClock(),
    )
    runtime = Runtime(site, parts, until_end=True)
    try:
        before(runtime)
        runtime.start()
        runtime.wait(30)
        after(runtime)
    finally:
        runtime.close()
    return sink


def test_a_lesson_on_a_full_disk_is_the_same_lesson_once_there_is_space(tmp_path: Path) -> None:
    wanted = played(settings(tmp_path, granularity="seat")).events
    assert len(wanted) > 5
    with small_disk(tmp_path / "disk") as disk:
        site = settings(tmp_path, granularity="seat", store=str(disk.path / "full.db"))

        def over(runtime: Runtime) -> None:
            assert runtime.log_end() == 0, "nothing could be written"
            disk.free()

        assert played(site, lambda _: disk.fill(), over).events == wanted
        with Store.reader(site.store) as reader:
            assert [one.event for one in reader.log(0, 99)] == wanted
            assert reader.waiting() == {}


def replayed(folder: Path, name: str) -> list[Event]:
    """The events of the clip in a run of its own, from a store of its own."""
    camera = {"id": "front", "address": "clip.mp4", "mode": "watch", "fps": 2}
    seats = [{"id": "A", "views": {"front": [[0, 0], [1, 0], [1, 1]]}}]
    site = settings(
        folder,
        store=f"{name}.db",
        behaviors={"camera-dark": {"watch": {"min_time": 3, "min_off": 2}}},
        rooms=[{"id": "r", "cameras": [camera], "seats": seats}],
    )
    sink = SpySink()
    runtime = Runtime(site, Parts(make_source, {"fake": ScriptedModel()}, {"spy": sink}, SystemClock()), until_end=True)
    try:
        runtime.start()
        runtime.wait(60)
    finally:
        runtime.close()
    return sink.events


def test_a_replay_of_a_camera_that_goes_dark_tells_the_same_twice(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4")
    first = replayed(tmp_path, "first")
    assert [(one.behavior, one.active, one.start.second, one.utc.second) for one in first] == [
        ("camera-dark", True, 10, 13),
        ("camera-dark", False, 10, 22),
    ]
    assert replayed(tmp_path, "second") == first


def write(path: Path) -> None:
    """Thirty seconds of the drawn room, dark from second 10 to 20."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=10, options={"g": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(300):
            luma = frame(DARK["night"](room()) if 100 <= number < 200 else room(), seed=number).y
            out.mux(stream.encode(av.VideoFrame.from_ndarray(luma, "gray").reformat(format="yuv420p")))
        out.mux(stream.encode(None))
