"""Real RTSP cameras for tests: GStreamer's RTSP server in a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab import missing

_SCRIPT = Path(__file__).with_name("rtsp_server.py")
_PYTHON = Path("/usr/bin/python3")  # the system's own: PyGObject comes with it, not from PyPI
_PACKAGES = "the Debian packages python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,bad,ugly}"


@dataclass(frozen=True, slots=True)
class RtspServer:
    """A running server."""

    port: int
    process: subprocess.Popen[str]

    def url(self, path: str) -> str:
        """The address of a mount such as "/cam", without credentials."""
        return f"rtsp://127.0.0.1:{self.port}{path}"

    def kill(self) -> None:
        """Ends the server the hard way, as a power cut does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def rtsp_server(
    mounts: Mapping[str, str], *, port: int = 0, user: str = "", password: str = "", digest: bool = False
) -> Iterator[RtspServer]:
    """Serves `mounts` (path -> spec as in rtsp_server.py, such as "test,fps=10,gop=10") until the block ends.

    Skips where GStreamer's server is not installed; fails there in CI.
    """
    if not _PYTHON.exists():
        missing(_PACKAGES)
    guard = ["--user", user, "--password", password, *(["--digest"] if digest else [])] if user else []
    specs = [f"{path}={spec}" for path, spec in mounts.items()]
    command = [str(_PYTHON), str(_SCRIPT), "--port", str(port), *guard, *specs]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield RtspServer(_ready(process), process)
        finally:
            process.terminate()


def _ready(process: subprocess.Popen[str]) -> int:
    if process.stdout is None:
        raise RuntimeError("the server has no standard output")
    for line in process.stdout:
        if line.startswith("rtsp ready"):
            return int(line.split()[-1])
    if process.wait() == 3:
        missing(_PACKAGES)
    raise RuntimeError(f"rtsp_server.py ended with {process.returncode}")
