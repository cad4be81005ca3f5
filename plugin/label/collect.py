"""Collecting: pictures of a site's own cameras, one after the other, until there are as many as were asked for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from homeroom.clock import Clock
from homeroom.errors import BadInput, HomeroomError, Unavailable
from homeroom.picture import Frame, Gap
from homeroom.ports import Detector, Model, Source
from homeroom.scene import make_scene
from homeroom.site import CameraSettings, RoomSettings, SiteSettings
from homeroom.survey import Looking

from .collection import Collection
from .marks import axes_of
from .permit import Permit
from .still import Person, Still, id_of, proposal, still_of

TOGETHER = 32  # cameras at the same time
PATIENCE = 2  # times as long as it should take, a live camera is waited for

MakeSource = Callable[[CameraSettings], Source]


@dataclass(frozen=True, slots=True)
class Share:
    """How many stills of one camera there shall be."""

    room: RoomSettings
    camera: CameraSettings
    count: int


def shares(cameras: Sequence[tuple[RoomSettings, CameraSettings]], count: int) -> list[Share]:
    """So many stills in all, spread evenly over cameras; where there are fewer than cameras, the first have one."""
    each, more = divmod(count, len(cameras))
    made = [Share(room, camera, each + (number < more)) for number, (room, camera) in enumerate(cameras)]
    return [one for one in made if one.count]


@dataclass(frozen=True, slots=True)
class Collector:
    """Takes stills into a collection. `models` propose people, by the id of their room; an empty one proposes nobody.

    `every` is the seconds from one still of a camera to its next. A recording is spread over its whole length, if
    that is shorter.
    """

    collection: Collection
    permit: Permit
    settings: SiteSettings
    models: Mapping[str, Model]
    make_source: MakeSource
    clock: Clock
    every: float
    told: Callable[[int], None] = lambda _: None

    def collect(self, wanted: Sequence[Share]) -> list[str]:
        """Takes what is missing of each share, all cameras at once, and says which camera gave fewer, and why.

        Raises BadInput where they cannot be kept.
        """
        there, stop = Counter(one.camera for one in self.collection.stills()), threading.Event()
        sources: list[Source] = []
        taken: list[str] = []

        def take(share: Share) -> str:
            stills = self._stills(share, there[share.camera.id], sources, stop)
            while True:
                try:
                    one = next(stills, None)
                except HomeroomError as error:  # of this camera; the others go on
                    return f"camera {share.camera.id}: {error}"
                if one is None:
                    return ""
                try:
                    self._keep(one, bool(taken))
                except BadInput:
                    stop.set()  # nothing of any camera can be kept now
                    raise
                taken.append(one.id)
                self.told(len(taken))

        with ThreadPoolExecutor(min(TOGETHER, max(1, len(wanted)))) as threads:
            try:
                lines = list(threads.map(take, wanted))
            finally:
                stop.set()  # Ctrl-C, or a full disk, ends all cameras, a waiting one too
                for source in sources:
                    source.close()
        return [line for line in lines if line]

    def _keep(self, one: Still, begun: bool) -> None:
        if begun and not self.collection.ids():
            raise BadInput("the frames were erased meanwhile; what is still to come is not taken")
        self.collection.add(one, self.permit)

    def _stills(self, share: Share, there: int, sources: list[Source], stop: threading.Event) -> Iterator[Still]:
        """What is missing of a share. A recording is sampled as before, and what is there already is left out."""
        missing = share.count - there
        if missing <= 0:
            return
        source = self.make_source(share.camera)
        sources.append(source)
        known = set(self.collection.ids())
        count = PATIENCE * missing if source.live else share.count
        model = self.models.get(share.room.id)
        detector, reason = model.detector() if model else None, ""
        for item in Looking(share.camera, source, self.every * count, count, self.clock, stop).frames():
            if isinstance(item, Gap):
                reason = item.reason
            elif id_of(share.camera.id, item.utc) not in known:
                yield still_of(item, share.room.id, self.clock.now(), self._proposed(share.camera, item, detector))
                missing -= 1
            if not missing:
                return
        raise Unavailable(f"{missing} fewer than wanted{f': {reason}' if reason else ''}; collect again")

    def _proposed(self, camera: CameraSettings, frame: Frame, detector: Detector | None) -> Sequence[Person]:
        if detector is None:
            return ()
        scene = make_scene(camera.id, frame.utc, camera.mode, detector.detect([frame])[0], camera.exclude)
        axes = axes_of(self.settings.vocabulary.axes)
        found = (proposal(one.detection, axes) for one in scene.objects)
        return [person for person in found if person is not None]
