"""A model that is another one to all who use it, but for what is put around: a second look or opinion, head poses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from homeroom.ports import Detector, ModelInfo, Recognizer


class Computed(Protocol):
    """What may compute elsewhere than it should."""

    @property
    def degraded(self) -> str:
        """Why it does; empty while it does not."""
        ...


class Around:
    """A model that is another one to all who use it, but for what its detectors do besides."""

    def __init__(self, inner: Recognizer, around: Callable[[Detector], Detector], *asked: Computed) -> None:
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


class Informed(Around):
    """A model of which something is known."""

    def __init__(self, inner: Recognizer, info: ModelInfo) -> None:
        super().__init__(inner, lambda detector: detector)
        self._info = info

    @property
    def info(self) -> ModelInfo:
        """What its manifest says of it."""
        return self._info
