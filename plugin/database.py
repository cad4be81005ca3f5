"""One SQLite file: opened for one writing process and any readers, brought up to date, its errors in plain words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .errors import BadInput, HomeroomError, Unavailable
from .migrations import APPLICATION_ID, STEPS

BUSY_SECONDS = 10.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(utc: datetime) -> int:
    """An aware time as whole microseconds since 1970 UTC; TypeError for a naive one."""
    return (utc - _EPOCH) // _MICROSECOND


def moment(micros_utc: int) -> datetime:
    """The inverse of micros, in UTC."""
    return _EPOCH + micros_utc * _MICROSECOND


_CURES: tuple[tuple[tuple[str, ...], type[HomeroomError], str], ...] = (
    (("SQLITE_NOTADB",), BadInput, "{path} is not a Homeroom store; name another file, or move this one away"),
    (
        ("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_READONLY", "SQLITE_AUTH"),
        BadInput,
        "cannot open {path} ({error}); let this user read and write the file and its folder",
    ),
    (("SQLITE_FULL",), Unavailable, "the disk that holds {path} is full; free some space"),
    (("SQLITE_IOERR",), Unavailable, "the disk that holds {path} does not answer ({error}); check it"),
    (("SQLITE_BUSY", "SQLITE_LOCKED"), Unavailable, "{path} is busy; end the other program that writes to it"),
)


def _explanation(path: Path, error: sqlite3.Error) -> HomeroomError | None:
    """The error in words that name the cure; None for what only a fault in the program can cause."""
    name: str = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_CORRUPT"):
        return damaged(path, str(error))
    for names, kind, cure in _CURES:
        if name.startswith(names):
            return kind(cure.format(path=path, error=error))
    return None


def damaged(path: Path, found: str) -> BadInput:
    """Says that the file is corrupt. Nothing is ever deleted: what can be read of it is worth recovering."""
    return BadInput(
        f"{path} is damaged ({found}); put a backup in its place, "
        f"or recover it with: sqlite3 {path.name} .recover | sqlite3 recovered.db"
    )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into BadInput (a wrong, damaged or unreadable file) or Unavailable (disk, locks)."""
    try:
        yield
    except sqlite3.Error as error:
        explanation = _explanation(path, error)
        if explanation is None:
            raise
        raise explanation from error


def _connect(path: Path, mode: str, timeout: float) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)


@contextmanager
def closed_on_error(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Lends the connection and closes it if something goes wrong."""
    try:
        yield db
    except BaseException:
        db.close()
        raise


def make_private(path: Path) -> None:
    """Makes an empty file that only this user may read, where there is none. Raises BadInput."""
    try:
        # SQLite gives its -wal and -shm files the rights of the file itself
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise BadInput(
            f"cannot write {path} ({error.strerror}); make its folder and let this user write there"
        ) from error


def own(path: Path) -> sqlite3.Connection:
    """Makes this process the one that writes the store at `path`, until the connection is closed or the process ends.

    The lock is SQLite's own, on a small file beside the store: the same on every system, and gone with its process.
    Raises BadInput when another process has it.
    """
    beside = path.with_name(path.name + ".lock")
    make_private(beside)
    with explained(beside), closed_on_error(_connect(beside, "rw", 0.0)) as lock:
        try:
            lock.execute("BEGIN IMMEDIATE")
            lock.execute(f"PRAGMA user_version = {os.getpid()}")
            lock.commit()
            lock.execute("BEGIN IMMEDIATE")  # others may read who has it, and no more
        except sqlite3.OperationalError as error:
            if not getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise
            holder = _holder(lock)
            raise BadInput(f"{path} is already in use by {holder}; end it, or name another store") from error
        return lock


def _holder(lock: sqlite3.Connection) -> str:
    try:
        return f"process {lock.execute('PRAGMA user_version').fetchone()[0]}"
    except sqlite3.OperationalError:  # it is writing its number just now
        return "another process"


def open_writer(path: Path) -> sqlite3.Connection:
    """Opens the file for writing, checks it, and brings it up to date. Raises BadInput. Call own(path) first."""
    make_private(path)
    with explained(path), closed_on_error(_connect(path, "rw", BUSY_SECONDS)) as db:
        version = _version(db, path)
        _check(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA cache_size = -32768")  # KiB; random ids touch many pages
        migrate(db, version)
        return db


def open_reader(path: Path) -> sqlite3.Connection:
    """Opens the file for reading alone, also while another process writes it. Raises BadInput."""
    if not path.is_file():
        raise BadInput(f"there is no store at {path}; name the one of the site")
    with explained(path), closed_on_error(_connect(path, "ro", BUSY_SECONDS)) as db:
        if _version(db, path) < len(STEPS):
            raise BadInput(f"{path} was written by an older Homeroom; start `homeroom run` once to bring it up to date")
        return db


def _version(db: sqlite3.Connection, path: Path) -> int:
    """How many steps the file has taken. Raises BadInput for another program's file and for one from the future."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    empty = not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and not (empty and version == 0):
        raise BadInput(f"{path} is another program's database; name another file")
    if version > len(STEPS):
        raise BadInput(
            f"{path} was written by a newer Homeroom (schema {version}, this one knows {len(STEPS)}); "
            "install that one, or name another store"
        )
    return version


def _check(db: sqlite3.Connection, path: Path) -> None:
    found: str = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise damaged(path, " ".join(found.split()))


def migrate(db: sqlite3.Connection, version: int, steps: tuple[tuple[str, ...], ...] = STEPS) -> None:
    """Takes the steps after `version`, each in a transaction of its own with its number."""
    for number, step in enumerate(steps[version:], start=version + 1):
        with transaction(db):
            for statement in step:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: commits at the end, rolls back on any error."""
    with db:
        db.execute("BEGIN IMMEDIATE")
        yield
