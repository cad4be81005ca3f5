"""The edges of the core, as Protocols: what an adapter or a model offers, and what it gets.

An adapter offers those that it can. Nothing here is async: sinks that need an event loop run their coroutines on
`Site.loop`, and `describe` and `notify` never block.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from .behaviors import Vocabulary
from .detection import Detection
from .event import Event
from .picture import Frame, Gap, Picture, Unit
from .scene import Scene

Dedup = Literal["key", "read-back", "none"]


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera as the outside may know it: no credentials. `token` is its id in the site manifest.

    `address` is where its video comes from, user and password taken out ("" where there is none to name);
    `codec`, `width` and `height` are known once a picture came in.
    """

    token: str
    name: str
    room: str
    address: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a behavior can be: a seat of a room, or (seat None) the room itself. `camera` sees it best."""

    room: str
    seat: str | None
    camera: str


@dataclass(frozen=True, slots=True)
class Logged:
    """An event and its place in the site's log; `seq` grows by time of writing."""

    seq: int
    event: Event


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sink's word that an event arrived. `reference` is the VMS's id for it, where it gives one."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How a live source fares; a source with one way of looking and no clock of its own says nothing.

    `rung` is the step of the ingest ladder that it stands on, `chosen` the one that it should stand on as measured,
    `reason` why it does not. `clock_offset` is by how many seconds the camera's clock is ahead of this machine's
    (negative: behind), None where the camera tells no time.
    """

    rung: str = ""
    chosen: str = ""
    reason: str = ""
    clock_offset: float | None = None

    @property
    def fallen(self) -> bool:
        """Whether pictures come in by another way than the one chosen."""
        return self.rung != self.chosen


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way to a camera's pictures gave: a picture after so many seconds, or the reason why there is none."""

    rung: str
    seconds: float
    picture: Picture | None = None
    reason: str = ""
    chosen: bool = False


class Source(Protocol):
    """Where a camera's pictures come from. One thread at a time uses it."""

    @property
    def live(self) -> bool:
        """Live sources are newest-only; others are replayed by their time stamps and never drop."""
        ...

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        """The picture at `due` (or the first after it), or why there is none within `timeout` seconds.

        None at the end of a source that ends. The Picture is fresh: decodable by itself.
        """
        ...

    def packets(self) -> Iterator[Unit]:
        """The stream's encoded units in order, from a key unit on; ends where the source ends.

        Raises Unavailable when a live source breaks off or says nothing for its timeout.
        """
        ...

    @property
    def info(self) -> Mapping[str, Any]:
        """What is known of the stream: codec (picture.Codec), width, height, frame_rate; empty until connected."""
        ...

    @property
    def status(self) -> SourceStatus:
        """How the source fares now. Safe from any thread."""
        ...

    def close(self) -> None:
        """Lets go of the connection; safe to call from another thread and twice. Ends a waiting call soon."""
        ...


class CameraList(Protocol):
    """A system that knows cameras: an ONVIF device with one or more video sources, a recorder, a VMS."""

    def cameras(self) -> Sequence[CameraInfo]:
        """All cameras that the account may see; each `address` may stand in a site manifest.

        Raises Unavailable, or BadInput for a wrong password.
        """
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered a search of the network.

    `address` opens it (the `address` of a camera in a site manifest), `id` stays the same when its address changes.
    """

    address: str
    id: str = ""
    name: str = ""
    hardware: str = ""
    location: str = ""


class Discovery(Protocol):
    """What an entry point of group `homeroom.discoveries` names: looks for cameras in the networks of this machine."""

    def __call__(self, seconds: float, /) -> Sequence[Found]:
        """Devices that answer within `seconds`, each once. Raises Unavailable where there is no network to ask."""
        ...


class Detector(Protocol):
    """Finds people and what they visibly do. Used by one thread."""

    @property
    def model(self) -> str:
        """Id of the model, as it stands in each Detection."""
        ...

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        """Detections for each frame, most likely first."""
        ...


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model. `files` maps each role to the file's SHA-384, with `ID/` before that of a part's file.

    `evidence` names the values of each axis that were measured on real pictures, `measured` tells figures in words by
    what they were measured on.
    """

    title: str
    files: Mapping[str, str]
    evidence: Mapping[str, Sequence[str]]
    measured: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Recognizer(Protocol):
    """Loaded networks. Shared by all threads; each asks for a detector of its own."""

    @property
    def id(self) -> str:
        """Id from the model manifest."""
        ...

    @property
    def degraded(self) -> str:
        """Why it does not compute where the site manifest wants it to; empty while it does. Safe from any thread."""
        ...

    def detector(self) -> Detector:
        """A detector with its own infer request."""
        ...


class Model(Recognizer, Protocol):
    """A loaded model, and what is known of it."""

    @property
    def info(self) -> ModelInfo:
        """What its manifest says of it."""
        ...


class Observer(Protocol):
    """Looks at whole pictures beside the model, and tells of a class in sum. Nothing of one person leaves it."""

    def totals(self, frame: Frame, detections: Sequence[Detection], /) -> Mapping[str, int]:
        """Value -> how many people show it, of the people in the picture. Safe from any thread."""
        ...


