"""The vault: a folder of sealed files, each with its end of life, and one key to all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from homeroom.clock import Clock
from homeroom.errors import BadInput

from . import files
from .key import KeyFile
from .seal import HEAD, expiry, sealed, unsealed

MAX_BYTES = 64 * 2**20  # of one file; a frame of 36 megapixels is about 20 MB
_KEY = "key"


@dataclass(frozen=True, slots=True)
class Vault:
    """Sealed files of one site. Any number of processes may use it at once; one of them may be killed at any point."""

    folder: Path
    site: str
    clock: Clock

    def put(self, name: str, expires: datetime, content: bytes) -> None:
        """Seals the content under a name, in place of what had it. Raises BadInput."""
        files.private(self.folder)
        try:
            with files.locked(self.folder):
                raw = sealed(self._key.made(), self.site, name, expires, content)
                files.write(self.folder / name, raw)
        except OSError as wrong:
            raise files.refused(self.folder / name, wrong) from None

    def change(self, name: str, like: str, content: bytes) -> None:
        """Seals content that lives as long as what is there as `like`. Raises BadInput where that is gone."""
        try:
            with files.locked(self.folder):
                key, end = self._key.read(), self.expires(like)
                files.write(self.folder / name, sealed(key, self.site, name, end, content))
        except FileNotFoundError:
            raise _gone(name) from None
        except OSError as wrong:
            raise files.refused(self.folder / name, wrong) from None

    def get(self, name: str) -> bytes:
        """What is sealed under a name. Raises BadInput where it is gone, over, or not what was put there."""
        self.expires(name)
        key = self._key.read()
        try:
            with (self.folder / name).open("rb") as stream:
                raw = stream.read(MAX_BYTES)
        except FileNotFoundError:
            raise _gone(name) from None
        except OSError as wrong:
            raise files.refused(self.folder / name, wrong) from None
        return unsealed(key, self.site, name, raw)

    def expires(self, name: str) -> datetime:
        """The end of a file's life. Raises BadInput where it is over or gone."""
        end = self._end(self.folder / name)
        if end is None or end <= self.clock.now():
            raise _gone(name)
        return end

    def names(self) -> list[str]:
        """What is there and not over, in order."""
        now = self.clock.now()
        whole = [path for path in self._files() if path.suffix != files.PART]
        return sorted(path.name for path in whole if (end := self._end(path)) is not None and end > now)

    def sweep(self) -> list[str]:
        """Destroys what is over, what does not say when it is, and what a killed writer left; names what it was.

        With the last file the key goes, and first: without it the rest cannot be read, whatever the disk keeps of it.
        """
        return self._destroyed(everything=False)

    def erase(self) -> list[str]:
        """Destroys the key, then all files; names what they were."""
        return self._destroyed(everything=True)

    def _destroyed(self, *, everything: bool) -> list[str]:
        if not any(self._sorted(everything=everything)):
            return []  # without the lock: this is asked every second while a page is served
        try:
            with files.locked(self.folder):
                over, key_too = self._sorted(everything=everything)
                if key_too:
                    self._key.destroy()
                stuck = [wrong for path in over if (wrong := files.unlinked(path))]
        except OSError as wrong:
            raise files.refused(self.folder, wrong) from None
        if stuck:  # the others are gone nevertheless
            raise files.refused(self.folder, stuck[0])
        return sorted(path.name for path in over if path.suffix != files.PART)

    def _sorted(self, *, everything: bool) -> tuple[list[Path], bool]:
        """What is over, and whether the key is: it has nothing left to open."""
        there = self._key.path.exists()
        living = set(self.names()) if there and not everything else set()
        return [path for path in self._files() if path.name not in living], there and not living

    @property
    def _key(self) -> KeyFile:
        return KeyFile(self.folder / _KEY)

    def _files(self) -> Iterator[Path]:
        """All but the key."""
        try:
            yield from [path for path in self.folder.iterdir() if path.name != _KEY]
        except (FileNotFoundError, NotADirectoryError):
            return

    def _end(self, path: Path) -> datetime | None:
        """None for what is gone, cannot be read, or is no seal's: such a thing is over."""
        try:
            with path.open("rb") as stream:
                return expiry(stream.read(HEAD))
        except OSError:
            return None


def _gone(name: str) -> BadInput:
    return BadInput(f"{name}: is gone: it expired, or was erased; collect anew")
