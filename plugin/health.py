"""Health of one camera as events, from what it shows: nothing, always the same, too little, or another view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .behaviors import CAMERA_COVERED, CAMERA_DARK, CAMERA_FROZEN, CAMERA_OFFLINE, Vocabulary
from .condition import Condition
from .event import Emit, Event
from .picture import Gap
from .rule import MakeId
from .scene import Mode, Scene
from .sight import Shown, Sight

OURS = ("overloaded", "clock jump")  # gaps that are no fault of the camera
FROM_PICTURES = (CAMERA_OFFLINE, CAMERA_FROZEN, CAMERA_DARK, CAMERA_COVERED)
SCANS = 2  # in a row that must show a state, however far apart they are

Conditions = dict[str, Condition]


def conditions(vocabulary: Vocabulary, states: tuple[str, ...], room: str, camera: str, make_id: MakeId) -> Conditions:
    """A condition for each of these health states that is wanted at the site."""
    wanted = [vocabulary[state] for state in states if vocabulary[state].emit is not Emit.NONE]
    return {one.id: Condition(one, room, camera, make_id) for one in wanted}


@dataclass(slots=True)
class CameraHealth:
    """What the views of one camera say of it, on the pictures' clock. `conditions` are those of FROM_PICTURES."""

    conditions: Conditions
    sight: Sight
    _looks: int = SCANS  # until a picture says how the camera is looked at

    def update(self, view: Scene | Gap) -> Iterator[Event]:
        """Events that this view of the camera brings about."""
        if isinstance(view, Scene):
            self._looks = SCANS if view.mode is Mode.SCAN else 1
            shown = {CAMERA_OFFLINE: Shown()}
            if view.quality is not None:
                shown |= self.sight.judge(view.utc, view.quality)
        else:
            for condition in self.conditions.values():
                if condition.behavior.id != CAMERA_OFFLINE:
                    condition.unseen()
            ours = view.reason.startswith(OURS)
            shown = {} if ours else {CAMERA_OFFLINE: Shown(view.reason or "no picture", view.start)}
        for state, one in shown.items():
            if state in self.conditions:
                yield from self.conditions[state].update(view.utc, one.reason, one.since, self._looks)

    def end(self, utc: datetime, reason: str) -> Iterator[Event]:
        """Ends what goes on."""
        for condition in self.conditions.values():
            yield from condition.end(utc, reason)
