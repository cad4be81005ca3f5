"""Real ONVIF clients in processes of their own, whose messages are collected.

with zeep(host, port, user, password) as client:
    client.connected()
    client.wait(lambda messages: len(messages) >= 3)
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab import missing, need

from .peer import Told

HERE = Path(__file__).parent
AGSH = HERE / "agsh"


@dataclass
class Client:
    """A client that runs. `messages` grows as it hears; what it says besides is in `notes`."""

    process: subprocess.Popen[str]
    messages: list[Told] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _heard: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Reads what the client prints until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = json.loads(line)
            with self._heard:
                if "topic" in said:
                    self.messages.append(Told(**said))
                else:
                    self.notes.append(said)
                self._heard.notify_all()

    def complain(self) -> None:
        """Reads what the client complains of until it ends."""
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)

    def connected(self, timeout: float = 30.0) -> dict[str, Any]:
        """What the client learnt of the device, once it is connected."""
        self._until(lambda: any("connected" in note for note in self.notes), timeout)
        found: dict[str, Any] = next(note["connected"] for note in self.notes if "connected" in note)
        return found

    def wait(self, enough: Callable[[Sequence[Told]], bool], timeout: float = 30.0) -> list[Told]:
        """All messages so far, once they are enough. Fails when they do not become so in time."""
        self._until(lambda: enough(self.messages), timeout)
        with self._heard:
            return list(self.messages)

    def _until(self, ready: Callable[[], bool], timeout: float) -> None:
        deadline = time.monotonic() + timeout
        with self._heard:
            while not ready():
                left = deadline - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._heard.wait(0.5)):
                    raise AssertionError(
                        f"the client heard {self.messages[-5:]}, noted {self.notes[-5:]}, complained {self.errors[-5:]}"
                    )
                self._heard.wait(min(left, 1.0))


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Client]:
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    ) as process:
        client = Client(process)
        readers = [threading.Thread(target=one, daemon=True) for one in (client.listen, client.complain)]
        for reader in readers:
            reader.start()
        try:
            yield client
        finally:
            process.kill()
            for reader in readers:
                reader.join(5)


@contextmanager
def zeep(host: str, port: int, user: str, password: str) -> Iterator[Client]:
    """A client on PyPI's onvif-zeep (WS-UsernameToken)."""
    command = [sys.executable, "-W", "ignore", str(HERE / "zeep_client.py"), host, str(port), user]
    with _running(command, {"CLIENT_PASSWORD": password}) as client:
        yield client


@contextmanager
def agsh(host: str, port: int, user: str, password: str, *, digest: bool = False) -> Iterator[Client]:
    """A client on npm's onvif by agsh (WS-UsernameToken, or HTTP Digest)."""
    node, modules = need("node"), node_modules()
    environment = {"CLIENT_PASSWORD": password, "NODE_PATH": str(modules), "CLIENT_DIGEST": "1" if digest else ""}
    with _running([node, str(AGSH / "client.js"), host, str(port), user], environment) as client:
        yield client


def node_modules() -> Path:
    """The client's packages, installed once per version of its lock file.

    They lie in the folder that HOMEROOM_NODE_MODULES names, else in the machine's folder for temporary files.
    """
    npm = need("npm")
    lock = (AGSH / "package-lock.json").read_bytes()
    root = Path(os.environ.get("HOMEROOM_NODE_MODULES") or Path(tempfile.gettempdir(), "homeroom-node-modules"))
    folder = root / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(AGSH / name, folder)
        ran = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if ran.returncode:
            missing(f"npm's package onvif, which npm ci could not fetch: {ran.stderr[-300:]}")
        (folder / "done").touch()
    return folder / "node_modules"
