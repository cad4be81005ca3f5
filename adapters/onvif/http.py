"""A small HTTP/1.1 server on asyncio: bounded in size, time and number, with word of what a client surely received.

An answer may carry a receipt. It is called once the client has shown that it read the whole answer: by sending its
next request on the same connection, or by ending the connection cleanly afterwards. TCP alone does not tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from .delivery import took_all
from .framing import Gone, Inbox, Refused, Request

Receipt = Callable[[], Awaitable[None]]


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
    part: float = 2.0  # from our end of the connection to the client's


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; `receipt` is called when the client surely has it."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    receipt: Receipt | None = None


Serve = Callable[[Request], Awaitable[Response]]


class HttpServer:
    """Serves at one socket until closed."""

    def __init__(self, serve: Serve, limits: Limits | None = None) -> None:
        self._serve = serve
        self._limits = limits or Limits()
        self._open: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listening: socket.socket) -> None:
        """Takes connections at a socket that listens; closes it in the end."""
        self._server = await asyncio.get_running_loop().create_server(self._connect, sock=listening)

    def _connect(self) -> _Connection:
        made = _Connection(self._serve, self._limits, self._open)
        self._open.add(made)
        return made

    async def close(self) -> None:
        """Stops listening and ends every connection."""
        server, self._server = self._server, None
        if server is not None:
            # asyncio drops, unclosed, a socket that it accepted just before its server closes (3.11 to 3.13):
            # so first accept no more, then let what was accepted become a connection that is known here
            with contextlib.suppress(NotImplementedError):  # Windows' loop has no readers, and no such gap
                for listening in server.sockets:
                    asyncio.get_running_loop().remove_reader(listening)
            await asyncio.sleep(0)
            server.close()
        ending = tuple(self._open)
        for one in ending:
            one.stop()
        await asyncio.gather(*(one.gone.wait() for one in ending))


class _Connection(asyncio.Protocol):
    """One client: reads a request, has it served, writes the answer, and so on."""

    def __init__(self, serve: Serve, limits: Limits, crowd: set[_Connection]) -> None:
        self._serve, self._limits, self._crowd = serve, limits, crowd
        self._writable = asyncio.Event()
        self._writable.set()
        self._receipt: Receipt | None = None
        self._half_closed = False
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._lost = False
        self.gone = asyncio.Event()  # its task has ended and its socket is closed
        self.idle_since: float | None = None  # loop time since which it has waited for a request

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._stopped:
            transport.abort()
            return
        transport.set_write_buffer_limits(high=0)  # so that writable means: all is with the kernel
        self._inbox = Inbox(self._limits.head, self._limits.body, transport.resume_reading)
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._task.add_done_callback(_report)
        self._task.add_done_callback(self._ended)

    def data_received(self, data: bytes) -> None:
        if self._inbox.feed(data):
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._inbox.end()
        return True  # keep our end open: an answer may still be on its way

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._lost = True
        if self._task is not None:
            self._inbox.lose()
            self._writable.set()
        self._depart()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # The conversation.

    def stop(self) -> None:
        """Ends the conversation, or lets it not begin."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        """From connecting to the end."""
        try:
            if len(self._crowd) > self._limits.connections and not self._make_room():
                await self._write(Response(503), keep=False)
                return
            first = True
            while await self._exchange(self._limits.first if first else self._limits.idle):
                first = False
            await self._linger()
        except (Gone, TimeoutError):
            pass
        finally:
            await self._part()

    def _make_room(self) -> bool:
        """Ends the connection that has been idle for longest, so that nobody keeps others out by doing nothing."""
        idle = [one for one in self._crowd if one is not self and one.idle_since is not None]
        if idle:
            min(idle, key=lambda one: one.idle_since or 0.0).stop()
        return bool(idle)

    async def _exchange(self, idle: float) -> bool:
        """One request and its answer; whether another may follow."""
        self.idle_since = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(idle):
                await self._inbox.begin()
        except TimeoutError:
            return False  # our end first: the client's answer to it shows that it had all of ours
        self.idle_since = None
        try:
            async with asyncio.timeout(self._limits.receive):
                request = await self._request()
        except Refused as refused:
            await self._write(Response(refused.status), keep=False)
            return False
        response = await self._served(request)
        # A request that was sent before our answer was does not show that the answer arrived.
        ahead = self._inbox.waiting
        await self._write(response, keep=request.keep)
        self._receipt = None if ahead else response.receipt
        return request.keep

    async def _request(self) -> Request:
        """Reads a request. Raises Refused or Gone."""
        head = await self._inbox.head()
        await self._acknowledge()
        body = await self._inbox.body(head, lambda: self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n"))
        name = self._transport.get_extra_info("sockname") or ("127.0.0.1", 0)
        return Request(head.method, head.target, head.headers, body, (str(name[0]), int(name[1])), head.keep)

    async def _served(self, request: Request) -> Response:
        """The answer, unless the client leaves while it waits for it."""
        serving = asyncio.ensure_future(self._serve(request))
        leaving = asyncio.ensure_future(self._inbox.left())
        try:
            await asyncio.wait({serving, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                raise Gone
            return serving.result()
        finally:
            for task in (serving, leaving):
                task.cancel()
            await asyncio.gather(serving, leaving, return_exceptions=True)

    async def _write(self, response: Response, *, keep: bool) -> None:
        """Writes the answer and waits until the kernel has it all. Raises Gone or TimeoutError."""
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines.append(f"Content-Length: {len(response.body)}")
        lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
        if keep:
            lines.append(f"Keep-Alive: timeout={self._limits.idle:.0f}")
        self._transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + response.body)
        async with asyncio.timeout(self._limits.send):
            await self._writable.wait()
        if self._inbox.lost:
            raise Gone

    async def _linger(self) -> None:
        """Says that no more comes and waits for the client's end, so that a reset does not eat the answer."""
        if self._inbox.lost:
            return
        self._transport.write_eof()
        self._half_closed = True
        async with asyncio.timeout(self._limits.part):
            await self._inbox.drain()

    async def _part(self) -> None:
        """Ends the connection, and takes a clean end by the client for a receipt."""
        try:
            if self._receipt is not None and self._inbox.ended and not self._inbox.lost:
                connected: socket.socket = self._transport.get_extra_info("socket")
                if await took_all(connected, 1 if self._half_closed else 0):
                    await self._acknowledge()
        finally:
            self._transport.abort()

    def _ended(self, _task: asyncio.Task[None]) -> None:
        """The conversation is over; one that was stopped before it began has not parted."""
        self._transport.abort()
        self._depart()

    def _depart(self) -> None:
        """Leaves the crowd once nothing of the connection is left."""
        if self._lost and (self._task is None or self._task.done()):
            self._crowd.discard(self)
            self.gone.set()

    async def _acknowledge(self) -> None:
        """The client surely has the last answer."""
        receipt, self._receipt = self._receipt, None
        if receipt is not None:
            await receipt()


def _report(task: asyncio.Task[None]) -> None:
    """Hands a failure of `serve`, which ends its connection alone, to the loop's handler (its log)."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": "an HTTP request failed", "exception": error})
