"""The audit: one line for each act of labelling. It names no picture, no person, no camera and no place."""

from __future__ import annotations

import json
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from homeroom.clock import Clock
from homeroom.errors import BadInput
from homeroom.policy import Pack

from .permit import CAPABILITY

Act = Literal["collecting", "collected", "served", "labelled", "scored", "expired", "erased"]


def audit_of(store: Path) -> Path:
    """Where a site's audit lies: beside its store."""
    return store.with_suffix(".label.audit.jsonl")


def user() -> str:
    """Who runs this, as the system knows them: the environment may say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without an entry
        return str(os.getuid())


@dataclass(frozen=True, slots=True)
class Audit:
    """A file of JSON lines that is only ever added to."""

    path: Path
    pack: Pack
    clock: Clock

    def note(self, act: Act, frames: int, hours: int | None = None) -> None:
        """Adds a line, and returns when it is on the disk. `hours`: if others than the pack's. Raises BadInput."""
        verdict = self.pack.verdicts.get(CAPABILITY)
        line = {
            "time": self.clock.now().isoformat(timespec="seconds"),
            "act": act,
            "frames": frames,
            "who": user(),
            "policy": self.pack.id,
            "digest": self.pack.digest,
            "hours": hours or (verdict.hours if verdict else None),
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(self.path, os.O_APPEND | os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            try:
                os.write(opened, (json.dumps(line) + "\n").encode())
                os.fsync(opened)
            finally:
                os.close(opened)
        except OSError as wrong:
            raise BadInput(f"{self.path}: cannot be added to: {wrong.strerror}") from None
