"""Pull points tell every event, whatever becomes of client and device."""

from __future__ import annotations

import asyncio
import json
import re
import select
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.adapters.onvif.notices import Narrator
from homeroom.adapters.onvif.subscriptions import Batch, PullPoint, PullPoints
from homeroom.adapters.onvif.topics import Filter
from homeroom.event import Event, Operation
from homeroom.manifest import load_vocabulary
from homeroom.ports import Logged

from .fake_site import T0, FakeSite, event, over, serving, tell
from .peer import Peer, Told, connected, pull, pull_request, soap, subscribe, token, told

HAND = "tns1:RuleEngine/hr:Behavior/HandRaised"
INSIDE = "tns1:RuleEngine/FieldDetector/ObjectsInside"
OWN = "tns1:RuleEngine//."  # with a filter of its own, a pull point is told apart from others
STATE = 12


def until(condition: Callable[[], object]) -> None:
    """Waits for a condition that another thread brings about."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come about in 10 s")


def positions(site: FakeSite) -> list[int]:
    """How far each remembered pull point has surely come."""
    return [json.loads(one)["position"] for one in site.memory.values()]


def ids(messages: Sequence[Told], topic: str = HAND) -> list[str]:
    """Event ids on one topic."""
    return [one.event_id for one in messages if one.topic == topic]


def begun(peer: Peer) -> str:
    """Path of a new pull point whose state was told."""
    path = subscribe(peer)
    assert len(pull(peer, path)) >= STATE
    return path


# What is told.


def test_at_first_a_client_hears_what_goes_on_and_where_nothing_does(site: FakeSite, device: OnvifDevice) -> None:
    hand, ended, reading = event(), event("standing"), event("reading")
    site.write(hand, ended, reading, over(ended))
    with connected(device) as peer:
        messages = pull(peer, subscribe(peer))
    own, aliases = messages[0], messages[1:]
    assert (own.topic, own.operation, own.data["State"], own.event_id) == (HAND, "Initialized", "true", str(hand.id))
    assert {one.topic for one in aliases} == {INSIDE}
    assert len(aliases) == STATE
    inside = {one.source["Rule"]: (one.operation, one.data["IsInside"], one.event_id) for one in aliases}
    assert inside.pop("HandRaised-s1") == ("Initialized", "true", str(hand.id))
    assert set(inside.values()) == {("Initialized", "false", "")}
    assert "HeadOnDesk-r2" in inside


def test_an_event_says_all_that_is_known(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    hand = event(likelihood=0.5, severity="warning")
    tell(site, device, hand, over(hand, "unobserved"))
    first, first_alias, last, last_alias = pull(peer, path)
    assert first.utc == "2026-11-24T09:00:00.125Z"
    assert first.source == {"VideoSource": "cam1", "Rule": "HandRaised", "Room": "r1"}
    assert first.key == {"Seat": "s1"}
    assert list(first.data.items()) == [
        ("State", "true"),
        ("EventId", str(hand.id)),
        ("Start", "2026-11-24T09:00:00.125Z"),
        ("Likelihood", "0.5000"),
        ("Severity", "warning"),
    ]
    assert (last.operation, last.data["State"], last.data["Reason"]) == ("Deleted", "false", "unobserved")
    assert list(first_alias.data.items()) == [("IsInside", "true"), ("hr:EventId", str(hand.id))]
    assert first_alias.source == {
        "VideoSourceConfigurationToken": "cam1",
        "VideoAnalyticsConfigurationToken": "cam1",
        "Rule": "HandRaised-s1",
    }
    assert (last_alias.operation, last_alias.data["IsInside"]) == ("Changed", "false")


def test_a_new_count_is_told_on_our_own_topic_alone(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    room = event(seat=None, count=3)
    tell(site, device, room)
    assert [(one.key, one.data.get("Count")) for one in pull(peer, path) if one.topic == HAND] == [({}, "3")]
    tell(site, device, replace(room, operation=Operation.CHANGED, count=4))
    assert [(one.operation, one.data["Count"]) for one in pull(peer, path)] == [("Changed", "4")]


def test_metadata_and_unknown_behaviors_are_not_told(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    hand = event()
    tell(site, device, event("reading"), event("hopping"), hand)
    assert ids(pull(peer, path)) == [str(hand.id)]


def test_without_aliases_there_are_none(site: FakeSite) -> None:
    site.write(event())
    with serving(site, alias=False) as device, connected(device) as peer:
        assert [one.topic for one in pull(peer, subscribe(peer))] == [HAND]


def test_a_filter_lets_its_topics_through(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = subscribe(peer, "tns1:RuleEngine/FieldDetector//.|tns1:Device//.")
    pull(peer, path)
    tell(site, device, event(), event("camera-offline", None))
    assert [one.topic for one in pull(peer, path)] == [INSIDE, "tns1:Device/hr:Health/CameraOffline"]


def test_a_pull_waits_for_the_first_message(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    peer.send(soap(pull_request("PT30S"), token()), path)
    assert not select.select([peer.socket], [], [], 0.2)[0]
    tell(site, device, event("reading"))  # wakes, and tells nothing
    assert not select.select([peer.socket], [], [], 0.2)[0]
    hand = event()
    tell(site, device, hand)
    assert ids(told(peer.receive())) == [str(hand.id)]


def test_an_empty_answer_comes_no_sooner_than_asked(peer: Peer) -> None:
    path = begun(peer)
    before = datetime.now(UTC)
    assert pull(peer, path, "PT0.3S") == []
    assert datetime.now(UTC) - before >= timedelta(seconds=0.3)


@pytest.mark.parametrize("limit", [-1, 0, 1, 2, 5, 100, 2**31])
def test_no_answer_is_longer_than_asked_and_none_is_a_fault(
    site: FakeSite, device: OnvifDevice, peer: Peer, limit: int
) -> None:
    path = begun(peer)
    events = [event() for _ in range(6)]
    tell(site, device, *events)
    heard: list[Told] = []
    while len(heard) < 12:
        messages = pull(peer, path, limit=limit)
        assert 1 <= len(messages) <= max(1, limit)
        heard += messages
    assert ids(heard) == ids(heard, INSIDE) == [str(one.id) for one in events]


def test_two_pulls_at_once_are_a_fault(device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    peer.send(soap(pull_request("PT30S"), token()), path)
    assert not select.select([peer.socket], [], [], 0.2)[0]
    with connected(device) as other:
        reply = other.ask(pull_request(), path)
    assert (reply.status, reply.fault[-1]) == (500, "wsnt:UnableToGetMessagesFault")


def test_a_synchronization_point_tells_the_state_again(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    hand = event()
    tell(site, device, hand)
    pull(peer, path)
    assert peer.ask("<tev:SetSynchronizationPoint/>", path).status == 200
    messages = pull(peer, path)
    assert {one.operation for one in messages} == {"Initialized"}
    assert ids(messages) == [str(hand.id)]
    assert len(messages) == STATE + 1


def test_what_happens_while_the_state_is_taken_is_not_missed(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    late = event()
    taken = site.current()

    def current() -> Sequence[Event]:
        site.write(late)
        return taken

    site.current = current  # type: ignore[method-assign]
    path = subscribe(peer)
    assert str(late.id) in ids(pull(peer, path) + pull(peer, path))


# Life and end.


def test_an_ended_pull_point_is_unknown(peer: Peer) -> None:
    path = begun(peer)
    assert peer.ask("<wsnt:Unsubscribe/>", path).status == 200
    assert peer.ask(pull_request(), path).fault[-1] == "wsrf-r:ResourceUnknownFault"


def test_unsubscribing_ends_a_pull_that_waits(device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    peer.send(soap(pull_request("PT30S"), token()), path)
    assert not select.select([peer.socket], [], [], 0.1)[0]
    with connected(device) as other:
        assert other.ask("<wsnt:Unsubscribe/>", path).status == 200
    assert peer.receive().fault[-1] == "wsrf-r:ResourceUnknownFault"


def test_a_pull_point_ends_when_nobody_pulls(site: FakeSite, peer: Peer) -> None:
    path = subscribe(peer, ends="PT1M")
    assert site.memory
    site.ahead = 61
    reply = peer.ask(pull_request(), path, token(at=site.now()))
    assert reply.fault[-1] == "wsrf-r:ResourceUnknownFault"
    assert not site.memory


def test_pulling_and_renewing_keep_it_alive(site: FakeSite, peer: Peer) -> None:
    path = subscribe(peer, ends="PT1M")
    for ahead in (50, 100, 150):
        site.ahead = ahead
        assert peer.ask(pull_request(), path, token(at=site.now())).status == 200
    renewal = "<wsnt:Renew><wsnt:TerminationTime>PT1H</wsnt:TerminationTime></wsnt:Renew>"
    assert peer.ask(renewal, path, token(at=site.now())).status == 200
    site.ahead = 3000
    assert peer.ask(pull_request(), path, token(at=site.now())).status == 200


def test_an_end_may_be_a_moment(site: FakeSite, peer: Peer) -> None:
    end = (datetime.now(UTC) + timedelta(minutes=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = subscribe(peer, ends=end)
    renewal = f"<wsnt:Renew><wsnt:TerminationTime>{end}</wsnt:TerminationTime></wsnt:Renew>"
    reply = peer.ask(renewal, path)
    assert reply.text("wsnt:TerminationTime").startswith(end[:-2])
    assert reply.text("wsnt:CurrentTime").endswith("Z")


def test_there_are_so_many_pull_points_and_no_more(peer: Peer) -> None:
    paths = {subscribe(peer) for _ in range(64)}
    assert len(paths) == 64
    reply = peer.ask("<tev:CreatePullPointSubscription/>")
    assert reply.fault[-1] == "wsnt:SubscribeCreationFailedFault"
    peer.ask("<wsnt:Unsubscribe/>", paths.pop())
    assert subscribe(peer)


# Delivered, or not.


def hung(device: OnvifDevice, path: str) -> Peer:
    """A client that got an answer and then said no more."""
    peer = Peer(device)
    assert ids(pull(peer, path))
    return peer


@pytest.fixture
def waiting(site: FakeSite, device: OnvifDevice, peer: Peer) -> tuple[str, str]:
    """Path of a pull point for which an event waits, and the event's id."""
    path = begun(peer)
    hand = event()
    pull(peer, path)  # shows that the state arrived
    tell(site, device, hand)
    return path, str(hand.id)


