"""Another command of `homeroom`, run from within this one."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

AddCommand = Callable[[Any], None]


def invoked(add_command: AddCommand, *arguments: str) -> str:
    """What a command prints to standard output, whatever its exit code. Raises what it raises."""
    parser = argparse.ArgumentParser(prog="homeroom")
    add_command(parser.add_subparsers())
    args = parser.parse_args(arguments)
    out = io.StringIO()
    with redirect_stdout(out):
        args.run(args)
    return out.getvalue()
