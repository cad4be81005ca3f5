"""Expiry while a site runs: nobody needs to remember that frames wait to be labelled."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeroom.clock import Clock
from homeroom.errors import BadInput

from .collection import Collection

log = logging.getLogger(__name__)

PERIOD = timedelta(minutes=1)


@dataclass(slots=True)
class Expiry:
    """Destroys what is over, every PERIOD. Costs a look for the folder where there is none."""

    collection: Collection
    clock: Clock
    _looked: datetime | None = None

    def look(self) -> None:
        """Looks, if it is time. What cannot be destroyed is told, and tried again."""
        now = self.clock.now()
        if self._looked is not None and abs(now - self._looked) < PERIOD:
            return
        self._looked = now
        try:
            gone = self.collection.expire()
        except BadInput as error:  # a site does not end because of it
            log.warning("frames for labelling that are over cannot be destroyed: %s", error)
            return
        if gone:
            log.info("%d frames for labelling were over, and are destroyed", gone)
