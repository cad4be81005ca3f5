"""A room: its seats, what each camera last saw of them, and what all cameras together say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .detection import Detection, Distribution
from .geometry import Box, Polygon, area, contains, share_inside
from .picture import Gap
from .scene import Mode, Scene

ABSENT: Mapping[str, Distribution] = {"posture": {"absent": 1.0}}
ENOUGH_INSIDE = 0.3  # share of a person's box that must lie in a seat's polygon


@dataclass(frozen=True, slots=True)
class Seat:
    """A named place, never a pupil: camera id -> polygon (0..1) in which that camera sees the person there."""

    id: str
    views: Mapping[str, Polygon]


@dataclass(frozen=True, slots=True)
class SeatState:
    """What is known of a seat at one instant. Unobserved is not absent: then `axes` is empty.

    `camera` sees the seat best; `model` and `likelihood` are those of the best detection ("" and 1.0 where none).
    """

    seat: str
    axes: Mapping[str, Distribution]
    camera: str
    likelihood: float = 1.0
    model: str = ""

    @property
    def observed(self) -> bool:
        """Whether any camera saw the seat lately."""
        return bool(self.axes)


@dataclass(frozen=True, slots=True)
class SeatStates:
    """States of those seats of a room that one view told something about.

    Views of several cameras less than `spacing` apart belong to one look at the room.
    """

    room: str
    utc: datetime
    mode: Mode
    states: tuple[SeatState, ...]
    spacing: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class _View:
    """What a camera last saw: seat -> detection, for each of its seats (None: nobody there)."""

    utc: datetime
    seats: Mapping[str, Detection | None]


def _overlap(box: Box, polygon: Polygon) -> float:
    """Intersection over union of a person's box and a seat's polygon; 0 where the person is not in it."""
    share = share_inside(box, polygon)
    if share < ENOUGH_INSIDE and not contains(polygon, box.center):
        return 0.0
    both = share * box.area
    return both / (box.area + area(polygon) - both)


def assign(scene: Scene, polygons: Mapping[str, Polygon]) -> dict[str, Detection | None]:
    """Gives each seat at most one person and each person at most one seat, best fits first."""
    fits = sorted(
        (
            (_overlap(one.detection.box.clipped(), polygon), one.detection.likelihood, seat, number)
            for number, one in enumerate(scene.objects)
            for seat, polygon in polygons.items()
        ),
        reverse=True,
    )
    seated: dict[str, Detection | None] = dict.fromkeys(polygons)
    placed: set[int] = set()
    for fit, _, seat, number in fits:
        if fit > 0 and seated[seat] is None and number not in placed:
            seated[seat] = scene.objects[number].detection
            placed.add(number)
    return seated


def fuse(views: Sequence[tuple[str, Detection | None]]) -> tuple[Mapping[str, Distribution], str, float, str]:
    """One answer from several cameras: (axes, best camera, likelihood, model).

    Somebody seen by any camera is there; who is hidden from one is not absent. Over each axis the distributions are
    averaged with weight likelihood x height of the box, since the nearer view shows more; a camera whose model lacks
    the axis has no say in it.
    """
    seen = [(camera, one) for camera, one in views if one is not None]
    if not seen:
        return ABSENT, views[0][0], 1.0, ""
    weights = {camera: one.likelihood * one.box.height for camera, one in seen}
    best, detection = max(seen, key=lambda view: weights[view[0]])
    axes: dict[str, Distribution] = {}
    for axis in sorted({axis for _, one in seen for axis in one.axes}):
        voters = [(weights[camera], one.axes[axis]) for camera, one in seen if axis in one.axes]
        total = sum(weight for weight, _ in voters) or 1.0
        axes[axis] = {
            value: sum(weight * over.get(value, 0.0) for weight, over in voters) / total
            for value in sorted({value for _, over in voters for value in over})
        }
    return {"posture": {}, **axes}, best, detection.likelihood, detection.model


@dataclass(slots=True)
class Room:
    """Owns the seats of one room. Single-threaded; views must come in order of (utc, camera).

    `fresh` says for each camera how long its last view holds.
    """

    id: str
    seats: Sequence[Seat]
    fresh: Mapping[str, timedelta]
    _views: dict[str, _View] = field(default_factory=dict)
    _modes: dict[str, Mode] = field(default_factory=dict)

    def observe(self, view: Scene | Gap) -> SeatStates:
        """Takes what one camera saw, or that it saw nothing, and tells the states of that camera's seats."""
        polygons = {seat.id: seat.views[view.camera] for seat in self.seats if view.camera in seat.views}
        if isinstance(view, Scene):
            self._views[view.camera] = _View(view.utc, assign(view, polygons))
            self._modes[view.camera] = view.mode
        else:
            self._views.pop(view.camera, None)
        states = tuple(self._state(seat, view.utc, view.camera) for seat in self.seats if seat.id in polygons)
        spacing = self.fresh[view.camera] / 3  # a view holds for one and a half steps: this is half a step
        return SeatStates(self.id, view.utc, self._modes.get(view.camera, Mode.WATCH), states, spacing)

    def whole(self, utc: datetime, mode: Mode) -> SeatStates:
        """The states of all seats of the room as they are known at `utc`."""
        return SeatStates(
            self.id, utc, mode, tuple(self._state(seat, utc, next(iter(seat.views))) for seat in self.seats)
        )

    def _state(self, seat: Seat, utc: datetime, camera: str) -> SeatState:
        lately = [
            (name, self._views[name].seats[seat.id])
            for name in seat.views
            if name in self._views and utc - self._views[name].utc <= self.fresh[name]
        ]
        if not lately:
            return SeatState(seat.id, {}, camera)
        axes, best, likelihood, model = fuse(lately)
        return SeatState(seat.id, axes, best, likelihood, model)
