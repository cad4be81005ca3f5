"""Where a camera's services and streams are, as the site manifest reaches it and not as the camera believes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from homeroom.adapters.settings import place
from homeroom.errors import Unavailable

SCHEMES = {"onvif": "http", "onvifs": "https"}
DEVICE_SERVICE = "/onvif/device_service"  # Core §5.1.1
_LONGEST = 1024  # bytes of an address; ONVIF allows 128 (Media2 §5.4.1), the site manifest this


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The device service of a camera: `scheme` http or https, `host` and `port` as reached from here, `path`."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def read(cls, camera: str, address: str) -> Self:
        """onvif://HOST[:PORT][/PATH]. Raises BadInput without showing the address."""
        parts = place(camera, address, tuple(SCHEMES))
        scheme = SCHEMES[parts.scheme]
        path = parts.path if parts.path.strip("/") else DEVICE_SERVICE
        return cls(scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}[scheme], path)

    @property
    def url(self) -> str:
        """The address of the device service."""
        return self._at(self.path)

    def service(self, xaddr: str) -> str:
        """The address of another service: path and query are the camera's word, host and port are ours.

        Behind NAT, and after its address changed, a camera names hosts and ports that are none. Raises Unavailable.
        """
        parts = _read(xaddr, ("http", "https"), "service")
        return self._at(parts.path or "/", parts.query)

    def media(self, uri: str, schemes: Sequence[str]) -> tuple[str, str]:
        """Where a stream or a picture comes from, and the host that the camera named where that is not the manifest's.

        Host ours, port and path the camera's word: video has a port of its own, which NAT keeps or nobody could watch.
        User and password in it are dropped: the manifest names them. Raises Unavailable.
        """
        parts = _read(uri, schemes, "stream")
        port = f":{parts.port}" if parts.port else ""
        named = parts.hostname or ""
        moved = "" if named == self.host else named
        return urlunsplit((parts.scheme, f"{bracketed(self.host)}{port}", parts.path, parts.query, "")), moved

    def _at(self, path: str, query: str = "") -> str:
        return urlunsplit((self.scheme, f"{bracketed(self.host)}:{self.port}", path, query, ""))


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _read(uri: str, schemes: Sequence[str], what: str) -> SplitResult:
    """The parts of an address that a camera names. Raises Unavailable, which does not show it."""
    uri = uri.strip()
    try:
        parts = urlsplit(uri)
        _ = parts.port  # a number up to 65535, or none
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in schemes or not uri.isascii() or not uri.isprintable() or " " in uri or len(uri) > _LONGEST:
        raise Unavailable(
            f"the camera names no {schemes[0]}:// address for its {what}: restart it, or update its firmware"
        )
    return parts
