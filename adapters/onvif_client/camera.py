"""A camera by ONVIF: which of its profiles to look through, and what that takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from homeroom.adapters.settings import choice, number
from homeroom.adapters.web import CameraSession
from homeroom.adapters.wire import Deadline
from homeroom.clock import Clock, SystemClock
from homeroom.errors import BadInput, Unavailable

from .address import Endpoint
from .device import Device, Profile
from .exchange import MAX_ANSWER, Exchange, Login, Refused

SMALLEST = 640  # pixels of a sub-stream's width: with less, people at the back are too small for any of our models
SKEWED = 5.0  # seconds that a camera's clock may be off before it is worth naming; cameras allow 5 s and more
_VIDEO = ("h264", "hevc")


@dataclass(frozen=True, slots=True)
class View:
    """What it takes to look through one profile: addresses as this machine reaches them, "" where there is none.

    `substream` is a smaller profile of the same video source. `clock_offset` is by how many seconds the camera's
    clock is ahead of ours; `elsewhere` the host that the camera named for its stream, where that is not the manifest's.
    """

    model: str
    profile: Profile
    stream: str
    snapshot: str = ""
    substream: str = ""
    clock_offset: float | None = None
    elsewhere: str = ""

    def __str__(self) -> str:
        words = [self.model, f"profile {self.profile.token}"]
        if self.clock_offset is not None:
            words.append("clock right" if abs(self.clock_offset) < 1 else f"clock {told(self.clock_offset)}")
        if self.elsewhere:
            words.append(f"names {self.elsewhere} for its stream, which is sought at this address instead")
        return ", ".join(filter(None, words))


class OnvifCamera:
    """What can be asked of a device with one or more cameras. Keeps no connection. Safe from any thread."""

    def __init__(self, camera: str, settings: Mapping[str, Any], clock: Clock | None = None) -> None:
        """Settings as in a camera entry of the site manifest, secrets resolved. Raises BadInput; no network yet."""
        self._camera, self._settings, self._clock = camera, settings, clock or SystemClock()
        self.endpoint = Endpoint.read(camera, str(settings.get("address", "")))
        self.timeout = number(camera, settings, "timeout", 10, largest=600)
        self._udp = choice(camera, settings, "transport", ("tcp", "udp")) == "udp"
        self._login = Login(str(settings.get("username") or ""), str(settings.get("password") or ""))
        self._open: list[CameraSession] = []
        self._lock = threading.Lock()
        self._closed = False
        self._session().close()  # what is wrong with the settings is said now

    def view(self, token: str = "", timeout: float | None = None) -> View:
        """What it takes to look through the profile of that token, or the best of the first video source.

        Raises Unavailable, or BadInput for what the site manifest must change.
        """
        with self._conversation(timeout) as device:
            profiles = self._profiles(device)
            chosen = self._chosen(profiles, token)
            stream, elsewhere = device.stream_uri(chosen.token, udp=self._udp)
            snapshot = substream = model = ""
            with suppress(Unavailable):  # a camera does without
                snapshot = device.snapshot_uri(chosen.token)
            smaller = _smaller(chosen, profiles)
            if smaller is not None:
                with suppress(Unavailable):
                    substream = device.stream_uri(smaller.token, udp=self._udp)[0]
            with suppress(Unavailable):
                model = device.make_and_model()
            return View(model, chosen, stream, snapshot, substream, device.clock_offset, elsewhere)

    def sources(self, timeout: float | None = None) -> tuple[str, Sequence[Profile]]:
        """Make and model, and the best profile of each video source. Raises Unavailable or BadInput, as view does."""
        with self._conversation(timeout) as device:
            profiles = self._profiles(device)
            first = dict.fromkeys(profile.source for profile in profiles)
            model = ""
            with suppress(Unavailable):
                model = device.make_and_model()
            return model, [_best(profiles, source) for source in first]

    def close(self) -> None:
        """Ends conversations that go on, and lets no new one begin."""
        with self._lock:
            self._closed = True
            for session in self._open:
                session.close()

    def _session(self) -> CameraSession:
        return CameraSession(self._camera, self._settings, self.endpoint.url, limit=MAX_ANSWER)

    @contextmanager
    def _conversation(self, timeout: float | None) -> Iterator[Device]:
        """With services found and the clock measured, within `timeout` seconds altogether."""
        session = self._session()
        with self._lock:
            if self._closed:
                raise Unavailable("the connection was closed")
            self._open.append(session)
        try:
            until = Deadline.after(self.timeout if timeout is None else timeout)
            exchange = Exchange(session, self._login, self._clock, until)
            device = Device(self.endpoint, exchange, self._clock)
            try:
                device.set_clock()
                device.find_services()
            except Refused:
                raise self._denied(device) from None
            try:
                yield device
            except Refused:
                raise self._forbidden(device) from None
        finally:
            with self._lock:
                self._open.remove(session)
            session.close()

    @staticmethod
    def _profiles(device: Device) -> Sequence[Profile]:
        found = device.profiles()
        if not found:
            raise Unavailable("the camera has no profile with video: make one in its settings")
        return found

    @staticmethod
    def _chosen(profiles: Sequence[Profile], token: str) -> Profile:
        if not token:
            return _best(profiles, profiles[0].source)
        for profile in profiles:
            if profile.token == token:
                return profile
        raise BadInput(f"the camera has no profile {token!r}: there are {', '.join(one.token for one in profiles)}")

    def _forbidden(self, device: Device) -> BadInput:
        """What to do about a refusal of media: the user may be right, and lack a right."""
        with suppress(Unavailable):
            device.make_and_model()
            return BadInput(
                "the camera tells this user what it is, but nothing of its video: allow that user media (video) over "
                "ONVIF in its settings, or correct user name and password"
            )
        return self._denied(device)

    def _denied(self, device: Device) -> BadInput:
        """What to do about a refusal of everything."""
        if not self._login.username:
            return BadInput("the camera asks who wants to know: give `username` and `password` in the site manifest")
        ahead = device.clock_offset or 0.0
        clock = f"; or it minds its clock, {told(ahead)}: let NTP set it" if abs(ahead) > SKEWED else ""
        return BadInput(
            "the camera refuses the user name or password: correct them in the site manifest (many cameras keep a list "
            f"of users for ONVIF apart){clock}"
        )


def told(offset: float) -> str:
    """A clock's offset in words."""
    return f"{abs(offset):.0f} s {'ahead of' if offset > 0 else 'behind'} this machine's"


def _best(profiles: Sequence[Profile], source: str) -> Profile:
    """The largest of a video source; H.264 and H.265 go before all else."""
    among = [profile for profile in profiles if profile.source == source]
    return max(among, key=lambda one: (one.codec in _VIDEO, one.width * one.height))


def _smaller(than: Profile, among: Sequence[Profile]) -> Profile | None:
    """The smallest that is still large enough, of the same video source."""
    found = [
        profile
        for profile in among
        if profile.source == than.source
        and profile.codec in _VIDEO
        and SMALLEST <= profile.width < than.width
        and profile.height < than.height
    ]
    return min(found, key=lambda one: one.width * one.height, default=None)
