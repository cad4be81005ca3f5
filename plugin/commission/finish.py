"""What follows once a manifest is written: a look through its cameras, its seats, a check, and what to do next."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from homeroom import learn
from homeroom.assembly import load_models
from homeroom.check import Row, rows, table
from homeroom.errors import HomeroomError
from homeroom.gate import Gate
from homeroom.manifest import read_json
from homeroom.placing import SIGNS, Placing, placings
from homeroom.run import amount
from homeroom.site import SiteSettings, load_site

from .dialogue import NO, YES, Question, agree
from .invoke import invoked
from .text import plain
from .work import Work

LOOK = 10.0  # seconds for each room: enough for a picture of somebody, a verdict takes `check --placement`
PICTURES = "pictures"


def size(document: Mapping[str, Any]) -> str:
    """How large a manifest's site is."""
    cameras = sum(len(room["cameras"]) for room in document["rooms"])
    return f"{amount(len(document['rooms']), 'room')}, {amount(cameras, 'camera')}"


def finish(work: Work) -> dict[str, Any]:
    """Looks, learns and checks as wanted, says what comes next, and gives a summary."""
    pictures = _look(work)
    _learn(work)
    checked = _check(work)
    document = read_json(work.path)
    lines = _next(work, document)
    work.tell("\nNext:\n" + "\n".join(f"  {line}" for line in lines))
    return {
        "manifest": str(work.path),
        "site": document["site"],
        "rooms": len(document["rooms"]),
        "cameras": sum(len(room["cameras"]) for room in document["rooms"]),
        "left_out": work.draft.left_out,
        "pictures": pictures,
        "checked": None if checked is None else [asdict(row) for row in checked],
        "ok": checked is None or all(row.ok for row in checked),
        "next": lines,
    }


def _rooms(work: Work) -> list[str]:
    """Ids of the rooms that this set-up made or gave more cameras."""
    return [room["id"] for room in work.draft.manifest["rooms"]]


def _look(work: Work) -> list[str]:
    """Shows what the cameras see of people, by pictures in files with heads made unclear; their paths."""
    settings = load_site(work.path)
    new = {one.casefold() for one in _rooms(work)}
    meant = replace(settings, rooms=tuple(one for one in settings.rooms if one.id.casefold() in new))
    question = Question(
        f"Look at {amount(len(meant.rooms), 'room')} now, {LOOK:g} s each, and save pictures of what is seen?",
        "--look or --no-look",
        YES,
    )
    if not agree(work.dialogue, question, work.flags.look):
        return []
    try:
        return _seen(work, meant)
    except HomeroomError as wrong:
        work.tell(f"Not looked: {plain(str(wrong), 300)}")
        return []


def _seen(work: Work, settings: SiteSettings) -> list[str]:
    Gate(settings.pack, settings.granularity, settings.grounds, settings.vocabulary)  # looking is running
    models = load_models(settings, settings.used_models)
    made = []
    for one in placings(settings, models, None, LOOK, work.folder / PICTURES):
        work.tell("\n".join(_placed(one)))
        made += [str(one.picture)] if one.picture else []
    return made


def _placed(one: Placing) -> Iterator[str]:
    """What is said of one camera in short; `homeroom check --placement` tells all."""
    yield f"{SIGNS[one.verdict.ok]}  {one.camera}: {one.verdict.figure}"
    for remark in one.remarks:
        if remark.ok is False and remark.cure:
            yield f"        {remark.subject}: {remark.cure}"
    if one.picture is not None:
        yield f"        picture: {one.picture} (whoever the model did not find is not made unclear in it)"


def _learn(work: Work) -> None:
    """Finds seats by looking at who sits where, now or later."""
    text = "Learn the seats now? People must sit at their places for the next two minutes; it can be done any day"
    if not agree(work.dialogue, Question(text, "--learn or --no-learn", NO), work.flags.learn):
        return
    options = ["--write", "--save", str(work.folder / PICTURES)]
    which = [["--room", one] for one in _rooms(work)] if work.draft.add else [[]]  # other rooms stay as they are
    for room in which:
        try:
            work.tell(invoked(learn.add_command, "seats", "learn", str(work.path), *room, *options).rstrip())
        except HomeroomError as wrong:
            work.tell(f"Not learned: {plain(str(wrong), 300)}")


def _check(work: Work) -> list[Row] | None:
    if not agree(work.dialogue, Question("Check it now?", "--check or --no-check", YES), work.flags.check):
        return None
    found = list(rows(load_site(work.path)))
    work.tell("\n".join(table(found)))
    return found


def _next(work: Work, document: Mapping[str, Any]) -> list[str]:
    """Lines that say what to do now."""
    path = os.path.relpath(work.path)
    made = [f"homeroom check {path}"]
    bare = sum(not room.get("seats") for room in document["rooms"])
    if bare:
        made.append(
            f"homeroom seats learn {path} --write   when people sit at their places: {amount(bare, 'room')} "
            "without seats, of which nothing is told until then"
        )
    made.append(f"homeroom run {path}")
    made += [_to_vms(entry, work.folder) for entry in document.get("vms", []) if "listen" in entry]
    made += [
        f"not in it: {plain(address)} ({why}); later: homeroom setup {path} --add --camera {plain(address)}"
        for address, why in work.draft.left_out.items()
    ]
    return made


def _to_vms(entry: Mapping[str, Any], folder: Path) -> str:
    secret = entry.get("password") or {}
    where = f"in {folder / secret['file']}" if "file" in secret else f"in ${secret.get('env', '')}"
    host, _, port = entry["listen"].rpartition(":")
    if host in ("0.0.0.0", "[::]"):  # noqa: S104  looked at, not listened at
        host = plain(socket.gethostname())
    return (
        f"in the VMS, add an ONVIF device: http://{host}:{port}/onvif/device_service, "
        f"user {entry.get('username', '')}, password {where}"
    )
