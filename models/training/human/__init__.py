"""Procedural people for rendered training pictures: from traits and an action to meshes, key points and head pose."""

from __future__ import annotations

from .actions import action
from .blend import blend
from .body import body, person
from .kinds import Action, Body, Desk, Part, Pose, Prop, Traits
from .looks import traits
from .poses import pose

__all__ = [
    "Action",
    "Body",
    "Desk",
    "Part",
    "Pose",
    "Prop",
    "Traits",
    "action",
    "blend",
    "body",
    "person",
    "pose",
    "traits",
]
