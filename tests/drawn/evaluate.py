"""Measures the network on scenes that it never saw and on the clip, and writes the figures to its manifest.

    python -m tests.drawn.evaluate --write tests/drawn/drawn.json

Goes through GridModel, that is through the decoder that Homeroom itself uses, at f32.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from homeroom.detection import Detection
from homeroom.geometry import Box
from homeroom.models.grid import GridModel
from homeroom.picture import Frame
from homeroom.ports import Detector
from tests.drawn.clip import RATE, SECONDS, picture_at
from tests.drawn.scene import AXES, Image, Person, sample
from tests.drawn.tidy import tidy

UNSEEN_SEEDS, HELD_OUT_SEEDS = 1_000_000, 2_000_000  # far above those of training
SAME = 0.5  # IoU from which a detection is the person


def frame_of(image: Image) -> Frame:
    """A BGR picture of even sides as a decoder would hand it over."""
    height, width = image.shape[:2]
    planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
    half = (height // 2, width // 2)
    luma, chroma = planes[:height], planes[height:].reshape(2, *half)
    return Frame("drawn", datetime(2026, 1, 1, tzinfo=UTC), luma, chroma[0], chroma[1])


def matched(people: Sequence[Person], found: Sequence[Detection]) -> list[tuple[Person, Detection]]:
    """People with the detection that is theirs, likeliest detections first."""
    left = list(people)
    pairs = []
    for one in found:
        best = max(left, key=lambda person: Box(*person.box).iou(one.box), default=None)
        if best is not None and Box(*best.box).iou(one.box) >= SAME:
            left.remove(best)
            pairs.append((best, one))
    return pairs


def measure(scenes: Iterable[tuple[Image, Sequence[Person]]], detector: Detector) -> dict[str, str]:
    """Measure -> figure over pictures with known people."""
    counts: Counter[Any] = Counter()
    for image, people in scenes:
        found = detector.detect([frame_of(image)])[0]
        pairs = matched(people, found)
        counts.update(people=len(people), found=len(pairs), boxes=len(found))
        for person, detection in pairs:
            for axis, value in person.axes.items():
                over = detection.axes[axis]
                said = max(over, key=lambda one: over[one])
                said = said if over[said] > 1 - sum(over.values()) else "uncertain"
                counts.update({(axis, "all"): 1, (axis, "right"): said == value})
                if value == "hand-raised" or said == "hand-raised":
                    counts.update({("hand", value == "hand-raised", said == "hand-raised"): 1})
    figures = {
        "people found": _share(counts["found"], counts["people"]),
        "detections that are people": _share(counts["found"], counts["boxes"]),
    }
    for axis in AXES:
        figures[f"{axis} right, of people found"] = _share(counts[axis, "right"], counts[axis, "all"])
    both, missed, wrong = (counts["hand", a, b] for a, b in ((True, True), (True, False), (False, True)))
    figures["raised hands seen"] = _share(both, both + missed)
    figures["hands called raised that are"] = _share(both, both + wrong)
    return figures


def _share(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} % ({part} of {whole})"


def entries(figures: dict[str, str], on: str) -> list[dict[str, str]]:
    """Figures in the form of a model manifest's `accuracy`."""
    source = "tests/drawn/evaluate.py"
    return [{"measure": measure, "value": value, "on": on, "source": source} for measure, value in figures.items()]


def main() -> None:
    """Evaluates the model beside its manifest; with --write, brings the manifest up to date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--models", type=Path, default=Path(__file__).parent, help="folder of the IR's files")
    parser.add_argument("--scenes", type=int, default=400)
    parser.add_argument("--write", action="store_true", help="write sizes, SHA-384 and figures into the manifest")
    args = parser.parse_args()
    document: dict[str, Any] = json.loads(args.manifest.read_text("utf-8"))
    files = {role: args.models / entry["name"] for role, entry in document["files"].items()}
    detector = GridModel(document, files, {"id": document["id"], "device": "CPU", "precision": "f32"}).detector()
    size = document["input"]["width"], document["input"]["height"]
    unseen = (sample(UNSEEN_SEEDS + i, *size) for i in range(args.scenes))
    held_out = (sample(HELD_OUT_SEEDS + i, *size, held_out=True) for i in range(args.scenes))
    clip = (picture_at(i / RATE) for i in range(0, RATE * SECONDS, 2))
    figures = [
        *entries(measure(unseen, detector), f"{args.scenes} drawn scenes of seeds never trained on"),
        *entries(measure(held_out, detector), f"{args.scenes} drawn scenes, hair and hues of clothes never trained on"),
        *entries(measure(clip, detector), "the clip's 100 pictures at 5 per second, before encoding"),
    ]
    for one in figures:
        print(f"{one['measure']}: {one['value']}  [{one['on']}]")
    if args.write:
        document["accuracy"] = figures
        for role, path in files.items():
            digest = hashlib.sha384(path.read_bytes()).hexdigest()
            document["files"][role] |= {"size": path.stat().st_size, "sha384": digest}
        args.manifest.write_text(tidy(document), "utf-8")


if __name__ == "__main__":
    main()
