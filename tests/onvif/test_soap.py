"""Untrusted XML is read or refused, never obeyed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from homeroom.adapters.onvif.soap import (
    NAMESPACES,
    Fault,
    el,
    envelope,
    fault_body,
    moment,
    plain,
    read,
    read_duration,
    read_moment,
)

from .peer import Peer, soap, token

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
BOMB = f"<!DOCTYPE x [{LAUGHS}]>"
SECRET = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
GOOD = soap("<tds:GetScopes/>").decode()
BAD = {
    "nothing": b"",
    "no XML": b"hello",
    "cut off": GOOD.encode()[:-20],
    "another document": b"<a/>",
    "SOAP 1.1": GOOD.replace(NAMESPACES["s"], "http://schemas.xmlsoap.org/soap/envelope/").encode(),
    "no body": f'<s:Envelope xmlns:s="{NAMESPACES["s"]}"/>'.encode(),
    "an empty body": soap(""),
    "a bomb": BOMB.encode() + soap("<a>&l9;</a>"),
    "a bomb in UTF-16": (BOMB + soap("<a>&l9;</a>").decode()).encode("utf-16"),
    "a bomb declared as UTF-7": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE x []>' + soap("<a/>"),
    "a file": SECRET.encode() + soap("<a>&secret;</a>"),
    "an unknown entity": soap("<a>&what;</a>"),
    "no UTF-8": GOOD.encode().replace(b"GetScopes", b"Get\xff"),
    "depth": soap("<a>" * 5000 + "</a>" * 5000),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_request_is_a_fault(name: str) -> None:
    with pytest.raises(Fault):
        read(BAD[name])


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_request_is_answered_so(peer: Peer, name: str) -> None:
    peer.send(BAD[name])
    reply = peer.receive()
    assert reply.status == (500 if name == "SOAP 1.1" else 400)
    assert b"root:" not in reply.body
    assert peer.ask("<tds:GetScopes/>").status == 200  # the connection goes on


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_request_may_be_utf_8_or_utf_16(encoding: str) -> None:
    assert read(GOOD.encode(encoding)).operation == f"{{{NAMESPACES['tds']}}}GetScopes"


def test_prefixes_do_not_matter() -> None:
    raw = f'<Envelope xmlns="{NAMESPACES["s"]}"><Body><GetScopes xmlns="{NAMESPACES["tds"]}"/></Body></Envelope>'
    assert read(raw.encode()).operation == f"{{{NAMESPACES['tds']}}}GetScopes"


@given(st.binary(max_size=300))
def test_random_bytes_are_a_fault(raw: bytes) -> None:
    with pytest.raises(Fault):
        read(raw)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, len(GOOD) - 1), st.text(max_size=5))
def test_a_torn_request_is_read_or_a_fault(start: int, end: int, more: str) -> None:
    torn = soap("<tds:GetScopes/>", token()).decode()
    torn = torn[:start] + more + torn[end:]
    with suppress(Fault):
        read(torn.encode())


@given(st.text(), st.text(min_size=1))
def test_whatever_text_goes_into_an_answer_it_stays_xml(name: str, value: str) -> None:
    root = etree.fromstring(envelope(el("tt:Name", name, Value=value)))
    made = root[0][0]
    assert (made.text or "") == plain(name)
    assert made.get("Value") == plain(value)


def test_a_fault_declares_its_prefixes() -> None:
    document = envelope(fault_body(Fault("Sender", "ter:InvalidArgVal", "ter:NoProfile", reason="<no>")))
    root = etree.fromstring(document)
    assert root.nsmap["ter"] == NAMESPACES["ter"]
    values = [one.text for one in root.iter(f"{{{NAMESPACES['s']}}}Value")]
    assert values == ["s:Sender", "ter:InvalidArgVal", "ter:NoProfile"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0S", 0),
        ("PT1M", 60),
        ("PT1.5S", 1.5),
        ("P1DT2H", 93600),
        ("P1Y", 31536000),
        (" PT5S ", 5),
        ("PT3600S", 3600),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "5", "-PT5S", "PT5", "P1H", "PT" + "9" * 30 + "S", "PT1S\nPT1S"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        read_duration(text)


@given(st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_survives_writing_and_reading(utc: datetime) -> None:
    assert moment(utc).endswith("Z")
    assert read_moment(moment(utc)) == utc


def test_a_moment_with_another_zone_is_utc() -> None:
    here = datetime(2026, 11, 24, 9, tzinfo=timezone(timedelta(hours=1)))
    assert read_moment(here.isoformat()) == here
    assert moment(here) == "2026-11-24T08:00:00.000Z"


def test_an_answer_relates_to_the_request(peer: Peer) -> None:
    action = "http://www.onvif.org/ver10/events/wsdl/EventPortType/GetEventPropertiesRequest"
    header = f"<addr:Action>{action}</addr:Action><addr:MessageID>urn:uuid:1</addr:MessageID>{token()}"
    root = etree.fromstring(peer.ask("<tev:GetEventProperties/>", header=header).body)
    assert root.findtext("s:Header/wsa:RelatesTo", namespaces=NAMESPACES) == "urn:uuid:1"
    assert root.findtext("s:Header/wsa:Action", namespaces=NAMESPACES) == action.replace("Request", "Response")
