"""`homeroom seats learn`: looks at a site's cameras for a while and finds its seats."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .assembly import load_models
from .drawing import Mark, Outline, annotated, save
from .errors import BadInput, HomeroomError
from .gate import Gate
from .manifest import parse_json, read_text
from .placement import excluded
from .run import seconds
from .seats import Lesson, as_json, learn, settings_of, stays
from .site import SiteSettings, read_site
from .splice import replaced, spliced
from .survey import MOST_PICTURES, Survey
from .tour import chosen, tour

SECONDS = 120.0  # the first minutes: people are in and have settled; one picture a second


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a parser."""
    group = subparsers.add_parser("seats", help="the seats of a site's rooms", description="Seats of a site's rooms.")
    commands = group.add_subparsers(dest="seats", required=True, metavar="COMMAND")
    parser = commands.add_parser(
        "learn",
        help="find seats by looking at who sits where",
        description="Looks at the cameras while people sit at their places, and finds the seats. Without --write it"
        " prints what it would write. Seats that are there keep their ids and polygons; new ones are added.",
        epilog="example: homeroom seats learn school.json --room r101 --seconds 300 --write",
    )
    parser.add_argument("site", type=Path, help="the site manifest")
    parser.add_argument("--room", help="id of the only room to look at")
    parser.add_argument("--camera", help="id of the only camera to look at")
    span = parser.add_mutually_exclusive_group()
    span.add_argument("--seconds", type=seconds, help=f"how long to look, a picture a second; {SECONDS:g} by default")
    span.add_argument("--pictures", type=pictures, help="how many pictures to look at, one a second")
    parser.add_argument("--write", action="store_true", help="put the seats into the manifest; the old one is kept")
    parser.add_argument("--replace", action="store_true", help="draw seats anew, and drop those that nobody sat on")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="draw a picture of each camera, heads made unclear")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def pictures(text: str) -> int:
    """A number of pictures on the command line."""
    value = int(text)
    if not 1 <= value <= MOST_PICTURES:
        raise argparse.ArgumentTypeError(f"{text}: must be between 1 and {MOST_PICTURES}")
    return value


def picture(lesson: Lesson, survey: Survey) -> Sequence[Outline]:
    """Seats, pictures on walls and excluded areas as one camera sees them."""
    camera = survey.camera.id
    walls = stays(survey).pictures
    areas = [Outline(Mark.EXCLUDED, one, "excluded") for one in survey.camera.exclude]
    hung = [Outline(Mark.PICTURE, excluded(place), "a picture?") for place in walls]
    seats = [
        Outline(Mark.NEW_SEAT if seat.state == "new" else Mark.SEAT, seat.views[camera], seat.id)
        for seat in lesson.seats
        if camera in seat.views
    ]
    return [*areas, *hung, *seats]


def _saved(folder: Path, lesson: Lesson, survey: Survey) -> Path:
    seats = sum(survey.camera.id in seat.views for seat in lesson.seats)
    title = f"{survey.camera.id}: {seats} seats (blue: new). Heads of people who were found are made unclear."
    return save(annotated(survey, picture(lesson, survey), title), folder, f"{survey.camera.id}-seats")


def _reported(lesson: Lesson, surveys: Mapping[str, Survey]) -> dict[str, Any]:
    return {
        "room": lesson.room,
        "cameras": {camera: {"pictures": len(survey.looks)} for camera, survey in surveys.items()},
        "seats": [
            {
                **as_json(one),
                "state": seat.state,
                "seen": {c: round(len(p.seen) / len(surveys[c].looks), 2) for c, p in seat.people.items()},
            }
            for one, seat in zip(settings_of(lesson), lesson.seats, strict=True)
        ],
        "gone": list(lesson.gone),
        "notes": list(lesson.notes),
    }


def _told(room: Mapping[str, Any]) -> None:
    print(f"room {room['room']}: {len(room['seats'])} seats")
    width = max((len(seat["id"]) for seat in room["seats"]), default=0)
    for seat in room["seats"]:
        for camera, corners in seat["views"].items():
            (left, top), (right, bottom) = map(min, zip(*corners, strict=True)), map(max, zip(*corners, strict=True))
            seen = f"somebody in {100 * seat['seen'][camera]:.0f} %" if camera in seat["seen"] else "nobody now"
            where = f"{left:.3f},{top:.3f} to {right:.3f},{bottom:.3f}"
            print(f"  {seat['state']:<7}  {seat['id']:<{width}}  {camera}  {where}  {seen}")
    for id_ in room["gone"]:
        print(f"  gone     {id_}")
    for note in room["notes"]:
        print(f"  note: {note}")


def _looked(settings: SiteSettings, args: argparse.Namespace) -> list[tuple[Lesson, dict[str, Survey]]]:
    """What was learned of each room; a camera that shows nothing is told, and the others go on."""
    span = float(args.pictures or args.seconds or SECONDS)
    rooms = chosen(settings, args.room, args.camera)
    models = load_models(settings, settings.used_models)
    learned, errors = [], []
    for room, cameras in rooms:
        meant = [one for one in room.cameras if one.id in cameras]
        results = tour(room, meant, models[room.model], span, min(MOST_PICTURES, max(1, round(span))))
        surveys = {camera: one for camera, one in results.items() if isinstance(one, Survey)}
        errors += [f"camera {camera}: {one}" for camera, one in results.items() if isinstance(one, HomeroomError)]
        if surveys:
            learned.append((learn(room, surveys, anew=args.replace), surveys))
    for error in errors:
        print(f"homeroom: {error}", file=sys.stderr)
    if not learned:
        raise BadInput("no camera showed a picture: nothing learned")
    return learned


def written(path: Path, lessons: Sequence[Lesson]) -> Path:
    """Puts the rooms' seats into the manifest, checked first; says where the old one is kept."""
    text = read_text(path)
    now = [room.id for room in read_site(parse_json(text, str(path)), path.resolve().parent, str(path)).rooms]
    for lesson in lessons:
        if lesson.room not in now:
            raise BadInput(f"{path}: room {lesson.room} is gone, the manifest was changed meanwhile; learn again")
        at = now.index(lesson.room)
        text = spliced(text, ("rooms", at, "seats"), [as_json(seat) for seat in settings_of(lesson)])
    read_site(parse_json(text, str(path)), path.resolve().parent, str(path))
    return replaced(path, text)


def run(args: argparse.Namespace) -> int:
    """Runs the command: 0 when seats were found or kept, 1 when there are none."""
    settings = read_site(parse_json(read_text(args.site), str(args.site)), args.site.resolve().parent, str(args.site))
    Gate(settings.pack, settings.granularity, settings.grounds, settings.vocabulary)  # looking is running
    learned = _looked(settings, args)
    reports = [_reported(lesson, surveys) for lesson, surveys in learned]
    saved = [
        str(_saved(args.save, lesson, survey))
        for lesson, surveys in learned
        for survey in surveys.values()
        if args.save is not None
    ]
    some = any(lesson.seats for lesson, _ in learned)
    changes = any(lesson.changed for lesson, _ in learned)
    kept = written(args.site, [lesson for lesson, _ in learned]) if args.write and changes else None
    if args.json:
        print(json.dumps({"site": settings.name, "rooms": reports, "written": kept is not None, "pictures": saved}))
        return 0 if some else 1
    for report in reports:
        _told(report)
    for path in saved:
        print(f"saved {path}; whoever the model did not find is not made unclear in it")
    if kept is not None:
        print(f"written to {args.site}; the old one is kept as {kept}")
    elif changes:
        print("nothing is written without --write")
    return 0 if some else 1
