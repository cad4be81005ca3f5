from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from homeroom.adapters.onvif_client.address import Endpoint
from homeroom.adapters.onvif_client.camera import OnvifCamera
from homeroom.adapters.onvif_client.device import Profile
from homeroom.errors import BadInput, Unavailable
from tests.http_camera import USER, Certificate, certificate
from tests.onvif.fake_site import SETTINGS, FakeSite, serving

from .asking import settings, trouble, view
from .onvif_peer import TR2, TRT, OnvifPeer, Video, onvif_peer


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"), "camera")


# What a camera tells.


@pytest.mark.parametrize("media", [(TR2, TRT), (TR2,), (TRT,)], ids=["both", "Media2", "Media1"])
def test_a_camera_tells_where_its_pictures_are(peer: OnvifPeer, media: tuple[str, ...]) -> None:
    peer.manner.media = media
    found = view(peer)
    assert found.profile == Profile("main", "main profile", "source", "h264", 1920, 1080, 12.5)
    assert found.stream == "rtsp://127.0.0.1:554/main?transport=tcp"
    assert found.substream == "rtsp://127.0.0.1:554/sub?transport=tcp"
    assert found.snapshot == peer.url
    assert found.model == "Acme Dome 7"
    assert found.clock_offset == pytest.approx(0, abs=1)
    assert str(found) == "Acme Dome 7, profile main, clock right"


def test_an_older_camera_knows_no_services(peer: OnvifPeer) -> None:
    peer.manner.faults["GetServices"] = "ActionNotSupported"
    assert view(peer).stream
    peer.manner.faults.clear()
    peer.manner.services = False
    assert view(peer).stream


def test_media1_helps_out_where_media2_is_half_done(peer: OnvifPeer) -> None:
    peer.manner.faults["GetProfiles"] = "ActionNotSupported"
    assert "GetProfiles: the camera says ActionNotSupported (No. Really not.)" in trouble(peer)
    assert peer.asked["GetProfiles"] == 2


def test_without_still_pictures_or_a_name_it_is_a_camera_all_the_same(peer: OnvifPeer) -> None:
    peer.manner.faults.update(GetSnapshotUri="ActionNotSupported", GetDeviceInformation="other")
    found = view(peer)
    assert (found.snapshot, found.model) == ("", "")
    assert found.stream


def test_a_named_profile_is_taken_and_the_best_otherwise(peer: OnvifPeer) -> None:
    peer.manner.videos = (
        Video("sound", source=""),
        Video("stills", width=3840, height=2160, encoding="JPEG"),
        Video("low", width=704, height=576, encoding="H265"),
        Video("high", width=2560, height=1440, encoding="H265"),
        Video("door", source="other", width=3840, height=2160),
    )
    assert view(peer).profile.token == "high"
    assert view(peer).profile.codec == "hevc"
    assert view(peer).substream.endswith("/low?transport=tcp")
    assert view(peer, "stills").profile.codec == "mjpeg"
    assert view(peer, "door").substream == ""
    assert trouble(peer, "nobody") == "the camera has no profile 'nobody': there are stills, low, high, door"


def test_a_camera_without_video_says_what_to_do(peer: OnvifPeer) -> None:
    peer.manner.videos = (Video("sound", source=""), Video("\n"), Video("x" * 65))
    assert trouble(peer) == "the camera has no profile with video: make one in its settings"
    peer.manner.media = ()
    assert trouble(peer) == "the device offers no video over ONVIF: is it a camera?"


# Where it is.


def test_behind_nat_the_address_of_the_manifest_counts(peer: OnvifPeer) -> None:
    peer.manner.host, peer.manner.stream_port = "192.168.77.5:8899", 8554
    found = view(peer)
    assert found.stream == "rtsp://127.0.0.1:8554/main?transport=tcp"
    assert found.snapshot == "http://127.0.0.1:8899/snap.jpg"
    assert found.elsewhere == "192.168.77.5"
    assert "names 192.168.77.5 for its stream" in str(found)


@pytest.mark.parametrize(
    "stream",
    [
        "",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "rtsp://a b/",
        "rtsp://[",
        "rtsp://x:99999/",
        f"rtsp://h/{2**9999}",
    ],
)
def test_an_address_that_is_none_is_not_followed(peer: OnvifPeer, stream: str) -> None:
    peer.manner.stream = stream
    if stream:
        assert trouble(peer).startswith("the camera names no rtsp:// address for its stream")
    else:
        peer.manner.faults["GetStreamUri"] = "empty"
        assert trouble(peer) == "GetStreamUri: the camera names no address"


