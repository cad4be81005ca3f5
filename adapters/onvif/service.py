"""What an ONVIF service is here: a table from an operation's name to who may ask for it and what answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .http import Receipt
from .soap import Element, Message


class Access(StrEnum):
    """Access classes (Core §5.9.4). The one account may do all of it; PRE_AUTH needs no account."""

    PRE_AUTH = "PRE_AUTH"
    READ_SYSTEM = "READ_SYSTEM"
    READ_SYSTEM_SECRET = "READ_SYSTEM_SECRET"  # noqa: S105
    READ_MEDIA = "READ_MEDIA"


@dataclass(frozen=True, slots=True)
class Call:
    """An operation asked for. `base` is how the client sees us: http://host:port, without a slash at its end."""

    message: Message
    path: str
    base: str
    user: str

    @property
    def body(self) -> Element:
        """The operation's element."""
        return self.message.body


@dataclass(frozen=True, slots=True)
class Answer:
    """The body's element; `receipt` is called when the client surely has it."""

    body: Element
    receipt: Receipt | None = None


Handler = Callable[[Call], Element] | Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Operation:
    """Who may ask, and what answers."""

    access: Access
    handler: Handler


Table = Mapping[str, Operation]
