"""A whole person from traits and a pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import clothes, features, hair, head, wear
from .field import Field
from .hand import hand
from .joints import grasp, unit
from .kinds import Action, Array, Body, Desk, Part, Pose, Traits
from .mesh import moved
from .poses import pose as posed
from .props import thing
from .skeleton import Joints, bones, joints

HAND = 0.033  # metres: how high a wrist lies over the desk that its hand rests on


def person(traits: Traits, action: Action, desk: Desk, rng: np.random.Generator, *, detail: float = 1.0) -> Body:
    """A person who does something at a desk; `detail` as in `body`."""
    return body(traits, posed(action, traits, desk, rng), desk, action=action, detail=detail)


def body(
    traits: Traits,
    pose: Pose,
    desk: Desk,
    *,
    action: Action | None = None,
    detail: float = 1.0,
) -> Body:
    """The meshes of a person in a pose, and the truth about them.

    Surface and textures depend on `traits.seed` alone, so that successive poses show one person. `detail` scales the
    number of vertices (1: about 40,000); people who fill few pixels do with 0.3.
    """
    b = bones(traits)
    j = joints(b, above(pose, desk))
    step = 0.0125 / max(detail, 0.1) ** 0.5
    shape = head.face(traits)
    size = b.head
    turn = pose.head * size
    base = head.skull(shape, detail)
    on_head = [head.skin(traits, shape, base), *features.eyes(traits, shape, pose), *features.brows(traits, shape)]
    on_head.append(features.lips(traits, shape, pose))
    if traits.covering != "scarf":
        on_head += features.ears(traits, shape)
    shoulders = clothes.shell(traits, b, j)
    covered = traits.covering
    if covered in ("none", "cap") or traits.wrap == "loose":
        on_head += _hair(traits, shape, base, j.head, turn, shoulders, detail)
    if covered == "cap":
        on_head += wear.cap(traits, base)
    elif covered == "turban":
        on_head += wear.turban(traits, base)
    elif covered == "scarf":
        on_head += wear.scarf(traits, shoulders, j.head, turn, 0.0075 / max(detail, 0.2) ** 0.5)
    if traits.glasses == "yes":
        on_head += wear.glasses(traits, shape)
    parts = [moved(p, j.head, turn) for p in on_head]
    parts += clothes.top(traits, b, j, step) + clothes.arms(traits, b, j) + clothes.legs(traits, b, j, step)
    for side in (0, 1):
        parts.append(
            hand(
                traits,
                pose.grips[side],
                side,
                j.wrist[side],
                pose.fingers[side],
                pose.palms[side],
                b.hand / 0.185 * (1.0 - 0.06 * traits.shape),
                0.0052 / max(detail, 0.3) ** 0.5,
            )
        )
    for prop in pose.props:
        if prop.hand is None:
            parts += thing(prop, prop.place, prop.turn)
        else:
            frame = grasp(pose.fingers[prop.hand], pose.palms[prop.hand])
            parts += thing(prop, j.wrist[prop.hand] + frame @ prop.place, frame @ prop.turn)
    return Body(tuple(parts), keypoints(shape, j, turn), j.head, pose.head, action or Action(), traits)


def above(pose: Pose, desk: Desk) -> Pose:
    """The pose with wrists lifted out of the desk: a blend of two poses may lead through it."""
    w = pose.wrists
    over = (w[:, 1] < -desk.distance) & (w[:, 1] > -desk.distance - desk.depth) & (np.abs(w[:, 0]) < desk.width / 2)
    low = over & (w[:, 2] < desk.height + HAND) & (w[:, 2] > desk.height - 0.15)
    return replace(
        pose, wrists=np.where(low[:, None], np.stack([w[:, 0], w[:, 1], np.full(2, desk.height + HAND)], 1), w)
    )


def keypoints(shape: head.Face, j: Joints, turn: Array) -> Array:
    """The 17 points (17,3) of COCO: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles, left first."""
    mirror = np.array([-1.0, 1, 1])
    eye, ear = shape.eye - (0, 0.013, 0), shape.ear - (-0.004, 0, 0)
    on_head = np.stack([shape.nose, eye, eye * mirror, ear, ear * mirror]) @ turn.T + j.head
    pairs = (j.shoulder, j.elbow, j.wrist, j.hip, j.knee, j.ankle)
    return np.concatenate([on_head, *pairs])


def _hair(
    traits: Traits, shape: head.Face, base: head.Skull, place: Array, turn: Array, shoulders: Field, detail: float
) -> list[Part]:
    """Hair in the head's frame, with the shoulders as an obstacle moved into that frame."""
    size = float(np.linalg.norm(turn[:, 0]))
    obstacle = Field()
    obstacle.shapes.append((lambda p: shoulders((p @ turn.T + place).astype(np.float32)) / size, 0.0, 0))
    return hair.hair(traits, shape, base, unit(turn.T @ np.array([0.0, 0.0, -1.0])), obstacle, detail)
