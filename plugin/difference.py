"""What is different between a running site's manifest and its next one: what must begin anew, and what goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import BadInput
from .gate import CLASS, SEAT
from .site import CameraSettings, RoomSettings, SiteSettings

FEW = 5  # ids that one line names


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of what came, what went, and what is another under the same id."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new manifest brings. False where it brings nothing.

    `renamed` are rooms in which names alone are others: nothing needs to begin anew. `models` must be loaded.
    `withheld`: what was told by seat until now is told by room alone from now on.
    """

    rooms: Changes = Changes()
    sinks: Changes = Changes()
    renamed: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    vocabulary: bool = False
    policy: bool = False
    metrics: bool = False
    acceptance: bool = False
    withheld: bool = False

    def __bool__(self) -> bool:
        return self != Difference()

    def __str__(self) -> str:
        """In a few words, such as `room r2 added, room r1 changed`."""
        return ", ".join(self._words()) or "nothing changed"

    def _words(self) -> Iterator[str]:
        if self.policy:
            yield "policy changed"
        if self.vocabulary:
            yield "behaviors changed"
        if self.acceptance:
            yield "acceptance changed"
        yield from _told("model", "loaded", self.models)
        for noun, changes in (("room", self.rooms), ("vms", self.sinks)):
            yield from _told(noun, "added", changes.added)
            yield from _told(noun, "changed", changes.changed)
            yield from _told(noun, "removed", changes.removed)
        yield from _told("room", "renamed", self.renamed)
        if self.metrics:
            yield "metrics changed"


def _told(noun: str, what: str, ids: tuple[str, ...]) -> Iterator[str]:
    if ids:
        more = f" and {len(ids) - FEW} more" if len(ids) > FEW else ""
        plural = "s" if len(ids) > 1 and noun != "vms" else ""
        yield f"{noun}{plural} {' '.join(ids[:FEW])}{more} {what}"


def difference(old: SiteSettings, new: SiteSettings) -> Difference:
    """What `new` changes, secrets included. Raises BadInput for what cannot change while the site runs."""
    for field, before, after in (("site", old.name, new.name), ("store", old.store, new.store)):
        if before != after:
            raise BadInput(f"`{field}` cannot change from {before} to {after} while the site runs: restart it")
    if old.observers != new.observers:
        raise BadInput("`observers` cannot change while the site runs: restart it")
    policy = (old.pack, old.granularity, old.grounds) != (new.pack, new.granularity, new.grounds)
    vocabulary = old.vocabulary != new.vocabulary
    acceptance = old.acceptance != new.acceptance
    models = {id_ for id_, entry in _loaded(new).items() if _loaded(old).get(id_) != entry}
    rooms, later = ({room.id: room for room in site.rooms} for site in (old, new))
    both = [id_ for id_ in later if id_ in rooms]
    others = {
        id_
        for id_ in both
        if policy
        or vocabulary
        or acceptance
        or later[id_].model in models
        or essence(rooms[id_]) != essence(later[id_])
    }
    return Difference(
        rooms=_changes(rooms, later, others),
        sinks=_changes(old.vms, new.vms, {id_ for id_ in new.vms if _sink(old, id_) != _sink(new, id_)}),
        renamed=tuple(id_ for id_ in both if id_ not in others and rooms[id_] != later[id_]),
        models=tuple(sorted(models)),
        vocabulary=vocabulary,
        policy=policy,
        metrics=old.metrics != new.metrics,
        acceptance=acceptance,
        withheld=(old.granularity, new.granularity) == (SEAT, CLASS),
    )


def _loaded(site: SiteSettings) -> dict[str, Mapping[str, Any]]:
    """The entries of the models that some room uses."""
    return {room.model: site.models[room.model] for room in site.rooms}


def _sink(site: SiteSettings, id_: str) -> object:
    return site.vms.get(id_), site.secrets.get(id_)


def _changes(old: Mapping[str, object], new: Mapping[str, object], others: set[str]) -> Changes:
    return Changes(
        added=tuple(id_ for id_ in new if id_ not in old),
        removed=tuple(id_ for id_ in old if id_ not in new),
        changed=tuple(id_ for id_ in new if id_ in old and id_ in others),
    )


def essence(room: RoomSettings) -> RoomSettings:
    """The room without the names that are shown of it and its cameras."""
    return replace(room, name="", cameras=tuple(_unnamed(camera) for camera in room.cameras))


def _unnamed(camera: CameraSettings) -> CameraSettings:
    return replace(camera, name="", settings={key: value for key, value in camera.settings.items() if key != "name"})


def source_of(camera: CameraSettings) -> CameraSettings:
    """The camera without what only the desk knows of: one whose source is the same need not be connected anew."""
    settings = {key: value for key, value in camera.settings.items() if key not in ("name", "exclude")}
    return replace(camera, name="", exclude=(), settings=settings)
