"""An official net measured on a real picture of adults; needs the lab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeroom.__main__ import main
from tests.e2e.sites import ACTION, models
from tests.evaluation.made import document
from tests.lab import lab

PICTURE = "omz-classroom-hand-raised.png"
WIDTH, HEIGHT = 1372, 894  # of the picture as it was looked at
SEEN = {  # what can be seen of each person, and the middle of the head; by eye
    "woman": ((240, 487, 410, 768), (318, 535)),
    "behind": ((390, 372, 552, 540), (462, 410)),
    "raiser": ((430, 412, 692, 717), (578, 470)),
    "phone": ((760, 364, 905, 542), (836, 405)),
    "window": ((1085, 423, 1290, 682), (1190, 475)),
}


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    people = [
        {
            "box": [left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT],
            "head": [x / WIDTH, y / HEIGHT],
            "axes": {"posture": "seated", "gesture": "hand-raised" if name == "raiser" else "none"},
        }
        for name, ((left, top, right, bottom), (x, y)) in SEEN.items()
    ]
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document({"file": PICTURE, "people": people}, evidence="real")))
    return path


def test_a_net_that_boxes_bodies_through_the_desk_is_matched_by_the_head(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    media, cache = lab(f"media/{PICTURE}").parent, models(tmp_path)
    arguments = ["models", "evaluate", ACTION, str(labels), "--pictures", str(media), "--cache", str(cache), "--json"]
    found = {}
    for by in ("iou", "head"):
        assert main([*arguments, "--precision", "f32", "--match", by]) == 0
        found[by] = json.loads(capsys.readouterr().out)["figures"]
    people = found["head"]["people"]
    assert (people["recall"]["value"], people["precision"]["value"], people["recall"]["n"]) == (1, 1, 5)
    assert found["iou"]["people"]["recall"]["value"] < 1
    raised = found["head"]["axes"]["gesture"]["hand-raised"]
    assert (raised["recall"]["value"], raised["precision"]["value"]) == (1, 1)
