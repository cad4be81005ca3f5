"""Opening a store: made, brought up to date, refused, owned."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from homeroom.database import micros, migrate, moment
from homeroom.errors import BadInput
from homeroom.migrations import STEPS
from homeroom.reader import Reader
from homeroom.store import Batch, Store

from .examples import NOON, begin

ROOT = Path(__file__).parents[2]


@contextmanager
def other_process(path: Path, seed: int = 1) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.store.writer", str(path), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_a_new_file_takes_every_step_from_version_0(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store:
        store.commit(Batch((begin(),)))
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    with Store(path) as store:
        assert store.log_end() == 1


def test_a_path_may_hold_any_character_that_a_folder_may(tmp_path: Path) -> None:
    folder = tmp_path / ("Schule für alle #1 100%25" + ("" if sys.platform == "win32" else "?mode=memory"))
    folder.mkdir()
    with Store(folder / "a b.db") as store, Reader(folder / "a b.db") as reader:
        store.commit(Batch((begin(),)))
        assert reader.log_end() == 1
    assert (folder / "a b.db").stat().st_size > 0


def test_an_old_file_takes_only_the_steps_that_it_lacks() -> None:
    steps = (("CREATE TABLE a (x)",), ("ALTER TABLE a ADD y", "INSERT INTO a VALUES (1, 2)"))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, 0, steps[:1])
        migrate(db, 1, steps)
        assert db.execute("SELECT x, y FROM a").fetchall() == [(1, 2)]
        assert db.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_step_that_fails_leaves_nothing_behind() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        with pytest.raises(sqlite3.OperationalError):
            migrate(db, 0, (("CREATE TABLE a (x)", "no SQL"),))
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        assert db.execute("PRAGMA user_version").fetchone() == (0,)


@pytest.mark.parametrize("opened", [Store, Reader])
def test_a_store_from_a_newer_homeroom_is_refused(tmp_path: Path, opened: type[Reader]) -> None:
    path = tmp_path / "store.db"
    Store(path).close()
    edit(path, f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(BadInput, match="newer Homeroom"):
        opened(path)


def test_a_reader_does_not_touch_a_store_from_an_older_homeroom(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path).close()
    edit(path, "PRAGMA user_version = 0")
    with pytest.raises(BadInput, match="older Homeroom"):
        Reader(path)


@pytest.mark.parametrize("opened", [Store, Reader])
def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path, opened: type[Reader]) -> None:
    path = tmp_path / "store.db"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(BadInput, match="not a Homeroom store") as told:
        opened(path)
    assert "\n" not in str(told.value)
    assert path.read_text() == "Dear diary, " * 100


@pytest.mark.parametrize("opened", [Store, Reader])
def test_the_database_of_another_program_is_refused(tmp_path: Path, opened: type[Reader]) -> None:
    path = tmp_path / "store.db"
    edit(path, "CREATE TABLE marks (pupil, mark)")
    with pytest.raises(BadInput, match="another program's"):
        opened(path)


@pytest.mark.parametrize("place", ["missing/store.db", "."])
@pytest.mark.parametrize("opened", [Store, Reader])
def test_a_place_that_cannot_hold_a_store_is_refused(tmp_path: Path, place: str, opened: type[Reader]) -> None:
    with pytest.raises(BadInput, match=r"make its folder|no store at|cannot"):
        opened(tmp_path / place)


def test_a_damaged_file_is_refused_with_its_cure_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store:
        store.commit(Batch(tuple(begin(second) for second in range(500))))
    whole = bytearray(path.read_bytes())
    whole[4096 * 30 : 4096 * 60] = b"\xaa" * 4096 * 30
    path.write_bytes(whole)
    with pytest.raises(BadInput, match=r"damaged .*recover") as told:
        Store(path)
    assert "\n" not in str(told.value)
    assert path.read_bytes() == whole
    path.unlink()
    Store(path).close()  # the refused one let go of it


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store:
        store.commit(Batch(tuple(begin(second) for second in range(500))))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="damaged"):
        Store(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_nobody_else_can_read_the_store(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:
        store.commit(Batch((begin(),)))
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_second_writer_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store, pytest.raises(BadInput, match=f"in use by process {os.getpid()}"):
        Store(path)
    assert store.path == path
    Store(path).close()


def test_another_way_to_the_same_file_has_the_same_owner(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "store.db")
    with Store(tmp_path / "store.db"), pytest.raises(BadInput, match="in use"):
        Store(tmp_path / "link.db")


def test_a_killed_writer_frees_the_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with other_process(path) as process:
        _, number = line(process).split()
        with pytest.raises(BadInput, match=f"in use by process {number}"):
            Store(path)
        with Reader(path) as reader:
            assert reader.recall("x") is None
        process.kill()
        process.wait()
        Store(path).close()


def test_times_keep_their_microseconds() -> None:
    utc = NOON.replace(microsecond=123457)
    assert moment(micros(utc)) == utc
    with pytest.raises(TypeError):
        micros(utc.replace(tzinfo=None))
