"""The device management service (Core §8), read side: what a VMS asks before it believes in a device."""

from __future__ import annotations

import re
from importlib.metadata import version
from urllib.parse import quote
from uuid import UUID, uuid5

from homeroom.event import NAMESPACE
from homeroom.ports import Site

from . import events, media, media2
from .service import Access, Call, Operation, Table
from .soap import NAMESPACES, Element, Fault, clark, el, invalid, text_of

MANUFACTURER = MODEL = "Homeroom"
_VERSION = {"tds": (24, 12), "trt": (24, 12), "tr2": (24, 12), "tev": (24, 12)}
PATHS = {
    "tds": "/onvif/device_service",
    "trt": "/onvif/media_service",
    "tr2": "/onvif/media2_service",
    "tev": "/onvif/event_service",
}
_CATEGORIES = ("All", "Analytics", "Device", "Events", "Imaging", "Media", "PTZ")


class DeviceService:
    """Operations of the device management service. `identity` is stable for a site and the device's id."""

    def __init__(self, site: Site, device: str, username: str, port: int) -> None:
        self._site, self._username, self._port = site, username, port
        self.identity: UUID = uuid5(NAMESPACE, f"onvif-device/{site.name}/{device}")

    def operations(self) -> Table:
        """Handlers by operation."""
        before, system = Access.PRE_AUTH, Access.READ_SYSTEM
        made = {
            "GetSystemDateAndTime": Operation(before, self.get_system_date_and_time),
            "GetServices": Operation(before, self.get_services),
            "GetCapabilities": Operation(before, self.get_capabilities),
            "GetServiceCapabilities": Operation(before, self.get_service_capabilities),
            "GetHostname": Operation(before, self.get_hostname),
            "GetWsdlUrl": Operation(before, self.get_wsdl_url),
            "GetEndpointReference": Operation(before, self.get_endpoint_reference),
            "GetDeviceInformation": Operation(system, self.get_device_information),
            "GetScopes": Operation(system, self.get_scopes),
            "GetDiscoveryMode": Operation(system, self.get_discovery_mode),
            "GetNetworkInterfaces": Operation(system, self.get_network_interfaces),
            "GetNetworkProtocols": Operation(system, self.get_network_protocols),
            "GetNetworkDefaultGateway": Operation(system, self.get_network_default_gateway),
            "GetDNS": Operation(system, self.get_dns),
            "GetNTP": Operation(system, self.get_ntp),
            "GetUsers": Operation(Access.READ_SYSTEM_SECRET, self.get_users),
        }
        return {clark(f"tds:{name}"): operation for name, operation in made.items()}

    # Who and when.

    def get_system_date_and_time(self, _call: Call) -> Element:
        """Our clock, by which clients set the time of their tokens."""
        now = self._site.now()
        time = el("tt:Time", el("tt:Hour", now.hour), el("tt:Minute", now.minute), el("tt:Second", now.second))
        date = el("tt:Date", el("tt:Year", now.year), el("tt:Month", now.month), el("tt:Day", now.day))
        return _answer(
            "GetSystemDateAndTime",
            el(
                "tds:SystemDateAndTime",
                el("tt:DateTimeType", "NTP"),
                el("tt:DaylightSavings", "false"),
                el("tt:TimeZone", el("tt:TZ", "UTC0")),
                el("tt:UTCDateTime", time, date),
            ),
        )

    def get_device_information(self, _call: Call) -> Element:
        """Maker, model, version, and the serial number that stays the same."""
        return _answer(
            "GetDeviceInformation",
            el("tds:Manufacturer", MANUFACTURER),
            el("tds:Model", MODEL),
            el("tds:FirmwareVersion", version("homeroom")),
            el("tds:SerialNumber", self.identity.hex[:16]),
            el("tds:HardwareId", "software"),
        )

    def get_scopes(self, _call: Call) -> Element:
        """Name, hardware and place. No profile: testers take a profile's scope for a claim to all of it."""
        name = quote(self._site.name, safe="")
        scopes = (f"name/{name}", f"hardware/{MODEL}", f"location/{name}")
        return _answer(
            "GetScopes",
            *(
                el("tds:Scopes", el("tt:ScopeDef", "Fixed"), el("tt:ScopeItem", f"onvif://www.onvif.org/{scope}"))
                for scope in scopes
            ),
        )

    def get_endpoint_reference(self, _call: Call) -> Element:
        """The address by which discovery would know us."""
        return _answer("GetEndpointReference", el("tds:GUID", f"urn:uuid:{self.identity}"))

    def get_wsdl_url(self, _call: Call) -> Element:
        """Where the services are described."""
        return _answer("GetWsdlUrl", el("tds:WsdlUrl", "http://www.onvif.org/"))

    def get_users(self, _call: Call) -> Element:
        """The one account."""
        user = el("tds:User", el("tt:Username", self._username), el("tt:UserLevel", "Administrator"))
        return _answer("GetUsers", user)

    def get_discovery_mode(self, _call: Call) -> Element:
        """There is no WS-Discovery here."""
        return _answer("GetDiscoveryMode", el("tds:DiscoveryMode", "NonDiscoverable"))

    # Network.

    def get_hostname(self, _call: Call) -> Element:
        """A name of our own, not the machine's: no credentials are needed to ask for it."""
        name = f"homeroom-{self.identity.hex[:8]}"
        return _answer("GetHostname", el("tds:HostnameInformation", el("tt:FromDHCP", "false"), el("tt:Name", name)))

    def get_network_interfaces(self, _call: Call) -> Element:
        """One interface with a made-up, locally administered address: some VMSs know a device by it."""
        octets = re.findall("..", "02" + self.identity.hex[-10:])
        info = el("tt:Info", el("tt:Name", "eth0"), el("tt:HwAddress", ":".join(octets)), el("tt:MTU", 1500))
        interface = el("tds:NetworkInterfaces", el("tt:Enabled", "true"), info, attributes={"token": "eth0"})
        return _answer("GetNetworkInterfaces", interface)

    def get_network_protocols(self, _call: Call) -> Element:
        """HTTP at our port."""
        http = el("tds:NetworkProtocols", el("tt:Name", "HTTP"), el("tt:Enabled", "true"), el("tt:Port", self._port))
        return _answer("GetNetworkProtocols", http)

    def get_network_default_gateway(self, _call: Call) -> Element:
        """The machine's own business."""
        return _answer("GetNetworkDefaultGateway", el("tds:NetworkGateway"))

    def get_dns(self, _call: Call) -> Element:
        """The machine's own business."""
        return _answer("GetDNS", el("tds:DNSInformation", el("tt:FromDHCP", "false")))

    def get_ntp(self, _call: Call) -> Element:
        """The machine's own business."""
        return _answer("GetNTP", el("tds:NTPInformation", el("tt:FromDHCP", "false")))

    # Services.

    def get_services(self, call: Call) -> Element:
        """All services with their addresses, and with their capabilities where asked for."""
        included = {
            "tds": _capabilities,
            "trt": lambda: media.capabilities(self._site.cameras),
            "tr2": lambda: media2.capabilities(self._site.cameras),
            "tev": events.capabilities,
        }
        wanted = text_of(call.body, "tds:IncludeCapability") in ("true", "1")
        return _answer(
            "GetServices",
            *(
                el(
                    "tds:Service",
                    el("tds:Namespace", NAMESPACES[prefix]),
                    el("tds:XAddr", call.base + path),
                    el("tds:Capabilities", included[prefix]()) if wanted else None,
                    _version(prefix, "tds:Version"),
                )
                for prefix, path in PATHS.items()
            ),
        )

    def get_service_capabilities(self, _call: Call) -> Element:
        """What the device management service can do."""
        return _answer("GetServiceCapabilities", _capabilities())

    def get_capabilities(self, call: Call) -> Element:
        """The older form of GetServices, by category."""
        asked = {(one.text or "").strip() for one in call.body.findall(clark("tds:Category"))} or {"All"}
        if not asked <= set(_CATEGORIES):
            raise invalid("There is no such category", "ter:NoSuchService")
        parts = {"Device": self._old_device, "Events": _old_events, "Media": self._old_media}
        told = [make(call.base) for name, make in parts.items() if asked & {name, "All"}]
        if not told:
            raise Fault("Receiver", "ter:ActionNotSupported", "ter:NoSuchService", reason="There is no such service")
        return _answer("GetCapabilities", el("tds:Capabilities", *told))

    def _old_device(self, base: str) -> Element:
        no = ("TLS1.1", "TLS1.2", "OnboardKeyGeneration", "AccessPolicyConfig", "X.509Token", "SAMLToken")
        return el(
            "tt:Device",
            el("tt:XAddr", base + PATHS["tds"]),
            el(
                "tt:Network",
                *(el(f"tt:{name}", "false") for name in ("IPFilter", "ZeroConfiguration", "IPVersion6", "DynDNS")),
            ),
            el(
                "tt:System",
                *(el(f"tt:{name}", "false") for name in ("DiscoveryResolve", "DiscoveryBye", "RemoteDiscovery")),
                *(el(f"tt:{name}", "false") for name in ("SystemBackup", "SystemLogging", "FirmwareUpgrade")),
                _version("tds", "tt:SupportedVersions"),
            ),
            el("tt:Security", *(el(f"tt:{name}", "false") for name in (*no, "KerberosToken", "RELToken"))),
        )

    def _old_media(self, base: str) -> Element:
        return el(
            "tt:Media",
            el("tt:XAddr", base + PATHS["trt"]),
            el(
                "tt:StreamingCapabilities",
                el("tt:RTPMulticast", "false"),
                el("tt:RTP_TCP", "false"),
                el("tt:RTP_RTSP_TCP", "true"),
            ),
            el(
                "tt:Extension",
                el("tt:ProfileCapabilities", el("tt:MaximumNumberOfProfiles", len(self._site.cameras))),
            ),
        )


def _old_events(base: str) -> Element:
    return el(
        "tt:Events",
        el("tt:XAddr", base + PATHS["tev"]),
        el("tt:WSSubscriptionPolicySupport", "false"),
        el("tt:WSPullPointSupport", "true"),
        el("tt:WSPausableSubscriptionManagerInterfaceSupport", "false"),
    )


def _capabilities() -> Element:
    """Nothing can be set, and that is said."""
    return el(
        "tds:Capabilities",
        el("tds:Network", NTP=0, HostnameFromDHCP=False, IPFilter=False, DynDNS=False, NetworkConfigNotSupported=True),
        el("tds:Security", HttpDigest=True, UsernameToken=True, MaxUsers=1, UserConfigNotSupported=True),
        el("tds:System", DiscoveryResolve=False, DiscoveryBye=False, RemoteDiscovery=False),
    )


def _version(prefix: str, name: str) -> Element:
    major, minor = _VERSION[prefix]
    return el(name, el("tt:Major", major), el("tt:Minor", minor))


def _answer(operation: str, *content: Element) -> Element:
    return el(f"tds:{operation}Response", *content)
