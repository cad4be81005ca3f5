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

from .acceptance import Acceptance
from .assembly import parts
from .console import Console
from .event import Event
from .manifest import shipped
from .ports import Receipt, Sink, Site
from .run import seconds, serve
from .runtime import Parts, Runtime
from .site import SiteSettings, read_site

LESSON = "lesson"  # folder of the recordings, one of each camera
USER = "operator"
PASSWORD = "password"  # noqa: S105  the name of the file that the manifest names


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a parser."""
    parser = subparsers.add_parser(
        "demo",
        help="the main job on a rendered classroom, out of the box",
        description="Plays a rendered lesson through the whole chain and serves its events as an ONVIF device.",
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
            f"Homeroom demo: a rendered classroom with {len(site.places)} seats; nobody was filmed.\n"
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


def manifest(lesson: Path, listen: str) -> dict[str, Any]:
    """The demo's site manifest: one room with two cameras, watched, and one ONVIF device."""
    document: dict[str, Any] = shipped("examples/demo.json")
    for camera in document["rooms"][0]["cameras"]:
        camera["address"] = str(lesson / camera["address"])
    document["vms"][0]["listen"] = listen
    return document


def accepted(settings: SiteSettings, made: Parts) -> SiteSettings:
    """The same, with all that the model says accepted: its alarms need no proof where no real person is at stake."""
    (model,) = made.models.values()
    behaviors = frozenset(settings.vocabulary.behaviors)
    return replace(settings, acceptance=Acceptance(model.id, model.info.files, behaviors))


def run(args: argparse.Namespace) -> int:
    """Runs the command; 0 when events came."""
    began = time.monotonic()
    password = secrets.token_urlsafe(9)
    with (
        tempfile.TemporaryDirectory(prefix="homeroom-demo-", ignore_cleanup_errors=True) as folder,
        as_file(files("homeroom") / LESSON) as lesson,
    ):
        Path(folder, PASSWORD).write_text(password, "utf-8")
        settings = read_site(manifest(lesson, args.listen), Path(folder), "demo")
        made = parts(settings)
        display = Display(sys.stderr if args.json else sys.stdout, made.sinks["device"], password, began)
        serve(Runtime(accepted(settings, made), replace(made, sinks={**made.sinks, "display": display})), args.seconds)
    if args.json:
        print(
            json.dumps({"device": display.address, "first_event_after": display.first_after, "events": display.events})
        )
    return 0 if display.events else 1
