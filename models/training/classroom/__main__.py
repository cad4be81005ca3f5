"""Renders labelled pictures of classrooms, and goes on where it stopped.

python -m models.training.classroom --split train --count 1500 --out renders
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from .shards import SIZE, missing
from .style import SEEDS, SPAN


def main() -> int:
    """Each shard in a process of its own: Blender's memory grows with every scene."""
    parser = argparse.ArgumentParser(prog="python -m models.training.classroom", description=__doc__)
    parser.add_argument("--split", choices=sorted(SEEDS), required=True)
    parser.add_argument("--first", type=int, default=0, help="first picture of the split (default: 0)")
    parser.add_argument("--count", type=int, default=SIZE, help=f"pictures, in shards of {SIZE} (default: {SIZE})")
    parser.add_argument("--out", type=Path, required=True, help="folder of all splits")
    parser.add_argument("--threads", type=int, default=2, help="of the renderer (default: 2)")
    given = parser.parse_args()
    if given.first < 0 or given.count < 1 or given.first + given.count > SPAN:
        parser.error(f"pictures of a split are 0 to {SPAN - 1}")
    folder = given.out / given.split
    start = SEEDS[given.split] + given.first
    todo = list(missing(folder, start, given.count))
    began = time.monotonic()
    for number, first in enumerate(todo):
        command = [sys.executable, "-m", f"{__package__}.worker", str(folder), str(first), str(given.threads)]
        done = subprocess.run(command, check=False).returncode  # noqa: S603  our own interpreter and module
        if done:
            print(f"shard {first}: the renderer ended with code {done}; run the same command again", file=sys.stderr)
            return 1
        each = (time.monotonic() - began) / (number + 1)
        left = (len(todo) - number - 1) * each / 60
        print(f"{given.split}: {number + 1} of {len(todo)} shards, {each / SIZE:.1f} s a picture, {left:.0f} min left")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
