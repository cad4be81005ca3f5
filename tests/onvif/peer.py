"""A client as plain as can be: raw HTTP over a socket, SOAP as text."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from lxml import etree

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.adapters.onvif.soap import NAMESPACES, clark

from .fake_site import SETTINGS

USER, PASSWORD = SETTINGS["username"], SETTINGS["password"]
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
CONCRETE_SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, list[str]]
    body: bytes = field(repr=False)

    @property
    def content(self) -> etree._Element:
        """The SOAP body's element."""
        found = etree.fromstring(self.body).find(clark("s:Body"))
        assert found is not None
        return found[0]

    def text(self, path: str) -> str:
        """Text of a descendant by prefixed path."""
        return self.content.findtext(path, default="", namespaces=NAMESPACES)

    @property
    def fault(self) -> list[str]:
        """Codes of the fault, outermost first."""
        return [one.text or "" for one in self.content.iter(clark("s:Value"))]


def token(
    password: str = PASSWORD,
    user: str = USER,
    *,
    at: datetime | None = None,
    nonce: bytes | None = None,
    plain: bool = False,
) -> str:
    """A WS-Security header with a UsernameToken."""
    nonce = os.urandom(16) if nonce is None else nonce
    created = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    digest = b64encode(hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest())
    kind, secret = ("PasswordText", password) if plain else ("PasswordDigest", digest.decode())
    return (
        f'<o:Security xmlns:o="{WSSE}" xmlns:u="{WSU}" x:mustUnderstand="1"><o:UsernameToken>'
        f'<o:Username>{user}</o:Username><o:Password Type="{PROFILE}#{kind}">{escape(secret)}</o:Password>'
        f"<o:Nonce>{b64encode(nonce).decode()}</o:Nonce><u:Created>{created}</u:Created>"
        "</o:UsernameToken></o:Security>"
    )


def soap(body: str, header: str = "") -> bytes:
    """A request; prefixes are not ours on purpose."""
    spaces = " ".join(
        f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("tds", "trt", "tr2", "tev", "wsnt", "tns1")
    )
    return (
        f'<x:Envelope xmlns:x="{NAMESPACES["s"]}" xmlns:addr="{NAMESPACES["wsa"]}" {spaces}>'
        f"<x:Header>{header}</x:Header><x:Body>{body}</x:Body></x:Envelope>"
    ).encode()


class Peer:
    """One TCP connection to a device."""

    def __init__(self, device: OnvifDevice) -> None:
        self.port = device.port
        self.socket = socket.create_connection(("127.0.0.1", device.port), timeout=10)
        self._got = b""

    def send(self, body: bytes, path: str = "/onvif/device_service", *headers: str) -> None:
        """Sends a POST."""
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Content-Length: {len(body)}", *headers]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def receive(self) -> Reply:
        """Reads one answer."""
        while b"\r\n\r\n" not in self._got:
            self._more()
        head, _, self._got = self._got.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in rest:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), []).append(value.strip())
        if first.split()[1] == "100":
            return self.receive()
        size = int(headers["content-length"][0])
        while len(self._got) < size:
            self._more()
        body, self._got = self._got[:size], self._got[size:]
        return Reply(int(first.split()[1]), headers, body)

    def _more(self) -> None:
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("the device ended the connection")
        self._got += got

    def ask(self, body: str, path: str = "/onvif/device_service", header: str | None = None) -> Reply:
        """One operation, with credentials unless `header` says otherwise."""
        self.send(soap(body, token() if header is None else header), path)
        return self.receive()

    def close(self) -> None:
        """Ends the connection cleanly."""
        self.socket.close()

    def vanish(self) -> None:
        """Ends the connection as a crash does, with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


@contextmanager
def connected(device: OnvifDevice) -> Iterator[Peer]:
    """A connection that ends cleanly."""
    peer = Peer(device)
    try:
        yield peer
    finally:
        peer.close()


def subscribe(peer: Peer, pick: str = "", ends: str = "PT10M") -> str:
    """Path of a new pull point."""
    chosen = f'<wsnt:TopicExpression Dialect="{CONCRETE_SET}">{pick}</wsnt:TopicExpression>' if pick else ""
    asked = (
        f"<tev:CreatePullPointSubscription>{f'<tev:Filter>{chosen}</tev:Filter>' if chosen else ''}"
        f"<tev:InitialTerminationTime>{ends}</tev:InitialTerminationTime></tev:CreatePullPointSubscription>"
    )
    reply = peer.ask(asked, "/onvif/event_service")
    assert reply.status == 200, reply.body
    address = reply.text("tev:SubscriptionReference/wsa:Address")
    return re.sub("^http://[^/]+", "", address)


@dataclass(frozen=True)
class Told:
    """A notification as a client reads it."""

    topic: str
    operation: str
    utc: str
    source: dict[str, str]
    key: dict[str, str]
    data: dict[str, str]

    @property
    def event_id(self) -> str:
        """The event's id, on either topic."""
        return self.data.get("EventId") or self.data.get("hr:EventId", "")


def pull_request(timeout: str = "PT0S", limit: int = 100) -> str:
    """The operation's element."""
    inside = f"<tev:Timeout>{timeout}</tev:Timeout><tev:MessageLimit>{limit}</tev:MessageLimit>"
    return f"<tev:PullMessages>{inside}</tev:PullMessages>"


def pull(peer: Peer, path: str, timeout: str = "PT0S", limit: int = 100) -> list[Told]:
    """The messages of one pull."""
    reply = peer.ask(pull_request(timeout, limit), path)
    assert reply.status == 200, reply.body
    return told(reply)


def told(reply: Reply) -> list[Told]:
    """The messages of an answer."""
    return [_told(one) for one in reply.content.iterfind("wsnt:NotificationMessage", NAMESPACES)]


def _told(one: etree._Element) -> Told:
    message = one.find("wsnt:Message/tt:Message", NAMESPACES)
    assert message is not None

    def items(group: str) -> dict[str, str]:
        found = message.iterfind(f"tt:{group}/tt:SimpleItem", NAMESPACES)
        return {str(item.get("Name")): str(item.get("Value")) for item in found}

    return Told(
        topic=one.findtext("wsnt:Topic", default="", namespaces=NAMESPACES),
        operation=str(message.get("PropertyOperation")),
        utc=str(message.get("UtcTime")),
        source=items("Source"),
        key=items("Key"),
        data=items("Data"),
    )
