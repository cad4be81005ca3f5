"""What events say on the wire: each on its own topic, and on the standard topic that every VMS knows.

The alias is worded for what clients read today (the items' older names, the boolean first), because nothing else
makes an alarm there; the vendor topic says all that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from homeroom.behaviors import SITE_WIDE, Behavior, Vocabulary
from homeroom.event import Emit, Event, Operation
from homeroom.ports import Place

from .soap import Element, el, moment
from .topics import CONCRETE_SET, OWN_PREFIX, Catalog, Topic

Items = tuple[tuple[str, object], ...]
Rule = tuple[str, str, Place]  # alias, behavior, place
_TOLD = (Emit.EVENT, Emit.ALARM)
_EVENT_ID = f"{OWN_PREFIX}:EventId"  # a vendor's item in an ONVIF topic has a QName (Core §9.4.1)
_SOURCE = (("VideoSource", "tt:ReferenceToken"), ("Rule", "xs:string"), ("Room", "xs:string"))
_SITE_SOURCE = (("Rule", "xs:string"),)  # states of the whole site have neither camera nor room
_DATA = (
    ("State", "xs:boolean"),
    ("EventId", "xs:string"),
    ("Start", "xs:dateTime"),
    ("Likelihood", "xs:float"),
    ("Count", "xs:int"),
    ("Severity", "xs:string"),
    ("Reason", "xs:string"),
)
_ALIAS_SOURCE = (
    ("VideoSourceConfigurationToken", "tt:ReferenceToken"),
    ("VideoAnalyticsConfigurationToken", "tt:ReferenceToken"),
    ("Rule", "xs:string"),
)
_ALIAS_DATA = (("IsInside", "xs:boolean"), (_EVENT_ID, "xs:string"))


@dataclass(frozen=True, slots=True)
class Notice:
    """One tt:Message on its topic."""

    topic: str
    utc: datetime
    operation: Operation
    source: Items
    key: Items
    data: Items

    def to_xml(self) -> Element:
        """The wsnt:NotificationMessage."""
        message = el(
            "tt:Message",
            _group("tt:Source", self.source),
            _group("tt:Key", self.key) if self.key else None,
            _group("tt:Data", self.data),
            UtcTime=moment(self.utc),
            PropertyOperation=self.operation.value,
        )
        return el(
            "wsnt:NotificationMessage",
            el("wsnt:Topic", self.topic, Dialect=CONCRETE_SET),
            el("wsnt:Message", message),
        )


def _group(name: str, items: Items) -> Element:
    return el(name, *(el("tt:SimpleItem", Name=item, Value=value) for item, value in items))


def camel(identifier: str) -> str:
    """`hand-raised` as HandRaised."""
    return "".join(part[:1].upper() + part[1:] for part in identifier.split("-"))


class Narrator:
    """Words the events of one site."""

    def __init__(
        self, vocabulary: Vocabulary, places: Sequence[Place], *, alias: bool, former: Narrator | None = None
    ) -> None:
        """`former` worded them until now: what ended at places that are gone is told as it began."""
        self._vocabulary = vocabulary
        self._places = tuple(places)
        self.cameras: dict[tuple[str, str | None], str] = {
            **(former.cameras if former else {}),
            **{(place.room, place.seat): place.camera for place in places},
        }
        self._alias = alias
        self.catalog = Catalog(self._topics(), vocabulary.topic_namespace)

    def _topics(self) -> Iterator[Topic]:
        told = self._vocabulary.emitted
        for behavior in told:
            if behavior.id in SITE_WIDE:
                yield Topic(behavior.topic, _SITE_SOURCE, (), _DATA)
            else:
                yield Topic(behavior.topic, _SOURCE, (("Seat", "xs:string"),), _DATA)
        for topic in dict.fromkeys(self._aliased(behavior) for behavior in told):
            if topic:
                yield Topic(topic, _ALIAS_SOURCE, (), _ALIAS_DATA)

    def _aliased(self, behavior: Behavior) -> str:
        """Name of the behavior's standard topic, where it has one that is wanted."""
        return (behavior.alias or "") if self._alias else ""

    def notices(self, event: Event) -> tuple[Notice | None, Notice | None]:
        """What an event says on its own topic and on the standard one; None where it says nothing."""
        behavior = self._behavior(event)
        if behavior is None:
            return None, None
        alias = self._aliased(behavior)
        # An alias says yes or no: a new count is no change to it.
        changed = alias and event.operation is not Operation.CHANGED
        return self._own(behavior, event), self._inside(alias, event) if changed else None

    def state(self, current: Iterable[Event], now: datetime) -> list[Notice]:
        """What holds now: each episode that goes on, and for the aliases every place, yes or no."""
        going = self._told(current)
        own = [
            self._own(self._vocabulary[event.behavior], replace(event, operation=Operation.INITIALIZED))
            for event in going
        ]
        return [*own, *self._everywhere(self.rules(), going, now)]

    def news(self, former: Narrator, current: Iterable[Event], now: datetime) -> list[Notice]:
        """What holds now where the former narrator knew of no place or no alias, yes or no."""
        known = set(former.rules())
        return self._everywhere([rule for rule in self.rules() if rule not in known], self._told(current), now)

    def _told(self, current: Iterable[Event]) -> list[Event]:
        return [event for event in current if event.active and self._behavior(event) is not None]

    def rules(self) -> list[Rule]:
        """Alias, behavior and place of each rule that a client may know."""
        return [
            (alias, behavior.id, place)
            for behavior in self._vocabulary.emitted
            if (alias := self._aliased(behavior))
            for place in self._places
        ]

    def _everywhere(self, rules: Iterable[Rule], going: Sequence[Event], now: datetime) -> list[Notice]:
        found = {(event.behavior, event.room, event.seat): event for event in going}
        return [
            self._at(alias, behavior, place, found.get((behavior, place.room, place.seat)), now)
            for alias, behavior, place in rules
        ]

    def _behavior(self, event: Event) -> Behavior | None:
        """The behavior of an event that is told; None for one that is not, or that the vocabulary no longer has."""
        try:
            return self._vocabulary[event.behavior] if event.emit in _TOLD else None
        except KeyError:
            return None

    def _own(self, behavior: Behavior, event: Event) -> Notice:
        source = (("VideoSource", event.camera), ("Rule", camel(event.behavior)), ("Room", event.room))
        data: list[tuple[str, object]] = [
            ("State", event.active),
            ("EventId", event.id),
            ("Start", moment(event.start)),
            ("Likelihood", f"{event.likelihood:.4f}"),
        ]
        if event.count is not None:
            data.append(("Count", event.count))
        data.append(("Severity", event.severity))
        if event.reason:
            data.append(("Reason", event.reason))
        return Notice(
            topic=behavior.topic,
            utc=event.utc,
            operation=event.operation,
            source=tuple(item for item in source if item[1]),
            key=() if event.seat is None else (("Seat", event.seat),),
            data=tuple(data),
        )

    def _inside(self, alias: str, event: Event) -> Notice:
        """The alias of an episode's begin or end. Milestone hears nothing but `Changed`."""
        camera = self.cameras.get((event.room, event.seat), event.camera)
        return Notice(
            topic=alias,
            utc=event.utc,
            operation=Operation.CHANGED,
            source=_alias_source(camera, event.behavior, event.seat or event.room),
            key=(),
            data=(("IsInside", event.active), (_EVENT_ID, event.id)),
        )

    def _at(self, alias: str, behavior: str, place: Place, event: Event | None, now: datetime) -> Notice:
        """The alias of a place at a synchronization point."""
        told: Items = () if event is None else ((_EVENT_ID, event.id),)
        return Notice(
            topic=alias,
            utc=now if event is None else event.utc,
            operation=Operation.INITIALIZED,
            source=_alias_source(place.camera, behavior, place.seat or place.room),
            key=(),
            data=(("IsInside", event is not None), *told),
        )


def _alias_source(camera: str, behavior: str, place: str) -> Items:
    return (
        ("VideoSourceConfigurationToken", camera),
        ("VideoAnalyticsConfigurationToken", camera),
        ("Rule", f"{camel(behavior)}-{place}"),
    )
