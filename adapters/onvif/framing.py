"""Requests out of the bytes that come in (RFC 9112), each bounded in size."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_REQUEST_LINE = re.compile(rb"([A-Z]{1,16}) ([\x21-\x7e]{1,1024}) HTTP/1\.([01])")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):([^\x00-\x08\x0a-\x1f\x7f]*)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,6})(?:[ \t]*;[^\r\n]*)?")
_CHUNK_LINE = 256
_ONCE = ("content-length", "transfer-encoding", "host", "authorization", "expect", "connection")


class Refused(Exception):
    """The bytes that came in are no request that we take; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gone(Exception):
    """The client ended or lost the connection."""


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. Header names are in lower case, values as Latin-1; `local` is our end of the connection."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    local: tuple[str, int]
    keep: bool

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before a body. `keep`: the connection may serve another request."""

    method: str
    target: str
    headers: Mapping[str, str]
    keep: bool


class Inbox:
    """The bytes of one client that were not read yet, and how they end."""

    def __init__(self, most_head: int, most_body: int, resume: Callable[[], None]) -> None:
        self._most_head, self._most_body, self._resume = most_head, most_body, resume
        self._bytes = bytearray()
        self._moved = asyncio.Event()  # set by each byte, end or loss
        self.ended = False
        self.lost = False

    # What the connection puts in.

    def feed(self, data: bytes) -> bool:
        """Takes bytes in; whether no more should come for now."""
        self._bytes += data
        self._moved.set()
        return len(self._bytes) > self._most_head + self._most_body

    def end(self) -> None:
        """The client sends no more."""
        self.ended = True
        self._moved.set()

    def lose(self) -> None:
        """The connection is no more."""
        self.lost = True
        self._moved.set()

    # What is read.

    @property
    def waiting(self) -> bool:
        """Whether bytes came in that nobody read."""
        return bool(self._bytes)

    async def begin(self) -> None:
        """Waits for the first byte of a request. Raises Gone."""
        await self._until(self._begun)

    def _begun(self) -> bool:
        while self._bytes[:2] == b"\r\n":  # some clients end a body with one more line (RFC 9112 §2.2)
            del self._bytes[:2]
        return bool(self._bytes) and self._bytes != b"\r"

    async def head(self) -> Head:
        """Reads what comes before a body. Raises Refused or Gone."""
        first, *lines = (await self._read_to(b"\r\n\r\n", self._most_head, 431)).split(b"\r\n")
        line = _REQUEST_LINE.fullmatch(first)
        if not line:
            raise Refused(400)
        headers = _headers(lines)
        newer = line[3] == b"1"
        if newer and "host" not in headers:
            raise Refused(400)
        wants = headers.get("connection", "keep-alive" if newer else "close").lower()
        keep = "close" not in wants and (newer or "keep-alive" in wants)
        return Head(line[1].decode("ascii"), line[2].decode("ascii"), headers, keep)

    async def body(self, head: Head, proceed: Callable[[], None]) -> bytes:
        """Reads the body; `proceed` is called where the client waits for a word first. Raises Refused or Gone."""
        coding, length = head.headers.get("transfer-encoding"), head.headers.get("content-length")
        if coding is not None and (length is not None or coding.lower() != "chunked"):
            raise Refused(400 if length is not None else 501)
        if head.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused(415)
        if length is not None and not re.fullmatch("[0-9]{1,12}", length):
            raise Refused(400)
        size = int(length or 0)
        if size > self._most_body:
            raise Refused(413)
        if head.headers.get("expect", "").lower() == "100-continue":
            proceed()
        return await self._chunks() if coding is not None else await self._exactly(size)

    async def _chunks(self) -> bytes:
        """A chunked body (RFC 9112 §7.1); trailers are dropped."""
        body = bytearray()
        while True:
            line = _CHUNK.fullmatch(await self._read_to(b"\r\n", _CHUNK_LINE, 400))
            if not line:
                raise Refused(400)
            size = int(line[1], 16)
            if len(body) + size > self._most_body:
                raise Refused(413)
            if size == 0:
                break
            chunk = await self._exactly(size + 2)
            if chunk[size:] != b"\r\n":
                raise Refused(400)
            body += chunk[:size]
        left = self._most_head
        while trailer := await self._read_to(b"\r\n", left, 431):
            left -= len(trailer)
        return bytes(body)

    async def drain(self) -> None:
        """Drops all that comes until the client's end."""
        while not (self.ended or self.lost):
            self._bytes.clear()
            self._resume()
            await self._move()

    async def left(self) -> None:
        """Waits until the client has left."""
        while not (self.ended or self.lost):
            await self._move()

    async def _read_to(self, mark: bytes, most: int, status: int) -> bytes:
        """What comes before `mark`, which is taken too. Raises Refused(status) where that is over `most` bytes."""
        await self._until(lambda: mark in self._bytes or len(self._bytes) > most)
        at = self._bytes.find(mark)
        if not 0 <= at <= most:
            raise Refused(status)
        return self._take(at + len(mark))[: -len(mark)]

    async def _exactly(self, size: int) -> bytes:
        await self._until(lambda: len(self._bytes) >= size)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._bytes[:size])
        del self._bytes[:size]
        if not self.lost:
            self._resume()
        return taken

    async def _until(self, ready: Callable[[], bool]) -> None:
        """Waits for bytes until `ready`. Raises Gone when the client leaves first."""
        while not ready():
            if self.ended or self.lost:
                raise Gone
            await self._move()

    async def _move(self) -> None:
        self._moved.clear()
        await self._moved.wait()


def _headers(lines: list[bytes]) -> dict[str, str]:
    """Header fields by lower-case name. Raises Refused."""
    made: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if not found:
            raise Refused(400)
        name, value = found[1].decode("ascii").lower(), found[2].strip(b" \t").decode("latin-1")
        if name in made and name in _ONCE:
            raise Refused(400)
        made[name] = f"{made[name]}, {value}" if name in made else value
    return made
