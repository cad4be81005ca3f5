"""`homeroom models evaluate`, from labels to report, card and verdict."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import pytest

from homeroom.__main__ import main
from homeroom.manifest import shipped, validate
from homeroom.models.catalog import read
from homeroom.models.evaluation.cards import BEGIN, END
from tests.drawn import CLIP, MANIFEST, MODEL, story
from tests.evaluation.made import written

ROOT = Path(__file__).resolve().parents[2]
SHORT = 8  # labelled pictures: enough to find everybody


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first pictures of the drawn clip, with what its script says of them."""
    folder = tmp_path_factory.mktemp("drawn")
    told = story()
    shutil.copy(CLIP, folder)
    pictures = [
        {
            "file": told["clip"],
            "at": sample["at"],
            "people": [
                {**one, "axes": {axis: value for axis, value in one["axes"].items() if value != "uncertain"}}
                for one in sample["people"]
            ],
        }
        for sample in told["samples"][:SHORT]
    ]
    return written(folder, *pictures, title="the drawn clip")


def run(*arguments: str | Path) -> int:
    return main(["models", "evaluate", *map(str, arguments)])


def test_a_model_is_measured_and_a_report_is_written(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(MANIFEST, drawn, "--out", tmp_path / "out") == 0
    told = capsys.readouterr().out
    assert "drawn on the drawn clip: 8 pictures, 32 people, rendered" in told
    assert "AP@.5:.95" in told
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert report["figures"]["people"]["recall"] == {
        "value": 1.0,
        "low": pytest.approx(0.893, abs=1e-3),
        "high": 1.0,
        "n": 32,
    }
    assert report["model"]["files"]["bin"] == read(MANIFEST).document["files"]["bin"]["sha384"]
    assert report["command"] == f"homeroom models evaluate drawn.json {drawn.name}"  # of this machine no place
    assert report["figures"]["latency"]["median_ms"] > 0
    text = (tmp_path / "out" / "report.md").read_text()
    assert "Measured on rendered pictures only" in text
    for name in ("confusion-posture", "confusion-activity", "reliability", "values", "subgroups"):
        assert f"![{name}]({name}.png)" in text
        image = cv2.imread(str(tmp_path / "out" / f"{name}.png"))
        assert image is not None
        assert min(image.shape[:2]) > 90


def test_the_gate_decides_the_exit_code(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(MANIFEST, drawn, "--min", "people.recall=0.9", "--max", "latency.median_ms=60000") == 0
    assert "passed: people.recall is 1" in capsys.readouterr().out
    assert run(MANIFEST, drawn, "--min", "people.recall=0.9", "--min", "people.ap=0.999", "--json") == 1
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert [one["ok"] for one in report["gate"]] == [True, False]
    assert said.err.count("\n") == 2
    assert "FAILED: people.ap is" in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("MODEL",), "name a labelled set after the model"),
        (
            ("person-detection-action-recognition-006", "SET"),
            "did you mean 'person-detection-action-recognition-0006'?",
        ),
        (("MODEL", "nowhere"), "nowhere"),
        (("MODEL", "SET", "--min", "people.recal=0.9"), "did you mean people.recall?"),
        (("MODEL", "SET", "--card", "card.md"), "card.md"),
        (("MODEL", "SET", "--out", "/proc/nothing"), "cannot be written"),
    ],
)
def test_bad_input_is_one_line_and_2(
    arguments: tuple[str, ...], said: str, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(*({"SET": str(drawn), "MODEL": str(MANIFEST)}.get(one, one) for one in arguments)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]


def test_detections_are_written_as_coco_has_results(drawn: Path, tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco", reason="needs pycocotools (pip install -e '.[test]')")
    assert run(MANIFEST, drawn, "--coco", tmp_path / "found.json") == 0
    assert main(["models", "convert", str(drawn), str(tmp_path / "labels.json")]) == 0
    truth: Any = coco.COCO(str(tmp_path / "labels.json"))
    found = truth.loadRes(str(tmp_path / "found.json"))
    assert len(found.getAnnIds()) == 32
    first = found.loadAnns(found.getAnnIds())[0]
    assert first["attributes"]["posture"] in {"seated", "standing", "head-on-desk"}
    assert truth.loadImgs([1])[0]["at"] == 0.5


def without_times(text: str) -> list[str]:
    return [line for line in text.splitlines() if " ms a picture " not in line]


def test_figures_go_into_the_card_between_its_marks(drawn: Path, tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(f"# Card\n\nBefore.\n\n{BEGIN}\nnot measured yet\n{END}\n\nAfter.\n")
    assert run(MANIFEST, drawn, "--card", card) == 0
    text = card.read_text()
    assert text.startswith(
        f"# Card\n\nBefore.\n\n{BEGIN}\n\n### the drawn clip\n\n**Measured on rendered pictures only"
    )
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "not measured yet" not in text
    assert "    homeroom models evaluate drawn.json" in text
    assert "| posture | seated |" in text
    before = text
    assert run(MANIFEST, drawn, "--card", card) == 0
    # nothing is there twice, and nothing in it but what was measured
    assert without_times(card.read_text()) == without_times(before)
    other = tmp_path / "other"
    shutil.copytree(drawn, other)
    document = json.loads((other / "labels.json").read_text())
    (other / "labels.json").write_text(json.dumps({**document, "title": "another", "evidence": "real"}))
    assert run(MANIFEST, other, "--card", card) == 0
    assert [line for line in card.read_text().splitlines() if line.startswith("### ")] == [
        "### the drawn clip",
        "### another",
    ]
    assert card.read_text().count("Measured on rendered pictures only") == 1
    assert run(MANIFEST, drawn, "--card", card) == 0
    assert [line for line in card.read_text().splitlines() if line.startswith("### ")] == [
        "### the drawn clip",
        "### another",
    ]


def test_figures_go_into_the_manifest_and_nothing_else_of_it_changes(drawn: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    text = MANIFEST.read_text()
    path.write_text(text)
    assert run(MANIFEST, drawn, "--accuracy", path) == 0
    old, new = json.loads(text), json.loads(path.read_text())
    mine = [one for one in new["accuracy"] if one not in old["accuracy"]]
    assert {one["on"] for one in mine} == {"the drawn clip, 8 pictures, 32 people (rendered)"}
    assert any(one["measure"] == "posture seated" for one in mine)
    assert {**new, "accuracy": []} == {**old, "accuracy": []}
    assert path.read_text().partition('"accuracy"')[0] == text.partition('"accuracy"')[0]
    assert run(MANIFEST, drawn, "--accuracy", path) == 0
    assert json.loads(path.read_text())["accuracy"] == new["accuracy"]  # measured again, not added again


def test_figures_of_another_model_are_refused(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other.json"
    shutil.copy(ROOT / "manifests" / "models" / "person-detection-action-recognition-0006.json", path)
    assert run(MANIFEST, drawn, "--accuracy", path) == 2
    assert "and drawn was evaluated" in capsys.readouterr().err


def test_a_model_of_ones_own_is_named_by_its_manifest(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = read(MANIFEST).document
    own = tmp_path / "own.json"
    own.write_text(json.dumps({**document, "id": "own"}))
    for file in document["files"].values():
        shutil.copy(MANIFEST.parent / file["name"], tmp_path)
    assert run(own, drawn) == 0
    assert "own on the drawn clip" in capsys.readouterr().out


def test_coco_s_labels_give_the_same_figures(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = tmp_path / "labels.coco.json"
    assert main(["models", "convert", str(drawn), str(coco)]) == 0
    capsys.readouterr()
    figures = []
    for source in ((drawn,), (coco, "--pictures", drawn)):
        assert run(MANIFEST, *source, "--json") == 0
        figures.append(json.loads(capsys.readouterr().out)["figures"])
    for name in ("people", "axes", "end_to_end", "ece"):
        assert figures[0][name] == figures[1][name]


def site_of(drawn: Path, folder: Path, **fields: Any) -> Path:
    """The manifest of a site whose one camera filmed the clip."""
    told = story()
    document = {
        "site": "made", "jurisdiction": "lab", "granularity": "seat", "models": [MODEL],
        "rooms": [
            {
                "id": "r1",
                "cameras": [{"id": "front", "address": str(drawn / told["clip"]), "mode": "watch", "fps": 5}],
                "seats": [{"id": seat, "views": {"front": area}} for seat, area in told["seats"].items()],
            }
        ],
        **fields,
    }  # fmt: skip
    path = folder / "site.json"
    path.write_text(json.dumps(document))
    return path


def test_the_whole_chain_of_a_site_is_measured(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = site_of(drawn, tmp_path)
    assert (
        run(drawn, "--site", path, "--out", tmp_path / "out", "--json", "--min", "behaviors.hand-raised.recall=1") == 0
    )
    report = json.loads(capsys.readouterr().out)
    assert report["figures"]["behaviors"]["occupied"]["recall"]["n"] == 4
    assert report["figures"]["behaviors"]["hand-raised"]["agreement"]["value"] == 1
    assert report["figures"]["people"]["recall"]["n"] == 32
    assert "| hand-raised | 1 | 1.000" in (tmp_path / "out" / "report.md").read_text()
    assert run(drawn, "--site", site_of(drawn, tmp_path, jurisdiction="eu")) == 2
    assert "policy eu" in capsys.readouterr().err


def test_people_in_excluded_areas_of_a_site_are_not_scored(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site_of(drawn, tmp_path)
    document = json.loads(path.read_text())
    document["rooms"][0]["cameras"][0]["exclude"] = [[[0, 0], [0.4, 0], [0.4, 1], [0, 1]]]
    path.write_text(json.dumps(document))
    assert run(drawn, "--site", path, "--json") == 0
    people = json.loads(capsys.readouterr().out)["figures"]["people"]
    assert (people["recall"]["n"], people["recall"]["value"], people["precision"]["value"]) == (16, 1, 1)


HELD = ("--min", "behaviors.hand-raised.precision=0.9", "--min", "behaviors.hand-raised.recall=0.9")


@pytest.fixture
def filmed(drawn: Path, tmp_path: Path) -> Path:
    """The same clip, as if it showed real people."""
    folder = tmp_path / "filmed"
    shutil.copytree(drawn, folder)
    document = json.loads((folder / "labels.json").read_text())
    (folder / "labels.json").write_text(json.dumps({**document, "evidence": "real"}))
    return folder


def test_a_passed_gate_is_recorded_beside_the_store(filmed: Path, tmp_path: Path) -> None:
    path = site_of(filmed, tmp_path, store="state/made.db")
    record = tmp_path / "state" / "made.acceptance.json"
    assert run(filmed, "--site", path, "--accept", *HELD, "--min", "people.ap=0.999") == 1
    assert not record.exists()
    assert run(filmed, "--site", path, "--accept", *HELD, "--min", "people.recall=0.9") == 0
    made = json.loads(record.read_text())
    validate(made, shipped("acceptance.schema.json"), "the record")
    assert list(made["behaviors"]) == ["hand-raised"]
    assert made["behaviors"]["hand-raised"]["behaviors.hand-raised.recall"]["value"] == 1
    assert made["model"] == "drawn"
    assert made["files"]["bin"] == read(MANIFEST).document["files"]["bin"]["sha384"]
    assert made["set"]["evidence"] == "real"
    assert made["limits"] == [
        "behaviors.hand-raised.precision>=0.9", "behaviors.hand-raised.recall>=0.9", "people.recall>=0.9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (HELD[:2], "no behavior is held to both precision and recall"),
        ((*HELD[:3], "behaviors.hand-raised.recall=0"), "no behavior is held to both precision and recall"),
        (("--min", "people.recall=0.9"), "no behavior is held to both precision and recall"),
    ],
)
def test_what_would_accept_nothing_is_refused_before_the_looking(
    limits: tuple[str, ...], said: str, filmed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(filmed, "--site", site_of(filmed, tmp_path), "--accept", *limits) == 2
    assert said in capsys.readouterr().err


def test_rendered_pictures_accept_no_site(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(drawn, "--site", site_of(drawn, tmp_path), "--accept", *HELD) == 2
    assert "rendered pictures accept no site" in capsys.readouterr().err
    assert run(MANIFEST, drawn, "--accept", *HELD) == 2
    assert "--accept goes with --site" in capsys.readouterr().err
