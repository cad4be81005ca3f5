"""A site that changes while clients are subscribed: their pull points, filters and positions hold."""

from __future__ import annotations

from dataclasses import replace

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.manifest import load_vocabulary
from homeroom.ports import CameraInfo, Place

from .fake_site import FakeSite, event, over, tell
from .peer import Peer, Told, pull, subscribe

INSIDE = "tns1:RuleEngine/FieldDetector/ObjectsInside"
RAISED = "tns1:RuleEngine/hr:Behavior/HandRaised"
STANDING = "tns1:RuleEngine/hr:Behavior/Standing"
ALL = "tns1:RuleEngine//."


def own(peer: Peer, path: str) -> list[Told]:
    """What one pull tells on topics of our own."""
    return [one for one in pull(peer, path) if one.topic != INSIDE]


def test_a_new_camera_is_a_profile_at_once(peer: Peer, site: FakeSite, device: OnvifDevice) -> None:
    site.cameras = (*site.cameras, CameraInfo("cam9", "New", "r9"))
    device.reconfigured()
    reply = peer.ask("<trt:GetProfiles/>", "/onvif/media_service")
    assert [one.get("token") for one in reply.content][-1] == "cam9"


def test_clients_hear_of_a_new_place_before_anything_happens_there_and_of_no_other(
    peer: Peer, site: FakeSite, device: OnvifDevice
) -> None:
    path = subscribe(peer)
    pull(peer, path)
    site.places = (*site.places, Place("r9", "s9", "cam9"))
    device.reconfigured()
    told = pull(peer, path)
    assert {one.topic for one in told} == {INSIDE}
    assert {one.source["VideoSourceConfigurationToken"] for one in told} == {"cam9"}
    assert {one.data["IsInside"] for one in told} == {"false"}
    assert pull(peer, path) == []


def test_a_position_and_what_lies_behind_it_hold(peer: Peer, site: FakeSite, device: OnvifDevice) -> None:
    path = subscribe(peer, ALL)
    pull(peer, path)
    first, second = event(), event(seat="s2")
    tell(site, device, first)
    assert [one.event_id for one in own(peer, path)] == [str(first.id)]
    tell(site, device, second)
    device.reconfigured()
    assert [one.event_id for one in own(peer, path)] == [str(second.id)]


def test_what_was_written_on_a_topic_that_is_gone_is_told_to_the_end(
    peer: Peer, site: FakeSite, device: OnvifDevice
) -> None:
    path = subscribe(peer, ALL)
    pull(peer, path)
    raised = event()
    tell(site, device, raised, over(raised, "reconfigured"))
    site.behaviors = load_vocabulary({"hand-raised": {"emit": "metadata"}})
    device.reconfigured()
    assert [one.operation for one in own(peer, path)] == ["Initialized", "Deleted"]


def test_a_filter_picks_from_topics_that_come_later(site: FakeSite, device: OnvifDevice, peer: Peer) -> None:
    site.behaviors = load_vocabulary({"standing": {"emit": "metadata"}})
    device.reconfigured()
    path = subscribe(peer, ALL)
    pull(peer, path)
    site.behaviors = load_vocabulary()
    device.reconfigured()
    assert {one.source["Rule"].partition("-")[0] for one in pull(peer, path)} == {"Standing"}
    tell(site, device, event("standing"))
    assert [one.topic for one in own(peer, path)] == [STANDING]


def test_an_end_at_a_place_that_is_gone_names_the_camera_that_its_begin_named(
    peer: Peer, site: FakeSite, device: OnvifDevice
) -> None:
    path = subscribe(peer, INSIDE)
    pull(peer, path)
    raised = replace(event(), camera="cam2")
    tell(site, device, raised, over(raised, "reconfigured"))
    site.places = tuple(place for place in site.places if place.seat != "s1")
    device.reconfigured()
    told = pull(peer, path)
    assert [one.source["VideoSourceConfigurationToken"] for one in told] == ["cam1", "cam1"]
    assert [one.data["IsInside"] for one in told] == ["true", "false"]


def test_a_device_that_was_closed_serves_again(peer: Peer, site: FakeSite, device: OnvifDevice) -> None:
    subscribe(peer)
    device.close()
    device.start(site)
    fresh = Peer(device)
    path = subscribe(fresh)
    tell(site, device, event())
    assert RAISED in {one.topic for one in (*pull(fresh, path), *pull(fresh, path))}
    fresh.close()
