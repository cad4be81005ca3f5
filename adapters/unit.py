"""Joins the pieces that RTP packets bring to access units: all of one time stamp (RFC 6184 §5.1, RFC 7798 §4.1).

libavformat would do it too, but takes a unit of any size and 4 KiB for each NAL unit in it: a camera that sends nothing
but empty ones would have all memory of this machine within seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from homeroom.decode import check_pieces
from homeroom.errors import Unavailable, Undecodable
from homeroom.picture import TimeSource

from .nal import opens_picture

MAX_UNIT = 16 * 2**20  # bytes; a key unit of 8 Mpixel at the best quality takes some 4 MiB


@dataclass(frozen=True, slots=True)
class Piece:
    """What one packet brought: bytes of a unit, its time stamp in ticks of the camera's clock, and host UTC."""

    data: bytes = field(repr=False)
    ticks: int | None
    utc: datetime
    time_source: TimeSource


class Joiner:
    """Joins pieces to units; `codec` is ffmpeg's name. A unit is known to be whole when the next one begins.

    ffmpeg gives the first two units of a camera that counts from 0 one time stamp. Who wants each for itself says
    `apart`; the two fields of a first interlaced picture come apart then too, which a lone key unit must not.
    """

    def __init__(self, codec: str, *, apart: bool = False) -> None:
        self._codec = codec
        self._first = apart
        self._sliced = False  # whether the first picture has begun
        self._pieces: list[Piece] = []
        self._size = 0

    def add(self, piece: Piece) -> Iterator[Piece]:
        """The unit that this piece ends, if any. Raises Unavailable for units that no honest camera sends."""
        begun = bool(self._pieces)
        whole = self._codec not in {"h264", "hevc"}  # of other codecs each packet is one
        opens = self._first and opens_picture(piece.data, self._codec)
        if begun and (whole or piece.ticks != self._pieces[0].ticks or (opens and self._sliced)):
            yield self._taken()
            self._first = False
        self._sliced = self._sliced or opens
        self._pieces.append(piece)
        self._size += len(piece.data)
        if self._size > MAX_UNIT:
            raise Unavailable("the camera sends pictures of over 16 MiB: lower its bit rate")
        if whole:
            yield self._taken()

    def leave_out(self, piece: Piece) -> Iterator[Piece]:
        """As `add`, for a piece of a unit that nobody wants: what was held of the same unit goes with it."""
        held = self._pieces
        if held and (piece.ticks != held[0].ticks or opens_picture(piece.data, self._codec)):
            yield self._taken()
        self._pieces, self._size = [], 0

    def end(self) -> Iterator[Piece]:
        """The last unit, where one was begun."""
        if self._pieces:
            yield self._taken()

    def _taken(self) -> Piece:
        first = self._pieces[0]
        data = b"".join(piece.data for piece in self._pieces)
        self._pieces, self._size = [], 0
        try:
            check_pieces(self._codec, data)
        except Undecodable as error:
            raise Unavailable(f"the camera sends what cannot be decoded: {error}") from error
        return Piece(data, first.ticks, first.utc, first.time_source)
