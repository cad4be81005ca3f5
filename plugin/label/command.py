"""`homeroom label`: frames of a site's own cameras, taken, labelled and destroyed on this machine."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from homeroom.assembly import load_models, make_source
from homeroom.clock import Clock, SystemClock
from homeroom.errors import BadInput
from homeroom.ports import Model
from homeroom.run import amount, seconds
from homeroom.site import CameraSettings, RoomSettings, SiteSettings, load_site
from homeroom.survey import MOST_PICTURES

from .collect import Collector, shares
from .collection import Collection, collection_of
from .permit import permit_of
from .server import LabelServer

COUNT, EVERY = 40, 30.0

COLLECT = """
example: homeroom label collect school.json --room r101 --count 40

Frames are encrypted, beside the site's store. They are destroyed when they are scored, erased, or as old as the policy
pack allows. Interrupted, the same command goes on. What a model proposes leans towards that model: look at everybody,
or label with --unaided.
"""


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a parser."""
    group = subparsers.add_parser(
        "label",
        help="take and label frames of a site's own cameras, to measure a model there",
        description="Frames of a site's own cameras: held encrypted, labelled on this machine, destroyed.",
        epilog="then: homeroom models evaluate --site SITE --own-frames --out DIR",
    )
    verbs = group.add_subparsers(dest="label", required=True, metavar="COMMAND")
    _add_collect(verbs)
    serving = verbs.add_parser(
        "serve",
        help="label them in a browser on this machine",
        description="Serves the labelling page on loopback until Ctrl-C. The address that it prints holds a secret.",
        epilog="example: homeroom label serve school.json",
    )
    serving.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; default: any that is free")
    serving.set_defaults(run=serve)
    telling = verbs.add_parser(
        "status",
        help="how many there are, how many are labelled, and how long they last",
        description="Says how many frames there are, how many are labelled, and how long they last.",
        epilog="example: homeroom label status school.json --json",
    )
    telling.add_argument("--json", action="store_true", help="print JSON")
    telling.set_defaults(run=status)
    erasing = verbs.add_parser(
        "erase",
        help="destroy the key, then all frames and labels",
        description="Destroys the key, then all frames and labels.",
        epilog="example: homeroom label erase school.json",
    )
    erasing.set_defaults(run=erase)
    for parser in (serving, telling, erasing):
        parser.add_argument("site", type=Path, help="the site manifest")


