"""`homeroom demo`: the main job on what the package itself carries."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
import time
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TextIO

from .assembly import parts
from .console import Console
from .event import Event
from .manifest import shipped
from .ports import Receipt, Sink, Site
from .run import seconds, serve
from .runtime import Runtime
from .site import read_site

CLIP = "demo_classroom.mp4"
USER = "operator"
PASSWORD = "password"  # noqa: S105  the name of the file that the manifest names


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a parser."""
    parser = subparsers.add_parser(
        "demo",
        help="the main job on a drawn classroom, out of the box",
        description="Plays a drawn classroom clip through the whole chain and serves its events as an ONVIF device.",
        epilog="example: homeroom demo --seconds 20 --json",
    )
    parser.add_argument("--seconds", type=seconds, help="stop after so many seconds (else Ctrl-C ends it)")
    parser.add_argument(
        "--listen", default="127.0.0.1:0", help="address of the ONVIF device; default: a free port on loopback"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end instead")
    parser.set_defaults(run=run)


class Display(Console):
    """Says where to look, shows events and keeps them; notes how long the first one took."""

    def __init__(self, out: TextIO, device: Sink, password: str, began: float) -> None:
        """`began` is the time.monotonic() from which the first event is timed."""
        super().__init__(out)
        self.events: list[dict[str, Any]] = []
        self.first_after: float | None = None
        self.address = ""
        self._device, self._password, self._began = device, password, began

    def start(self, site: Site) -> None:
        """Says where to look, now that the device before it listens."""
        super().start(site)
        self.address = f"http://{getattr(self._device, 'address', '')}/onvif/device_service"
        self._out.write(
            f"Homeroom demo: a drawn classroom with {len(site.places)} seats.\n"
            "Demonstration only: the embedded model knows drawn people and nobody else.\n"
            f"Look at it with any ONVIF client:\n  {self.address}\n  user {USER}, password {self._password}\n"
            "Events (+ begins, - ends); Ctrl-C ends it:\n"
        )
        self._out.flush()

    def notify(self, event: Event) -> Receipt:
        """Shows the event and keeps it."""
        if self.first_after is None:
            self.first_after = round(time.monotonic() - self._began, 2)
        self.events.append(event.to_json())
        return super().notify(event)


def manifest(clip: Path, listen: str) -> dict[str, Any]:
    """The demo's site manifest: one drawn room, watched, and one ONVIF device."""
    document: dict[str, Any] = shipped("examples/demo.json")
    document["rooms"][0]["cameras"][0]["address"] = str(clip)
    document["vms"][0]["listen"] = listen
    return document


def run(args: argparse.Namespace) -> int:
    """Runs the command; 0 when events came."""
    began = time.monotonic()
    password = secrets.token_urlsafe(9)
    with (
        tempfile.TemporaryDirectory(prefix="homeroom-demo-", ignore_cleanup_errors=True) as folder,
        as_file(files("homeroom") / CLIP) as clip,
    ):
        Path(folder, PASSWORD).write_text(password, "utf-8")
        settings = read_site(manifest(clip, args.listen), Path(folder), "demo")
        made = parts(settings, allow_demonstration=True)
        display = Display(sys.stderr if args.json else sys.stdout, made.sinks["device"], password, began)
        serve(Runtime(settings, replace(made, sinks={**made.sinks, "display": display})), args.seconds)
    if args.json:
        print(
            json.dumps({"device": display.address, "first_event_after": display.first_after, "events": display.events})
        )
    return 0 if display.events else 1
