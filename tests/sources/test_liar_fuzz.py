"""Mutated bytes in front of everything that takes a camera apart. HOMEROOM_FUZZ sets how many are tried of each."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from homeroom.adapters.jpeg import size
from homeroom.adapters.nal import begins, opens_picture, parameter_sets
from homeroom.adapters.unit import Joiner, Piece
from homeroom.decode import MAX_SIDE, Decoder
from homeroom.errors import Unavailable, Undecodable
from homeroom.picture import Codec, Picture, TimeSource, Unit
from tests.coded import Coded, code
from tests.fakes import T0
from tests.http_camera import jpeg

COUNT = int(os.environ.get("HOMEROOM_FUZZ", "3000"))
STREAMS = [
    code(frames=6, params="keyint=6"),
    code("libx265", frames=6),
    code(frames=8, params="b-adapt=0:bframes=3:scenecut=0", bf="3"),
    code(frames=4, params="interlaced=1:tff=1", flags="+ildct+ilme"),
]


def mutated(data: bytes, luck: random.Random) -> bytes:
    """Bits flipped, parts cut, doubled, or made of nothing but start codes."""
    made = bytearray(data)
    for _ in range(luck.randint(1, 4)):
        at = luck.randrange(len(made) + 1)
        what = luck.randrange(5)
        if what == 0 and made:
            for _ in range(luck.choice((1, 3, 30))):
                made[luck.randrange(len(made))] ^= 1 << luck.randrange(8)
        elif what == 1:
            del made[at : at + luck.choice((1, 7, len(made)))]
        elif what == 2:
            made[at:at] = made[: luck.randrange(200)]
        elif what == 3:
            made[at:at] = b"\0\0\1" + luck.randbytes(luck.randrange(40))
        else:
            made[at : at + 8] = luck.choice((b"\xff" * 8, bytes(8), b"\x80" * 8))
    return bytes(made)


def strange(count: int) -> Iterator[tuple[Coded, bytes, random.Random]]:
    for number in range(count):
        luck = random.Random(number)
        coded = luck.choice(STREAMS)
        yield coded, mutated(luck.choice(coded.units).data, luck), luck


def test_parameter_sets_and_kinds_of_anything() -> None:
    for coded, data, _ in strange(COUNT):
        found = parameter_sets(data, coded.codec)
        assert len(found) <= 2 * len(data) + 4
        assert begins(data, coded.codec) in {True, False, None}
        assert opens_picture(data, coded.codec) in {True, False}


def test_all_that_comes_is_joined_once_and_in_order() -> None:
    for coded, data, luck in strange(COUNT):
        cuts = sorted(luck.randrange(len(data) + 1) for _ in range(8))
        parts = [data[one:other] for one, other in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        ticks = [luck.choice((None, 0, 3600, -(2**40))) for _ in parts]
        joiner = Joiner(coded.codec, apart=luck.random() < 0.5)
        pieces = [Piece(part, at, T0, TimeSource.ARRIVAL) for part, at in zip(parts, ticks, strict=True)]
        units = [unit for piece in pieces for unit in joiner.add(piece)] + list(joiner.end())
        assert b"".join(unit.data for unit in units) == data


def test_a_unit_ends_before_it_is_too_large() -> None:
    joiner = Joiner("h264")
    piece = Piece(bytes(2**20), 0, T0, TimeSource.ARRIVAL)
    assert [unit for _ in range(16) for unit in joiner.add(piece)] == []
    with pytest.raises(Unavailable, match="16 MiB"):
        list(joiner.add(piece))


def test_the_size_of_any_jpeg() -> None:
    whole = jpeg(64, 48)
    for number in range(COUNT):
        luck = random.Random(number)
        try:
            width, height = size(mutated(whole[: luck.randrange(20, 700)], luck))
        except Undecodable:
            continue
        assert 0 < width < 2**16
        assert 0 < height < 2**16


def test_a_decoder_shows_or_refuses_and_goes_on() -> None:
    shown = refused = 0
    decoders = {coded.codec: Decoder() for coded in STREAMS}
    for number, (coded, data, luck) in enumerate(strange(COUNT)):
        utc = T0 + number * timedelta(seconds=0.04)
        sets = mutated(coded.sets, luck) if luck.random() < 0.3 else coded.sets
        picture = Picture("c", utc, Codec(coded.codec, sets), (Unit(data, utc, key=True),), luck.random() < 0.5)
        try:
            frame = decoders[coded.codec].decode(picture)
        except Undecodable:
            refused += 1
        else:
            shown += 1
            assert 0 < max(frame.width, frame.height) <= MAX_SIDE
            assert frame.y.shape == (frame.height, frame.width)
    assert shown > COUNT / 20
    assert refused > COUNT / 20
    for coded in STREAMS:
        unit = coded.units[0]
        whole = Picture("c", T0, Codec(coded.codec, coded.sets), (Unit(unit.data, T0, key=True),))
        assert decoders[coded.codec].decode(whole).width == coded.width


def test_a_decoder_of_stills_shows_or_refuses() -> None:
    whole = jpeg(64, 48)
    for number in range(COUNT // 3):
        data = mutated(whole, random.Random(number))
        try:
            frame = Decoder().decode(Picture("c", T0, Codec("mjpeg"), (Unit(data, T0, key=True),)))
        except Undecodable:
            continue
        assert 0 < max(frame.width, frame.height) <= MAX_SIDE
