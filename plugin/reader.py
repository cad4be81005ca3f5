"""Reading the store: its log, its open episodes, search, intervals, coverage, what the sinks keep."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .database import explained, micros, moment, open_reader
from .event import Emit, Event, Operation
from .interval import Coverage, Interval
from .ports import Logged

_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Episode:
    """A behavior from its begin to its end, folded from its events. `end` is None while it goes on.

    `likelihood` and `count` are the largest of its events, `operation` and `reason` those of the last.
    """

    id: str
    behavior: str
    room: str
    seat: str | None
    camera: str
    start: datetime
    end: datetime | None
    likelihood: float
    count: int | None
    operation: Operation
    reason: str
    emit: Emit

    def to_json(self) -> dict[str, Any]:
        """The episode as JSON types, under the names that Event.to_json uses too."""
        made = asdict(self)
        made["start"] = self.start.isoformat()
        made["operation"], made["emit"] = self.operation.value, self.emit.value
        made["end"] = self.end.isoformat() if self.end else None
        return made


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that a sink has yet to take. `seq` is its place in the outbox, `attempts` how often it was refused."""

    seq: int
    sink: str
    camera: str
    event: Event
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a sink refused for good, why and when."""

    sink: str
    event: Event
    reason: str
    utc: datetime


class Reader:
    """The store as others may read it while one process writes it. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        """Opens the store at `path`. Raises BadInput where it cannot be read."""
        self.path = path
        self._db = open_reader(path)
        self._reading = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; safe to call twice."""
        with self._reading:
            self._db.close()

    def _rows(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._reading, explained(self.path):
            return self._db.execute(sql, values).fetchall()

    def _stream(self, sql: str, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Rows by column, one by one over a connection of their own: a slow taker keeps nobody waiting."""
        with explained(self.path), closing(open_reader(self.path)) as db:
            rows = db.execute(sql, values)
            names = [column[0] for column in rows.description]
            for row in rows:
                found = dict(zip(names, row, strict=True))
                found["start"] = moment(found["start"])
                found["end"] = None if found["end"] is None else moment(found["end"])
                yield found

    def log(self, after: int, limit: int, *, seats: bool = True) -> list[Logged]:
        """Up to `limit` events written after sequence number `after`, in order; without those of seats if so asked."""
        rows = self._rows(
            "SELECT seq, json FROM events WHERE seq > ? AND (? OR seat IS NULL) ORDER BY seq LIMIT ?",
            (after, seats, limit),
        )
        return [Logged(seq, event(text)) for seq, text in rows]

    def log_end(self) -> int:
        """Sequence number of the newest event; 0 for an empty log."""
        return int(self._rows("SELECT ifnull(max(seq), 0) FROM events")[0][0])

    def current(self) -> list[Event]:
        """The last event of each open episode, in the order of the log.

        After a crash these are the episodes that were open: whoever runs the site ends them by committing Deleted
        events (see last_seen).
        """
        rows = self._rows(
            'SELECT events.json FROM episodes JOIN events ON seq = last WHERE "end" IS NULL ORDER BY last'
        )
        return [event(text) for (text,) in rows]

    def last_seen(self, room: str) -> datetime | None:
        """Until when any camera observed the room; None for never. An episode's own last event may be newer."""
        rows = self._rows("""SELECT max("end") FROM coverage WHERE room = ? AND state = 'observed'""", (room,))
        return None if rows[0][0] is None else moment(rows[0][0])

    def recall(self, key: str) -> str | None:
        """What was remembered under `key`."""
        rows = self._rows("SELECT value FROM site_memory WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def search(
        self,
        behavior: str | None = None,
        room: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[Episode]:
        """Episodes that touch the time from `since` to before `until`, by start; the newest `limit` of them.

        An episode that ended exactly at `since` is out, unless it began there too.
        """
        asked = {"behavior": behavior, "room": room}
        given = "".join(f"{column} = :{column} AND " for column, value in asked.items() if value is not None)
        # the longest and the oldest open episode say how far before `since` one may have begun that still counts
        sql = f"""SELECT id, behavior, room, seat, camera, start, "end", likelihood, count, operation, reason,
                (SELECT json_extract(json, '$.emit') FROM events WHERE seq = last) AS emit
            FROM (SELECT *, rowid AS place FROM episodes
                  WHERE {given} start < :until AND ("end" IS NULL OR "end" > :since OR start >= :since)
                  AND start >= min(
                      :since - ifnull((SELECT "end" - start FROM episodes ORDER BY "end" - start DESC LIMIT 1), 0),
                      ifnull((SELECT min(start) FROM episodes WHERE "end" IS NULL), :since))
                  ORDER BY start DESC, rowid DESC LIMIT :limit)
            ORDER BY start, place"""  # noqa: S608 - `given` holds our own column names
        values = {**asked, **self._range(since, until), "limit": -1 if limit is None else limit}
        for row in self._stream(sql, values):
            yield Episode(**{**row, "operation": Operation(row["operation"]), "emit": Emit(row["emit"])})

    def intervals(self, room: str, since: datetime | None = None, until: datetime | None = None) -> Iterator[Interval]:
        """A room's intervals that touch the time from `since` to before `until`, by start."""
        sql = """SELECT room, seat, axis, value, start, "end", samples, confidence, count, mode, model, pack, lesson
            FROM intervals WHERE room = :room AND start < :until AND ("end" > :since OR start >= :since)
            AND start >= :since - ifnull((SELECT "end" - start FROM intervals WHERE room = :room
                                          ORDER BY "end" - start DESC LIMIT 1), 0)
            ORDER BY start, rowid"""
        for row in self._stream(sql, {"room": room, **self._range(since, until)}):
            yield Interval(**row)

    def coverage(self, room: str, since: datetime | None = None, until: datetime | None = None) -> Iterator[Coverage]:
        """What was seen of a room and what was not, touching the time from `since` to before `until`, by start."""
        sql = """SELECT room, camera, start, "end", state, reason
            FROM coverage WHERE room = :room AND start < :until AND ("end" > :since OR start >= :since)
            ORDER BY start, camera"""
        for row in self._stream(sql, {"room": room, **self._range(since, until)}):
            yield Coverage(**row)

    @staticmethod
    def _range(since: datetime | None, until: datetime | None) -> dict[str, int]:
        return {"since": micros(since or _ALWAYS[0]), "until": micros(until or _ALWAYS[1])}

    def waiting(self) -> dict[str, int]:
        """How many events wait for each sink; sinks without any are left out."""
        return dict(self._rows("SELECT sink, count(*) FROM outbox GROUP BY sink"))

    def pending(self, sink: str) -> list[str]:
        """The cameras whose events wait for the sink."""
        # hops from camera to camera over the index: the length of the backlog does not matter
        rows = self._rows(
            """WITH RECURSIVE found (camera) AS (
                SELECT min(camera) FROM outbox WHERE sink = :sink
                UNION ALL
                SELECT (SELECT min(camera) FROM outbox WHERE sink = :sink AND camera > found.camera)
                FROM found WHERE camera IS NOT NULL)
            SELECT camera FROM found WHERE camera IS NOT NULL""",
            {"sink": sink},
        )
        return [camera for (camera,) in rows]

    def next_for(self, sink: str, camera: str, after: int = 0) -> Waiting | None:
        """The oldest of the camera's events that wait for the sink, behind the place `after` in the outbox."""
        rows = self._rows(
            """SELECT outbox.seq, events.json, attempts FROM outbox JOIN events ON events.seq = event_seq
            WHERE sink = ? AND outbox.camera = ? AND outbox.seq > ? ORDER BY outbox.seq LIMIT 1""",
            (sink, camera, after),
        )
        return Waiting(rows[0][0], sink, camera, event(rows[0][1]), rows[0][2]) if rows else None

    def oldest(self) -> dict[str, datetime]:
        """The time of the oldest event that waits for each sink; sinks without any are left out."""
        rows = self._rows(
            """SELECT sink, utc FROM (SELECT sink, min(seq) AS head, event_seq FROM outbox GROUP BY sink)
            JOIN events ON events.seq = event_seq"""
        )
        return {sink: moment(utc) for sink, utc in rows}

    def refused(self) -> dict[str, int]:
        """How many dead letters there are of each sink; sinks without any are left out."""
        return dict(self._rows("SELECT sink, count(*) FROM dead_letters GROUP BY sink"))

    def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The newest events that a sink refused for good, newest first."""
        rows = self._rows("SELECT sink, event, reason, utc FROM dead_letters ORDER BY seq DESC LIMIT ?", (limit,))
        return [DeadLetter(sink, event(text), reason, moment(utc)) for sink, text, reason, utc in rows]


def event(text: str) -> Event:
    """An event from the JSON text that the store keeps."""
    return Event.from_json(json.loads(text))
