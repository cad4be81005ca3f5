"""Generated cameras on loopback, in a process of their own: still pictures by HTTP, live H.264 by RTSP over TCP.

`python -m homeroom.bench.farm VIDEO [--light]` prints its ports as JSON, serves /camN.jpg and rtsp .../camN for any N,
and ends with its standard input. All cameras send the same video, in one of PHASES positions; it loops for ever.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeroom.errors import Unavailable

from . import rtp
from .video import RATE, Stream, read, snapshots

PHASES = 10  # positions in the video: what comes at once in all cameras would meet no real site
REPORT = 4.0  # seconds between sender reports
BEHIND = 2 * 2**20  # bytes that a client may leave unread before it gets key frames alone
MAX_REQUEST = 16 * 2**10
HOST = "127.0.0.1"
METHODS: Mapping[str, dict[str, str]] = {
    "OPTIONS": {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"},
    "SETUP": {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1", "Session": "1;timeout=60"},
    "PLAY": {"Session": "1", "Range": "npt=now-"},
    "GET_PARAMETER": {},
    "TEARDOWN": {},
}
_PATH = re.compile(r"/cam(\d{1,6})(?:\.jpg)?(?:/track1)?$")


def camera_of(address: str) -> int | None:
    """The number of a camera, from a path or a whole URL; None for any other address."""
    found = _PATH.search(address.partition("?")[0].rstrip("/"))
    return None if found is None else int(found[1])


@dataclass(slots=True)
class Channel:
    """One position in the video, and who watches it."""

    templates: list[rtp.Template]
    step: float  # seconds from one unit to the next
    offset: int  # which unit comes first
    watchers: set[asyncio.Transport] = field(default_factory=set)
    waiting: set[asyncio.Transport] = field(default_factory=set)  # fell behind: go on at a key frame
    fresh: set[asyncio.Transport] = field(default_factory=set)  # have had no sender report yet
    sequence: int = 0

    async def play(self) -> None:
        """Sends a unit whenever it is due, for ever."""
        began, number, reported = time.time(), 0, 0.0
        start = time.monotonic()
        while True:
            await asyncio.sleep(max(0.0, start + number * self.step - time.monotonic()))
            unit = self.templates[(self.offset + number) % len(self.templates)]
            ticks = round(number * self.step * rtp.CLOCK)
            if self.watchers:
                utc = began + number * self.step
                due = utc - reported >= REPORT
                reported = utc if due else reported
                self._send(unit, ticks, rtp.report(utc, ticks), report_all=due)
            self.sequence += len(unit.at)
            number += 1

    def _send(self, unit: rtp.Template, ticks: int, report: bytes, *, report_all: bool) -> None:
        data = bytes(unit.stamped(self.sequence, ticks))
        for one in list(self.watchers):
            if one.is_closing():
                self.leave(one)
                continue
            if one.get_write_buffer_size() > BEHIND:
                self.waiting.add(one)
            elif unit.key:
                self.waiting.discard(one)
            if one in self.waiting:
                continue
            if report_all or one in self.fresh:
                self.fresh.discard(one)
                one.write(report)
            one.write(data)

    def join(self, watcher: asyncio.Transport) -> None:
        """From the next unit on, whatever it is: as a camera does."""
        self.watchers.add(watcher)
        self.fresh.add(watcher)

    def leave(self, watcher: asyncio.Transport) -> None:
        """No more."""
        for group in (self.watchers, self.waiting, self.fresh):
            group.discard(watcher)


class Connection(asyncio.Protocol):
    """A client's connection: reads requests, bounded, and answers each with `answer`."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each whole request; skips what comes interleaved (receiver reports)."""
        self._held += data
        while self.transport is not None and not self.transport.is_closing():
            if self._held.startswith(b"$"):
                size = 4 + int.from_bytes(self._held[2:4], "big")
                if len(self._held) < max(4, size):
                    return
                self._held = self._held[size:]
                continue
            head, end, rest = self._held.partition(b"\r\n\r\n")
            if not end:
                if len(self._held) > MAX_REQUEST:
                    self.transport.close()
                return
            self._held = rest
            self._request(head.decode("latin-1").split("\r\n"))

    def _request(self, lines: list[str]) -> None:
        words = lines[0].split()
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if len(words) != 3 or self.transport is None:
            if self.transport is not None:
                self.transport.close()
            return
        self.transport.write(self.answer(words[0], words[1], fields))

    def answer(self, method: str, address: str, fields: dict[str, str]) -> bytes:
        """The bytes that answer a request."""
        raise NotImplementedError


