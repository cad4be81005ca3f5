"""Writing the store: one process, one transaction for all that a moment brings."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .database import explained, micros, open_writer, own, transaction
from .event import Emit, Event
from .interval import Coverage, Interval
from .ports import Logged
from .reader import Reader, Waiting, event

_MUST_ARRIVE = (Emit.EVENT, Emit.ALARM)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written together or not at all. Events that must arrive go into the outbox of each of `sinks`.

    An interval or stretch of coverage that still goes on is given again as it grows, under the same start.
    """

    events: tuple[Event, ...] = ()
    intervals: tuple[Interval, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    sinks: tuple[str, ...] = ()
    memory: Mapping[str, str | None] = field(default_factory=dict)  # what sinks remember; None forgets


class Store(Reader):
    """The site's state in one SQLite file, written by this process alone. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        """Opens the store at `path`, or makes it there, and brings it up to date.

        Raises BadInput for a file that is no store, is damaged, comes from a newer Homeroom, or is in use.
        """
        path = path.resolve()  # one owner, whatever link leads to the file
        self._lock = own(path)
        try:
            self._writer = open_writer(path)
        except BaseException:
            self._lock.close()
            raise
        self._writing = threading.Lock()
        try:
            super().__init__(path)
        except BaseException:
            self._writer.close()
            self._lock.close()
            raise

    @staticmethod
    def reader(path: Path) -> Reader:
        """Opens the store for reading alone, also while another process writes it."""
        return Reader(path)

    def close(self) -> None:
        """Closes the file and lets another process have it; safe to call twice."""
        super().close()
        with self._writing:
            self._writer.close()
            self._lock.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing, explained(self.path), transaction(self._writer):
            yield self._writer

    def commit(self, *batches: Batch) -> list[Logged]:
        """Writes the batches in one transaction that lasts; says where their events stand in the log.

        An event that is there already (same id, operation and time) stays as it is, and so does an interval or
        coverage that is there and reaches further: a recording replayed doubles nothing.
        Raises Unavailable when the disk is full or fails.
        """
        with self._transaction() as db:
            logged = [_write_event(db, one, batch.sinks) for batch in batches for one in batch.events]
            for batch in batches:
                db.executemany(_INTERVAL, [_interval_row(one) for one in batch.intervals])
                db.executemany(_COVERAGE, [_coverage_row(one) for one in batch.coverage])
                _remember(db, batch.memory)
        return logged

    def remember(self, key: str, value: str | None) -> None:
        """Keeps `value` under `key` through crashes; None forgets it."""
        self.commit(Batch(memory={key: value}))

    def delivered(self, waiting: Waiting) -> None:
        """Takes an event that arrived out of the outbox; nothing happens where it is out already."""
        with self._transaction() as db:
            db.execute("DELETE FROM outbox WHERE seq = ?", (waiting.seq,))

    def failed(self, waiting: Waiting) -> None:
        """Counts an attempt that came to nothing."""
        with self._transaction() as db:
            db.execute("UPDATE outbox SET attempts = attempts + 1 WHERE seq = ?", (waiting.seq,))

    def dead_letter(self, waiting: Waiting, reason: str, utc: datetime) -> None:
        """Moves an event that the sink refused for good from the outbox to the dead letters."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO dead_letters (sink, event, reason, utc) VALUES (?, ?, ?, ?)",
                (waiting.sink, _text(waiting.event), reason, micros(utc)),
            )
            db.execute("DELETE FROM outbox WHERE seq = ?", (waiting.seq,))

    def withhold_seats(self, reason: str, utc: datetime) -> int:
        """Moves what waits for any sink and names a seat to the dead letters; how many events that were."""
        of_seats = "FROM outbox JOIN events ON events.seq = event_seq WHERE seat IS NOT NULL"
        with self._transaction() as db:
            db.execute(
                f"INSERT INTO dead_letters (sink, event, reason, utc) SELECT sink, json, ?, ? {of_seats}",
                (reason, micros(utc)),
            )
            return db.execute(f"DELETE FROM outbox WHERE seq IN (SELECT outbox.seq {of_seats})").rowcount  # noqa: S608


