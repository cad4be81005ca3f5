"""All sinks of a running site: they are started, told, exchanged and closed here, each with what delivers to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from .clock import Clock
from .errors import HomeroomError
from .outbox import Outbox
from .ports import Reconfigurable, Sink, Site
from .scene import Scene
from .store import Store

FLUSH = 5.0  # seconds that a sink that goes has to take what waits for it


class Sinks:
    """The sinks by name. `failed` is told when one is gone and cannot come back."""

    def __init__(
        self, store: Store, sinks: Mapping[str, Sink], clock: Clock, failed: Callable[[Exception], None]
    ) -> None:
        self._sinks = sinks  # replaced, never changed: others read it at any time
        self._outbox = Outbox(store, sinks, clock)
        self._failed = failed
        self._site: Site | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Who gets events."""
        return tuple(self._sinks)

    def start(self, site: Site) -> None:
        """Starts all, and then to deliver. Raises BadInput for one that cannot start."""
        self._site = site
        for sink in self._sinks.values():
            sink.start(site)
        self._outbox.start()

    def describe(self, scene: Scene) -> None:
        """Shows a scene to all."""
        for sink in self._sinks.values():
            sink.describe(scene)

    def wake(self) -> None:
        """Says that something was committed. Never blocks."""
        self._outbox.wake()

    def flush(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds until all have taken what waits for them; whether that came true."""
        return self._outbox.flush(timeout)

    def exchange(self, removed: Sequence[str], new: Mapping[str, Sink]) -> None:
        """Closes those `removed` and starts those `new`, each in the place of the one of its name if there is one.

        All or nothing: raises what a new sink raised (BadInput, say) with all those from before serving again.
        """
        self._outbox.flush(FLUSH, removed)
        leaving = {name: self._sinks[name] for name in (*removed, *new) if name in self._sinks}
        with ExitStack() as undo:
            for name, sink in leaving.items():
                self._shut(name, sink)
                undo.callback(self._reopen, name, sink)
            for name, sink in new.items():
                self._open(name, sink)
                undo.callback(self._shut, name, sink)
            undo.pop_all()
        self._outbox.report()

    def _open(self, name: str, sink: Sink) -> None:
        assert self._site is not None  # start() came first
        sink.start(self._site)
        self._sinks = {**self._sinks, name: sink}
        self._outbox.add(name, sink)

    def _shut(self, name: str, sink: Sink) -> None:
        self._outbox.remove(name)
        self._sinks = {other: one for other, one in self._sinks.items() if other != name}
        sink.close()

    def _reopen(self, name: str, sink: Sink) -> None:
        try:
            self._open(name, sink)
        except HomeroomError as error:
            self._failed(error)

    def reconfigured(self) -> None:
        """Tells those that keep something of what they asked the site that it is another now."""
        for sink in self._sinks.values():
            if isinstance(sink, Reconfigurable):
                sink.reconfigured()

    def close(self) -> None:
        """Stops delivering, and then all sinks."""
        self._outbox.close()
        for sink in self._sinks.values():
            sink.close()
