from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.adapters.jpeg import size
from homeroom.adapters.snapshot import SnapshotSource, _lowres, _offset
from homeroom.decode import Decoder
from homeroom.errors import BadInput, Unavailable, Undecodable
from homeroom.picture import Frame, Gap, Picture, TimeSource
from tests.http_camera import PASSWORD, USER, HttpCamera, http_camera, jpeg

FOUR_K = (3840, 2160)


@pytest.fixture
def camera() -> Iterator[HttpCamera]:
    with http_camera() as running:
        yield running


def source(camera: HttpCamera, **settings: Any) -> SnapshotSource:
    return SnapshotSource("c", {"address": camera.url, "timeout": 5, **settings})


def now() -> datetime:
    return datetime.now(UTC)


def seen(made: SnapshotSource) -> tuple[Picture, Frame]:
    picture = made.fetch(now(), 5)
    assert isinstance(picture, Picture)
    return picture, Decoder().decode(picture)


def difference(frame: Frame, data: bytes) -> float:
    """Mean difference of a frame from what OpenCV makes of the same JPEG, in steps of 256."""
    whole = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert whole is not None
    expected = cv2.resize(whole, (680, 400), interpolation=cv2.INTER_AREA).astype(np.int16)
    return float(np.abs(frame.bgr(680, 400).astype(np.int16) - expected).mean())


def test_a_picture_is_one_request_and_one_decoded_frame(camera: HttpCamera) -> None:
    made, decoder, before = source(camera), Decoder(), now()
    for number in range(1, 4):
        picture = made.fetch(now(), 5)
        assert isinstance(picture, Picture)
        assert before <= picture.utc <= now()
        assert picture.time_source is TimeSource.ARRIVAL
        frame = decoder.decode(picture)
        assert (frame.width, frame.height, frame.full_range) == (1920, 1080, True)
        assert (len(camera.requests), decoder.decoded) == (number, number)
    assert camera.connections == 1
    assert (made.info["width"], made.info["height"]) == (1920, 1080)
    assert made.check() == "JPEG 1920x1080"


def test_a_password_is_asked_for_once() -> None:
    with http_camera("SHA-256") as camera:
        made = source(camera, username=USER, password=PASSWORD)
        seen(made)
        seen(made)
        assert len(camera.requests) == 3


def test_a_large_picture_is_decoded_at_a_quarter_and_shows_the_same(camera: HttpCamera) -> None:
    camera.picture = jpeg(*FOUR_K)
    picture, frame = seen(source(camera))
    assert (picture.codec.width, picture.codec.height, picture.codec.lowres) == (*FOUR_K, 2)
    assert (frame.width, frame.height, frame.full_range) == (960, 540, True)
    assert difference(frame, camera.picture) < 3


@pytest.mark.parametrize(
    "sampling",
    [
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ],
)
@pytest.mark.parametrize("wide", [1280, 3840])
def test_colors_are_right_however_they_are_sampled(camera: HttpCamera, sampling: int, wide: int) -> None:
    picture = cv2.imdecode(np.frombuffer(jpeg(wide, wide * 9 // 16), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    camera.picture = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling])[1].tobytes()
    _, frame = seen(source(camera))
    assert frame.height >= 400
    assert difference(frame, camera.picture) < 3


@given(st.integers(1, 8192))
def test_what_is_decoded_is_enough_for_a_network_or_all_there_is(height: int) -> None:
    power = _lowres(height)
    assert power == 0 or height >> power >= 400
    assert power != 1


def test_pictures_come_one_after_the_other_while_watching(camera: HttpCamera) -> None:
    made = source(camera, fps=100)
    units = list(islice(made.packets(), 5))
    assert all(unit.key for unit in units)
    assert [unit.utc for unit in units] == sorted({unit.utc for unit in units})
    assert camera.connections == 1


def test_watching_ends_with_an_error_or_with_close(camera: HttpCamera) -> None:
    made = source(camera, fps=0.01)
    units = made.packets()
    next(units)
    timer = threading.Timer(0.1, made.close)
    timer.start()
    assert list(units) == []
    timer.join()
    camera.fault = "503"
    with pytest.raises(Unavailable, match="503"):
        next(source(camera).packets())


@pytest.mark.parametrize(
    "picture", [b"", b"<html>log in</html>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xc0\0\x11\x08"]
)
def test_what_is_no_jpeg_is_told(camera: HttpCamera, picture: bytes) -> None:
    camera.picture = picture
    gap = source(camera).fetch(now(), 5)
    assert isinstance(gap, Gap)
    assert "no JPEG" in gap.reason


def test_a_picture_that_would_fill_the_memory_is_refused_unseen(camera: HttpCamera) -> None:
    head = jpeg(64, 48)
    at = head.index(b"\xff\xc0") + 5
    camera.picture = head[:at] + b"\xff\xff\xff\xff" + head[at + 4 :]
    gap = source(camera).fetch(now(), 5)
    assert isinstance(gap, Gap)
    assert "65535x65535" in gap.reason


def test_half_a_picture_does_not_decode_to_anything_else(camera: HttpCamera) -> None:
    camera.picture = jpeg()[:700]
    with pytest.raises(Undecodable):
        seen(source(camera))


def test_other_kinds_of_jpeg_have_their_size_told() -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    for options in ([cv2.IMWRITE_JPEG_PROGRESSIVE, 1], [cv2.IMWRITE_JPEG_RST_INTERVAL, 2]):
        assert size(cv2.imencode(".jpg", picture, options)[1].tobytes()) == (64, 48)
    assert size(b"\xff\xd8\xff\xff" + jpeg(64, 48)[3:]) == (64, 48)  # fill bytes may come before a marker


@given(st.binary(max_size=300))
def test_any_bytes_have_a_size_or_are_no_jpeg(data: bytes) -> None:
    for each in (data, b"\xff\xd8\xff" + data, jpeg(64, 48)[:20] + data):
        try:
            width, height = size(each)
        except Undecodable:
            continue
        assert 0 < width < 2**16
        assert 0 < height < 2**16


def test_the_camera_s_clock_shows_in_its_answers(camera: HttpCamera) -> None:
    made = source(camera)
    assert made.status.clock_offset is None
    seen(made)
    assert made.status.clock_offset is not None
    assert abs(made.status.clock_offset) <= 1
    assert not made.status.fallen


NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@given(st.floats(-1e6, 1e6), st.floats(0, 1))
def test_a_date_tells_the_offset_within_a_second(ahead: float, part: float) -> None:
    host = NOON + timedelta(seconds=part)
    date = (host + timedelta(seconds=ahead)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    offset = _offset(date, host)
    assert offset is not None
    assert abs(offset - ahead) <= 0.51


@given(st.text(max_size=60))
def test_any_date_is_read_or_left(date: str) -> None:
    assert isinstance(_offset(date, NOON), float | None)


def test_an_offset_out_of_reach_is_left() -> None:
    assert _offset("Tue, 01 Sep 99999999999999999999 12:00:00 GMT", NOON) is None
    assert _offset("", NOON) is None


def test_wrong_settings_are_refused_at_once() -> None:
    for settings in ({"address": "http://"}, {"fps": 0}, {"ingest": "kept"}, {"ca": "/nowhere.pem"}):
        with pytest.raises(BadInput):
            SnapshotSource("c", {"address": "https://camera/snap.jpg", **settings})
