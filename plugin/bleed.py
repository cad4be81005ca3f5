"""Keeps a raised hand at its owner: geometry over the people of one picture, before they become a scene.

Networks that judge a person by a box also see the arm that a neighbour holds into that box, and call both a raised
hand. A raised arm makes its owner's box the larger one, and it hides those behind, whose boxes are smaller; so of
people within an arm's reach of each other the clearly smaller claim is the neighbour's arm. Probabilities play no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .detection import Detection

GESTURE = "gesture"
RAISED = "hand-raised"
CLAIM = 0.3  # from here a hand counts as claimed; below, there is nothing to take away
REACH = 0.4  # how far an arm reaches beyond its owner's box, as a share of the box's width (forearm and hand)
SMALLER = 0.8  # people at one distance who both raise a hand have boxes alike within 20 % of area
EDGE = 0.005  # a box this near to the picture's side goes on outside of it


def _claim(detection: Detection) -> float:
    return detection.axes.get(GESTURE, {}).get(RAISED, 0.0)


def _uncertain_gesture(detection: Detection) -> Detection:
    return replace(detection, axes={axis: over for axis, over in detection.axes.items() if axis != GESTURE})


def cut_by_side(detection: Detection) -> bool:
    """Whether the left or right side of the picture cuts the person: an arm that is not seen cannot be judged."""
    return detection.box.left <= EDGE or detection.box.right >= 1 - EDGE


def _bleeds(owner: Detection, other: Detection) -> bool:
    within_reach = owner.box.widened(REACH).intersection(other.box) > 0
    return within_reach and other.box.clipped().area < SMALLER * owner.box.clipped().area


def suppress_bleed(detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """The detections, with the gesture taken as uncertain where it is somebody else's arm or cut by the side."""
    whole = [_uncertain_gesture(one) if cut_by_side(one) else one for one in detections]
    claims = [one for one in whole if _claim(one) >= CLAIM]
    return tuple(
        _uncertain_gesture(one)
        if _claim(one) >= CLAIM and any(_bleeds(owner, one) for owner in claims if owner is not one)
        else one
        for one in whole
    )
