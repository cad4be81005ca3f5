"""A school's network that answers as it is told, and a person who answers as written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeroom.assembly import make_source
from homeroom.commission.dialogue import YES, Option, Question
from homeroom.commission.reach import Reach
from homeroom.errors import BadInput, Denied, Unavailable
from homeroom.picture import Unit
from homeroom.ports import CameraInfo, CameraList, Found, Source, SourceStatus
from homeroom.site import CameraSettings
from tests.fakes import StillSource

RIGHT = "right"


@dataclass
class Network:
    """Devices by address, each with its password (None: open) and its cameras; counts wrong passwords."""

    devices: dict[str, Found] = field(default_factory=dict)
    passwords: dict[str, str | None] = field(default_factory=dict)
    names: dict[str, Sequence[str]] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    offsets: dict[str, float] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before: Callable[[], object] = lambda: None  # called in the thread that asks a device
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self, host: str, name: str = "", hardware: str = "", password: str | None = RIGHT, *names: str, **more: str
    ) -> None:
        """One more device, with a camera for each of `names` (one without a name by default)."""
        address = f"onvif://{host}"
        self.devices[address] = Found(address, host, name, hardware, more.get("location", ""))
        self.passwords[address] = password
        self.names[address] = names or ("",)

    def search(self, seconds: float, /) -> Sequence[Found]:
        return list(self.devices.values())

    def open(self, settings: Mapping[str, Any], /) -> CameraList:
        return _Listed(self, settings)

    def let_in(self, address: str, password: str) -> None:
        """Raises unless the password is right, and counts a wrong one."""
        self.before()
        with self._lock:
            self.asked.append(address)
            if address in self.dead:
                raise Unavailable("did not answer within 10 s")
            if self.passwords[address] in (None, password):
                return
            if password:
                self.wrong[address] = self.wrong.get(address, 0) + 1
        raise BadInput("the camera refuses the user name or password")

    def source(self, camera: CameraSettings) -> Source:
        """A still picture for network addresses, the real source for files."""
        if camera.scheme == "file":
            return make_source(camera)
        return _Camera(camera.id, offset=self.offsets.get(camera.address), refused=self._refused(camera))

    def _refused(self, camera: CameraSettings) -> bool:
        address = camera.address
        if camera.scheme != "rtsp" or address not in self.passwords:
            return False
        try:
            self.let_in(address, str(camera.settings.get("password", "")))
        except BadInput:
            return True
        return False

    @property
    def reach(self) -> Reach:
        return Reach({"onvif": self.search}, {"onvif": self.open}, frozenset({"onvif", "rtsp", "file"}), self.source)


@dataclass
class _Listed:
    network: Network
    settings: Mapping[str, Any]

    def cameras(self) -> Sequence[CameraInfo]:
        address = self.settings["address"]
        self.network.let_in(address, str(self.settings.get("password", "")))
        names = self.network.names[address]
        return [CameraInfo(f"p{i}", f"Maker M-1, {name}", "", address) for i, name in enumerate(names)]


@dataclass
class _Camera(StillSource):
    offset: float | None = None
    refused: bool = False

    @property
    def status(self) -> SourceStatus:
        return SourceStatus(clock_offset=self.offset)

    def packets(self) -> Iterator[Unit]:
        if self.refused:
            raise Denied("the camera refuses the user name or password")
        yield from super().packets()


class Script:
    """Answers each question by the first line whose words stand in it, used once; else its default.

    A question that is neither foreseen nor has a default fails the test. An answer that is a function is called.
    """

    def __init__(self, *answers: tuple[str, str | Callable[[], str]]) -> None:
        self.answers = list(answers)
        self.told: list[str] = []
        self.asked: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.told)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, question: Question) -> str:
        return question.check(self._answer(question))

    def choose(self, question: Question, options: Sequence[Option]) -> str:
        said = self._answer(question)
        assert said in {one.value for one in options}
        return said

    def confirm(self, question: Question) -> bool:
        return self._answer(question) == YES

    def secret(self, question: Question) -> str:
        return self._answer(question)

    def _answer(self, question: Question) -> str:
        self.asked.append(question.text)
        for at, (words, said) in enumerate(self.answers):
            if words in question.text:
                del self.answers[at]
                return said if isinstance(said, str) else said()
        assert question.default is not None, f"nobody foresaw: {question.text}"
        return question.default


def clip(folder: Path, name: str, root: Path) -> Path:
    """A recording of the lesson under another name."""
    path = folder / name
    path.write_bytes((root / "plugin" / "lesson" / "front.mp4").read_bytes())
    return path
