"""`homeroom search`: what it prints and how it ends."""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.errors import BadInput
from homeroom.event import Emit
from homeroom.search import add_command, instant, search
from homeroom.store import Batch, Store
from tests.drawn import MODEL

from .examples import NOON, StillClock, at, begin, end


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Store(tmp_path / "store.db") as store:
        hand = begin(0)
        standing = begin(90, behavior="standing", room="5a", seat=None)
        store.commit(Batch((hand, end(hand, 12.5), standing)))
    return tmp_path / "store.db"


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("needs a system whose time zone can be set")
    old = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    yield
    monkeypatch.setenv("TZ", old) if old else monkeypatch.delenv("TZ")
    time.tzset()


def found(path: Path, *words: str) -> tuple[str, str]:
    """What the command prints to its output and beside it."""
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers())
    out, err = io.StringIO(), io.StringIO()
    args = parser.parse_args(["search", "--store", str(path), *words])
    assert search(args, StillClock(at(100)), out, err) == 0
    return out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("berlin")
def test_it_prints_a_table_in_local_time(path: Path) -> None:
    out, err = found(path)
    assert out.splitlines() == [
        "start                      end                        seconds  behavior     room  seat  likelihood",
        "2026-11-23 13:00:00+01:00  2026-11-23 13:00:12+01:00  12.5     hand-raised  4b    s1    0.75",
        "2026-11-23 13:01:30+01:00  goes on                    10.0     standing     5a    -     0.75",
    ]
    assert err == ""


def test_it_prints_one_json_array_in_utc(path: Path) -> None:
    made: list[dict[str, Any]] = json.loads(found(path, "--json", "--behavior", "hand-raised")[0])
    assert made == [
        {
            "id": str(begin(0).id),
            "behavior": "hand-raised",
            "room": "4b",
            "seat": "s1",
            "camera": "front",
            "start": "2026-11-23T12:00:00+00:00",
            "end": "2026-11-23T12:00:12.500000+00:00",
            "likelihood": 0.75,
            "count": None,
            "operation": "Deleted",
            "reason": "",
            "emit": "event",
        }
    ]


def test_an_alarm_in_shadow_mode_is_found_and_marked_and_no_sink_gets_it(path: Path) -> None:
    with Store(path) as store:
        store.commit(Batch((begin(95, "head-on-desk", emit=Emit.SHADOW),), sinks=("vms",)))
        assert store.waiting() == {}
    _, line = found(path, "--behavior", "head-on-desk")[0].splitlines()
    assert line.split()[-1] == "shadow"
    assert "shadow" not in found(path, "--behavior", "standing")[0]


def test_it_narrows_by_room_and_time(path: Path) -> None:
    assert "standing" not in found(path, "--room", "4b")[0]
    assert "hand-raised" not in found(path, "--since", "30s")[0]
    assert "standing" not in found(path, "--until", "2026-11-23T12:01Z")[0]


def test_nothing_found_is_said_beside_the_output(path: Path) -> None:
    assert found(path, "--room", "6c") == ("", "nothing found\n")
    assert found(path, "--room", "6c", "--json") == ("[]\n", "nothing found\n")


def test_a_limit_keeps_the_newest_and_says_so(path: Path) -> None:
    out, err = found(path, "--limit", "1")
    assert "hand-raised" not in out
    assert "standing" in out
    assert "newest 1" in err


def test_a_state_of_the_whole_site_has_neither_room_nor_seat(path: Path) -> None:
    with Store(path) as store:
        store.commit(Batch((begin(700, "disk-low", room="", seat=None, camera=""),)))
    line = found(path, "--behavior", "disk-low")[0].splitlines()[1]
    assert line.split()[-4:] == ["disk-low", "-", "-", "0.75"]


def test_it_works_while_the_store_is_written(path: Path) -> None:
    with Store(path):
        assert "standing" in found(path)[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--behavior", "dancing"), "known are occupied, hand-raised"),
        (("--limit", "0"), "must be from 1 to 1000000"),
        (("--since", "yesterday"), "is no time"),
        (("--since", "999999999d"), "is no time"),
        (("--since", "1h", "--until", "2h"), "is not before"),
    ],
)
def test_bad_input_is_told_in_one_line(path: Path, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(BadInput, match=told) as error:
        found(path, *words)
    assert "\n" not in str(error.value)


def test_a_site_manifest_names_the_store(path: Path) -> None:
    site = path.with_name("school.json")
    seat = {"id": "s1", "views": {"front": [[0, 0], [1, 0], [1, 1], [0, 1]]}}
    room = {"id": "4b", "cameras": [{"id": "front", "address": "lesson.mp4"}], "seats": [seat]}
    manifest = {
        "site": "school",
        "jurisdiction": "lab",
        "granularity": "class",
        "store": path.name,
        "models": [MODEL],
        "rooms": [room],
    }
    site.write_text(json.dumps(manifest))
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers())
    out, err = io.StringIO(), io.StringIO()
    assert search(parser.parse_args(["search", "--site", str(site)]), StillClock(at(100)), out, err) == 0
    assert "hand-raised" in out.getvalue()


def test_a_missing_store_is_bad_input_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no store"):
        found(tmp_path / "store.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("berlin")
def test_times_are_understood_as_people_give_them() -> None:
    assert instant("2026-11-23T12:00:00Z", NOON) == NOON
    assert instant("2026-11-23 13:00", NOON) == NOON
    assert instant("2026-11-23", NOON) == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert instant("2026-11-23T14:00+02:00", NOON) == NOON
    for text, ago in (("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86400)):
        assert instant(text, NOON) == NOON - timedelta(seconds=ago)


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers())
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["search", "--help"])
    assert ended.value.code == 0
    assert "homeroom search --site school.json --behavior hand-raised" in capsys.readouterr().out
