"""`homeroom run` in a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USER, PASSWORD = "operator", "for-tests-alone"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def device(folder: Path, port: int) -> dict[str, Any]:
    """The entry of `vms` for an ONVIF device on that port."""
    (folder / "password").write_text(PASSWORD)
    return {
        "id": "device",
        "type": "onvif-device",
        "listen": f"127.0.0.1:{port}",
        "username": USER,
        "password": {"file": "password"},
    }


@dataclass
class Running:
    """A running site; `events` grows as it prints them."""

    process: subprocess.Popen[str]
    events: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def read(self) -> None:
        """Reads the events that it prints."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._note(self.events, json.loads(line))

    def listen(self) -> None:
        """Reads what it says besides."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._note(self.log, line.rstrip())

    def _note(self, into: list[Any], what: Any) -> None:
        with self._news:
            into.append(what)
            self._news.notify_all()

    def wait(self, enough: Callable[[Running], bool], timeout: float = 40) -> None:
        """Waits until enough was printed; fails when it does not come in time."""
        deadline = time.monotonic() + timeout
        with self._news:
            while not enough(self):
                left = deadline - time.monotonic()
                assert left > 0, (self.events, self.log)
                self._news.wait(min(left, 0.5))

    def told(self, behavior: str) -> list[tuple[str | None, str]]:
        """(seat, operation) of each event of a behavior."""
        return [(event["seat"], event["operation"]) for event in self.events if event["behavior"] == behavior]


@contextmanager
def running(manifest: Path, *options: str) -> Iterator[Running]:
    """Runs a site until the block ends, and then as Ctrl-C ends it."""
    command = [sys.executable, "-m", "homeroom", "run", str(manifest), "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        site = Running(process)
        readers = [threading.Thread(target=one, daemon=True) for one in (site.read, site.listen)]
        for reader in readers:
            reader.start()
        try:
            yield site
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0, site.log
        finally:
            process.kill()
            for reader in readers:
                reader.join(5)
