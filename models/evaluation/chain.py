"""The whole chain on recordings with ground truth by seat: rooms, seats and rules, and the events they tell.

The same room and the same rules run twice over the labelled instants: once on what the model found, once on the labels.
What the second run tells is what the site should have told; the first is held against it. So a behavior that did not
last long enough to be told is asked of nobody, and what remains is the share of model and seats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

from homeroom.behaviors import Vocabulary
from homeroom.desk import freshness
from homeroom.errors import BadInput
from homeroom.event import Emit, Event, Operation, event_id
from homeroom.room import ABSENT, Room, Seat, SeatState, SeatStates
from homeroom.rule import HOLD, BehaviorRule
from homeroom.scene import Mode, make_scene
from homeroom.site import CameraSettings, RoomSettings, SiteSettings

from .intervals import NOTHING, Figure, wilson
from .labels import LabelledPicture
from .outcome import Outcome
from .pictures import START

Take = Mapping[str, Sequence[Outcome]]  # one lesson's recordings: camera -> labelled pictures in order of time


@dataclass(frozen=True, slots=True)
class Episode:
    """A behavior at a seat from `start` to `end`."""

    behavior: str
    seat: str
    start: datetime
    end: datetime

    def overlap(self, other: Episode) -> timedelta:
        """For how long both went on at one seat."""
        same = (self.behavior, self.seat) == (other.behavior, other.seat)
        return max(timedelta(0), min(self.end, other.end) - max(self.start, other.start)) if same else timedelta(0)

    def at(self, utc: datetime) -> bool:
        """Whether it went on then."""
        return self.start <= utc < self.end


def camera_of(picture: LabelledPicture, settings: SiteSettings) -> tuple[RoomSettings, CameraSettings]:
    """The site's camera that took a picture. BadInput where the labels do not say, or name another."""
    cameras = {camera.id: (room, camera) for room, camera in settings.cameras}
    if picture.camera in cameras:
        return cameras[picture.camera]
    if not picture.camera and len(cameras) == 1:
        return next(iter(cameras.values()))
    named = f"camera {picture.camera!r}" if picture.camera else "no camera"
    raise BadInput(f"{picture.path}: the labels name {named}; the site has {', '.join(cameras)}")


def chain(outcomes: Sequence[Outcome], settings: SiteSettings) -> dict[str, Any]:
    """Behavior -> figures of its events (precision, recall) and of the time that it was on (agreement).

    Of recordings alone: stills have no before and after, and give nothing here. Raises BadInput.
    """
    outcomes = [one for one in outcomes if one.picture.at is not None]
    if not outcomes:
        return {}
    behaviors = [one.id for one in settings.vocabulary.behaviors.values() if one.emit is not Emit.NONE]
    true: list[Episode] = []
    told: list[Episode] = []
    shared: dict[str, list[int]] = {behavior: [0, 0] for behavior in behaviors}
    offset = timedelta(0)
    for room, take in takes(outcomes, settings):
        should, did, instants = _played(room, take, settings.vocabulary, START + offset)
        for behavior in behaviors:
            both, either = _shared(should, did, instants, behavior)
            shared[behavior][0] += both
            shared[behavior][1] += either
        true, told = true + should, told + did
        offset += timedelta(days=1)  # so that no episode of one lesson overlaps with another's
    return {behavior: _figures(behavior, true, told, shared[behavior]) for behavior in behaviors}


def in_scene(one: Outcome, settings: SiteSettings) -> Outcome:
    """What the site makes of a picture: nobody in its excluded areas is scored, and arms go back to their owners."""
    camera = camera_of(one.picture, settings)[1]
    scene = make_scene(camera.id, START, camera.mode, one.detections, camera.exclude)
    picture = replace(one.picture, ignore=(*one.picture.ignore, *camera.exclude))
    return replace(one, picture=picture, detections=tuple(each.detection for each in scene.objects))


def takes(outcomes: Sequence[Outcome], settings: SiteSettings) -> Iterator[tuple[RoomSettings, Take]]:
    """Each room's lessons. The first recordings of a room's cameras belong together, then the second ones, ..."""
    rooms: dict[str, RoomSettings] = {}
    found: dict[str, dict[str, dict[str, list[Outcome]]]] = {}
    for one in outcomes:
        room, camera = camera_of(one.picture, settings)
        rooms[room.id] = room
        found.setdefault(room.id, {}).setdefault(camera.id, {}).setdefault(str(one.picture.path), []).append(one)
    for id_, cameras in found.items():
        for number in range(max(map(len, cameras.values()))):
            files = {camera: list(of.values()) for camera, of in cameras.items()}
            take = {camera: sorted(of[number], key=_at) for camera, of in files.items() if number < len(of)}
            yield rooms[id_], take


def _at(outcome: Outcome) -> float:
    return round(outcome.picture.at or 0.0, 3)


