"""Devices to ask for cameras: found in the network, named by hand, or listed in a file."""

from __future__ import annotations

import csv
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from homeroom.errors import BadInput
from homeroom.ports import Found

from .camera import same
from .reach import Reach
from .text import plain

MOST = 1000  # devices of one search or list
_FILE_BYTES = 1024 * 1024
_COLUMNS = ("address", "username", "password-env", "room", "name")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Device:
    """Something with an address that may know cameras, or be one.

    `hardware` is what it says of its make, `room` what the person said; `password` names a secret, as a manifest does.
    """

    address: str
    name: str = ""
    hardware: str = ""
    location: str = ""
    room: str = ""
    username: str = ""
    password: Mapping[str, str] | None = None

    @property
    def host(self) -> str:
        """Its host; empty for a path."""
        return (urlsplit(self.address).hostname or "") if "://" in self.address else ""

    @property
    def scheme(self) -> str:
        """Scheme of its address; "file" for a path."""
        return urlsplit(self.address).scheme if "://" in self.address else "file"

    @property
    def kind(self) -> str:
        """Devices of one kind are tried with the same password."""
        return self.hardware or f"{self.scheme} (make unknown)"


def file_of(text: str) -> Path | None:
    """The file that a text names, if it names one."""
    try:
        path = Path(text).expanduser().resolve()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # a name that no file can have, a home of nobody
        return None


def read_address(text: str, reach: Reach) -> str:
    """An address as a manifest takes it, of what a person typed: a URL, a bare host, or the path of a file.

    Raises BadInput, without the text where a password may stand in it.
    """
    text = text.strip()
    if not text.isprintable() or not 0 < len(text) <= 1024:
        raise BadInput("an address is one line of 1 to 1024 characters")
    if path := file_of(text):
        return str(path)
    if "://" not in text and text.startswith(("/", ".", "~")):
        raise BadInput(f"{text}: there is no such file")
    if "@" in text:
        raise BadInput("take user and password out of the address; they are asked for, or named by flags")
    if "://" not in text:
        if not _HOST.fullmatch(text) or "onvif" not in reach.lists:
            raise BadInput(f"{text}: neither a file nor an address; write it as rtsp://HOST/PATH")
        text = f"onvif://{text}"
    return _url(text, {*reach.lists, *reach.schemes})


def _url(text: str, known: Iterable[str]) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port  # looked at for its ValueError
    except ValueError:
        raise BadInput("that is no URL; write it as rtsp://HOST/PATH") from None
    if not parts.hostname or " " in text or port == 0:
        raise BadInput(f"{text}: names no host; write it as rtsp://HOST/PATH")
    if parts.scheme not in known or parts.scheme == "file":
        raise BadInput(f"nothing installed reads {parts.scheme}:// addresses; there are {', '.join(sorted(known))}")
    return text


def from_search(found: Iterable[Found], reach: Reach) -> list[Device]:
    """Devices that answered; what the network says is never a file, and an odd address is left out."""
    made = []
    for one in list(found)[:MOST]:
        try:
            address = _url(one.address, {*reach.lists, *reach.schemes})
        except BadInput:
            continue
        if "@" in address or not address.isprintable() or len(address) > 1024:
            continue
        made.append(Device(address, plain(one.name, 80), plain(one.hardware, 60), plain(one.location, 80)))
    return made


def read_list(path: Path, reach: Reach) -> list[Device]:
    """Devices of a file: address[,username,password-env,room,name] on each line; semicolons will do, # begins a remark.

    `password-env` is the name of an environment variable. Raises BadInput with the line.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_FILE_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as wrong:
        raise BadInput(f"{path}: cannot be read: {wrong.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8 text; save it as CSV (UTF-8)") from None
    if len(raw) > _FILE_BYTES:
        raise BadInput(f"{path}: larger than {_FILE_BYTES} bytes, which no list of cameras is")
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line.strip(" ,;") and not line.startswith("#")]
    if len(lines) > MOST:
        raise BadInput(f"{path}: more than {MOST} cameras; make a site manifest for each part of the school")
    return [
        _listed(cells, f"{path}:{number}", reach)
        for number, line in lines
        if (cells := _cells(line, f"{path}:{number}"))[0].lower() != _COLUMNS[0]  # a head
    ]


def _cells(line: str, label: str) -> list[str]:
    separator = ";" if ";" in line and "," not in line else ","
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator, strict=True))]
    except csv.Error as wrong:
        raise BadInput(f"{label}: not CSV: {wrong}") from None
    if len(cells) > len(_COLUMNS) and any(cells[len(_COLUMNS) :]):
        raise BadInput(f"{label}: more than {len(_COLUMNS)} columns; they are {', '.join(_COLUMNS)}")
    return [*cells, *[""] * len(_COLUMNS)][: len(_COLUMNS)]


def _listed(cells: Sequence[str], label: str, reach: Reach) -> Device:
    address, username, variable, room, name = cells
    if variable and not (_VARIABLE.fullmatch(variable) and variable in os.environ):
        # not repeated: who misread the column wrote a password there
        raise BadInput(f"{label}: column 3 names an environment variable, never a password, and no such one is set")
    if variable and not username:
        raise BadInput(f"{label}: a password without a user name; write it in column 2")
    try:
        read = read_address(address, reach)
    except BadInput as wrong:
        raise BadInput(f"{label}: {wrong}") from None
    secret = {"env": variable} if variable else None
    return Device(read, plain(name, 80), "", "", plain(room, 80), plain(username, 64), secret)


def alike(one: Device, other: Device) -> bool:
    """Whether two devices are one: the same address, or the same host by another scheme."""
    return same(one.address) == same(other.address) or (
        one.host == other.host and one.host != "" and one.scheme != other.scheme
    )


def joined(found: Iterable[Device], named: Iterable[Device]) -> list[Device]:
    """Each device once. What a person named goes before what was found of it, and takes over what that told."""
    by_host: dict[str, list[Device]] = defaultdict(list)
    for one in found:
        by_host[one.host].append(one)
    made: dict[str, Device] = {}
    for one in named:
        known = next((each for each in by_host[one.host] if alike(each, one)), one)
        made[same(one.address)] = replace(
            one, name=one.name or known.name, hardware=known.hardware, location=known.location
        )
    named_at = {one.host for one in made.values()}
    for host, devices in by_host.items():
        others = [one for one in made.values() if one.host == host] if host in named_at else []
        made |= {same(one.address): one for one in devices if not any(alike(one, other) for other in others)}
    return list(made.values())
