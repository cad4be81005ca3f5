"""Observers beside the models: totals of a class where the law allows it, and nothing of them in this distribution."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom import assembly
from homeroom.__main__ import main
from homeroom.clock import SystemClock
from homeroom.compute import OBSERVE_EVERY
from homeroom.detection import Detection
from homeroom.difference import difference
from homeroom.errors import BadInput
from homeroom.gate import FEWEST, Gate
from homeroom.manifest import load_vocabulary
from homeroom.picture import Frame
from homeroom.policy import load_pack
from homeroom.registry import find
from homeroom.runtime import Parts, Runtime
from homeroom.scene import Mode, Scene
from homeroom.site import SiteSettings, read_site
from homeroom.store import Store
from tests.fakes import ScriptedModel, SpySink, StillSource, at, person

ROOT = Path(__file__).resolve().parents[2]
OBSERVED = "expressions"  # the one capability of the packs that no behavior stands for


def site(folder: Path, **fields: Any) -> SiteSettings:
    return read_site(document(**fields), folder, "site.json")


def document(**fields: Any) -> dict[str, Any]:
    return {
        "site": "s",
        "jurisdiction": "lab",
        "models": [{"id": "fake"}],
        "rooms": [{"id": "r", "cameras": [{"id": "c", "address": "clip.mp4", "mode": "watch", "fps": 1}]}],
        "observers": [{"id": OBSERVED}],
        **fields,
    }


@dataclass
class Counting:
    """Tells the same totals of each picture, and how often it was asked and about how many people."""

    over: Mapping[str, int]
    asked: list[int]

    def totals(self, frame: Frame, detections: Sequence[Detection], /) -> Mapping[str, int]:
        self.asked.append(len(detections))
        return self.over


def play(settings: SiteSettings, observer: Counting) -> SpySink:
    sink = SpySink()
    parts = Parts(
        lambda camera: StillSource(camera.id, live=False, count=25),
        {"fake": ScriptedModel(lambda *_: [person(0.1, 0.3, 0.4, 0.9), person(0.6, 0.3, 0.9, 0.9)])},
        {"spy": sink},
        SystemClock(),
        {OBSERVED: observer},
    )
    runtime = Runtime(settings, parts, until_end=True)
    try:
        runtime.start()
        runtime.wait(30)
    finally:
        runtime.close()
    return sink


@pytest.mark.parametrize("granularity", ["class", "seat"])
def test_totals_are_kept_of_the_room_every_ten_seconds(tmp_path: Path, granularity: str) -> None:
    observer = Counting({"calm": 4, "loud": 2, "odd": 0}, [])
    settings = site(tmp_path, granularity=granularity)
    sink = play(settings, observer)
    assert observer.asked == [2, 2, 2]
    with_totals = [scene for scene in sink.scenes if scene.totals]
    assert [scene.totals for scene in with_totals] == [{OBSERVED: observer.over}] * 3
    assert with_totals[1].utc - with_totals[0].utc == OBSERVE_EVERY == timedelta(seconds=10)
    with Store.reader(settings.store) as store:
        kept = [one for one in store.intervals("r") if one.axis == OBSERVED]
    assert {(one.seat, one.value, one.count) for one in kept} == {(None, "calm", 4), (None, "loud", 2)}


def test_of_a_few_people_nothing_is_kept_or_told(tmp_path: Path) -> None:
    settings = site(tmp_path)
    sink = play(settings, Counting({"calm": FEWEST - 1}, []))
    assert not any(scene.totals for scene in sink.scenes)
    with Store.reader(settings.store) as store:
        assert not [one for one in store.intervals("r") if one.axis == OBSERVED]


@given(st.dictionaries(st.sampled_from(["calm", "loud", "odd"]), st.integers(0, 9)))
def test_the_gate_lets_a_total_out_whole_or_not_at_all(over: dict[str, int]) -> None:
    gate = Gate(load_pack("lab"), "class", {}, load_vocabulary(), (OBSERVED,))
    scene = Scene("c", at(0), Mode.SCAN, totals={OBSERVED: over})
    told = sum(one.count for one in gate.totals(scene))
    assert told == (sum(over.values()) if sum(over.values()) >= FEWEST else 0)
    assert bool(gate.scene(scene).totals) == bool(told)


def written(folder: Path, **fields: Any) -> str:
    path = folder / "site.json"
    path.write_text(json.dumps(document(**fields)))
    return str(path)


@pytest.mark.parametrize("command", ["run", "check"])
def test_under_eu_it_is_refused_with_rule_and_source_before_anything_is_loaded(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def noted(group: str, name: str) -> Any:
        loaded.append(name)
        return find(group, name)

    monkeypatch.setattr(assembly, "find", noted)
    grounds = {"impact_assessment": "DPIA 1"}
    assert main([command, written(tmp_path, jurisdiction="eu", policy=grounds)]) == 2
    told = capsys.readouterr()
    assert "policy eu: expressions is forbidden: Inferring emotions of people in education is prohibited" in (
        told.out + told.err
    )
    assert "Regulation (EU) 2024/1689, Art. 5(1)(f)" in told.out + told.err
    assert OBSERVED not in loaded
    assert not (tmp_path / "homeroom.db").exists()


def test_one_that_is_not_installed_is_named_with_its_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "names", lambda _: ())
    assert main(["run", written(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err == "homeroom: observers: expressions is not installed; run: pip install homeroom-expressions\n"


def test_what_no_pack_names_is_no_observer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", written(tmp_path, observers=[{"id": "faces"}])]) == 2
    assert "faces is not in the pack" in capsys.readouterr().err


def test_observers_change_with_a_restart_alone(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="`observers` cannot change while the site runs"):
        difference(site(tmp_path), site(tmp_path, observers=[]))


def shipped() -> list[Path]:
    """The files that the default wheel holds, as setup.cfg says."""
    made = ConfigParser()
    made.optionxform = str  # type: ignore[assignment, method-assign]  # keys are names: keep their case
    made.read(ROOT / "setup.cfg", "utf-8")
    folders = {name: ROOT / path for name, path in _pairs(made["options"]["package_dir"])}
    found = []
    for package in made["options"]["packages"].split():
        top = max((name for name in folders if f"{package}.".startswith(f"{name}.")), key=len)
        folder = folders[top].joinpath(*package.removeprefix(top).strip(".").split("."))
        data = made["options.package_data"].get(package, "").replace(",", " ").split()
        found += [path for pattern in ("*.py", *data) for path in folder.glob(pattern) if path.is_file()]
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    rows = [line.split("=") for line in text.strip().splitlines()]
    return [(name.strip(), path.strip()) for name, path in rows]


def test_the_default_wheel_holds_no_code_manifest_or_address_for_expressions() -> None:
    """The policy packs alone name the capability."""
    words = re.compile(
        rb"emotion|mini.?xception|fer-?2013|facial|disgust|\bhappy\b|\bangry\b|homeroom.expressions",
        re.IGNORECASE,
    )
    files = shipped()
    assert len(files) > 150
    assert any(path.suffix == ".bin" for path in files)
    packs = ROOT / "manifests" / "policies"
    named = [
        str(path.relative_to(ROOT)) for path in files if packs not in path.parents and words.search(path.read_bytes())
    ]
    assert named == []
    capability = re.compile(rb"['\"]expressions['\"]")
    assert {path.parent for path in files if capability.search(path.read_bytes())} == {packs}
