"""Draws the clip and writes down what happens in it.

    python -m tests.drawn.clip tests/drawn/classroom.mp4 tests/drawn/script.json

Four people at four desks for 20 seconds. Their hair and the hues of their clothes are held out from training.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from tests.drawn.canvas import HEIGHT, WIDTH
from tests.drawn.figure import Figure, Look, Pose
from tests.drawn.room import Decor
from tests.drawn.scene import AXES, Drawing, Image, Person, as_json, draw
from tests.drawn.tidy import tidy

RATE, SECONDS = 10, 20
SIZE = (1280, 720)
MOVE = 0.9  # seconds that a movement takes; what is said of an axis changes in its middle

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """Who sits at a seat and what they do; spans are (from, to) in seconds, from the middle of a movement."""

    seat: str
    figure: Figure
    hands: Sequence[Span] = ()
    stands: Sequence[Span] = ()
    writes: Sequence[Span] = ()
    rests: Sequence[Span] = ()
    reads: bool = False


def parts() -> tuple[Part, ...]:
    """The cast and its script."""
    reader = Look(
        (88, 120, 168),
        "crop",
        (30, 32, 40),
        (206, 186, 96),
        (226, 228, 240),
        (70, 54, 48),
        "vneck",
        glasses=True,
        beard=True,
    )
    asker = Look((60, 84, 124), "waves", (28, 26, 30), (150, 64, 176), (236, 238, 240), (84, 62, 56), "plain")
    writer = Look((150, 178, 216), "bun", (46, 84, 138), (160, 144, 58), (242, 244, 246), (70, 54, 48), "collar")
    sleeper = Look((172, 196, 232), "crop", (52, 92, 150), (120, 70, 140), (190, 160, 214), (60, 60, 64), "stripes")
    back, front = (512.0, 60.0), (726.0, 86.0)
    return (
        Part(
            "A1", Figure(392, *front, writer, Pose("paper", "write", hand="raised")), hands=[(14, 16)], writes=[(3, 12)]
        ),
        Part("A2", Figure(1208, *front, sleeper, Pose("folded", "folded", yaw=-0.4)), rests=[(8, SECONDS + 1)]),
        Part(
            "B1",
            Figure(604, *back, asker, Pose("folded", "folded", hand="raised", yaw=0.3)),
            hands=[(2, 5)],
            stands=[(7, 10)],
        ),
        Part("B2", Figure(996, *back, reader, Pose("book", "book", activity="reading-up", pitch=0.2)), reads=True),
    )


def share(spans: Sequence[Span], at: float) -> float:
    """How far a movement has come at a time: 0 outside the spans, 1 inside, with a soft passage between."""
    best = 0.0
    for start, end in spans:
        ramp = min((at - start) / MOVE, (end - at) / MOVE) + 0.5
        best = max(best, float(np.clip(ramp, 0, 1)))
    return best * best * (3 - 2 * best)


def pose_at(part: Part, at: float) -> Pose:
    """The pose of a part at a time of the clip, with breath, blinking and the pen's strokes."""
    base, phase = part.figure.pose, sum(map(ord, part.seat))
    pose = replace(
        base,
        lift=share(part.stands, at),
        down=share(part.rests, at),
        raise_right=share(part.hands, at) if part.seat == "B1" else 0.0,
        raise_left=share(part.hands, at) if part.seat != "B1" else 0.0,
        sway=(0.02 * np.sin(at * 0.9 + phase), 0.012 * np.sin(at * 1.7 + phase)),
        blink=(at + phase * 0.37) % 3.7 < 0.15,
        yaw=base.yaw + 0.25 * np.sin(at * 0.5 + phase),
    )
    if part.reads:
        pose = replace(pose, pitch=0.3 + 0.1 * np.sin(at * 0.8))
    if part.writes:
        writing = share(part.writes, at)
        stroke = (0.07 * np.sin(at * 5.1) * writing + 0.06, 0.03 * np.sin(at * 9.7) * writing)
        doing: dict[str, Any] = (
            {"activity": "writing", "stroke": stroke}
            if writing > 0.5
            else {"left": "folded", "right": "folded", "materials": True}
        )
        pose = replace(pose, pitch=0.4 * writing, **doing)
    if pose.lift > 0.3 and part.stands:
        pose = replace(pose, left="hang", right="hang")
    return pose