class Site(Protocol):
    """What a sink may ask of the site that it serves. Safe from any thread."""

    @property
    def name(self) -> str:
        """Id of the site."""
        ...

    @property
    def cameras(self) -> Sequence[CameraInfo]:
        """Every camera of the site."""
        ...

    @property
    def places(self) -> Sequence[Place]:
        """Every place that an event can name; rooms alone where policy lets no seat out."""
        ...

    @property
    def behaviors(self) -> Vocabulary:
        """The vocabulary of behaviors in force."""
        ...

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The one event loop, running in a thread of its own."""
        ...

    def now(self) -> datetime:
        """Host UTC from the injected clock."""
        ...

    def current(self) -> Sequence[Event]:
        """The last message of each episode that goes on now."""
        ...

    def log(self, after: int, limit: int) -> Sequence[Logged]:
        """Up to `limit` events written after sequence number `after`, in order."""
        ...

    def log_end(self) -> int:
        """Sequence number of the newest event in the log; 0 for an empty one."""
        ...

    def recall(self, key: str) -> str | None:
        """What the sink remembered under `key`."""
        ...

    def remember(self, key: str, value: str | None) -> None:
        """Keeps `value` under `key` through crashes; None forgets it."""
        ...


class Sink(Protocol):
    """Where scenes and events go. Made from its entry in the site manifest."""

    @property
    def name(self) -> str:
        """Id in the site manifest."""
        ...

    @property
    def dedup(self) -> Dedup:
        """How a repeat is told: by key, by reading back, or not at all."""
        ...

    def start(self, site: Site) -> None:
        """Begins to serve. Raises BadInput where its settings cannot work (a port in use, say)."""
        ...

    def describe(self, scene: Scene) -> None:
        """Takes note of a scene; a newer one of the same camera makes it worthless."""
        ...

    def notify(self, event: Event) -> Receipt:
        """Delivers an event that must arrive. Raises Temporary (offered again) or Rejected (dead letter)."""
        ...

    def close(self) -> None:
        """Stops serving; `start` may come again after it."""
        ...


@runtime_checkable
class Reconfigurable(Protocol):
    """A sink that keeps something of what it asked the site. Who asks each time needs none of this."""

    def reconfigured(self) -> None:
        """The site's cameras, places or behaviors are others now. Subscriptions and positions stay as they are."""
        ...


class Reachable(Protocol):
    """An adapter that `homeroom check` can try without starting it."""

    def check(self) -> str:
        """Reaches the other side and says in a few words what it found. Raises Unavailable or BadInput."""
        ...


class Measuring(Protocol):
    """A source with several ways to its pictures, which `homeroom check` shows side by side.

    One that knows more of its camera says so in an attribute `about`, a few words that stand before the ways.
    """

    def measure(self, timeout: float) -> Sequence[Measured]:
        """Tries each way for up to `timeout` seconds, the cheapest first; at most one of them is chosen."""
        ...


class ReadBack(Protocol):
    """A sink that can look up what a VMS recorded."""

    def read_back(self, event: Event) -> bool:
        """Whether the VMS holds this event."""
        ...


class Eraser(Protocol):
    """A sink that can take back what it wrote."""

    def erase(self, room: str, seat: str | None, until: datetime) -> Sequence[str]:
        """Removes records of a place up to a time; names what it could not reach."""
        ...


class SinkFactory(Protocol):
    """What an entry point of group `homeroom.sinks` names; a class will do."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """JSON Schema of its settings, the entry of `vms` in the site manifest."""
        ...

    def __call__(self, settings: Mapping[str, Any], /) -> Sink:
        """Settings as in the manifest, each secret resolved. No network yet."""
        ...


class ObserverFactory(Protocol):
    """What an entry point of group `homeroom.observers` names; its name is the capability that a policy pack judges."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """JSON Schema of its entry under `observers` in the site manifest."""
        ...

    def __call__(self, settings: Mapping[str, Any], folder: Path, /) -> Observer:
        """Loads what it needs; relative paths count from `folder`. Raises BadInput. Called once the pack allowed it."""
        ...


class SourceFactory(Protocol):
    """What an entry point of group `homeroom.sources` names; the entry point's name is the URL scheme."""

    def __call__(self, camera: str, settings: Mapping[str, Any], /) -> Source:
        """Settings as in the manifest's camera entry, each secret resolved. Raises BadInput at once, no network yet."""
        ...


class CameraListFactory(Protocol):
    """What an entry point of group `homeroom.cameras` names; the entry point's name is the URL scheme."""

    def __call__(self, settings: Mapping[str, Any], /) -> CameraList:
        """Settings address, username, password and timeout as in a camera entry, secrets resolved. No network yet."""
        ...


class RecognizerFactory(Protocol):
    """What an entry point of group `homeroom.decoders` names; the entry point's name is the manifest's `decoder`."""

    def __call__(
        self, manifest: Mapping[str, Any], files: Mapping[str, Any], settings: Mapping[str, Any], /
    ) -> Recognizer:
        """Loads verified `files` (role -> path), compiles for settings' device and precision, and tests itself.

        Raises BadInput when the file is not what the manifest says.
        """
        ...
