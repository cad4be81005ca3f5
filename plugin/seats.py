"""Seats found by looking: places where people sit become polygons with ids, as somebody would draw and count them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

import numpy as np

from .geometry import Box, Polygon
from .occupancy import same_seats
from .placement import to_paste
from .places import Place, find_places
from .room import assign
from .scene import Mode, Scene, SceneObject
from .site import RoomSettings, SeatSettings
from .survey import Survey
from .walls import judged

MARGIN = (0.08, 0.06, 0.04)  # of a box's size: at the sides for leaning, above for raised heads, below for the desk
USUAL = (0.1, 0.9)  # quantiles of where a person's edges are: leaning counts, one wild box does not
NEXT_ROW = 0.15  # of a box's height between lower edges: rows 1.2 m apart, 8 m from a camera 2.4 m up, are 0.2 apart

ID = re.compile(r"([A-Z]{1,2})[0-9]+$")  # as learned seats are called

State = Literal["kept", "new", "redrawn"]


@dataclass(frozen=True, slots=True)
class Learned:
    """A seat after learning. `people` says by which camera somebody was seen there just now."""

    id: str
    views: Mapping[str, Polygon]
    state: State
    people: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned of a room: its seats in order, ids that went, and what somebody must look at."""

    room: str
    seats: tuple[Learned, ...]
    gone: tuple[str, ...]
    notes: tuple[str, ...]
    changed: bool  # whether the manifest does not have them so already


@dataclass(frozen=True, slots=True)
class Stays:
    """The places of one camera's survey: somebody sits there, or stood all the time, or it is but a picture.

    `still` are those of `sitting` who did not move, though it would have shown: asleep, or pictures after all.
    """

    sitting: tuple[Place, ...]
    standing: tuple[Place, ...]
    pictures: tuple[Place, ...]
    still: tuple[Place, ...] = ()


def stays(survey: Survey) -> Stays:
    """Who stayed where in a survey."""
    every = judged(survey, find_places(survey.looks))
    people = [one for one in every if not one.picture]
    return Stays(
        tuple(one.place for one in people if not one.place.stands),
        tuple(one.place for one in people if one.place.stands),
        tuple(one.place for one in every if one.picture),
        tuple(one.place for one in people if one.still and not one.place.stands),
    )


def polygon(place: Place) -> Polygon:
    """Around the person who sits there, desk included, corners to three decimals."""
    boxes = [one.box for _, one in place.sightings if one.axes.get("posture", {}).get("standing", 0.0) < 0.5]
    edges = np.array([(one.left, one.top, one.right, one.bottom) for one in boxes or [place.box]])
    (left, top, _, _), (_, _, right, bottom) = np.quantile(edges, USUAL[0], 0), np.quantile(edges, USUAL[1], 0)
    side, above, below = MARGIN
    wide, tall = right - left, bottom - top
    made = Box(left - side * wide, top - above * tall, right + side * wide, bottom + below * tall).clipped()
    left, top, right, bottom = (round(float(edge), 3) for edge in (made.left, made.top, made.right, made.bottom))
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def rows(places: Sequence[Place]) -> list[list[Place]]:
    """The places row by row, the lowest in the picture (nearest to the camera) first, each from left to right.

    Boxes are compared by their lower edges, which stay when somebody stands up, raises a hand or lays their head down.
    """
    made: list[list[Place]] = []
    for place in sorted(places, key=lambda one: -one.box.bottom):
        last = made[-1][-1] if made else None
        if last is not None:
            apart = (last.box.bottom - place.box.bottom) / ((last.box.height + place.box.height) / 2)
            if apart < NEXT_ROW:
                made[-1].append(place)
                continue
        made.append([place])
    return [sorted(row, key=lambda one: one.box.center[0]) for row in made]


def letters() -> Iterator[str]:
    """A, B, ... Z, AA, AB, ..."""
    for number in count():
        text, left = "", number + 1
        while left:
            left, digit = divmod(left - 1, 26)
            text = chr(ord("A") + digit) + text
        yield text


def at_seats(survey: Survey, places: Sequence[Place], polygons: Mapping[str, Polygon]) -> dict[str, Place]:
    """Which place is at which seat, as the running site would seat the people there."""
    people = [replace(place.sightings[0][1], box=place.box) for place in places]
    objects = tuple(SceneObject(number, one) for number, one in enumerate(people))
    seats = assign(Scene(survey.camera.id, survey.looks[0].utc, Mode.WATCH, objects), polygons)
    numbers = {id(one): number for number, one in enumerate(people)}
    return {seat: places[numbers[id(one)]] for seat, one in seats.items() if one is not None}


def named(order: Sequence[Sequence[Place]], known: Mapping[str, Place], taken: set[str]) -> dict[str, Place]:
    """An id for each place that has none: the row's letter and the next free number; `taken` grows by them.

    A row goes on with the letter of a seat in it that has one, else with the next that no seat of the room has.
    """
    ids = {id(place): seat for seat, place in known.items()}
    made: dict[str, Place] = {}
    for row in order:
        new = [place for place in row if id(place) not in ids]
        if not new:
            continue
        own = [ids[id(place)] for place in row if id(place) in ids]
        letter = next((ID.match(seat)[1] for seat in own if ID.match(seat)), None)  # type: ignore[index]
        used = {found[1] for seat in taken if (found := ID.match(seat))}
        letter = letter or next(one for one in letters() if one not in used)
        free = (f"{letter}{number}" for number in count(1) if f"{letter}{number}" not in taken)
        for place in new:
            seat = next(free)
            taken.add(seat)
            made[seat] = place
    return made


