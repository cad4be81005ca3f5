"""Running an evaluation: a model or a site on labelled sets, its report, and its verdict."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from homeroom.clock import SystemClock
from homeroom.errors import BadInput
from homeroom.gate import Gate
from homeroom.manifest import read_json
from homeroom.models.catalog import ModelManifest, find, named, site_entry
from homeroom.models.commands import progress
from homeroom.models.loading import load_model
from homeroom.ports import Model
from homeroom.site import SiteSettings, load_site

from .acceptance import need_acceptable, record, write_record
from .cards import headline, need_marks, write_accuracy, write_card
from .chain import camera_of, chain, in_scene
from .coco import detections_as_coco, is_coco, labels_as_coco, read_coco
from .figures import evaluated, jsonable
from .figures import names as figure_names
from .gate import judged, limits, need_names
from .intervals import RESAMPLES, SEED
from .labels import MAX_BYTES, LabelledSet, document_of, joined, labelled, read_labels, read_set
from .outcome import Outcome, looked
from .own import own_frames
from .pictures import frames
from .report import JSON, MARKDOWN, cell, degraded, drawn, latency, markdown, worst, write, write_pictures

LIBRARIES = ("homeroom", "openvino", "numpy", "opencv-python-headless", "av")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated: a model, loaded with these settings, and the site that it is evaluated in, if any."""

    manifest: ModelManifest
    settings: Mapping[str, Any]
    model: Model
    site: SiteSettings | None = None


def evaluate(args: argparse.Namespace) -> int:
    """`homeroom models evaluate`: 0 when all limits hold, 1 when one does not. Raises BadInput."""
    _need_material(args)
    wanted = limits(args.min, args.max)
    need_names(wanted, figure_names())
    if args.card:
        need_marks(args.card)
    own = own_frames(load_site(args.site), args.site, SystemClock()) if args.own_frames else None
    made = own.made if own else _sets(args)
    subject = _of_site(args, made) if args.site else _of_model(args)
    if args.accept and subject.site is None:
        raise BadInput("--accept goes with --site: add the site manifest")
    if args.accept and subject.site:
        need_acceptable(made.evidence, subject.site.vocabulary, wanted)
    told = progress()
    shown = own.frames() if own else frames(made.pictures)
    outcomes = list(looked(shown, subject.model.detector(), lambda done: told("pictures", done, len(made.pictures))))
    report = _report(args, subject, made, outcomes)
    judgments = judged(report["figures"], wanted)
    report["gate"] = [
        {"name": one.limit.name, "limit": str(one.limit), "ok": one.ok, "line": one.line} for one in judgments
    ]
    _write(args, report, made, outcomes)
    beside = sys.stderr if args.json else sys.stdout
    for one in judgments:
        print(one.line, file=beside)
    passed = all(one.ok for one in judgments)
    if passed and args.accept and subject.site:
        path = write_record(record(report, subject.site, wanted), subject.site)
        print(f"accepted: {path}", file=beside)
    if own and not args.keep_frames:  # only now: what fails before leaves them to be scored again
        print(f"scored: {own.destroyed()}", file=beside)
    return 0 if passed else 1


def _need_material(args: argparse.Namespace) -> None:
    """Raises BadInput where it is not said what to look at, or where frames would go and nothing stay of them."""
    if args.own_frames and not args.site:
        raise BadInput("--own-frames goes with --site: add the site manifest")
    if args.keep_frames and not args.own_frames:
        raise BadInput("--keep-frames goes with --own-frames: add it")
    if args.own_frames and args.names:
        raise BadInput("--own-frames stands in place of a labelled set: name none, or leave it out")
    if args.own_frames and not (args.out or args.json or args.keep_frames):
        raise BadInput("--own-frames destroys the frames once they are scored: keep the report by --out DIR or --json")
    if args.own_frames and args.coco:
        raise BadInput("--own-frames leaves no box of anybody behind: leave --coco out")
    if not args.own_frames and not (args.names if args.site else args.names[1:]):
        raise BadInput("name a labelled set after the model: homeroom models evaluate MODEL SET")


def _sets(args: argparse.Namespace) -> LabelledSet:
    names = args.names if args.site else args.names[1:]
    return joined([_set(Path(name), args) for name in names], Path(names[0]))


def _set(path: Path, args: argparse.Namespace) -> LabelledSet:
    if path.is_dir():
        return read_set(path)
    document = read_json(path, MAX_BYTES)
    if is_coco(document):
        return read_coco(path, args.pictures, args.evidence)
    return read_labels(path, args.pictures)


def _of_model(args: argparse.Namespace) -> Subject:
    return _loaded(args, named(args.names[0]), site_entry(args.names[0]))


def _of_site(args: argparse.Namespace, made: LabelledSet) -> Subject:
    """The model of the rooms whose cameras took the pictures. The law comes before any looking."""
    settings = load_site(args.site)
    Gate(settings.pack, settings.granularity, settings.grounds, settings.vocabulary)
    used = {camera_of(picture, settings)[0].model for picture in made.pictures}
    if len(used) > 1:
        raise BadInput(
            f"{args.site}: rooms of the set use the models {', '.join(sorted(used))}; evaluate them one by one"
        )
    entry = settings.models[used.pop()]
    path = Path(entry["manifest"]) if entry.get("manifest") else None
    return _loaded(args, find(entry["id"], path), entry, settings)


