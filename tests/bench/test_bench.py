"""`homeroom bench` from end to end, with numbers so small that they say nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeroom.__main__ import main
from homeroom.bench import video
from homeroom.bench.soak import Ledger
from homeroom.picture import Codec, Gap, Picture
from homeroom.scene import Mode, Scene
from tests.drawn import MANIFEST
from tests.fakes import VirtualClock, at

SMALL = ["--model", str(MANIFEST), "--json"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("bench") / "small.mp4"
    video.make(path, seconds=4, width=320, height=180)
    return str(path)


def test_stages_and_scans_are_measured_and_kept(clip: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bench.json"
    quick = [*SMALL, "--video", clip, "--seconds", "0.2", "--rounds", "1", "--out", str(out)]
    assert main(["bench", *quick, "--only", "key-frames"]) == 0
    assert main(["bench", *quick, "--only", "scan-file", "scan-snapshot"]) == 0
    printed = capsys.readouterr().out
    assert set(json.loads(out.read_text())["measures"]) == {"key-frames", "scan-file", "scan-snapshot"}
    assert '"cpu_ratio"' in printed
    found = json.loads(out.read_text())
    assert found["video"]["frames_per_second"] == 25
    for one in found["measures"].values():
        assert one["ours"]["cpu_ms"] > 0
        assert one["cpu_ratio"]["median"] > 0
        assert {"rounds", "at", "others", "quiet", "model", "target", "met"} <= set(one)


def test_a_soak_counts_looks_and_says_how_late_they_were(clip: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *SMALL, "--video", clip, "--soak", "4", "--minutes", "0.1", "--every", "1"]) == 0
    found = json.loads(capsys.readouterr().out)["soak"]
    assert found["cameras"] == 4
    assert found["looks"]["gaps"] == found["looks"]["missed"] == 0
    assert found["looks"]["done"] >= 4
    assert 0 < found["lag_seconds"]["p50"] <= found["lag_seconds"]["p99"] <= found["lag_seconds"]["max"]


def test_bad_input_is_refused_before_the_work(clip: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "notes.json"
    wrong.write_text("[]")
    cases = {
        f"{wrong}: is no report of `homeroom bench`; name another file": ["--out", str(wrong)],
        f"{wrong}: give an H.264 video in mp4 or mkv": ["--video", str(wrong)],
        f"{tmp_path / 'none'}: there is no such folder": ["--out", str(tmp_path / "none" / "bench.json")],
        "no model 'nothing'": ["--model", "nothing"],
    }
    for said, arguments in cases.items():
        assert main(["bench", *SMALL, "--rounds", "1", "--only", "scan-file", *arguments]) == 2
        assert said in capsys.readouterr().err
    assert wrong.read_text() == "[]"


def scan(ledger: Ledger, due: float, *, seen: float | None, camera: str = "c") -> None:
    ledger.fetched(camera, at(due), Picture(camera, at(due), Codec("png"), ()))
    if seen is not None:
        ledger.clock.time = at(seen)  # type: ignore[attr-defined]
        ledger.shown(Scene(camera, at(due), Mode.SCAN))


def test_the_ledger_counts_from_when_a_scan_was_due() -> None:
    ledger = Ledger(VirtualClock(), counting=True)
    scan(ledger, 0, seen=0.5)
    scan(ledger, 30, seen=None)  # never shown
    scan(ledger, 60, seen=62)
    ledger.fetched("c", at(90), Gap("c", at(90), at(100), "no answer"))
    assert (ledger.lags, ledger.missed, ledger.gaps, ledger.reasons) == ([0.5, 2.0], 1, 1, {"no answer": 1})


def test_the_ledger_leaves_out_what_came_before_counting() -> None:
    ledger = Ledger(VirtualClock())
    scan(ledger, 0, seen=0.5)
    scan(ledger, 30, seen=None)
    ledger.counting = True
    ledger.clock.time = at(31)  # type: ignore[attr-defined]
    ledger.shown(Scene("c", at(30), Mode.SCAN))
    assert ledger.lags == [1.0]
