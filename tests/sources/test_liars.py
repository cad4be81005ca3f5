"""Cameras that lie cost themselves alone: pictures where these are legitimate, gaps with a plain reason elsewhere."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from homeroom.decode import Decoder
from homeroom.picture import Codec, Picture, Unit
from tests.coded import Coded, code, nals, recognized, without_sets
from tests.fakes import T0
from tests.liar import NTP_1970, Wire, answered, description, streaming
from tests.sources.beside import MODES, PLAIN, Lie, beside, check_healthy, slug


def b_frames(encoder: str = "libx264") -> Coded:
    return code(encoder, params="b-adapt=0:bframes=3:scenecut=0:keyint=10", bf="3")


def sets(size: tuple[int, int]) -> bytes:
    return code(size=size, frames=1).sets


def absurd(width: int, height: int) -> bytes:
    """Parameter sets of a baseline stream of so many macroblocks (7.3.2.1.1), which no encoder makes."""
    bits = "01000010" + "00000000" + "00110011" + _ue(0) + _ue(0) + _ue(2) + _ue(1) + "0"
    bits += _ue(width // 16 - 1) + _ue(height // 16 - 1) + "1" + "1" + "0" + "0" + "1"
    bits += "0" * (-len(bits) % 8)
    sps = bytes([0x67]) + bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return b"\0\0\0\1" + sps + b"\0\0\0\1\x68\xce\x38\x80"


def _ue(value: int) -> str:
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def sends(data: bytes) -> Callable[[Wire], None]:
    """Sends these NAL units as a picture again and again."""

    def play(wire: Wire) -> None:
        for number in range(10**6):
            wire.unit(PLAIN, data, number * 3600)
            wire.wait(0.04)

    return play


def second_alone(wire: Wire) -> None:
    """Plays what it calls its second track."""
    for number in range(10**6):
        for nal in nals(PLAIN.units[number % 25].data):
            head = struct.pack(">BBHII", 0x80, 97 | 0x80, number & 0xFFFF, number * 3600, 8)
            wire.channel(2, head + nal[:60000])
        wire.wait(0.02)


def flipped(wire: Wire) -> None:
    luck = random.Random(1)
    for number in range(10**6):
        data = bytearray(PLAIN.units[number % 25].data)
        for _ in range(3):
            data[luck.randrange(5, len(data))] ^= 1 << luck.randrange(8)
        wire.unit(PLAIN, bytes(data), number * 3600)
        wire.wait(0.04)


def reports(wire: Wire) -> None:
    for number in range(10**6):
        wire.report(number * 1e5, number)
        if number % 50 == 0:
            wire.wait(0.001)


def clocked(
    ntp: Callable[[int], float], ticks: Callable[[int], int] = lambda number: number * 3600
) -> Callable[[Wire], None]:
    """Sends a sender report before each picture, and times as told."""

    def play(wire: Wire) -> None:
        for number in range(10**6):
            unit = PLAIN.units[number % 25]
            wire.report(ntp(number), ticks(number))
            wire.unit(PLAIN, unit.data, ticks(number))
            wire.wait(0.04)

    return play


def changing(*parts: Coded) -> Callable[[Wire], None]:
    """One after the other, over one connection."""

    def play(wire: Wire) -> None:
        number = 0
        while True:
            for part in parts:
                for unit in part.units:
                    wire.unit(part, unit.data, number * 3600)
                    number += 1
                    wire.wait(0.04)

    return play


MOVED = code(size=(320, 192))
NOW = NTP_1970 + 1.79e9
LEGITIMATE = {
    "B-frames": Lie(b_frames()),
    "H.265": Lie(code("libx265")),
    "H.265 with B-frames": Lie(b_frames("libx265")),
    "853x479": Lie(code(size=(853, 479), pixels="yuv444p")),
    "10 bit": Lie(code(pixels="yuv420p10le")),
    "4:2:2": Lie(code(pixels="yuv422p")),
    "4:2:2, 10 bit": Lie(code("libx265", pixels="yuv422p10le")),
    "interlaced": Lie(code(params="interlaced=1:tff=1", flags="+ildct+ilme")),
    "wrong sets in the SDP": Lie(sdp=description(PLAIN, sets=sets((640, 480)))),
    "absurd sets in the SDP": Lie(sdp=description(PLAIN, sets=absurd(65520, 65520))),
    "no sets in the SDP": Lie(sdp=description(PLAIN, sets=b"")),
    "sets in the SDP alone": Lie(without_sets(PLAIN), sdp=description(PLAIN)),
    "begins amid a group": Lie(play=streaming(PLAIN, first=5)),
    "reports of 1900": Lie(play=clocked(lambda number: number / 25)),
    "reports that run back": Lie(play=clocked(lambda number: NOW - number * 100)),
    "reports that jump by hours": Lie(play=clocked(lambda number: NOW + number * 3600)),
    "reports a second back, at times": Lie(play=clocked(lambda number: NOW + number / 25 - number // 50 % 2)),
    "stamps that wrap": Lie(
        play=clocked(lambda number: NOW + number / 25, lambda number: 2**32 - 36000 + number * 3600)
    ),
    "stamps that run back": Lie(play=clocked(lambda number: NOW + number / 25, lambda number: 10**9 - number * 3600)),
}


@pytest.mark.parametrize("mode", MODES)
def test_what_cameras_legitimately_send_is_seen_as_it_was_filmed(mode: str, tmp_path: Path) -> None:
    account = beside(tmp_path, LEGITIMATE, mode)
    check_healthy(account)
    for name, lie in LEGITIMATE.items():
        seen = account.witness.seen.get(slug(name), [])
        assert len(seen) >= 4, (name, account.reasons(slug(name)))
        assert {(one.width, one.height) for one in seen} == {(lie.coded.width, lie.coded.height)}, name
        assert min(one.decibels for one in seen) > 30, name
        assert not any(reason.startswith("undecodable") for reason in account.reasons(slug(name))), name
        assert all(-0.1 < one.late.total_seconds() < 4 for one in seen), name
        if mode == "watch":
            assert len({one.index for one in seen}) > 3, name


def fragments_without_end(wire: Wire) -> None:
    for number in range(10**6):
        wire.rtp((b"\x7c\x85" if number == 0 else b"\x7c\x05") + b"\x55" * 1400, 3600)
        if number % 100 == 0:
            wire.wait(0.001)


def tiny_ones(wire: Wire) -> None:
    many = b"\x18" + b"\x00\x02\x09\xf0" * 16000
    for number in range(10**6):
        wire.rtp(many, number * 3600)
        wire.wait(0.01)


def garbage(wire: Wire) -> None:
    for number in range(10**6):
        wire.channel(2 + number % 200, bytes(1000))
        if number % 20 == 0:
            wire.wait(0.005)


def truncated(wire: Wire) -> None:
    for number in range(10**6):
        wire.channel(
            0, (struct.pack(">BBHII", 0x80, 96, number & 0xFFFF, number * 3600, 7) + b"\x7c\x85")[: number % 14]
        )
        wire.wait(0.002)


def stalls(wire: Wire) -> None:
    wire.raw(b"$\0" + struct.pack(">H", 1000) + b"\x80\x60xx")
    wire.wait(60)


def drips(wire: Wire) -> None:
    wire.raw(b"$\0" + struct.pack(">H", 1000))
    while True:
        wire.raw(b"x")
        wire.wait(1)


def hangs_up(wire: Wire) -> None:
    wire.wait(0.2)


LONG = code(params="keyint=1000:scenecut=0", g="1000", frames=60)
HOSTILE = {
    "fragments without end": Lie(play=fragments_without_end, wrong="over 16 MiB"),
    "tiny units": Lie(play=tiny_ones, wrong="pieces is too much"),
    "garbage channels": Lie(play=garbage, wrong="within"),
    "truncated packets": Lie(play=truncated, wrong="within"),
    "stalls in a packet": Lie(play=stalls, wrong="within"),
    "drips": Lie(play=drips, wrong="within"),
    "hangs up": Lie(play=hangs_up, wrong="ended the stream|broke off|no picture|within"),
    "no key unit": Lie(play=streaming(LONG, first=5, loops=1), wrong="no key frame|within|ended"),
}
NO_KEY = {  # while watching, a minute is given to a camera whose key frames are far apart
    "absurd sets": Lie(play=sends(absurd(65520, 65520) + b"\0\0\1\x65" + bytes(range(1, 200))), wrong="within"),
    "random units": Lie(play=sends(b"\0\0\1\x65\x88" + bytes(range(3, 250)) * 20), wrong="within"),
}
REFUSING = {
    "401 again and again": Lie(
        answer=lambda _, number: answered(401, number, 'WWW-Authenticate: Digest realm="x", nonce="1"\r\n'),
        wrong="refuses the user name",
    ),
    "endless headers": Lie(
        answer=lambda *_: b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n" + b"X-A: b\r\n" * 10**6,
        wrong="within|broke off|reached",
    ),
    "a giant answer": Lie(
        answer=lambda _, number: answered(200, number, "Content-Length: 2147483647\r\n"),
        wrong="within|broke off|reached",
    ),
    "a negative answer": Lie(
        answer=lambda _, number: answered(200, number, "Content-Length: -5\r\n"),
        wrong="within|broke off|reached|no video",
    ),
    "no SDP": Lie(sdp="", wrong="no video track|broke off"),
    "a codec nobody knows": Lie(sdp=description(PLAIN).replace("H264/", "X/"), wrong="set it to H.264|no video"),
    "redirected to itself": Lie(
        answer=lambda _, number: answered(302, number, "Location: rtsp://127.0.0.1:9/\r\n"),
        wrong="refuses|within|reached|broke off",
    ),
}


CASES = [
    ({**HOSTILE, **REFUSING, **NO_KEY}, "scan"),
    ({**HOSTILE, **REFUSING}, "watch"),
    ({**HOSTILE, **NO_KEY}, "kept"),
]


@pytest.mark.parametrize(("lies", "mode"), CASES, ids=[mode for _, mode in CASES])
def test_what_no_camera_may_send_is_a_gap_with_a_reason(lies: dict[str, Lie], mode: str, tmp_path: Path) -> None:
    account = beside(tmp_path, lies, mode)
    check_healthy(account)
    for name, lie in lies.items():
        reasons = account.reasons(slug(name))
        assert reasons, name
        assert any(part in reason for part in lie.wrong.split("|") for reason in reasons), (name, reasons)
        assert all("\n" not in reason and len(reason) < 300 for reason in reasons), (name, reasons)
        assert account.scenes(slug(name)) == [], name


EITHER = {
    "flood": Lie(either=True, play=streaming(PLAIN, fps=2000)),
    "flipped bits": Lie(either=True, play=flipped),
    "a second track alone": Lie(
        either=True,
        play=second_alone,
        sdp=description(PLAIN) + "m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=control:track1\r\n",
    ),
    "reports alone": Lie(either=True, play=reports),
    "one stamp for all": Lie(either=True, play=clocked(lambda _: NOW, lambda _: 5)),
    "stamps that jump by hours": Lie(either=True, play=clocked(lambda _: NOW, lambda number: number * 3600 * 90000)),
    "random stamps": Lie(
        either=True, play=clocked(lambda number: NOW + number / 25, lambda number: number * 7919 * 10007 % 2**32)
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_what_makes_little_sense_harms_nobody_else(mode: str, tmp_path: Path) -> None:
    account = beside(tmp_path, EITHER, mode, scans=4)
    check_healthy(account)


def test_4k_is_seen_as_large_as_it_is(tmp_path: Path) -> None:
    large = code(size=(3840, 2160), frames=2)
    account = beside(tmp_path, {"large": Lie(large, streaming(large, fps=5), frames=2)}, "scan", scans=3)
    check_healthy(account, scans=3)
    assert {(one.width, one.height, one.index) for one in account.witness.seen["large"]} == {(3840, 2160, 0)}


def test_a_watched_camera_that_changes_its_size_is_seen_in_both(tmp_path: Path) -> None:
    account = beside(tmp_path, {"changing": Lie(play=changing(PLAIN, MOVED))}, "watch", scans=5)
    check_healthy(account)
    seen = account.witness.seen["changing"]
    assert {(one.width, one.height) for one in seen} == {(160, 96), (320, 192)}
    assert min(one.decibels for one in seen) > 30
    assert account.reasons("changing") == set()


@pytest.mark.parametrize("mode", ["scan", "watch"])
def test_a_camera_that_changes_its_codec_between_connections_is_seen_in_both(mode: str, tmp_path: Path) -> None:
    other = code("libx265", size=(320, 192))
    turn = [PLAIN, other]

    def play(wire: Wire) -> None:
        streaming(turn[wire.number % 2], loops=1)(wire)

    def answer(method: str, number: int) -> bytes | None:
        if method == "OPTIONS":
            asked.append(number)
        if method != "DESCRIBE":
            return None
        body = description(turn[(len(asked) - 1) % 2]).encode()
        return answered(200, number, f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n", body)

    asked: list[int] = []
    account = beside(tmp_path, {"changing": Lie(play=play, answer=answer)}, mode, scans=7 if mode == "watch" else 4)
    check_healthy(account)
    seen = account.witness.seen["changing"]
    assert {(one.width, one.height) for one in seen} == {(160, 96), (320, 192)}
    assert min(one.decibels for one in seen) > 30


def test_pictures_of_one_time_are_all_shown() -> None:
    decoder, codec = Decoder(), Codec("h264", PLAIN.sets)
    long = code(params="keyint=1000:scenecut=0", g="1000", frames=25)
    shown = [
        recognized(decoder.decode(Picture("c", T0, codec, (Unit(unit.data, T0, unit.key),), number == 0)).y, 25)[0]
        for number, unit in enumerate(long.units)
    ]
    assert shown == list(range(25))
