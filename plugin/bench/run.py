"""What `homeroom bench` does with its arguments: measures, soaks or finds the capacity, and says what came of it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput

from . import report
from .capacity import STEP, capacity
from .machine import describe
from .measures import MEASURES
from .session import Plan, measured
from .soak import Soak, soaked


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    before = earlier(args.out)  # a file that is no report is refused before the work, not after
    found = {"machine": describe(), **_found(args)}
    if args.out is not None:
        args.out.write_text(json.dumps(merged(before, found), indent=2) + "\n", "utf-8")
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if args.json else report.text(found))
    return 0


def _found(args: argparse.Namespace) -> dict[str, Any]:
    if not (args.soak or args.capacity):
        return measured(Plan(args.model, args.only or tuple(MEASURES), args.rounds, args.seconds, args.video))
    soak = Soak(args.soak or 1, args.minutes * 60, args.kind, args.model, args.every, args.fps)
    return {"soak": soaked(soak, args.video)} if args.soak else {"capacity": capacity(soak, args.video, STEP)}


def earlier(path: Path | None) -> dict[str, Any]:
    """What a report says already; nothing where there is none. BadInput for a file that is no report."""
    if path is None or not path.exists():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        found["machine"]["cpu"]  # noqa: B018  looked up to see that it is there
    except (OSError, ValueError, TypeError, KeyError):
        raise BadInput(f"{path}: is no report of `homeroom bench`; name another file") from None
    return found


def merged(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """A report with what was found now; what it says of another machine, or of other versions, is dropped."""
    if before.get("machine") != found["machine"]:
        return found
    return {**before, **found, "measures": {**before.get("measures", {}), **found.get("measures", {})}}
