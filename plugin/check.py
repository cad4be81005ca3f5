"""`homeroom check`: holds a manifest to its schema, reaches every camera and VMS, loads every model, prints a table."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from .assembly import load_models, make_observer, make_sink, make_source
from .decode import Decoder
from .errors import BadInput, HomeroomError
from .metrics import MetricsServer
from .picture import Codec, Gap
from .placing import SIGNS, Placing, placings
from .ports import Measured, Model
from .run import seconds
from .runtime import gate_of
from .shadow import has_evidence, remarks
from .site import CameraSettings, SiteSettings, load_site
from .tour import chosen

FIGURES = 4  # of each set that a model was measured on; its card tells them all
TOGETHER = 32  # cameras that are tried at the same time
SECONDS = 60.0  # of looking: somebody who sits has moved by then


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ways` is what each way to a camera's pictures gave, where there are several."""

    kind: str
    id: str
    ok: bool | None  # None: cannot be told
    found: str
    ways: tuple[Mapping[str, object], ...] = ()


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a parser."""
    parser = subparsers.add_parser(
        "check",
        help="try a site manifest without running it",
        description="Validates a site manifest, asks its policy pack, loads its models, reaches every camera and VMS.",
        epilog="example: homeroom check school.json --placement --save pictures",
    )
    parser.add_argument("site", type=Path, help="the site manifest")
    parser.add_argument(
        "--placement", action="store_true", help="look on for a while, and judge whether behaviors can be told there"
    )
    parser.add_argument(
        "--seconds", type=seconds, default=SECONDS, help=f"how long --placement looks; {SECONDS:g} by default"
    )
    parser.add_argument("--camera", help="id of the only camera that --placement looks at")
    parser.add_argument(
        "--save", type=Path, metavar="FOLDER", help="draw what --placement saw, heads of people made unclear"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def attempt(kind: str, id_: str, try_it: Callable[[], str | Row]) -> Row:
    """A row for what was tried, whether it worked or not."""
    try:
        found = try_it()
    except HomeroomError as error:
        return Row(kind, id_, ok=False, found=str(error).removeprefix(f"{kind} {id_}: "))
    return found if isinstance(found, Row) else Row(kind, id_, ok=True, found=found)


def see(camera: CameraSettings) -> str | Row:
    """Fetches one picture from a camera by each way there is, decodes the chosen one, and says what it is."""
    source = make_source(camera)
    measure: Callable[[float], Sequence[Measured]] | None = getattr(source, "measure", None)
    try:
        if measure is not None:
            row = _measured(camera.id, measure(camera.timeout))
            about = getattr(source, "about", "")
            return replace(row, found=f"{about}; {row.found}") if about else row
        start = datetime.fromisoformat(camera.settings.get("start", "2000-01-01T00:00:00Z"))
        due = datetime.now(UTC) if source.live else (start if start.tzinfo else start.replace(tzinfo=UTC))
        picture = source.fetch(due, camera.timeout)
        if picture is None:
            raise HomeroomError(f"{camera.address}: holds no picture")
        if isinstance(picture, Gap):
            raise HomeroomError(picture.reason)
        frame = Decoder().decode(picture)
    finally:
        source.close()
    return f"{picture.codec.name} {frame.width}x{frame.height}, time from {picture.time_source.value}"


def _measured(camera: str, tried: Sequence[Measured]) -> Row:
    chosen = next((one for one in tried if one.chosen), None)
    ways = tuple(_way(one) for one in tried)
    found = "; ".join(_told(one) for one in tried)
    if chosen is None or chosen.picture is None:
        return Row("camera", camera, ok=False, found=found, ways=ways)
    Decoder().decode(chosen.picture)
    return Row("camera", camera, ok=True, found=f"{found}; time from {chosen.picture.time_source.value}", ways=ways)


def _way(one: Measured) -> dict[str, object]:
    codec = one.picture.codec if one.picture else Codec("")
    return {
        "way": one.rung,
        "chosen": one.chosen,
        "codec": codec.name,
        "width": codec.width,
        "height": codec.height,
        "ms": round(one.seconds * 1000),
        "reason": one.reason,
    }


def _told(one: Measured) -> str:
    if one.picture is None:
        return f"{one.rung}: {one.reason}"
    codec, mark = one.picture.codec, " (chosen)" if one.chosen else ""
    return f"{one.rung} {codec.name} {codec.width}x{codec.height} in {one.seconds * 1000:.0f} ms{mark}"


def _gate(settings: SiteSettings) -> str:
    gate_of(settings)
    return f"granularity {settings.granularity} may run ({settings.pack.title})"


def _model(settings: SiteSettings, id_: str) -> Iterable[Row]:
    """Whether it works, and what is known of how well it sees."""
    loaded: list[Model] = []

    def load() -> str:
        loaded.append(load_models(settings, [id_])[id_])
        if loaded[0].degraded:
            raise HomeroomError(f"{loaded[0].degraded}; mend the device, or name another")
        entry = settings.models[id_]
        device, precision = entry.get("device", "AUTO"), entry.get("precision", "default")
        return f"{loaded[0].info.title}; verified and loaded; device {device}, precision {precision}"

    yield attempt("model", id_, load)
    for model in loaded:
        yield from (Row("accuracy", id_, ok=True, found=line) for line in known(model, settings))


def known(model: Model, settings: SiteSettings) -> Iterable[str]:
    """What a model was measured at, which behaviors no real pictures speak for, and whose alarms run in shadow mode."""
    info = model.info
    for on, figures in info.measured.items():
        yield f"{', '.join(figures[:FIGURES])}: {on}"
    rendered = [one.id for one in settings.vocabulary.behaviors.values() if not has_evidence(one, info)]
    if rendered:
        yield f"{', '.join(rendered)}: {'measured on rendered pictures only' if info.measured else 'not measured'}"
    yield from remarks(settings.vocabulary, {model.id: model}, settings.acceptance)


def _sink(id_: str, settings: SiteSettings) -> str:
    sink = make_sink(id_, settings)
    check: Callable[[], str] | None = getattr(sink, "check", None)
    return check() if check else "settings are in order; this adapter cannot be tried without running"


def _observer(id_: str, settings: SiteSettings) -> str:
    make_observer(id_, settings)
    return "installed and loaded; tells totals of a class"


def rows(settings: SiteSettings) -> Iterable[Row]:
    """Tries everything; cameras side by side, since a dead one takes its whole timeout."""
    yield attempt("policy", settings.pack.id, lambda: _gate(settings))
    for id_ in settings.used_models:
        yield from _model(settings, id_)
    with ThreadPoolExecutor(TOGETHER) as threads:
        yield from threads.map(
            lambda camera: attempt("camera", camera.id, lambda: see(camera)), [camera for _, camera in settings.cameras]
        )
    for id_ in settings.vms:
        yield attempt("vms", id_, partial(_sink, id_, settings))
    for id_ in settings.observers:
        yield attempt("observer", id_, partial(_observer, id_, settings))
    if settings.metrics:
        yield attempt("metrics", settings.metrics, lambda: MetricsServer(settings.metrics).check())
    for room in settings.rooms:
        if not room.seats:
            found = "no seats yet, so nothing is told of who is there: `homeroom seats learn` finds them"
            yield Row("room", room.id, ok=True, found=found)


def placed(settings: SiteSettings, args: argparse.Namespace) -> list[Placing]:
    """How the cameras hang. The law comes before any looking."""
    _gate(settings)
    try:
        models = load_models(settings, settings.used_models)
    except HomeroomError:
        return []  # the model's own row has said why
    return list(placings(settings, models, args.camera, args.seconds, args.save))


def table(found: Sequence[Row]) -> list[str]:
    """The lines that show rows to a person."""
    kinds, ids = max(len(row.kind) for row in found), max(len(row.id) for row in found)
    return [f"{SIGNS[row.ok]}  {row.kind:<{kinds}}  {row.id:<{ids}}  {row.found}" for row in found]


def run(args: argparse.Namespace) -> int:
    """Runs the command: 0 when all is well, 2 when something in the manifest does not work or cannot be told."""
    if not args.placement and (args.camera or args.save):
        raise BadInput("--camera and --save go with --placement: add it")
    settings = load_site(args.site)
    if args.camera:
        chosen(settings, None, args.camera)
    found = list(rows(settings))
    able = all(row.ok for row in found if row.kind == "policy")
    hang = placed(settings, args) if args.placement and able else []
    if args.json:
        print(json.dumps(_report(settings, found, hang, args)))
    else:
        print("\n".join(table(found)))
        for one in hang:
            print("\n".join(one.lines()))
    found += [Row("placement", one.camera, one.verdict.ok, one.verdict.figure) for one in hang]
    failed = [row for row in found if not row.ok]
    if failed:
        others = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        print(f"homeroom: {failed[0].kind} {failed[0].id}: {failed[0].found}{others}", file=sys.stderr)
    return 2 if failed else 0


def _report(settings: SiteSettings, found: list[Row], hang: list[Placing], args: argparse.Namespace) -> dict[str, Any]:
    ok = all(row.ok for row in found) and all(one.verdict.ok for one in hang)
    placement = {"placement": [one.as_json() for one in hang]} if args.placement else {}
    return {"site": settings.name, "ok": ok, "rows": [asdict(row) for row in found], **placement}
