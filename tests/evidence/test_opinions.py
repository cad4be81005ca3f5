"""Two action nets and head poses put together, on people of whom each net alone knows less."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from homeroom.bleed import suppress_bleed
from homeroom.detection import Detection
from homeroom.models.catalog import catalog, read, whole
from homeroom.models.evaluation.claims import said
from homeroom.models.evaluation.labels import Person
from homeroom.models.evaluation.matching import HEAD, Match, matched, overlaps
from homeroom.models.evaluation.outcome import looked
from homeroom.models.evaluation.pictures import frames
from homeroom.models.loading import load_model
from tests.evidence.sight import ACTION, ROOMS, Share, bring, labels

FIRST, HEADS = "person-detection-action-recognition-0005", "head-pose-estimation-adas-0001"
CLAIMS = {"gesture": {"hand-raised": 0.15}, "posture": {"standing": 0.15, "head-on-desk": 0.15}}
OPINION = {"model": ACTION, "claims": CLAIMS, "weight": 0.5, "floor": 0.02, "alone": 0.8}
Seen = tuple[Match, Sequence[Detection], Sequence[Person]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Seen]]:
    """Each set, as a scene has it, by 0005 that asks 0006 and the head poses."""
    cache = tmp_path_factory.mktemp("pair")
    path: Path = cache / "pair.json"
    document = {"id": "pair", "second_opinion": OPINION, "heads": {"model": HEADS}}
    path.write_text(json.dumps({**catalog()[FIRST].document, **document}), "utf-8")
    for part in whole(read(path)):
        bring(part, cache)
    model = load_model({"id": "pair", "manifest": path, "device": "CPU", "precision": "f32", "cache": str(cache)})
    made: dict[str, list[Seen]] = {}
    for name in ROOMS:
        for one in looked(frames(labels(name).pictures), model.detector()):
            told = suppress_bleed(one.detections)
            match = matched(overlaps(one.picture, told, HEAD))
            made.setdefault(name, []).append((match, told, one.picture.people))
    return made


def test_who_is_there_is_found_by_the_head_and_nobody_else(seen: dict[str, list[Seen]]) -> None:
    every = [match for one in seen.values() for match, _, _ in one]
    right, false = sum(len(one.pairs) for one in every), sum(len(one.false) for one in every)
    Share("0005 that asks 0006: precision", right, right + false).held(0.97, 0.97)
    Share("0005 that asks 0006: recall", right, sum(len(one.scored) for one in every)).held(0.97, 0.97)


def test_nobody_who_sits_is_called_anything_else(seen: dict[str, list[Seen]]) -> None:
    """0005 alone calls 45 of the 180 standing."""
    words = [
        said(one.axes.get(axis, {}))
        for _, told, _ in seen["classroom"]
        for one in told
        for axis in ("posture", "gesture")
    ]
    wrong = [word for word in words if word in ("standing", "head-on-desk", "hand-raised")]
    print(f"0005 that asks 0006 on classroom: {len(wrong)} wrong claims (target 0): {sorted(set(wrong))}")
    assert len(words) == 360
    assert wrong == []


def test_the_raised_hand_is_its_owner_s(seen: dict[str, list[Seen]]) -> None:
    ((match, told, people),) = seen["raised-hand"]
    claimed = {at for at, one in enumerate(told) if said(one.axes.get("gesture", {})) == "hand-raised"}
    assert claimed == {d for p, d in match.pairs if people[p].axes["gesture"] == "hand-raised"}
    assert len(claimed) == 1
