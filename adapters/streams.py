"""The streams of one camera for watching: the smaller one where it is large enough, else the main one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing

from homeroom.errors import Unavailable
from homeroom.picture import Unit

from .rtsp import RtspSource
from .standing import Standing

WIDE = 640  # pixels; networks take 680x400 at most
SUBSTREAM, STREAM = "substream", "stream"

Units = Generator[Unit, None, None]


class Streams:
    """Units of the substream, or of the main stream while that fails. Each is connected to when it is needed."""

    def __init__(self, main: RtspSource, substream: RtspSource | None, standing: Standing) -> None:
        self._main = main
        self._substream = substream
        self.standing = standing
        self._failed: dict[str, str] = {}
        self.watched = main  # the one whose units come out

    def packets(self) -> Iterator[Unit]:
        """All units from a key unit on; a change of streams comes with a key unit. Raises Unavailable."""
        units = self._of_substream() or (yield from self._of_main())
        if units is not None:
            with closing(units):
                yield from units

    def _of_substream(self) -> Units | None:
        """The substream's units, if it is to be watched, answers, and is large enough."""
        standing = self.standing
        if self._substream is None or standing.chosen == STREAM or (standing.fallen and not standing.climbs):
            return None
        units = self._substream.packets()
        try:
            first = next(units, None)
        except Unavailable as error:
            self._failed = {SUBSTREAM: str(error)}
            return None
        if first is None:
            return None
        width = self._substream.info["width"]
        if width < WIDE:
            units.close()
            standing.choose(STREAM, f"the substream is {width} pixels wide, less than {WIDE}")
            return None
        if standing.chosen:
            standing.use(SUBSTREAM, {})
        else:
            standing.choose(SUBSTREAM, f"{width} pixels wide")
        self.watched = self._substream
        return _from(first, units)

    def _of_main(self) -> Generator[Unit, None, Units | None]:
        """The main stream's units, until the substream is back: then what that gives."""
        self.watched = self._main
        try:
            with closing(self._main.packets()) as units:
                for unit in units:
                    self._note()
                    if unit.key and self.standing.climbs:
                        back = self._of_substream()
                        if back is not None:
                            return back
                        self._note()
                    yield unit
        except Unavailable:
            self.standing.hurry()
            raise
        return None

    def _note(self) -> None:
        """The main stream's units come; if that is news, it is told."""
        standing = self.standing
        if self._failed:
            standing.chosen = SUBSTREAM
            standing.use(STREAM, self._failed)
            self._failed = {}
        elif not standing.chosen:
            standing.choose(STREAM, "no substream is named")


def _from(first: Unit, units: Units) -> Units:
    with closing(units):
        yield first
        yield from units
