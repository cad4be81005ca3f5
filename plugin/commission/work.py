"""What every step of a set-up works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    def known(self) -> frozenset[str]:
        """Addresses of the cameras that the existing manifest has, and of those found so far with their devices'."""
        entries = [one["address"] for room in self.existing.get("rooms", []) for one in room["cameras"]]
        paths = [one if "://" in one else str((self.folder / one).resolve()) for one in entries]
        found = [each for one in self.draft.cameras for each in (one.address, one.device) if each]
        return frozenset((*paths, *found))

    def tell(self, text: str) -> None:
        """Says something."""
        self.dialogue.tell(text)

    def save(self) -> None:
        """Keeps what was answered so far."""
        if self.attended:
            self.draft.save(self.path)