def test_what_nobody_acknowledged_is_told_again(device: OnvifDevice, peer: Peer, waiting: tuple[str, str]) -> None:
    path, hand = waiting
    other = hung(device, path)
    assert ids(pull(peer, path)) == [hand]
    other.close()


def test_the_next_request_on_the_connection_acknowledges(
    device: OnvifDevice, peer: Peer, waiting: tuple[str, str]
) -> None:
    path, _ = waiting
    other = hung(device, path)
    other.ask("<tds:GetHostname/>", header="")
    assert ids(pull(peer, path)) == []
    other.close()


def test_a_clean_end_acknowledges(site: FakeSite, device: OnvifDevice, peer: Peer, waiting: tuple[str, str]) -> None:
    path, _ = waiting
    before = positions(site)
    hung(device, path).close()
    until(lambda: positions(site) > before)
    assert ids(pull(peer, path)) == []


def test_a_clean_end_of_a_connection_that_we_close_acknowledges(
    site: FakeSite, device: OnvifDevice, peer: Peer, waiting: tuple[str, str]
) -> None:
    path, hand = waiting
    before = positions(site)
    other = Peer(device)
    other.send(soap(pull_request(), token()), path, "Connection: close")
    assert ids(told(other.receive())) == [hand]
    assert other.socket.recv(1) == b""
    assert positions(site) == before
    other.close()
    until(lambda: positions(site) > before)
    assert ids(pull(peer, path)) == []