class Snapshots(Connection):
    """HTTP/1.1: GET /camN.jpg."""

    def __init__(self, pictures: list[bytes]) -> None:
        super().__init__()
        self._pictures = pictures

    def answer(self, method: str, address: str, fields: dict[str, str]) -> bytes:  # noqa: ARG002
        """A picture: another one every second."""
        camera = camera_of(address)
        if method != "GET" or camera is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        picture = self._pictures[(camera + int(time.time())) % len(self._pictures)]
        return b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture) + picture


class Rtsp(Connection):
    """RTSP/1.0 (RFC 2326), interleaved alone."""

    def __init__(self, stream: Stream, channels: list[Channel]) -> None:
        super().__init__()
        self._sdp = rtp.description(stream, HOST)
        self._channels = channels

    def answer(self, method: str, address: str, fields: dict[str, str]) -> bytes:
        """Takes a client from OPTIONS to PLAY."""
        camera = camera_of(address)
        if camera is None and method in ("DESCRIBE", "SETUP", "PLAY"):
            status, body, known = "404 Not Found", "", dict[str, str]()
        else:
            status, body, known = self._answered(method, address, fields.get("transport", ""))
        if status == "200 OK" and method == "PLAY" and camera is not None:
            asyncio.get_running_loop().call_soon(self._join, camera)  # behind the answer
        if method == "TEARDOWN":
            self._leave()
        return reply(status, fields.get("cseq", "0"), body, **known)

    def _answered(self, method: str, address: str, transport: str) -> tuple[str, str, dict[str, str]]:
        """Status, body and further fields."""
        if method == "DESCRIBE":
            return "200 OK", self._sdp, {"Content-Base": address.rstrip("/") + "/", "Content-Type": "application/sdp"}
        if method == "SETUP" and "RTP/AVP/TCP" not in transport:
            return "461 Unsupported Transport", "", {}
        if method in METHODS:
            return "200 OK", "", METHODS[method]
        return "501 Not Implemented", "", {}

    def _join(self, camera: int) -> None:
        if self.transport is not None:
            self._channels[camera % len(self._channels)].join(self.transport)

    def _leave(self) -> None:
        if self.transport is not None:
            for channel in self._channels:
                channel.leave(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Lets go."""
        self._leave()


def reply(status: str, sequence: str, body: str = "", **fields: str) -> bytes:
    """An RTSP answer."""
    length = {"Content-Length": str(len(body))} if body else {}
    lines = [
        f"RTSP/1.0 {status}",
        f"CSeq: {sequence}",
        *(f"{name}: {value}" for name, value in {**fields, **length}.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


async def serve(stream: Stream, *, light: bool) -> None:
    """Serves until standard input ends."""
    loop = asyncio.get_running_loop()
    made = rtp.templates(stream, light=light)
    step = stream.length.total_seconds() / len(made) if light else 1 / RATE
    channels = [Channel(made, step, number * len(made) // PHASES) for number in range(PHASES)]
    pictures = snapshots(stream)
    listening = [
        await loop.create_server(make, HOST, 0, backlog=1024)
        for make in (lambda: Snapshots(pictures), lambda: Rtsp(stream, channels))
    ]
    players = [asyncio.create_task(_staggered(channel, number)) for number, channel in enumerate(channels)]
    http, rtsp = (server.sockets[0].getsockname()[1] for server in listening)
    sys.stdout.write(json.dumps({"http": http, "rtsp": rtsp}) + "\n")
    sys.stdout.flush()
    ended = loop.run_in_executor(None, sys.stdin.read)
    done, _ = await asyncio.wait([ended, *players], return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()


async def _staggered(channel: Channel, number: int) -> None:
    await asyncio.sleep(number * channel.step / PHASES)
    await channel.play()


@dataclass(frozen=True, slots=True)
class Farm:
    """A running farm: its ports and its process."""

    http: int
    rtsp: int
    process: subprocess.Popen[str]


@contextmanager
def farm(video: Path, *, light: bool = False) -> Iterator[Farm]:
    """A farm in a process of its own, until the block ends. Raises Unavailable where it does not start."""
    command = [sys.executable, "-m", "homeroom.bench.farm", str(video), *(["--light"] if light else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise Unavailable("bench: the generated cameras did not start")
            ports: dict[str, Any] = json.loads(line)
            yield Farm(ports["http"], ports["rtsp"], process)
        finally:
            process.kill()


def main() -> None:
    """The farm's own process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("video", type=Path)
    parser.add_argument("--light", action="store_true", help="send key frames alone")
    args = parser.parse_args()
    asyncio.run(serve(read(args.video), light=args.light))


if __name__ == "__main__":
    main()
