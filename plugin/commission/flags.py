"""What a script says instead of answering: a flag for each question."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

SECONDS = 5.0  # for which a search of the network listens


@dataclass(frozen=True, slots=True)
class Flags:
    """The parsed command line; None where nothing was said."""

    manifest: Path = Path("site.json")
    site: str | None = None
    discover: bool | None = None
    seconds: float = SECONDS
    cameras: Path | None = None
    camera: Sequence[str] = ()
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    room: Sequence[str] = ()
    jurisdiction: str | None = None
    granularity: str | None = None
    ground: Sequence[str] = ()
    model: str | None = None
    fetch: bool | None = None
    onvif: bool | None = None
    listen: str | None = None
    vms_user: str | None = None
    vms_password_env: str | None = None
    metrics: str | None = None
    look: bool | None = None
    learn: bool | None = None
    check: bool | None = None
    add: bool = False
    force: bool = False
    resume: bool | None = None
    yes: bool = False
    json: bool = False


def read(args: argparse.Namespace) -> Flags:
    """The flags of a parsed command line."""
    values: dict[str, Any] = {one.name: getattr(args, one.name) for one in fields(Flags)}
    return Flags(**{**values, "camera": tuple(args.camera), "room": tuple(args.room), "ground": tuple(args.ground)})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds every flag to a parser."""
    parser.add_argument(
        "manifest", nargs="?", type=Path, default=Path("site.json"), help="where the manifest goes (default: site.json)"
    )
    parser.add_argument("--site", metavar="ID", help="id of the site, such as north-school")
    _cameras(parser.add_argument_group("cameras"))
    _rules(parser.add_argument_group("rules"))
    _outside(parser.add_argument_group("what it tells"))
    how = parser.add_argument_group("how it runs")
    how.add_argument("--add", action="store_true", help="add cameras and rooms to the manifest that is there")
    how.add_argument("--force", action="store_true", help="write over a manifest that is there; a backup is kept")
    _either(how, "--resume", "go on from where the last set-up stopped, or begin anew")
    _either(how, "--look", "look at each room for a while when it is written, and save pictures of what is seen")
    _either(how, "--learn", "learn the seats when it is written, from people who sit at their places")
    _either(how, "--check", "run `homeroom check` at the end")
    how.add_argument("--yes", action="store_true", help="take every default without asking")
    how.add_argument("--json", action="store_true", help="print one JSON object at the end; all else goes to stderr")


def _either(group: argparse._ArgumentGroup, name: str, does: str) -> None:
    group.add_argument(name, action=argparse.BooleanOptionalAction, default=None, help=does)


def _cameras(group: argparse._ArgumentGroup) -> None:
    _either(group, "--discover", "search the network for cameras")
    group.add_argument(
        "--seconds", type=_seconds, default=SECONDS, metavar="N", help="how long to search (default: %(default)s)"
    )
    group.add_argument(
        "--cameras", type=Path, metavar="FILE", help="a list: address[,username,password-env,room,name] on each line"
    )
    group.add_argument("--camera", action="append", default=[], metavar="ADDRESS", help="one more camera; repeatable")
    group.add_argument("--username", metavar="NAME", help="user at the cameras for which the list names none")
    password = group.add_mutually_exclusive_group()
    password.add_argument("--password-env", metavar="NAME", help="environment variable that holds their password")
    password.add_argument("--password-file", type=Path, metavar="PATH", help="file that holds their password")
    group.add_argument(
        "--room", action="append", default=[], metavar="NAME=ADDRESS[,...]", help="these cameras are in that room"
    )


def _rules(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--jurisdiction", metavar="PACK", help="whose law applies: name of a policy pack")
    group.add_argument("--granularity", choices=("class", "seat"), help="what may be told: a room, or each seat")
    group.add_argument(
        "--ground",
        action="append",
        default=[],
        metavar="NAME=TEXT",
        help="a document that the pack asks for; repeatable",
    )
    group.add_argument("--model", metavar="ID", help="the model: `homeroom models list`")
    _either(group, "--fetch", "fetch the model where it is missing")


def _outside(group: argparse._ArgumentGroup) -> None:
    _either(group, "--onvif", "serve events as an ONVIF device")
    group.add_argument("--listen", metavar="ADDRESS:PORT", help="where the ONVIF device listens")
    group.add_argument("--vms-user", metavar="NAME", help="user by which the VMS logs in at the ONVIF device")
    group.add_argument(
        "--vms-password-env", metavar="NAME", help="environment variable with its password (default: one is made up)"
    )
    group.add_argument("--metrics", metavar="ADDRESS:PORT", help="where Prometheus fetches figures, or `none`")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0.1 <= value <= 120:
        raise argparse.ArgumentTypeError(f"{text}: must be from 0.1 to 120 seconds")
    return value
