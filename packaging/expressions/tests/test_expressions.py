"""Totals and nothing else; with real nets from the lab."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from shutil import copyfile
from typing import Any

import cv2
import numpy as np
import pytest

from homeroom import assembly
from homeroom.detection import Detection
from homeroom.errors import BadInput, Forbidden
from homeroom.gate import FEWEST as GATES
from homeroom.geometry import Box
from homeroom.models.cache import fetch
from homeroom.picture import Frame
from homeroom.site import read_site
from homeroom_expressions import commands, shelf
from homeroom_expressions.net import Net
from homeroom_expressions.observer import FEWEST, Expressions
from tests.lab import lab
from tests.models.nets import frame_of

PEOPLE = [Detection(Box(0, 0, 1, 1), 0.9, {}, "made")]
KNOWN = {"neutral", "happy", "sad", "surprised", "angry", "afraid", "disgusted", "uncertain"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    for id_ in (shelf.HEADS, shelf.FIVE):
        fetch(shelf.shelf(folder)[id_], folder, str(lab("models")))
    seven = folder / shelf.SEVEN
    seven.mkdir()
    for suffix in (".xml", ".bin"):
        copyfile(lab(f"models/other/expression/mini_XCEPTION_102{suffix}"), seven / f"mini_XCEPTION_102{suffix}")
    return folder


@pytest.fixture(scope="module", params=[shelf.FIVE, shelf.SEVEN])
def observer(request: pytest.FixtureRequest, cache: Path) -> Expressions:
    return Expressions({"id": "expressions", "model": request.param, "cache": str(cache)}, cache)


def adults(hidden: int = 0) -> Frame:
    """Five adults, some of whose faces are painted over."""
    picture = cv2.imread(str(lab("media/omz-classroom-hand-raised.png")))
    for left, top, right, bottom in [(290, 540, 410, 660), (490, 415, 560, 510)][:hidden]:
        picture[top:bottom, left:right] = 114
    return frame_of(picture)


def test_five_adults_are_told_in_sum(observer: Expressions) -> None:
    totals = observer.totals(adults(), PEOPLE)
    assert sum(totals.values()) == 5
    assert totals.keys() <= KNOWN
    assert totals.get("happy", 0) >= 2, "the two in front who smile"


def test_of_fewer_than_five_nothing_is_told(observer: Expressions) -> None:
    assert observer.totals(adults(hidden=1), PEOPLE) == {}
    assert FEWEST == GATES == 5


def test_faces_of_nobody_the_model_found_do_not_count(observer: Expressions) -> None:
    assert observer.totals(adults(), []) == {}


def test_an_empty_picture_shows_nobody(observer: Expressions) -> None:
    assert observer.totals(frame_of(np.full((270, 480, 3), 114, np.uint8)), PEOPLE) == {}


def test_nothing_of_a_face_stays_in_the_observer(observer: Expressions) -> None:
    before = {name: repr(value) for name, value in vars(observer).items()}
    observer.totals(adults(), PEOPLE)
    assert {name: repr(value) for name, value in vars(observer).items()} == before


def test_missing_and_damaged_files_are_named_with_their_cure(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(BadInput, match="is missing; run: homeroom expressions fetch"):
        Expressions({"id": "expressions", "cache": str(tmp_path)}, tmp_path)
    for path in cache.rglob("*.*"):
        (tmp_path / path.parent.name).mkdir(exist_ok=True)
        copyfile(path, tmp_path / path.parent.name / path.name)
    weights = tmp_path / shelf.FIVE / f"{shelf.FIVE}.bin"
    weights.write_bytes(bytes([weights.read_bytes()[0] ^ 1]) + weights.read_bytes()[1:])
    with pytest.raises(BadInput, match="is not the manifest's"):
        Expressions({"id": "expressions", "cache": str(tmp_path)}, tmp_path)


def test_files_of_another_net_are_refused(cache: Path) -> None:
    with pytest.raises(BadInput, match="are not those of its manifest"):
        Net(shelf.paths(shelf.shelf(cache)[shelf.FIVE], cache), 7)


def test_the_command_fetches_from_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    commands.add_commands(parser.add_subparsers())
    args = parser.parse_args(["expressions", "fetch", "--cache", str(tmp_path), "--from", str(lab("models"))])
    assert args.run(args) == 0
    assert capsys.readouterr().out == f"{shelf.HEADS}: ok\n{shelf.FIVE}: ok\n"


def site(folder: Path, jurisdiction: str, **fields: Any) -> Any:
    document = {
        "site": "s",
        "jurisdiction": jurisdiction,
        "policy": {"impact_assessment": "DPIA 1"},
        "models": [{"id": "fake"}],
        "rooms": [{"id": "r", "cameras": [{"id": "c", "address": "clip.mp4"}]}],
        "observers": [{"id": "expressions", **fields}],
    }
    return read_site(json.loads(json.dumps(document)), folder, "site.json")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the entry point says, installed or not."""
    monkeypatch.setattr(assembly, "names", lambda _: ("expressions",))
    monkeypatch.setattr(assembly, "find", lambda *_: Expressions)


@pytest.mark.usefixtures("installed")
def test_the_core_loads_it_where_the_pack_allows(tmp_path: Path, cache: Path) -> None:
    made = assembly.make_observer("expressions", site(tmp_path, "lab", cache=str(cache)))
    assert sum(made.totals(adults(), PEOPLE).values()) == 5
    with pytest.raises(BadInput, match="observers expressions"):
        assembly.make_observer("expressions", site(tmp_path, "lab", per_person=True))


def test_under_eu_nothing_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "find", lambda *_: pytest.fail("loaded before the law was asked"))
    with pytest.raises(Forbidden, match=r"Art\. 5\(1\)\(f\)"):
        assembly.make_observer("expressions", site(tmp_path, "eu"))


def test_each_manifest_has_its_expressions_and_the_readme_tells_its_accuracy() -> None:
    readme = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
    found = set()
    for id_, one in shelf.shelf().items():
        assert f"`{id_}`" in readme
        assert all(entry["value"] in readme for entry in one.document["accuracy"])
        found |= {each.label for each in one.classes}
    assert found == KNOWN - {"uncertain"} | {"face"}
