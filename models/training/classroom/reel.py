"""Makes the two recordings and their labels of what `film` has rendered: front.mp4, corner.mp4 and labels.json.

python -m models.training.classroom.reel --out film
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from .kinds import Pixels
from .lesson import COUNT, RATE
from .sensor import developed, grained
from .stage import SEED, cameras, stage
from .takes import Takes

GRAIN = 1.0  # of 255: a camera's, where there is light; more costs more bits than people do
EVERY = RATE  # pictures from one that is labelled to the next
KEY = 5 * RATE  # pictures from one key frame to the next
QUALITY = 26  # of x264, less is better: both recordings together are to stay under 8 MB


def encode(path: Path, pictures: Iterator[Pixels], size: tuple[int, int], rate: int = RATE) -> None:
    """Writes pictures (BGR) of (width, height) `size` as H.264, without B-frames as cameras do."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = Fraction(1, rate)
        stream.codec_context.color_range = 1  # studio range (ITU-T H.273)
        stream.options = {
            "crf": str(QUALITY),
            "preset": "slow",
            "threads": "1",  # so that the bytes do not depend on the machine's processors
            "x264-params": f"keyint={KEY}:min-keyint={KEY}:scenecut=0:bframes=0",
        }
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def filmed(takes: Takes, seed: int, count: int = COUNT) -> Iterator[Pixels]:
    """The pictures of one camera, with its white balance, gamma and grain."""
    number, clean = -1, None
    for picture in range(count):
        if clean is None or takes.latest(picture) != number:
            number = takes.latest(picture)
            clean = developed(takes.take(number).picture, np.random.default_rng(seed))
        yield grained(clean, seed + picture, GRAIN)


def labels(out: Path, count: int = COUNT) -> dict[str, Any]:
    """What is true of each camera's picture, second by second, as manifests/labels.schema.json has it."""
    groups, pictures = dict(stage().groups), []
    for name in cameras():
        takes = Takes(out / name)
        for picture in range(0, count, EVERY):
            people = takes.people(takes.latest(picture))
            at = round(picture / RATE, 3)
            pictures.append({"file": f"{name}.mp4", "at": at, "camera": name, "groups": groups, "people": people})
    return {
        "labels": 1,
        "title": "a rendered lesson, two cameras of one room",
        "evidence": "rendered",
        "licence": "Apache-2.0",
        "source": f"models/training/classroom, film, seed {SEED}",
        "pictures": pictures,
    }


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m models.training.classroom.reel", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the film")
    out = parser.parse_args().out
    try:
        for number, (name, camera) in enumerate(cameras().items()):
            path = out / f"{name}.mp4"
            encode(path, filmed(Takes(out / name), SEED + 1000 * number), (camera.width, camera.height))
            print(f"{path}: {path.stat().st_size} bytes")
        (out / "labels.json").write_text(json.dumps(labels(out), separators=(",", ":")), "utf-8")
    except OSError as error:
        print(f"reel: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
