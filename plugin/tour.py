"""A tour: all cameras of a room surveyed at the same time, with how far they are told to whoever waits."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TextIO

from .assembly import make_source
from .errors import BadInput, HomeroomError
from .ports import Model, Source
from .site import CameraSettings, RoomSettings, SiteSettings
from .survey import Survey, Told, survey


@dataclass(slots=True)
class Progress:
    """One line on a terminal that says how far all cameras are; silent elsewhere."""

    label: str
    out: TextIO = field(default_factory=lambda: sys.stderr)
    _done: dict[str, tuple[int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, camera: str) -> Told:
        """What tells of one camera."""

        def told(done: int, wanted: int) -> None:
            with self._lock:
                self._done[camera] = (done, wanted)
                if self.out.isatty():
                    share = sum(one / of for one, of in self._done.values()) / len(self._done)
                    self.out.write(f"\r{self.label}: {100 * share:3.0f} %\x1b[K")
                    self.out.flush()

        return told

    def over(self) -> None:
        """Takes the line away."""
        if self._done and self.out.isatty():
            self.out.write("\r\x1b[K")
            self.out.flush()


def tour(
    room: RoomSettings, cameras: Iterable[CameraSettings], model: Model, seconds: float, pictures: int
) -> Mapping[str, Survey | HomeroomError]:
    """Camera id -> what it showed, or why it showed nothing."""
    stop, progress = threading.Event(), Progress(f"looking at {room.id}")

    sources: list[Source] = []

    def look(camera: CameraSettings) -> Survey | HomeroomError:
        try:
            source = make_source(camera)
            sources.append(source)
            return survey(camera, source, model.detector(), seconds, pictures, progress.of(camera.id), stop=stop)
        except HomeroomError as error:
            return error

    meant = list(cameras)
    with ThreadPoolExecutor(max(1, len(meant))) as threads:
        try:
            return dict(zip((camera.id for camera in meant), threads.map(look, meant), strict=True))
        finally:
            stop.set()  # Ctrl-C ends all cameras, a waiting one too
            for source in sources:
                source.close()
            progress.over()


def chosen(settings: SiteSettings, room: str | None, camera: str | None) -> list[tuple[RoomSettings, list[str]]]:
    """Rooms with the ids of those of their cameras that are meant. Raises BadInput for an id that is not there."""
    rooms = [one for one in settings.rooms if room in (None, one.id)]
    picked = [(one, [each.id for each in one.cameras if camera in (None, each.id)]) for one in rooms]
    found = [(one, cameras) for one, cameras in picked if cameras]
    if not rooms:
        raise BadInput(f"no room {room!r}; there are {', '.join(one.id for one in settings.rooms)}")
    if not found:
        raise BadInput(f"no camera {camera!r} there; there are {', '.join(c.id for one in rooms for c in one.cameras)}")
    return found
