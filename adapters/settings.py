"""Checks of the settings that cameras have in the site manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from homeroom.errors import BadInput


def number(camera: str, settings: Mapping[str, Any], name: str, default: float, *, largest: float) -> float:
    """A number over zero and up to `largest`. Raises BadInput."""
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= largest:
        raise BadInput(f"{camera}: {name} must be a number over 0 and up to {largest:g}, not {value!r}")
    return float(value)


def choice(camera: str, settings: Mapping[str, Any], name: str, among: Sequence[str]) -> str:
    """One of the words in `among`, the first of them by default. Raises BadInput."""
    value = settings.get(name, among[0])
    if value not in among:
        raise BadInput(f"{camera}: {name} must be one of {', '.join(among)}, not {value!r}")
    return str(value)


def place(camera: str, address: str, schemes: Sequence[str]) -> SplitResult:
    """The parts of an address in one of `schemes`. Raises BadInput without showing the address."""
    cure = f"write it as {schemes[0]}://HOST/PATH"
    try:
        parts = urlsplit(address)
        _ = parts.port  # a number up to 65535, or none
    except ValueError as error:
        raise BadInput(f"{camera}: the address is no URL: {cure}") from error
    if parts.scheme not in schemes or not parts.hostname or not address.isprintable() or " " in address:
        kinds = " or ".join(scheme.upper() for scheme in schemes)
        raise BadInput(f"{camera}: the address is no {kinds} URL: {cure}")
    if "@" in parts.netloc:
        raise BadInput(f"{camera}: move user name and password out of the address, to `username` and `password`")
    return parts
