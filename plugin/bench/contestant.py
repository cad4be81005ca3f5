"""One contestant in a process of its own, kept from round to round: its CPU is counted apart, its start-up never.

`python -m homeroom.bench.contestant NAME JSON` reads seconds, one round a line, and answers each with a Reading.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2

from homeroom.errors import BadInput, HomeroomError, Unavailable
from homeroom.models.cache import default_cache, files
from homeroom.models.catalog import named, site_entry
from homeroom.models.engine import ov
from homeroom.models.loading import load_model
from homeroom.ports import Model

from . import limit, scans, stages
from .figures import Reading
from .stages import Round, Size
from .video import Stream, read

QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # pools made at import would count as work


@dataclass(frozen=True, slots=True)
class Task:
    """What all contestants work on. `http` and `rtsp` are the farm's ports, 0 where none runs."""

    model: str
    video: str
    http: int = 0
    rtsp: int = 0

    def stream(self) -> Stream:
        """The video's units."""
        return read(Path(self.video))

    def sent(self) -> Stream:
        """The units as a camera sends them."""
        return self.stream().as_sent()

    def loaded(self) -> Model:
        """The model, as a site loads it."""
        return load_model(site_entry(self.model))

    def feed(self) -> Size:
        """Width and height of the model's input."""
        size = named(self.model).document["input"]
        return size["width"], size["height"]

    def xml(self) -> Path:
        """The network itself, verified; BadInput for a model of several networks, which one limit cannot be."""
        found = files(named(self.model), default_cache())
        if "xml" not in found:
            raise BadInput(f"model {self.model}: is several networks; benchmark_app takes one: name another --model")
        return found["xml"]


MAKERS: Mapping[str, Callable[[Task], Round]] = {
    "inference": lambda task: stages.inference(task.loaded(), task.sent(), task.feed()),
    "benchmark_app": lambda task: limit.benchmark_app(task.xml()),
    "decode-keys": lambda task: stages.decode_limit(task.sent(), task.feed(), keys=True),
    "decode-all": lambda task: stages.decode_limit(task.sent(), task.feed(), keys=False),
    "pipeline-keys": lambda task: stages.pipeline(task.loaded(), task.sent(), keys=True),
    "pipeline-all": lambda task: stages.pipeline(task.loaded(), task.sent(), keys=False),
    "naive": lambda task: stages.naive(ov.Core().compile_model(str(task.xml()), "CPU"), task.video),
    "scan-file": lambda task: scans.from_file(task.video, task.stream(), task.feed()),
    "scan-on-demand": lambda task: scans.on_demand(task.rtsp, task.feed()),
    "scan-kept": lambda task: scans.kept(task.rtsp, task.feed()),
    "scan-snapshot": lambda task: scans.snapshot(task.http, task.feed()),
    "capture-file": lambda task: scans.captured_file(task.video, task.stream()),
    "capture-rtsp": lambda task: scans.captured_rtsp(task.rtsp),
}

PEERS = ("naive", "capture-file", "capture-rtsp")


class Contestant:
    """A running contestant, seen from outside."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self._name = name
        self._process = process

    def round(self, seconds: float) -> Reading:
        """One round; waits until it is over. Raises Unavailable where the contestant failed."""
        return Reading.from_json(self._asked(f"{seconds}\n"))

    def ready(self) -> None:
        """Waits until it is made."""
        self._asked("")

    def _asked(self, line: str) -> dict[str, Any]:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a contestant without pipes")
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            raise Unavailable(f"bench: {self._name} ended early") from None
        answer = process.stdout.readline()
        made: dict[str, Any] = json.loads(answer) if answer else {"error": "ended early"}
        if "error" in made:
            raise Unavailable(f"bench: {self._name}: {made['error']}")
        return made


@contextmanager
def contestant(name: str, task: Task) -> Iterator[Contestant]:
    """A contestant, until the block ends."""
    command = [sys.executable, "-m", "homeroom.bench.contestant", name, json.dumps(asdict(task))]
    with subprocess.Popen(  # noqa: S603  our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **QUIET}
    ) as process:
        try:
            made = Contestant(name, process)
            made.ready()
            yield made
        finally:
            process.kill()


def say(answer: Mapping[str, Any]) -> None:
    """Writes one line to who asked."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serves rounds until standard input ends."""
    name, task = sys.argv[1], Task(**json.loads(sys.argv[2]))
    if name not in PEERS:
        cv2.setNumThreads(1)  # as Pool does; peers keep what they come with
    try:
        round_ = MAKERS[name](task)
        say({})
        for line in sys.stdin:
            say(round_(float(line)).to_json())
    except HomeroomError as error:
        say({"error": str(error)})


if __name__ == "__main__":
    main()
