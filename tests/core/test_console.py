import os

from homeroom.console import Console
from homeroom.event import Emit, Event, Operation, event_id
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
