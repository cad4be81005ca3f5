"""A search for ONVIF devices in the networks of this machine, by WS-Discovery over IPv4 multicast."""

from __future__ import annotations

import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from homeroom.errors import Unavailable
from homeroom.ports import Found

from .address import DEVICE_SERVICE
from .probe import LARGEST, TYPES, Match, matches, probe

if TYPE_CHECKING:
    from homeroom.ports import Discovery

GROUP, PORT = "239.255.255.250", 3702  # WS-Discovery §2.4
REPEATS = 2  # UDP gets lost: every question is asked so often (SOAP-over-UDP 1.1 §4.1)
MOST_DEVICES = 4096
MOST_ANSWERS = 4 * MOST_DEVICES
_NEAR = 24  # bits that addresses of one network have in common, where nobody tells the mask


def discover(seconds: float, /, *, port: int = PORT) -> Sequence[Found]:
    """Devices that answer within `seconds`, each once. Raises Unavailable where there is no network to ask."""
    found: dict[str, Found] = {}
    with ExitStack() as open_:
        sockets = [open_.enter_context(each) for each in _sockets()]
        until = time.monotonic() + seconds
        for repeat in range(REPEATS):
            if not _ask(sockets, port):
                raise Unavailable("no network to search: connect this machine to the cameras' network")
            left = until - time.monotonic()
            for datagram, sender in _answers(sockets, left / (REPEATS - repeat)):
                for match in matches(datagram):
                    one = _found(match, sender)
                    if one is not None and len(found) < MOST_DEVICES:
                        found.setdefault(one.id or one.address, one)
    return list(found.values())


def _sockets() -> Iterator[socket.socket]:
    """One for each network interface, which multicasts there.

    By the interface's number: that needs no list of our own addresses, which the standard library does not have, and
    works on Windows too (IP_MULTICAST_IF takes a number in 0.0.0.0/8 there).
    """
    for number, _ in socket.if_nameindex():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        chosen = struct.pack("!I", number) if sys.platform == "win32" else struct.pack("@4s4si", b"", b"", number)
        try:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, chosen)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)  # this network and no further
            made.bind(("", 0))
            made.settimeout(0)
        except OSError:  # one without IPv4
            made.close()
        else:
            yield made


def _ask(sockets: Sequence[socket.socket], port: int) -> bool:
    """Sends every question through every interface; whether any could be sent."""
    sent = False
    for each in sockets:
        for kind in TYPES:
            with suppress(OSError):  # an interface that is down
                each.sendto(probe(kind), (GROUP, port))
                sent = True
    return sent


def _answers(sockets: Sequence[socket.socket], seconds: float) -> Iterator[tuple[bytes, str]]:
    """Datagrams that come in within the seconds, with their senders' addresses."""
    until = time.monotonic() + seconds
    count = 0
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        while count < MOST_ANSWERS and (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                with suppress(OSError):  # Windows reports an answer from a closed port here
                    datagram, (sender, *_) = key.fileobj.recvfrom(LARGEST)  # type: ignore[union-attr]
                    count += 1
                    yield datagram, sender


def _found(match: Match, sender: str) -> Found | None:
    """The device under the address that lies nearest to where its answer came from.

    Cameras list addresses of all their networks, and some that they had before. Where none is in the sender's network,
    the sender's own address takes the place of the host: a stranger's answer cannot lead us to another network.
    """
    usable = [parts for each in match.xaddrs if (parts := _place(each)) is not None]
    if not usable:
        return None
    scheme, host, port, path = max(usable, key=lambda place: _common(place[1], sender))
    if _common(host, sender) < _NEAR:
        host = sender
    default = {"onvif": 80, "onvifs": 443}[scheme]
    where = "" if path == DEVICE_SERVICE else path
    address = f"{scheme}://{host}{'' if port == default else f':{port}'}{where}"
    return Found(address, match.id, match.name, match.hardware, match.location)


def _place(xaddr: str) -> tuple[str, str, int, str] | None:
    """Scheme (ours), IPv4 host, port and path of an address; None for what is none."""
    try:
        parts = urlsplit(xaddr)
        port, host = parts.port, str(IPv4Address(parts.hostname or ""))
    except (ValueError, AddressValueError):
        return None
    scheme = {"http": "onvif", "https": "onvifs"}.get(parts.scheme)
    if scheme is None or "@" in parts.netloc or not xaddr.isascii() or not xaddr.isprintable() or len(xaddr) > 1024:
        return None
    return scheme, host, port or (443 if scheme == "onvifs" else 80), parts.path or "/"


def _common(one: str, other: str) -> int:
    """How many leading bits two IPv4 addresses share."""
    return 32 - (int(IPv4Address(one)) ^ int(IPv4Address(other))).bit_length()


if TYPE_CHECKING:
    _: Discovery = discover
