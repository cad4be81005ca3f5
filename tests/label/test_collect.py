"""Frames are taken of the site's own cameras, shared evenly, and a killed collecting goes on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.__main__ import main
from homeroom.clock import SystemClock
from homeroom.errors import BadInput
from homeroom.label.collect import Collector, shares
from homeroom.label.collection import Collection, collection_of
from homeroom.label.permit import Permit
from homeroom.site import load_site
from tests.fakes import StillSource, VirtualClock
from tests.label.made import ROOT, acts, in_the_clear, later, settings, site
from tests.store.examples import until


def held(path: Path) -> Collection:
    return collection_of(load_site(path), SystemClock())


def collect(path: Path, *arguments: str) -> int:
    return main(["label", "collect", str(path), *arguments])


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with six frames."""
    path = site(tmp_path_factory.mktemp("collected"))
    assert collect(path, "--count", "6") == 0
    return path


def test_a_recording_is_spread_over_its_length_and_people_are_proposed(collected: Path) -> None:
    stills = sorted(held(collected).stills(), key=lambda one: one.utc)
    assert len(stills) == 6
    assert (stills[-1].utc - stills[0].utc).total_seconds() > 14
    assert {(one.width, one.height, one.room, one.camera) for one in stills} == {(1280, 720, "r", "front")}
    assert [len(one.proposed) for one in stills] == [4] * 6
    assert {value for one in stills for person in one.proposed for value in person["axes"].values()} >= {
        "seated",
        "hand-raised",
        "writing",
    }


