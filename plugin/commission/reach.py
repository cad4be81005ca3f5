"""How the outside is reached: searches, devices that know their cameras, and the cameras themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

from homeroom.assembly import make_source
from homeroom.errors import Unavailable
from homeroom.ports import CameraListFactory, Discovery, Source
from homeroom.registry import CAMERAS, DISCOVERIES, SOURCES, find, names
from homeroom.site import CameraSettings

TOGETHER = 32  # devices that are asked at the same time
LATE = 5.0  # seconds by which a camera's clock may be off before anybody is told

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Reach:
    """What is installed: searches by name, lists of cameras by URL scheme, schemes that can be looked at, and how."""

    discoveries: Mapping[str, Discovery]
    lists: Mapping[str, CameraListFactory]
    schemes: frozenset[str]
    source: Callable[[CameraSettings], Source] = make_source

    def sight(self, camera: CameraSettings) -> str:
        """Looks at a camera once and says in a few words what it sends, and whether its clock is wrong.

        Raises Denied for a wrong password, another HomeroomError where nothing is seen.
        """
        source = self.source(camera)
        try:
            # the stream and nothing else: measuring the ways to a camera shows it a wrong password once for each
            if next(source.packets(), None) is None:
                raise Unavailable("shows no picture")
            info, offset = source.info, source.status.clock_offset
        finally:
            source.close()
        found = f"{info['codec'].name} {info['width']}x{info['height']}"
        if offset is None or abs(offset) <= LATE:
            return found
        return f"{found}; its clock is {abs(offset):.0f} s {'ahead' if offset > 0 else 'behind'}"


def installed() -> Reach:
    """What the entry points bring."""
    return Reach(
        {name: find(DISCOVERIES, name) for name in names(DISCOVERIES)},
        {name: find(CAMERAS, name) for name in names(CAMERAS)},
        frozenset(names(SOURCES)),
    )


def side_by_side(work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[tuple[Item, Made]]:
    """Each item with what became of it, in the order of their ends; an error of `work` is raised here.

    The threads are daemons, since a hung camera must not hold up who gives up waiting.
    """
    todo: SimpleQueue[Item] = SimpleQueue()
    done: SimpleQueue[tuple[Item, Future[Made]]] = SimpleQueue()
    for item in items:
        todo.put(item)

    def loop() -> None:
        while True:
            try:
                item = todo.get_nowait()
            except Empty:
                return
            future: Future[Made] = Future()
            try:
                future.set_result(work(item))
            except Exception as error:  # noqa: BLE001 - the outermost loop of the thread: its user must hear of it
                future.set_exception(error)
            done.put((item, future))

    for _ in range(min(TOGETHER, len(items))):
        threading.Thread(target=loop, name="setup", daemon=True).start()
    for _ in items:
        item, future = done.get()
        yield item, future.result()
