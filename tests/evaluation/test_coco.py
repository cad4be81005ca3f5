"""COCO's JSON in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.__main__ import main
from homeroom.errors import BadInput
from homeroom.models.evaluation.coco import labels_as_coco, read_coco
from homeroom.models.evaluation.labels import LabelledSet, document_of, read_set
from tests.evaluation.made import person, written

EVERYTHING = person(
    (0.1, 0.2, 0.3, 0.6),
    axes={"posture": "seated", "activity": "writing"},
    seat="A1",
    head=[0.2, 0.25],
    head_pose={"yaw": 40, "pitch": -30, "roll": 0},
    groups={"skin": "dark"},
    keypoints=[[0.125, 0.25, 2]] * 16 + [[0.0, 0.0, 0]],
    amodal=[0.1, 0.2, 0.3, 0.9],
)
PICTURE = {
    "file": "1.png",
    "camera": "front",
    "groups": {"light": "dim"},
    "ignore": [[[0.5, 0.0], [0.75, 0.0], [0.75, 0.5]]],
    "people": [EVERYTHING, person((0.5, 0.5, 0.75, 1.0), difficult=True), person((0.6, 0.05, 0.72, 0.3))],
}


def coco(*notes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A file as other tools write it."""
    return {
        "images": [{"id": 7, "width": 200, "height": 100, "file_name": "a b.png"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "iscrowd": 0, **note} for note in notes],
        "categories": [{"id": 3, "name": "Person"}, {"id": 4, "name": "chair"}],
        **fields,
    }


def read(folder: Path, document: Any, **options: Any) -> LabelledSet:
    (folder / "coco.json").write_text(json.dumps(document))
    return read_coco(folder / "coco.json", **{"evidence": "real", **options})


def test_labels_come_back_from_coco_as_they_went(tmp_path: Path) -> None:
    written(tmp_path, PICTURE, licence="CC0-1.0", size=(640, 480))
    assert main(["models", "convert", str(tmp_path), str(tmp_path / "coco.json")]) == 0
    before = json.loads((tmp_path / "labels.json").read_text())
    (tmp_path / "labels.json").unlink()
    assert main(["models", "convert", str(tmp_path / "coco.json"), str(tmp_path / "labels.json")]) == 0
    after = json.loads((tmp_path / "labels.json").read_text())
    assert _rounded(after) == _rounded(before)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


def test_what_is_written_is_as_coco_has_it(tmp_path: Path) -> None:
    made = labels_as_coco(read_set(written(tmp_path, PICTURE)), {0: (640, 480)})
    first, hidden, mirrored, area = made["annotations"]
    assert first["bbox"] == [64, 96, 128, 192]
    assert first["area"] == 128 * 192
    assert first["num_keypoints"] == 16
    assert first["keypoints"][:3] == [80, 120, 2]
    assert first["keypoints"][-3:] == [0, 0, 0]
    assert first["attributes"]["activity"] == "writing"
    assert [note["iscrowd"] for note in (first, hidden, mirrored, area)] == [0, 1, 1, 1]
    assert {note["category_id"] for note in made["annotations"]} == {made["categories"][0]["id"]}
    assert len(made["categories"][0]["keypoints"]) == 17
    assert made["images"] == [
        {"id": 1, "width": 640, "height": 480, "file_name": "1.png", "camera": "front", "groups": {"light": "dim"}}
    ]


def test_a_frame_of_a_recording_keeps_its_time(tmp_path: Path) -> None:
    made = labels_as_coco(read_set(written(tmp_path, {"file": "a.mp4", "at": 1.5, "people": []})), {0: (640, 480)})
    assert made["images"][0]["at"] == 1.5
    assert read(tmp_path, made).pictures[0].at == 1.5


def test_another_tools_file_is_read(tmp_path: Path) -> None:
    crowd = {"bbox": [100, 0, 100, 50], "iscrowd": 1, "segmentation": {"counts": [1, 2], "size": [100, 200]}}
    told = {"bbox": [20, 10, 40, 80], "attributes": {"posture": "standing", "occluded": True, "gesture": "waves"}}
    made = read(tmp_path, coco(told, crowd, {"bbox": [0, 0, 1, 1], "category_id": 4}))
    (picture,) = made.pictures
    (one,) = picture.people
    assert (one.box.left, one.box.top, one.box.right, one.box.bottom) == (0.1, 0.1, 0.3, 0.9)
    assert one.axes == {"posture": "standing"}
    assert picture.ignore == (((0.5, 0), (1, 0), (1, 0.5), (0.5, 0.5)),)
    assert picture.path == tmp_path.resolve() / "a b.png"
    assert (made.title, made.evidence) == ("coco", "real")


@pytest.mark.parametrize(
    ("document", "options", "said"),
    [
        (coco(), {"evidence": ""}, "add --evidence real or --evidence rendered"),
        (coco(categories=[]), {}, "no category named person"),
        (coco({"bbox": [1, 1, 2, 2], "image_id": 8}), {}, "image 8, which is not in the file"),
        (coco({"bbox": [300, 1, 2, 2]}), {}, "lies outside of the picture"),
        (coco({"bbox": [1, 1, 2]}), {}, "bbox"),
        (coco(images=[{"id": 7, "width": 9, "height": 9, "file_name": "../a.png"}]), {}, "leads out of"),
        (coco(images=[{"id": 7, "width": 9, "height": 9, "file_name": "/etc/passwd"}]), {}, "leads out of"),
        (coco(images=coco()["images"] * 2), {}, "two images have the same id"),
        (coco({"bbox": [1, 1, 2, 2], "attributes": {"head": "x"}}), {}, "head"),
        ({"images": []}, {}, "missing"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    document: Any, options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        read(tmp_path, document, **options)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_labels_are_written_beside_their_pictures_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "coco.json").write_text(json.dumps(coco()))
    there = str(tmp_path / "other" / "labels.json")
    assert main(["models", "convert", str(tmp_path / "coco.json"), there, "--evidence", "real"]) == 2
    assert "labels lie beside their pictures" in capsys.readouterr().err
    assert (
        main(["models", "convert", str(tmp_path / "coco.json"), str(tmp_path / "labels.json"), "--evidence", "real"])
        == 2
    )
    assert "a b.png" in capsys.readouterr().err  # a name that labels.json does not allow


numbers = st.floats(-1e6, 1e6) | st.integers(-(10**9), 10**9)
values = numbers | st.text(max_size=4) | st.none() | st.lists(numbers, max_size=8) | st.dictionaries(st.text(), numbers)


@given(st.dictionaries(st.sampled_from(["bbox", "keypoints", "segmentation", "attributes", "iscrowd"]), values))
def test_any_annotation_is_read_or_refused(note: dict[str, Any]) -> None:
    document = coco({"bbox": [20, 10, 40, 80], **note})
    folder = Path(__file__).parent
    try:
        made = _read_here(document, folder)
    except BadInput as refused:
        made, said = None, str(refused)
        assert "\n" not in said
    if made is not None:
        for one in made.pictures[0].people:
            assert one.box.area > 0
        assert document_of(made)


def _read_here(document: Any, folder: Path) -> LabelledSet:
    """read_coco without a file for each example."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("homeroom.models.evaluation.coco.read_text", lambda *_: json.dumps(document))
        patch.setattr("homeroom.models.evaluation.coco.file_digest", lambda _: "")
        return read_coco(folder / "coco.json", evidence="real")
