"""What is said of the people in the recordings: who sits, who stands, who raises a hand."""

from __future__ import annotations

import pytest

from homeroom.models.evaluation.claims import said
from homeroom.models.evaluation.matching import HEAD, IOU
from tests.evidence.sight import ACTION, EMBEDDED, RECOMMENDED, Share, matches, outcomes, values

WRONG_SEATED = {("posture", "standing"), ("posture", "head-on-desk"), ("gesture", "hand-raised")}
EACH = [(EMBEDDED, IOU), (RECOMMENDED, IOU), (ACTION, HEAD)]


@pytest.mark.parametrize(("id_", "by"), EACH)
def test_nobody_who_sits_stands_raises_a_hand_or_lies_on_the_desk(id_: str, by: str) -> None:
    wrong = [
        (axis, word)
        for axis in ("posture", "gesture")
        for _, word in values(id_, "classroom", axis, by)
        if (axis, word) in WRONG_SEATED
    ]
    print(f"{id_} on classroom: {len(wrong)} wrong claims of 180 people (target 0): {sorted(set(wrong))}")
    assert wrong == []


@pytest.mark.parametrize(("id_", "reached"), [(EMBEDDED, 0.85), (RECOMMENDED, 0.85)])
def test_those_who_stand_are_told_to_stand(id_: str, reached: float) -> None:
    """Of all who stand, the missed ones among them."""
    everybody = sum(len(match.scored) for _, match in matches(id_, "one-by-one"))
    standing = sum(word == "standing" for truth, word in values(id_, "one-by-one", "posture") if truth == "standing")
    Share(f"{id_} on one-by-one: standing, recall", standing, everybody).held(reached, 0.85)


def test_nobody_who_stands_raises_a_hand_or_lies_on_the_desk() -> None:
    raised = [word for _, word in values(RECOMMENDED, "one-by-one", "gesture") if word == "hand-raised"]
    lying = [word for _, word in values(RECOMMENDED, "one-by-one", "posture") if word == "head-on-desk"]
    print(f"{RECOMMENDED} on one-by-one: {len(raised)} hands raised, {len(lying)} heads on desk (target 0)")
    assert raised + lying == []


def raised_hands(id_: str, by: str) -> tuple[bool, int]:
    """Whether the raised hand was seen, and how many others besides, false detections included."""
    ((one, match),) = matches(id_, "raised-hand", by)
    claimed = {
        index for index, each in enumerate(one.detections) if said(each.axes.get("gesture", {})) == "hand-raised"
    }
    owners = {d for p, d in match.pairs if one.picture.people[p].axes["gesture"] == "hand-raised"}
    return bool(claimed & owners), len(claimed - owners)


def test_the_raised_hand_is_seen_and_nobody_elses() -> None:
    assert raised_hands(RECOMMENDED, IOU) == (True, 0)


def test_what_the_embedded_assembly_says_of_the_raised_hand_is_told() -> None:
    found, others = raised_hands(EMBEDDED, IOU)
    print(f"{EMBEDDED}: the raised hand {'found' if found else 'missed'}, {others} others claimed")
    assert len(outcomes(EMBEDDED, "raised-hand")) == 1
