"""Frames of a site's own cameras, as `homeroom label` holds them: decrypted one by one, and never written anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from homeroom.clock import Clock
from homeroom.errors import BadInput, Undecodable
from homeroom.label.collection import Collection, collection_of
from homeroom.label.permit import permit_of
from homeroom.picture import Frame
from homeroom.site import SiteSettings

from .labels import LabelledPicture, LabelledSet, person_of


@dataclass(frozen=True, slots=True)
class OwnFrames:
    """The labelled frames of a site as a set. `ids` tells which still a picture is, by its place."""

    collection: Collection
    made: LabelledSet
    ids: Mapping[Path, str]

    def frames(self) -> Iterator[tuple[LabelledPicture, Frame]]:
        """Each picture with its frame. Raises BadInput for one that is gone or not what it was."""
        for picture in self.made.pictures:
            try:
                yield picture, self.collection.still(self.ids[picture.path]).frame()
            except Undecodable as error:
                raise BadInput(f"{picture.path.name}: {error}; run homeroom label erase, and collect anew") from None

    def destroyed(self) -> str:
        """Destroys key, frames and labels, and says what went."""
        frames = self.collection.scored()
        never = frames - len(self.ids)
        return f"the key and {frames} frames destroyed" + (f", {never} of them never labelled" if never > 0 else "")


def own_frames(settings: SiteSettings, site: Path, clock: Clock) -> OwnFrames:
    """What was labelled of a site and is not over. Raises BadInput where that is nothing, Forbidden by the pack."""
    collection = collection_of(settings, clock)
    collection.expire()
    permit_of(settings)
    marked = collection.done()
    if not marked:
        raise BadInput(f"--own-frames: none is labelled; run homeroom label collect {site}, then homeroom label serve")
    pictures, ids, same = [], {}, 0
    for id_, marks in marked.items():
        still = collection.still(id_)
        path = collection.vault.folder / id_
        ids[path] = id_
        same += sum(one in still.proposed for one in marks.people)
        pictures.append(LabelledPicture(path, tuple(person_of(one) for one in marks.people), camera=still.camera))
    people = sum(len(one.people) for one in pictures)
    said = json.dumps({id_: list(marks.people) for id_, marks in marked.items()}, sort_keys=True)
    made = LabelledSet(
        title=f"{settings.name}, frames of its own cameras",
        evidence="real",  # what a site's cameras show is what the site is
        pictures=tuple(pictures),
        folder=collection.vault.folder,
        digest=hashlib.sha256(said.encode()).hexdigest(),
        # said in report and record: whoever takes over all that a model proposes, measures it by itself
        source=f"homeroom label; {same} of {people} people as a model proposed them",
    )
    return OwnFrames(collection, made, ids)
