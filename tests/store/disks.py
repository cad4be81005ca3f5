"""A small disk of its own that can really be full."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab import missing


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A mounted file system of a few MiB."""

    path: Path

    def fill(self) -> None:
        """Takes every byte that is left."""
        with (self.path / "filler").open("ab", buffering=0) as filler:
            for size in (2**16, 1):
                try:
                    while filler.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Gives the space back."""
        (self.path / "filler").unlink()


@contextmanager
def small_disk(at: Path, size: str = "4m") -> Iterator[SmallDisk]:
    """Mounts one, which root alone may."""
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        missing("root and the program mount, to make a small disk")
    at.mkdir()
    if subprocess.run([mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], check=False).returncode:
        missing("leave to mount a small disk")
    try:
        yield SmallDisk(at)
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)
