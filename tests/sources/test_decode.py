from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.adapters.file import FileSource
from homeroom.bench import video
from homeroom.bench.video import Stream
from homeroom.decode import MAX_SIDE, Decoder, _open
from homeroom.errors import Undecodable
from homeroom.picture import Codec, Frame, Picture, Unit
from tests.sources.clips import BASE, RATE, damaged, index_of, make_clip, png

START = datetime(2000, 1, 1, tzinfo=UTC)
VIDEOS = ["b.mp4", "b.mkv", "p.mp4", "h265.mp4", "h265.mkv", "full.mp4", "mjpeg.mkv", "anim.gif"]


def fetched(path: Path, seconds: float = 0) -> Picture:
    picture = FileSource("c", {"address": str(path)}).fetch(START + timedelta(seconds=seconds), 1)
    assert isinstance(picture, Picture)
    return picture


def blob(data: bytes, name: str = "png") -> Picture:
    return Picture("c", START, Codec(name), (Unit(data, START, key=True),))


@pytest.mark.parametrize("name", VIDEOS)
def test_a_single_key_unit_gives_its_frame(name: str, tmp_path: Path) -> None:
    picture = fetched(make_clip(tmp_path, name))
    assert len(picture.units) == 1
    frame = Decoder().decode(picture)
    assert (index_of(frame), frame.width, frame.height, frame.utc) == (0, 160, 90, START)


@pytest.mark.parametrize("name", VIDEOS)
def test_a_stream_is_shown_in_order_with_each_frames_own_time(name: str, tmp_path: Path) -> None:
    source = FileSource("c", {"address": str(make_clip(tmp_path, name))})
    decoder, fresh, shown = Decoder(), True, []
    units = list(source.packets())
    for unit in units:
        picture = Picture("c", START + timedelta(days=1), source.info["codec"], (unit,), fresh)
        fresh = False
        try:
            shown.append(decoder.decode(picture))
        except Undecodable:
            continue
    assert len(shown) >= len(units) - 5
    assert all(frame.utc == START + timedelta(seconds=index_of(frame) / RATE) for frame in shown)
    assert all(earlier.utc <= later.utc for earlier, later in pairwise(shown))
    assert shown[-1].utc >= units[-5].utc


def test_planes_are_views_of_what_the_decoder_holds_and_cannot_be_written(tmp_path: Path) -> None:
    frame = Decoder().decode(fetched(make_clip(tmp_path, "p.mp4", width=150, height=90)))
    assert frame.y.base is not None
    assert frame.y.shape == (90, 150)
    assert frame.u.shape == frame.v.shape == (45, 75)
    assert not frame.y.flags.writeable


def test_a_frame_outlives_its_decoder_and_the_pictures_after_it(tmp_path: Path) -> None:
    path = make_clip(tmp_path, "p.mp4")
    decoder = Decoder()
    first = decoder.decode(fetched(path))
    for second in range(1, 4):
        decoder.decode(fetched(path, second))
    del decoder
    assert index_of(first) == 0


def test_full_range_is_told_from_studio_range(tmp_path: Path) -> None:
    assert Decoder().decode(fetched(make_clip(tmp_path, "full.mp4"))).full_range
    assert not Decoder().decode(fetched(make_clip(tmp_path, "p.mp4"))).full_range


def test_gray_of_a_png_comes_out_as_studio_range_luma(tmp_path: Path) -> None:
    frame = Decoder().decode(fetched(make_clip(tmp_path, "still.png")))
    assert not frame.full_range
    assert abs(float(np.median(frame.y)) - BASE) <= 1
    assert abs(float(np.median(frame.bgr())) - (BASE - 16) * 255 / 219) <= 1


def test_odd_sides_keep_their_pixels(tmp_path: Path) -> None:
    frame = Decoder().decode(fetched(make_clip(tmp_path, "still.png", width=33, height=17)))
    assert (frame.width, frame.height) == (33, 17)
    assert frame.u.shape == (9, 17)


def test_pictures_that_do_not_begin_with_a_key_unit_are_undecodable(tmp_path: Path) -> None:
    picture = fetched(make_clip(tmp_path, "p.mp4"))
    with pytest.raises(Undecodable, match="key unit"):
        Decoder().decode(replace(picture, fresh=False))


@pytest.mark.parametrize("name", ["h264", "hevc", "mjpeg", "gif", "png"])
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=2000), extradata=st.binary(max_size=100))
def test_random_bytes_are_undecodable(name: str, data: bytes, extradata: bytes) -> None:
    unit = Unit(data, START, key=True)
    with pytest.raises(Undecodable):
        Decoder().decode(Picture("c", START, Codec(name, extradata), (unit,)))


