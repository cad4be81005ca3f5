"""Text from strangers: names that cameras tell, made harmless for a terminal, and ids made of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST_ID = 64  # as the site manifest's schema has it
_SLUG = 48  # leaves room for a position and a number behind it


def plain(text: str, most: int = 200) -> str:
    """One printable line of at most `most` characters.

    Whatever moves a cursor, changes a terminal, turns the direction of writing or hides becomes a blank.
    """
    seen = "".join(char if char.isprintable() else " " for char in text[: 8 * most])
    line = " ".join(seen.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def slug(text: str) -> str:
    """Lower-case ASCII letters, digits and hyphens of a text, 48 at most; empty where it has none of them."""
    ascii_ = unicodedata.normalize("NFKD", text[:1000]).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", ascii_.lower()).strip("-")[:_SLUG].strip("-")


def unique(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with the first number from 2 on behind it that nobody has; upper and lower case are the same."""
    others = {one.casefold() for one in taken}
    made, number = wanted[:LONGEST_ID], 1
    while made.casefold() in others:
        number += 1
        tail = f"-{number}"
        made = wanted[: LONGEST_ID - len(tail)] + tail
    return made


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which r9 sorts before r10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text.casefold())
    return tuple((0, int(one[:18]), one) if one[0] in "0123456789" else (1, 0, one) for one in parts)