def drawing_at(at: float) -> Drawing:
    """The whole classroom at a time of the clip."""
    decor = Decor(
        wall=(212, 230, 236),
        trim=(168, 194, 206),
        floor=(150, 176, 200),
        window=(70.0, 1290.0),
        board=(520.0, 1030.0),
        shelf=None,
        clock=424.0,
        posters=(1120.0,),
        plant=1196.0,
        seed=5,
    )
    empty = [(208.0, 512.0, 60.0), (1392.0, 512.0, 60.0), (800.0, 726.0, 86.0)]
    return Drawing(decor, [replace(part.figure, pose=pose_at(part, at)) for part in parts()], empty)


def picture_at(at: float, size: tuple[int, int] = SIZE) -> tuple[Image, list[Person]]:
    """The picture at a time of the clip, BGR of (width, height) `size`, and the people in the order of `parts`."""
    image, people = draw(drawing_at(at), size[0] * 2, size[1] * 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), people


def seats() -> Mapping[str, list[list[float]]]:
    """A polygon (0..1) for each seat: all that its person ever covers, with a margin."""
    boxes: dict[str, list[tuple[float, float, float, float]]] = {part.seat: [] for part in parts()}
    for at in np.arange(0, SECONDS, 0.5):
        _, people = draw(drawing_at(float(at)), 320, 180)
        for part, person in zip(parts(), people, strict=True):
            boxes[part.seat].append(person.box)
    polygons = {}
    for seat, seen in boxes.items():
        low, high = np.min(seen, 0)[:2] - 0.015, np.max(seen, 0)[2:] + 0.015
        (left, top), (right, bottom) = np.clip(low, 0, 1).round(3).tolist(), np.clip(high, 0, 1).round(3).tolist()
        polygons[seat] = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return polygons


def script() -> dict[str, Any]:
    """The truth about the clip: what happens at which seat from when to when, and each box once a second."""
    events = []
    for part in parts():
        spans = {"hand-raised": part.hands, "standing": part.stands, "writing": part.writes, "head-on-desk": part.rests}
        for behavior, times in spans.items():
            events += [{"seat": part.seat, "behavior": behavior, "from": a, "to": min(b, SECONDS)} for a, b in times]
        if part.reads:
            events.append({"seat": part.seat, "behavior": "reading", "from": 0, "to": SECONDS})
        events.append({"seat": part.seat, "behavior": "occupied", "from": 0, "to": SECONDS})
    samples = []
    for second in range(SECONDS):
        _, people = draw(drawing_at(second + 0.5), 320, 180)
        named = zip(parts(), as_json(people), strict=True)
        samples.append({"at": second + 0.5, "people": [{"seat": part.seat, **person} for part, person in named]})
    return {
        "clip": "classroom.mp4",
        "seconds": SECONDS,
        "rate": RATE,
        "axes": {axis: list(values) for axis, values in AXES.items()},
        "seats": seats(),
        "behaviors": sorted(events, key=lambda one: (one["from"], one["seat"])),
        "samples": samples,
    }


def write_clip(path: Path) -> None:
    """Encodes the clip as H.264 with a key frame each second and no B-frames."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        stream.codec_context.color_range = 1  # studio range (ITU-T H.273)
        stream.options = {"crf": "24", "preset": "slow", "x264-params": "keyint=10:min-keyint=10:scenecut=0:bframes=0"}
        for index in range(RATE * SECONDS):
            image, _ = picture_at(index / RATE)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    """Writes the clip and its script to the paths given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("script", type=Path)
    args = parser.parse_args()
    write_clip(args.clip)
    args.script.write_text(tidy(script()), encoding="utf-8")
    print(f"{args.clip}: {args.clip.stat().st_size} bytes, drawn at {WIDTH}x{HEIGHT} units")


if __name__ == "__main__":
    main()