def _remember(db: sqlite3.Connection, memory: Mapping[str, str | None]) -> None:
    for key, value in memory.items():
        if value is None:
            db.execute("DELETE FROM site_memory WHERE key = ?", (key,))
        else:
            db.execute("INSERT OR REPLACE INTO site_memory VALUES (?, ?)", (key, value))


def _write_event(db: sqlite3.Connection, new: Event, sinks: tuple[str, ...]) -> Logged:
    """Appends the event to the log, folds it into its episode, and puts it into the outbox of each sink."""
    row = {
        "id": str(new.id),
        "operation": new.operation.value,
        "behavior": new.behavior,
        "room": new.room,
        "seat": new.seat,
        "camera": new.camera,
        "utc": micros(new.utc),
        "start": micros(new.start),
        "json": _text(new),
    }
    written = db.execute(
        """INSERT INTO events (id, operation, behavior, room, seat, camera, utc, start, json)
        VALUES (:id, :operation, :behavior, :room, :seat, :camera, :utc, :start, :json) ON CONFLICT DO NOTHING""",
        row,
    )
    if not written.rowcount:
        same = "SELECT seq, json FROM events WHERE id = :id AND operation = :operation AND utc = :utc"
        old_seq, text = db.execute(same, row).fetchone()
        return Logged(old_seq, event(text))
    seq = written.lastrowid or 0
    end = None if new.active else micros(max(new.utc, new.start))
    db.execute(
        _EPISODE,
        {**row, "end": end, "likelihood": new.likelihood, "count": new.count, "reason": new.reason, "last": seq},
    )
    if new.emit in _MUST_ARRIVE:
        rows = [(sink, new.camera, seq) for sink in sinks]
        db.executemany("INSERT INTO outbox (sink, camera, event_seq) VALUES (?, ?, ?)", rows)
    return Logged(seq, new)


_EPISODE = """
INSERT INTO episodes (id, behavior, room, seat, camera, start, "end", likelihood, count, operation, reason, last)
VALUES (:id, :behavior, :room, :seat, :camera, :start, :end, :likelihood, :count, :operation, :reason, :last)
ON CONFLICT (id) DO UPDATE SET
    "end" = excluded."end", operation = excluded.operation, reason = excluded.reason, last = excluded.last,
    likelihood = max(likelihood, excluded.likelihood),
    count = max(ifnull(count, excluded.count), ifnull(excluded.count, count))
"""

_INTERVAL = """
INSERT INTO intervals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (room, start, axis, value, ifnull(seat, ''), count) DO UPDATE SET
    "end" = excluded."end", samples = excluded.samples, confidence = excluded.confidence,
    mode = excluded.mode, model = excluded.model, pack = excluded.pack, lesson = excluded.lesson
WHERE excluded."end" >= "end"
"""

_COVERAGE = """
INSERT INTO coverage (room, camera, start, "end", state, reason) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (room, start, camera, state) DO UPDATE SET "end" = excluded."end", reason = excluded.reason
WHERE excluded."end" >= "end"
"""


def _interval_row(one: Interval) -> tuple[str | int | float | None, ...]:
    return (
        *(one.room, one.seat, one.axis, one.value),
        *(micros(one.start), micros(one.end)),
        *(one.samples, one.confidence, one.count),
        *(one.mode, one.model, one.pack, one.lesson),
    )


def _coverage_row(one: Coverage) -> tuple[str | int, ...]:
    return (one.room, one.camera, micros(one.start), micros(one.end), one.state, one.reason)


def _text(one: Event) -> str:
    return json.dumps(one.to_json(), ensure_ascii=False, separators=(",", ":"))
