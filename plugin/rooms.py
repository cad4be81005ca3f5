"""All rooms of a running site, each under observation; they are started, exchanged and ended here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from .difference import Difference
from .fetch import Fetcher
from .observation import RECONFIGURED, Observation, Surroundings, dismiss, let_go, sources_for
from .ports import CameraInfo, Source
from .site import CameraSettings, RoomSettings, SiteSettings

MakeSource = Callable[[CameraSettings], Source]


def turns(settings: SiteSettings) -> Iterator[tuple[RoomSettings, tuple[int, int]]]:
    """Each room with its place among how many."""
    return ((room, (number, len(settings.rooms))) for number, room in enumerate(settings.rooms))


class Rooms:
    """The observations by room, in the order of the manifest."""

    def __init__(self, settings: SiteSettings, sources: Mapping[str, Source], around: Surroundings) -> None:
        """`sources` are those of all cameras, by id. Raises BadInput for a recording that cannot be read."""
        # replaced, never changed: others read it at any time
        self._rooms = {
            room.id: Observation(room, around, {camera.id: sources[camera.id] for camera in room.cameras}, turn)
            for room, turn in turns(settings)
        }
        self._generations = dict.fromkeys(self._rooms, 0)

    @property
    def cameras(self) -> list[CameraInfo]:
        """All cameras as the outside may know them."""
        return [camera for room in self._rooms.values() for camera in room.cameras]

    @property
    def fetchers(self) -> list[Fetcher]:
        """What fetches from each camera now."""
        return [fetcher for room in self._rooms.values() for fetcher in room.fetchers.values()]

    @property
    def over(self) -> bool:
        """Whether every source has ended by itself."""
        return all(room.desk.over for room in self._rooms.values())

    def start(self) -> None:
        """Begins to look."""
        for room in self._rooms.values():
            room.start()

    def tick(self, now: datetime) -> None:
        """Lets live views go on that have waited long enough."""
        for room in self._rooms.values():
            room.desk.tick(now)

    def let_go(self) -> None:
        """Ends all looking; who does not let go in time is left behind."""
        let_go(self.fetchers)

    def end(self, reason: str) -> None:
        """Ends what goes on in any room."""
        for room in self._rooms.values():
            room.desk.close(reason)

    def prepared(
        self, settings: SiteSettings, change: Difference, around: Surroundings, make_source: MakeSource
    ) -> dict[str, Observation]:
        """The rooms of other settings: those that are the same, and others that have not begun. Raises BadInput."""
        made: dict[str, Observation] = {}
        for room, turn in turns(settings):
            earlier = self._rooms.get(room.id)
            if earlier is not None and room.id not in change.rooms.changed:
                made[room.id] = earlier
                continue
            sources = sources_for(room, make_source, earlier)
            generation = self._generations.get(room.id, -1) + 1
            made[room.id] = Observation(room, around, sources, turn, earlier, generation)
        return made

    def exchange(self, settings: SiteSettings, rooms: dict[str, Observation], sinks: tuple[str, ...]) -> None:
        """Goes on with rooms that were `prepared` for these settings; from now on `sinks` get events."""
        before, self._rooms = self._rooms, rooms
        for room in (*before.values(), *rooms.values()):
            room.desk.sinks = sinks
        gone = {id_: room for id_, room in before.items() if rooms.get(id_) is not room}
        dismiss([fetcher for id_, room in gone.items() for fetcher in room.beside(rooms.get(id_))])
        for id_ in gone.keys() - rooms.keys():
            gone[id_].desk.close(RECONFIGURED)
        for entry in settings.rooms:
            room = rooms[entry.id]
            if room is before.get(entry.id):
                room.settings = entry  # of which at most the names are others
            else:
                room.start()
                self._generations[entry.id] = room.generation