def test_what_is_there_is_not_taken_again(collected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = held(collected).ids()
    assert collect(collected, "--count", "6") == 0
    assert held(collected).ids() == before
    assert "0 frames taken; 0 of 6 labelled, 168 h left" in capsys.readouterr().out


def test_status_tells_numbers_alone(collected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", "status", str(collected), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["site"], told["frames"], told["labelled"], told["hours_left"]) == ("made", 6, 0, 168)
    ends = datetime.fromisoformat(told["first_expires"]) - datetime.fromisoformat(acts(held(collected))[0]["time"])
    assert abs(ends.total_seconds() - 168 * 3600) < 120
    assert set(told) == {"site", "frames", "labelled", "hours_left", "first_expires", "last_expires"}


def test_the_audit_says_what_was_taken_and_for_how_long(tmp_path: Path) -> None:
    path = site(tmp_path)
    assert collect(path, "--count", "2", "--hours", "3") == 0
    assert [(one["act"], one["frames"], one["hours"]) for one in acts(held(path))] == [
        ("collecting", 2, 3),
        ("collected", 2, 3),
    ]
    ends = [(end - SystemClock().now()).total_seconds() / 3600 for end in held(path).ends()]
    assert all(2.9 < one <= 3 for one in ends)


def test_unaided_needs_no_model_and_proposes_nobody(tmp_path: Path) -> None:
    path = site(tmp_path, models=[{"id": "person-detection-action-recognition-0006", "cache": str(tmp_path)}])
    assert main(["label", "collect", str(path), "--unaided", "--count", "2"]) == 0
    assert [one.proposed for one in held(path).stills()] == [(), ()]


def test_nobody_is_proposed_where_the_camera_is_not_looked_at(tmp_path: Path) -> None:
    path = site(tmp_path, {"exclude": [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]]})
    assert collect(path, "--count", "2") == 0
    for one in held(path).stills():
        assert len(one.proposed) == 2
        assert all((person["box"][0] + person["box"][2]) / 2 > 0.5 for person in one.proposed)


def two_rooms(folder: Path, **other: Any) -> Path:
    path = site(folder)
    document = json.loads(path.read_text())
    document["rooms"].append({"id": "r2", "cameras": [{"id": "back", "address": "clip.mp4", "fps": 5, **other}]})
    path.write_text(json.dumps(document))
    return path


def test_cameras_share_the_count(tmp_path: Path) -> None:
    path = two_rooms(tmp_path, mode="watch")
    assert collect(path, "--count", "5") == 0
    assert Counter(one.camera for one in held(path).stills()) == {"front": 3, "back": 2}
    assert [one.count for one in shares(list(load_site(path).cameras), 1)] == [1]


def test_rooms_and_cameras_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = two_rooms(tmp_path, mode="watch")
    assert collect(path, "--count", "2", "--room", "r2") == 0
    assert {one.room for one in held(path).stills()} == {"r2"}
    for arguments, said in (
        (("--room", "r3"), "no room 'r3'; there are r, r2"),
        (("--camera", "side"), "no camera 'side'; there are front, back"),
        (("--room", "r", "--camera", "back"), "none of the rooms r has a camera back"),
        (("--model", "nobody"), "not one of the site's; there are drawn"),
    ):
        capsys.readouterr()
        assert collect(path, *arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert said in line


def test_a_camera_that_shows_nothing_is_told_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = two_rooms(tmp_path, address="nothing.mp4")
    assert collect(path, "--count", "4") == 1
    assert Counter(one.camera for one in held(path).stills()) == {"front": 2}
    said = capsys.readouterr()
    assert "camera back: " in said.err
    assert "nothing.mp4" in said.err
    assert "2 frames taken" in said.out


def test_a_live_camera_is_asked_by_the_clock_and_only_for_what_is_missing(tmp_path: Path) -> None:
    clock = VirtualClock()
    made = settings(tmp_path, camera={"mode": "scan"})
    made_of = collection_of(made, clock)
    asked: list[list[datetime]] = []

    def take(count: int) -> list[str]:
        source = StillSource("front")
        asked.append(source.dues)
        later(clock, minutes=1)
        collector = Collector(made_of, Permit(24), made, {}, lambda _: source, clock, 30)
        return collector.collect(shares(list(made.cameras), count))

    assert take(3) == []
    assert [(due - asked[0][0]).total_seconds() for due in asked[0]] == [0, 30, 60]
    assert take(5) == []
    assert len(asked[1]) == 2
    assert len(made_of.ids()) == 5
    assert take(4) == []
    assert asked[2] == []


def test_who_erases_while_it_goes_on_has_the_last_word(tmp_path: Path) -> None:
    clock = VirtualClock()
    made = settings(tmp_path, camera={"mode": "scan"})
    there = collection_of(made, clock)

    def told(done: int) -> None:
        if done == 2:
            there.erase()

    collector = Collector(there, Permit(24), made, {}, lambda _: StillSource("front"), clock, 30, told)
    with pytest.raises(BadInput, match="erased meanwhile"):
        collector.collect(shares(list(made.cameras), 5))
    assert list(there.vault.folder.iterdir()) == []


def test_a_full_disk_is_one_line_and_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = site(tmp_path, store="/proc/made.db")
    assert collect(path, "--count", "2") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "/proc/made.label" in line


def begun(path: Path) -> subprocess.Popen[bytes]:
    """A collecting that takes its time: a live camera, a frame each 0.1 s."""
    command = [sys.executable, "-m", "homeroom", "label", "collect", str(path), "--count", "20", "--every", "0.1"]
    return subprocess.Popen([*command, "--unaided"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def taken(folder: Path) -> int:
    return len(list(folder.glob("*.frame")))


@pytest.mark.parametrize("after", [1, 4])
def test_killed_it_leaves_nothing_in_the_clear_and_goes_on(after: int, tmp_path: Path) -> None:
    path = site(tmp_path, {"pace": "realtime", "loop": True, "fps": 25})
    folder = held(path).vault.folder
    process = begun(path)
    until(lambda: taken(folder) >= after or process.poll() is not None, 60)
    process.kill()
    process.communicate()
    before = taken(folder)
    assert after <= before < 20
    assert in_the_clear(tmp_path / "state") == []
    (folder / "0123456789abcdef.frame.part").write_bytes(b"half")  # as if killed amid a write
    assert main(["label", "collect", str(path), "--count", "20", "--every", "0.1", "--unaided"]) == 0
    there = held(path)
    assert len(list(there.stills())) == 20
    assert in_the_clear(tmp_path / "state") == []
    assert not list(folder.glob("*.part"))
    assert [one["act"] for one in acts(there)] == ["collecting", "collecting", "collected"]
    assert acts(there)[-1]["frames"] == 20 - before
    shutil.rmtree(tmp_path / "state")
