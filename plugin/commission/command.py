"""`homeroom setup`: a guided dialogue from nothing to a site manifest; each question has a flag for scripts."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from typing import TextIO

from homeroom.errors import HomeroomError

from .commission import commission
from .dialogue import Defaults, Dialogue, Unattended
from .draft import path_of
from .flags import Flags, add_arguments, read
from .reach import Reach, installed
from .terminal import Teller, Terminal
from .work import Work

_EXAMPLE = """\
example:
  homeroom setup school.json
  homeroom setup school.json --add --camera onvif://10.0.0.23
  homeroom setup school.json --yes --no-discover --cameras list.csv --username viewer --password-env CAMERA_PW \\
      --jurisdiction eu --ground impact_assessment="DPIA 2026-03, signed 2026-09-01"

Ctrl-C ends it at any time; the same command goes on from there. Passwords are never flags: they are typed unseen,
or named by --password-env or --password-file, and kept in files below secrets/ that their user alone may read."""


def add_command(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a parser."""
    parser = subparsers.add_parser(
        "setup",
        help="from nothing to a site manifest, by questions",
        description="Finds cameras, puts them into rooms, asks what the law wants, and writes a site manifest.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    # what adapters log of each camera at INFO would stand between questions
    parser.set_defaults(run=run, log_level=logging.WARNING)


def run(args: argparse.Namespace) -> int:
    """Runs the command: 0 written, 2 what was given or checked is wrong, 130 stopped on the way."""
    flags = read(args)
    told = sys.stderr if flags.json else sys.stdout
    attended = sys.stdin.isatty() and told.isatty()
    dialogue: Dialogue = Terminal(sys.stdin, told) if attended else Unattended(Teller(told))
    return set_up(flags, dialogue, installed(), sys.stdout, attended=attended)


def set_up(flags: Flags, dialogue: Dialogue, reach: Reach, out: TextIO, *, attended: bool) -> int:
    """Runs a set-up; JSON goes to `out`, and a draft is kept for a person (`attended`) who stops. Raises BadInput."""
    asked = Defaults(dialogue) if flags.yes else dialogue
    work = Work(asked, flags, reach, flags.manifest.resolve(), attended)
    try:
        summary = commission(work)
    except (KeyboardInterrupt, EOFError):
        work.tell("")
        _stopped(work)
        return 130
    except HomeroomError:
        if work.attended and path_of(work.path).exists():
            _stopped(work)
        raise
    if flags.json:
        print(json.dumps(summary), file=out)
    return 0 if summary["ok"] else 2


def _stopped(work: Work) -> None:
    """Tells what is there and how to go on."""
    draft = path_of(work.path)
    if draft.exists():
        work.tell(f"Not written yet. Answers so far are kept in {draft}; go on with: homeroom setup {work.path}")
    elif work.path.exists() and work.written:
        work.tell(f"{work.path} is written; check it with: homeroom check {work.path}")
    else:
        work.tell(f"Nothing was written. Begin again with: homeroom setup {work.path}")
