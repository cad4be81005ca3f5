"""Generated cameras, looked at by our own sources and by PyAV alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import requests

from homeroom.adapters.rtsp import RtspSource
from homeroom.bench import rtp, video
from homeroom.bench.farm import Farm, camera_of, farm
from homeroom.decode import Decoder
from homeroom.picture import Picture, TimeSource

SIZE = (320, 180)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "small.mp4"
    video.make(path, seconds=4, width=SIZE[0], height=SIZE[1])
    return path


@pytest.fixture(scope="module")
def cameras(clip: Path) -> Iterator[Farm]:
    with farm(clip) as running:
        yield running


def test_the_test_video_is_as_a_camera_sends_it(clip: Path) -> None:
    stream = video.read(clip)
    assert [unit.key for unit in stream.units] == [number % video.GOP == 0 for number in range(4 * video.RATE)]
    assert stream.length.total_seconds() == 4
    sent = stream.as_sent()
    assert sent.codec.extradata.startswith(b"\0\0\0\1")
    assert all(unit.data.startswith(sent.codec.extradata) == unit.key for unit in sent.units)
    first = Picture("c", sent.units[0].utc, sent.codec, sent.units[:1])
    assert (Decoder().decode(first).width, Decoder().decode(first).height) == SIZE


def test_packets_are_small_numbered_and_put_together_again_the_unit(clip: Path) -> None:
    unit = video.read(clip).units[0]
    made = rtp.template(unit.data, key=True)
    stamped = made.stamped(sequence=65535, ticks=90_000)
    ends = [*made.at[1:], len(stamped)]
    packets = [bytes(stamped[start:end]) for start, end in zip(made.at, ends, strict=True)]
    assert all(len(packet) <= 4 + 12 + rtp.PAYLOAD for packet in packets)
    assert [int.from_bytes(packet[6:8]) for packet in packets[:3]] == [65535, 0, 1]
    assert [packet[5] >> 7 for packet in packets] == [0] * (len(packets) - 1) + [1], "the marker ends the unit"
    assert b"".join(_whole(packets)) == b"".join(video.nals(unit.data))


def _whole(packets: list[bytes]) -> Iterator[bytes]:
    for packet in packets:
        body = packet[16:]
        if body[0] & 0x1F != 28:
            yield body
        else:
            yield (bytes([body[0] & 0xE0 | body[1] & 0x1F]) if body[1] & 0x80 else b"") + body[2:]


def test_our_source_decodes_a_generated_camera_and_believes_its_clock(cameras: Farm) -> None:
    source = RtspSource("c", {"address": f"rtsp://127.0.0.1:{cameras.rtsp}/cam3"})
    picture = source.fetch(datetime.now(UTC), 10)
    assert isinstance(picture, Picture)
    frame = Decoder().decode(picture)
    assert (frame.width, frame.height, picture.time_source) == (*SIZE, TimeSource.SENDER_REPORT)
    units = list(islice(source.packets(), video.GOP + 2))
    source.close()
    assert [unit.key for unit in units].count(True) >= 2
    assert all(later.utc > earlier.utc for earlier, later in pairwise(units))


def test_pyav_plays_a_generated_camera(cameras: Farm) -> None:
    options = {"rtsp_transport": "tcp"}
    with av.open(f"rtsp://127.0.0.1:{cameras.rtsp}/cam12", options=options, timeout=10) as stream:
        frames = list(islice(stream.decode(video=0), 30))
    assert not any(frame.is_corrupt for frame in frames)
    assert {(frame.width, frame.height) for frame in frames} == {SIZE}


def test_light_cameras_send_key_frames_alone(clip: Path) -> None:
    with farm(clip, light=True) as running:
        source = RtspSource("c", {"address": f"rtsp://127.0.0.1:{running.rtsp}/cam0"})
        units = list(islice(source.packets(), 2))
        source.close()
    assert [unit.key for unit in units] == [True, True]


def test_a_snapshot_is_a_jpeg_of_the_video(cameras: Farm) -> None:
    answer = requests.get(f"http://127.0.0.1:{cameras.http}/cam7.jpg", timeout=10)
    assert answer.headers["Content-Type"] == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert requests.get(f"http://127.0.0.1:{cameras.http}/other", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("OPTIONS * RTSP/1.0", b"200"),
        ("DESCRIBE rtsp://x/none RTSP/1.0", b"404"),
        ("SETUP rtsp://x/cam1/track1 RTSP/1.0\r\nTransport: RTP/AVP;unicast;client_port=1-2", b"461"),
        ("RECORD rtsp://x/cam1 RTSP/1.0", b"501"),
    ],
)
def test_requests_that_it_does_not_serve_are_refused(cameras: Farm, request_: str, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", cameras.rtsp), timeout=10) as connection:
        connection.sendall(f"{request_}\r\nCSeq: 7\r\n\r\n".encode())
        answer = connection.recv(4096)
    assert answer.startswith(b"RTSP/1.0 " + status)
    assert b"CSeq: 7\r\n" in answer


def test_a_client_that_sends_no_end_is_cut_off(cameras: Farm) -> None:
    with socket.create_connection(("127.0.0.1", cameras.rtsp), timeout=10) as connection:
        connection.sendall(b"x" * 20_000)
        assert connection.recv(1) == b""


def test_cameras_are_known_by_number() -> None:
    found = [camera_of(one) for one in ("/cam7.jpg", "rtsp://h:1/cam12/track1", "/cam", "/cam1/../x", "*")]
    assert found == [7, 12, None, None, None]
