"""The key of a collection: made with its first frame, destroyed with its last. Without it no frame can be read."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from homeroom.errors import BadInput

from . import files
from .seal import KEY


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key in a file of its own. It is read anew each time, so that nobody still knows a destroyed one."""

    path: Path

    def made(self) -> bytes:
        """The key, made where there is none. Called while the folder is locked."""
        if not self.path.exists():
            files.write(self.path, secrets.token_bytes(KEY))
        return self.read()

    def read(self) -> bytes:
        """The key. Raises BadInput where there is none, or another thing in its place."""
        try:
            with self.path.open("rb") as stream:
                key = stream.read(KEY + 1)
        except FileNotFoundError:
            raise BadInput("the frames are gone: they expired, or were erased; collect anew") from None
        except OSError as wrong:
            raise files.refused(self.path, wrong) from None
        if len(key) != KEY:
            raise BadInput(f"{self.path}: is no key; run homeroom label erase, and collect anew")
        return key

    def destroy(self) -> bool:
        """Overwrites and unlinks it; whether there was one."""
        try:
            opened = os.open(self.path, os.O_WRONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            os.write(opened, secrets.token_bytes(KEY))
            os.fsync(opened)
        finally:
            os.close(opened)
        self.path.unlink()
        return True
