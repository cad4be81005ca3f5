"""A manifest is noticed when it changes, however an editor writes it, and read when it is whole."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from homeroom.difference import Changes, Difference
from homeroom.errors import BadInput, Forbidden
from homeroom.manifest import read_json
from homeroom.reload import Reloader, WatchedFile
from homeroom.site import SiteSettings, read_site
from tests.core.test_reload import until

ADDED = Difference(rooms=Changes(added=("r2",)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "site.json"
    made.write_text("{}")
    return made


def stamp(path: Path, seconds: int) -> None:
    """Another time of change, however quick the test is."""
    os.utime(path, (seconds, seconds))


def test_a_file_that_is_the_same_is_not_taken_up_again(path: Path) -> None:
    file = WatchedFile(path)
    assert [file.changed() for _ in range(3)] == [False] * 3


def test_a_change_counts_once_it_has_held_for_two_looks(path: Path) -> None:
    file = WatchedFile(path)
    path.write_text('{"a": 1')
    assert not file.changed()
    path.write_text('{"a": 1, "b": 2}')
    assert not file.changed(), "still being written"
    assert file.changed()
    assert not file.changed()


def test_another_file_in_its_place_counts_though_size_and_time_are_the_same(path: Path) -> None:
    stamp(path, 1000)
    file = WatchedFile(path)
    fresh = path.with_suffix(".new")
    fresh.write_text("[]")
    stamp(fresh, 1000)
    fresh.replace(path)
    assert [file.changed() for _ in range(3)] == [False, True, False]


def test_the_moment_without_a_file_that_some_editors_make_is_no_change(path: Path) -> None:
    stamp(path, 1000)
    file = WatchedFile(path)
    aside = path.rename(path.with_suffix(".old"))
    assert not file.changed()
    aside.rename(path)
    assert [file.changed() for _ in range(3)] == [False] * 3
    path.unlink()
    assert [file.changed() for _ in range(3)] == [False, True, False]


def test_a_file_that_belongs_to_it_counts_too_and_so_does_its_coming_to_be(path: Path) -> None:
    file, record = WatchedFile(path), path.with_suffix(".acceptance.json")
    file.add(record)
    assert [file.changed() for _ in range(2)] == [False] * 2
    record.write_text("{}")
    assert [file.changed() for _ in range(3)] == [False, True, False]


class Bench:
    """A Reloader on a real file; what is done and said is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[str] = []
        self.done: list[SiteSettings] = []
        self.failures: list[Exception] = []
        self.answers: Iterator[Difference | Exception] = iter(())
        self.hold = threading.Event()
        self.hold.set()
        self.reloader = Reloader(WatchedFile(path), self.load, self.reload, self.failures.append, self.said.append)

    def load(self) -> SiteSettings:
        return read_site(read_json(self.path), self.path.parent, self.path.name)

    def reload(self, settings: SiteSettings) -> Difference:
        self.done.append(settings)
        self.hold.wait()
        answer = next(self.answers, ADDED)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def look(self, lines: int) -> None:
        """Looks as the ticker does until so many lines were said."""
        self.look_until(lambda: len(self.said) >= lines)

    def look_until(self, enough: Callable[[], bool]) -> None:
        """Looks as the ticker does until something holds."""

        def looked() -> bool:
            self.reloader.look()
            return enough()

        until(looked)


def manifest(path: Path, name: str = "s") -> None:
    path.write_text(
        f'{{"site": "{name}", "jurisdiction": "lab", "models": [{{"id": "m"}}], "rooms": [{{"id": "r", "cameras": '
        '[{"id": "c", "address": "clip.mp4"}], "seats": [{"id": "A", "views": {"c": [[0, 0], [1, 0], [1, 1]]}}]}]}'
    )


@pytest.fixture
def bench(path: Path) -> Bench:
    manifest(path)
    return Bench(path)


def test_a_change_is_taken_up_and_told_in_one_line(bench: Bench) -> None:
    bench.reloader.look()
    manifest(bench.path, "another")
    bench.look(1)
    assert bench.said == ["reloaded: room r2 added"]
    assert [settings.name for settings in bench.done] == ["another"]


def test_what_is_refused_is_told_in_one_line_and_the_next_change_is_taken_up(bench: Bench) -> None:
    bench.answers = iter([Forbidden("policy eu: says no")])
    manifest(bench.path, "one")
    bench.look(1)
    manifest(bench.path, "three")
    bench.look(2)
    assert bench.said == ["not reloaded, the site goes on as it was: policy eu: says no", "reloaded: room r2 added"]


def test_half_a_manifest_is_tried_again_before_anybody_hears_of_it(bench: Bench) -> None:
    read = threading.Event()
    load, tries = bench.load, 0

    def noticing() -> SiteSettings:
        nonlocal tries
        tries += 1
        try:
            return load()
        finally:
            read.set()

    bench.reloader._load = noticing
    whole = bench.path.read_text()
    bench.path.write_text(whole[: len(whole) // 2])
    bench.look_until(read.is_set)
    bench.path.write_text(whole)
    bench.look(1)
    assert bench.said[0] == "reloaded: room r2 added"
    assert tries >= 2


def test_a_manifest_that_stays_broken_is_told_once(bench: Bench) -> None:
    bench.path.write_text('{"site": ')
    bench.look(1)
    for _ in range(20):
        bench.reloader.look()
    assert len(bench.said) == 1
    assert "site.json:1:10: not JSON" in bench.said[0]
    assert bench.done == []


def test_who_asks_has_it_read_though_the_file_is_the_same_and_once_where_it_is_not(bench: Bench) -> None:
    bench.answers = iter([Difference()])
    bench.reloader.ask()
    bench.look(1)
    assert bench.said == ["reloaded: nothing changed"]
    manifest(bench.path, "another")
    bench.reloader.ask()
    bench.look(2)
    for _ in range(20):
        bench.reloader.look()
    assert len(bench.done) == 2


def test_one_comes_after_the_other_and_looking_never_waits(bench: Bench) -> None:
    bench.hold.clear()
    bench.reloader.ask()
    bench.look_until(lambda: bool(bench.done))
    manifest(bench.path, "meanwhile")
    for _ in range(20):
        bench.reloader.look()
    assert len(bench.done) == 1
    bench.hold.set()
    bench.look(2)
    assert [settings.name for settings in bench.done] == ["s", "meanwhile"]


def test_what_nobody_expects_ends_the_run(bench: Bench) -> None:
    bench.answers = iter([ZeroDivisionError()])
    bench.reloader.ask()
    bench.look_until(lambda: bool(bench.failures))
    assert bench.said == []
    assert isinstance(bench.failures[0], ZeroDivisionError)
    assert not isinstance(bench.failures[0], BadInput)
