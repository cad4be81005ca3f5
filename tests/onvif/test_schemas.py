"""Every answer is valid by the official schemas."""

from __future__ import annotations

from dataclasses import replace

import pytest
import xmlschema
from lxml import etree

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.adapters.onvif.soap import NAMESPACES, clark
from homeroom.event import Emit, Operation
from tests.lab import lab

from .fake_site import FakeSite, event, over, tell
from .peer import CONCRETE_SET, Peer, Reply, pull_request, subscribe
from .schemas import official

PROFILE = "<{0}:ProfileToken>cam1</{0}:ProfileToken>"
CONFIG = "<{0}:ConfigurationToken>cam1</{0}:ConfigurationToken>"
SETUP = (
    '<trt:StreamSetup><tt:Stream xmlns:tt="http://www.onvif.org/ver10/schema">RTP-Unicast</tt:Stream>'
    '<tt:Transport xmlns:tt="http://www.onvif.org/ver10/schema"><tt:Protocol>RTSP</tt:Protocol></tt:Transport></trt:StreamSetup>'
)
REQUESTS = {
    "tds:GetSystemDateAndTime": "",
    "tds:GetCapabilities": "",
    "tds:GetServices": "<tds:IncludeCapability>true</tds:IncludeCapability>",
    "tds:GetServiceCapabilities": "",
    "tds:GetDeviceInformation": "",
    "tds:GetScopes": "",
    "tds:GetNetworkInterfaces": "",
    "tds:GetHostname": "",
    "tds:GetNetworkProtocols": "",
    "tds:GetNetworkDefaultGateway": "",
    "tds:GetDNS": "",
    "tds:GetNTP": "",
    "tds:GetUsers": "",
    "tds:GetDiscoveryMode": "",
    "tds:GetWsdlUrl": "",
    "tds:GetEndpointReference": "",
    "trt:GetServiceCapabilities": "",
    "trt:GetProfiles": "",
    "trt:GetProfile": PROFILE.format("trt"),
    "trt:GetVideoSources": "",
    "trt:GetVideoSourceConfigurations": "",
    "trt:GetVideoSourceConfiguration": CONFIG.format("trt"),
    "trt:GetVideoEncoderConfigurations": "",
    "trt:GetVideoEncoderConfiguration": CONFIG.format("trt"),
    "trt:GetVideoEncoderConfigurationOptions": CONFIG.format("trt"),
    "trt:GetMetadataConfigurations": "",
    "trt:GetVideoAnalyticsConfigurations": "",
    "trt:GetAudioSources": "",
    "trt:GetAudioSourceConfigurations": "",
    "trt:GetAudioEncoderConfigurations": "",
    "trt:GetAudioOutputs": "",
    "trt:GetAudioOutputConfigurations": "",
    "trt:GetAudioDecoderConfigurations": "",
    "trt:GetCompatibleMetadataConfigurations": PROFILE.format("trt"),
    "trt:GetCompatibleVideoAnalyticsConfigurations": PROFILE.format("trt"),
    "trt:GetCompatibleAudioEncoderConfigurations": PROFILE.format("trt"),
    "trt:GetCompatibleAudioSourceConfigurations": PROFILE.format("trt"),
    "trt:GetStreamUri": SETUP + PROFILE.format("trt"),
    "trt:GetSnapshotUri": "<trt:ProfileToken>cam3</trt:ProfileToken>",
    "trt:SetSynchronizationPoint": PROFILE.format("trt"),
    "tr2:GetServiceCapabilities": "",
    "tr2:GetProfiles": "<tr2:Type>All</tr2:Type>",
    "tr2:GetVideoSourceConfigurations": "",
    "tr2:GetVideoEncoderConfigurations": CONFIG.format("tr2"),
    "tr2:GetMetadataConfigurations": "",
    "tr2:GetAnalyticsConfigurations": "",
    "tr2:GetStreamUri": "<tr2:Protocol>RTSP</tr2:Protocol>" + PROFILE.format("tr2"),
    "tr2:GetSnapshotUri": "<tr2:ProfileToken>cam3</tr2:ProfileToken>",
    "tr2:SetSynchronizationPoint": PROFILE.format("tr2"),
    "tev:GetServiceCapabilities": "",
    "tev:GetEventProperties": "",
    "tev:CreatePullPointSubscription": "<tev:InitialTerminationTime>PT1M</tev:InitialTerminationTime>",
}
ON_A_PULL_POINT = {
    "tev:PullMessages": "<tev:Timeout>PT0S</tev:Timeout><tev:MessageLimit>100</tev:MessageLimit>",
    "tev:SetSynchronizationPoint": "",
    "wsnt:Renew": "<wsnt:TerminationTime>PT1M</wsnt:TerminationTime>",
    "wsnt:Unsubscribe": "",
}


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> xmlschema.XMLSchema11:
    return official(lab("onvif-schemas"), tmp_path_factory.mktemp("schemas"))


