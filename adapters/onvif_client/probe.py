"""WS-Discovery messages as ONVIF uses them (WS-Discovery 2005/04; Core §7.3): a Probe, and the matches in an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote
from uuid import uuid4

from lxml import etree

from homeroom.adapters.markup import Element, Malformed, parse

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSD = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
TO = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
TYPES = {  # what cameras call themselves: the newer ones Device, all NetworkVideoTransmitter
    "tds:Device": "http://www.onvif.org/ver10/device/wsdl",
    "dn:NetworkVideoTransmitter": "http://www.onvif.org/ver10/network/wsdl",
}
LARGEST = 65536  # bytes of a datagram
_SCOPE = "onvif://www.onvif.org/"
_MOST = 64  # matches in an answer, scopes and addresses in a match
_TEXT = 128  # characters of a name
_ID = 256


@dataclass(frozen=True, slots=True)
class Match:
    """A device as it describes itself. `id` is its endpoint reference, `xaddrs` where it says that its services are."""

    id: str
    xaddrs: tuple[str, ...]
    name: str = ""
    hardware: str = ""
    location: str = ""


def probe(kind: str) -> bytes:
    """A message that asks who is of that type, one of TYPES."""
    prefix = kind.partition(":")[0]
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP, "a": WSA, "d": WSD})
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    etree.SubElement(header, f"{{{WSA}}}MessageID").text = f"urn:uuid:{uuid4()}"
    etree.SubElement(header, f"{{{WSA}}}To").text = TO
    etree.SubElement(header, f"{{{WSA}}}Action").text = f"{WSD}/Probe"
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    asked = etree.SubElement(body, f"{{{WSD}}}Probe")
    etree.SubElement(asked, f"{{{WSD}}}Types", nsmap={prefix: TYPES[kind]}).text = kind
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def matches(datagram: bytes) -> Sequence[Match]:
    """The devices in an answer to a Probe; none in anything else."""
    try:
        root = parse(datagram[:LARGEST])
    except Malformed:
        return []
    found = root.iterfind(f"{{{SOAP}}}Body/{{{WSD}}}ProbeMatches/{{{WSD}}}ProbeMatch")
    return [match for _, one in zip(range(_MOST), found, strict=False) if (match := _match(one)) is not None]


def _match(one: Element) -> Match | None:
    id_ = (one.findtext(f"{{{WSA}}}EndpointReference/{{{WSA}}}Address") or "").strip()
    xaddrs = tuple((one.findtext(f"{{{WSD}}}XAddrs") or "").split()[:_MOST])
    if not xaddrs or not id_.isprintable() or len(id_) > _ID:
        return None
    scopes = (one.findtext(f"{{{WSD}}}Scopes") or "").split()[:_MOST]
    return Match(id_, xaddrs, _told(scopes, "name"), _told(scopes, "hardware"), _told(scopes, "location"))


def _told(scopes: Sequence[str], of: str) -> str:
    """What the scopes say of a thing: percent-decoded and without control characters; several are joined by commas."""
    return ", ".join(dict.fromkeys(_values(scopes, of)))[:_TEXT]


def _values(scopes: Sequence[str], of: str) -> Iterator[str]:
    for scope in scopes:
        if scope.lower().startswith(f"{_SCOPE}{of}/"):
            text = unquote(scope[len(_SCOPE) + len(of) + 1 :][: 9 * _TEXT]).replace("/", " ")
            plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
            if plain:
                yield plain
