"""Labelled sets: pictures, and what people in them visibly do, as manifests/labels.schema.json has them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeroom.behaviors import UNCERTAIN
from homeroom.detection import HeadPose
from homeroom.errors import BadInput
from homeroom.geometry import Box, Point, Polygon
from homeroom.manifest import read_json, shipped, validate

NAME = "labels.json"
MAX_BYTES = 64 * 2**20  # 30,000 people with key points are some 18 MB
MAX_SHARDS = 1000
ABSENT = "absent"
MAX_LINE = 300  # characters, as in the schema

Keypoints = tuple[tuple[float, float, float], ...]  # 17 in COCO's order: x, y (0..1), v


@dataclass(frozen=True, slots=True)
class Person:
    """One labelled person. Boxes and points 0..1 from the top left.

    `axes` lacks what cannot be told; UNCERTAIN there says that it is visibly none of the axis' values.
    """

    box: Box
    axes: Mapping[str, str] = field(default_factory=dict)
    difficult: bool = False
    seat: str = ""
    head: Point | None = None
    head_pose: HeadPose | None = None
    amodal: Box | None = None
    keypoints: Keypoints = ()
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture of a set: a file, in a recording the frame at `at` seconds, and everybody in it."""

    path: Path
    people: tuple[Person, ...]
    at: float | None = None
    camera: str = ""
    ignore: tuple[Polygon, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What was labelled together. `digest` is the SHA-256 of the labels as they were read, in hexadecimal."""

    title: str
    evidence: str  # "rendered" or "real"
    pictures: tuple[LabelledPicture, ...]
    folder: Path
    digest: str = ""
    licence: str = ""
    source: str = ""


def read_set(folder: Path) -> LabelledSet:
    """The set in a folder: its labels.json, or those of the shards below it as one. Raises BadInput."""
    if (folder / NAME).is_file():
        return read_labels(folder / NAME)
    shards = sorted(folder.glob(f"*/{NAME}"))
    if not shards:
        raise BadInput(f"{folder}: holds no {NAME}, and no folder in it does; see manifests/labels.schema.json")
    if len(shards) > MAX_SHARDS:
        raise BadInput(f"{folder}: has over {MAX_SHARDS} shards; join them")
    return joined([read_labels(path) for path in shards], folder)


def joined(sets: Sequence[LabelledSet], folder: Path) -> LabelledSet:
    """Several sets as one. BadInput where rendered and real pictures would be mixed: no figure would mean anything."""
    evidence = sorted({one.evidence for one in sets})
    if len(evidence) > 1:
        raise BadInput(f"{folder}: {' and '.join(evidence)} pictures do not mix; evaluate them one after the other")
    if len(sets) == 1:
        return sets[0]
    return LabelledSet(
        title=_together([one.title for one in sets], " + "),
        evidence=evidence[0],
        pictures=tuple(picture for one in sets for picture in one.pictures),
        folder=folder,
        digest=hashlib.sha256("".join(one.digest for one in sets).encode()).hexdigest(),
        licence=_together([one.licence for one in sets], " AND "),
        source=_together([one.source for one in sets], "; "),
    )


def _together(lines: Sequence[str], by: str) -> str:
    """Each line once; where they grow too long for one line, the first of them and how many more there are."""
    once = [line for line in dict.fromkeys(lines) if line]
    made = by.join(once)
    return made if len(made) <= MAX_LINE else f"{once[0][: MAX_LINE - 20]} and {len(once) - 1} more"


def read_labels(path: Path, pictures: Path | None = None) -> LabelledSet:
    """One file of labels; its pictures lie in `pictures`, else beside it. Raises BadInput that names what is wrong."""
    document = read_json(path, MAX_BYTES)
    return labelled(document, str(path), pictures or path.parent, file_digest(path))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def labelled(document: Any, label: str, folder: Path, digest: str = "") -> LabelledSet:
    """Holds parsed labels to their schema and to the vocabulary; `label` begins what a BadInput says."""
    validate(document, shipped("labels.schema.json"), label)
    vocabulary = scored_axes()
    for number, picture in enumerate(document["pictures"]):
        for index, person in enumerate(picture["people"]):
            _check(person, f"{label}: $.pictures[{number}].people[{index}]", vocabulary)
    return LabelledSet(
        title=document["title"],
        evidence=document["evidence"],
        pictures=tuple(_picture(entry, folder, label) for entry in document["pictures"]),
        folder=folder,
        digest=digest,
        licence=document.get("licence", ""),
        source=document.get("source", ""),
    )


def scored_axes() -> dict[str, tuple[str, ...]]:
    """The axes of the vocabulary with the values that a person in a picture can have: nobody there is absent."""
    axes: Mapping[str, Sequence[str]] = shipped("behaviors.json")["axes"]
    return {axis: tuple(value for value in names if value != ABSENT) for axis, names in axes.items()}


def _check(person: Mapping[str, Any], label: str, vocabulary: Mapping[str, Sequence[str]]) -> None:
    for name in ("box", "amodal"):
        left, top, right, bottom = person.get(name, (0, 0, 1, 1))
        if right <= left or bottom <= top:
            raise BadInput(f"{label}: {name} has no area: it is left, top, right, bottom")
    for axis, value in person.get("axes", {}).items():
        if axis not in vocabulary:
            raise BadInput(f"{label}: no axis {axis!r}; known are {', '.join(vocabulary)}")
        if value not in (*vocabulary[axis], UNCERTAIN):
            raise BadInput(f"{label}: {axis} is never {value!r}; it is {', '.join(vocabulary[axis])} or {UNCERTAIN}")


def inside(folder: Path, name: str, label: str) -> Path:
    """The path of a file of a set; BadInput for one that lies elsewhere, be it by `..` or by a link."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadInput(f"{label}: {name} leads out of {folder}; copy it into the set")
    return path


def _picture(entry: Mapping[str, Any], folder: Path, label: str) -> LabelledPicture:
    return LabelledPicture(
        path=inside(folder, entry["file"], label),
        people=tuple(person_of(one) for one in entry["people"]),
        at=entry.get("at"),
        camera=entry.get("camera", ""),
        ignore=tuple(tuple((x, y) for x, y in polygon) for polygon in entry.get("ignore", ())),
        groups=entry.get("groups", {}),
    )


def person_of(entry: Mapping[str, Any]) -> Person:
    """A person as labels.json has one, held to the schema before."""
    return Person(
        box=Box(*entry["box"]),
        axes=entry.get("axes", {}),
        difficult=entry.get("difficult", False),
        seat=entry.get("seat", ""),
        head=(entry["head"][0], entry["head"][1]) if "head" in entry else None,
        head_pose=HeadPose(**entry["head_pose"]) if "head_pose" in entry else None,
        amodal=Box(*entry["amodal"]) if "amodal" in entry else None,
        keypoints=tuple((x, y, v) for x, y, v in entry.get("keypoints", ())),
        groups=entry.get("groups", {}),
    )


def document_of(made: LabelledSet) -> dict[str, Any]:
    """The set as labels.json has it; paths are told from its folder."""
    known = {"licence": made.licence, "source": made.source}
    return {
        "labels": 1,
        "title": made.title,
        "evidence": made.evidence,
        **{name: value for name, value in known.items() if value},
        "pictures": [_entry_of(picture, made.folder) for picture in made.pictures],
    }


def _entry_of(picture: LabelledPicture, folder: Path) -> dict[str, Any]:
    entry = {
        "file": relative(picture.path, folder),
        "at": picture.at,
        "camera": picture.camera,
        "ignore": [[list(point) for point in polygon] for polygon in picture.ignore],
        "groups": dict(picture.groups),
    }
    kept = {name: value for name, value in entry.items() if value not in (None, "", [], {})}
    return {**kept, "people": [person_entry(person) for person in picture.people]}


def relative(path: Path, folder: Path) -> str:
    """A picture's name within its set."""
    return path.relative_to(folder.resolve()).as_posix()


def corners(box: Box) -> list[float]:
    """Left, top, right, bottom."""
    return [box.left, box.top, box.right, box.bottom]


def person_entry(person: Person) -> dict[str, Any]:
    """A person as labels.json has one."""
    pose = person.head_pose
    entry = {
        "box": corners(person.box),
        "amodal": corners(person.amodal) if person.amodal else None,
        "axes": dict(person.axes),
        "difficult": person.difficult or None,
        "seat": person.seat,
        "head": list(person.head) if person.head else None,
        "head_pose": {"yaw": pose.yaw, "pitch": pose.pitch, "roll": pose.roll} if pose else None,
        "keypoints": [list(point) for point in person.keypoints],
        "groups": dict(person.groups),
    }
    return {name: value for name, value in entry.items() if value not in (None, "", [], {})}