def check(schema: xmlschema.XMLSchema11, element: etree._Element) -> None:
    """Validates an element as the root of a document."""
    schema.validate(etree.fromstring(etree.tostring(element)))


def every_operation(device: OnvifDevice) -> set[str]:
    """Names of all operations that have a handler."""
    assert device._server is not None
    return set(device._server._serve.__self__._table)  # type: ignore[attr-defined]


def test_no_operation_is_left_unchecked(device: OnvifDevice) -> None:
    assert every_operation(device) == {clark(name) for name in (*REQUESTS, *ON_A_PULL_POINT, "trt:CreateProfile")}


def test_the_schemas_refuse_what_is_wrong(schema: xmlschema.XMLSchema11, peer: Peer) -> None:
    answer = peer.ask("<trt:GetProfiles/>").content
    answer[0].append(answer[0][0])  # the name comes last
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        check(schema, answer)


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_valid(schema: xmlschema.XMLSchema11, peer: Peer, name: str) -> None:
    request = f"<{name}>{REQUESTS[name]}</{name}>"
    reply = peer.ask(request)
    assert reply.status == 200, reply.body
    assert reply.content.tag == clark(name) + "Response"
    check(schema, reply.content)


@pytest.mark.parametrize("name", ON_A_PULL_POINT)
def test_a_pull_points_answer_is_valid(schema: xmlschema.XMLSchema11, peer: Peer, name: str) -> None:
    reply = peer.ask(f"<{name}>{ON_A_PULL_POINT[name]}</{name}>", subscribe(peer))
    assert reply.status == 200, reply.body
    assert reply.content.tag == clark(name) + "Response"
    check(schema, reply.content)


def test_every_kind_of_message_is_valid(
    schema: xmlschema.XMLSchema11, site: FakeSite, device: OnvifDevice, peer: Peer
) -> None:
    path = subscribe(peer)
    hand = event(reason="a <reason> & more\x00", likelihood=1.0)
    room = event("occupied", None, count=3)
    more = replace(room, operation=Operation.CHANGED, count=4)
    offline = event("camera-offline", None)
    full = event("disk-low", None, room="", camera="", emit=Emit.ALARM)
    tell(site, device, hand, room, more, over(room), over(hand, "unobserved"), offline, full, over(full))
    for _ in range(2):
        reply = peer.ask(pull_request(), path)
        messages = reply.content.findall(".//tt:Message", NAMESPACES)
        assert messages
        check(schema, reply.content)
        for message in messages:
            check(schema, message)


FAULTS = {
    "wsrf-r:ResourceUnknownFault": ("<wsnt:Unsubscribe/>", "/onvif/subscription/none"),
    "wsnt:TopicNotSupportedFault": ("tns1:VideoSource/MotionAlarm", CONCRETE_SET),
    "wsnt:InvalidTopicExpressionFault": ("nope:Thing", CONCRETE_SET),
    "wsnt:TopicExpressionDialectUnknownFault": ("tns1:RuleEngine", "urn:other"),
    "wsnt:InvalidFilterFault": ("", ""),
    "wsnt:UnacceptableInitialTerminationTimeFault": ("PT0S", ""),
    "tev:PullMessagesFaultResponse": ("", ""),
}


def provoke(peer: Peer, name: str) -> Reply:
    """Asks for what brings that fault."""
    one, other = FAULTS[name]
    if name == "wsrf-r:ResourceUnknownFault":
        return peer.ask(one, other)
    if name == "tev:PullMessagesFaultResponse":
        return peer.ask(pull_request("PT11M"), subscribe(peer))
    inside = f'<tev:Filter><wsnt:TopicExpression Dialect="{other}">{one}</wsnt:TopicExpression></tev:Filter>'
    if name == "wsnt:InvalidFilterFault":
        inside = '<tev:Filter><wsnt:MessageContent Dialect="d">boolean(1)</wsnt:MessageContent></tev:Filter>'
    if name == "wsnt:UnacceptableInitialTerminationTimeFault":
        inside = f"<tev:InitialTerminationTime>{one}</tev:InitialTerminationTime>"
    return peer.ask(f"<tev:CreatePullPointSubscription>{inside}</tev:CreatePullPointSubscription>")


@pytest.mark.parametrize("name", FAULTS)
def test_an_event_fault_is_a_valid_receiver_fault_with_an_action(
    schema: xmlschema.XMLSchema11, peer: Peer, name: str
) -> None:
    reply = provoke(peer, name)
    assert reply.status == 500
    assert reply.fault[0] == "s:Receiver"
    detail = reply.content.find("s:Detail", NAMESPACES)
    assert detail is not None
    assert detail[0].tag == clark(name)
    check(schema, detail[0])
    action = etree.fromstring(reply.body).findtext("s:Header/wsa:Action", namespaces=NAMESPACES)
    assert action == "http://www.w3.org/2005/08/addressing/soap/fault"