def test_a_password_in_a_stream_s_address_is_dropped(peer: OnvifPeer) -> None:
    peer.manner.stream = "rtsp://root:secret@10.0.0.1/live"
    assert view(peer).stream == "rtsp://127.0.0.1/live"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("onvif://10.0.0.5", "http://10.0.0.5:80/onvif/device_service"),
        ("onvif://10.0.0.5/", "http://10.0.0.5:80/onvif/device_service"),
        ("onvifs://Cam.local", "https://cam.local:443/onvif/device_service"),
        ("onvif://[fd00::5]:8000/onvif/svc", "http://[fd00::5]:8000/onvif/svc"),
    ],
)
def test_an_address_says_where_the_device_service_is(address: str, url: str) -> None:
    assert Endpoint.read("c", address).url == url


@pytest.mark.parametrize("address", ["", "rtsp://h/", "onvif://:1", "onvif://h:x", "onvif://h/a b", "onvif://u:p@h"])
def test_an_address_that_is_wrong_is_not_repeated(address: str) -> None:
    with pytest.raises(BadInput) as raised:
        OnvifCamera("c", {"address": address})
    assert not address or address not in str(raised.value)


# Who asks.


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("ahead", [0, 3600, -7200])
@pytest.mark.parametrize(("tokens", "digest"), [(True, True), (True, False), (False, True)])
def test_a_camera_lets_us_in_by_its_own_way(
    peer: OnvifPeer, strict: bool, ahead: float, tokens: bool, digest: bool
) -> None:
    peer.manner.strict, peer.manner.ahead, peer.manner.tokens, peer.manner.digest = strict, ahead, tokens, digest
    found = view(peer)
    assert found.stream
    assert found.clock_offset == pytest.approx(ahead, abs=1)
    assert peer.proofs[False] == 0


def test_a_camera_that_tells_no_time_is_believed_its_header(peer: OnvifPeer) -> None:
    peer.manner.ahead, peer.manner.digest = 3600, False
    peer.manner.faults["GetSystemDateAndTime"] = "empty"
    assert view(peer).clock_offset == pytest.approx(3600, abs=1)
    peer.manner.date, peer.manner.ahead = False, 0
    assert view(peer).clock_offset is None


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("tokens", "digest"), [(True, True), (True, False), (False, True)])
def test_a_wrong_password_is_told_before_the_account_is_locked(
    peer: OnvifPeer, strict: bool, tokens: bool, digest: bool
) -> None:
    peer.manner.strict, peer.manner.tokens, peer.manner.digest = strict, tokens, digest
    assert trouble(peer, password="wrong").startswith("the camera refuses the user name or password: correct them")
    assert 1 <= peer.proofs[False] <= 3
    assert peer.proofs[True] == 0


def test_a_wrong_password_is_bad_input(peer: OnvifPeer) -> None:
    with pytest.raises(BadInput):
        view(peer, password="wrong")


def test_nobody_is_asked_for_a_name(peer: OnvifPeer) -> None:
    assert trouble(peer, username="", password="").startswith("the camera asks who wants to know: give `username`")


def test_a_camera_that_lies_about_its_clock_is_told_from_a_wrong_password(peer: OnvifPeer) -> None:
    peer.manner.digest, peer.manner.claims = False, 7200
    assert trouble(peer).endswith("or it minds its clock, 7200 s ahead of this machine's: let NTP set it")


def test_a_user_without_the_right_to_video_is_told_from_a_wrong_password(peer: OnvifPeer) -> None:
    peer.manner.forbidden = frozenset({"GetStreamUri"})
    assert "allow that user media (video)" in trouble(peer)
    peer.manner.forbidden = frozenset({"GetProfiles"})
    assert "allow that user media (video)" in trouble(peer)


# What goes wrong on the way.


@pytest.mark.parametrize("operation", ["GetSystemDateAndTime", "GetServices", "GetProfiles", "GetStreamUri"])
@pytest.mark.parametrize("fault", ["hung", "dripping"])
def test_an_operation_that_hangs_is_named(peer: OnvifPeer, operation: str, fault: str) -> None:
    peer.manner.faults[operation] = fault
    assert trouble(peer, timeout=0.5) == f"{operation}: 127.0.0.1 did not answer within 0.5 s"


