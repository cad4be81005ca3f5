"""Models that ask others: fetched, verified, listed and loaded with their parts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from homeroom.errors import BadInput
from homeroom.models import catalog as catalogs
from homeroom.models.catalog import ModelManifest, catalog, manifest
from homeroom.models.heads import HeadDetector
from homeroom.models.loading import load_model
from homeroom.models.second_opinion import SecondOpinion
from tests.lab import lab

from .command import run
from .nets import flat, small_manifest, small_net

ACTIONS, HEADS = "person-detection-action-recognition-0006", "head-pose-estimation-adas-0001"
OPINION = {
    "model": ACTIONS,
    "claims": {"gesture": {"hand-raised": 0.15}, "posture": {"standing": 0.15, "head-on-desk": 0.15}},
    "weight": 0.5,
    "floor": 0.02,
    "alone": 0.8,
}
WHOLE: dict[str, Any] = {"second_opinion": OPINION, "heads": {"model": HEADS}}


def own(folder: Path, **changes: Any) -> Path:
    path = folder / "own.json"
    path.write_text(json.dumps(small_manifest(small_net(folder), **{**WHOLE, **changes})), "utf-8")
    return path


def mirror(folder: Path) -> str:
    """A folder with the parts' files, under names and in places of its own."""
    for number, name in enumerate((ACTIONS, HEADS)):
        for role in ("xml", "bin"):
            target = folder / "stick" / str(number) / f"copy-{role}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(lab(f"models/intel/{name}/FP16/{name}.{role}"), target)
    return str(folder / "stick")


def test_a_model_is_fetched_verified_and_loaded_with_all_that_it_asks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, cache = str(own(tmp_path)), str(tmp_path / "cache")
    assert run("verify", "small", "--manifest", path, "--cache", cache) == 1
    assert run("fetch", "small", "--manifest", path, "--cache", cache, "--from", mirror(tmp_path)) == 0
    assert run("verify", "small", "--manifest", path, "--cache", cache) == 0
    capsys.readouterr()
    run("list", "--manifest", path, "--cache", cache, "--json")
    row = next(one for one in json.loads(capsys.readouterr().out) if one["id"] == "small")
    assert (row["state"], row["parts"]) == ("ok", [ACTIONS, HEADS])
    assert row["size"] > 8_000_000

    model = load_model({"id": "small", "manifest": path, "cache": cache, "thresholds": {"detection": 0.3}})
    detector = model.detector()
    assert isinstance(detector, HeadDetector)
    assert isinstance(detector._inner, SecondOpinion)
    ((one,), nobody) = detector.detect([flat(250), flat(10)])
    assert nobody == []
    assert one.axes["gesture"]["hand-raised"] == pytest.approx(0.8, abs=0.01)  # the action net saw nobody there
    assert (model.id, model.degraded) == ("small", "")
    parts = {f"{name}/{role}" for name in (ACTIONS, HEADS) for role in ("xml", "bin")}
    assert {*model.info.files} == {"xml", "bin", *parts}, "a site that accepts it accepts these files of its parts"


def test_a_damaged_part_is_named_with_its_cure(tmp_path: Path) -> None:
    path, cache = str(own(tmp_path)), tmp_path / "cache"
    run("fetch", "small", "--manifest", path, "--cache", str(cache), "--from", mirror(tmp_path))
    weights = cache / HEADS / f"{HEADS}.bin"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(BadInput, match=f"run: homeroom models fetch {HEADS}"):
        load_model({"id": "small", "manifest": path, "cache": str(cache)})


def test_a_part_is_no_site_s_model() -> None:
    with pytest.raises(BadInput, match="finds nobody by itself"):
        load_model({"id": HEADS})


def test_what_is_asked_must_come_with_homeroom(tmp_path: Path) -> None:
    path = own(tmp_path, second_opinion={**OPINION, "model": "somebody-s"})
    with pytest.raises(BadInput, match="asks 'somebody-s'; models to ask are"):
        run("verify", "small", "--manifest", str(path))


def test_our_assemblies_have_short_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = small_manifest(small_net(tmp_path), id="homeroom-recommended", **WHOLE)
    made = manifest(document, "homeroom-recommended.json", tmp_path)
    known: dict[str, ModelManifest] = {**catalog(), made.id: made}
    monkeypatch.setattr(catalogs, "catalog", lambda: known)
    cache = str(tmp_path / "cache")
    assert run("fetch", "recommended", "--cache", cache, "--from", mirror(tmp_path)) == 0
    assert run("verify", "recommended", "--cache", cache, "--json") == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.endswith(": ok")] == [
        f"{name}: ok" for name in ("homeroom-recommended", ACTIONS, HEADS)
    ]
