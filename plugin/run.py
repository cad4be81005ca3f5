"""`homeroom run`: serves a site until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from .acceptance import record_of
from .assembly import new_parts, parts
from .clock import SystemClock
from .console import Console
from .label.collection import collection_of
from .label.expiry import Expiry
from .reload import Reloader, WatchedFile
from .runtime import Runtime, gate_of
from .site import load_site, unlocked

Handler = Callable[[int, FrameType | None], None]


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a parser."""
    parser = subparsers.add_parser(
        "run",
        help="look at a site's cameras and tell its VMSs",
        description="Looks at the cameras of a site manifest and tells its VMSs, until Ctrl-C.",
        epilog="example: homeroom run school.json",
    )
    parser.add_argument("site", type=Path, help="the site manifest")
    parser.add_argument("--seconds", type=seconds, help="stop after so many seconds")
    parser.add_argument("--until-end", action="store_true", help="stop when all recordings are over")
    parser.add_argument("--json", action="store_true", help="print each event as a JSON object")
    parser.add_argument("--quiet", action="store_true", help="print no events")
    parser.set_defaults(run=run)


def seconds(text: str) -> float:
    """A span of time on the command line: more than nothing, at most a year."""
    value = float(text)
    if not 0 < value <= 366 * 86400:
        raise argparse.ArgumentTypeError(f"{text}: must be more than 0 and at most a year")
    return value


@contextmanager
def heeding(runtime: Runtime, reloader: Reloader | None) -> Iterator[None]:
    """Ctrl-C and a polite kill end the site in order; a hangup has its manifest read again, where there is one."""

    def stop(number: int, _frame: FrameType | None) -> None:
        runtime.stop()
        signal.signal(number, before[signal.Signals(number)])  # who asks a second time means it

    def hangup(number: int, frame: FrameType | None) -> None:
        if reloader is None or (at_terminal and not sys.stderr.isatty()):  # the terminal itself is gone
            stop(number, frame)
        else:
            reloader.ask()

    at_terminal = sys.stderr.isatty()
    handlers: dict[str, Handler] = {"SIGINT": stop, "SIGTERM": stop, "SIGHUP": hangup}
    known = {getattr(signal, name): handler for name, handler in handlers.items() if hasattr(signal, name)}
    before = {number: signal.signal(number, handler) for number, handler in known.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(runtime: Runtime, seconds: float | None, reloader: Reloader | None = None) -> None:
    """Runs a site from start to end."""
    with heeding(runtime, reloader):
        try:
            runtime.start()
            runtime.wait(seconds)
        finally:
            runtime.close()


def amount(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def without_seats(rooms: Sequence[str], site: Path) -> str:
    """What to say of rooms that have no seats."""
    cure = f"find them by `homeroom seats learn {site} --write`"
    return f"no seats yet in {', '.join(rooms)}, so nothing is told of who is there: {cure}"


def run(args: argparse.Namespace) -> int:
    """Runs the command; 0 when it ended in order."""
    path: Path = args.site
    file = WatchedFile(path)  # before it is read: it may be saved again while models are loaded
    settings = unlocked(load_site(path))
    file.add(record_of(settings.store))
    gate_of(settings)  # the law comes before any work
    console = Console(sys.stdout, as_json=args.json)
    extra = {} if args.quiet else {"console": console}
    runtime = Runtime(settings, parts(settings, extra=extra), until_end=args.until_end)
    console.gone = runtime.stop
    cameras = sum(1 for _ in settings.cameras)
    print(
        f"homeroom: site {settings.name}, {amount(len(settings.rooms), 'room')}, {amount(cameras, 'camera')}, "
        f"policy {settings.pack.id}, granularity {settings.granularity}; Ctrl-C ends it",
        file=sys.stderr,
    )
    bare = [room.id for room in settings.rooms if not room.seats]
    if bare:
        print(f"homeroom: {without_seats(bare, path)}", file=sys.stderr)
    reloader = Reloader(
        file, lambda: unlocked(load_site(path)), lambda new: runtime.reload(new, new_parts), runtime.fail
    )
    runtime.each_tick(reloader.look)
    clock = SystemClock()
    runtime.each_tick(Expiry(collection_of(settings, clock), clock).look)
    serve(runtime, args.seconds, reloader)
    return 0
