"""A model whose detectors put something around another model's: a second look, a second opinion, head poses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from homeroom.ports import Detector, Model


class Computed(Protocol):
    """What may compute elsewhere than it should."""

    @property
    def degraded(self) -> str:
        """Why it does; empty while it does not."""
        ...


class ModelAround:
    """A model that is another one to all who use it, but for what its detectors do besides."""

    def __init__(self, inner: Model, around: Callable[[Detector], Detector], *asked: Computed) -> None:
        """`around` makes a detector, for one thread, out of one of `inner`; `asked` are networks that it needs too."""
        self._inner = inner
        self._around = around
        self._asked = asked

    @property
    def id(self) -> str:
        """Id from the model manifest."""
        return self._inner.id

    @property
    def degraded(self) -> str:
        """Why one of the networks computes elsewhere than the site manifest says; empty while none does."""
        return next((one.degraded for one in (self._inner, *self._asked) if one.degraded), "")

    def detector(self) -> Detector:
        """A detector for one thread."""
        return self._around(self._inner.detector())
