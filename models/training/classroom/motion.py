"""How somebody in the film holds themselves in each of its pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import human
from ..human import Pose
from ..human.joints import about
from .kinds import Sitter
from .lesson import Step, moving

TRIES = 40  # poses that are drawn at most until one suits
HIGH = 0.47  # of the standing height, over the hips: about where the head of somebody who sits has its top


class Actor:
    """A person of the film: a pose to arrive at for each step, and the ways between them."""

    def __init__(self, sitter: Sitter, those: tuple[Step, ...]) -> None:
        self.sitter, self.steps = sitter, those
        self._held: list[Pose] = []
        for number, step in enumerate(those):
            before = self._held[-1] if number else None
            if step.stir and before is not None:
                self._held.append(_stirred(before, step.seed))
                continue
            pose = _posed(sitter, step)
            if before is not None and those[number - 1].action.posture != "standing" != step.action.posture:
                pose = replace(pose, ankles=before.ankles, knees=before.knees)  # feet stay where they are
            self._held.append(pose)

    def at(self, picture: int) -> tuple[Sitter, Pose]:
        """Who they are then, with what they do, and their pose."""
        number, share = moving(self.steps, picture)
        pose = self._held[number]
        if share < 1:
            pose = human.blend(self._held[number - 1], pose, share)
        return replace(self.sitter, action=self.steps[number].action), pose

    def moves(self, picture: int) -> bool:
        """Whether they are held otherwise than in the picture before."""
        return picture > 0 and moving(self.steps, picture) != moving(self.steps, picture - 1)

    def still_below(self, picture: int) -> float:
        """Metres up to which nothing of them moves then: who shifts keeps their legs where they are."""
        stir = self.steps[moving(self.steps, picture)[0]].stir
        seated = self.at(picture)[0].action.posture != "standing"
        return self.sitter.desk.seat_height + 0.18 if stir and seated else 0.0


def _posed(sitter: Sitter, step: Step) -> Pose:
    """A pose of the action: who stands does so at their desk, who turns around stays seated, hands are up high."""
    rng = np.random.default_rng(step.seed)
    for _ in range(TRIES):
        pose = human.pose(step.action, sitter.traits, sitter.desk, rng)
        high = step.action.gesture == "none" or pose.wrists[:, 2].max() > pose.hips[2] + HIGH * sitter.traits.height
        if high and abs(pose.hips[0]) < 0.12 and abs(pose.turn) < 80:
            return pose
    raise ValueError(f"{sitter.seat}: no pose that suits in {TRIES}; take another seed")


def _stirred(pose: Pose, seed: int) -> Pose:
    """The pose a little otherwise: head, gaze and trunk; what hands hold or lean on stays."""
    rng = np.random.default_rng(seed)
    turn = about(2, rng.normal(0, 6)) @ pose.head @ about(0, rng.normal(0, 3)) @ about(1, rng.normal(0, 3))
    return replace(
        pose,
        lean=pose.lean + rng.normal(0, (1.2, 1.0, 1.5)),
        head=turn,
        eyes=pose.eyes + rng.normal(0, 4, 2),
        lids=pose.lids if pose.lids == 0 else 1.0,
    )
