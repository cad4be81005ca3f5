"""The one asyncio loop, running in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import threading

CLOSE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class LoopThread:
    """A thread that runs an event loop from start() to close()."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, name="homeroom-loop", daemon=True)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop; use asyncio.run_coroutine_threadsafe or call_soon_threadsafe from other threads."""
        if self._loop is None:
            raise RuntimeError("the loop runs only after start()")
        return self._loop

    def start(self) -> None:
        """Starts the thread; returns once the loop runs."""
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        self._running.wait()

    def close(self) -> None:
        """Cancels what still runs, closes asynchronous generators and the executor, ends the thread; safe twice."""
        if self._loop is None or not self._thread.is_alive():
            return
        try:
            self._loop.call_soon_threadsafe(self._loop.stop)
        except RuntimeError:  # closed just now by another caller
            _log.debug("the loop is closed already")
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            _log.warning("a task of the event loop does not end; leaving it behind")

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop):  # its exit cancels tasks, ends generators and executor
            self.loop.call_soon(self._running.set)
            self.loop.run_forever()
