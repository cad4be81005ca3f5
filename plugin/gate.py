"""The Gate: the one place that decides what may leave. It stands before store, outbox and describe.

Under granularity `class` no seat id, no box and no object id passes: events name the room and count people.
Everything here is pure: what it must remember between calls travels in a Tally, and a Tally holds no seat either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from .behaviors import UNCERTAIN, Vocabulary
from .detection import Distribution
from .event import Event, Operation
from .policy import Pack
from .room import SeatState, SeatStates
from .rule import MakeId
from .scene import Scene

CLASS, SEAT = "class", "seat"
FEWEST = 5  # people, below which a total speaks of each of them
SURE = 0.5  # a value under this probability is told as uncertain


@dataclass(frozen=True, slots=True)
class Tally:
    """What goes on in a room as the outside knows it: behavior -> the room's last message, with its count.

    `ended` says when a behavior last ended there: the next episode does not begin before.
    """

    going: Mapping[str, Event] = field(default_factory=dict)
    ended: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What may be said of a place at an instant: `count` people show `value` on `axis`.

    `samples` of them were looked at just now, with `confidence` in sum; the others are known from another camera.
    """

    seat: str | None
    axis: str
    value: str
    count: int
    samples: int
    confidence: float
    model: str


def settle(over: Distribution) -> tuple[str, float]:
    """The value that a distribution speaks for, and its probability; uncertain where none reaches one half."""
    value, probability = max(over.items(), key=lambda item: item[1], default=(UNCERTAIN, 0.0))
    return (value, probability) if probability >= SURE else (UNCERTAIN, 1.0 - probability)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets out what policy and granularity allow. Making one raises Forbidden where the pack says no."""

    pack: Pack
    granularity: str
    grounds: Mapping[str, str]
    vocabulary: Vocabulary
    observers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for capability in (f"behavior.{self.granularity}", *self.observers):
            self.pack.admit(capability, self.grounds)

    def events(self, tally: Tally, events: Iterable[Event], make_id: MakeId, camera: str) -> tuple[Tally, list[Event]]:
        """What may leave of one frame's events of a room, and the tally after it; `camera` is the room's first.

        Events of cameras (no seat) pass as they are; those of seats become at most one per behavior, of the room.
        """
        if self.granularity == SEAT:
            return tally, list(events)
        out: list[Event] = []
        by_behavior: dict[str, list[Event]] = {}
        for event in events:
            if event.seat is None:
                out.append(event)
            else:
                by_behavior.setdefault(event.behavior, []).append(event)
        going, ended = dict(tally.going), dict(tally.ended)
        for behavior, each in by_behavior.items():
            told = counted(going.pop(behavior, None), each, ended.get(behavior), make_id, camera)
            if told is not None and told.active:
                going[behavior] = told
            elif told is not None:
                ended[behavior] = told.utc
            if told is not None and told != tally.going.get(behavior):
                out.append(told)
        return Tally(going, ended), out

    def scene(self, scene: Scene) -> Scene:
        """The scene as it may leave, without a sketch of the room; under `class` it only counts people by behavior."""
        totals = {observer: over for observer, over in scene.totals.items() if _many(over)}
        if self.granularity == SEAT:
            return replace(scene, totals=totals, quality=None)
        counts = Counter(
            behavior.id
            for one in scene.objects
            for behavior in self.vocabulary.behaviors.values()
            if behavior.probability(one.detection.axes) >= behavior.debounce.on
        )
        return replace(scene, objects=(), counts=dict(counts), totals=totals, quality=None)

    def findings(self, updated: SeatStates, whole: SeatStates) -> list[Finding]:
        """What the store may keep of the `updated` seats, or of the `whole` room; of unobserved seats nothing."""
        states = updated if self.granularity == SEAT else whole
        now = {state.seat for state in updated.states}
        each = [
            _finding(state, axis, looked_at=state.seat in now)
            for state in states.states
            if state.observed
            for axis in self.vocabulary.axes
            if axis == "posture" or state.model  # an empty seat has a posture, absent, and no more
        ]
        return each if self.granularity == SEAT else _summed(each)

    def totals(self, scene: Scene) -> list[Finding]:
        """What the store may keep of a picture's totals: of a class, never of a few."""
        return [
            Finding(None, observer, value, count, count, 0.0, observer)
            for observer, over in scene.totals.items()
            if _many(over)
            for value, count in over.items()
            if count
        ]


def _many(over: Mapping[str, int]) -> bool:
    """Whether a total is of so many people that it speaks of none of them."""
    return sum(over.values()) >= FEWEST


def _finding(state: SeatState, axis: str, *, looked_at: bool) -> Finding:
    value, confidence = settle(state.axes.get(axis, {}))
    return Finding(state.seat, axis, value, 1, int(looked_at), confidence if looked_at else 0.0, state.model)


def _summed(findings: Iterable[Finding]) -> list[Finding]:
    sums: dict[tuple[str, str], Finding] = {}
    for one in findings:
        so_far = sums.get((one.axis, one.value))
        sums[one.axis, one.value] = replace(
            one,
            seat=None,
            count=one.count + (so_far.count if so_far else 0),
            samples=one.samples + (so_far.samples if so_far else 0),
            confidence=one.confidence + (so_far.confidence if so_far else 0.0),
            model=one.model or (so_far.model if so_far else ""),
        )
    return list(sums.values())


def counted(
    going: Event | None, events: Sequence[Event], last_end: datetime | None, make_id: MakeId, camera: str
) -> Event | None:
    """The room's message after these events of its seats: begun, changed in number, ended, or the same as before.

    It speaks of a number of people, so neither one person's likelihood nor the camera that saw them stands in it.
    """
    change = sum(1 if event.active else -1 for event in events)
    last = events[-1]
    if going is None:
        began = next((event for event in events if event.active), last)
        start = max(began.start, last_end or began.start)  # a room's episodes of a behavior never overlap
        id_ = make_id(began.room, None, began.behavior, start)
        room = replace(began, id=id_, seat=None, start=start, count=change, likelihood=1.0, camera=camera)
        return room if change > 0 else None
    if change == 0:
        return going
    count = (going.count or 0) + change
    operation = Operation.CHANGED if count > 0 else Operation.DELETED
    return going.with_(operation, last.utc, last.reason if count <= 0 else "", max(count, 0))
