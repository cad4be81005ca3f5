"""Real clients receive exactly the events, with their ids."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest

from homeroom.adapters.onvif.device import OnvifDevice

from .clients import Client, agsh, zeep
from .fake_site import FakeSite, event, over, serving, tell
from .peer import PASSWORD, USER

Start = Callable[[str, int, str, str], AbstractContextManager[Client]]
CLIENTS = [
    pytest.param(zeep, id="onvif-zeep"),
    pytest.param(agsh, id="agsh"),
    pytest.param(partial(agsh, digest=True), id="agsh-digest"),
]
STATE = 12  # aliases of the fake site at the start: 3 places by 4 behaviors


@pytest.mark.parametrize("start", CLIENTS)
def test_a_client_hears_each_event_once_in_order(site: FakeSite, device: OnvifDevice, start: Start) -> None:
    hand, head = event(), event("head-on-desk", "s2", severity="warning")
    reading = event("reading", "s2")
    with start(device.host, device.port, USER, PASSWORD) as client:
        about = client.connected()
        assert about["profiles"] == ["cam1", "cam2", "cam3"]
        assert about["stream"] == "rtsp://192.0.2.7:554/main"
        client.wait(lambda messages: len(messages) >= STATE)
        said = [hand, head, reading, over(hand), over(head, "unobserved")]
        for one in said:
            tell(site, device, one)
        messages = client.wait(lambda messages: len(messages) >= STATE + 8)

    assert [one.operation for one in messages[:STATE]] == ["Initialized"] * STATE
    own = [one for one in messages[STATE:] if "/hr:" in one.topic]
    expected = [(str(one.id), one.operation.value) for one in said if one is not reading]
    assert [(one.event_id, one.operation) for one in own] == expected
    assert {one.topic for one in own} == {
        "tns1:RuleEngine/hr:Behavior/HandRaised",
        "tns1:RuleEngine/hr:Behavior/HeadOnDesk",
    }
    aliases = [one for one in messages[STATE:] if one not in own]
    assert [(one.event_id, one.operation, one.data["IsInside"]) for one in aliases] == [
        (str(hand.id), "Changed", "true"),
        (str(head.id), "Changed", "true"),
        (str(hand.id), "Changed", "false"),
        (str(head.id), "Changed", "false"),
    ]
    assert not client.notes[1:]


def test_a_client_that_goes_on_pulling_misses_nothing_over_a_restart(site: FakeSite) -> None:
    before, between, after = event(seat="s1"), event(seat="s2"), event("standing", "s1")
    with serving(site) as device:
        port = device.port
        client_context = agsh(device.host, port, USER, PASSWORD)
        client = client_context.__enter__()
        client.connected()
        tell(site, device, before)
        client.wait(lambda messages: any(one.event_id == str(before.id) for one in messages))
    try:
        site.write(between)
        with serving(site, listen=f"127.0.0.1:{port}") as device:
            tell(site, device, after)
            client.wait(lambda messages: sum(one.event_id == str(after.id) for one in messages) >= 2)
            own = [one.event_id for one in client.messages if one.topic.startswith("tns1:RuleEngine/hr:")]
            assert list(dict.fromkeys(own)) == [str(before.id), str(between.id), str(after.id)]
    finally:
        client_context.__exit__(None, None, None)
