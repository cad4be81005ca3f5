"""The stages of teaching, in order; each goes on where it stopped, and leaves a file that the next one takes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import openvino as ov
import torch

from . import crops, detector, distil, export, fit, frames, inputs, loop, mistakes, real, scenes
from .axes import AXES
from .behavior import Behavior
from .calibrate import temperatures
from .crops import Crops
from .geometry import DETECTOR, SIDES
from .patches import Shown
from .teachers import FACES, HEAD_POSE, MOVENET, YOLOX, Yolox


@dataclass(frozen=True)
class Folders:
    """Where everything lies: the work's own folder, recordings, other people's networks, and renders by split."""

    work: Path
    media: Path
    models: Path
    renders: Path


@dataclass(frozen=True)
class Steps:
    """How long each network is taught."""

    distil: int
    detector: int
    behavior: int


def recordings(at: Folders) -> list[frames.Clip]:
    """Frames of the recordings, and people in them as the teacher sees them; after all inputs were checked."""
    weights = [at.models / xml for xml in (FACES, HEAD_POSE)]
    networks = [at.models / YOLOX, at.models / MOVENET, *weights, *(x.with_suffix(".bin") for x in weights)]
    inputs.checked(networks, "teachers")
    inputs.checked(sorted(at.media.glob("*.gif")), "recordings")
    frames.build(at.media, at.models, at.work / "frames")
    return frames.load(at.work / "frames")


def distilled(at: Folders, clips: list[frames.Clip], steps: int) -> None:
    """The student's features and people, from random values."""
    patches = distil.groups(_shown(clips), [])
    distil.teach(patches, distil.BOTH, at.models, at.work / "distil/last.pt", steps)


def detected(at: Folders, clips: list[frames.Clip], steps: int) -> None:
    """The detector, from the student."""
    found = scenes.load(at.renders / "train")
    patches = distil.groups(_shown(clips), scenes.shown(found))
    start, last = at.work / "distil/last.pt", at.work / "detector/last.pt"
    detector.teach(found, patches, at.models, start, last, steps)


def behaved(at: Folders, clips: list[frames.Clip], name: str, steps: int) -> None:
    """A crop network: `name` is one of SIDES."""
    renders = at.renders / "train"
    find = _finder(at, name)
    as_found = [crops.found(renders, find), mistakes.mistakes(renders, find)]
    known = crops.joined([crops.rendered(renders, 0), *filter(len, as_found), _real(at, clips)])
    student = _student(at)
    if not student.exists():
        student.parent.mkdir(parents=True, exist_ok=True)
        partial = student.with_suffix(".partial")
        shutil.copyfile(at.work / "distil/last.pt", partial)
        partial.rename(student)
    make = _extractor(at, name)
    fit.teach(_behavior(name), known, make, at.work / name / "last.pt", steps)


def calibrated(at: Folders, name: str) -> dict[str, float]:
    """Temperatures of a crop network, from the calibration split alone, as the product sees it."""
    folder, find = at.renders / "calibration", _finder(at, name)
    as_found = [*filter(len, (crops.found(folder, find), mistakes.mistakes(folder, find)))]
    known = crops.joined(as_found) if as_found else crops.rendered(folder, 0)
    answers = fit.answers(_taught(at, name, {}), known, _extractor(at, name)())
    found = temperatures(answers, known.axes, known.person)
    (at.work / name / "temperatures.json").write_text(json.dumps(found), "utf-8")
    return found


def exported(at: Folders) -> dict[str, float]:
    """All networks as IR; and by file the largest difference between PyTorch and OpenVINO, of the outputs' range."""
    target, (student, _) = at.work / "export", distil.begun(at.work / "detector/last.pt")
    off = {}
    export.detector(student, target / "homeroom-people.xml")
    off["homeroom-people"] = export.difference(
        export.Detector(student), [(1, 3, *export.DETECTOR)], target / "homeroom-people.xml"
    )
    for name, side in SIDES.items():
        taught, xml = _taught(at, name, _temperatures(at, name)), target / f"{name}.xml"
        if name == "homeroom-behavior":
            features = distil.begun(_student(at))[0].features
            export.crops(features, taught, side, xml)
            off[name] = export.difference(export.Crops(features, taught), [(export.BATCH, 3, side, side)], xml)
        else:
            export.on_features(taught, side, xml)
            off[name] = export.difference(export.OnFeatures(taught), export.feature_shapes(side), xml)
    return off


def _shown(clips: list[frames.Clip]) -> list[list[Shown]]:
    return [[Shown(clip.frames[i], clip.people[i]) for i in range(clip.taught)] for clip in clips]


def _real(at: Folders, clips: list[frames.Clip]) -> Crops:
    """Crops of real people and of nobody, kept in a file: their teachers are slow."""
    kept = at.work / "real.npz"
    if not kept.exists():
        made = real.real(clips, at.models, 0)
        partial = kept.with_suffix(".partial.npz")
        np.savez(partial, **{f.name: getattr(made, f.name) for f in fields(Crops)})
        partial.rename(kept)
    data = np.load(kept)
    return Crops(*(data[f.name] for f in fields(Crops)))


def _finder(at: Folders, name: str) -> crops.Find:
    """The detector whose people a crop network is shown."""
    if name == "homeroom-behavior-on-yolox":
        teacher = Yolox(at.models, 1, *DETECTOR)
        return lambda picture: frames.look(teacher, picture, mistakes.LEAST)
    people = distil.begun(at.work / "detector/last.pt")[0].eval()
    return lambda picture: detector.found(people, picture, mistakes.LEAST)


def _student(at: Folders) -> Path:
    """The student that behavior was taught on: a copy, so that distilling on changes nothing under it."""
    return at.work / "student.pt"


def _behavior(name: str) -> Behavior:
    thin = name == "homeroom-behavior-on-yolox"  # YOLOX's own features cost more than the student's
    return Behavior(SIDES[name], 48, 64) if thin else Behavior(SIDES[name])


def _taught(at: Folders, name: str, by: dict[str, float]) -> Behavior:
    model = _behavior(name)
    model.load_state_dict(loop.load(at.work / name / "last.pt")["average"])
    for output in (*AXES, "person"):
        getattr(model, f"temperature_{output}").fill_(by.get(output, 1.0))
    return model.eval()


def _temperatures(at: Folders, name: str) -> dict[str, float]:
    found: dict[str, float] = json.loads((at.work / name / "temperatures.json").read_text("utf-8"))
    return found


def _extractor(at: Folders, name: str) -> Callable[[], fit.Frozen]:
    """The frozen network below a crop network."""
    side = SIDES[name]
    if name == "homeroom-behavior-on-yolox":
        return lambda: fit.Frozen(fit.yolox(at.models), fit.BATCH, side)
    xml = at.work / "student.xml"
    if not xml.exists() or xml.stat().st_mtime < _student(at).stat().st_mtime:
        with torch.no_grad():
            export.features(distil.begun(_student(at))[0].features, fit.BATCH, side, xml)
    return lambda: fit.Frozen(ov.Core().read_model(xml), fit.BATCH, side)
