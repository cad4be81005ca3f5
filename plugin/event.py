"""An event: a behavior began, changed or ended somewhere (ONVIF's tt:Message of a property)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

# RFC 4122 name space of our event ids; made once with uuid4 and never to be changed.
NAMESPACE = UUID("6d1f5f0a-5a0b-4c8e-9d0a-3f9d3b3f6c11")


class Operation(StrEnum):
    """ONVIF PropertyOperation: the property came to be, changed, or is gone."""

    INITIALIZED = "Initialized"
    CHANGED = "Changed"
    DELETED = "Deleted"


class Emit(StrEnum):
    """What becomes of a behavior in the VMS."""

    ALARM = "alarm"
    EVENT = "event"
    METADATA = "metadata"
    SHADOW = "shadow"  # an alarm without real evidence: kept and found by search, and told to no VMS
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Event:
    """One message of one episode of a behavior. All messages of an episode share `id` and `start`.

    `seat` is None where the event names the room or a camera; `count` is the number of people behind a room event.
    `utc` is the time of the frame that made the message, `start` that of the frame with which the episode began.
    `reason` says why an episode ended ("", or "unobserved", "restart", "end of source", ...).
    """

    id: UUID
    operation: Operation
    behavior: str
    room: str
    seat: str | None
    camera: str
    utc: datetime
    start: datetime
    likelihood: float
    mode: str
    model: str
    emit: Emit
    severity: str
    count: int | None = None
    reason: str = ""

    @property
    def active(self) -> bool:
        """Whether the behavior goes on after this message."""
        return self.operation is not Operation.DELETED

    def with_(self, operation: Operation, utc: datetime, reason: str = "", count: int | None = None) -> Event:
        """The next message of the same episode."""
        return replace(self, operation=operation, utc=utc, reason=reason, count=count)

    def to_json(self) -> dict[str, Any]:
        """The event as JSON types; the format of `homeroom search --json` and of the store."""
        made = {field.name: getattr(self, field.name) for field in fields(self)}  # asdict would copy deeply
        made["id"] = str(self.id)
        made["utc"] = self.utc.isoformat()
        made["start"] = self.start.isoformat()
        made["operation"], made["emit"] = self.operation.value, self.emit.value
        return made

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> Event:
        """The inverse of to_json."""
        return cls(
            **{
                **made,
                "id": UUID(made["id"]),
                "utc": datetime.fromisoformat(made["utc"]),
                "start": datetime.fromisoformat(made["start"]),
                "operation": Operation(made["operation"]),
                "emit": Emit(made["emit"]),
            }
        )


def event_id(site: str, epoch: str, room: str, seat: str | None, behavior: str, start: datetime) -> UUID:
    """The same episode always gets the same id. `epoch` is random per run, and fixed for files."""
    return uuid5(NAMESPACE, json.dumps([site, epoch, room, seat, behavior, start.isoformat()]))
