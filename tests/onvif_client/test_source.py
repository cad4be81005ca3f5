from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from homeroom.adapters.onvif_client import source as source_module
from homeroom.adapters.onvif_client.cameras import OnvifCameras
from homeroom.adapters.onvif_client.source import OnvifSource
from homeroom.errors import BadInput, Unavailable
from homeroom.picture import Codec, Gap, Picture
from homeroom.ports import CameraInfo
from homeroom.registry import CAMERAS, SOURCES, find
from tests.fakes import VirtualClock
from tests.rtsp import RtspServer, rtsp_server

from .asking import settings
from .onvif_peer import OnvifPeer, Video

MOUNTS = {"/main": "test,fps=10,gop=5"}


def look(source: OnvifSource, timeout: float = 10) -> Picture | Gap | None:
    return source.fetch(datetime.now(UTC), timeout)


def streams_from(peer: OnvifPeer, server: RtspServer) -> None:
    """It streams, and has no still pictures."""
    peer.manner.faults["GetSnapshotUri"] = "ActionNotSupported"
    peer.manner.stream = server.url("/main").replace("127.0.0.1", "10.1.2.3")


# Looking through it.


def test_a_scan_asks_the_camera_once_and_then_looks(peer: OnvifPeer) -> None:
    peer.manner.ahead = -90
    with rtsp_server(MOUNTS) as server:
        streams_from(peer, server)
        source = OnvifSource("c", settings(peer))
        assert source.status.clock_offset is None
        assert not source.info
        for _ in range(2):
            assert isinstance(look(source), Picture)
        assert peer.asked["GetProfiles"] == 1
        assert source.status.clock_offset == pytest.approx(-90, abs=1)
        assert source.info["codec"].name == "h264"
        source.close()


def test_a_still_picture_is_taken_where_the_camera_has_one(peer: OnvifPeer) -> None:
    source = OnvifSource("c", settings(peer))
    assert isinstance(look(source), Picture)
    assert source.status.rung == "snapshot"
    source.close()


def test_watching_takes_the_stream_as_it_comes(peer: OnvifPeer) -> None:
    with rtsp_server(MOUNTS) as server:
        streams_from(peer, server)
        source = OnvifSource("c", settings(peer))
        assert len(list(islice(source.packets(), 12))) == 12
        source.close()


def test_the_camera_says_what_it_is(peer: OnvifPeer) -> None:
    with rtsp_server(MOUNTS) as server:
        streams_from(peer, server)
        source = OnvifSource("c", settings(peer))
        assert source.about == ""
        tried = source.measure(10)
        about = source.about
        source.close()
    assert about.startswith("Acme Dome 7, profile main, clock right, names 10.1.2.3 for its stream")
    (chosen,) = [one for one in tried if one.chosen]
    assert chosen.picture is not None


# When there is nothing to see.


@dataclass
class Blind:
    """In the ladder's place: sees nothing but at addresses that end with /here."""

    camera: str
    settings: Mapping[str, Any]
    clock: VirtualClock
    info: Mapping[str, Any] = field(default_factory=dict)

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap:
        if self.settings["address"].endswith("/here"):
            return Picture(self.camera, due, Codec("h264"), ())
        return Gap(self.camera, due, due, "nothing to see")

    def close(self) -> None:
        pass


def test_a_camera_without_a_picture_is_asked_again_ever_more_seldom(
    peer: OnvifPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "Ladder", Blind)
    clock = VirtualClock()
    source = OnvifSource("c", settings(peer), clock)
    counts = []
    for _ in range(200):
        assert isinstance(look(source, 2), Gap)
        clock.wait(threading.Event(), 1)
        counts.append(peer.asked["GetProfiles"])
    assert [counts.index(number) for number in range(1, 8)] == [0, 5, 15, 35, 75, 135, 195]


def test_a_stream_that_moved_is_found_at_once(peer: OnvifPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "Ladder", Blind)
    source = OnvifSource("c", settings(peer), VirtualClock())
    peer.manner.stream = "rtsp://10.1.2.3/here"
    assert isinstance(look(source), Picture)
    assert isinstance(look(source), Picture)
    source._ladder.settings = {"address": "rtsp://10.1.2.3/gone"}  # type: ignore[union-attr]
    peer.manner.stream = "rtsp://10.1.2.3/now/here"
    assert isinstance(look(source), Gap)
    assert isinstance(look(source), Picture)
    assert peer.asked["GetProfiles"] == 2


def test_a_wrong_password_is_not_tried_again_at_once(peer: OnvifPeer) -> None:
    clock = VirtualClock()
    source = OnvifSource("c", settings(peer, password="wrong"), clock)
    for _ in range(20):
        gap = look(source, 2)
        assert isinstance(gap, Gap)
        assert gap.reason.startswith("the camera refuses the user name or password")
        clock.wait(threading.Event(), 14)
    assert peer.proofs[False] <= 3
    with pytest.raises(Unavailable, match="refuses the user name"):
        next(source.packets())
    clock.wait(threading.Event(), 30)
    look(source, 2)
    assert peer.proofs[False] > 3
    source.close()


def test_a_clock_set_back_does_not_stop_the_asking(peer: OnvifPeer) -> None:
    clock = VirtualClock()
    source = OnvifSource("c", settings(peer, password="wrong"), clock)
    look(source, 2)
    before = peer.asked["GetProfiles"]
    clock.time -= timedelta(days=1)
    look(source, 2)
    assert peer.asked["GetProfiles"] > before
    source.close()


def test_what_is_wrong_with_settings_is_said_when_made(peer: OnvifPeer) -> None:
    with pytest.raises(BadInput, match="timeout"):
        OnvifSource("c", settings(peer, timeout=0))


def test_closing_ends_a_waiting_look(peer: OnvifPeer) -> None:
    peer.manner.faults["GetProfiles"] = "hung"
    source = OnvifSource("c", settings(peer, timeout=60))
    found: list[Any] = []
    looking = threading.Thread(target=lambda: found.append(look(source, 60)))
    looking.start()
    while not peer.asked["GetProfiles"]:
        threading.Event().wait(0.01)
    source.close()
    looking.join(5)
    assert not looking.is_alive()
    assert isinstance(found[0], Gap)
    assert isinstance(look(source), Gap)


# Which cameras there are.


def test_all_video_sources_of_a_device_are_listed(peer: OnvifPeer) -> None:
    peer.manner.videos = (
        Video("front-low", "front", 640, 360),
        Video("front-high", "front", 2560, 1440, "H265"),
        Video("sound", ""),
        Video("back", "back"),
    )
    listed = OnvifCameras(settings(peer)).cameras()
    assert list(listed) == [
        CameraInfo("front-high", "Acme Dome 7, front-high profile", "", peer.address, "hevc", 2560, 1440, 12.5),
        CameraInfo("back", "Acme Dome 7, back profile", "", peer.address, "h264", 1920, 1080, 12.5),
    ]


def test_a_list_of_cameras_needs_the_password(peer: OnvifPeer) -> None:
    with pytest.raises(BadInput, match="refuses the user name"):
        OnvifCameras(settings(peer, password="wrong")).cameras()


@pytest.mark.parametrize("scheme", ["onvif", "onvifs"])
def test_both_schemes_are_registered(scheme: str) -> None:
    assert find(SOURCES, scheme) is OnvifSource
    assert find(CAMERAS, scheme) is OnvifCameras
