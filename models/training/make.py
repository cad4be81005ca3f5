"""All of it, from nothing to the files that are shipped: renders, distillation, networks, calibration, export.

    python -m models.training.make --work FOLDER --media RECORDINGS --models NETWORKS

Stop it whenever you like: the same command goes on where it stopped. Prints one JSON line per stage.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from . import manifests
from .teach import inputs, int8, renders
from .teach.geometry import SIDES
from .teach.stages import Folders, Steps, behaved, calibrated, detected, distilled, exported, recordings

ROOT = Path(__file__).resolve().parents[2]
STEPS = Steps(distil=20_000, detector=3_000, behavior=5_000)  # at share 1
STAGES = ("render", "recordings", "distil", "detector", *SIDES, "calibrate", "export", "int8", "install")


def reduced(at: Folders) -> None:
    """The embedded networks in 8 bits, and the manifest of these."""
    target = at.work / "export" / "int8"
    int8.quantized(at.work / "export", at.renders / "calibration", target)
    manifests.write(manifests.embedded(target), target)


def install(at: Folders, target: Path) -> None:
    """Puts networks and manifests where the product has them, and notes what was rendered in the record."""
    manifests.place(at.work / "export", target)
    training = Path(__file__).parent
    code = inputs.code(*(training / name for name in ("human", "classroom", "teach")))
    made = {split: inputs.rendered(at.renders / split) for split in renders.PICTURES}
    inputs.write({"code_sha256": code, **made}, target / "models" / "training" / inputs.RECORD.name)


def run(arguments: argparse.Namespace) -> None:
    """All stages up to the one that was named."""
    at = Folders(arguments.work, arguments.media, arguments.models, arguments.renders or arguments.work / "renders")
    share: float = arguments.share
    planned = (max(1, round(n * share)) for n in (STEPS.distil, STEPS.detector, STEPS.behavior))
    distil, detector, behavior = arguments.steps or planned
    clips = recordings(at)  # first of all: nothing is rendered or taught before every input is known
    todo: dict[str, Callable[[], Any]] = {
        "render": lambda: None if arguments.renders else renders.render(at.renders, arguments.bpy, share),
        "recordings": lambda: {clip.name: len(clip.frames) for clip in clips},
        "distil": lambda: distilled(at, clips, distil),
        "detector": lambda: detected(at, clips, detector),
        **{name: partial(behaved, at, clips, name, behavior) for name in SIDES},
        "calibrate": lambda: {name: calibrated(at, name) for name in SIDES},
        "export": lambda: exported(at),
        "int8": lambda: reduced(at),
        "install": lambda: install(at, arguments.target),
    }
    last = STAGES.index(arguments.until)
    for stage in STAGES[: last + 1]:
        began = time.monotonic()
        told = todo[stage]()
        print(
            json.dumps({"stage": stage, "minutes": round((time.monotonic() - began) / 60, 1), "told": told}), flush=True
        )


def main() -> None:
    """The command line; exit code 2 and one line for an input that may not be taught with."""
    parser = argparse.ArgumentParser(prog="models.training.make", description=str(__doc__).splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for all that is made on the way")
    parser.add_argument("--media", type=Path, required=True, help="folder of the recordings that inputs.json names")
    parser.add_argument("--models", type=Path, required=True, help="folder of the teachers that inputs.json names")
    parser.add_argument("--renders", type=Path, help="renders by split, made elsewhere; nothing is rendered then")
    parser.add_argument("--bpy", default=sys.executable, help="a Python 3.11 that has bpy (default: this one)")
    parser.add_argument("--share", type=float, default=1.0, help="of pictures and steps; 0.01 to see whether all works")
    parser.add_argument(
        "--steps",
        type=int,
        nargs=3,
        metavar=("DISTIL", "DETECTOR", "BEHAVIOR"),
        help="steps of each; else by the share",
    )
    parser.add_argument("--until", choices=STAGES, default="install", help="the last stage to run")
    parser.add_argument(
        "--target", type=Path, default=ROOT, help="the repository whose models and manifests are written"
    )
    try:
        run(parser.parse_args())
    except inputs.Refused as refused:
        print(refused, file=sys.stderr)
        raise SystemExit(2) from refused


if __name__ == "__main__":
    main()
