from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.adapters.file import FileSource
from homeroom.decode import Decoder
from homeroom.errors import BadInput, Undecodable
from homeroom.picture import Gap, Picture, TimeSource
from homeroom.ports import Source
from tests.lab import lab
from tests.sources.clips import RATE, damaged, index_of, make_clip, png

START = datetime(2000, 1, 1, tzinfo=UTC)
VIDEOS = ["b.mp4", "b.mkv", "p.mp4", "h265.mp4", "h265.mkv", "mjpeg.mkv", "anim.gif"]


def source(path: Path | str, **entry: Any) -> FileSource:
    return FileSource("c", {"address": str(path), **entry})


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Waiter:
    """A clock that moves on by waiting, at once, and notes how it was asked to wait."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.waits.append(seconds)
        self._now += timedelta(seconds=seconds)
        return event.is_set()


def index_at(made: FileSource, decoder: Decoder, seconds: float) -> int:
    picture = made.fetch(after(seconds), 1)
    assert isinstance(picture, Picture)
    assert picture.fresh
    assert picture.units[0].key
    assert picture.time_source is TimeSource.CONTAINER
    frame = decoder.decode(picture)
    assert frame.utc == picture.utc <= after(seconds)
    return index_of(frame)


@pytest.mark.parametrize("name", VIDEOS)
def test_the_picture_at_a_time_is_the_frame_then_shown(name: str, tmp_path: Path) -> None:
    made, decoder = source(make_clip(tmp_path, name)), Decoder()
    asked = [0, 0.05, 0.1, 0.75, 1.0, 1.15, 1.2, 1.35, 2.3, 2.4, 2.45, 3.55, 3.9, 3.99, 0.6]
    assert [index_at(made, decoder, at) for at in asked] == [int(at * RATE + 1e-9) for at in asked]


@pytest.mark.parametrize("name", VIDEOS)
def test_no_unit_stands_behind_the_one_that_is_shown(name: str, tmp_path: Path) -> None:
    picture = source(make_clip(tmp_path, name)).fetch(after(1.9), 1)
    assert isinstance(picture, Picture)
    assert picture.units[-1].utc == picture.utc


@pytest.mark.parametrize("name", VIDEOS)
def test_past_the_end_there_is_nothing(name: str, tmp_path: Path) -> None:
    made = source(make_clip(tmp_path, name))
    assert made.fetch(after(3.99), 1) is not None
    assert made.fetch(after(4.01), 1) is None


@pytest.mark.parametrize("name", VIDEOS)
def test_packets_are_all_units_in_decoding_order_with_their_times(name: str, tmp_path: Path) -> None:
    units = list(source(make_clip(tmp_path, name)).packets())
    assert units[0].key
    assert sorted(unit.utc for unit in units) == [after(number / RATE) for number in range(40)]


def test_a_time_before_the_start_gives_the_first_picture(tmp_path: Path) -> None:
    picture = source(make_clip(tmp_path, "b.mp4")).fetch(after(-5), 1)
    assert isinstance(picture, Picture)
    assert picture.utc == START


def test_the_start_can_be_declared(tmp_path: Path) -> None:
    made = source(make_clip(tmp_path, "p.mp4"), start="2026-09-01T08:00:00+02:00")
    assert next(made.packets()).utc == datetime(2026, 9, 1, 6, tzinfo=UTC)


def test_a_looped_file_goes_on_and_so_does_time(tmp_path: Path) -> None:
    made, decoder = source(make_clip(tmp_path, "b.mp4"), loop=True), Decoder()
    assert index_at(made, decoder, 5.25) == 12
    assert index_at(made, decoder, 4003.95) == 39
    units = made.packets()
    times = sorted(next(units).utc for _ in range(80))
    assert times == [after(number / RATE) for number in range(80)]


@pytest.mark.parametrize("name", ["still.png", "still.jpg"])
def test_a_still_is_held(name: str, tmp_path: Path) -> None:
    made = source(make_clip(tmp_path, name), hold=3)
    picture = made.fetch(after(2.5), 1)
    assert isinstance(picture, Picture)
    assert picture.utc == picture.units[0].utc == after(2.5)
    assert index_of(Decoder().decode(picture)) == 0
    assert made.fetch(after(3), 1) is None
    assert [unit.utc for unit in made.packets()] == [after(number / 5) for number in range(15)]


def test_a_file_can_be_named_by_a_url(tmp_path: Path) -> None:
    folder = tmp_path / "a folder: 100%"
    folder.mkdir()
    path = make_clip(folder, "p.mp4")
    for address in (f"file:{path}", path.as_uri()):
        assert source(address).check() == "h264 160x90, 10 frames/s, 4 s"


def test_what_a_file_holds_is_known_once_it_was_opened(tmp_path: Path) -> None:
    made = source(make_clip(tmp_path, "h265.mp4"))
    assert made.info == {}
    made.check()
    info: Mapping[str, Any] = made.info
    assert (info["codec"].name, info["width"], info["height"], info["frame_rate"]) == ("hevc", 160, 90, 10.0)
    assert info["codec"].extradata


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = make_clip(tmp_path, "still.png")
    assert source(path).fingerprint() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_is_a_source(tmp_path: Path) -> None:
    made: Source = source(make_clip(tmp_path, "still.png"))
    assert not made.live


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("absent.mp4", None),
        ("empty.mp4", b""),
        ("text.mp4", b"#EXTM3U\nhttp://127.0.0.1/secret\n"),
        ("header.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isomiso2"),
        ("header.mkv", b"\x1a\x45\xdf\xa3" + bytes(100)),
        ("header.png", b"\x89PNG\r\n\x1a\n" + bytes(50)),
        ("header.gif", b"GIF89a" + bytes(4)),
    ],
)
def test_what_is_no_video_is_refused_by_name_and_with_a_cure(name: str, content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        source(path).check()
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        source(tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"fps": 0}, {"hold": -1}, {"hold": "long"}, {"pace": "slow"}, {"start": "noon"}, {"fps": True}]
)
def test_wrong_settings_are_refused_at_once(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"c: {next(iter(wrong))} must be"):
        source(make_clip(tmp_path, "still.png"), **wrong)


@pytest.mark.parametrize("name", ["b.mkv", "anim.gif", "mjpeg.mkv"])
def test_a_file_that_breaks_off_gives_what_could_be_read(name: str, tmp_path: Path) -> None:
    path = make_clip(tmp_path, name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 9 // 10])
    made = source(path)
    units = list(made.packets())
    assert 2 < len(units) < 40
    assert made.fetch(after(0.2), 1) is not None
    assert made.fetch(after(3.9), 1) is None


@pytest.mark.parametrize("name", [*VIDEOS, "still.png", "still.jpg"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.lists(st.integers(0, 10**6), min_size=1, max_size=30), loop=st.booleans())
def test_a_damaged_file_is_read_as_far_as_it_goes_or_refused(
    name: str, at: list[int], loop: bool, tmp_path: Path
) -> None:
    path, broken = tmp_path / name, tmp_path / f"broken-{name}"
    whole = (path if path.exists() else make_clip(tmp_path, name)).read_bytes()
    broken.write_bytes(damaged(whole, at))
    with suppress(BadInput):
        made = source(broken, loop=loop)
        assert len(list(islice(made.packets(), 200))) <= 200
        for seconds in (0, 1.55, 3.9, 1000):
            picture = made.fetch(after(seconds), 1)
            if isinstance(picture, Picture):
                with suppress(Undecodable):
                    Decoder().decode(picture)
        made.close()


def test_a_bomb_of_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(60_000, 60_000, rows=2))
    with pytest.raises(BadInput, match="bomb"):
        source(path).check()


def test_a_picture_that_is_too_large_ends_the_file_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("homeroom.adapters.clip.MAX_UNIT", 100)
    with caplog.at_level(logging.WARNING):
        assert list(source(make_clip(tmp_path, "mjpeg.mkv")).packets()) == []
    assert "ends early" in caplog.text


def test_too_few_key_frames_are_refused_with_a_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeroom.adapters.clip.MAX_RUN", 100)
    with pytest.raises(BadInput, match="ffmpeg -g"):
        source(make_clip(tmp_path, "b.mp4")).fetch(after(1), 1)


def test_in_real_time_units_come_at_their_own_time(tmp_path: Path) -> None:
    clock = Waiter(START)
    made = FileSource("c", {"address": str(make_clip(tmp_path, "b.mp4")), "pace": "realtime"}, clock)
    assert made.live
    units = list(made.packets())
    assert [unit.utc for unit in units if unit.utc > clock.now() + timedelta(seconds=1)] == []
    assert clock.now() >= after(3.5)
    assert max(clock.waits) <= 0.11


def test_in_real_time_a_picture_is_waited_for(tmp_path: Path) -> None:
    clock = Waiter(START)
    made = FileSource("c", {"address": str(make_clip(tmp_path, "p.mp4")), "pace": "realtime"}, clock)
    picture = made.fetch(after(2), 5)
    assert isinstance(picture, Picture)
    assert clock.now() == picture.utc == after(2)
    assert isinstance(made.fetch(after(60), 1), Gap)


def test_close_ends_a_waiting_call(tmp_path: Path) -> None:
    made = source(make_clip(tmp_path, "still.png"), pace="realtime", hold=1000, fps=0.001)
    units = made.packets()
    next(units)
    timer = threading.Timer(0.05, made.close)
    timer.start()
    assert next(units, None) is None
    timer.join()
    made.close()
    assert made.fetch(START, 1) is None


def test_a_real_recording_is_sampled_to_its_end() -> None:
    made, decoder = source(lab("media/intel-classroom-preview.gif")), Decoder()
    pictures = [made.fetch(after(at), 1) for at in (0, 1, 2, 2.9, 3)]
    assert pictures.pop() is None
    shown = [decoder.decode(picture) for picture in pictures if isinstance(picture, Picture)]
    assert [(frame.width, frame.height) for frame in shown] == [(480, 270)] * 4
    assert len({frame.y.tobytes() for frame in shown}) == 4
