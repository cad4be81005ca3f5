"""Logging in: one account for all devices of a kind, and never more than two tries at one device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from homeroom.errors import BadInput, Denied, HomeroomError
from homeroom.ports import CameraInfo
from homeroom.site import read_camera

from .camera import FoundCamera
from .device import Device
from .reach import Reach, side_by_side
from .text import plain

TRIES = 2  # with a password; cameras lock out who tries more
TIMEOUT = 10.0  # seconds for each question to a device
MOST = 64  # cameras that are believed to one device


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a password. `reference` names the password as a manifest does; None while it is only typed."""

    username: str
    password: str = field(repr=False)
    reference: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try: the device's cameras, or why there are none; `denied` for want of the right password."""

    device: Device
    cameras: tuple[FoundCamera, ...] = ()
    failure: str = ""
    denied: bool = False


def attempt(reach: Reach, device: Device, account: Account | None) -> Outcome:
    """Asks a device for its cameras, once, with one account or none; never raises for what the device does."""
    try:
        if device.scheme in reach.lists:
            return Outcome(device, _listed(reach, device, account))
        return Outcome(device, (_itself(reach, device, account),))
    except Denied as wrong:
        why = "wants a user name and password" if account is None else plain(str(wrong), 300)
        return Outcome(device, (), why, denied=True)
    except HomeroomError as wrong:
        return Outcome(device, (), plain(str(wrong).removeprefix(f"camera {device.address}: ")))


def _listed(reach: Reach, device: Device, account: Account | None) -> tuple[FoundCamera, ...]:
    login = {"username": account.username, "password": account.password} if account else {}
    known = reach.lists[device.scheme]({"address": device.address, "timeout": TIMEOUT, **login})
    try:
        infos = list(known.cameras())[:MOST]
    except BadInput as wrong:  # as the port has it: a wrong password, or none where one is needed
        raise Denied(str(wrong)) from None
    if not infos:
        raise HomeroomError("knows no camera")
    several = len(infos) > 1
    return tuple(_seen(reach, _camera(device, account, info, several=several), account) for info in infos)


def _camera(device: Device, account: Account | None, info: CameraInfo, *, several: bool) -> FoundCamera:
    """A camera of a device; of one with several, the profile says which it is."""
    title = info.name.rpartition(", ")[2]  # before it stand make and model, which say nothing of the place
    names = (title, device.name) if several else (device.name, title)
    token = plain(info.token, 64)
    address = info.address or device.address
    return FoundCamera(
        address=address if address.isprintable() and "@" not in address else device.address,
        device=device.address,
        profile=info.token if several and token == info.token else "",
        names=tuple(plain(one, 80) for one in names if plain(one, 80) not in ("", device.hardware)),
        location=device.location,
        room=device.room,
        username=account.username if account else "",
        password=account.reference if account else None,
    )


def _settings(camera: FoundCamera, account: Account | None) -> dict[str, object]:
    login = {"username": account.username, "password": account.password} if account else {}
    profile = {"profile": camera.profile} if camera.profile else {}
    return {"id": camera.address[:64], "address": camera.address, "timeout": TIMEOUT, **profile, **login}


def _seen(reach: Reach, camera: FoundCamera, account: Account | None) -> FoundCamera:
    """With what a look at it showed; a camera of which its device knows stays, even if nothing is seen of it now."""
    try:
        settings = read_camera(_settings(camera, account), Path(), f"camera {camera.address}")
        return replace(camera, sight=plain(reach.sight(settings)))
    except HomeroomError as wrong:
        return replace(camera, sight=f"no picture yet: {plain(str(wrong))}")


def _itself(reach: Reach, device: Device, account: Account | None) -> FoundCamera:
    title = Path(device.address).stem if device.scheme == "file" else ""
    camera = _camera(device, account, CameraInfo("", title, ""), several=False)
    settings = read_camera(_settings(camera, account), Path(), f"camera {camera.address}")
    return replace(camera, sight=plain(reach.sight(settings)))


def attempts(
    reach: Reach, devices: Sequence[Device], account_of: Callable[[Device], Account | None], tell: Callable[[str], None]
) -> list[Outcome]:
    """Tries all devices side by side, with a line for each as it ends."""
    made: list[Outcome] = []
    for _, outcome in side_by_side(lambda device: attempt(reach, device, account_of(device)), devices):
        made.append(outcome)
        tell(_line(outcome, len(made), len(devices)))
    return made


def _line(outcome: Outcome, number: int, of: int) -> str:
    count = f"[{number:>{len(str(of))}}/{of}]"
    device = outcome.device
    called = f"{device.address} ({device.name})" if device.name else device.address
    if outcome.cameras:
        return f"{count} ok     {called}  {'; '.join(one.sight for one in outcome.cameras)}"
    return f"{count} {'LOGIN ' if outcome.denied else 'FAIL  '} {called}  {outcome.failure}"
