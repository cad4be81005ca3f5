"""The command `homeroom models`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from homeroom.errors import BadInput
from homeroom.models import commands

from .command import run
from .nets import small_manifest, small_net

NAME = "person-detection-action-recognition-0006"


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.json"
    path.write_text(json.dumps(small_manifest(small_net(tmp_path))), "utf-8")
    return str(path)


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_the_list_shows_every_model_and_its_state(tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--cache", str(tmp_path), "--manifest", own) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ID", "TITLE", "LICENCE", "MB", "STATE", "USE"]
    assert any(line.startswith(NAME) and "Apache-2.0" in line and "missing" in line for line in lines)
    assert any(line.startswith("small") and " ok " in line for line in lines)


def test_the_list_is_machine_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json", "--cache", str(tmp_path)) == 0
    row = next(row for row in printed(capsys) if row["id"] == NAME)
    assert row["size"] == 1128999 + 3729228
    assert row["classes"][2] == "raising_hand"


def test_verify_says_one_for_missing_and_nought_for_right(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify", NAME, "--cache", str(tmp_path)) == 1
    assert capsys.readouterr().out.count("missing") == 2
    assert run("verify", "--manifest", own) == 0
    (tmp_path / "small.bin").write_bytes(b"x")
    capsys.readouterr()
    assert run("verify", "--manifest", own, "--json") == 1
    (report,) = printed(capsys)
    assert report["state"] == "wrong"
    assert report["files"]["bin"]["state"] == "wrong"
    assert report["files"]["xml"]["state"] == "ok"


def test_fetching_what_comes_with_its_manifest_only_verifies(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fetch", "small", "--manifest", own) == 0
    assert capsys.readouterr().out == "small: ok\n"
    assert run("fetch", "small", "--manifest", own, "--json") == 0
    assert set(printed(capsys)[0]["files"]) == {"xml", "bin"}


def test_without_a_name_the_user_is_told_what_to_name() -> None:
    for verb in ("fetch", "verify"):
        with pytest.raises(BadInput, match="name a model, or give --all"):
            run(verb)


@pytest.mark.parametrize("verb", ["list", "fetch", "verify"])
def test_help_ends_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(verb, "--help")
    assert stopped.value.code == 0
    assert f"example: homeroom models {verb}" in " ".join(capsys.readouterr().out.split())


def test_the_bar_is_for_people_only(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    commands.progress()("net.bin", 5, 10)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    bar = commands.progress()
    bar("net.bin", 5, 10)
    bar("net.bin", 10, 10)
    shown = capsys.readouterr().err
    assert "  50 %" in shown
    assert shown.endswith("100 %  net.bin\n")
