"""The command `homeroom expressions fetch`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from homeroom.models.cache import default_cache, fetch

from .shelf import FIVE, HEADS, shelf


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `expressions` and what stands below it."""
    parser = subparsers.add_parser("expressions", help="get the models of homeroom-expressions")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    fetching = verbs.add_parser(
        "fetch",
        help="get the files, checked by SHA-384",
        epilog="example: homeroom expressions fetch --from /media/stick",
    )
    fetching.add_argument("--from", dest="source", metavar="DIR|URL", help="a folder or mirror with the files")
    fetching.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder of the files; else $HOMEROOM_MODELS or yours"
    )
    fetching.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Fetches what the cache lacks; 0 when every file is there and right."""
    cache = args.cache or default_cache()
    for id_ in (HEADS, FIVE):
        fetch(shelf(cache)[id_], cache, args.source)
        sys.stdout.write(f"{id_}: ok\n")
    return 0