@pytest.mark.parametrize("fault", ["404", "405", "503", "web page"])
def test_onvif_switched_off_is_told(peer: OnvifPeer, fault: str) -> None:
    peer.manner.faults["GetSystemDateAndTime"] = fault
    assert "not as an ONVIF device: switch ONVIF on" in trouble(peer)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("endless", "the camera sends more than 1 MiB"),
        ("bomb", "the camera's answer has a document type declaration"),
        ("deep", "the camera's answer is not well-formed XML"),
        ("wide", "the camera's answer has more than 50000 elements"),
        ("half", "the camera's answer is not well-formed XML"),
        ("other", "the camera answers with something else"),
        ("tls", "the camera wants TLS: write its address as onvifs://"),
        ("elsewhere", "the camera leads elsewhere: correct its address"),
    ],
)
def test_a_hostile_answer_is_one_line(peer: OnvifPeer, fault: str, told: str) -> None:
    peer.manner.faults["GetProfiles"] = fault
    assert trouble(peer).startswith(f"GetProfiles: {told}")


def test_nobody_at_the_address_is_told() -> None:
    with onvif_peer() as gone:
        asked = settings(gone)
    with pytest.raises(Unavailable, match=r"^GetSystemDateAndTime: 127[.]0[.]0[.]1 refuses the connection"):
        OnvifCamera("c", asked).view()


def test_what_a_conversation_waits_for_ends_when_it_is_closed(peer: OnvifPeer) -> None:
    peer.manner.faults["GetProfiles"] = "hung"
    camera = OnvifCamera("c", settings(peer, timeout=60))
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(camera.view)
        while not peer.asked["GetProfiles"]:
            threading.Event().wait(0.01)
        camera.close()
        with pytest.raises(Unavailable, match="closed"):
            asking.result(5)
    with pytest.raises(Unavailable, match="closed"):
        camera.view()


# Over TLS.


def test_a_certificate_is_checked_before_anything_is_said(mine: Certificate) -> None:
    with onvif_peer(mine.path) as peer:
        assert "is not trusted: name its authority's file in `ca`" in trouble(peer)
        assert not peer.asked
        assert view(peer, fingerprint=mine.fingerprint).snapshot.startswith("https://127.0.0.1")
        assert view(peer, ca=str(mine.path)).stream


# Many at once.


def test_threads_share_what_they_may(peer: OnvifPeer) -> None:
    """Eight cameras, and one more that all eight threads ask."""
    shared = OnvifCamera("shared", settings(peer))

    def ask(number: int) -> list[Any]:
        own = OnvifCamera(f"c{number}", settings(peer))
        return [(shared if turn % 2 else own).view() for turn in range(10)]

    peer.manner.digest, peer.manner.ahead = False, 3600
    with ThreadPoolExecutor(8) as threads:
        found = [view for views in threads.map(ask, range(8)) for view in views]
    assert len({(each.stream, each.substream, each.snapshot, each.model) for each in found}) == 1
    assert sum(peer.asked.values()) == 8 * 10 * 7
    assert peer.proofs == {True: 8 * 10 * 5}


def test_no_secret_shows(peer: OnvifPeer) -> None:
    camera = OnvifCamera("c", settings(peer))
    assert USER not in repr(camera)
    assert "p@ss" not in repr(vars(camera)["_login"])


def test_bad_certificate_settings_are_told_at_once(peer: OnvifPeer, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="correct `ca`"):
        OnvifCamera("c", settings(peer, ca=str(tmp_path / "none.pem")))


# Peers that nobody wrote for these tests.


def test_homeroom_s_own_device_is_a_camera_too() -> None:
    site = FakeSite()
    try:
        with serving(site) as device:
            asked = {"address": f"onvif://127.0.0.1:{device.port}"}
            mine = {**asked, "username": SETTINGS["username"], "password": SETTINGS["password"]}
            found = OnvifCamera("c", mine).view("cam1")
            assert found.stream == "rtsp://127.0.0.1:554/main"
            assert found.elsewhere == "192.0.2.7"
            assert found.model.startswith("Homeroom")
            with pytest.raises(BadInput, match="refuses the user name or password"):
                OnvifCamera("c", {**mine, "password": "wrong"}).view()
    finally:
        site.close()
