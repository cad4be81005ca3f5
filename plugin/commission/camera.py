"""A camera that was found and may enter the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """One camera. `names` are what it and its device are called, best first; `room` is what the person said.

    `device` is the address of the device that told of it, `profile` which of several cameras it is there.
    `password` names the secret, as a manifest does; None where none is needed. `sight` is what was seen of it.
    """

    address: str
    device: str = ""
    profile: str = ""
    names: tuple[str, ...] = ()
    location: str = ""
    room: str = ""
    username: str = ""
    password: Mapping[str, str] | None = None
    sight: str = ""

    @property
    def host(self) -> str:
        """Its host, or the stem of its file."""
        return urlsplit(self.address).hostname or Path(self.address).stem

    def entry(self, folder: Path) -> dict[str, Any]:
        """The camera's fields in a manifest that lies in `folder`, but for its id."""
        made: dict[str, Any] = {"address": self.address}
        if "://" not in self.address and Path(self.address).is_relative_to(folder):
            made["address"] = Path(self.address).relative_to(folder).as_posix()
        if self.profile:
            made["profile"] = self.profile
        if self.username:
            made["username"] = self.username
        if self.password is not None:
            made["password"] = dict(self.password)
        return made


CameraKey = tuple[str, str]


def camera_key(address: str, profile: str) -> CameraKey:
    """What tells a camera from all others."""
    return same(address), profile


def same(address: str) -> str:
    """What two ways of writing one address have in common: case of scheme and host, and a last slash, say nothing."""
    if "://" not in address:
        return address
    scheme, rest = address.split("://", 1)
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}".rstrip("/")
