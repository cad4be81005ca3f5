"""A process to be killed: commits for ever and prints the id and operation of each event once it is committed."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from homeroom.store import Batch, Store

from .examples import at, begin, end, interval, later, observed

SINKS = ("nx", "zoneminder")


def write(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with Store(path) as store:
        print("ready", os.getpid(), flush=True)
        open_now = [one for one in store.current() if one.active]
        tick = store.log_end()
        while True:
            tick += 1
            if open_now and chance.random() < 0.5:
                one = open_now.pop(chance.randrange(len(open_now)))
                events = [later(one, tick), end(one, tick)]
            else:
                open_now.append(begin(tick, seat=f"s{chance.randrange(30)}", camera=chance.choice("abc")))
                events = [open_now[-1]]
            batch = Batch(tuple(events), (interval(0, tick, tick),), (observed(0, tick),), SINKS)
            for logged in store.commit(batch):
                print(logged.event.id, logged.event.operation.value, at(tick).isoformat(), flush=True)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
