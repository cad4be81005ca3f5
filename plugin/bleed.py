"""Keeps a raised hand at its owner: geometry over the people of one picture, before they become a scene.

Networks that judge a person by a box also see the arm that a neighbor nearer to the camera holds into that box, and
call both a raised hand. So of two who claim one, who sits behind, is clearly smaller, and has the other's arm
before head or chest, loses the claim. Who sit in one row keep theirs: nobody's arm is before somebody beside them
more than the other way round. Probabilities play no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .detection import Detection
from .geometry import Box

GESTURE = "gesture"
RAISED = "hand-raised"
CLAIM = 0.3  # from here a hand counts as claimed; below, there is nothing to take away
REACH = 0.4  # how far an arm reaches beyond its owner's box, as a share of the box's width (forearm and hand)
SMALLER = 0.8  # people at one distance who both raise a hand have boxes alike within 20 % of area
ROW = 0.15  # of the nearer one's height between lower edges: rows 1.2 m apart, 8 m from a camera 2.4 m up, are 0.2
UPPER = 0.6  # of a box: head and chest, where raised arms are
EDGE = 0.005  # a box this near to the picture's side goes on outside of it


def _claims(detection: Detection) -> bool:
    return detection.axes.get(GESTURE, {}).get(RAISED, 0.0) >= CLAIM


def _uncertain_gesture(detection: Detection) -> Detection:
    return replace(detection, axes={axis: over for axis, over in detection.axes.items() if axis != GESTURE})


def cut_by_side(detection: Detection) -> bool:
    """Whether the left or right side of the picture cuts the person: an arm that is not seen cannot be judged."""
    return detection.box.left <= EDGE or detection.box.right >= 1 - EDGE


def _upper(box: Box) -> Box:
    return replace(box, bottom=box.top + UPPER * box.height)


def _behind(other: Box, owner: Box) -> bool:
    """Whether a box is that of somebody a row or more farther away; where the picture cuts the owner's, size tells."""
    lower = owner.bottom >= 1 - EDGE or owner.bottom - other.bottom >= ROW * owner.height
    return lower and other.clipped().area < SMALLER * owner.clipped().area


def _bleeds(owner: Box, other: Box) -> bool:
    return _behind(other, owner) and _upper(owner).widened(REACH).intersection(_upper(other)) > 0


def suppress_bleed(detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """The detections, with the gesture taken as uncertain where it is somebody else's arm or cut by the side.

    Nearest first: who lost the claim has no arm raised, and takes nobody else's.
    """
    whole = [_uncertain_gesture(one) if cut_by_side(one) else one for one in detections]
    owners: list[Box] = []
    for number in sorted(range(len(whole)), key=lambda at: -whole[at].box.clipped().area):
        one = whole[number]
        if not _claims(one):
            continue
        if not any(_bleeds(owner, one.box) for owner in owners):
            owners.append(one.box)
        else:
            whole[number] = _uncertain_gesture(one)
    return tuple(whole)
