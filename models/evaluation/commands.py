"""The commands `homeroom models evaluate` and `homeroom models convert`, as the command line has them."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

EVALUATE = """
A SET is a folder with labels.json (manifests/labels.schema.json), a folder of such folders, or a JSON file: labels, or
COCO's.
Figures have dotted names, as in --json: people.recall, macro_f1, posture.standing.recall, ece.all, end_to_end.macro_f1,
head.down.recall, latency.median_ms, subgroups.gap; with --site behaviors.hand-raised.recall as well.

examples:
  homeroom models evaluate person-detection-action-recognition-0006 labelled/room12 --min people.recall=0.9
      --max ece.all=0.05 --out evaluation
  homeroom models evaluate --site school.json --own-frames --out evaluation
"""


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `evaluate` and `convert` below `homeroom models`."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "evaluate",
        help="measure how well a model sees, on labelled pictures",
        description="Measures a model, or with --site the whole chain, on labelled pictures.",
        epilog=EVALUATE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="MODEL SET [SET...]; with --site sets alone")
    parser.add_argument(
        "--site", type=Path, metavar="FILE", help="measure the rooms, seats and rules of a site manifest"
    )
    parser.add_argument(
        "--own-frames",
        action="store_true",
        help="with --site: score the frames of `homeroom label` in place of a set, then destroy all of them",
    )
    parser.add_argument(
        "--keep-frames", action="store_true", help="with --own-frames: leave them there until they expire"
    )
    parser.add_argument("--match", choices=("iou", "head"), default="iou", help="how a person is found; default: iou")
    _add_coco(parser)
    parser.add_argument(
        "--min", action="append", default=[], metavar="NAME=NUMBER", help="fail under it; or a JSON file of such limits"
    )
    parser.add_argument("--max", action="append", default=[], metavar="NAME=NUMBER", help="fail over it")
    parser.add_argument(
        "--accept", action="store_true", help="with --site: where all limits hold, record it beside the site's store"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write JSON, pictures and a report in Markdown")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--coco", type=Path, metavar="FILE", help="write the detections as results in COCO's format")
    parser.add_argument(
        "--card", type=Path, metavar="FILE", help="write the figures between the marks of a model's card"
    )
    parser.add_argument("--accuracy", type=Path, metavar="FILE", help="write the figures into the model's manifest")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder of model files; else $HOMEROOM_MODELS or yours"
    )
    parser.add_argument("--device", default="CPU", help="OpenVINO's name of a device; default: CPU")
    parser.add_argument("--precision", choices=("default", "f32"), default="default", help="f32 compares machines")
    parser.set_defaults(run=evaluate)
    converting: argparse.ArgumentParser = verbs.add_parser(
        "convert",
        help="turn labels into COCO's JSON, or COCO's into labels",
        description="Turns a labelled set into COCO's JSON, or a JSON file of COCO's into labels.json.",
        epilog="example: homeroom models convert labelled/room12 room12.coco.json",
    )
    converting.add_argument("source", type=Path, help="a labelled set, or a JSON file of COCO's")
    converting.add_argument("target", type=Path, help="the JSON file to write")
    _add_coco(converting)
    converting.add_argument("--title", default="", help="what the set is, where COCO's file does not say")
    converting.set_defaults(run=convert)


def _add_coco(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="where the pictures of a JSON file lie, if elsewhere"
    )
    parser.add_argument(
        "--evidence", choices=("rendered", "real"), default="", help="what the pictures of COCO's file show"
    )


def evaluate(args: argparse.Namespace) -> int:
    """Runs `evaluate`: 0 when all limits hold, 1 when one does not."""
    # imported when asked for: what it needs would cost every other command half a second
    code: int = import_module("homeroom.models.evaluation.run").evaluate(args)
    return code


def convert(args: argparse.Namespace) -> int:
    """Runs `convert`; 0 when it is written."""
    code: int = import_module("homeroom.models.evaluation.run").convert(args)
    return code
