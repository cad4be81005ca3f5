"""A way to a server that counts who goes it, and that can be closed and opened."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Hands connections on to `port` while `open`; else it hangs up on them. `silent` takes them and says nothing."""

    def __init__(self, port: int) -> None:
        self.connections = 0
        self.open = True
        self.silent = False
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []

    def url(self, path: str) -> str:
        """The RTSP address of a path behind it."""
        return f"rtsp://127.0.0.1:{self._listening.getsockname()[1]}{path}"

    def cut(self) -> None:
        """Ends all connections, and takes no more."""
        self.open = False
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def serve(self) -> None:
        """Until stop()."""
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._lines.append(line)
            if not self.open:
                line.close()
            elif not self.silent:
                other = socket.create_connection(("127.0.0.1", self._target))
                self._lines.append(other)
                for one, two in ((line, other), (other, line)):
                    threading.Thread(target=_pump, args=(one, two), daemon=True).start()

    def stop(self) -> None:
        """Takes no more and ends what there is."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
        for line in self._lines:
            line.close()


def _pump(one: socket.socket, two: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(2**16):
            two.sendall(data)
    with suppress(OSError):
        two.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(port: int) -> Iterator[Relay]:
    """A running relay to a port of this machine."""
    running = Relay(port)
    thread = threading.Thread(target=running.serve)
    thread.start()
    try:
        yield running
    finally:
        running.stop()
        thread.join()
