"""`homeroom label` and `homeroom run` as programs: what is over goes, whoever comes first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from homeroom.__main__ import main
from homeroom.clock import SystemClock
from homeroom.label.collection import Collection, collection_of
from homeroom.site import load_site
from tests.fakes import VirtualClock
from tests.label.made import ROOT, acts, collection, site


def taken(path: Path, ago: timedelta) -> Collection:
    """Three stills of 24 hours, taken so long ago."""
    collection(load_site(path), VirtualClock(datetime.now(UTC) - ago))
    return collection_of(load_site(path), SystemClock())


def left(held: Collection) -> list[Path]:
    return list(held.vault.folder.iterdir())


@pytest.mark.parametrize("verb", ["collect", "serve", "status", "erase"])
def test_every_command_destroys_what_is_over(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = site(tmp_path)
    held = taken(path, timedelta(hours=25))
    main(["label", verb, str(path), *(["--unaided", "--count", "1"] if verb == "collect" else [])])
    assert len(left(held)) == (2 if verb == "collect" else 0)
    assert (acts(held)[0]["act"], acts(held)[0]["frames"]) == ("erased" if verb == "erase" else "expired", 3)


def test_so_does_an_evaluation(tmp_path: Path) -> None:
    path = site(tmp_path)
    held = taken(path, timedelta(hours=25))
    assert main(["models", "evaluate", "--site", str(path), "--own-frames", "--json"]) == 2
    assert left(held) == []


def test_and_a_site_that_runs(tmp_path: Path) -> None:
    path = site(tmp_path)
    held = taken(path, timedelta(hours=25))
    assert main(["run", str(path), "--quiet", "--seconds", "3"]) == 0
    assert left(held) == []
    assert [one["act"] for one in acts(held)] == ["expired"]


def test_a_site_that_runs_leaves_what_is_not_over(tmp_path: Path) -> None:
    path = site(tmp_path)
    held = taken(path, timedelta(hours=23))
    assert main(["run", str(path), "--quiet", "--seconds", "2"]) == 0
    assert len(held.ids()) == 3


def test_status_says_how_long_they_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = site(tmp_path)
    assert main(["label", "status", str(path)]) == 0
    assert capsys.readouterr().out == "none are here\n"
    taken(path, timedelta(hours=22))
    assert main(["label", "status", str(path)]) == 0
    assert capsys.readouterr().out == "0 of 3 labelled, 2 h left\n"


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_served_as_a_program_until_it_is_ended(tmp_path: Path, ended_by: signal.Signals) -> None:
    """As a background job of a shell is started: with SIGINT ignored."""
    path = site(tmp_path)
    held = taken(path, timedelta(hours=1))
    command = [sys.executable, "-m", "homeroom", "label", "serve", str(path)]
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    process = subprocess.Popen(ignoring, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    assert requests.get(address + "set", timeout=10).json()["site"] == "made"
    assert requests.get(address.rpartition("/")[0][:-1] + "/set", timeout=10).status_code == 404
    token = address.split("/")[3]
    assert token not in Path(f"/proc/{process.pid}/cmdline").read_text() + "".join(os.environ.values())
    process.send_signal(ended_by)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "0 of 3 labelled, 23 h left"
    assert [one["act"] for one in acts(held)] == ["served"]
    assert token not in held.audit.path.read_text()
