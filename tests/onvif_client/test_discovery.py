from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from homeroom.adapters.onvif_client import discovery
from homeroom.adapters.onvif_client.discovery import GROUP, discover
from homeroom.adapters.onvif_client.probe import LARGEST, SOAP, TYPES, WSA, WSD, matches, probe
from homeroom.errors import Unavailable
from homeroom.ports import Found
from homeroom.registry import DISCOVERIES, find
from tests.lab import missing


def match(epr: str = "urn:uuid:1", xaddrs: str = "http://127.0.0.1:8000/onvif/device_service", scopes: str = "") -> str:
    return (
        f"<d:ProbeMatch><a:EndpointReference><a:Address>{epr}</a:Address></a:EndpointReference>"
        f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{scopes}</d:Scopes>"
        f"<d:XAddrs>{xaddrs}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>"
    )


def answer(*found: str, before: str = "") -> bytes:
    return (
        f'{before}<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}" xmlns:d="{WSD}"><s:Body>'
        f"<d:ProbeMatches>{''.join(found)}</d:ProbeMatches></s:Body></s:Envelope>"
    ).encode()


@dataclass
class Responder:
    """Devices that answer a Probe on every interface of this machine."""

    port: int
    answers: Sequence[bytes]
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def responding(*answers: bytes) -> Iterator[Responder]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("", 0))
        joined = 0
        for number, _ in socket.if_nameindex():
            with suppress(OSError):
                group = struct.pack("@4s4si", socket.inet_aton(GROUP), b"", number)
                ours.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
                joined += 1
        if not joined:
            missing("a network interface that multicasts")
        responder = Responder(ours.getsockname()[1], answers)

        def serve() -> None:
            while True:
                datagram, sender = ours.recvfrom(LARGEST)
                if not datagram:
                    return
                responder.asked.append(datagram)
                for each in responder.answers:
                    ours.sendto(each, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield responder
        finally:
            ours.sendto(b"", ("127.0.0.1", responder.port))
            thread.join()


def search(*answers: bytes, seconds: float = 0.4) -> Sequence[Found]:
    with responding(*answers) as responder:
        return discover(seconds, port=responder.port)


def test_a_device_is_found_once_however_often_it_answers() -> None:
    with responding(answer(match())) as responder:
        found = discover(0.4, port=responder.port)
    assert [one.id for one in found] == ["urn:uuid:1"]
    asked = {etree.fromstring(each).findtext(f".//{{{WSD}}}Types") for each in responder.asked}
    assert asked == set(TYPES)
    ids = [etree.fromstring(each).findtext(f".//{{{WSA}}}MessageID") for each in responder.asked]
    assert len(set(ids)) >= 4


def test_scopes_tell_name_hardware_and_location() -> None:
    base = "onvif://www.onvif.org/"
    scopes = (
        f"{base}Profile/Streaming {base}name/Dome%207%0A%1B%5B31m {base}hardware/D7 {base}location/country/Room%20101"
    )
    (found,) = search(answer(match(scopes=f"{scopes} {base}location/west")))
    assert (found.name, found.hardware, found.location) == ("Dome 7 [31m", "D7", "country Room 101, west")


@pytest.mark.parametrize(
    ("xaddrs", "sender", "address"),
    [
        ("http://10.0.0.5/onvif/device_service", "10.0.0.5", "onvif://10.0.0.5"),
        ("http://10.0.0.5:8000/onvif/device_service", "10.0.0.5", "onvif://10.0.0.5:8000"),
        ("https://10.0.0.5/onvif/device_service", "10.0.0.5", "onvifs://10.0.0.5"),
        ("http://10.0.0.5:8000/other", "10.0.0.5", "onvif://10.0.0.5:8000/other"),
        ("http://[fe80::1]/a http://169.254.1.1/b http://10.0.0.5/c", "10.0.0.5", "onvif://10.0.0.5/c"),
        ("http://192.168.1.9/a http://10.0.0.9/b", "10.0.0.5", "onvif://10.0.0.9/b"),
        ("http://192.168.1.9:81/a", "10.0.0.5", "onvif://10.0.0.5:81/a"),
        ("http://u:p@10.0.0.5/ ftp://10.0.0.5/ http://cam/ http://10.0.0.5:x/ http://[ nonsense", "10.0.0.5", ""),
    ],
)
def test_of_several_addresses_the_one_near_the_sender_counts(xaddrs: str, sender: str, address: str) -> None:
    (told,) = matches(answer(match(xaddrs=xaddrs)))
    found = discovery._found(told, sender)
    assert (found.address if found else "") == address


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\xff" * 1000,
        b"<a>" * 3000,
        answer(match(), before='<!DOCTYPE a [<!ENTITY b "c">]>'),
        answer(match(epr="&b;")),
        answer(match(epr="x" * 300)),
        answer(match(epr="a\nb")),
        answer(match(xaddrs="")),
        answer(),
        probe("tds:Device"),
    ],
    ids=range(10),
)
def test_what_is_no_answer_is_no_device(hostile: bytes) -> None:
    assert matches(hostile) == []


def test_a_flood_of_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(matches(answer(*(match(f"urn:{number}") for number in range(200))))) == 64
    monkeypatch.setattr(discovery, "MOST_DEVICES", 10)
    assert len(search(*(answer(match(f"urn:{number}")) for number in range(30)))) == 10


@given(st.binary(max_size=2000) | st.text(max_size=500).map(str.encode))
def test_no_datagram_breaks_the_reading(datagram: bytes) -> None:
    assert list(matches(datagram)) == []


@given(st.text(st.characters(codec="ascii"), max_size=200))
def test_no_address_breaks_the_choice(xaddr: str) -> None:
    discovery._place(xaddr)


def test_without_a_network_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "if_nameindex", list)
    with pytest.raises(Unavailable, match="no network to search"):
        discover(0.1)


def test_the_search_is_registered() -> None:
    made: Callable[[float], Sequence[Found]] = find(DISCOVERIES, "onvif")
    assert made is discover
