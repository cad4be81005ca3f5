from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.adapters.feed import Feed
from homeroom.adapters.nal import parameter_sets
from homeroom.errors import Unavailable
from homeroom.picture import Unit

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
SPS, PPS, SLICE = b"\x67sps", b"\x68pps", b"\x65slice"
VPS5, SPS5, PPS5, SLICE5 = b"\x40\x01vps", b"\x42\x01sps", b"\x44\x01pps", b"\x26\x01slice"


def unit(size: int = 10, *, key: bool = False) -> Unit:
    return Unit(bytes(size), NOON, key)


def test_units_come_out_as_they_went_in_and_the_end_after_them() -> None:
    feed = Feed()
    first, second = unit(1, key=True), unit(2)
    feed.put(first)
    feed.put(second)
    feed.end(Unavailable("over"))
    assert [feed.get(1), feed.get(1)] == [first, second]
    with pytest.raises(Unavailable, match="over"):
        feed.get(1)


def test_silence_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="within"):
        Feed().get(0.01)


def test_close_wakes_who_waits() -> None:
    feed = Feed()
    timer = threading.Timer(0.02, feed.close)
    timer.start()
    assert feed.get(60) is None
    timer.join()


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40), st.booleans()), max_size=60))
def test_what_is_dropped_is_always_up_to_a_key_unit_and_memory_is_bounded(
    steps: list[tuple[bool, int, bool]],
) -> None:
    feed = Feed(limit=100)
    put: list[Unit] = []
    got: list[Unit] = []
    for key, size, take in steps:
        put.append(unit(size, key=key))
        feed.put(put[-1])
        assert feed._size <= 100
        if take and feed._units:
            got.append(feed.get(1) or put[-1])
    got += list(feed._units)
    places = [next(place for place, one in enumerate(put) if one is it) for it in got]
    assert places == sorted(places)
    for before, after in zip([-1, *places], places, strict=False):
        assert after == before + 1 or put[after].key


def test_h264_sets_are_found_before_the_slice() -> None:
    data = b"\0\0\0\1\x09\xf0" + b"\0\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\1" + SLICE
    assert parameter_sets(data, "h264") == b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS


def test_h265_sets_are_found_before_the_slice() -> None:
    data = b"".join(b"\0\0\0\1" + nal for nal in (VPS5, SPS5, PPS5, SLICE5))
    assert parameter_sets(data, "hevc") == b"".join(b"\0\0\0\1" + nal for nal in (VPS5, SPS5, PPS5))


def test_sets_that_are_not_whole_count_for_nothing() -> None:
    assert parameter_sets(b"\0\0\1" + SPS + b"\0\0\1" + SLICE, "h264") == b""
    assert parameter_sets(b"\0\0\1" + SLICE + b"\0\0\1" + SPS + b"\0\0\1" + PPS, "h264") == b""
    assert parameter_sets(b"\0\0\1" + SPS + b"\0\0\1" + PPS, "mjpeg") == b""


@given(st.binary(max_size=500), st.sampled_from(["h264", "hevc", "mjpeg"]))
def test_any_bytes_can_be_searched_for_sets(data: bytes, codec: str) -> None:
    assert isinstance(parameter_sets(data, codec), bytes)
