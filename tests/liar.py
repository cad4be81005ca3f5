"""A small RTSP server (RFC 2326, RFC 3550) that plays what a test gives it, and lies wherever the test tells it to."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.coded import Coded, nals

PART = 1400  # bytes of a NAL unit in one RTP packet
RATE = 90_000  # ticks of an RTP time stamp in a second
NTP_1970 = 2_208_988_800  # seconds from 1900 to 1970
_NAMES = {"h264": "H264", "hevc": "H265", "mjpeg": "JPEG"}


@dataclass
class Wire:
    """One client that asked for PLAY; sending raises OSError once it has hung up."""

    peer: socket.socket
    ended: threading.Event  # the server is to end
    number: int  # how many clients came before
    udp: tuple[socket.socket, tuple[str, int]] | None = None
    sequence: int = 0
    sent: int = 0

    def raw(self, data: bytes) -> None:
        self.peer.sendall(data)
        self.sent += len(data)

    def channel(self, number: int, payload: bytes) -> None:
        """An interleaved block (RFC 2326 §10.12), or a datagram."""
        if self.udp is None:
            self.raw(struct.pack(">cBH", b"$", number, len(payload)) + payload)
        elif number == 0:
            self.udp[0].sendto(payload, self.udp[1])

    def rtp(self, payload: bytes, ticks: int, *, marker: bool = False, channel: int = 0) -> None:
        head = struct.pack(">BBHII", 0x80, 96 | marker << 7, self.sequence & 0xFFFF, ticks & 0xFFFFFFFF, 7)
        self.sequence += 1
        self.channel(channel, head + payload)

    def unit(self, coded: Coded, data: bytes, ticks: int) -> None:
        """An access unit as RFC 6184 and RFC 7798 have it: a packet for each NAL unit, or fragments of it."""
        units = list(nals(data))
        for last, nal in [(at == len(units) - 1, nal) for at, nal in enumerate(units)]:
            parts = list(fragments(coded.codec, nal))
            for at, part in enumerate(parts):
                self.rtp(part, ticks, marker=last and at == len(parts) - 1)

    def report(self, ntp: float, ticks: int) -> None:
        """A sender report (RFC 3550 §6.4.1): `ticks` were taken `ntp` seconds after 1900."""
        whole = int(ntp)
        rest = int((ntp - whole) * 2**32)
        self.channel(1, struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, whole & 0xFFFFFFFF, rest, ticks & 0xFFFFFFFF, 1, 1))

    def wait(self, seconds: float) -> None:
        """Waits as a camera does between pictures; raises OSError when the server ends."""
        if self.ended.wait(seconds):
            raise OSError


def fragments(codec: str, nal: bytes) -> Iterator[bytes]:
    """The RTP payloads of one NAL unit."""
    if len(nal) <= PART:
        yield nal
        return
    if codec == "h264":  # FU-A, RFC 6184 §5.8
        head, kind, body = bytes([nal[0] & 0xE0 | 28]), nal[0] & 0x1F, nal[1:]
    else:  # FU, RFC 7798 §4.4.3
        head, kind, body = bytes([nal[0] & 0x81 | 49 << 1, nal[1]]), nal[0] >> 1 & 0x3F, nal[2:]
    for at in range(0, len(body), PART):
        ends = (at == 0) << 7 | (at + PART >= len(body)) << 6
        yield head + bytes([ends | kind]) + body[at : at + PART]


def description(coded: Coded, *, sets: bytes | None = None) -> str:
    """An SDP with the parameter sets; empty ones leave them out."""
    kept = [b64encode(nal).decode() for nal in nals(coded.sets if sets is None else sets)]
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=liar", "t=0 0", "m=video 0 RTP/AVP 96"]
    lines += [f"a=rtpmap:96 {_NAMES[coded.codec]}/{RATE}", "a=control:track0"]
    if kept and coded.codec == "h264":
        lines.append(f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={','.join(kept)}")
    elif kept:
        names = ("vps", "sps", "pps")
        lines.append("a=fmtp:96 " + ";".join(f"sprop-{name}={one}" for name, one in zip(names, kept, strict=False)))
    return "\r\n".join([*lines, ""])


def streaming(coded: Coded, *, fps: float = 25, first: int = 0, loops: int = 10**6) -> Callable[[Wire], None]:
    """An honest camera, from its unit number `first` on."""

    def play(wire: Wire) -> None:
        base = 0
        for turn in range(loops):
            for unit in coded.units[first if turn == 0 else 0 :]:
                wire.unit(coded, unit.data, base + unit.ticks)
                wire.wait(1 / fps)
            base += len(coded.units) * RATE // 25

    return play


Answer = Callable[[str, int], bytes | None]  # method, CSeq -> the whole answer; None for an honest one


@dataclass
class Liar:
    """A running server. `connects` holds the monotonic time of each connection; `errors` what play() must not raise."""

    sdp: str
    play: Callable[[Wire], None]
    answer: Answer = lambda _method, _number: None
    address: str = ""
    connects: list[float] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    sent: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _peers: set[socket.socket] = field(default_factory=set)
    _threads: list[threading.Thread] = field(default_factory=list)

    def accept(self, listening: socket.socket) -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            self._peers.add(peer)
            self.connects.append(time.monotonic())
            thread = threading.Thread(target=self._serve, args=(peer, len(self.connects) - 1), name="liar")
            thread.start()
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]

    def hang_up(self) -> None:
        """Breaks all connections off, as a switch does that loses its power."""
        for peer in list(self._peers):
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self._ended.set()
        self.hang_up()
        for thread in self._threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def _serve(self, peer: socket.socket, number: int) -> None:
        try:
            wire = Wire(peer, self._ended, number)
            try:
                if self._greet(wire):
                    self.play(wire)
            finally:
                self.sent += wire.sent
                if wire.udp is not None:
                    wire.udp[0].close()
        except OSError:
            pass  # the client hung up
        except Exception as error:  # noqa: BLE001 - the outermost loop of the thread: the test must hear of it
            self.errors.append(error)
        finally:
            self._peers.discard(peer)
            peer.close()

    def _greet(self, wire: Wire) -> bool:
        """Answers up to PLAY; whether it came."""
        with wire.peer.makefile("rb") as lines:
            while True:
                request = list(iter(lambda: lines.readline(65536).strip(), b""))
                if not request:
                    return False
                method = request[0].split()[0].decode()
                fields = dict(line.decode().lower().split(": ", 1) for line in request[1:])
                wire.raw(self.answer(method, int(fields["cseq"])) or self._honest(wire, method, fields))
                if method == "PLAY":
                    return True

    def _honest(self, wire: Wire, method: str, fields: dict[str, str]) -> bytes:
        more, body = "", b""
        if method == "DESCRIBE":
            body = self.sdp.encode()
            more = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\nContent-Base: {self.address}/\r\n"
        elif method == "SETUP":
            more = f"Transport: {self._transport(wire, fields['transport'])}\r\n"
        return answered(200, int(fields["cseq"]), more, body)

    @staticmethod
    def _transport(wire: Wire, asked: str) -> str:
        channels = re.search(r"interleaved=\d+-\d+", asked)
        if channels:
            return f"RTP/AVP/TCP;unicast;{channels[0]}"
        port = int(re.findall(r"client_port=(\d+)", asked)[0])
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.bind(("127.0.0.1", 0))
        wire.udp = sender, ("127.0.0.1", port)
        own = sender.getsockname()[1]
        return f"RTP/AVP;unicast;client_port={port}-{port + 1};server_port={own}-{own + 1}"


def answered(status: int, number: int, more: str = "", body: bytes = b"") -> bytes:
    """An RTSP answer."""
    public = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
    return f"RTSP/1.0 {status} Word\r\nCSeq: {number}\r\nSession: 1\r\n{public}{more}\r\n".encode() + body


@contextmanager
def lying(sdp: str, play: Callable[[Wire], None], answer: Answer | None = None) -> Iterator[Liar]:
    """Serves until the block ends; what play() raises, the block raises."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        made = Liar(sdp, play, answer or (lambda _method, _number: None))
        made.address = f"rtsp://127.0.0.1:{listening.getsockname()[1]}/cam"
        thread = threading.Thread(target=made.accept, args=(listening,), name="liar")
        thread.start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            made.end()


def spread(stamps: Sequence[float], within: float) -> int:
    """The most stamps that lie within any `within` seconds."""
    ordered = sorted(stamps)
    return max((sum(1 for one in ordered[at:] if one < first + within) for at, first in enumerate(ordered)), default=0)
