"""The command line: joins the core's commands with those that adapters and models bring by entry point."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from . import __version__, check, demo, learn, run, search
from .commission import command as setup
from .errors import BadInput, HomeroomError
from .label import command as label
from .registry import COMMANDS, find, names


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    made = argparse.ArgumentParser(
        prog="homeroom",
        description="Shows what people visibly do in a classroom inside the VMS that a school already has.",
        epilog="example: homeroom demo",
    )
    made.add_argument("--version", action="version", version=f"homeroom {__version__}")
    made.set_defaults(log_level=logging.INFO)
    made.add_argument("-v", "--verbose", action="store_true", help="tell more on stderr")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (demo, setup, run, check, learn, label, search):
        module.add_command(commands)
    for name in names(COMMANDS):
        find(COMMANDS, name)(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command: 0 done, 1 failed, 2 bad input; errors are one line on stderr."""
    args = parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if args.verbose else args.log_level, format="%(levelname)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("urllib3").setLevel(logging.INFO)  # below it whole addresses are told, which may hold secrets
    try:
        code: int = args.run(args)
    except BadInput as error:
        print(f"homeroom: {error}", file=sys.stderr)
        return 2
    except HomeroomError as error:
        print(f"homeroom: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # whoever read our output went away (`| head`); give the interpreter nothing more to flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def program() -> NoReturn:
    """The program: runs a command and ends with its code.

    A camera that keeps silent leaves a thread behind inside libav, which cannot be stopped. When Python takes itself
    apart such a thread dies on its way back from C, and now and then the process with it (SIGSEGV in place of the
    code). So where daemon threads are left the process ends at once, with all that it said.
    """
    code = main()
    if any(thread.daemon for thread in threading.enumerate()):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    program()
