"""Finds adapters and models by entry point, so that an outsider adds one without touching this code."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from .errors import BadInput

SOURCES = "homeroom.sources"
SINKS = "homeroom.sinks"
MODELS = "homeroom.models"
COMMANDS = "homeroom.commands"
DISCOVERIES = "homeroom.discoveries"
CAMERAS = "homeroom.cameras"
OBSERVERS = "homeroom.observers"


def names(group: str) -> tuple[str, ...]:
    """Names of what is installed in a group."""
    return tuple(sorted(entry_points(group=group).names))


def find(group: str, name: str) -> Any:
    """The factory of that name, of the kind that the group's port says; BadInput lists the installed ones."""
    for entry in entry_points(group=group, name=name):
        return entry.load()
    raise BadInput(f"{group.removeprefix('homeroom.')}: no {name!r} is installed; there are {', '.join(names(group))}")
