"""Labelled sets are read as if an enemy had written them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.errors import BadInput
from homeroom.manifest import parse_json
from homeroom.models.evaluation.labels import document_of, joined, labelled, read_set
from tests.evaluation.made import document, person, written


def test_a_set_is_read_with_all_that_it_says(tmp_path: Path) -> None:
    one = person(
        axes={"posture": "standing"}, seat="A1", head=[0.2, 0.25], groups={"skin": "dark"}, difficult=True,
        head_pose={"yaw": 40, "pitch": -30, "roll": 0}, keypoints=[[0.1, 0.2, 2]] * 17, amodal=[0.1, 0.2, 0.3, 0.9],
    )  # fmt: skip
    picture = {"file": "a/1.png", "people": [one], "ignore": [[[0, 0], [1, 0], [1, 1]]], "groups": {"light": "dim"}}
    made = read_set(written(tmp_path, picture, licence="CC0-1.0"))
    (found,) = made.pictures[0].people
    assert (made.title, made.evidence, made.licence, len(made.digest)) == ("made", "rendered", "CC0-1.0", 64)
    assert found.axes == {"posture": "standing"}
    assert found.head_pose is not None
    assert (found.head_pose.yaw, found.difficult, found.seat) == (40, True, "A1")
    assert made.pictures[0].ignore == (((0, 0), (1, 0), (1, 1)),)
    assert document_of(made) == {**document(picture), "licence": "CC0-1.0"}


def test_shards_below_one_folder_are_one_set(tmp_path: Path) -> None:
    for shard in ("0001", "0000"):
        written(tmp_path / shard, {"file": f"{shard}.png", "people": []})
    made = read_set(tmp_path)
    assert [one.path.name for one in made.pictures] == ["0000.png", "0001.png"]
    assert made.title == "made"


def test_rendered_and_real_pictures_do_not_mix(tmp_path: Path) -> None:
    written(tmp_path / "a", {"file": "1.png", "people": []})
    written(tmp_path / "b", {"file": "1.png", "people": []}, evidence="real")
    with pytest.raises(BadInput, match="real and rendered pictures do not mix"):
        read_set(tmp_path)


@pytest.mark.parametrize(
    "name", ["../1.png", "/etc/passwd", "a/../../1.png", "a//1.png", ".hidden.png", "a\\b.png", ""]
)
def test_a_path_that_leads_out_of_the_set_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"pictures\[0\].file"):
        read_set(written(tmp_path / "set", {"file": name, "people": []}))


def test_a_link_that_leads_out_of_the_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"x")
    folder = written(tmp_path / "set", {"file": "1.jpg", "people": []}, {"file": "2.png", "people": []})
    (folder / "2.png").unlink()
    (folder / "2.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(BadInput, match="leads out of"):
        read_set(folder)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (person(axes={"posture": "sitting"}), "posture is never 'sitting'"),
        (person(axes={"mood": "happy"}), "no axis 'mood'"),
        (person(axes={"posture": "absent"}), "posture is never 'absent'"),
        (person(box=(0.3, 0.2, 0.1, 0.6)), "box has no area"),
        (person(box=(0.1, 0.2, 0.3, 1.6)), "box"),
        (person(name="Ada"), "unknown field 'name'"),
        (person(groups={"skin": "dark\n### mine"}), "groups"),
        (person(seat="A1\n"), "seat"),
        ({"axes": {}}, "'box' is missing"),
    ],
)
def test_what_is_wrong_with_a_person_is_named_in_one_line(wrong: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read_set(written(tmp_path, {"file": "1.png", "people": [wrong]}))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no labels\.json"):
        read_set(tmp_path)


def test_labels_that_are_too_large_are_refused_before_they_are_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeroom.models.evaluation.labels.MAX_BYTES", 100)
    with pytest.raises(BadInput, match="larger than 100 bytes"):
        read_set(written(tmp_path, {"file": "1.png", "people": [person()] * 10}))


def test_titles_of_many_shards_stay_a_line(tmp_path: Path) -> None:
    for number in range(40):
        written(tmp_path / f"{number:02}", {"file": "1.png", "people": []}, title=f"seeds from {number} thousand on")
    assert read_set(tmp_path).title == "seeds from 0 thousand on and 39 more"


def test_one_set_stays_as_it_is(tmp_path: Path) -> None:
    made = read_set(written(tmp_path, {"file": "1.png", "people": []}))
    assert joined([made], tmp_path) is made


@contextmanager
def refused_in_one_line() -> Iterator[None]:
    """Nothing is raised, or BadInput in one line."""
    said = "labels.json"
    with suppress(BadInput):
        try:
            yield
        except BadInput as refused:
            said = str(refused)
            raise
    assert said.startswith("labels.json")
    assert "\n" not in said


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ("file", "at", "people", "ignore", "groups", "camera", "box", "axes", "keypoints", "head_pose", "head")


@given(st.sampled_from(FIELDS), anything)
def test_whatever_stands_in_a_field_is_read_or_refused_in_one_line(field: str, value: Any) -> None:
    one = person(axes={"posture": "seated"}, keypoints=[[0, 0, 0]] * 17)
    picture: dict[str, Any] = {"file": "1.png", "people": [one]}
    (one if field in ("box", "axes", "keypoints", "head_pose", "head") else picture)[field] = value
    with refused_in_one_line():
        made = labelled(document(picture), "labels.json", Path("set"))
        assert made.pictures[0].path.is_relative_to(Path("set").resolve())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:

    with refused_in_one_line():
        labelled(parse_json(raw.decode("utf-8", "replace"), "labels.json"), "labels.json", Path("set"))


@given(st.data())
def test_cut_labels_are_refused(data: st.DataObject) -> None:

    text = json.dumps(document({"file": "1.png", "people": [person()]}))
    with pytest.raises(BadInput):
        parse_json(text[: data.draw(st.integers(0, len(text) - 1))], "labels.json")
