import os
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from homeroom.console import Console
from homeroom.event import Emit, Event, Operation, event_id
from homeroom.manifest import load_vocabulary
from homeroom.ports import Receipt
from tests.fakes import at

EVENT = Event(
    id=event_id("s", "e", "r", "A1", "hand-raised", at(0)),
    operation=Operation.INITIALIZED,
    behavior="hand-raised",
    room="r",
    seat="A1",
    camera="front",
    utc=at(1),
    start=at(0),
    likelihood=0.9,
    mode="watch",
    model="m",
    emit=Emit.EVENT,
    severity="info",
)


def test_when_nobody_reads_any_more_it_says_so_once_and_keeps_taking() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    said: list[str] = []
    with open(writer, "wb", buffering=0) as raw:  # noqa: PTH123  a file descriptor

        class Pipe:
            """A text stream onto a pipe that nobody reads."""

            def write(self, text: str) -> int:
                return raw.write(text.encode()) or 0

            def flush(self) -> None:
                pass

        console = Console(Pipe())  # type: ignore[arg-type]
        console.gone = lambda: said.append("gone")
        assert [console.notify(EVENT) for _ in range(3)] == [Receipt()] * 3
    assert said == ["gone"]


class Here:
    """A site that knows the vocabulary."""

    behaviors = load_vocabulary()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "08:00:01  + Hand raised    r / A1\n"),
        ({"seat": None, "count": 2}, "08:00:01  + Hand raised    r  2 people\n"),
        ({"behavior": "camera-dark", "seat": None}, "08:00:01  + Camera dark    r / front\n"),
        (
            {"behavior": "disk-low", "seat": None, "room": "", "camera": "", "reason": "900 MiB free"},
            "08:00:01  + Disk nearly full this machine  (900 MiB free)\n",
        ),
    ],
)
def test_a_line_says_where(changes: dict[str, Any], line: str) -> None:
    out = StringIO()
    console = Console(out)
    console.start(Here())  # type: ignore[arg-type]
    console.notify(replace(EVENT, **changes))
    assert out.getvalue() == line
