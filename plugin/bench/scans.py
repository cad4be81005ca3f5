"""What one scan costs, from the source to the picture as a network takes it, and what reading everything costs instead.

A unit is one scan of one camera, thirty seconds after the one before.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import cv2

from homeroom.decode import Decoder
from homeroom.errors import Unavailable
from homeroom.picture import Gap
from homeroom.ports import Source
from homeroom.registry import SOURCES, find

from .figures import SCAN, Reading
from .meter import Meter
from .stages import Round, Size, looped
from .video import RATE, START, Stream

KEPT = 4  # cameras that one round of the kept kinds listens to at once: one alone uses too little to be counted well


def looked(source: Source, decoder: Decoder, due: datetime, feed: Size) -> None:
    """One scan: fetched, decoded, scaled. Raises Unavailable where nothing came."""
    picture = source.fetch(due, 10)
    if picture is None or isinstance(picture, Gap):
        raise Unavailable(f"nothing to see: {picture.reason if picture else 'the source has ended'}")
    decoder.decode(picture).i420(*feed)


def _source(scheme: str, settings: Mapping[str, Any]) -> Source:
    made: Source = find(SOURCES, scheme)("bench", settings)
    return made


def from_file(path: str, stream: Stream, feed: Size) -> Round:
    """Scans of a recording, each at another of its key frames: the file is sought in every time."""
    source = _source("file", {"address": path, "loop": True, "start": START.isoformat()})
    decoder = Decoder()
    keys = [unit.utc - START for unit in stream.keys]
    turn = count()

    def work() -> int:
        number = next(turn)
        looked(source, decoder, START + number * stream.length + keys[number % len(keys)], feed)
        return 1

    return lambda seconds: looped([work], seconds)


def snapshot(port: int, feed: Size) -> Round:
    """Scans by HTTP, one picture each."""
    source = _source("http", {"address": f"http://127.0.0.1:{port}/cam1.jpg", "ingest": "snapshot"})
    decoder = Decoder()

    def work() -> int:
        looked(source, decoder, datetime.now(UTC), feed)
        return 1

    return lambda seconds: looped([work], seconds)


def _rtsp(port: int, number: int) -> str:
    return f"rtsp://127.0.0.1:{port}/cam{number}"


def on_demand(port: int, feed: Size) -> Round:
    """Scans over a connection each; most of the time is spent on waiting for a key frame, so several go at once."""
    sources = [_source("rtsp", {"address": _rtsp(port, number), "ingest": "on-demand"}) for number in range(KEPT)]
    pairs = [(source, Decoder()) for source in sources]

    def one(pair: tuple[Source, Decoder]) -> int:
        looked(*pair, datetime.now(UTC), feed)
        return 1

    return lambda seconds: looped([lambda pair=pair: one(pair) for pair in pairs], seconds)  # type: ignore[misc]


def kept(port: int, feed: Size) -> Round:
    """Scans over connections that are kept: 30 s of listening, and one picture decoded.

    A round listens to each camera for its seconds and scans it once: cost = (all - scans) / seconds * 30 + scans.
    """
    sources = [_source("rtsp", {"address": _rtsp(port, number), "ingest": "kept"}) for number in range(KEPT)]
    decoders = [Decoder() for _ in sources]

    def once() -> None:
        for source, decoder in zip(sources, decoders, strict=True):
            looked(source, decoder, datetime.now(UTC), feed)

    once()  # connects

    def round_(seconds: float) -> Reading:
        meter = Meter.start()
        before = time.thread_time()
        once()
        scans = time.thread_time() - before
        time.sleep(max(0.0, seconds - (time.perf_counter() - meter.wall)))
        read = meter.read(KEPT)
        listening = (read.cpu - scans) / read.wall * SCAN
        return Reading(KEPT, listening + scans, SCAN, read.idle, read.others)

    return round_


def captured_file(path: str, stream: Stream) -> Round:
    """A cv2.VideoCapture with its defaults that reads every frame of a recording."""
    capture = cv2.VideoCapture(path)
    frames = len(stream.units) / stream.length.total_seconds() * SCAN

    def work() -> int:
        good, _ = capture.read()
        if not good:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        return int(good)

    def round_(seconds: float) -> Reading:
        read = looped([work], seconds)
        return Reading(read.units / frames, read.cpu, read.wall, read.idle, read.others)

    return round_


def captured_rtsp(port: int) -> Round:
    """A cv2.VideoCapture with its defaults, kept on a live camera, that reads every frame.

    Counted by the frames it got, since one that falls behind on a busy machine has not done thirty seconds' work.
    """

    def opened() -> Any:
        capture = cv2.VideoCapture(_rtsp(port, 0), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise Unavailable("OpenCV cannot open the farm's camera")
        return capture

    def round_(seconds: float) -> Reading:
        capture = opened()
        read = looped([lambda: int(capture.read()[0])], seconds)
        capture.release()
        return Reading(read.units / (RATE * SCAN), read.cpu, read.wall, read.idle, read.others)

    return round_
