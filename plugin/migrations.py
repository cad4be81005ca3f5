"""The store's schema as the steps that lead to it; `PRAGMA user_version` counts the steps taken.

A step that was released is never changed: a later one corrects it. Times are integer microseconds UTC since 1970.
"""

from __future__ import annotations

APPLICATION_ID = 0x486F6D65  # "Home" in ASCII: marks the file as ours (SQLite file format, header offset 68)

_FIRST = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    "CREATE TABLE site_memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL, operation TEXT NOT NULL,
        behavior TEXT NOT NULL, room TEXT NOT NULL, seat TEXT, camera TEXT NOT NULL,
        utc INTEGER NOT NULL, start INTEGER NOT NULL,
        json TEXT NOT NULL,
        UNIQUE (id, operation, utc))""",
    # one row per episode, folded from its events; the open ones ("end" IS NULL) are the rule state
    """CREATE TABLE episodes (
        id TEXT PRIMARY KEY,
        behavior TEXT NOT NULL, room TEXT NOT NULL, seat TEXT, camera TEXT NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER,
        likelihood REAL NOT NULL, count INTEGER,
        operation TEXT NOT NULL, reason TEXT NOT NULL,
        last INTEGER NOT NULL REFERENCES events (seq))""",
    "CREATE INDEX episodes_start ON episodes (start)",
    "CREATE INDEX episodes_behavior_start ON episodes (behavior, start)",
    "CREATE INDEX episodes_behavior_room_start ON episodes (behavior, room, start)",
    # the longest episode bounds how far before a range a search must look
    'CREATE INDEX episodes_length ON episodes ("end" - start)',
    'CREATE INDEX episodes_open ON episodes (start) WHERE "end" IS NULL',
    "CREATE INDEX episodes_last ON episodes (last)",
    """CREATE TABLE intervals (
        room TEXT NOT NULL, seat TEXT, axis TEXT NOT NULL, value TEXT NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        samples INTEGER NOT NULL, confidence REAL NOT NULL, count INTEGER NOT NULL,
        mode TEXT NOT NULL, model TEXT NOT NULL, pack TEXT NOT NULL, lesson TEXT)""",
    # a NULL seat would differ from itself: the key takes '' for it
    "CREATE UNIQUE INDEX intervals_key ON intervals (room, start, axis, value, ifnull(seat, ''), count)",
    'CREATE INDEX intervals_length ON intervals (room, "end" - start)',
    """CREATE TABLE coverage (
        room TEXT NOT NULL, camera TEXT NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('observed', 'gap')), reason TEXT NOT NULL,
        PRIMARY KEY (room, start, camera, state)) WITHOUT ROWID""",
    'CREATE INDEX coverage_end ON coverage (room, state, "end")',
    """CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        sink TEXT NOT NULL, camera TEXT NOT NULL,
        event_seq INTEGER NOT NULL REFERENCES events (seq),
        attempts INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX outbox_head ON outbox (sink, camera, seq)",
    "CREATE INDEX outbox_event ON outbox (event_seq)",
    """CREATE TABLE dead_letters (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        sink TEXT NOT NULL, event TEXT NOT NULL, reason TEXT NOT NULL, utc INTEGER NOT NULL)""",
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST,)
