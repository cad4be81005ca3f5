"""What is true of a rendered picture, as manifests/labels.schema.json holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import human
from ..human.joints import about
from ..human.kinds import Array, Part, Pose
from ..human.mesh import moved
from .camera import Camera
from .kinds import Sitter

THINGS = frozenset({"page", "cover", "block", "pen", "phone", "tablet", "cup"})  # held, and nobody's
NEAR = 0.13  # metres: a point of the body lies so deep below its surface at most
LEAST = 0.012  # of the picture's height: who is lower is left out
TINY = 0.035  # of the picture's height: who is lower need not be found
HIDDEN = 0.25  # who shows less of what the desk leaves of them need not be found
WRISTS = (9, 10)  # in COCO's order; elbows are two before
AWAY = 105.0  # degrees from the camera from which on a face cannot be seen

Hit = Callable[[Array], Array | None]


@dataclass(frozen=True)
class Placed:
    """A person in the room's coordinates: meshes, key points (17,3), head (3,) and its rotation (3,3)."""

    sitter: Sitter
    parts: tuple[Part, ...]
    keypoints: Array
    head: Array
    head_rotation: Array

    @property
    def own(self) -> list[Part]:
        """The meshes of the person alone, without what they hold or have before them."""
        return [p for p in self.parts if p.name not in THINGS]

    @property
    def things(self) -> list[Part]:
        """The meshes of what they hold or have before them."""
        return [p for p in self.parts if p.name in THINGS]


def placed(sitter: Sitter, camera: Camera) -> Placed:
    """The person of a plan, at their place, with as many vertices as their size in the picture asks for."""
    pose = human.pose(sitter.action, sitter.traits, sitter.desk, np.random.default_rng(sitter.seed))
    return held(sitter, pose, detail(sitter, camera))


def detail(sitter: Sitter, camera: Camera) -> float:
    """How finely a person is built, by their size in the picture; as `human.body` takes it."""
    apart = float(np.linalg.norm(np.subtract((*sitter.place, 1.0), camera.place)))
    head = 0.25 * camera.focal / max(apart, 0.5)  # pixels
    return float(np.clip(head / 70, 0.2, 0.8))


def held(sitter: Sitter, pose: Pose, fine: float) -> Placed:
    """The person of a plan in a pose, at their place."""
    body = human.body(sitter.traits, pose, sitter.desk, action=sitter.action, detail=fine)
    turn, at = about(2, sitter.turn), np.array([*sitter.place, 0.0])
    parts = tuple(moved(p, at, turn) for p in body.parts)
    return Placed(sitter, parts, body.keypoints @ turn.T + at, turn @ body.head + at, turn @ body.head_rotation)


def people(camera: Camera, those: list[Placed], mask: NDArray[np.uint8], hit: Hit) -> list[dict[str, Any]]:
    """Labels of everybody of whom something is visible."""
    found = (_person(camera, one, mask == number, hit) for number, one in enumerate(those, 1))
    return [told for told in found if told is not None]


def _person(camera: Camera, one: Placed, mine: NDArray[np.bool_], hit: Hit) -> dict[str, Any] | None:
    w, h = camera.width, camera.height
    ys, xs = np.nonzero(mine)
    if not len(ys):
        return None
    if one.sitter.action.posture != "standing":  # legs that show below the desk's top are left out
        edge = _below(camera, one)
        keep = ys <= max(edge, float(ys.min()) + 2)
        ys, xs = ys[keep], xs[keep]
    box = np.array([xs.min() / w, ys.min() / h, (xs.max() + 1) / w, (ys.max() + 1) / h])
    if box[3] - box[1] < LEAST:
        return None
    whole = _whole(camera, one)
    points = _keypoints(camera, one, hit)
    at, _ = camera.project(one.head)
    pose = camera.head_pose(one.head, one.head_rotation)
    inside = bool(0 <= at[0, 0] < w and 0 <= at[0, 1] < h)
    shows = inside and _seen(camera, one.head, hit, 0.2)
    told: dict[str, Any] = {
        "box": [round(float(v), 4) for v in box],
        "axes": _axes(one, points, pose, shows),
        "keypoints": points,
        "groups": {name: getattr(one.sitter.traits, name) for name in ("skin", "build", "glasses", "covering")},
    }
    if one.sitter.seat:
        told["seat"] = one.sitter.seat
    if whole is not None:
        told["amodal"] = [round(float(v), 4) for v in whole]
    if inside:
        told["head"] = [round(float(at[0, 0] / w), 4), round(float(at[0, 1] / h), 4)]
        told["head_pose"] = {k: round(v, 1) for k, v in zip(("yaw", "pitch", "roll"), pose, strict=True)}
    upper = _upper(camera, one)
    share = len(ys) / max(upper, 1.0)
    if box[3] - box[1] < TINY or share < HIDDEN or not shows:
        told["difficult"] = True
    return told