def test_a_reset_does_not_acknowledge(device: OnvifDevice, peer: Peer, waiting: tuple[str, str]) -> None:
    path, hand = waiting
    hung(device, path).vanish()
    assert ids(pull(peer, path)) == [hand]


def test_an_answer_that_was_never_read_is_not_acknowledged(
    device: OnvifDevice, peer: Peer, waiting: tuple[str, str]
) -> None:
    path, hand = waiting
    other = Peer(device)
    other.send(soap(pull_request(), token()), path)
    select.select([other.socket], [], [], 10)
    other.close()  # with bytes unread: a reset
    assert ids(pull(peer, path)) == [hand]


def test_a_client_that_left_before_the_answer_has_not_got_it(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    pull(peer, path)
    other = Peer(device)
    other.send(soap(pull_request("PT30S"), token()), path)
    assert not select.select([other.socket], [], [], 0.2)[0]
    other.socket.shutdown(socket.SHUT_WR)
    until(lambda: peer.ask(pull_request(), path).status == 200)
    hand = event()
    tell(site, device, hand)
    assert ids(pull(peer, path)) == [str(hand.id)]
    other.close()


def test_a_request_sent_ahead_does_not_acknowledge(device: OnvifDevice, peer: Peer, waiting: tuple[str, str]) -> None:
    path, hand = waiting
    other = Peer(device)
    body = soap(pull_request(), token())
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    other.socket.sendall((head + body) + b"GET /onvif/ HTTP/1.1\r\nHost: x\r\n\r\n")
    assert ids(told(other.receive())) == [hand]
    assert other.receive().status == 405
    assert ids(pull(peer, path)) == [hand]
    other.close()


# Over a restart.


def test_a_pull_point_goes_on_after_a_restart(site: FakeSite) -> None:
    first, second, third = (event() for _ in range(3))
    with serving(site) as device, connected(device) as peer:
        path = begun(peer)
        tell(site, device, first)
        assert ids(pull(peer, path)) == [str(first.id)]
        tell(site, device, second)
        assert ids(pull(peer, path)) == [str(second.id)]
        peer.vanish()
    site.write(third)
    with serving(site) as device, connected(device) as peer:
        assert ids(pull(peer, path)) == [str(second.id), str(third.id)]


def test_a_state_that_did_not_arrive_is_told_after_a_restart(site: FakeSite) -> None:
    with serving(site) as device, connected(device) as peer:
        path = subscribe(peer)
    with serving(site) as device, connected(device) as peer:
        assert [one.operation for one in pull(peer, path)] == ["Initialized"] * STATE


def after_crash(site: FakeSite, pick: str = "", **more: Any) -> list[str]:
    """Ids that a client hears which subscribes anew after a restart."""
    with serving(site, **more) as device, connected(device) as peer:
        path = subscribe(peer, pick)
        pull(peer, path)
        return ids(pull(peer, path))


def crash_before(site: FakeSite, *events: Event, pick: str = "") -> str:
    """Lets a pull point miss events by a restart; its path."""
    with serving(site) as device, connected(device) as peer:
        path = subscribe(peer, pick)
        pull(peer, path)
        pull(peer, path)
    site.write(*events)
    return path


def test_who_subscribes_anew_after_a_restart_inherits(site: FakeSite) -> None:
    hand = event()
    crash_before(site, hand)
    assert after_crash(site) == [str(hand.id)]


def test_who_has_another_filter_does_not_inherit(site: FakeSite) -> None:
    crash_before(site, event())
    assert after_crash(site, OWN) == []


def test_another_user_does_not_inherit_nor_pull(site: FakeSite) -> None:
    path = crash_before(site, event())
    with serving(site, password="", username="other") as device, connected(device) as peer:
        assert peer.ask(pull_request(), path).fault[-1] == "wsrf-r:ResourceUnknownFault"
        mine = subscribe(peer)
        pull(peer, mine)
        assert ids(pull(peer, mine)) == []


def test_what_was_inherited_or_pulled_is_not_inherited_again(site: FakeSite) -> None:
    hand = event()
    path = crash_before(site, hand)
    with serving(site) as device, connected(device) as peer:
        assert ids(pull(peer, path)) == [str(hand.id)]
        other = subscribe(peer)
        pull(peer, other)
        assert ids(pull(peer, other)) == []


def test_each_of_two_heirs_begins_no_later_than_its_own(site: FakeSite) -> None:
    first, second = event(), event()
    crash_before(site, first)
    crash_before(site, second)
    with serving(site) as device, connected(device) as peer:
        for expected in ([first, second], [first, second], []):
            path = subscribe(peer)
            pull(peer, path)
            assert ids(pull(peer, path)) == [str(one.id) for one in expected]


def test_who_unsubscribes_before_subscribing_anew_inherits_too(site: FakeSite) -> None:
    hand = event()
    path = crash_before(site, hand)
    with serving(site) as device, connected(device) as peer:
        assert peer.ask("<wsnt:Unsubscribe/>", path).status == 200
        fresh = subscribe(peer)
        pull(peer, fresh)
        assert ids(pull(peer, fresh)) == [str(hand.id)]


def test_what_ended_long_before_a_restart_is_forgotten(site: FakeSite) -> None:
    path = crash_before(site, event())
    site.ahead = 3600
    with serving(site) as device, connected(device) as peer:
        assert not site.memory
        reply = peer.ask(pull_request(), path, token(at=site.now()))
        assert reply.fault[-1] == "wsrf-r:ResourceUnknownFault"


def test_what_ended_during_a_short_stop_goes_on(site: FakeSite) -> None:
    hand = event()
    with serving(site) as device, connected(device) as peer:
        path = subscribe(peer, ends="PT1M")
    site.write(hand)
    site.ahead = 300
    with serving(site) as device, connected(device) as peer:
        for _ in range(2):
            reply = peer.ask(pull_request(), path, token(at=site.now()))
        assert ids(told(reply)) == [str(hand.id)]


@pytest.mark.parametrize("kept", ["", "{}", "[]", "null", '{"path": 1}', '{"filter": 3}'])
def test_a_memory_that_makes_no_sense_is_forgotten(site: FakeSite, kept: str) -> None:
    site.memory["onvif/device/pull-point/3"] = kept
    with serving(site):
        assert not site.memory


def test_two_devices_of_a_site_do_not_share_memory(site: FakeSite) -> None:
    with serving(site) as one, serving(site, id="other") as two, connected(one) as peer, connected(two) as other:
        path = subscribe(peer)
        subscribe(other)
        assert len(site.memory) == 2
        assert other.ask(pull_request(), path).fault[-1] == "wsrf-r:ResourceUnknownFault"


def test_a_path_cannot_be_guessed(peer: Peer) -> None:
    paths = {subscribe(peer) for _ in range(3)}
    assert all(re.fullmatch(r"/onvif/subscription/[A-Za-z0-9_-]{24}", path) for path in paths)
    assert len(paths) == 3


def test_a_slow_store_does_not_hold_up_others(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    path = begun(peer)
    site.blocked = threading.Event()
    peer.send(soap(pull_request(), token()), path)
    with connected(device) as other:
        assert other.ask("<tds:GetHostname/>", header="").status == 200
    site.blocked.set()
    assert told(peer.receive()) == []


# Any course of events.


class Course:
    """One client of pull points over a list for a log, with crashes on both sides."""

    def __init__(self) -> None:
        self.events: list[Logged] = []
        self.memory: dict[str, str] = {}
        self.behaviors = load_vocabulary()
        self.cameras: list[Any] = []
        self.places: list[Any] = []
        self.name = "site"
        self.heard: list[str] = []
        self.points = self._points()

    def _points(self) -> PullPoints:
        async def ask(call: Callable[..., Any], *arguments: object) -> Any:
            await asyncio.sleep(0)
            return call(*arguments)

        return PullPoints(self, "d", Narrator(self.behaviors, (), alias=False), ask)  # type: ignore[arg-type]

    def now(self) -> datetime:
        return T0

    def current(self) -> list[Event]:
        return []

    def log(self, after: int, limit: int) -> list[Logged]:
        return self.events[after:][:limit]

    def log_end(self) -> int:
        return len(self.events)

    def recall(self, key: str) -> str | None:
        return self.memory.get(key)

    def remember(self, key: str, value: str | None) -> None:
        if value is None:
            del self.memory[key]
        else:
            self.memory[key] = value

    async def begin(self) -> PullPoint:
        return await self.points.create("u", Filter(), timedelta(minutes=10))

    async def pull(self, point: PullPoint, limit: int) -> Batch:
        batch = await self.points.pull(point, timedelta(0), limit)
        assert len(batch.notices) <= limit
        self.heard += [str(dict(one.data)["EventId"]) for one in batch.notices]
        return batch

    async def crash(self) -> None:
        self.points = self._points()
        await self.points.restore()


STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 300)),
    st.tuples(st.sampled_from(["arrived", "lost", "crashed"]), st.integers(1, 120)),
    st.tuples(st.just("anew"), st.just(0)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=12))
def test_whatever_happens_every_event_is_heard_in_order(steps: list[tuple[str, int]]) -> None:
    async def run() -> Course:
        course = Course()
        point = await course.begin()
        for step, count in steps:
            if step == "write":
                made = [event("reading" if number % 3 == 2 else "hand-raised") for number in range(count)]
                course.events += [Logged(len(course.events) + 1 + at, one) for at, one in enumerate(made)]
            elif step == "anew":
                await course.crash()
                point = await course.begin()
            else:
                batch = await course.pull(point, count)
                if step == "arrived" and batch.notices:
                    await course.points.arrived(point, batch)
                elif step == "crashed":
                    await course.crash()
                    found = await course.points.find(point.path, "u")
                    assert found is not None
                    point = found
        while (batch := await course.pull(point, 100)).notices:
            await course.points.arrived(point, batch)
        return course

    course = asyncio.run(run())
    written = [str(one.event.id) for one in course.events if one.event.behavior == "hand-raised"]
    assert list(dict.fromkeys(course.heard)) == written
