"""What every step of a set-up works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .camera import CameraKey, camera_key
from .dialogue import Dialogue
from .draft import Draft
from .flags import Flags
from .reach import Reach


@dataclass(slots=True)
class Work:
    """Who is asked, what was given by flags, how the outside is reached, and what came of it so far.

    `path` is where the manifest goes; `existing` is the manifest that is extended, empty for a new one. `attended` says
    that a person answers, for whom a draft is kept; `replaces` that a manifest was there when it began; `written`
    that the new one is.
    """

    dialogue: Dialogue
    flags: Flags
    reach: Reach
    path: Path
    attended: bool
    draft: Draft = field(default_factory=Draft)
    existing: Mapping[str, Any] = field(default_factory=dict)
    replaces: bool = False
    written: bool = False

    @property
    def folder(self) -> Path:
        """What relative paths in the manifest count from."""
        return self.path.parent

    @property
    def known(self) -> frozenset[CameraKey]:
        """The cameras that the existing manifest has, and those found so far."""
        entries = [one for room in self.existing.get("rooms", []) for one in room["cameras"]]
        return frozenset(
            [camera_key(self._address(one["address"]), one.get("profile", "")) for one in entries]
            + [camera_key(one.address, one.profile) for one in self.draft.cameras]
        )

    def _address(self, written: str) -> str:
        return written if "://" in written else str((self.folder / written).resolve())

    def tell(self, text: str) -> None:
        """Says something."""
        self.dialogue.tell(text)

    def save(self) -> None:
        """Keeps what was answered so far."""
        if self.attended:
            self.draft.save(self.path)