def _below(camera: Camera, one: Placed) -> float:
    """The pixel row of the desk's near edge, where the person sits; rows below it show legs."""
    d, turn = one.sitter.desk, about(2, one.sitter.turn)
    edge = turn @ np.array([0.0, -d.distance, d.height]) + np.array([*one.sitter.place, 0.0])
    hips = one.keypoints[11:13].mean(0)
    rows, away = camera.project(np.stack([edge, hips]))
    if (away <= 0.05).any():
        return float(camera.height)
    # From behind, nothing of the desk hides the trunk: it ends at the hips.
    return float(rows[:, 1].max())


def _whole(camera: Camera, one: Placed) -> Array | None:
    """Box of the whole person as if nothing stood before them, inside the picture."""
    points = np.concatenate([p.vertices for p in one.own])
    at, away = camera.project(points)
    at = at[away > 0.05]
    if not len(at):
        return None
    size = (camera.width, camera.height)
    low, high = np.clip(at.min(0) / size, 0, 1), np.clip(at.max(0) / size, 0, 1)
    return np.concatenate([low, high]) if (high > low).all() else None


def _upper(camera: Camera, one: Placed) -> float:
    """Pixels that head and trunk would fill if nothing hid them: triangles that face the camera, about."""
    area = 0.0
    for p in one.own:
        at, away = camera.project(p.vertices)
        corners = at[p.faces]
        a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        front = (cross < 0) & (away[p.faces] > 0.05).all(1)
        high = p.vertices[p.faces][:, :, 2].min(1) > one.sitter.desk.height - 0.02
        area += float(-cross[front & high].sum()) / 2
    return area * 0.75  # parts hide each other


def _keypoints(camera: Camera, one: Placed, hit: Hit) -> list[list[float]]:
    at, away = camera.project(one.keypoints)
    out: list[list[float]] = []
    for point, (x, y), far in zip(one.keypoints, at, away, strict=True):
        if far < 0.05 or not (0 <= x < camera.width and 0 <= y < camera.height):
            out.append([0, 0, 0])
            continue
        v = 2 if _seen(camera, point, hit, NEAR) else 1
        out.append([round(float(x / camera.width), 4), round(float(y / camera.height), 4), v])
    return out


def _seen(camera: Camera, point: Array, hit: Hit, deep: float) -> bool:
    """Whether nothing lies before a point that is `deep` metres below the surface at most."""
    where = hit(point)
    if where is None:
        return True
    start = np.asarray(camera.place)
    return float(np.linalg.norm(where - start)) > float(np.linalg.norm(point - start)) - deep


def _axes(one: Placed, points: list[list[float]], pose: tuple[float, float, float], shows: bool) -> Mapping[str, str]:
    """What can be seen of what the person does: what hides itself from this camera is left out."""
    action = one.sitter.action
    if not shows:
        return {}
    told: dict[str, str] = {"posture": action.posture, "facing": action.facing}
    shown = action.posture == "head-on-desk" or action.facing == "turned-around"  # by the posture, that they do nothing
    if abs(pose[0]) <= AWAY and (action.activity in ("listening", None) or any(points[i][2] == 2 for i in WRISTS)):
        shown = True
    if shown:
        told["activity"] = action.activity or "uncertain"
    raised = action.gesture == "hand-raised"
    high = [i for i in WRISTS if one.keypoints[i][2] > one.keypoints[i - 4][2]]
    if not raised or any(points[i][2] for i in high):
        told["gesture"] = action.gesture
    return told
