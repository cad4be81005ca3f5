"""COCO's JSON in and out: labels as its object and key-point annotations, detections as its results.

The format: cocodataset.org, "Data format" and "Results format". Boxes are left, top, width, height in pixels. What COCO
has no field for stands in an annotation's `attributes`, where annotation tools such as CVAT keep theirs: axes by name,
seat, head, pose, groups. A frame of a recording is an image with a field `at`, in seconds; other readers of COCO know
stills alone. Ignored areas and difficult people are crowds (iscrowd 1), which no evaluation scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from homeroom.behaviors import UNCERTAIN
from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.geometry import Box, Polygon
from homeroom.manifest import parse_json, read_text, validate

from .claims import said
from .labels import (
    MAX_BYTES,
    LabelledPicture,
    LabelledSet,
    Person,
    corners,
    file_digest,
    inside,
    labelled,
    person_entry,
    relative,
    scored_axes,
)
from .matching import must_be_found

PERSON = 1  # id of the only category
POINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
BONES = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9), (8, 10), (9, 11),
    (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip
EXTRA = ("seat", "head", "head_pose", "amodal", "groups", "difficult")  # attributes that are no axes

_ID: Mapping[str, Any] = {"type": "integer"}
_SIDE: Mapping[str, Any] = {"type": "number", "minimum": 1, "maximum": 65536}
SCHEMA: Mapping[str, Any] = {  # of what is read here; other fields may be there
    "type": "object",
    "required": ["images", "annotations", "categories"],
    "properties": {
        "info": {"type": "object"},
        "images": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100_000,
            "items": {
                "type": "object",
                "required": ["id", "width", "height", "file_name"],
                "properties": {
                    "id": _ID,
                    "width": _SIDE,
                    "height": _SIDE,
                    "file_name": {"type": "string", "minLength": 1, "maxLength": 200},
                    "at": {"type": "number", "minimum": 0},
                },
            },
        },
        "annotations": {
            "type": "array",
            "maxItems": 2_000_000,
            "items": {
                "type": "object",
                "required": ["image_id", "category_id", "bbox"],
                "properties": {
                    "image_id": _ID,
                    "category_id": _ID,
                    "bbox": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
                    "iscrowd": {"enum": [0, 1]},
                    "keypoints": {"type": "array", "maxItems": 600, "items": {"type": "number"}},
                    "attributes": {"type": "object"},
                },
            },
        },
        "categories": {
            "type": "array",
            "maxItems": 10_000,
            "items": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {"id": _ID, "name": {"type": "string"}},
            },
        },
    },
}


def is_coco(document: Any) -> bool:
    """Whether a parsed JSON file is meant to be COCO's."""
    return isinstance(document, Mapping) and "images" in document and "annotations" in document


def read_coco(path: Path, pictures: Path | None = None, evidence: str = "", title: str = "") -> LabelledSet:
    """COCO's labels as a set; its pictures lie in `pictures`, else beside the file. Raises BadInput.

    COCO does not say whether pictures are rendered or real; `evidence` does, unless Homeroom wrote the file. Only the
    category "person" is read; an attribute that is no axis of the vocabulary, or no value of it, is left alone.
    """
    document = parse_json(read_text(path, MAX_BYTES), str(path))
    validate(document, SCHEMA, str(path))
    info = document.get("info", {})
    own = info.get("homeroom", {}) if isinstance(info.get("homeroom"), Mapping) else {}
    evidence = evidence or str(own.get("evidence", ""))
    if evidence not in ("rendered", "real"):
        raise BadInput(f"{path}: COCO does not say what its pictures show; add --evidence real or --evidence rendered")
    folder = pictures or path.parent
    made: dict[str, Any] = {
        "labels": 1,
        "title": title or " ".join(str(info.get("description") or path.stem).split())[:300],
        "evidence": evidence,
        **{key: str(own[key])[:300] for key in ("licence", "source") if own.get(key)},
        "pictures": list(_pictures(document, str(path))),
    }
    found = labelled({**made, "pictures": [{**one, "file": "x"} for one in made["pictures"]]}, str(path), folder)
    # names of COCO's files may hold spaces and more, which labels.json refuses; here they need only stay inside
    placed = tuple(
        replace(one, path=inside(folder, entry["file"], str(path)))
        for one, entry in zip(found.pictures, made["pictures"], strict=True)
    )
    return replace(found, pictures=placed, digest=file_digest(path))


def _pictures(document: Mapping[str, Any], label: str) -> Iterator[dict[str, Any]]:
    people = {one["id"]: one for one in document["categories"] if one["name"].lower() == "person"}
    if not people:
        raise BadInput(f"{label}: has no category named person; rename the one that people are in")
    of: dict[int, list[Mapping[str, Any]]] = {}
    for one in document["annotations"]:
        if one["category_id"] in people:
            of.setdefault(one["image_id"], []).append(one)
    images = {image["id"]: image for image in document["images"]}
    lost = set(of) - set(images)
    if lost:
        raise BadInput(f"{label}: an annotation is of image {min(lost)}, which is not in the file")
    if len(images) < len(document["images"]):
        raise BadInput(f"{label}: two images have the same id; number them anew")
    for id_, image in images.items():
        yield _picture(image, of.get(id_, ()), f"{label}: image {id_}")


