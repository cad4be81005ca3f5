"""Manifests of the two assemblies, and their networks put in place, from the folder that teaching exported to.

Figures reach the manifests by `homeroom models evaluate --write` alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile
from typing import Any

from .teach.geometry import DETECTOR, SIDES, STRIDES

INPUT = {"width": DETECTOR[1], "height": DETECTOR[0], "color": "BGR"}
DETECTION = {"homeroom-people": 0.25, "yolox": 0.1}  # least likelihood of a person: see README, decisions
AXES: Mapping[str, Mapping[str, Mapping[str, str]]] = {  # output -> class in its order -> what it proves
    "posture": {
        "seated": {"posture": "seated"},
        "standing": {"posture": "standing"},
        "head on desk": {"posture": "head-on-desk"},
    },
    "activity": {
        "reading": {"activity": "reading"},
        "writing": {"activity": "writing"},
        "listening": {"activity": "listening"},
        "none of these": {},
    },
    "gesture": {"hand raised": {"gesture": "hand-raised"}, "no hand raised": {"gesture": "none"}},
    "facing": {"front": {"facing": "front"}, "turned around": {"facing": "turned-around"}},
}
# Of two values one has 0.5 at least: from 0.6 on it is told. Of three the likelier than both others together; of the
# four of activity one that stands out (chosen on the calibration split). Rules ask for more before they tell of it.
LEAST = {"person": 0.5, "head": 0.5, "posture": 0.5, "activity": 0.4, "gesture": 0.6, "facing": 0.6}
SIGMA = 0.2  # hard enough for a detector with a box for each cell: two boxes of one person overlap by more than half
YOLOX = {  # an export of the makers' weights, at a commit: no other bytes can come from there
    "name": "yolox_nano.onnx",
    "url": "https://raw.githubusercontent.com/Kazuhito00/YOLOX-ONNX-TFLite-Sample"
    "/3d4f1119d0694200671c08069ecb847aa0d8495a/model/yolox_nano.onnx",
    "size": 3660092,
    "sha384": "24136405350bfea83d7e5a1c350c2027a1c26111d932c43fa69e95a24c54761ac03dccef874ee7093149fc9f9c7ce50d",
}
WHO = "People of 80 px height or more on 1080p, seen from the front or the side. What it cannot tell it leaves open."
EVIDENCE = {"posture": ["seated", "standing"]}  # what tests/evidence measures on real people, and finds well told
OPINION = {
    "model": "person-detection-action-recognition-0006",
    "claims": {"gesture": {"hand-raised": 0.15}, "posture": {"standing": 0.15, "head-on-desk": 0.15}},
    "weight": 0.5,
    "floor": 0.02,
    "alone": 0.8,
}


def described(path: Path) -> dict[str, Any]:
    """A file of ours as a manifest names it."""
    data = path.read_bytes()
    return {"name": path.name, "embedded": True, "size": len(data), "sha384": hashlib.sha384(data).hexdigest()}


def pair(folder: Path, role: str, name: str) -> dict[str, Any]:
    """The two files of a network of ours, by role."""
    return {f"{role}-{ending}": described(folder / f"{name}.{ending}") for ending in ("xml", "bin")}


def embedded(folder: Path) -> dict[str, Any]:
    """The manifest of two networks of ours."""
    return {
        "$schema": "../model.schema.json",
        "id": "homeroom-embedded",
        "title": "People and what they do, without a download",
        "description": f"Finds people and tells posture, activity, gesture, facing and the head's direction. {WHO}",
        "licence": "Apache-2.0",
        "source": "homeroom",
        "decoder": "people-behavior",
        "files": {**pair(folder, "people", "homeroom-people"), **pair(folder, "behavior", "homeroom-behavior")},
        "input": INPUT,
        "classes": _classes(),
        "evidence": EVIDENCE,
        "thresholds": {"detection": DETECTION["homeroom-people"], "nms_sigma": SIGMA, **LEAST},
        "decoder_settings": {"people": "people", "side": SIDES["homeroom-behavior"], "heads": _heads()},
        "accuracy": [],
    }


def recommended(folder: Path) -> dict[str, Any]:
    """The manifest of YOLOX-nano with heads of ours, and the models that they ask."""
    name = "homeroom-behavior-on-yolox"
    return {
        "$schema": "../model.schema.json",
        "id": "homeroom-recommended",
        "title": "People and what they do, on YOLOX-nano",
        "description": "Finds people with YOLOX-nano, and tells posture, activity, gesture, facing and the head's"
        f" direction by its features; asks two networks of Open Model Zoo where something is claimed. {WHO}",
        "licence": "Apache-2.0",
        "source": "https://github.com/Megvii-BaseDetection/YOLOX",
        "decoder": "people-behavior",
        "files": {"people-onnx": YOLOX, **pair(folder, "behavior", name)},
        "input": INPUT,
        "classes": _classes(),
        "evidence": EVIDENCE,
        "thresholds": {"detection": DETECTION["yolox"], "nms_sigma": SIGMA, **LEAST},
        "decoder_settings": {
            "people": "output",
            "strides": list(STRIDES),
            "side": SIDES[name],
            "heads": _heads(),
        },
        "second_opinion": OPINION,
        "heads": {"model": "head-pose-estimation-adas-0001"},
        "accuracy": [],
    }


def _classes() -> list[dict[str, Any]]:
    return [{"label": label, "axes": dict(axes)} for values in AXES.values() for label, axes in values.items()]


def _heads() -> list[dict[str, Any]]:
    return [{"output": output, "classes": len(values)} for output, values in AXES.items()]


def place(export: Path, root: Path) -> None:
    """Copies the networks and writes the manifests of a repository."""
    for document in (embedded(export), recommended(export)):
        for file in document["files"].values():
            if "url" not in file:
                copyfile(export / file["name"], root / "models" / file["name"])
        write(document, root / "manifests" / "models")


def write(document: Mapping[str, Any], folder: Path) -> None:
    """Writes a manifest."""
    Path(folder, f"{document['id']}.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
