"""The permit: what the policy pack says of labelling, and for how long frames may be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from homeroom.errors import Forbidden
from homeroom.site import SiteSettings

CAPABILITY = "labelling"


@dataclass(frozen=True, slots=True)
class Permit:
    """Frames may be taken, and are kept for `hours` from then on."""

    hours: int

    @property
    def life(self) -> timedelta:
        """From the taking of a frame to its end."""
        return timedelta(hours=self.hours)


def permit_of(settings: SiteSettings, hours: int | None = None) -> Permit:
    """What the site's pack allows; `hours` shortens it. Raises Forbidden where the pack says no, or fewer hours."""
    pack = settings.pack
    pack.admit(CAPABILITY, settings.grounds)
    most = pack.verdicts[CAPABILITY].hours
    if most is None:
        raise Forbidden(f"policy {pack.id}: {CAPABILITY} names no hours, and what may be kept for none is not taken")
    if hours is not None and hours > most:
        raise Forbidden(f"--hours {hours}: policy {pack.id} lets frames be kept for {most} hours at most; name fewer")
    return Permit(most if hours is None else hours)
