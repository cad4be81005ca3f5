"""The event service (Core §9): which topics there are, and pull points."""

from __future__ import annotations

from datetime import datetime, timedelta

from homeroom.ports import Site

from .http import Receipt
from .service import Access, Answer, Call, Operation, Table
from .soap import Element, Fault, clark, el, invalid, moment, read_duration, read_moment, text_of
from .subscriptions import LIMIT, MOST, Batch, Busy, Full, PullPoint, PullPoints
from .topics import DIALECTS, BadExpression, Filter, read_expression

SUBSCRIPTION = "/onvif/subscription/"
MOST_EXPRESSIONS = 16  # in one filter
DEFAULT_PERIOD = timedelta(minutes=10)
LONGEST_PERIOD = timedelta(days=1)
LONGEST_PULL = timedelta(minutes=10)


class EventService:
    """Operations of the event service, and those of the pull points that it makes."""

    def __init__(self, site: Site, points: PullPoints) -> None:
        self._site, self._points = site, points

    def operations(self) -> Table:
        """Handlers by operation."""
        before, media = Access.PRE_AUTH, Access.READ_MEDIA
        return {
            clark("tev:GetServiceCapabilities"): Operation(before, self.get_service_capabilities),
            clark("tev:GetEventProperties"): Operation(media, self.get_event_properties),
            clark("tev:CreatePullPointSubscription"): Operation(media, self.create_pull_point_subscription),
            clark("tev:PullMessages"): Operation(media, self.pull_messages),
            clark("tev:SetSynchronizationPoint"): Operation(media, self.set_synchronization_point),
            clark("wsnt:Renew"): Operation(media, self.renew),
            clark("wsnt:Unsubscribe"): Operation(media, self.unsubscribe),
        }

    def get_service_capabilities(self, _call: Call) -> Element:
        """What the service can do."""
        return el("tev:GetServiceCapabilitiesResponse", capabilities())

    def get_event_properties(self, _call: Call) -> Element:
        """All topics with their items, and the filter dialects."""
        return el(
            "tev:GetEventPropertiesResponse",
            el("tev:TopicNamespaceLocation", "http://www.onvif.org/onvif/ver10/topics/topicns.xml"),
            el("wsnt:FixedTopicSet", "false"),  # a site may change what it tells while it runs
            self._points.catalog.topic_set(),
            *(el("wsnt:TopicExpressionDialect", dialect) for dialect in DIALECTS),
            el("tev:MessageContentFilterDialect"),  # an empty one says: no filtering by content
            el("tev:MessageContentSchemaLocation", "http://www.onvif.org/onvif/ver10/schema/onvif.xsd"),
        )

    async def create_pull_point_subscription(self, call: Call) -> Answer:
        """A pull point of the client's own."""
        pick = self._filter(call.body)
        period = self._period(text_of(call.body, "tev:InitialTerminationTime"))
        try:
            point = await self._points.create(call.user, pick, period)
        except Full:
            raise event_fault(
                "wsnt:SubscribeCreationFailedFault", self._site.now(), f"There are {MOST} pull points already"
            ) from None
        reference = el("tev:SubscriptionReference", el("wsa:Address", call.base + SUBSCRIPTION + point.path))
        return Answer(el("tev:CreatePullPointSubscriptionResponse", reference, *self._times("wsnt", point)))

    async def pull_messages(self, call: Call) -> Answer:
        """Waits for messages. They count as delivered when the client shows that it got the answer."""
        point = await self._point(call)
        timeout, limit = self._timeout(call.body), _limit(call.body)
        try:
            batch = await self._points.pull(point, timeout, limit)
        except Busy:
            raise event_fault(
                "wsnt:UnableToGetMessagesFault", self._site.now(), "Another request waits at this pull point"
            ) from None
        if point.gone:
            raise self._unknown()
        body = el(
            "tev:PullMessagesResponse", *self._times("tev", point), *(notice.to_xml() for notice in batch.notices)
        )
        return Answer(body, self._receipt(point, batch) if batch.notices else None)

    async def set_synchronization_point(self, call: Call) -> Answer:
        """Has the present state told again."""
        await self._points.synchronize(await self._point(call))
        return Answer(el("tev:SetSynchronizationPointResponse"))

    async def renew(self, call: Call) -> Answer:
        """Puts off a pull point's end."""
        point = await self._point(call)
        await self._points.renew(point, self._period(text_of(call.body, "wsnt:TerminationTime")))
        current, end = self._times("wsnt", point)
        return Answer(el("wsnt:RenewResponse", end, current))

    async def unsubscribe(self, call: Call) -> Answer:
        """Ends a pull point."""
        await self._points.remove(await self._point(call))
        return Answer(el("wsnt:UnsubscribeResponse"))

    # Reading requests.

    async def _point(self, call: Call) -> PullPoint:
        """The pull point that the request's path names. Raises Fault."""
        path = call.path.removeprefix(SUBSCRIPTION) if call.path.startswith(SUBSCRIPTION) else ""
        point = await self._points.find(path, call.user)
        if point is None:
            raise self._unknown()
        return point

    def _unknown(self) -> Fault:
        return event_fault("wsrf-r:ResourceUnknownFault", self._site.now(), "There is no such pull point, or it ended")

    def _filter(self, body: Element) -> Filter:
        """The topics that a subscription asks for. Raises Fault."""
        found = body.find(clark("tev:Filter"))
        expressions = [] if found is None else list(found)
        if len(expressions) > MOST_EXPRESSIONS:
            raise self._unfit(expressions[0])
        wanted: set[tuple[tuple[str, ...], bool]] = set()
        for expression in expressions:
            if expression.tag != clark("wsnt:TopicExpression"):
                raise self._unfit(expression)
            wanted |= self._expression(expression).wanted
        pick = Filter(frozenset(wanted))
        if not self._points.catalog.wanted(pick):
            raise event_fault(
                "wsnt:TopicNotSupportedFault", self._site.now(), "The filter lets none of this device's topics through"
            )
        return pick

    def _expression(self, expression: Element) -> Filter:
        dialect = expression.get("Dialect", "").strip()
        if dialect not in DIALECTS:
            raise event_fault(
                "wsnt:TopicExpressionDialectUnknownFault", self._site.now(), "Use the dialect Concrete or ConcreteSet"
            )
        try:
            return read_expression(dialect, expression.text or "", expression.nsmap)
        except BadExpression as wrong:
            raise event_fault("wsnt:InvalidTopicExpressionFault", self._site.now(), f"Topic filter: {wrong}") from None

    def _unfit(self, expression: Element) -> Fault:
        local = str(expression.tag).rpartition("}")[2]
        name = "wsnt:MessageContent" if local == "MessageContent" else "wsnt:ProducerProperties"
        return event_fault(
            "wsnt:InvalidFilterFault",
            self._site.now(),
            "Only filters by topic are known here",
            el("wsnt:UnknownFilter", name),
        )

    def _period(self, text: str) -> timedelta:
        """How long a pull point is to live, from an absolute or relative time. Raises Fault."""
        now = self._site.now()
        try:
            period = DEFAULT_PERIOD if not text else read_duration(text) if text[0] == "P" else read_moment(text) - now
        except (ValueError, OverflowError):
            raise invalid("The termination time is neither an xs:dateTime nor an xs:duration") from None
        if period <= timedelta(0):
            raise event_fault(
                "wsnt:UnacceptableInitialTerminationTimeFault",
                now,
                "The termination time is past",
                el("wsnt:MinimumTime", moment(now)),
            )
        return min(period, LONGEST_PERIOD)

    def _timeout(self, body: Element) -> timedelta:
        """How long a pull may wait. Raises Fault."""
        try:
            timeout = read_duration(text_of(body, "tev:Timeout", "PT0S"))
        except ValueError:
            raise invalid("Timeout is no xs:duration") from None
        if timeout > LONGEST_PULL:
            detail = el(
                "tev:PullMessagesFaultResponse", el("tev:MaxTimeout", "PT10M"), el("tev:MaxMessageLimit", LIMIT)
            )
            raise Fault(
                "Receiver", "ter:InvalidArgVal", reason="Timeout is over 10 minutes", detail=detail, addressed=True
            )
        return timeout

    # Writing answers.

    def _times(self, prefix: str, point: PullPoint) -> tuple[Element, Element]:
        """CurrentTime and TerminationTime."""
        return (
            el(f"{prefix}:CurrentTime", moment(self._site.now())),
            el(f"{prefix}:TerminationTime", moment(point.end)),
        )

    def _receipt(self, point: PullPoint, batch: Batch) -> Receipt:
        async def receipt() -> None:
            await self._points.arrived(point, batch)

        return receipt


def capabilities() -> Element:
    """Capabilities of the event service."""
    return el(
        "tev:Capabilities",
        WSSubscriptionPolicySupport=False,
        WSPausableSubscriptionManagerInterfaceSupport=False,
        MaxNotificationProducers=0,
        MaxPullPoints=MOST,
        PersistentNotificationStorage=False,
    )


def _limit(body: Element) -> int:
    """How many messages the client takes at once; whatever it says, at least one and no more than ours."""
    text = text_of(body, "tev:MessageLimit", str(LIMIT))
    digits = text.removeprefix("+")
    if not digits.removeprefix("-").isascii() or not digits.removeprefix("-").isdigit() or len(digits) > 12:
        raise invalid("MessageLimit is no number")
    return max(1, min(int(digits), LIMIT))


def event_fault(name: str, now: datetime, reason: str, *more: Element) -> Fault:
    """A fault of WS-BaseNotification or WS-Resource: a receiver fault with an addressing action (Core §9.9)."""
    detail = el(name, el("wsrf-bf:Timestamp", moment(now)), *more)
    return Fault("Receiver", "ter:Action", name, reason=reason, detail=detail, addressed=True)
