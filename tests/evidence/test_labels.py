"""The hand labels themselves: valid, and as many as README.md says."""

from __future__ import annotations

import re

import pytest

from homeroom.models.evaluation.labels import read_labels
from tests.evidence.sight import HERE, SETS


@pytest.mark.parametrize("name", SETS)
def test_the_labels_are_a_valid_set_of_real_pictures_and_the_readme_counts_them(name: str) -> None:
    made = read_labels(HERE / name / "labels.json")
    each = [person for picture in made.pictures for person in picture.people]
    row = re.search(rf"^\| `{name}` \|.*\| (\d+) \| (\d+) \| (\d+) \|$", (HERE / "README.md").read_text(), re.MULTILINE)
    assert row is not None
    assert [int(count) for count in row.groups()] == [len(made.pictures), len(each), sum(p.difficult for p in each)]
    assert made.evidence == "real"
    assert all(person.axes.keys() <= {"posture", "gesture", "facing"} for person in each)
    assert all(person.axes for person in each if not person.difficult)


def test_no_picture_lies_beside_the_labels() -> None:
    assert {path.suffix for path in HERE.rglob("*") if path.is_file() and "__pycache__" not in path.parts} == {
        ".json",
        ".md",
        ".py",
    }