def _played(
    room: RoomSettings, take: Take, vocabulary: Vocabulary, begin: datetime
) -> tuple[list[Episode], list[Episode], list[tuple[datetime, frozenset[str]]]]:
    """What should have been told, what was, and the instants with the seats that were labelled in them."""
    cameras = {camera.id: camera for camera in room.cameras if camera.id in take}
    seats = [Seat(seat.id, {id_: area for id_, area in seat.views.items() if id_ in cameras}) for seat in room.seats]
    seats = [seat for seat in seats if seat.views]
    if not seats:
        raise BadInput(
            f"room {room.id}: none of its seats is seen by a labelled camera; `homeroom seats learn` finds them"
        )
    steps = {id_: _step([_at(one) for one in take[id_]], cameras[id_].step) for id_ in cameras}
    for id_, step in steps.items():
        if cameras[id_].mode is Mode.WATCH and step > HOLD:
            told = f"camera {id_} is watched, and labelled every {step.total_seconds():g} s"
            raise BadInput(f"{told}: label it at least every {HOLD.total_seconds():g} s, or make its mode scan")
    at_work = Room(room.id, seats, freshness(steps))
    rules = [[_rule(room.id, behavior, vocabulary) for behavior in vocabulary.behaviors] for _ in range(2)]
    should: list[Event] = []
    did: list[Event] = []
    instants = []
    for at, looks in _instants(take):
        utc = begin + timedelta(seconds=at)
        for id_, one in looks:
            camera = cameras[id_]
            scene = make_scene(id_, utc, camera.mode, one.detections, camera.exclude)
            did += _events(rules[0], at_work.observe(scene))
        states = _true_states(room.id, seats, looks, utc, cameras[looks[0][0]])
        should += _events(rules[1], states)
        instants.append((utc, frozenset(state.seat for state in states.states)))
    for made, events in zip(rules, (did, should), strict=True):
        events += [event for rule in made for event in rule.end(instants[-1][0], "end of source")]
    return _episodes(should), _episodes(did), instants


def _rule(room: str, behavior: str, vocabulary: Vocabulary) -> BehaviorRule:
    return BehaviorRule(room, vocabulary.behaviors[behavior], partial(event_id, "evaluation", "labels"))


def _step(times: Sequence[float], otherwise: timedelta) -> timedelta:
    """From one labelled picture to the next."""
    apart = [later - earlier for earlier, later in pairwise(times) if later > earlier]
    return timedelta(seconds=median(apart)) if apart else otherwise


def _instants(take: Take) -> Iterator[tuple[float, list[tuple[str, Outcome]]]]:
    """Each labelled instant with the pictures of it, by camera."""
    found: dict[float, list[tuple[str, Outcome]]] = {}
    for camera in sorted(take):
        for one in take[camera]:
            found.setdefault(_at(one), []).append((camera, one))
    yield from sorted(found.items(), key=lambda item: item[0])


def _true_states(
    room: str, seats: Sequence[Seat], looks: Sequence[tuple[str, Outcome]], utc: datetime, camera: CameraSettings
) -> SeatStates:
    """The labels as states of the seats that these cameras see; who is labelled by any of them is there."""
    seen = {id_ for id_, _ in looks}
    there = {one.seat: one.axes for _, outcome in looks for one in outcome.picture.people if one.seat}
    states = tuple(
        SeatState(
            seat.id,
            {"posture": {}, **{axis: {value: 1.0} for axis, value in there[seat.id].items()}}
            if seat.id in there
            else ABSENT,
            camera.id,
        )
        for seat in seats
        if seen & set(seat.views)
    )
    return SeatStates(room, utc, camera.mode, states)


def _events(rules: Iterable[BehaviorRule], states: SeatStates) -> list[Event]:
    return [event for rule in rules for event in rule.update(states)]


def _episodes(events: Iterable[Event]) -> list[Episode]:
    return [
        Episode(one.behavior, one.seat or "", one.start, one.utc)
        for one in events
        if one.operation is Operation.DELETED
    ]


def _shared(
    should: Sequence[Episode],
    did: Sequence[Episode],
    instants: Sequence[tuple[datetime, frozenset[str]]],
    behavior: str,
) -> tuple[int, int]:
    """Over labelled instants and seats: how often the behavior was on in both runs, and how often in either."""
    both = either = 0
    for utc, seats in instants:
        true, told = (
            {one.seat for one in episodes if one.behavior == behavior and one.at(utc)} & seats
            for episodes in (should, did)
        )
        both += len(true & told)
        either += len(true | told)
    return both, either


def pairs(true: Sequence[Episode], told: Sequence[Episode]) -> list[tuple[Episode, Episode]]:
    """Episodes that are the same: those that overlap longest first, each once."""
    fits = sorted(
        (
            (one.overlap(other), -i, -j)
            for i, one in enumerate(true)
            for j, other in enumerate(told)
            if one.overlap(other) > timedelta(0)
        ),
        reverse=True,
    )
    first: dict[int, int] = {}
    for _, i, j in fits:
        if i not in first and j not in first.values():
            first[i] = j
    return [(true[-i], told[-j]) for i, j in first.items()]


def _figures(behavior: str, true: Sequence[Episode], told: Sequence[Episode], shared: Sequence[int]) -> dict[str, Any]:
    should = [one for one in true if one.behavior == behavior]
    did = [one for one in told if one.behavior == behavior]
    same = pairs(should, did)
    late = [abs((other.start - one.start).total_seconds()) for one, other in same]
    both, either = shared
    return {
        "precision": wilson(len(same), len(did)),
        "recall": wilson(len(same), len(should)),
        # instants follow each other and are no independent observations: no interval
        "agreement": Figure(both / either, None, None, either) if either else NOTHING,
        "start_differs_s": round(median(late), 2) if late else None,
    }
