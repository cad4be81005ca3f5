"""Decoded pictures of a labelled set: stills one by one, a recording opened once and read in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from homeroom.decode import Decoder
from homeroom.errors import BadInput, Undecodable, Unfinished
from homeroom.picture import Frame, Gap, Picture
from homeroom.ports import Source
from homeroom.registry import SOURCES, find

from .labels import LabelledPicture

START = datetime(2000, 1, 1, tzinfo=UTC)  # where the file source counts a recording from
NEAR = timedelta(milliseconds=1)  # labels round times to it
_HELD = 64  # newest times of a recording's units: a decoder holds the last 16 pictures back until it is emptied
_PATIENCE = 10.0  # seconds; a file does not make anybody wait


def frames(pictures: Sequence[LabelledPicture]) -> Iterator[tuple[LabelledPicture, Frame]]:
    """Each picture with its frame; those of one recording stand together, in order of time.

    Raises BadInput for a file that is absent, too large, no picture, or ends before a labelled time.
    """
    for path, wanted in by_file(pictures).items():
        with closing(opened(path)) as source:
            timed = sorted((one for one in wanted if one.at is not None), key=lambda one: one.at or 0.0)
            for one in wanted:
                if one.at is None:
                    yield one, _shown(source, path, START)
            yield from _in_order(source, path, timed)


def by_file(pictures: Iterable[LabelledPicture]) -> dict[Path, list[LabelledPicture]]:
    """The pictures of each file."""
    found: dict[Path, list[LabelledPicture]] = {}
    for one in pictures:
        found.setdefault(one.path, []).append(one)
    return found


def opened(path: Path) -> Source:
    """A file as a source. Raises BadInput where it is absent or neither video nor picture."""
    if not path.is_file():
        raise BadInput(f"{path}: the labels name it, and it is not there")
    made: Source = find(SOURCES, "file")("labels", {"address": str(path)})
    return made


def _decoded(decoder: Decoder, picture: Picture, path: Path) -> Frame:
    try:
        return decoder.decode(picture)
    except Unfinished:
        raise
    except Undecodable as error:
        raise BadInput(f"{path}: {error}; take it out of the labels") from None


def _shown(source: Source, path: Path, due: datetime) -> Frame:
    picture = source.fetch(due, _PATIENCE)
    if picture is None or isinstance(picture, Gap):
        raise BadInput(f"{path}: shows nothing at {(due - START).total_seconds():g} s; correct the labels")
    try:
        return _decoded(Decoder(), picture, path)
    except Unfinished as error:
        raise BadInput(f"{path}: {error}; take it out of the labels") from None


def _in_order(source: Source, path: Path, wanted: list[LabelledPicture]) -> Iterator[tuple[LabelledPicture, Frame]]:
    """The first frame at or after each picture's time."""
    waiting = deque(wanted)
    decoder, fresh = Decoder(), True
    times: deque[datetime] = deque(maxlen=_HELD)
    for unit in source.packets() if waiting else ():
        times.append(unit.utc)
        picture = Picture("labels", unit.utc, source.info["codec"], (unit,), fresh, unit.time_source)
        fresh = False
        try:
            frame = _decoded(decoder, picture, path)
        except Unfinished:
            continue
        while waiting and frame.utc >= due(waiting[0]) - NEAR:
            yield waiting.popleft(), frame
        if not waiting:
            return
    for one in waiting:  # what the decoder held back at the end
        later = [at for at in times if at >= due(one) - NEAR]
        yield one, _shown(source, path, min(later, default=due(one) + timedelta(days=400)))


def due(picture: LabelledPicture) -> datetime:
    """The time of a picture of a recording, as the file source counts it."""
    return START + timedelta(seconds=min(picture.at or 0.0, 1e7))
