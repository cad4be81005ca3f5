"""The device as a VMS and as Homeroom see it."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import jsonschema
import pytest

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.errors import BadInput, Unavailable
from homeroom.ports import CameraInfo, Reachable, Receipt, Sink, SinkFactory

from .fake_site import SETTINGS, FakeSite, event, serving
from .peer import Peer, connected, pull_request, soap, subscribe, token

TT = "{http://www.onvif.org/ver10/schema}"


def test_it_is_what_the_core_asks_for() -> None:
    factory: SinkFactory = OnvifDevice
    sink: Sink = factory(SETTINGS)
    reachable: Reachable = OnvifDevice(SETTINGS)
    assert (sink.name, sink.dedup) == ("device", "key")
    assert reachable.check() == "would listen on 127.0.0.1:0"


def test_the_schema_has_a_word_and_an_example_for_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(OnvifDevice.schema)
    for name, one in OnvifDevice.schema["properties"].items():
        assert one["description"], name
        for example in one["examples"]:
            jsonschema.validate(example, one)


@pytest.mark.parametrize(
    ("changed", "good"),
    [
        ({}, True),
        ({"password": {"file": "pw"}, "listen": "[::]:80"}, True),
        ({"password": "written down"}, False),
        ({"listen": "8080"}, False),
        ({"clock_window": 0}, False),
        ({"colour": "red"}, False),
        ({"type": "other"}, False),
    ],
)
def test_the_schema_tells_good_settings_from_bad(changed: dict[str, Any], good: bool) -> None:
    validator = jsonschema.Draft202012Validator(OnvifDevice.schema)
    assert validator.is_valid({**OnvifDevice.schema["examples"][0], **changed}) is good


@pytest.mark.parametrize("listen", ["8080", ":8080", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x"])
def test_an_address_that_is_none_is_bad_input(listen: str) -> None:
    with pytest.raises(BadInput, match=re.escape(repr(listen))):
        OnvifDevice({**SETTINGS, "listen": listen})


@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080", "classroom:8080"])
def test_without_a_password_nobody_outside_may_ask(listen: str) -> None:
    with pytest.raises(BadInput, match="set a password"):
        OnvifDevice({**SETTINGS, "listen": listen, "password": ""})


def test_a_port_in_use_is_bad_input(site: FakeSite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        device = OnvifDevice({**SETTINGS, "listen": f"127.0.0.1:{taken.getsockname()[1]}"})
        for attempt in (device.check, lambda: device.start(site)):
            with pytest.raises(BadInput, match=r"cannot listen on 127\.0\.0\.1:.*in use"):
                attempt()
    device.close()


def test_it_can_be_closed_twice_and_started_again(site: FakeSite) -> None:
    device = OnvifDevice(SETTINGS)
    device.close()
    for _ in range(2):
        device.start(site)
        with connected(device) as peer:
            assert peer.ask("<tds:GetScopes/>").status == 200
        device.close()
        device.close()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((device.host, device.port), timeout=5)


def test_closing_ends_a_pull_that_waits(site: FakeSite) -> None:
    with serving(site) as device:
        peer = Peer(device)
        path = subscribe(peer)
        peer.ask(pull_request(), path)
        peer.send(soap(pull_request("PT1M"), token()), path)
    with pytest.raises(ConnectionError):
        peer.receive()
    peer.close()


def test_notify_never_waits_for_a_client(site: FakeSite, device: OnvifDevice) -> None:
    assert device.notify(event()) == Receipt()
    closed = OnvifDevice(SETTINGS)
    assert closed.notify(event()) == Receipt()


def test_it_listens_on_ipv6(site: FakeSite) -> None:
    if not socket.has_ipv6:
        pytest.skip("needs IPv6")
    with serving(site, listen="[::1]:0") as device:
        assert device.address == f"[::1]:{device.port}"
        with socket.create_connection(("::1", device.port), timeout=5) as peer:
            body = soap("<tds:GetServices/>")
            peer.sendall(b"POST /onvif/device_service HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            assert f"http://[::1]:{device.port}/onvif/media_service".encode() in peer.recv(65536)


# Who it is.


def test_serial_and_hardware_address_stay_the_same(site: FakeSite) -> None:
    def identity() -> tuple[str, str]:
        with serving(site) as device, connected(device) as peer:
            serial = peer.ask("<tds:GetDeviceInformation/>").text("tds:SerialNumber")
            interface = peer.ask("<tds:GetNetworkInterfaces/>").text("tds:NetworkInterfaces/tt:Info/tt:HwAddress")
            return serial, interface

    first = identity()
    assert identity() == first
    assert re.fullmatch("02(:[0-9a-f]{2}){5}", first[1])
    site.name = "another school"
    other = identity()
    assert other[0] != first[0]
    assert other[1] != first[1]


def test_no_profile_is_claimed(peer: Peer) -> None:
    scopes = [one.text or "" for one in peer.ask("<tds:GetScopes/>").content.iter(f"{TT}ScopeItem")]
    assert scopes == [f"onvif://www.onvif.org/{one}" for one in ("name/school", "hardware/Homeroom", "location/school")]


def test_addresses_are_as_the_client_sees_us(device: OnvifDevice, peer: Peer) -> None:
    def address(host: str) -> str:
        peer.socket.sendall(
            b"POST /onvif/device_service HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (host.encode(), len(asked), asked)
        )
        found = peer.receive().text("tds:Service/tds:XAddr")
        assert len(found) <= 128
        return found.removesuffix("/onvif/device_service")

    asked = soap("<tds:GetServices/>")
    ours = f"http://127.0.0.1:{device.port}"
    assert address("homeroom.example:81") == "http://homeroom.example:81"
    assert address("[2001:db8::1]:81") == "http://[2001:db8::1]:81"
    for wrong in ("", "a/b", "a@b", "x" * 65, "a:b", "<a>"):
        assert address(wrong) == ours


@pytest.mark.parametrize(("category", "told"), [("All", 3), ("Media", 1), ("Device", 1), ("Events", 1)])
def test_capabilities_come_by_category(peer: Peer, category: str, told: int) -> None:
    reply = peer.ask(f"<tds:GetCapabilities><tds:Category>{category}</tds:Category></tds:GetCapabilities>")
    assert len(reply.content[0]) == told


@pytest.mark.parametrize(("category", "status"), [("PTZ", 500), ("Nonsense", 400)])
def test_a_category_that_is_not_served_is_a_fault(peer: Peer, category: str, status: int) -> None:
    reply = peer.ask(f"<tds:GetCapabilities><tds:Category>{category}</tds:Category></tds:GetCapabilities>")
    assert reply.status == status
    assert reply.fault[-1] == "ter:NoSuchService"


# Cameras.


def test_each_camera_has_a_profile_that_clients_take(peer: Peer) -> None:
    profiles = peer.ask("<trt:GetProfiles/>").content
    assert [one.get("token") for one in profiles] == ["cam1", "cam2", "cam3"]
    assert profiles[0].findtext(f"{TT}Name") == "Front & <left>"
    encodings = [one.findtext(f"{TT}VideoEncoderConfiguration/{TT}Encoding") for one in profiles]
    assert encodings == ["H264", "H264", "JPEG"]
    widths = [one.findtext(f".//{TT}Resolution/{TT}Width") for one in profiles]
    assert widths == ["1280", "1920", "1920"]
    rates = [one.findtext(f".//{TT}RateControl/{TT}FrameRateLimit") for one in profiles]
    assert rates == ["15", "25", "25"]


def test_media2_gives_the_configurations_that_are_asked_for(peer: Peer) -> None:
    def kinds(*types: str) -> list[str]:
        asked = "".join(f"<tr2:Type>{one}</tr2:Type>" for one in types)
        profile = peer.ask(f"<tr2:GetProfiles><tr2:Token>cam1</tr2:Token>{asked}</tr2:GetProfiles>").content[0]
        found = profile.find("{http://www.onvif.org/ver20/media/wsdl}Configurations")
        return [] if found is None else [str(one.tag).rpartition("}")[2] for one in found]

    assert kinds() == []
    assert kinds("VideoEncoder") == ["VideoEncoder"]
    assert kinds("All") == ["VideoSource", "VideoEncoder"]


def test_media2_knows_h265(site: FakeSite) -> None:
    site.cameras = [CameraInfo("c", "", "r", "rtsps://192.0.2.1/x", "hevc", frame_rate=500.0)]
    with serving(site) as device, connected(device) as peer:
        encoder = peer.ask("<tr2:GetVideoEncoderConfigurations/>").content[0]
        assert encoder.findtext(f"{TT}Encoding") == "H265"
        assert encoder.findtext(f"{TT}Name") == "c"


@pytest.mark.parametrize("prefix", ["trt", "tr2"])
@pytest.mark.parametrize(
    ("operation", "token_", "answer"),
    [
        ("GetStreamUri", "cam1", "rtsp://192.0.2.7:554/main"),
        ("GetStreamUri", "cam2", "ter:IncompleteConfiguration"),
        ("GetStreamUri", "cam3", "ter:IncompleteConfiguration"),
        ("GetStreamUri", "cam9", "ter:NoProfile"),
        ("GetSnapshotUri", "cam3", "http://192.0.2.9/snap.jpg"),
        ("GetSnapshotUri", "cam1", "ter:ActionNotSupported"),
        ("GetSnapshotUri", "", "ter:NoProfile"),
        ("SetSynchronizationPoint", "cam9", "ter:NoProfile"),
    ],
)
def test_an_address_is_the_cameras_own_or_a_fault(
    peer: Peer, prefix: str, operation: str, token_: str, answer: str
) -> None:
    name = f"{prefix}:{operation}"
    reply = peer.ask(f"<{name}><{prefix}:ProfileToken>{token_}</{prefix}:ProfileToken></{name}>")
    if answer.startswith("ter:"):
        assert reply.fault[-1] == answer
    else:
        assert answer in [one.text for one in reply.content.iter()]


def test_a_site_without_cameras_is_served(site: FakeSite) -> None:
    site.cameras, site.places = (), ()
    with serving(site) as device, connected(device) as peer:
        assert len(peer.ask("<trt:GetProfiles/>").content) == 0
        assert peer.ask("<trt:GetVideoEncoderConfigurationOptions/>").status == 200
        subscribe(peer)


# Trouble.


def test_other_paths_and_methods_are_refused(peer: Peer) -> None:
    peer.send(b"", "/elsewhere")
    assert peer.receive().status == 404
    peer.socket.sendall(b"GET /onvif/device_service HTTP/1.1\r\nHost: h\r\n\r\n")
    reply = peer.receive()
    assert (reply.status, reply.headers["allow"]) == (405, ["POST"])


def test_a_store_that_does_not_answer_is_a_fault(site: FakeSite, peer: Peer) -> None:
    def fail() -> int:
        raise Unavailable("the disk is full")

    site.log_end = fail  # type: ignore[method-assign]
    assert peer.ask("<tev:CreatePullPointSubscription/>").fault == ["s:Receiver", "ter:Action"]
    del site.log_end
    assert subscribe(peer)
    assert len(site.memory) == 1


def test_what_is_remembered_is_plain_json(site: FakeSite, peer: Peer) -> None:
    subscribe(peer, "tns1:RuleEngine//.")
    kept = json.loads(next(iter(site.memory.values())))
    assert kept["owner"] == "vms"
    assert kept["filter"] == [[["{http://www.onvif.org/ver10/topics}RuleEngine"], True]]


def test_without_a_password_programs_here_may_ask_but_no_page_in_a_browser(site: FakeSite) -> None:
    question = soap("<tds:GetUsers/>")
    with serving(site, password="") as device:
        for host, origin, status in (
            ("127.0.0.1", "", 200),
            ("localhost:8080", "", 200),
            ("rebound.example:8080", "", 403),
            ("127.0.0.1", "Origin: http://page.example\r\n", 403),
        ):
            head = f"POST /onvif/device_service HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\n"
            with socket.create_connection(("127.0.0.1", device.port), timeout=10) as raw, raw.makefile("rb") as said:
                raw.sendall(f"{head}Content-Length: {len(question)}\r\n\r\n".encode() + question)
                assert said.readline().split()[1] == str(status).encode(), (host, origin)
