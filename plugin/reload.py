"""A manifest that changes while its site runs: noticed, read when it is whole, and taken up or refused in one line."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from .difference import Difference
from .errors import BadInput, HomeroomError
from .site import SiteSettings

AGAIN = (0.5, 1.0)  # seconds after which a manifest that cannot be read is tried again: an editor may be at work

Print = tuple[int, int, int, int]


class WatchedFile:
    """A file, and such as belong to it, as they were when they were last taken up."""

    def __init__(self, path: Path) -> None:
        self._paths = [path]
        self._taken = self._seen = self._look()

    def add(self, path: Path) -> None:
        """Another file that belongs to it, there or not."""
        self._paths.append(path)
        self.take()

    def changed(self) -> bool:
        """Whether one is another now than when this was last true, and has been so for two looks: not half written."""
        before, self._seen = self._seen, self._look()
        if self._seen == self._taken or self._seen != before:
            return False
        self.take()
        return True

    def take(self) -> None:
        """Takes all up as they are now."""
        self._taken = self._seen = self._look()

    def _look(self) -> list[Print | None]:
        return [_print(path) for path in self._paths]


def _print(path: Path) -> Print | None:
    """What tells a file from any other; an editor writes into it, or puts another in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def say(line: str) -> None:
    """One line to whoever runs the site."""
    print(f"homeroom: {line}", file=sys.stderr, flush=True)


class Reloader:
    """Has a site take up its manifest whenever that has changed, in a thread of its own and one at a time."""

    def __init__(
        self,
        file: WatchedFile,
        load: Callable[[], SiteSettings],
        reload: Callable[[SiteSettings], Difference],
        failed: Callable[[Exception], None],
        tell: Callable[[str], None] = say,
    ) -> None:
        """`file` is the manifest as it was before it was read for the first time.

        `load` reads it, `reload` goes on with it: both raise HomeroomError, and then nothing changes.
        """
        self._file = file
        self._load, self._reload, self._failed, self._tell = load, reload, failed, tell
        self._asked = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Has the manifest read again though it looks the same; safe from a signal handler."""
        self._asked = True

    def look(self) -> None:
        """Looks whether there is something to do, and begins it; called again and again, never blocks."""
        if self._thread is not None and self._thread.is_alive():
            return
        if self._asked:
            self._file.take()
        if self._asked or self._file.changed():
            self._asked = False
            self._thread = threading.Thread(target=self._run, name="reload", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            self._tell(f"reloaded: {self._reload(self._settings())}")
        except HomeroomError as error:
            self._tell(f"not reloaded, the site goes on as it was: {error}")
        except Exception as error:  # noqa: BLE001  the reload thread's outermost call: the program ends, see Pool
            self._failed(error)

    def _settings(self) -> SiteSettings:
        for seconds in AGAIN:
            try:
                return self._load()
            except BadInput:
                threading.Event().wait(seconds)
        return self._load()