def _add_collect(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "collect",
        help="take frames of the cameras",
        description="Takes frames of a site's cameras while they are looked at as usual.",
        epilog=COLLECT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("site", type=Path, help="the site manifest")
    parser.add_argument("--room", action="append", default=[], metavar="ID", help="only this room; may be repeated")
    parser.add_argument("--camera", action="append", default=[], metavar="ID", help="only this camera; may be repeated")
    parser.add_argument(
        "--count", type=count, default=COUNT, metavar="N", help=f"how many there shall be in all; {COUNT} by default"
    )
    parser.add_argument(
        "--every", type=seconds, default=EVERY, metavar="SECONDS", help=f"between two of a camera; {EVERY:g} by default"
    )
    parser.add_argument("--hours", type=hours, metavar="N", help="keep them for fewer hours than the policy pack says")
    by = parser.add_mutually_exclusive_group()
    by.add_argument("--model", metavar="ID", help="which of the site's models proposes people; the room's by default")
    by.add_argument("--unaided", action="store_true", help="propose nobody, so that labels owe nothing to a model")
    parser.set_defaults(run=collect)


def count(text: str) -> int:
    """A number of frames on the command line."""
    value = int(text)
    if not 1 <= value <= MOST_PICTURES:
        raise argparse.ArgumentTypeError(f"{text}: must be between 1 and {MOST_PICTURES}")
    return value


def hours(text: str) -> int:
    """A number of hours on the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be 1 or more")
    return value


def _begun(path: Path, clock: Clock) -> tuple[SiteSettings, Collection]:
    """The site and what is collected of it, what is over destroyed."""
    settings = load_site(path)
    collection = collection_of(settings, clock)
    gone = collection.expire()
    if gone:
        print(f"homeroom: {amount(gone, 'frame')} expired and destroyed", file=sys.stderr)
    return settings, collection


def chosen(
    settings: SiteSettings, rooms: Sequence[str], cameras: Sequence[str]
) -> list[tuple[RoomSettings, CameraSettings]]:
    """The cameras that are meant: all where none is named. Raises BadInput for an id that is not there."""
    for word, named, known in (
        ("room", rooms, [room.id for room in settings.rooms]),
        ("camera", cameras, [camera.id for _, camera in settings.cameras]),
    ):
        for id_ in named:
            if id_ not in known:
                raise BadInput(f"no {word} {id_!r}; there are {', '.join(known)}")
    found = [
        (room, camera)
        for room, camera in settings.cameras
        if (not rooms or room.id in rooms) and (not cameras or camera.id in cameras)
    ]
    if not found:
        raise BadInput(f"none of the rooms {', '.join(rooms)} has a camera {', '.join(cameras)}")
    return found


def _proposing(settings: SiteSettings, args: argparse.Namespace, rooms: Sequence[RoomSettings]) -> dict[str, Model]:
    """Room id -> the model that proposes people there."""
    if args.unaided:
        return {}
    if args.model and args.model not in settings.models:
        raise BadInput(f"--model {args.model}: not one of the site's; there are {', '.join(settings.models)}")
    names = {room.id: args.model or room.model for room in rooms}
    models = load_models(settings, set(names.values()))
    return {room: models[name] for room, name in names.items()}


def collect(args: argparse.Namespace) -> int:
    """Takes frames: 0 when there are as many as asked for, 1 when a camera gave fewer. Raises BadInput."""
    clock = SystemClock()
    settings, collection = _begun(args.site, clock)
    permit = permit_of(settings, args.hours)  # the law comes before any looking
    wanted = shares(chosen(settings, args.room, args.camera), args.count)
    models = _proposing(settings, args, [one.room for one in wanted])
    collector = Collector(
        collection, permit, settings, models, make_source, clock, args.every, partial(_progress, args.count)
    )
    collection.audit.note("collecting", args.count, permit.hours)
    before = len(collection.ids())
    try:
        lacking = collector.collect(wanted)
    finally:
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        taken = len(collection.ids()) - before
        collection.audit.note("collected", taken, permit.hours)
    for line in lacking:
        print(f"homeroom: {line}", file=sys.stderr)
    print(f"{amount(taken, 'frame')} taken; {_told(collection, clock)}")
    if collection.ids():
        print(f"label them by `homeroom label serve {args.site}`")
    return 1 if lacking else 0


def _progress(wanted: int, taken: int) -> None:
    """One line on a terminal; silent elsewhere."""
    if sys.stderr.isatty():
        print(f"\rtaking frames: {taken} of up to {wanted}\x1b[K", end="", file=sys.stderr, flush=True)


def _told(collection: Collection, clock: Clock) -> str:
    """How many there are, how many are labelled, and how long they last."""
    found = _state(collection, clock)
    if not found["frames"]:
        return "none are here"
    return f"{found['labelled']} of {found['frames']} labelled, {found['hours_left']:g} h left"


def _state(collection: Collection, clock: Clock) -> dict[str, Any]:
    ends = collection.ends()
    left = round((ends[0] - clock.now()).total_seconds() / 3600, 1) if ends else 0
    return {
        "frames": len(ends),
        "labelled": len(collection.done()),
        "hours_left": left,
        "first_expires": ends[0].isoformat() if ends else None,
        "last_expires": ends[-1].isoformat() if ends else None,
    }


def serve(args: argparse.Namespace) -> int:
    """Serves the page until Ctrl-C, or until all frames are over; 0. Raises BadInput."""
    clock = SystemClock()
    settings, collection = _begun(args.site, clock)
    permit_of(settings)  # looking at them is what the law speaks of
    if not collection.ids():
        raise BadInput(f"no frames are here; take some by `homeroom label collect {args.site}`")
    with LabelServer(collection, settings, clock, args.port) as server:
        collection.audit.note("served", len(collection.ids()))
        print(f"label at {server.page.address}", flush=True)
        print("The address is a secret, and ends with this program. Ctrl-C ends it.", flush=True)
        with suppress(KeyboardInterrupt), interruptible():
            server.serve()
    print(_told(collection, clock))
    return 0


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGINT and SIGTERM raise KeyboardInterrupt, also where a shell in the background had SIGINT ignored."""
    before = {one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def status(args: argparse.Namespace) -> int:
    """Says how many frames there are; 0. Raises BadInput."""
    clock = SystemClock()
    settings, collection = _begun(args.site, clock)
    found = {"site": settings.name, **_state(collection, clock)}
    print(json.dumps(found) if args.json else _told(collection, clock))
    return 0


def erase(args: argparse.Namespace) -> int:
    """Destroys key, frames and labels; 0, also where there is nothing. Raises BadInput."""
    settings = load_site(args.site)
    gone = collection_of(settings, SystemClock()).erase()
    print(f"the key and {amount(gone, 'frame')} destroyed" if gone else "nothing is here")
    return 0
