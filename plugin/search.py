"""`homeroom search`: when and where a behavior was seen, out of the store."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from .behaviors import Vocabulary
from .clock import Clock, SystemClock
from .errors import BadInput
from .event import Emit
from .manifest import load_vocabulary
from .reader import Episode, Reader
from .site import load_site

_AGO = re.compile(r"([0-9]{1,9}) ?([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_HEAD = ("start", "end", "seconds", "behavior", "room", "seat", "likelihood", "")
_EXAMPLE = """\
example:
  homeroom search --site school.json --behavior hand-raised --room 4b --since 2h

Times are ISO 8601, such as 2026-11-23T10:15:00+01:00; without a zone they are in this machine's time zone.
90s, 30m, 2h and 1d mean so long ago."""


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `search` to the command line; its namespace holds the function to call as `run`."""
    parser = subparsers.add_parser(
        "search",
        help="find when and where a behavior was seen",
        description="Lists the episodes of a behavior that touch a time. Works while `homeroom run` runs.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--behavior", metavar="ID", help="such as hand-raised (default: every behavior)")
    parser.add_argument("--room", metavar="ID", help="only in this room")
    parser.add_argument(
        "--since", metavar="TIME", help="what ended before is left out: ISO 8601, or 2h for two hours ago"
    )
    parser.add_argument("--until", metavar="TIME", help="what began at this time or later is left out")
    parser.add_argument(
        "--limit", metavar="N", type=int, default=100, help="at most the newest N (default: %(default)s)"
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--site", metavar="FILE", type=Path, help="site manifest that names the store")
    place.add_argument("--store", metavar="FILE", type=Path, help="the store itself (default: homeroom.db here)")
    parser.add_argument("--json", action="store_true", help="print one JSON array; times in UTC")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints what the parsed command line asks for; exit code 0. Raises BadInput."""
    return search(args, SystemClock(), sys.stdout, sys.stderr)


def search(args: argparse.Namespace, clock: Clock, out: TextIO, err: TextIO) -> int:
    """Prints episodes to `out` and remarks to `err`; exit code 0, also when nothing is found. Raises BadInput."""
    _known(args.behavior, load_vocabulary())
    if not 1 <= args.limit <= 1_000_000:
        raise BadInput(f"--limit {args.limit}: must be from 1 to 1000000")
    now = clock.now()
    since, until = (time and instant(time, now) for time in (args.since, args.until))
    if since and until and since >= until:
        raise BadInput(f"--since {args.since} is not before --until {args.until}")
    with Reader(_store(args)) as store:
        found = list(store.search(args.behavior, args.room, since, until, args.limit + 1))
    if len(found) > args.limit:
        found = found[1:]
        print(f"only the newest {args.limit} are shown; --limit shows more", file=err)
    if args.json:
        print(json.dumps([one.to_json() for one in found], indent=2), file=out)
    elif found:
        print(table([_HEAD, *(_line(one, now) for one in found)]), file=out)
    if not found:
        print("nothing found", file=err)
    return 0


def _store(args: argparse.Namespace) -> Path:
    """The store that is meant: by name, by its site, or the one of the default name in the working directory."""
    if args.store or args.site:
        return args.store or load_site(args.site).store
    here = Path("homeroom.db")
    if not here.exists():
        raise BadInput("no homeroom.db here: name the store by --site FILE or --store FILE")
    return here


def instant(text: str, now: datetime) -> datetime:
    """A time as a person gives it: ISO 8601 (without a zone: this machine's), or 2h for two hours before `now`.

    In UTC. Raises BadInput.
    """
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput(f"{text!r} is no time; give 2026-11-23T10:15, with a zone if you like, or 30m, 2h, 1d") from None


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text under each other, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _known(behavior: str | None, vocabulary: Vocabulary) -> None:
    known = (*vocabulary.behaviors, *vocabulary.health)
    if behavior is not None and behavior not in known:
        raise BadInput(f"--behavior {behavior}: no such behavior; known are {', '.join(known)}")


def _line(one: Episode, now: datetime) -> tuple[str, ...]:
    seconds = ((one.end or now) - one.start).total_seconds()
    end = _local(one.end) if one.end else "goes on"
    return (
        *(_local(one.start), end, f"{max(0.0, seconds):.1f}"),
        *(one.behavior, one.room or "-", one.seat or "-", f"{one.likelihood:.2f}"),
        "shadow" if one.emit is Emit.SHADOW else "",
    )


def _local(utc: datetime) -> str:
    return utc.astimezone().isoformat(" ", "seconds")
