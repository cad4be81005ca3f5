"""What `homeroom bench` does with its arguments: measures, soaks or finds the capacity, and says what came of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput

from . import report
from .capacity import STEP, capacity
from .machine import describe
from .measures import GROUPS, MEASURES
from .session import Plan, measured, video_at
from .soak import Soak, soaked


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    before = earlier(args.out)  # a file that is no report is refused before the work, not after
    found: dict[str, Any] = {"machine": describe()}
    for part in _parts(args):
        found = merged(found, {**found, **part})
        if args.out is not None:
            _write(args.out, json.dumps(merged(before, found), indent=2) + "\n")
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if args.json else report.text(found))
    return 0


def _parts(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What is asked for, part by part: what is done stays where a later part fails."""
    if args.soak or args.capacity:
        soak = Soak(args.soak or 1, args.minutes * 60, args.kind, args.model, args.every, args.fps)
        yield {"soak": soaked(soak, args.video)} if args.soak else {"capacity": capacity(soak, args.video, STEP)}
        return
    with video_at(args.video) as path:
        for group in GROUPS:
            if names := [name for name in group if name in (args.only or MEASURES)]:
                yield measured(Plan(args.model, names, args.rounds, args.seconds), path)


def _write(path: Path, text: str) -> None:
    """Writes the report. BadInput where it cannot be."""
    try:
        path.write_text(text, "utf-8")
    except OSError as wrong:
        raise BadInput(f"{path}: cannot be written: {wrong.strerror}; name another file") from None


def earlier(path: Path | None) -> dict[str, Any]:
    """What a report says already; nothing where there is none. BadInput for a file that is no report."""
    if path is not None and not path.parent.is_dir():
        raise BadInput(f"{path.parent}: there is no such folder; make it, or name another file")
    if path is None or not path.exists():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        found["machine"]["cpu"]  # a report has it
    except (OSError, ValueError, TypeError, KeyError):
        raise BadInput(f"{path}: is no report of `homeroom bench`; name another file") from None
    return found


def merged(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """A report with what was found now; what it says of another machine, or of other versions, is dropped."""
    if before.get("machine") != found["machine"]:
        return found
    parts = [one["measures"] for one in (before, found) if "measures" in one]
    together = {"measures": {name: each for part in parts for name, each in part.items()}} if parts else {}
    return {**before, **found, **together}