def learn(room: RoomSettings, surveys: Mapping[str, Survey], *, anew: bool = False) -> Lesson:
    """Adds the seats that cameras saw to those of the room; with `anew` what they saw takes the old polygons' place.

    A seat that is there keeps its id and, unless `anew`, its polygons. With `anew` a seat goes where no camera, of
    those surveyed or not, sees it any more; a camera that saw nobody sit changes nothing.
    """
    views: dict[str, dict[str, Polygon]] = {seat.id: dict(seat.views) for seat in room.seats}
    people: dict[str, dict[str, Place]] = {seat.id: {} for seat in room.seats}
    taken: set[str] = set(views)
    notes: list[str] = []
    for camera, survey in surveys.items():
        found = stays(survey)
        places = found.sitting
        notes += _noted(camera, found)
        old = {seat.id: seat.views[camera] for seat in room.seats if camera in seat.views}
        known = at_seats(survey, places, old)
        free = [place for place in places if all(place is not one for one in known.values())]
        joined = _joined(surveys, camera, free, {s: p for s, p in people.items() if camera not in views[s]})
        known |= joined
        new = named(rows(places), known, taken)
        again = anew and bool(places)  # an empty room takes no seat away
        if again:
            for seat in old:
                views[seat].pop(camera)
        drawn = {**joined, **new, **(known if again else {})}
        for seat, place in drawn.items():
            views.setdefault(seat, {})[camera] = polygon(place)
        for seat, place in {**known, **new}.items():
            people.setdefault(seat, {})[camera] = place
    notes += _apart(people, views)
    before = {seat.id: seat.views for seat in room.seats}
    seats = tuple(
        Learned(seat, seen, _state(before.get(seat), seen), people.get(seat, {}))
        for seat, seen in views.items()
        if seen
    )
    gone = tuple(seat for seat, seen in views.items() if not seen)
    changed = bool(gone) or any(seat.state != "kept" for seat in seats)
    return Lesson(room.id, seats, gone, tuple(notes), changed)


def _state(before: Mapping[str, Polygon] | None, now: Mapping[str, Polygon]) -> State:
    return "new" if before is None else "kept" if before == now else "redrawn"


def settings_of(lesson: Lesson) -> tuple[SeatSettings, ...]:
    """The seats as the site manifest has them."""
    return tuple(SeatSettings(seat.id, seat.views) for seat in lesson.seats)


def as_json(seat: SeatSettings) -> dict[str, Any]:
    """The entry of a site manifest; 0 and 1 as people write them."""
    views = {
        camera: [[round(edge) if edge in (0, 1) else edge for edge in corner] for corner in one]
        for camera, one in seat.views.items()
    }
    return {"id": seat.id, "views": views}


def _joined(
    surveys: Mapping[str, Survey], camera: str, free: Sequence[Place], people: Mapping[str, Mapping[str, Place]]
) -> dict[str, Place]:
    """Places that are seats which another camera saw: seat id -> place."""
    found: dict[str, Place] = {}
    for other in surveys:
        theirs = {seat: seen[other] for seat, seen in people.items() if other in seen and seat not in found}
        if other != camera and theirs:
            pairs = same_seats(surveys[other], theirs, surveys[camera], free)
            found |= {seat: free[number] for number, seat in pairs.items()}
    return found


def _noted(camera: str, found: Stays) -> list[str]:
    notes = []
    if not found.sitting:
        notes.append(f"{camera}: nobody was seen to sit; come back when people do")
    if found.standing:
        where = ", ".join("{:.2f},{:.2f}".format(*one.box.center) for one in found.standing)
        notes.append(f"{camera}: who stood all the time made no seat ({where}); draw it by hand if it is one")
    if found.pictures:
        why = (
            "what never moves and is framed, or larger or smaller than people there, is taken for a picture, not a seat"
        )
        notes.append(f"{camera}: {why}; give the camera {to_paste(found.pictures)}")
    if found.still:
        why = f"{len(found.still)} sat so still that it may be a picture after all; it is a seat all the same"
        notes.append(f"{camera}: {why}; if it is none, give the camera {to_paste(found.still)}")
    return notes


def _apart(people: Mapping[str, Mapping[str, Place]], views: Mapping[str, Mapping[str, Polygon]]) -> list[str]:
    """What to say of seats that only one of several cameras has, which may be the same seats."""
    single: dict[str, list[str]] = {}
    for seat, seen in people.items():
        if len(seen) == 1 and len(views[seat]) == 1:
            single.setdefault(next(iter(seen)), []).append(seat)
    if len(single) < 2:
        return []
    said = "; ".join(f"{camera} {', '.join(seats)}" for camera, seats in single.items())
    why = f"nobody came or went so that seats of two cameras could be told to be the same: {said}"
    return [f"{why}. Where two are, put both views under one id and delete the other, else each counts for itself"]
