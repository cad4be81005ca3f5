"""Recordings and stills as a Source: replayed by their own time stamps, never dropping a picture."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from homeroom.clock import Clock, SystemClock
from homeroom.errors import BadInput
from homeroom.picture import Gap, Picture, TimeSource, Unit
from homeroom.ports import SourceStatus

from .clip import STILLS, Clip, Sample, container_of
from .settings import choice, number

_START = "2000-01-01T00:00:00+00:00"


class FileSource:
    """A recording (mp4, mkv, gif) or a still (png, jpg) as a camera.

    Its first picture is taken at `start`. With pace "realtime" it behaves as a live camera does: the first picture
    is taken when it is first asked for (or at `start`, if given), and each is handed out at its own time. With
    `loop` it begins again whenever it ends, and time goes on. A recording that breaks off gives what could be
    read, then ends with a warning in the log.
    """

    def __init__(self, camera: str, settings: Mapping[str, Any], clock: Clock | None = None) -> None:
        self._camera = camera
        self._clock = clock or SystemClock()
        self._path = _path(str(settings.get("address", "")))
        self._still = container_of(self._path) in STILLS
        self._loop = bool(settings.get("loop", False))
        self._live = choice(camera, settings, "pace", ("fast", "realtime")) == "realtime"
        self._fps = number(camera, settings, "fps", 5, largest=1000)
        self._hold = timedelta(seconds=number(camera, settings, "hold", 10, largest=1e6))
        start = settings.get("start", None if self._live else _START)
        self._start = None if start is None else _instant(camera, start)
        self._info: Mapping[str, Any] = MappingProxyType({})
        self._clip: Clip | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def live(self) -> bool:
        """Whether pictures are handed out at their own time (pace "realtime")."""
        return self._live

    @property
    def info(self) -> Mapping[str, Any]:
        """codec, width, height and frame_rate; empty until the file was opened."""
        return self._info

    @property
    def status(self) -> SourceStatus:
        """Nothing to tell: there is one way to read a file."""
        return SourceStatus()

    def check(self) -> str:
        """Opens the file and says what it holds. Raises BadInput."""
        with self._open() as clip:
            codec = clip.codec
            said = f"{codec.name} {codec.width}x{codec.height}"
            return said if self._still else f"{said}, {clip.frame_rate:g} frames/s, {clip.length.total_seconds():g} s"

    def fingerprint(self) -> str:
        """SHA-256 of the file in hexadecimal: the same file has the same, wherever it lies."""
        try:
            with self._path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise BadInput(f"{self._path} cannot be read: {error.strerror}") from error

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        """The picture shown at `due`, led up to from the last key unit; None past the end or when closed.

        Raises BadInput when the file is not what its name says.
        """
        start = self._begin()
        if self._live and not self._wait(due, timeout):
            return None if self._closed.is_set() else Gap(self._camera, self._clock.now(), due, "not yet due")
        with self._lock:
            if self._closed.is_set():
                return None
            if self._clip is None:
                self._clip = self._open()
            return self._shown(self._clip, start, max(due, start))

    def packets(self) -> Generator[Unit, None, None]:
        """All units in decoding order; a still again and again at `fps`. Raises BadInput as fetch does."""
        begin = self._begin()
        for unit, when in self._stills(begin) if self._still else self._units(begin):
            if self._closed.is_set() or (self._live and not self._wait(when)):
                return
            yield unit

    def close(self) -> None:
        """Lets go of the file, for good; ends a waiting call."""
        self._closed.set()
        with self._lock:
            if self._clip is not None:
                self._clip.close()
                self._clip = None

    def _begin(self) -> datetime:
        if self._start is None:
            self._start = self._clock.now()
        return self._start

    def _open(self) -> Clip:
        clip = Clip(self._path)
        codec = clip.codec
        rate = self._fps if self._still else clip.frame_rate
        self._info = MappingProxyType(
            {"codec": codec, "width": codec.width, "height": codec.height, "frame_rate": rate}
        )
        return clip

    def _wait(self, until: datetime, timeout: float | None = None) -> bool:
        """Waits for a time; whether it came before the timeout and before close()."""
        ahead = (until - self._clock.now()).total_seconds()
        patience = ahead if timeout is None else min(ahead, timeout)
        if self._closed.is_set() or (patience > 0 and self._clock.wait(self._closed, patience)):
            return False
        return ahead <= patience or ahead <= 0

    def _shown(self, clip: Clip, start: datetime, due: datetime) -> Picture | None:
        length = self._hold if self._still else clip.length
        at = due - start
        turns, within = divmod(at, length) if self._loop and length else (0, at)
        if within >= length:
            return None
        run = clip.until(timedelta(0) if self._still else within)
        if not run:
            return None
        offset = due if self._still else start + turns * length
        units = tuple(_unit(sample, offset) for sample in run)
        return Picture(self._camera, units[-1].utc, clip.codec, units, fresh=True, time_source=TimeSource.CONTAINER)

    def _units(self, begin: datetime) -> Iterator[tuple[Unit, datetime]]:
        """Units and when each is to be handed out: by decoding time, since B-frames come after what they lean on."""
        length = timedelta(0)
        while True:
            last = begin
            with self._open() as clip:
                for sample in clip.samples():
                    yield _unit(sample, begin), begin + min(sample.at, sample.dts)
                    length = max(length, sample.end)
                    last = begin + length
            if not self._loop or last == begin:
                return
            begin = last

    def _stills(self, begin: datetime) -> Iterator[tuple[Unit, datetime]]:
        with self._open() as clip:
            run = clip.until(timedelta(0))
        for shown in count() if run else ():
            offset = timedelta(seconds=shown / self._fps)
            if offset >= self._hold and not self._loop:
                return
            yield _unit(run[0], begin + offset), begin + offset


def _unit(sample: Sample, offset: datetime) -> Unit:
    return Unit(sample.data, offset + sample.at, sample.key, TimeSource.CONTAINER)


def _path(address: str) -> Path:
    if address.startswith("file://"):
        return Path(url2pathname(unquote(urlsplit(address).path)))
    return Path(address.removeprefix("file:"))


def _instant(camera: str, text: object) -> datetime:
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadInput(f"{camera}: start must be a time such as {_START}, not {text!r}") from error
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
