"""The collection: the stills of a site that wait to be labelled or scored, and what was labelled in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from homeroom.clock import Clock
from homeroom.site import SiteSettings

from . import marks, still
from .audit import Act, Audit, audit_of
from .marks import Marks
from .permit import Permit
from .still import Still
from .vault import Vault

_STILL, _MARKS = ".frame", ".labels"


def folder_of(store: Path) -> Path:
    """Where a site's stills lie: beside its store."""
    return store.with_suffix(".label")


@dataclass(frozen=True, slots=True)
class Collection:
    """Stills and marks under seal. What is over is not there any more, whether it was destroyed yet or not."""

    vault: Vault
    audit: Audit

    def ids(self) -> list[str]:
        """The stills that are there."""
        return [name.removesuffix(_STILL) for name in self.vault.names() if name.endswith(_STILL)]

    def add(self, one: Still, permit: Permit) -> None:
        """Keeps a still, for as long as the permit says from its taking on. Raises BadInput."""
        self.vault.put(one.id + _STILL, one.taken + permit.life, one.packed())

    def still(self, id_: str) -> Still:
        """A still. Raises BadInput where it is gone, or is not what was put there."""
        return still.unpacked(self.vault.get(id_ + _STILL))

    def stills(self) -> Iterator[Still]:
        """Each still, one after the other in memory."""
        for id_ in self.ids():
            yield self.still(id_)

    def mark(self, id_: str, made: Marks) -> None:
        """Keeps what was labelled in a still, for as long as that lives. Raises BadInput where it is gone."""
        before = self.marks(id_)
        self.vault.change(id_ + _MARKS, id_ + _STILL, made.packed())
        if made.done and not (before and before.done):
            self.audit.note("labelled", 1)

    def marks(self, id_: str) -> Marks | None:
        """What was labelled in a still; None where nobody began."""
        if id_ + _MARKS not in self.vault.names():
            return None
        return marks.unpacked(self.vault.get(id_ + _MARKS))

    def done(self) -> dict[str, Marks]:
        """The stills that are labelled, by id."""
        marked = {id_: self.marks(id_) for id_ in self.ids()}
        return {id_: one for id_, one in marked.items() if one is not None and one.done}

    def ends(self) -> list[datetime]:
        """When each still ends, in order."""
        return sorted(self.vault.expires(id_ + _STILL) for id_ in self.ids())

    def expire(self) -> int:
        """Destroys the stills that are over, and says how many they were."""
        return self._destroyed("expired", self.vault.sweep())

    def erase(self) -> int:
        """Destroys the key, then all stills, and says how many they were."""
        return self._destroyed("erased", self.vault.erase())

    def scored(self) -> int:
        """Destroys all, as `erase` does, now that a report was made of them."""
        return self._destroyed("scored", self.vault.erase())

    def _destroyed(self, act: Act, names: list[str]) -> int:
        stills = sum(name.endswith(_STILL) for name in names)
        if stills:
            self.audit.note(act, stills)
        return stills


def collection_of(settings: SiteSettings, clock: Clock) -> Collection:
    """The collection of a site, be there anything in it or not."""
    vault = Vault(folder_of(settings.store), settings.name, clock)
    return Collection(vault, Audit(audit_of(settings.store), settings.pack, clock))