@pytest.mark.parametrize("name", ["b.mp4", "h265.mp4", "mjpeg.mkv", "anim.gif", "still.png"])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.lists(st.integers(0, 10**6), min_size=1, max_size=20), cut=st.integers(0, 10**6))
def test_damaged_bytes_give_a_frame_or_undecodable(name: str, at: list[int], cut: int, tmp_path: Path) -> None:
    path = tmp_path / name
    picture = fetched(path if path.exists() else make_clip(tmp_path, name))
    data = damaged(picture.units[0].data, at)[: cut % len(picture.units[0].data)]
    try:
        frame = Decoder().decode(replace(picture, units=(replace(picture.units[0], data=data),)))
    except Undecodable:
        return
    assert max(frame.width, frame.height) <= MAX_SIDE


def test_a_stream_is_shown_again_from_the_key_unit_behind_a_damaged_one(tmp_path: Path) -> None:
    source = FileSource("c", {"address": str(make_clip(tmp_path, "p.mp4"))})
    units = list(source.packets())
    units[3] = replace(units[3], data=b"\0\0\0\1\x65garbage")
    decoder, shown = Decoder(), {}
    for number, unit in enumerate(units):
        picture = Picture("c", unit.utc, source.info["codec"], (unit,), fresh=number == 0)
        try:
            shown[number] = index_of(decoder.decode(picture))
        except Undecodable:
            continue
    assert all(shown[number] == number for number in range(10, 40))


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2**20, 1), (MAX_SIDE + 1, 16)])
def test_a_bomb_of_pixels_is_undecodable(width: int, height: int) -> None:
    with pytest.raises(Undecodable):
        Decoder().decode(blob(png(width, height, rows=min(height, 16))))


def test_the_size_that_a_stream_declares_is_checked_before_its_bytes(tmp_path: Path) -> None:
    picture = fetched(make_clip(tmp_path, "p.mp4"))
    with pytest.raises(Undecodable, match="too large"):
        Decoder().decode(replace(picture, codec=replace(picture.codec, width=MAX_SIDE + 1)))


def test_a_codec_that_cameras_do_not_send_is_undecodable() -> None:
    with pytest.raises(Undecodable, match="not supported"):
        Decoder().decode(blob(b"x", "vp9"))


def test_no_units_are_undecodable() -> None:
    with pytest.raises(Undecodable):
        Decoder().decode(replace(blob(b""), units=()))


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stream, Stream]:
    """Two cameras' streams of different sizes, as RTSP brings them."""
    folder = tmp_path_factory.mktemp("sent")
    streams = []
    for width in (160, 320):
        video.make(folder / f"{width}.mp4", seconds=1, width=width, height=96)
        streams.append(video.read(folder / f"{width}.mp4").as_sent())
    return streams[0], streams[1]


def alone(stream: Stream, codec: Codec, *, bare: bool = False) -> Picture:
    """A stream's first key unit; `bare` without the parameter sets that came with it."""
    unit = stream.units[0]
    data = unit.data.removeprefix(stream.codec.extradata) if bare else unit.data
    return Picture("c", unit.utc, codec, (replace(unit, data=data),))


def test_fresh_pictures_of_one_codec_share_a_context_and_another_codec_gets_its_own(
    sent: tuple[Stream, Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Codec] = []

    def counted(codec: Codec) -> VideoCodecContext:
        opened.append(codec)
        return _open(codec)

    monkeypatch.setattr("homeroom.decode._open", counted)
    one, other = sent
    decoder = Decoder()
    widths = [decoder.decode(alone(stream, stream.codec, bare=True)).width for stream in (one, one, other, other, one)]
    assert widths == [160, 160, 320, 320, 160]
    assert opened == [one.codec, other.codec, one.codec]


def test_parameter_sets_that_one_picture_brought_do_not_spoil_the_next(sent: tuple[Stream, Stream]) -> None:
    one, other = sent
    decoder = Decoder()
    first = decoder.decode(alone(one, one.codec, bare=True))
    assert decoder.decode(alone(other, one.codec)).width == 320, "it says of itself what it is"
    again = decoder.decode(alone(one, one.codec, bare=True))
    assert np.array_equal(again.y, first.y)


def test_a_frame_keeps_its_planes_while_its_decoder_goes_on(sent: tuple[Stream, Stream]) -> None:
    stream = sent[0]
    decoder = Decoder()
    first = decoder.decode(alone(stream, stream.codec))
    before = first.y.copy()
    for unit in stream.units[1:]:
        decoder.decode(Picture("c", unit.utc, stream.codec, (unit,), fresh=False))
    for _ in range(5):
        decoder.decode(alone(stream, stream.codec))
    assert np.array_equal(first.y, before)


@pytest.mark.parametrize("full_range", [False, True])
def test_planes_are_scaled_into_what_is_given(full_range: bool) -> None:
    random = np.random.default_rng(1)
    y, u, v = (random.integers(0, 256, shape, dtype=np.uint8) for shape in ((90, 160), (45, 80), (45, 80)))
    frame = Frame("c", START, y, u, v, full_range=full_range)
    into = np.zeros((60, 64), np.uint8)
    made = frame.i420(64, 40, into)
    assert made is into
    assert np.array_equal(made, frame.i420(64, 40))
    assert made.any()
