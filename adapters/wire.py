"""HTTP connections that keep to a deadline whatever the other side does, and that another thread can cut."""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from weakref import WeakSet

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from homeroom.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an exchange ends, by the monotonic clock. `seconds` is how long it was allowed to take."""

    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds, seconds)

    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class Lines:
    """The open sockets of one session."""

    def __init__(self) -> None:
        self._open: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self.closed = False

    def hold(self, line: socket.socket) -> None:
        """Takes a socket in. Raises Unavailable once the lines are cut."""
        with self._lock:
            if self.closed:
                raise Unavailable("the connection was closed")
            self._open.add(line)

    def cut(self) -> None:
        """Hangs up on all lines, for good: whoever waits for one gets an error at once."""
        with self._lock:
            self.closed = True
            for line in list(self._open):
                with suppress(OSError):  # one that is closed already
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # not TLS's, which would say goodbye first


class _Reader(io.RawIOBase):
    """What comes in on a socket, until a deadline: a byte a second keeps nobody waiting for longer."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line = line
        self._raw = line.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._line.settimeout(self._deadline.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answered:
    """A connection's socket as http.client reads an answer from it."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line = line
        self._deadline = deadline

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """The answer as a file."""
        return io.BufferedReader(_Reader(self._line, self._deadline), 64 * 1024)


class _Timed(HTTPConnection):
    """A connection that belongs to `lines`. Its timeout is what is left for the whole exchange."""

    lines: ClassVar[Lines]

    def _new_conn(self) -> socket.socket:
        deadline = Deadline.after(float(self.timeout or 0))
        failure: OSError = ConnectionError("no address")
        for family, kind, protocol, _, place in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            line = socket.socket(family, kind, protocol)
            self._handle = line.dup()  # a second handle on the line: TLS takes the first one over while it shakes hands
            try:
                self.lines.hold(self._handle)
                line.settimeout(deadline.left())
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line.connect(place)
                line.settimeout(deadline.left())
            except OSError as error:
                self._handle.close()
                line.close()
                failure = error
            except Unavailable:
                line.close()
                raise
            else:
                return line
        raise failure

    def connect(self) -> None:
        """Connects, and leaves the line where it can be cut."""
        try:
            super().connect()
            self.lines.hold(self.sock)
        finally:
            handle: socket.socket | None = getattr(self, "_handle", None)
            if handle is not None:
                handle.close()

    def response_class(self, line: socket.socket, *rest: Any, **settings: Any) -> http.client.HTTPResponse:  # type: ignore[override]
        """An answer that is read until the deadline."""
        answered: Any = _Answered(line, Deadline.after(float(self.timeout or 0)))
        return http.client.HTTPResponse(answered, *rest, **settings)


def pools(lines: Lines) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools by URL scheme, of connections that belong to `lines`."""
    held = {"lines": lines}
    plain = type("Plain", (_Timed,), held)
    secure = type("Secure", (_Timed, HTTPSConnection), held)
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
