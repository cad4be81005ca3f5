"""Files of a folder that only its user may open: written whole or not at all, and gone for good when unlinked."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from homeroom.errors import BadInput

PART = ".part"


def private(folder: Path) -> None:
    """Makes the folder, for its user alone. Raises BadInput where another user's, or a link, stands in its place."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise BadInput(f"{folder}: is a link, or another user's; move it away")
        folder.chmod(0o700)
    except OSError as wrong:
        raise refused(folder, wrong) from None


def refused(path: Path, wrong: OSError) -> BadInput:
    """What to say of a path that the system does not let us use."""
    return BadInput(f"{path}: {wrong.strerror}; mend it, or run homeroom label erase")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder against every other writer, in this process or another. A killed one lets go."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
        os.fsync(opened)  # what was renamed and unlinked holds through a loss of power
    finally:
        os.close(opened)


def write(path: Path, content: bytes) -> None:
    """Puts the file there, for its user alone. Called while its folder is locked."""
    part = path.with_name(path.name + PART)
    part.unlink(missing_ok=True)
    opened = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(opened, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def unlinked(path: Path) -> OSError | None:
    """Takes a file away; why not, where it stays."""
    try:
        path.unlink(missing_ok=True)
    except OSError as wrong:
        return wrong
    return None
