"""`homeroom models evaluate --own-frames`: scored where they lie, and then destroyed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from homeroom.__main__ import main
from homeroom.clock import SystemClock
from homeroom.label.collection import Collection, collection_of
from homeroom.label.marks import Marks
from homeroom.manifest import shipped, validate
from homeroom.site import load_site
from tests.label.made import JPEG, acts, site

FRAMES = 6
HELD = ("--min", "gesture.hand-raised.precision=0.8", "--min", "gesture.hand-raised.recall=0.8")


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with six frames, of which all but one are labelled as its model sees them."""
    path = site(tmp_path_factory.mktemp("labelled"))
    assert main(["label", "collect", str(path), "--count", str(FRAMES)]) == 0
    held = of(path)
    for one in sorted(held.stills(), key=lambda still: still.utc)[:-1]:
        held.mark(one.id, Marks(done=True, people=one.proposed))
    corrected = [{**person, "box": [0.01 + person["box"][0], *person["box"][1:]]} for person in one.proposed[:2]]
    held.mark(one.id, Marks(done=True, people=(*corrected, *one.proposed[2:])))
    return path


@pytest.fixture
def here(labelled: Path, tmp_path: Path) -> Path:
    """The same site, to be used up."""
    shutil.copytree(labelled.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / labelled.name


def of(path: Path) -> Collection:
    return collection_of(load_site(path), SystemClock())


def evaluate(path: Path, *arguments: str) -> int:
    return main(["models", "evaluate", "--site", str(path), "--own-frames", *arguments])


def left(path: Path) -> list[str]:
    return sorted(one.name for one in of(path).vault.folder.iterdir())


def report_of(out: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((out / "evaluation.json").read_text())
    return made


def test_they_are_scored_accepted_and_destroyed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = here.parent / "out"
    assert evaluate(here, "--accept", *HELD, "--out", str(out)) == 0
    said = capsys.readouterr().out
    assert "scored: the key and 6 frames destroyed, 1 of them never labelled" in said
    report = report_of(out)
    assert report["set"] == {
        "title": "made, frames of its own cameras",
        "evidence": "real",
        "licence": "",
        "source": "homeroom label; 18 of 20 people as a model proposed them",
        "digest": report["set"]["digest"],
        "pictures": 5,
        "files": 5,
        "people": 20,
    }
    assert report["figures"]["people"]["recall"]["value"] == 1
    assert report["figures"]["axes"]["gesture"]["hand-raised"]["recall"]["value"] == 1
    assert "--own-frames" in report["command"]
    record = json.loads((here.parent / "state" / "made.acceptance.json").read_text())
    validate(record, shipped("acceptance.schema.json"), "the record")
    assert list(record["behaviors"]) == ["hand-raised"]
    assert left(here) == []
    assert [(one["act"], one["frames"]) for one in acts(of(here))[-1:]] == [("scored", FRAMES)]
    assert evaluate(here, "--out", str(out)) == 2, "nothing is left to be scored again"


def test_the_report_holds_no_picture_and_no_box_of_them(here: Path) -> None:
    out = here.parent / "out"
    assert evaluate(here, "--out", str(out)) == 0
    assert {path.suffix for path in out.iterdir()} == {".png", ".json", ".md"}
    assert '"box"' not in (out / "evaluation.json").read_text()
    assert [path for path in here.parent.rglob("*") if path.is_file() and JPEG in path.read_bytes()] == []


def test_a_gate_that_fails_destroys_them_too(here: Path) -> None:
    assert evaluate(here, "--min", "people.recall=0.9", "--max", "latency.median_ms=0.001", "--json") == 1
    assert left(here) == []


def test_they_may_be_kept_until_they_expire(here: Path) -> None:
    before = left(here)
    assert evaluate(here, "--keep-frames") == 0
    assert left(here) == before
    assert "scored" not in {one["act"] for one in acts(of(here))}


def test_what_fails_leaves_them_to_be_scored_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = left(here)
    (here.parent / "file").write_text("")
    assert evaluate(here, "--out", str(here.parent / "file" / "out")) == 2
    assert left(here) == before
    path = of(here).vault.folder / f"{next(iter(of(here).done()))}.frame"
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    capsys.readouterr()
    assert evaluate(here, "--json") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "does not open" in line
    assert left(here) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--own-frames", "drawn"), "--own-frames goes with --site"),
        (("--site", "SITE", "--own-frames"), "keep the report by --out DIR or --json"),
        (("--site", "SITE", "--own-frames", "--json", "--coco", "found.json"), "no box of anybody"),
        (("--site", "SITE", "--own-frames", "set", "--json"), "in place of a labelled set"),
        (("--site", "SITE", "--keep-frames", "set"), "--keep-frames goes with --own-frames"),
        (("--site", "SITE"), "name a labelled set"),
        ((), "name a labelled set"),
    ],
)
def test_bad_input_is_one_line_and_2(
    arguments: tuple[str, ...], said: str, labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "evaluate", *(str(labelled) if one == "SITE" else one for one in arguments)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_without_labels_it_says_how_to_get_some(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(site(tmp_path), "--json") == 2
    assert "none is labelled; run homeroom label collect" in capsys.readouterr().err


def test_the_law_comes_before_the_looking(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(here.read_text()) | {"jurisdiction": "eu", "policy": {"impact_assessment": "DPIA 2026-03"}}
    here.write_text(json.dumps(document))
    before = left(here)
    assert evaluate(here, "--json") == 2
    assert "labelling needs legal_basis, notice, permission" in capsys.readouterr().err
    assert left(here) == before


def test_erase_says_what_went(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for said in ("the key and 6 frames destroyed", "nothing is here"):
        assert main(["label", "erase", str(here)]) == 0
        assert capsys.readouterr().out == f"{said}\n"
    assert left(here) == []
