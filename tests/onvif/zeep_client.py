"""A client on onvif-zeep: host, port, user and password as arguments; prints each message as a JSON line.

onvif-zeep needs help: its schema loses the text of a topic, its constructor leaks a pull point, it has no timeouts.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

from onvif import ONVIFCamera, ONVIFError
from zeep.transports import Transport

PULL_POINT = "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription"
TT = "{http://www.onvif.org/ver10/schema}"
MIXED = b"""<xsd:complexType name="TopicExpressionType" mixed="true">
    <xsd:sequence>
      <xsd:any minOccurs="0" maxOccurs="1" processContents="lax" />
    </xsd:sequence>
    <xsd:attribute name="Dialect" type="xsd:anyURI" use="required" />
    <xsd:anyAttribute/>
  </xsd:complexType>"""
SIMPLE = b"""<xsd:complexType name="TopicExpressionType"><xsd:simpleContent><xsd:extension base="xsd:string">
    <xsd:attribute name="Dialect" type="xsd:anyURI" use="required" /><xsd:anyAttribute/>
  </xsd:extension></xsd:simpleContent></xsd:complexType>"""


class Patching(Transport):
    """Gives b-2.xsd a topic that keeps its text."""

    def load(self, url: str) -> bytes:
        found: bytes = super().load(url)  # type: ignore[no-untyped-call]
        if not url.endswith("b-2.xsd"):
            return found
        found = found.replace(b"\r\n", b"\n")
        assert MIXED in found
        return found.replace(MIXED, SIMPLE)


class Camera(ONVIFCamera):  # type: ignore[misc]
    """Finds services without making a pull point on the way."""

    def update_xaddrs(self) -> None:
        self.dt_diff = None
        self.devicemgmt = self.create_devicemgmt_service()
        services = self.devicemgmt.GetServices({"IncludeCapability": False})
        self.xaddrs = {one.Namespace: one.XAddr for one in services}


def items(group: Any) -> dict[str, str]:
    """Simple items by name."""
    return {} if group is None else {one.get("Name"): one.get("Value") for one in group.iter(f"{TT}SimpleItem")}


def as_json(notification: Any) -> str:
    """A message as one line."""
    message = notification.Message._value_1
    return json.dumps(
        {
            "topic": notification.Topic._value_1,
            "operation": message.get("PropertyOperation"),
            "utc": message.get("UtcTime"),
            "source": items(message.find(f"{TT}Source")),
            "key": items(message.find(f"{TT}Key")),
            "data": items(message.find(f"{TT}Data")),
        }
    )


def stream(media: Any, profile: str) -> str:
    """Where a profile's video comes from; "" for a recording, which has no address."""
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    try:
        return str(media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profile}).Uri)
    except ONVIFError:
        return ""


def main() -> None:
    host, port, user = sys.argv[1:4]
    password = os.environ["CLIENT_PASSWORD"]
    transport = Patching(timeout=10, operation_timeout=30)  # type: ignore[no-untyped-call]
    wsdl = str(Path(sysconfig.get_path("purelib"), "wsdl"))
    camera = Camera(host, int(port), user, password, wsdl_dir=wsdl, no_cache=True, transport=transport)
    media = camera.create_media_service()
    profiles = media.GetProfiles()
    about = {
        "serial": camera.devicemgmt.GetDeviceInformation().SerialNumber,
        "profiles": [one.token for one in profiles],
        "codecs": [one.VideoEncoderConfiguration.Encoding for one in profiles],
        "stream": stream(media, profiles[0].token),
    }
    events = camera.create_events_service()
    made = events.CreatePullPointSubscription({"InitialTerminationTime": "PT10M"})
    camera.xaddrs[PULL_POINT] = made.SubscriptionReference.Address._value_1
    pull_point = camera.create_pullpoint_service()
    print(json.dumps({"connected": about}), flush=True)
    while True:
        try:
            got = pull_point.PullMessages({"Timeout": "PT5S", "MessageLimit": 20})
        except ONVIFError as error:  # the device is away: the same pull point is polled on
            print(json.dumps({"trouble": str(error)}), flush=True)
            time.sleep(0.1)
            continue
        for notification in got.NotificationMessage:
            print(as_json(notification), flush=True)


if __name__ == "__main__":
    main()
