"""`homeroom models` as the command line runs it."""

from __future__ import annotations

import argparse

from homeroom.models.commands import add_commands


def run(*arguments: str) -> int:
    """The exit code of `homeroom models` with these arguments."""
    parser = argparse.ArgumentParser("homeroom")
    add_commands(parser.add_subparsers())
    args = parser.parse_args(["models", *arguments])
    code: int = args.run(args)
    return code
