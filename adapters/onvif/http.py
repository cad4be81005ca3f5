"""A small HTTP/1.1 server on asyncio: bounded in size, time and number, with word of what a client surely received.

An answer may carry a receipt. It is called once the client has shown that it read the whole answer: by sending its
next request on the same connection, or by ending the connection cleanly afterwards. TCP alone does not tell.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

Receipt = Callable[[], Awaitable[None]]
_REQUEST_LINE = re.compile(rb"([A-Z]{1,16}) ([\x21-\x7e]{1,1024}) HTTP/1\.([01])")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,6})(?:[ \t]*;[^\r\n]*)?\r\n")
_SETTLE = 1.0  # seconds that a peer's kernel gets to say what it did with the last bytes
_ONCE = ("content-length", "transfer-encoding", "host", "authorization", "expect", "connection")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a client may ask for. Sizes in bytes, times in seconds."""

    connections: int = 256
    head: int = 16 * 1024
    body: int = 256 * 1024
    first: float = 10.0  # from connecting to the first byte
    idle: float = 75.0  # from an answer to the next request
    receive: float = 10.0  # from a request's first byte to its last
    send: float = 30.0


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
class Response:
    """An answer; `receipt` is called when the client surely has it."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    receipt: Receipt | None = None


Serve = Callable[[Request], Awaitable[Response]]


class _Refused(Exception):
    """The bytes that came in are no request that we take."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Gone(Exception):
    """The client ended or lost the connection."""


