"""`homeroom bench`: the command, added by entry point."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

MODEL = "person-detection-action-recognition-0006"
MEASURES = (
    "inference", "key-frames", "all-frames", "naive", "scan-file", "scan-kept", "scan-on-demand", "scan-snapshot",
)  # fmt: skip
KINDS = ("snapshot", "on-demand", "kept", "watch")


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the command line."""
    parser = subparsers.add_parser(
        "bench",
        help="measure what this machine can do",
        description="Measures each stage against its limit, how many cameras this machine holds, or a site over time.",
        epilog="example: homeroom bench --only inference key-frames --out bench.json",
    )
    work = parser.add_mutually_exclusive_group()
    work.add_argument("--capacity", action="store_true", help="find how many cameras this machine holds")
    work.add_argument("--soak", type=positive, metavar="CAMERAS", help="run a whole site of generated cameras")
    parser.add_argument("--model", default=MODEL, help=f"id of the model, or its manifest; default: {MODEL}")
    parser.add_argument("--video", type=Path, metavar="FILE", help="H.264 in mp4 or mkv; default: one made on the spot")
    parser.add_argument("--rounds", type=positive, default=5, help="interleaved rounds; default: 5")
    parser.add_argument("--seconds", type=span, help="length of every round; default: each measure's own")
    parser.add_argument("--only", nargs="+", choices=MEASURES, metavar="NAME", help=f"of {', '.join(MEASURES)}")
    parser.add_argument("--minutes", type=span, default=10.0, help="of a soak; default: 10")
    parser.add_argument(
        "--kind", choices=KINDS, default="snapshot", help="how cameras are looked at; default: snapshot"
    )
    parser.add_argument("--every", type=span, default=30.0, help="seconds between scans; default: 30")
    parser.add_argument("--fps", type=span, default=5.0, help="pictures a second, with --kind watch; default: 5")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep the JSON here; other measures in it stay")
    parser.set_defaults(run=run)


def positive(text: str) -> int:
    """A count on the command line."""
    value = int(text)
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text}: must be 1 to 1000")
    return value


def span(text: str) -> float:
    """A span of time, or a rate."""
    value = float(text)
    if not 0.01 <= value <= 10_000:
        raise argparse.ArgumentTypeError(f"{text}: must be 0.01 to 10000")
    return value


def run(args: argparse.Namespace) -> int:
    """Runs the command; 0 when all was measured, whatever the figures say."""
    # found when it is asked for: it needs what no other command does, and its imports would cost each of them a second
    code: int = import_module("homeroom.bench.run").run(args)
    return code
