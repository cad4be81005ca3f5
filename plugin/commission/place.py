"""Where a camera hangs, told from what it is called: "R101 front" and "Room 101 - back" are two places in one room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .text import plain

_TOKEN = re.compile(r"[^\W_]+(?:\.[0-9]+)*")
_ROOM_WORDS = "classroom|room|rm|r|klassenzimmer|klassenraum|zimmer|raum|salle|sala|lokaal|klassrum"
_ROOM = re.compile(rf"(?:{_ROOM_WORDS})")
_GLUED = re.compile(rf"(?:{_ROOM_WORDS})([0-9]{{1,5}}(?:\.[0-9]+)*[a-z]?)")  # r101, room2.14
_NUMBER = re.compile(r"[a-z]{0,2}[0-9]{1,5}(?:\.[0-9]+)*[a-z]?")
_BARE = re.compile(
    r"[0-9]{2,5}(?:\.[0-9]+)*[a-z]?|[a-z][0-9]{2,4}[a-z]?"
)  # a name that is nothing but 101, 2.14 or b12
_CAMERA_WORDS = """
    cam camera kamera ipcam cctv video ptz dome channel ch ip network onvif
    profile stream main mainstream sub substream media token source encoder quality default
"""
_POSITION_WORDS = """
    front back rear left right center centre middle side door window windows board whiteboard blackboard teacher
    desk ceiling corner wall entrance wide north south east west
    vorne hinten links rechts mitte fenster tafel avant gauche droite fond
"""
_CAMERA, _POSITIONS = frozenset(_CAMERA_WORDS.split()), frozenset(_POSITION_WORDS.split())


@dataclass(frozen=True, slots=True)
class Place:
    """A room as a name speaks of it: what groups its cameras, what people call it, and where in it a camera hangs.

    `numbered` says that a room number was told, which is no accident; another name may be its maker's.
    """

    key: str
    name: str
    position: str
    numbered: bool


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", plain(text)).casefold())


def _numbered(tokens: Sequence[str]) -> tuple[str, set[int]]:
    """The room number that tokens name ("" where none), and which tokens do so."""
    for at, token in enumerate(tokens):
        if glued := _GLUED.fullmatch(token):
            return glued[1], {at}
        if _ROOM.fullmatch(token) and at + 1 < len(tokens) and _NUMBER.fullmatch(tokens[at + 1]):
            return tokens[at + 1], {at, at + 1}
    return "", set()


def _sorted(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    """What names a place in a room, and what is left. A number behind "camera" tells one camera from another."""
    positions, rest = [], []
    for at, token in enumerate(tokens):
        if token in _POSITIONS or (token.isdigit() and at and tokens[at - 1] in _CAMERA):
            positions.append(token)
        elif token not in _CAMERA:
            rest.append(token)
    return positions, rest


def read_position(text: str) -> str:
    """Where in its room a camera hangs, as a text has it; empty where it does not say."""
    tokens = _tokens(text)
    _, used = _numbered(tokens)
    return "-".join(_sorted([token for at, token in enumerate(tokens) if at not in used])[0])


def read_place(text: str) -> Place | None:
    """The place that a text speaks of; None where it names no room."""
    tokens = _tokens(text)
    number, used = _numbered(tokens)
    positions, rest = _sorted([token for at, token in enumerate(tokens) if at not in used])
    if not number and len(rest) == 1 and _BARE.fullmatch(rest[0]):
        number = rest[0]
    position = "-".join(positions)
    if number:
        return Place(number if number[0].isalpha() else f"r{number}", f"Room {number.upper()}", position, numbered=True)
    if not any(char.isalpha() for char in "".join(rest)):
        return None
    key = " ".join(rest)
    return Place(key, key.title() if key.isascii() else key, position, numbered=False)