class HttpServer:
    """Listens at one address until closed."""

    def __init__(self, serve: Serve, limits: Limits | None = None) -> None:
        self._serve = serve
        self._limits = limits or Limits()
        self._open: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listens; port 0 takes any free one. Says where. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, host, port, backlog=128)
        bound = self._server.sockets[0].getsockname()
        return str(bound[0]), int(bound[1])

    def _connect(self) -> _Connection:
        return _Connection(self._serve, self._limits, self._open)

    async def close(self) -> None:
        """Stops listening and ends every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = [one.stop() for one in tuple(self._open)]
        await asyncio.gather(*tasks, return_exceptions=True)


class _Connection(asyncio.Protocol):
    """One client: reads a request, has it served, writes the answer, and so on."""

    def __init__(self, serve: Serve, limits: Limits, crowd: set[_Connection]) -> None:
        self._serve, self._limits, self._crowd = serve, limits, crowd
        self._inbox = bytearray()
        self._moved = asyncio.Event()  # set by each byte, end or loss
        self._ended = False
        self._lost = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._receipt: Receipt | None = None
        self._half_closed = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=0)  # so that writable means: all is with the kernel
        self._crowd.add(self)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def data_received(self, data: bytes) -> None:
        self._inbox += data
        if len(self._inbox) > self._limits.head + self._limits.body:
            self._transport.pause_reading()
        self._moved.set()

    def eof_received(self) -> bool:
        self._ended = True
        self._moved.set()
        return True  # keep our end open: an answer may still be on its way

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._lost = True
        self._moved.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # The conversation.

    def stop(self) -> asyncio.Task[None]:
        """Ends the conversation."""
        self._task.cancel()
        return self._task

    async def _run(self) -> None:
        """From connecting to the end. A failure of `serve` ends this connection alone, and is reported by asyncio."""
        try:
            if len(self._crowd) > self._limits.connections:
                await self._write(Response(503), keep=False)
                return
            first = True
            while await self._exchange(self._limits.first if first else self._limits.idle):
                first = False
            await self._linger()
        except (_Gone, TimeoutError):
            pass
        finally:
            await self._part()

    async def _part(self) -> None:
        """Ends the connection, and takes a clean end by the client for a receipt."""
        try:
            if self._receipt is not None and self._ended and await self._took_all():
                await self._acknowledge()
        finally:
            self._crowd.discard(self)
            self._transport.abort()

    async def _exchange(self, idle: float) -> bool:
        """One request and its answer; whether another may follow."""
        async with asyncio.timeout(idle):
            await self._until(self._has_start)
        try:
            async with asyncio.timeout(self._limits.receive):
                request = await self._read_request()
        except _Refused as refused:
            await self._write(Response(refused.status), keep=False)
            return False
        response = await self._served(request)
        pipelined = bool(self._inbox)
        await self._write(response, keep=request.keep)
        # A request that was sent before our answer was does not show that the answer arrived.
        self._receipt = None if pipelined else response.receipt
        return request.keep

    async def _served(self, request: Request) -> Response:
        """The answer, unless the client leaves while it waits for it."""
        serving = asyncio.ensure_future(self._serve(request))
        leaving = asyncio.ensure_future(self._left())
        try:
            await asyncio.wait({serving, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                raise _Gone
            return serving.result()
        finally:
            for task in (serving, leaving):
                task.cancel()
            await asyncio.gather(serving, leaving, return_exceptions=True)

    async def _left(self) -> None:
        while not (self._ended or self._lost):
            self._moved.clear()
            await self._moved.wait()

    async def _until(self, ready: Callable[[], bool]) -> None:
        """Waits for bytes until `ready`. Raises _Gone when the client leaves first."""
        while not ready():
            if self._ended or self._lost:
                raise _Gone
            self._moved.clear()
            await self._moved.wait()

    def _has_start(self) -> bool:
        while self._inbox[:2] == b"\r\n":  # some clients end a body with one more line (RFC 9112 §2.2)
            del self._inbox[:2]
        return bool(self._inbox) and self._inbox != b"\r"

    # Reading.

    async def _read_request(self) -> Request:
        """Reads one request. Raises _Refused, or _Gone when the client leaves amidst it."""
        head = await self._read_to(b"\r\n\r\n", self._limits.head, 431)
        if self._receipt is not None:
            await self._acknowledge()
        lines = head.split(b"\r\n")
        line = _REQUEST_LINE.fullmatch(lines[0])
        if not line:
            raise _Refused(400)
        headers = _headers(lines[1:])
        newer = line[3] == b"1"
        if newer and "host" not in headers:
            raise _Refused(400)
        wants = headers.get("connection", "keep-alive" if newer else "close").lower()
        return Request(
            method=line[1].decode("ascii"),
            target=line[2].decode("ascii"),
            headers=headers,
            body=await self._read_body(headers),
            local=self._local(),
            keep="close" not in wants and (newer or "keep-alive" in wants),
        )

    async def _read_to(self, mark: bytes, most: int, status: int) -> bytes:
        """What comes before `mark`, which is taken too. Raises _Refused with `status` where that is over `most` bytes."""
        await self._until(lambda: mark in self._inbox or len(self._inbox) > most)
        at = self._inbox.find(mark)
        if not 0 <= at <= most:
            raise _Refused(status)
        return self._take(at + len(mark))[: -len(mark)]

    def _take(self, size: int) -> bytes:
        taken = bytes(self._inbox[:size])
        del self._inbox[:size]
        if not self._lost:
            self._transport.resume_reading()
        return taken

    async def _read_body(self, headers: Mapping[str, str]) -> bytes:
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if coding is not None and (length is not None or coding.lower() != "chunked"):
            raise _Refused(400 if length is not None else 501)
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise _Refused(415)
        if length is not None and not re.fullmatch("[0-9]{1,12}", length):
            raise _Refused(400)
        if length is not None and int(length) > self._limits.body:
            raise _Refused(413)
        if headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if coding is not None:
            return await self._read_chunks()
        size = int(length or 0)
        await self._until(lambda: len(self._inbox) >= size)
        return self._take(size)

    async def _read_chunks(self) -> bytes:
        """A chunked body (RFC 9112 §7.1); trailers are dropped."""
        body = bytearray()
        while True:
            line = _CHUNK.fullmatch(await self._read_to(b"\r\n", 256, 400) + b"\r\n")
            size = int(line[1], 16) if line else -1
            if size < 0:
                raise _Refused(400)
            if len(body) + size > self._limits.body:
                raise _Refused(413)
            if size == 0:
                break
            await self._until(lambda size=size: len(self._inbox) >= size + 2)  # type: ignore[misc]
            chunk = self._take(size + 2)
            if chunk[size:] != b"\r\n":
                raise _Refused(400)
            body += chunk[:size]
        left = self._limits.head
        while trailer := await self._read_to(b"\r\n", left, 431):
            left -= len(trailer)
        return bytes(body)

    def _local(self) -> tuple[str, int]:
        name = self._transport.get_extra_info("sockname") or ("127.0.0.1", 0)
        return str(name[0]), int(name[1])

    # Writing.

    async def _write(self, response: Response, *, keep: bool) -> None:
        """Writes the answer and waits until the kernel has it all. Raises _Gone or TimeoutError."""
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines.append(f"Content-Length: {len(response.body)}")
        lines.append(f"Keep-Alive: timeout={self._limits.idle:.0f}" if keep else "Connection: close")
        self._transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + response.body)
        async with asyncio.timeout(self._limits.send):
            await self._writable.wait()
        if self._lost:
            raise _Gone

    async def _linger(self) -> None:
        """Says that no more comes and waits for the client's end, so that a reset does not eat the answer."""
        if self._lost:
            return
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self._half_closed = True
        async with asyncio.timeout(2.0):
            while not (self._ended or self._lost):
                self._inbox.clear()
                self._transport.resume_reading()
                self._moved.clear()
                await self._moved.wait()

    # Receipts.

    async def _acknowledge(self) -> None:
        receipt, self._receipt = self._receipt, None
        if receipt is not None:
            await receipt()

    async def _took_all(self) -> bool:
        """Whether the client had our last byte when it ended the connection.

        Its end may have crossed our answer: then its kernel answers our bytes with a reset.
        """
        if self._lost:
            return False
        connected: socket.socket = self._transport.get_extra_info("socket")
        ours = 1 if self._half_closed else 0  # our own end counts as a byte
        try:
            async with asyncio.timeout(_SETTLE):
                while _unacknowledged(connected) > ours:
                    await asyncio.sleep(0.02)
            return connected.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        except (OSError, ValueError, TimeoutError):  # ValueError: closed meanwhile
            return False


def _headers(lines: list[bytes]) -> dict[str, str]:
    """Header fields by lower-case name. Raises _Refused."""
    made: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if not found:
            raise _Refused(400)
        name, value = found[1].decode("ascii").lower(), found[2].decode("latin-1")
        if name in made and name in _ONCE:
            raise _Refused(400)
        made[name] = f"{made[name]}, {value}" if name in made else value
    return made


if sys.platform == "linux":
    import fcntl
    import struct
    import termios

    def _unacknowledged(connected: socket.socket) -> int:
        """Bytes that the peer's kernel has not acknowledged (SIOCOUTQ, tcp(7))."""
        answer = fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])

else:

    def _unacknowledged(connected: socket.socket) -> int:  # noqa: ARG001
        """Unknown on this system: a crossing that no reset has shown yet goes unnoticed."""
        return 0