def _picture(image: Mapping[str, Any], notes: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    size = image["width"], image["height"]
    found: dict[str, Any] = {"file": image["file_name"], "people": [], "ignore": []}
    for note in notes:
        attributes = note.get("attributes", {})
        box = _box(note["bbox"], size)
        if box is None:
            raise BadInput(f"{label}: a person's bbox {note['bbox']} lies outside of the picture or has no area")
        if note.get("iscrowd") and not attributes.get("ignored"):
            found["ignore"].append(_area(note, box, size))
        else:
            found["people"].append(_person(note, attributes, box, size))
    own = {key: image[key] for key in ("at", "camera", "groups") if image.get(key) not in (None, "", {})}
    return {**{key: value for key, value in found.items() if value != [] or key == "people"}, **own}


def _box(bbox: Sequence[float], size: tuple[float, float]) -> list[float] | None:
    left, top, width, height = bbox
    box = Box(left / size[0], top / size[1], (left + width) / size[0], (top + height) / size[1]).clipped()
    return corners(box) if box.area > 0 else None


def _area(note: Mapping[str, Any], box: list[float], size: tuple[float, float]) -> list[list[float]]:
    """An ignored area: the polygon that Homeroom wrote, else the box (COCO's masks of crowds are not read)."""
    shape = note.get("segmentation")
    if isinstance(shape, list) and len(shape) == 1 and isinstance(shape[0], list) and 6 <= len(shape[0]) <= 200:
        numbers = shape[0]
        if len(numbers) % 2 == 0 and all(isinstance(one, int | float) for one in numbers):
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            return [[min(1.0, max(0.0, x / size[0])), min(1.0, max(0.0, y / size[1]))] for x, y in pairs]
    left, top, right, bottom = box
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _person(
    note: Mapping[str, Any], attributes: Mapping[str, Any], box: list[float], size: tuple[float, float]
) -> dict[str, Any]:
    told = {
        axis: attributes[axis] for axis, names in scored_axes().items() if attributes.get(axis) in (*names, UNCERTAIN)
    }
    extra = {key: attributes[key] for key in EXTRA if attributes.get(key) not in (None, "", {}, False)}
    points = note.get("keypoints", [])
    if len(points) == 3 * len(POINTS) and any(points):
        triples = zip(points[::3], points[1::3], points[2::3], strict=True)
        extra["keypoints"] = [[x / size[0], y / size[1], v] for x, y, v in triples]
    return {"box": box, **({"axes": told} if told else {}), **extra}


Sizes = Mapping[int, tuple[int, int]]  # index of a picture in its set -> width, height in pixels


def labels_as_coco(made: LabelledSet, sizes: Sizes) -> dict[str, Any]:
    """A set as COCO's labels; images are numbered from 1 in the set's order."""
    images: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for number, picture in enumerate(made.pictures):
        width, height = sizes[number]
        own = {"at": picture.at, "camera": picture.camera, "groups": dict(picture.groups)}
        images.append(
            {
                "id": number + 1,
                "width": width,
                "height": height,
                "file_name": relative(picture.path, made.folder),
                **{key: value for key, value in own.items() if value not in (None, "", {})},
            }
        )
        for note in (*_notes(picture, sizes[number]), *_crowds(picture.ignore, sizes[number])):
            notes.append({"id": len(notes) + 1, "image_id": number + 1, "category_id": PERSON, **note})
    about = {"evidence": made.evidence, "licence": made.licence, "source": made.source}
    return {
        "info": {"description": made.title, "homeroom": {key: value for key, value in about.items() if value}},
        "licenses": [],
        "images": images,
        "annotations": notes,
        "categories": [
            {
                "id": PERSON,
                "name": "person",
                "supercategory": "person",
                "keypoints": list(POINTS),
                "skeleton": [list(bone) for bone in BONES],
            }
        ],
    }


def _bbox(box: Box, size: tuple[int, int]) -> list[float]:
    sides = (box.left * size[0], box.top * size[1], box.width * size[0], box.height * size[1])
    return [round(one, 3) for one in sides]


def _notes(picture: LabelledPicture, size: tuple[int, int]) -> Iterator[dict[str, Any]]:
    for person in picture.people:
        scored = must_be_found(picture, person)
        bbox = _bbox(person.box, size)
        points = [
            round(one, 3) for x, y, v in person.keypoints for one in (x * size[0] * (v > 0), y * size[1] * (v > 0), v)
        ]
        known = {"keypoints": points, "num_keypoints": sum(v > 0 for v in points[2::3])} if points else {}
        yield {
            "bbox": bbox,
            "area": round(bbox[2] * bbox[3], 3),
            "iscrowd": int(not scored),
            "segmentation": [],
            "attributes": {**_attributes(person), **({} if scored else {"ignored": True})},
            **known,
        }


def _attributes(person: Person) -> dict[str, Any]:
    entry = person_entry(person)
    return {**entry.get("axes", {}), **{key: entry[key] for key in EXTRA if key in entry}}


def _crowds(areas: Iterable[Polygon], size: tuple[int, int]) -> Iterator[dict[str, Any]]:
    for area in areas:
        xs, ys = [x for x, _ in area], [y for _, y in area]
        bbox = _bbox(Box(min(xs), min(ys), max(xs), max(ys)), size)
        flat = [round(one, 3) for x, y in area for one in (x * size[0], y * size[1])]
        attributes = {"ignore": True}
        yield {"bbox": bbox, "area": bbox[2] * bbox[3], "iscrowd": 1, "segmentation": [flat], "attributes": attributes}


def detections_as_coco(found: Iterable[tuple[int, Sequence[Detection], tuple[int, int]]]) -> list[dict[str, Any]]:
    """Detections as COCO's results: (index of the picture in its set, detections, width and height) each."""
    return [
        {
            "image_id": number + 1,
            "category_id": PERSON,
            "bbox": _bbox(one.box, size),
            "score": round(one.likelihood, 5),
            "attributes": {axis: said(over) for axis, over in one.axes.items()},
        }
        for number, detections, size in found
        for one in detections
    ]