def _loaded(
    args: argparse.Namespace, manifest: ModelManifest, entry: Mapping[str, Any], site: SiteSettings | None = None
) -> Subject:
    cache = {"cache": str(args.cache)} if args.cache else {}
    settings = {"device": args.device, "precision": args.precision, **entry, **cache}
    return Subject(manifest, settings, load_model(settings), site)


def _report(
    args: argparse.Namespace, subject: Subject, made: LabelledSet, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    figures = evaluated([in_scene(one, subject.site) for one in outcomes] if subject.site else outcomes, args.match)
    if subject.site:
        figures["behaviors"] = chain(outcomes, subject.site)
    manifest = subject.manifest
    return {
        "evaluation": 1,
        "model": {
            "id": manifest.id,
            "title": manifest.title,
            "files": subject.model.info.files,
            "degraded": subject.model.degraded,
        },
        "set": {
            "title": made.title,
            "evidence": made.evidence,
            "licence": made.licence,
            "source": made.source,
            "digest": made.digest,
            "pictures": len(outcomes),
            "files": len({one.picture.path for one in outcomes}),
            "people": sum(len(one.picture.people) for one in outcomes),
        },
        "settings": {
            "match": args.match,
            "iou": 0.5,
            "interval": 0.95,
            "resamples": RESAMPLES,
            "seed": SEED,
            "device": subject.settings["device"],
            "precision": subject.settings["precision"],
        },
        "machine": {
            "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
            "cores": os.cpu_count() or 1,
            "versions": {name: version(name) for name in LIBRARIES},
        },
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": _command(args),
        "figures": jsonable(figures),
    }


def _command(args: argparse.Namespace) -> str:
    """The command that gives these figures again; of places on this machine the last part alone."""
    said = [*(["--site", _place(str(args.site))] if args.site else []), *map(_place, args.names)]
    if args.own_frames:
        said += ["--own-frames"]
    if args.match != "iou":
        said += ["--match", args.match]
    if args.evidence:
        said += ["--evidence", args.evidence]
    if args.pictures:
        said += ["--pictures", _place(str(args.pictures))]
    if args.device != "CPU":
        said += ["--device", args.device]
    if args.precision != "default":
        said += ["--precision", args.precision]
    return shlex.join(["homeroom", "models", "evaluate", *said])


def _place(name: str) -> str:
    return Path(name).name if Path(name).is_absolute() else name


def _write(args: argparse.Namespace, report: dict[str, Any], made: LabelledSet, outcomes: Sequence[Outcome]) -> None:
    if args.out:
        pictures = drawn(report["figures"])
        write_pictures(args.out, pictures)
        write(args.out / MARKDOWN, markdown({**report, "plots": list(pictures)}))
        write(args.out / JSON, json.dumps(report, indent=1) + "\n")
    if args.coco:
        places = {id(picture): number for number, picture in enumerate(made.pictures)}
        found = [(places[id(one.picture)], one.detections, (one.width, one.height)) for one in outcomes]
        write(args.coco, json.dumps(detections_as_coco(found)) + "\n")
    if args.card:
        write_card(args.card, report)
    if args.accuracy:
        write_accuracy(args.accuracy, report)
    print(json.dumps(report, indent=1) if args.json else summary(report))


def summary(report: Mapping[str, Any]) -> str:
    """The report in lines for a terminal."""
    figures, made = report["figures"], report["set"]
    over = f"{made['title']}: {made['pictures']} pictures, {made['people']} people, {made['evidence']}"
    lines = [f"{report['model']['id']} on {over}"]
    lines += [f"  {name:<42}{cell(one):<24}n {one['n']}" for name, one in headline(figures)]
    for axis, values in figures["axes"].items():
        for value, one in values.items():
            if one.get("recall", {}).get("n"):
                told = f"precision {cell(one['precision'])}, recall {cell(one['recall'])}"
                lines.append(f"  {f'{axis} {value}':<26}{told}, n {one['recall']['n']}")
    for behavior, one in figures.get("behaviors", {}).items():
        told = f"precision {cell(one['precision'])}, recall {cell(one['recall'])}, time {cell(one['agreement'])}"
        lines.append(f"  {f'events {behavior}':<26}{told}, n {one['recall']['n']}")
    lines.append(f"  {worst(figures['subgroups'])}")
    lines.append(f"  {latency(figures['latency'])}{degraded(report)}")
    return "\n".join(lines)


def convert(args: argparse.Namespace) -> int:
    """`homeroom models convert`; 0 when the file is written. Raises BadInput."""
    if args.source.is_file() and is_coco(read_json(args.source, MAX_BYTES)):
        folder = args.pictures or args.source.parent
        if args.target.resolve().parent != folder.resolve():
            raise BadInput(f"{args.target}: labels lie beside their pictures: write them to {folder / 'labels.json'}")
        document = document_of(read_coco(args.source, args.pictures, args.evidence, args.title))
        labelled(document, str(args.target), folder)
        write(args.target, json.dumps(document) + "\n")
    else:
        made = _set(args.source, args)
        numbers = {id(picture): number for number, picture in enumerate(made.pictures)}
        told: Callable[[str, int, int], None] = progress()
        sizes = {}
        for picture, frame in frames(made.pictures):
            sizes[numbers[id(picture)]] = frame.width, frame.height
            told("pictures", len(sizes), len(made.pictures))
        write(args.target, json.dumps(labels_as_coco(made, sizes)) + "\n")
    print(f"{args.target}: written")
    return 0
